"""What the orders of one transaction have in common: rows fetched ahead for all, writes made together.

`Together` stands in for the connection. A query that was answered ahead is answered from memory; any other
first makes the writes that were gathered, so it sees what the orders before it did. Writes of kinds that
cannot be in each other's way (new rows, next versions of records) are made table by table, in the order of
their foreign keys; as soon as one of another kind is among them, all are made in the order in which
they came.

The rule that keeps this right: what is answered ahead may change only by an order that is carried out later
than all who read it. Whoever fetches ahead sees to that: one order a customer, and nothing that customers
share but what no such order changes.
"""

from collections.abc import Sequence
from typing import Any

from seikyu.engine.store.database import Connection, Contention, Row
from seikyu.engine.store.statement import Insertion, Revision, Statement
from seikyu.engine.store.tables import metadata

MANY = 3
"""Rows for each statement from which on it is worth while to write them together."""

Write = tuple[Statement, dict[str, Any]]

_ORDER = {table.name: place for place, table in enumerate(metadata.sorted_tables)}


class Together:
    """A connection inside a transaction that several orders share."""

    def __init__(self, connection: Connection) -> None:
        """Nothing is known ahead, and nothing gathered."""
        self.connection = connection
        self.dialect = connection.dialect
        self._ahead: dict[tuple[Statement, tuple[Any, ...]], list[Row]] = {}
        self._lasting: set[Statement] = set()
        self._writes: list[Write] = []

    def know(self, statement: Statement, rows: list[Row], **values: Any) -> None:
        """Answer the query with these rows from now on."""
        self._ahead[statement, tuple(values.items())] = rows

    def keep(self, statement: Statement) -> None:
        """Ask the query once for each set of its values: no order of this transaction changes the answer."""
        self._lasting.add(statement)

    def rows(self, statement: Statement, **values: Any) -> list[Row]:
        """Return what is known ahead; otherwise ask, after what was gathered."""
        key = statement, tuple(values.items())
        known = self._ahead.get(key)
        if known is not None:
            return known
        if statement not in self._lasting:
            self.flush()
            return self.connection.rows(statement, **values)
        found = self._ahead[key] = self.connection.rows(statement, **values)
        return found

    def run(self, statement: Statement, values: dict[str, Any]) -> int:
        """Run a change now, after what was gathered."""
        self.flush()
        return self.connection.run(statement, values)

    def run_together(self, writes: Sequence[Write]) -> list[int]:
        """Gather the changes; each counts as one row until ``flush`` finds otherwise."""
        self._writes += writes
        return [1] * len(writes)

    def forget(self) -> None:
        """Make what was gathered, and know nothing ahead but what lasts."""
        self.flush()
        self._ahead = {key: rows for key, rows in self._ahead.items() if key[0] in self._lasting}

    def flush(self) -> None:
        """Make what was gathered. Raises Contention when a record was changed meanwhile."""
        writes, self._writes = self._writes, []
        groups = _grouped(writes)
        if groups is None or len(writes) < MANY * len(groups):
            touched = self.connection.run_together(writes)
            if any(
                isinstance(write[0], Revision) and not count
                for write, count in zip(writes, touched, strict=True)
            ):
                raise Contention("A record was changed by somebody else meanwhile.")
            return
        for statement, rows in groups:
            if isinstance(statement, Insertion):
                self.connection.insert_many(statement, rows)
            elif self.connection.revise_many(statement, rows) != len(rows):
                raise Contention("A record was changed by somebody else meanwhile.")

    def command(self, sql: str) -> None:
        """Run a command without values, after what was gathered."""
        self.flush()
        self.connection.command(sql)

    def insert_many(self, insertion: Insertion, rows: Sequence[dict[str, Any]]) -> None:
        """Insert rows now, after what was gathered."""
        self.flush()
        self.connection.insert_many(insertion, rows)

    def revise_many(self, revision: Revision, rows: Sequence[dict[str, Any]]) -> int:
        """Change records now, after what was gathered."""
        self.flush()
        return self.connection.revise_many(revision, rows)

    def roll_back(self) -> None:
        """Undo the transaction, and drop what was gathered."""
        self._writes.clear()
        self.connection.roll_back()

    def close(self) -> None:
        """The connection is its owner's."""


Group = tuple[Insertion | Revision, list[dict[str, Any]]]


def _grouped(writes: Sequence[Write]) -> list[Group] | None:
    """Return the writes by statement, what is referred to first; None when their order matters."""
    groups: dict[Insertion | Revision, list[dict[str, Any]]] = {}
    for statement, values in writes:
        if not isinstance(statement, Insertion | Revision):
            return None
        groups.setdefault(statement, []).append(values)
    return sorted(
        groups.items(),
        key=lambda group: (isinstance(group[0], Revision), _ORDER[group[0].table.name]),
    )
