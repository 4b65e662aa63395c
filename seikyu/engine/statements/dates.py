"""Dates as banks write them: with four digits of the year, with an era, or with two digits of either.

Two digits are a year of Reiwa or Heisei in Zengin files and may be the last two of a Western year
elsewhere. A deposit has happened, so of these readings the latest counts that is not in the future.
"""

import re
import unicodedata
from datetime import date, timedelta

from seikyu.engine.statements.refusals import StatementRefused

ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
"""Era → the Western year before its first."""

SLACK = timedelta(days=31)
"""How far ahead of today a date may lie: banks book and value in advance, and clocks differ."""

DIGITS = re.compile(r"(?P<year>\d{4}|\d{2})(?P<month>\d{2})(?P<day>\d{2})")
PARTED = re.compile(
    r"(?P<era>令和|平成|昭和|[RHS])?\s*(?P<year>\d{1,4}|元)\s*[年/.\-]\s*(?P<month>\d{1,2})"
    r"\s*[月/.\-]\s*(?P<day>\d{1,2})\s*日?(?:[\sT].*)?"
)


def read_date(text: str, today: date, line: int) -> date:
    """Return the day. ``today``: in Japan, by which years of two digits are read.

    Raises StatementRefused when it is no date, or one to come.
    """
    plain = unicodedata.normalize("NFKC", text).strip().upper()
    found = DIGITS.fullmatch(plain) or PARTED.fullmatch(plain)
    if found is None:
        raise StatementRefused("bad_date", line, text=text)
    parts = found.groupdict()
    days = [_day(year, parts) for year in _years(parts["year"], parts.get("era"))]
    real = [day for day in days if day is not None]
    if not real:
        raise StatementRefused("bad_date", line, text=text)
    past = [day for day in real if day <= today + SLACK]
    if not past:
        raise StatementRefused("date_to_come", line, text=text)
    return max(past)


def _years(year: str, era: str | None) -> list[int]:
    number = 1 if year == "元" else int(year)
    if era:
        return [ERAS[era] + number]
    if len(year) == 4:
        return [number]
    if len(year) != 2:
        return []
    eras = [ERAS["令和"] + number, ERAS["平成"] + number] if number else []
    return [*eras, 2000 + number]


def _day(year: int, parts: dict[str, str]) -> date | None:
    try:
        return date(year, int(parts["month"]), int(parts["day"]))
    except ValueError:
        return None
