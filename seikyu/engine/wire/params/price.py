"""Parameters of ``/v1/prices``."""

from typing import Literal

from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import (
    Boolean,
    Count,
    Currency,
    ExactAmount,
    Expand,
    FullText,
    Many,
    Positive,
    ShortText,
    Text,
    Unserved,
    Word,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params
from seikyu.engine.wire.params.product import TaxDetails
from seikyu.engine.wire.params.recurrence import Interval, Recurring, TaxBehavior, UnitAmount

UsageType = Literal["licensed", "metered"]


class PriceRecurring(Recurring):
    """How often a price is billed, and for what."""

    meter: Unserved = None
    trial_period_days: Count | None = None
    usage_type: UsageType | None = None


class PriceProductData(Params):
    """The product that is created together with a price."""

    name: FullText
    active: Boolean | None = None
    id: Word | None = None
    metadata: Metadata = None
    statement_descriptor: ShortText = None
    tax_code: Text = None
    tax_details: TaxDetails | None = None
    unit_label: ShortText = None


class TransformQuantity(Params):
    """How a quantity is divided before it is multiplied by the price."""

    divide_by: Positive
    round: Literal["down", "up"]


class PriceCreate(Expand):
    """``POST /v1/prices``."""

    currency: Currency
    active: Boolean | None = None
    billing_scheme: Literal["per_unit", "tiered"] | None = None
    currency_options: Unserved = None
    custom_unit_amount: Unserved = None
    lookup_key: Word | None = None
    metadata: Metadata = None
    nickname: Text = None
    product: Word | None = None
    product_data: PriceProductData | None = None
    recurring: PriceRecurring | None = None
    tax_behavior: TaxBehavior | None = None
    tiers: Unserved = None
    tiers_mode: Unserved = None
    transfer_lookup_key: Boolean | None = None
    transform_quantity: TransformQuantity | None = None
    unit_amount: UnitAmount | None = None
    unit_amount_decimal: ExactAmount | None = None


class PriceUpdate(Expand):
    """``POST /v1/prices/{id}``. Amount and currency of a price never change."""

    active: Boolean | None = None
    currency_options: Unserved = None
    lookup_key: Text = None
    metadata: Metadata = None
    migrate_to: Unserved = None
    nickname: Text = None
    tax_behavior: TaxBehavior | None = None
    transfer_lookup_key: Boolean | None = None


class RecurringFilter(Params):
    """Which recurring prices to list."""

    interval: Interval | None = None
    meter: Unserved = None
    usage_type: UsageType | None = None


class PriceList(CreatedPaging):
    """``GET /v1/prices``."""

    active: Boolean | None = None
    currency: Currency | None = None
    lookup_keys: Many[Word] | None = None
    product: Word | None = None
    recurring: RecurringFilter | None = None
    type: Literal["one_time", "recurring"] | None = None
