"""The one door of statements: bytes in, a whole statement out, or a refusal."""

from collections.abc import Mapping
from datetime import date

from seikyu.engine.statements.csv_rows import read_csv
from seikyu.engine.statements.decoding import decoded
from seikyu.engine.statements.line import Statement
from seikyu.engine.statements.zengin import is_zengin, read_zengin


def read_statement(
    data: bytes, *, today: date, columns: Mapping[str, str] | None = None
) -> Statement:
    """Return the deposits of a bank's file, and what was skipped.

    ``today``: the day in Japan, by which years of two digits are read. ``columns``: for a CSV file of a
    bank that is not known, role → name of the column; see `csv_layouts.ROLES`.

    Raises StatementRefused, and then nothing of the file counts.
    """
    text, encoding = decoded(data)
    if columns is None and is_zengin(text):
        return read_zengin(text, encoding, today)
    return read_csv(text, encoding, today, columns)
