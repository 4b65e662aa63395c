"""The floor of what the worker writes: the same rows, inserted in bulk into empty tables.

Rows are ready before the clock runs: ``executemany``, one transaction, without foreign keys, as durable as
the engine itself. They come in pieces, so that a floor of millions of rows fits into little memory; only the
inserting is timed, not the reading of the pieces.
"""

import sqlite3
import time
from collections.abc import Iterable
from typing import Any

import psycopg

from bench.preload import columns_of
from seikyu.engine.store import migrate

FOREIGN_KEYS = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"

Pieces = Iterable[tuple[str, list[tuple[Any, ...]]]]
"""Tables and rows of theirs, in the order of our own columns; a table may come several times."""


def inserted(url: str, pieces: Pieces) -> float:
    """Insert the rows into a new database; return the seconds."""
    migrate.upgrade(url)
    if url.startswith("sqlite"):
        return _into_sqlite(url, pieces)
    _drop_foreign_keys(url)
    return _into_postgres(url, pieces)


def _into_sqlite(url: str, pieces: Pieces) -> float:
    raw = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute("BEGIN IMMEDIATE")
    taken = 0.0
    for name, rows in pieces:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            started = time.perf_counter()
            raw.executemany(f"INSERT INTO {columns_of(name)} VALUES ({marks})", rows)
            taken += time.perf_counter() - started
    started = time.perf_counter()
    raw.execute("COMMIT")
    taken += time.perf_counter() - started
    raw.close()
    return taken


def _into_postgres(url: str, pieces: Pieces) -> float:
    taken = 0.0
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        cursor = connection.cursor()
        for name, rows in pieces:
            if rows:
                marks = ", ".join(["%s"] * len(rows[0]))
                started = time.perf_counter()
                cursor.executemany(f"INSERT INTO {columns_of(name)} VALUES ({marks})", rows)
                taken += time.perf_counter() - started
        started = time.perf_counter()
        connection.commit()
        return taken + time.perf_counter() - started


def _drop_foreign_keys(url: str) -> None:
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        rows = connection.execute(FOREIGN_KEYS).fetchall()
        for table, name in rows:
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
