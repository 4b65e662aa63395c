"""What SQLite's planner must know to choose the right index from the first row on.

Without statistics it takes the primary key of a world for as good as an index on a customer's rows, and
reads the whole world. It is told once, for a database of the size we are built for, how many rows one
value of each indexed column stands for. (PostgreSQL gathers its own.)
Source: SQLite's documentation, "The sqlite_stat1 table" (applications may write it).
"""

import sqlite3
from collections.abc import Iterator

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from seikyu.engine.store.tables import metadata

ROWS = 1_000_000
PER_WORLD = ROWS // 2
PER_VALUE = {
    "status": PER_WORLD // 5,
    "collection_method": PER_WORLD // 2,
    "clock_id": PER_WORLD // 2,
    "type": PER_WORLD // 20,
    "endpoint_id": PER_WORLD // 5,
    "active": PER_WORLD // 10,
    "currency": PER_WORLD // 10,
    "kind": PER_WORLD // 5,
    "created": 5,
    "next_action_at": 5,
    "next_attempt_at": 5,
    "due_date": 50,
}
"""Rows of one world that share a value of the column; ten where nothing is said."""


FEW = ROWS // 1000
FEW_IN = frozenset(
    {
        "ix_deliveries_awaited",
        "ix_deliveries_undelivered",
        "ix_deliveries_untried",
        "ix_events_undelivered",
        "uq_attempts_in_flight",
    }
)
"""Indexes of the few rows that are not as most are, and how many rows they have."""


def teach_planner(connection: sqlite3.Connection) -> None:
    """Write the statistics of every index. Harmless to repeat; takes effect for new connections."""
    connection.execute("ANALYZE sqlite_schema")
    connection.execute("DELETE FROM sqlite_stat1")
    connection.executemany(
        "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", _rows(connection)
    )


def _rows(connection: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    for table in metadata.sorted_tables:
        for index, columns, unique in _indexes(connection, table):
            rows = FEW if index in FEW_IN else ROWS
            yield table.name, index, stat(columns, unique=unique, rows=rows)


def stat(columns: list[str], *, unique: bool, rows: int = ROWS) -> str:
    """Return the text of one row: rows in all, then rows per value of each longer prefix."""
    numbers = [rows]
    for column in columns:
        if column == "world_id":
            numbers.append(min(rows, PER_WORLD))
        else:
            numbers.append(min(numbers[-1], PER_VALUE.get(column, 10)))
    if unique or columns[-1] == "id":
        numbers[-1] = 1
    return " ".join(str(number) for number in numbers)


def _indexes(connection: sqlite3.Connection, table: Table) -> Iterator[tuple[str, list[str], bool]]:
    """Name, columns and uniqueness of each index, under the names that SQLite gave them."""
    known = {_columns(item) for item in (*table.indexes, *table.constraints) if _columns(item)}
    rows = connection.execute(f"PRAGMA index_list({table.name})").fetchall()
    for _, name, unique, origin, _ in rows:
        info = connection.execute(f"PRAGMA index_info({name})").fetchall()
        columns = tuple(row[2] for row in info)
        if columns in known:
            shown = table.name if origin == "pk" and not _has_rowid(table) else name
            yield shown, list(columns), bool(unique)


def _columns(item: object) -> tuple[str, ...]:
    if isinstance(item, Index | PrimaryKeyConstraint | UniqueConstraint):
        return tuple(column.name for column in item.columns)
    return ()


def _has_rowid(table: Table) -> bool:
    return bool(table.dialect_options["sqlite"]["with_rowid"])
