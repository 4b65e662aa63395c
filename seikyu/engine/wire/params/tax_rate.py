"""Parameters of ``/v1/tax_rates``."""

from typing import Literal

from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import Boolean, Expand, FullText, Percentage, Text
from seikyu.engine.wire.params.metadata import Metadata

TaxType = Literal[
    "admissions_tax", "amusement_tax", "attendance_tax", "communications_tax",
    "digital_excise_tax", "entertainment_tax", "get_fund", "gross_receipts_tax", "gst",
    "hospitality_tax", "hst", "igst", "jct", "lease_tax", "luxury_tax",
    "mass_transit_parking_tax", "nhil", "parking_tax", "pst", "qst", "resort_tax",
    "retail_delivery_fee", "rst", "sales_tax", "service_tax", "tourism_tax",
    "utility_users_tax", "vat",
]  # fmt: skip


class _TaxRate(Expand):
    """What can be said about a tax rate at any time."""

    active: Boolean | None = None
    country: Text = None
    description: Text = None
    jurisdiction: Text = None
    metadata: Metadata = None
    state: Text = None
    tax_type: TaxType | None = None


class TaxRateCreate(_TaxRate):
    """``POST /v1/tax_rates``."""

    display_name: FullText
    inclusive: Boolean
    percentage: Percentage


class TaxRateUpdate(_TaxRate):
    """``POST /v1/tax_rates/{id}``. What decides amounts never changes."""

    display_name: FullText | None = None


class TaxRateList(CreatedPaging):
    """``GET /v1/tax_rates``."""

    active: Boolean | None = None
    inclusive: Boolean | None = None
