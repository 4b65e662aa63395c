"""Statements, compiled once.

A Statement is written with SQLAlchemy Core and becomes, on first use with a dialect, one text with
named parameters; from then on running it costs what the driver costs.
"""

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import ClauseElement

DIALECTS: dict[str, Any] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": postgresql.psycopg.dialect(),  # type: ignore[no-untyped-call]
}


class Statement:
    """One statement of SQL for both databases."""

    __slots__ = ("_clause", "_defaults", "_texts")

    def __init__(self, clause: ClauseElement) -> None:
        """``clause`` names its parameters with ``bindparam``; constants stay inside it."""
        self._clause = clause
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
