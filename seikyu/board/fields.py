"""Reads single fields out of board's JSON, exactly.

board writes money and quantities as strings ("90000.0"), flags as 0 and 1, dates as YYYY-MM-DD and
date-times as ISO 8601 with an offset. Every function here takes the record and the name of a field
and either returns a typed value or raises `MalformedRecord`, which names the field and the value.
A field that is absent, null or "" reads as None where None is allowed: small response groups leave
most fields out. No float is ever made, and a JSON number with a fraction must arrive as Decimal.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import TypeVar

Json = Mapping[str, object]
Kind = TypeVar("Kind", bound=IntEnum)

# Currencies of board's list that have no smaller unit. The others are counted in hundredths.
_ZERO_DECIMAL_CURRENCIES = frozenset({"JPY", "KRW"})


class MalformedRecord(Exception):
    """board sent a field that cannot be read without guessing, e.g. half a yen.

    What to do: look at the record in board; when it looks right there, report the message, since
    then board's format has changed. The record must not be invoiced as it is.
    """

    def __init__(self, field: str, value: object, expected: str, record_id: object = None) -> None:
        """Name the field, its value as sent, what it should have been, and the record."""
        self.field, self.value, self.record_id = field, value, record_id
        of = f" of record {record_id}" if record_id is not None else ""
        super().__init__(f"board's field {field}{of} is {value!r}, expected {expected}.")


def record(value: object, name: str) -> Json:
    """Return `value` as a JSON object."""
    if not isinstance(value, Mapping):
        raise MalformedRecord(name, value, "an object")
    return value


def optional_record(data: Json, name: str) -> Json | None:
    """Return an embedded object, or None."""
    value = data.get(name)
    return None if value is None else record(value, name)


def integer(data: Json, name: str) -> int:
    """Return a whole number that must be there, such as an id."""
    value = optional_integer(data, name)
    if value is None:
        raise _malformed(data, name, "a whole number")
    return value


def optional_integer(data: Json, name: str) -> int | None:
    """Return a whole number, or None."""
    value = data.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    raise _malformed(data, name, "a whole number")


def text(data: Json, name: str) -> str:
    """Return a text; absent and null read as the empty text."""
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _malformed(data, name, "a text")
    return value


def optional_text(data: Json, name: str) -> str | None:
    """Return a text, or None when it is absent, null or empty."""
    return text(data, name) or None


def flag(data: Json, name: str) -> bool:
    """Return a 0/1 flag; absent reads as False."""
    value = data.get(name)
    if value is None:
        return False
    if value in (0, 1):
        return bool(value)
    raise _malformed(data, name, "0 or 1")


def kind(data: Json, name: str, kinds: type[Kind]) -> Kind:
    """Return a status or kind that must be there and be one we know."""
    value = optional_kind(data, name, kinds)
    if value is None:
        raise _malformed(data, name, f"one of {[int(k) for k in kinds]}")
    return value


def optional_kind(data: Json, name: str, kinds: type[Kind]) -> Kind | None:
    """Return a status or kind, or None."""
    value = optional_integer(data, name)
    if value is None:
        return None
    try:
        return kinds(value)
    except ValueError:
        raise _malformed(data, name, f"one of {[int(k) for k in kinds]}") from None


def optional_decimal(data: Json, name: str) -> Decimal | None:
    """Return an exact number such as a quantity or a rate in percent, or None."""
    value = data.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise _malformed(data, name, "a decimal number")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _malformed(data, name, "a decimal number") from None
    if not number.is_finite():
        raise _malformed(data, name, "a decimal number")
    return number


def optional_money(data: Json, name: str, currency: str) -> int | None:
    """Return an amount in minor units of `currency` (yen for JPY), or None.

    Raises MalformedRecord when the amount is not a whole number of minor units: rounding here
    would make an invoice that differs from board's by a yen.
    """
    number = optional_decimal(data, name)
    if number is None:
        return None
    minor = number if currency in _ZERO_DECIMAL_CURRENCIES else number * 100
    if minor != minor.to_integral_value():
        raise _malformed(data, name, f"a whole number of minor units of {currency}")
    return int(minor)


def money(data: Json, name: str, currency: str) -> int:
    """Return an amount in minor units of `currency`; absent reads as 0."""
    return optional_money(data, name, currency) or 0


def day(data: Json, name: str) -> date:
    """Return a date that must be there."""
    value = optional_day(data, name)
    if value is None:
        raise _malformed(data, name, "a date YYYY-MM-DD")
    return value


def optional_day(data: Json, name: str) -> date | None:
    """Return a date (a calendar day in Japan), or None."""
    value = optional_text(data, name)
    try:
        return None if value is None else date.fromisoformat(value[:10])
    except ValueError:
        raise _malformed(data, name, "a date YYYY-MM-DD") from None


def optional_moment(data: Json, name: str) -> datetime | None:
    """Return a point in time with its offset (board sends +09:00), or None."""
    value = optional_text(data, name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise _malformed(data, name, "an ISO 8601 date-time with an offset") from None
    if moment.tzinfo is None:
        raise _malformed(data, name, "an ISO 8601 date-time with an offset")
    return moment


def addresses(data: Json, name: str) -> tuple[str, ...] | None:
    """Return a mail setting's addresses in order; None when the answer does not carry the field.

    The difference matters: () says that no address is set, None that it was not asked for (`to`
    and `cc` are not in `small`).
    """
    if name not in data:
        return None
    return tuple(part.strip() for part in text(data, name).split(",") if part.strip())


def texts(data: Json, name: str) -> tuple[str, ...]:
    """Return a list of texts, such as tags; absent reads as ()."""
    return tuple(str(item) for item in _items(data, name))


def records(data: Json, name: str) -> tuple[Json, ...]:
    """Return a list of embedded objects; absent reads as ()."""
    return tuple(record(item, name) for item in _items(data, name))


def _items(data: Json, name: str) -> list[object]:
    value = data.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _malformed(data, name, "a list")
    return value


def _malformed(data: Json, name: str, expected: str) -> MalformedRecord:
    return MalformedRecord(name, data.get(name), expected, data.get("id"))
