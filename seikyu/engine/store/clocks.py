"""Test clocks that are on their way."""

from sqlalchemy import select

from seikyu.engine.store.database import Connection
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import test_clocks

_ADVANCING = Statement(
    select(test_clocks.c.world_id, test_clocks.c.id, test_clocks.c.target).where(
        test_clocks.c.status == "advancing"
    )
)


def advancing_clocks(connection: Connection) -> list[tuple[int, str, int]]:
    """Return (world, clock, target in Unix seconds) of every clock that is advancing."""
    return [(row[0], row[1], row[2]) for row in connection.rows(_ADVANCING)]
