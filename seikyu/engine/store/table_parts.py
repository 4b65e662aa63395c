"""How tables are made: their metadata, and the parts that most of them have.

Every table leads its keys with ``world_id``. Names of constraints are given here, once, because migrations
name them too.
"""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
)

from seikyu.engine.store.mapping import columns_of

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """The column holds one of these words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def refers(column: str, target: str) -> ForeignKeyConstraint:
    """The column names a row of ``target`` in the same world."""
    return ForeignKeyConstraint(["world_id", column], [f"{target}.world_id", f"{target}.id"])


def table(name: str, record: type, *more: Any, small: bool = True) -> Table:
    """Return the table of a record class. ``small`` rows live inside the primary key on SQLite."""
    return Table(
        name,
        metadata,
        Column("world_id", Integer, nullable=False),
        *columns_of(record),
        PrimaryKeyConstraint("world_id", "id"),
        *more,
        sqlite_with_rowid=not small,
    )


def listed(name: str, *columns: str) -> Index:
    """An index that serves a list filtered by ``columns``, newest first."""
    return Index(f"ix_{name}_{'_'.join(columns)}", "world_id", *columns, "id")
