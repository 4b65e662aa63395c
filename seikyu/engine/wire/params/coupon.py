"""Parameters of ``/v1/coupons``."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from seikyu.engine.billing.currency import LARGEST_AMOUNT
from seikyu.engine.wire.ids import object_type
from seikyu.engine.wire.params.currencies import CURRENCIES
from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import (
    Currency,
    Expand,
    Many,
    Positive,
    ShortText,
    Timestamp,
    Word,
    decimals,
    full_text,
    integers,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params, refused

_ID = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)
_percentage = decimals(0, 100, 4)


def _own_id(value: Any) -> str:
    """An id stands in addresses, and must not look like another object's."""
    text = full_text(value)
    if _ID.fullmatch(text) is None or object_type(text) not in (None, "coupon"):
        raise refused(
            "Invalid coupon id: up to 200 letters, digits, dashes and underscores, not beginning "
            "like the id of another object"
        )
    return text


def _percent_off(value: Any) -> Decimal:
    number = _percentage(value)
    if number == 0:
        raise refused("Invalid percent_off: must be greater than 0 and at most 100")
    return number


OwnId = Annotated[str, PlainValidator(_own_id)]
PercentOff = Annotated[Decimal, PlainValidator(_percent_off)]
AmountOff = Annotated[int, PlainValidator(integers(1, LARGEST_AMOUNT))]
"""Minor units, at least one."""


def known_currency(value: Any) -> str:
    """Return a currency that stands as the name of a hash."""
    if value not in CURRENCIES:
        raise refused(f"Invalid currency: {str(value)[:20]}")
    return str(value)


CurrencyName = Annotated[str, PlainValidator(known_currency)]


class AppliesTo(Params):
    """What the coupon is for."""

    products: Many[Word] | None = None


class CurrencyOption(Params):
    """What is taken off in another currency, in its minor units."""

    amount_off: AmountOff


class CouponCreate(Expand):
    """``POST /v1/coupons``."""

    amount_off: AmountOff | None = None
    applies_to: AppliesTo | None = None
    currency: Currency | None = None
    currency_options: dict[CurrencyName, CurrencyOption] | None = None
    duration: Literal["forever", "once", "repeating"] | None = None
    duration_in_months: Annotated[int, PlainValidator(integers(1, 1200))] | None = None
    id: OwnId | None = None
    max_redemptions: Positive | None = None
    metadata: Metadata = None
    name: ShortText = None
    percent_off: PercentOff | None = None
    redeem_by: Timestamp | None = None


class CouponUpdate(Expand):
    """``POST /v1/coupons/{id}``."""

    currency_options: dict[CurrencyName, CurrencyOption] | None = None
    metadata: Metadata = None
    name: ShortText = None


class CouponList(CreatedPaging):
    """``GET /v1/coupons``."""
