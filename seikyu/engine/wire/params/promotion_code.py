"""Parameters of ``/v1/promotion_codes``."""

import re
from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from seikyu.engine.wire.params.coupon import CurrencyName
from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import (
    Boolean,
    Charge,
    Currency,
    Expand,
    Positive,
    Timestamp,
    Unserved,
    Word,
    full_text,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params, refused

_CODE = re.compile(r"[A-Za-z0-9-]{1,200}", re.ASCII)


def _code(value: Any) -> str:
    """Source: Stripe, ``code``: letters, digits and dashes."""
    text = full_text(value)
    if _CODE.fullmatch(text) is None:
        raise refused("Invalid code: must be up to 200 letters (a-z, A-Z), digits and dashes")
    return text


Code = Annotated[str, PlainValidator(_code)]


class Promotion(Params):
    """What the code stands for."""

    type: Literal["coupon"]
    coupon: Word | None = None


class MinimumOption(Params):
    """The least purchase in another currency, in its minor units."""

    minimum_amount: Charge | None = None


class Restrictions(Params):
    """Which purchases the code is for."""

    currency_options: dict[CurrencyName, MinimumOption] | None = None
    first_time_transaction: Boolean | None = None
    minimum_amount: Charge | None = None
    minimum_amount_currency: Currency | None = None


class RestrictionsUpdate(Params):
    """Further currencies are all that can be added later."""

    currency_options: dict[CurrencyName, MinimumOption] | None = None


class PromotionCodeCreate(Expand):
    """``POST /v1/promotion_codes``."""

    promotion: Promotion
    active: Boolean | None = None
    code: Code | None = None
    customer: Word | None = None
    customer_account: Unserved = None
    expires_at: Timestamp | None = None
    max_redemptions: Positive | None = None
    metadata: Metadata = None
    restrictions: Restrictions | None = None


class PromotionCodeUpdate(Expand):
    """``POST /v1/promotion_codes/{id}``."""

    active: Boolean | None = None
    metadata: Metadata = None
    restrictions: RestrictionsUpdate | None = None


class PromotionCodeList(CreatedPaging):
    """``GET /v1/promotion_codes``."""

    active: Boolean | None = None
    code: Word | None = None
    coupon: Word | None = None
    customer: Word | None = None
    customer_account: Unserved = None
