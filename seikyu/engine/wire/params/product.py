"""Parameters of ``/v1/products``."""

from typing import Literal

from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import (
    Boolean,
    Clearable,
    Currency,
    ExactAmount,
    Expand,
    FullText,
    Many,
    Measure,
    ShortText,
    Text,
    Unserved,
    Word,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params
from seikyu.engine.wire.params.recurrence import Recurring, TaxBehavior, UnitAmount


class Feature(Params):
    """A selling point."""

    name: FullText


class PackageDimensions(Params):
    """Inches and ounces of a package, with up to two decimal places."""

    height: Measure
    length: Measure
    weight: Measure
    width: Measure


class TaxDetails(Params):
    """What a product is for taxes; kept, not used for computing."""

    performance_location: Word | None = None
    tax_code: Text = None


class DefaultPriceData(Params):
    """The price that is created together with a product."""

    currency: Currency
    currency_options: Unserved = None
    custom_unit_amount: Unserved = None
    metadata: Metadata = None
    recurring: Recurring | None = None
    tax_behavior: TaxBehavior | None = None
    unit_amount: UnitAmount | None = None
    unit_amount_decimal: ExactAmount | None = None


class _Product(Expand):
    """What can be said about a product at any time."""

    active: Boolean | None = None
    description: Text = None
    marketing_features: Clearable[Many[Feature]] = None
    images: Clearable[Many[Word]] = None
    metadata: Metadata = None
    package_dimensions: Clearable[PackageDimensions] = None
    shippable: Boolean | None = None
    statement_descriptor: ShortText = None
    tax_code: Text = None
    tax_details: Clearable[TaxDetails] = None
    unit_label: ShortText = None
    url: Text = None


class ProductCreate(_Product):
    """``POST /v1/products``."""

    name: FullText
    default_price_data: DefaultPriceData | None = None
    id: Word | None = None
    type: Literal["good", "service"] | None = None


class ProductUpdate(_Product):
    """``POST /v1/products/{id}``."""

    default_price: Word | None = None
    name: FullText | None = None


class ProductList(CreatedPaging):
    """``GET /v1/products``."""

    active: Boolean | None = None
    ids: Many[Word] | None = None
    shippable: Boolean | None = None
    type: Literal["good", "service"] | None = None
    url: Word | None = None
