"""The kinds of values that parameters have. On the wire all of them are texts.

A kind either returns a Python value or raises a fault. Each is one Python function behind
pydantic's `PlainValidator`: measured, that is quicker than a chain of built-in steps, and it leaves
no room for leniency: ``1_000``, ``1e3``, ``１０``, ``yes`` and ``1.0`` are not numbers or booleans here.

The empty text: for a `Text` and for anything `Clearable` it means "unset" and becomes None. For all
other kinds it is a fault.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, PlainValidator

from seikyu.engine.billing.currency import LARGEST_AMOUNT
from seikyu.engine.wire.errors import shortened
from seikyu.engine.wire.params.currencies import CURRENCIES
from seikyu.engine.wire.params.model import (
    Params,
    refused,
    refused_empty,
    refused_integer,
    refused_unserved,
)

T = TypeVar("T")

LARGEST_INTEGER = 2**63 - 1
"""What a database column holds."""
LARGEST_TIME = 253_402_300_799
"""The end of the year 9999, in Unix seconds."""

_INTEGER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_DECIMAL = re.compile(r"-?(?:[0-9]{1,15}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


def _scalar(value: Any, expected: str) -> str:
    """Return the value when it is a text with something in it."""
    if type(value) is not str:
        raise refused(f"Invalid {expected}")
    if not value:
        raise refused_empty()
    return value


def integers(least: int, most: int) -> Callable[[Any], int]:
    """Return the function of a kind: a whole number from ``least`` to ``most``."""

    def integer(value: Any) -> int:
        text = _scalar(value, "integer")
        if _INTEGER.fullmatch(text) is None:
            raise refused_integer(text)
        number = int(text)
        if least <= number <= most:
            return number
        side, limit = ("greater", least) if number < least else ("less", most)
        raise refused(
            f"This value must be {side} than or equal to {limit} (it currently is '{number}').",
            "parameter_invalid_integer",
        )

    return integer


def _boolean(value: Any) -> bool:
    text = _scalar(value, "boolean")
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    raise refused(f"Invalid boolean: {shortened(text)}")


def decimals(least: int | None, most: int | None, places: int) -> Callable[[Any], Decimal]:
    """Return a reader of decimal numbers between the limits, with up to ``places`` decimal places."""

    def decimal(value: Any) -> Decimal:
        text = _scalar(value, "decimal")
        if _DECIMAL.fullmatch(text) is None or len(text.partition(".")[2]) > places:
            raise refused(
                f"Invalid decimal: {shortened(text)}; must be a decimal number with at most "
                f"{places} decimal places"
            )
        number = Decimal(text)
        if (least is not None and number < least) or (most is not None and number > most):
            raise refused(f"Invalid decimal: {text}; must be between {least} and {most}")
        return number

    return decimal


def _texts(most: int) -> Callable[[Any], str | None]:
    def text(value: Any) -> str | None:
        if type(value) is not str:
            raise refused("Invalid string")
        if len(value) > most:
            raise refused(
                f"Invalid string: {shortened(value, 50)}; must be at most {most} characters"
            )
        return value or None

    return text


def _full_texts(most: int) -> Callable[[Any], str]:
    text = _texts(most)

    def full_text(value: Any) -> str:
        return text(value) or _raise_empty()

    return full_text


def _raise_empty() -> str:
    raise refused_empty()


def _currency(value: Any) -> str:
    text = _scalar(value, "currency").lower()
    if text in CURRENCIES:
        return text
    raise refused(
        f"Invalid currency: {shortened(text, 20)}. Supported currencies: "
        f"{', '.join(sorted(CURRENCIES))}"
    )


def _elements(value: Any) -> Any:
    """Return an array that was sent with gaps between its indices as a list."""
    if type(value) is dict and all(key.isdecimal() and key.isascii() for key in value):
        return [value[key] for key in sorted(value, key=int)]
    return value


def _cleared(value: Any) -> Any:
    return None if value == "" else value


def _unserved(reason: str) -> Callable[[Any], None]:
    def unserved(_: Any) -> None:
        raise refused_unserved(reason)

    return unserved


Integer = Annotated[int, PlainValidator(integers(-LARGEST_INTEGER, LARGEST_INTEGER))]
Count = Annotated[int, PlainValidator(integers(0, LARGEST_INTEGER))]
"""Zero or more."""
Positive = Annotated[int, PlainValidator(integers(1, LARGEST_INTEGER))]
Amount = Annotated[int, PlainValidator(integers(-LARGEST_AMOUNT, LARGEST_AMOUNT))]
"""Minor units; may be negative."""
Charge = Annotated[int, PlainValidator(integers(0, LARGEST_AMOUNT))]
"""Minor units; not negative."""
moment = integers(0, LARGEST_TIME)
Timestamp = Annotated[int, PlainValidator(moment)]
"""Unix seconds."""
PageSize = Annotated[int, PlainValidator(integers(1, 100))]
Month = Annotated[int, PlainValidator(integers(1, 12))]
Boolean = Annotated[bool, PlainValidator(_boolean)]

ExactAmount = Annotated[Decimal, PlainValidator(decimals(-LARGEST_AMOUNT, LARGEST_AMOUNT, 12))]
"""Minor units with up to 12 decimal places."""
PositiveExact = Annotated[Decimal, PlainValidator(decimals(0, LARGEST_AMOUNT, 12))]
"""Minor units with up to 12 decimal places; not negative."""
ExactQuantity = Annotated[Decimal, PlainValidator(decimals(0, LARGEST_AMOUNT, 12))]
Percentage = Annotated[Decimal, PlainValidator(decimals(0, 100, 4))]
Measure = Annotated[Decimal, PlainValidator(decimals(0, LARGEST_AMOUNT, 2))]
"""Inches or ounces of a package."""

full_text = _full_texts(5000)

Text = Annotated[str | None, PlainValidator(_texts(5000))]
"""Free text; None when it was given as an empty text, to unset it."""
ShortText = Annotated[str | None, PlainValidator(_texts(500))]
FullText = Annotated[str, PlainValidator(full_text)]
"""Text that must have something in it."""
Word = Annotated[str, PlainValidator(_full_texts(255))]
"""An id or another short text that cannot be unset."""
Currency = Annotated[str, PlainValidator(_currency)]
"""Three letters, lower case."""

Clearable = Annotated[T | None, BeforeValidator(_cleared)]
"""Any kind that may also be unset by an empty text, which becomes None."""
Many = Annotated[list[T], BeforeValidator(_elements)]
"""An array: ``a[]=…`` or ``a[0]=…``, gaps between the indices allowed."""
Four = Annotated[list[T], Field(max_length=4), BeforeValidator(_elements)]
Many250 = Annotated[list[T], Field(max_length=250), BeforeValidator(_elements)]

NeedsConnect = Annotated[None, PlainValidator(_unserved("it needs Stripe Connect"))]
Legacy = Annotated[None, PlainValidator(_unserved("use payment methods instead"))]
InParts = Annotated[
    None, PlainValidator(_unserved("a payment is applied whole and to one invoice, never in part"))
]
Unserved = Annotated[None, PlainValidator(_unserved(""))]
"""A parameter that Stripe has and this engine refuses, by name, instead of ignoring it."""


def _only_unset(value: Any) -> None:
    if value != "":
        raise refused_unserved("")


Unset = Annotated[None, PlainValidator(_only_unset)]
"""A parameter that this engine does not serve, whose unsetting asks for nothing and is taken."""


def _only_false(value: Any) -> bool:
    if _boolean(value):
        raise refused_unserved("taxes come from tax rates or exact tax amounts")
    return False


Off = Annotated[bool, PlainValidator(_only_false)]
"""A switch that cannot be turned on here."""


class Expand(Params):
    """Parameters of an operation that only answers with an object."""

    expand: Many[Word] | None = None
