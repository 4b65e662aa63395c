"""The count of board calls per key and UTC day, shared by every process that uses the database.

Fulfils `seikyu.board.budget.Budget`. A key is known by its fingerprint only.
"""

from datetime import date

from sqlalchemy import select, update

from seikyu.connector.store.database import Database, upsert
from seikyu.connector.store.tables import board_calls


class CallCount:
    """See `seikyu.board.budget.Budget` for the promises of the three methods."""

    def __init__(self, database: Database) -> None:
        """Count in this database."""
        self._database = database

    def spend(self, key: str, day: date, at_most: int) -> bool:
        """Count one more call, unless `at_most` are counted already: then return False."""
        row = (board_calls.c.key == key) & (board_calls.c.day == day.isoformat())
        with self._database.transaction() as connection:
            fresh = {"key": key, "day": day.isoformat(), "used": 0}
            upsert(connection, board_calls, [fresh], keep=True)
            counted = connection.execute(
                update(board_calls)
                .where(row, board_calls.c.used < at_most)
                .values(used=board_calls.c.used + 1)
            )
            return counted.rowcount == 1

    def used(self, key: str, day: date) -> int:
        """Return how many calls are counted for the day."""
        query = select(board_calls.c.used).where(
            board_calls.c.key == key, board_calls.c.day == day.isoformat()
        )
        with self._database.transaction() as connection:
            return connection.scalar(query) or 0

    def raise_to(self, key: str, day: date, used: int) -> None:
        """Correct the count upwards: board says that more was used than we know of."""
        row = (board_calls.c.key == key) & (board_calls.c.day == day.isoformat())
        with self._database.transaction() as connection:
            fresh = {"key": key, "day": day.isoformat(), "used": 0}
            upsert(connection, board_calls, [fresh], keep=True)
            connection.execute(
                update(board_calls).where(row, board_calls.c.used < used).values(used=used)
            )
