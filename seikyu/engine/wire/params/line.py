"""Parameters of invoice lines, alone and in bulk."""

from typing import Literal

from seikyu.engine.wire.params.discount import Discount
from seikyu.engine.wire.params.filters import Paging
from seikyu.engine.wire.params.kinds import (
    Amount,
    Boolean,
    Clearable,
    Count,
    Currency,
    ExactAmount,
    ExactQuantity,
    Expand,
    FullText,
    Many,
    Many250,
    Percentage,
    ShortText,
    Text,
    Timestamp,
    Word,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params
from seikyu.engine.wire.params.product import TaxDetails
from seikyu.engine.wire.params.recurrence import TaxBehavior
from seikyu.engine.wire.params.tax_rate import TaxType


class Period(Params):
    """The time a line is for, in Unix seconds."""

    start: Timestamp
    end: Timestamp


class Pricing(Params):
    """A price that exists."""

    price: Word | None = None


class LineProductData(Params):
    """The product that is created together with a line."""

    name: FullText
    description: Text = None
    images: Many[Word] | None = None
    metadata: Metadata = None
    tax_code: Text = None
    tax_details: TaxDetails | None = None
    unit_label: ShortText = None


class LinePriceData(Params):
    """A price described in place. Unlike a price of its own it may be negative."""

    currency: Currency
    product: Word | None = None
    product_data: LineProductData | None = None
    tax_behavior: TaxBehavior | None = None
    unit_amount: Amount | None = None
    unit_amount_decimal: ExactAmount | None = None


class TaxRateData(Params):
    """A tax rate described in place, for callers that compute taxes themselves."""

    display_name: FullText
    inclusive: Boolean
    percentage: Percentage
    country: Text = None
    description: Text = None
    jurisdiction: Text = None
    jurisdiction_level: (
        Literal["city", "country", "county", "district", "multiple", "state"] | None
    ) = None
    state: Text = None
    tax_type: TaxType | None = None


TaxabilityReason = Literal[
    "customer_exempt", "not_collecting", "not_subject_to_tax", "not_supported",
    "portion_product_exempt", "portion_reduced_rated", "portion_standard_rated", "product_exempt",
    "product_exempt_holiday", "proportionally_rated", "reduced_rated", "reverse_charge",
    "standard_rated", "taxable_basis_reduced", "zero_rated",
]  # fmt: skip


class TaxAmount(Params):
    """An exact tax on a line, in minor units, which is taken as it is."""

    amount: Amount
    tax_rate_data: TaxRateData
    taxable_amount: Amount
    taxability_reason: TaxabilityReason | None = None


class Line(Params):
    """What can be said about a line."""

    amount: Amount | None = None
    description: Text = None
    discountable: Boolean | None = None
    discounts: Clearable[Many[Discount]] = None
    metadata: Metadata = None
    period: Period | None = None
    price_data: LinePriceData | None = None
    pricing: Pricing | None = None
    quantity: Count | None = None
    quantity_decimal: ExactQuantity | None = None
    tax_amounts: Clearable[Many[TaxAmount]] = None
    tax_rates: Clearable[Many[Word]] = None


class NewLine(Line):
    """A line to add: described here, or made from a pending invoice item."""

    invoice_item: Word | None = None


class ChangedLine(Line):
    """A line to change."""

    id: Word


class RemovedLine(Params):
    """A line to take away, together with its invoice item or keeping that as pending."""

    id: Word
    behavior: Literal["delete", "unassign"]


class InvoiceAddLines(Expand):
    """``POST /v1/invoices/{id}/add_lines``."""

    lines: Many250[NewLine]
    invoice_metadata: Metadata = None


class InvoiceUpdateLines(Expand):
    """``POST /v1/invoices/{id}/update_lines``."""

    lines: Many250[ChangedLine]
    invoice_metadata: Metadata = None


class InvoiceRemoveLines(Expand):
    """``POST /v1/invoices/{id}/remove_lines``."""

    lines: Many250[RemovedLine]
    invoice_metadata: Metadata = None


class LineUpdate(Line, Expand):
    """``POST /v1/invoices/{id}/lines/{line}``."""


class LineList(Paging):
    """``GET /v1/invoices/{id}/lines``."""
