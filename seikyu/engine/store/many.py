"""Many rows in one statement: the texts for it, and the values as the drivers take them fastest.

SQLite takes a list of rows. PostgreSQL takes new rows as a binary COPY, and changed ones as one JSON text
that it unfolds itself: the driver's cost for each value of each row would be most of the work.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary

from seikyu.engine.store.statement import Insertion, Revision

Values = dict[str, Any]


@cache
def insertion_text(insertion: Insertion) -> str:
    """Return the INSERT for SQLite, with the values by position."""
    marks = ", ".join("?" * len(insertion.columns))
    into = f"{insertion.table.name} ({_listed(insertion.columns)})"
    return f"INSERT INTO {into} VALUES ({marks})"  # noqa: S608 (our own names)


@cache
def copy_text(insertion: Insertion) -> str:
    """Return the COPY for PostgreSQL."""
    columns = _listed(insertion.columns)
    return f"COPY {insertion.table.name} ({columns}) FROM STDIN (FORMAT BINARY)"


@cache
def copy_types(insertion: Insertion) -> list[str]:
    """Return the types of the COPY's values, in order."""
    return [_type(column) for column in insertion.columns]


@cache
def revision_text(revision: Revision) -> str:
    """Return the UPDATE of many records for PostgreSQL; ``rows`` is what `revision_rows` returns."""
    given = ['"world" int', '"of_id" text', '"was" int']
    changed = []
    for column in revision.columns:
        kind = _type(column)
        given.append(f'"{column.name}" {"text" if kind == "bytea" else kind}')
        new = f'new."{column.name}"'
        new = f"decode({new}, 'hex')" if kind == "bytea" else new
        changed.append(f'"{column.name}" = {new}')
    return (  # the names are our own
        f"UPDATE {revision.table.name} AS old SET {', '.join(changed)}"  # noqa: S608
        f" FROM json_to_recordset(%(rows)s::json) AS new({', '.join(given)})"
        " WHERE old.world_id = new.world AND old.id = new.of_id AND old.version = new.was"
    )


def revision_rows(revision: Revision, rows: Sequence[Values]) -> str:
    """Return the values of many records as one JSON text."""
    binary = [c.name for c in revision.columns if isinstance(c.type, LargeBinary)]
    for name in binary:
        rows = [{**row, name: None if row[name] is None else row[name].hex()} for row in rows]
    return orjson.dumps(rows).decode()


def _listed(columns: Sequence[Column[Any]]) -> str:
    return ", ".join(f'"{column.name}"' for column in columns)


def _type(column: Column[Any]) -> str:
    kinds = ((BigInteger, "int8"), (Integer, "int4"), (Boolean, "bool"), (LargeBinary, "bytea"))
    return next((name for kind, name in kinds if isinstance(column.type, kind)), "text")
