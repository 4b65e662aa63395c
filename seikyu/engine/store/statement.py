"""Statements, compiled once.

A Statement is written with SQLAlchemy Core and becomes, on first use with a dialect, one text with
named parameters; from then on running it costs what the driver costs.
"""

from typing import Any

from sqlalchemy import Column, Table, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ClauseElement

DIALECTS: dict[str, Any] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": postgresql.psycopg.dialect(),  # type: ignore[no-untyped-call]
}


class Statement:
    """One statement of SQL for both databases.

    ``prepare`` as psycopg takes it: False where PostgreSQL must plan it anew each time, because a plan of
    when the tables were small would read all of them when they have grown.
    """

    __slots__ = ("_clause", "_defaults", "_texts", "prepare")

    def __init__(self, clause: ClauseElement, *, prepare: bool | None = None) -> None:
        """``clause`` names its parameters with ``bindparam``; constants stay inside it."""
        self._clause = clause
        self.prepare = prepare
        self._texts: dict[str, str] = {}
        self._defaults: dict[str, Any] = {}

    def text(self, dialect: str) -> str:
        """Return the text for ``sqlite`` or ``postgresql``."""
        text = self._texts.get(dialect)
        if text is None:
            compiled = self._clause.compile(dialect=DIALECTS[dialect])
            constants = {k: v for k, v in compiled.params.items() if v is not None}
            assert all(self._defaults.get(k, v) == v for k, v in constants.items())
            # The constants come first: whoever sees the text, in any thread, needs them. They are
            # added to those of the other dialect, which may have some of its own (OFFSET 0).
            self._defaults = {**self._defaults, **constants}
            text = self._texts[dialect] = str(compiled)
        return text

    def values(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters with the constants of the clause added."""
        return {**self._defaults, **given} if self._defaults else given


class Insertion(Statement):
    """One new row, or many of them at once: what may be gathered and made together in any order.

    ``columns`` and ``names`` go together: the parameter ``names[i]`` is the value of ``columns[i]``;
    one that is not given has its constant in ``constants``.
    """

    __slots__ = ("columns", "constants", "names", "table")

    def __init__(self, table: Table, names: dict[str, str], **constants: int | None) -> None:
        """``names``: which parameter each column takes; ``constants`` stand in every row."""
        given: dict[str, Any] = {column: bindparam(name) for column, name in names.items()}
        super().__init__(insert(table).values(**given, **constants))
        self.table = table
        self.columns: list[Column[Any]] = [table.c[name] for name in (*names, *constants)]
        self.names = [*names.values(), *constants]
        self.constants = constants

    def row(self, given: dict[str, Any]) -> list[Any]:
        """Return the values in the order of ``columns``."""
        if self.constants:
            given = {**self.constants, **given}
        return [given[name] for name in self.names]


class Revision(Statement):
    """A record's next version in place of the one that was read, by id: or nothing, if it is another one.

    The parameters: ``world``, ``of_id``, ``was`` (the version that was read), and the ``columns``.
    """

    __slots__ = ("columns", "table")

    def __init__(self, table: Table, columns: list[Column[Any]]) -> None:
        """``columns`` are all that changes; parameters have the names of the columns."""
        super().__init__(
            update(table)
            .values({c: bindparam(c.name) for c in columns})
            .where(
                table.c.world_id == bindparam("world"),
                table.c.id == bindparam("of_id"),
                table.c.version == bindparam("was"),
            )
        )
        self.table = table
        self.columns = columns
