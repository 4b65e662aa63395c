"""Parameters of ``POST /v1/invoices/create_preview``."""

from typing import Literal

from seikyu.engine.wire.params.discount import Discount
from seikyu.engine.wire.params.invoice import AutomaticTax, Self
from seikyu.engine.wire.params.invoice_item import ItemPriceData
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
    Many250,
    NeedsConnect,
    Text,
    Timestamp,
    Unserved,
    Unset,
    Word,
)
from seikyu.engine.wire.params.line import Period
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params
from seikyu.engine.wire.params.people import Address, Shipping
from seikyu.engine.wire.params.recurrence import TaxBehavior
from seikyu.engine.wire.params.subscription import BillingMode, End, NowOrMoment
from seikyu.engine.wire.params.subscription_item import ChangedItem, ProrationBehavior


class CustomerDetails(Params):
    """Who is invoiced, instead of a customer or laid over one."""

    address: Clearable[Address] = None
    shipping: Clearable[Shipping] = None
    tax: Unserved = None
    tax_exempt: Clearable[Literal["exempt", "none", "reverse"]] = None
    tax_ids: Unserved = None


class PreviewItem(Params):
    """An invoice item to add, or one that waits already (``invoiceitem``) to be seen otherwise."""

    amount: Amount | None = None
    currency: Currency | None = None
    description: Text = None
    discountable: Boolean | None = None
    discounts: Clearable[Many[Discount]] = None
    invoiceitem: Word | None = None
    metadata: Metadata = None
    period: Period | None = None
    price: Word | None = None
    price_data: ItemPriceData | None = None
    quantity: Count | None = None
    quantity_decimal: ExactQuantity | None = None
    tax_behavior: TaxBehavior | None = None
    tax_code: Text = None
    tax_rates: Clearable[Many[Word]] = None
    unit_amount: Amount | None = None
    unit_amount_decimal: ExactAmount | None = None


class PreviewAnchor(Params):
    """Whether a new cycle begins now."""

    timestamp: Unserved = None
    type: Literal["now", "unchanged"]


class SubscriptionDetails(Params):
    """A subscription to begin, or changes of one that exists."""

    billing_cycle_anchor: PreviewAnchor | None = None
    billing_mode: BillingMode | None = None
    billing_schedules: Unset = None
    cancel_at: Clearable[End] = None
    cancel_at_period_end: Boolean | None = None
    cancel_now: Unserved = None
    default_tax_rates: Clearable[Many[Word]] = None
    items: Many[ChangedItem] | None = None
    metadata: Metadata = None
    pause: Unserved = None
    proration_behavior: ProrationBehavior | None = None
    proration_date: Timestamp | None = None
    resume_at: Unserved = None
    start_date: Unserved = None
    trial_end: NowOrMoment | None = None
    trial_from_plan: Unserved = None


class InvoicePreview(Expand):
    """``POST /v1/invoices/create_preview``."""

    automatic_tax: AutomaticTax | None = None
    currency: Currency | None = None
    customer: Word | None = None
    customer_account: Unserved = None
    customer_details: CustomerDetails | None = None
    discounts: Clearable[Many[Discount]] = None
    invoice_items: Many250[PreviewItem] | None = None
    issuer: Self | None = None
    on_behalf_of: NeedsConnect = None
    preview_mode: Literal["next", "recurring"] | None = None
    schedule: Unserved = None
    schedule_details: Unserved = None
    subscription: Word | None = None
    subscription_details: SubscriptionDetails | None = None
