"""Parameters of ``/v1/invoiceitems``."""

from typing import Any, Literal

from pydantic import model_validator

from seikyu.engine.wire.params.discount import Discount
from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import (
    Amount,
    Boolean,
    Clearable,
    Count,
    Currency,
    ExactAmount,
    ExactQuantity,
    Expand,
    Many,
    Text,
    Unserved,
    Word,
)
from seikyu.engine.wire.params.line import Period, Pricing
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params
from seikyu.engine.wire.params.recurrence import TaxBehavior


class ItemPriceData(Params):
    """A price described in place. Unlike a price of its own it may be negative."""

    currency: Currency
    product: Word
    tax_behavior: TaxBehavior | None = None
    unit_amount: Amount | None = None
    unit_amount_decimal: ExactAmount | None = None


class _InvoiceItem(Expand):
    """What can be said about an invoice item at any time.

    ``price`` is the older name of ``pricing[price]``. Stripe's guides still use it, so it is taken
    and passed on under the present name.
    """

    amount: Amount | None = None
    description: Text = None
    discountable: Boolean | None = None
    discounts: Clearable[Many[Discount]] = None
    metadata: Metadata = None
    period: Period | None = None
    price_data: ItemPriceData | None = None
    pricing: Pricing | None = None
    quantity: Count | None = None
    quantity_decimal: ExactQuantity | None = None
    tax_behavior: TaxBehavior | None = None
    tax_code: Text = None
    tax_rates: Clearable[Many[Word]] = None
    unit_amount_decimal: ExactAmount | None = None
    margins: Unserved = None

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, raw: Any) -> Any:
        if type(raw) is dict and "price" in raw and "pricing" not in raw:
            present = {name: value for name, value in raw.items() if name != "price"}
            return {**present, "pricing": {"price": raw["price"]}}
        return raw


class InvoiceItemCreate(_InvoiceItem):
    """``POST /v1/invoiceitems``."""

    currency: Currency | None = None
    customer: Word | None = None
    customer_account: Unserved = None
    invoice: Word | None = None
    subscription: Word | None = None


class InvoiceItemUpdate(_InvoiceItem):
    """``POST /v1/invoiceitems/{id}``."""

    invoicing_rules: Clearable[Literal[""]] = None


class InvoiceItemList(CreatedPaging):
    """``GET /v1/invoiceitems``."""

    customer: Word | None = None
    customer_account: Unserved = None
    invoice: Word | None = None
    pending: Boolean | None = None
