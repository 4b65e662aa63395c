"""Parameters of ``/v1/subscription_items``, and of items wherever subscriptions name them."""

from typing import Literal

from seikyu.engine.wire.params.filters import Paging
from seikyu.engine.wire.params.kinds import (
    Boolean,
    Clearable,
    Count,
    Currency,
    ExactAmount,
    Expand,
    Legacy,
    Many,
    Timestamp,
    Unserved,
    Unset,
    Word,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params
from seikyu.engine.wire.params.recurrence import Recurring, TaxBehavior, UnitAmount

PaymentBehavior = Literal[
    "allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"
]
ProrationBehavior = Literal["always_invoice", "create_prorations", "none"]


class RecurringPriceData(Params):
    """A recurring price described in place."""

    currency: Currency
    product: Word
    recurring: Recurring
    tax_behavior: TaxBehavior | None = None
    unit_amount: UnitAmount | None = None
    unit_amount_decimal: ExactAmount | None = None


class NewItem(Params):
    """What a new subscription bills."""

    billing_thresholds: Unset = None
    current_trial: Unserved = None
    discounts: Unset = None
    metadata: Metadata = None
    plan: Legacy = None
    price: Word | None = None
    price_data: RecurringPriceData | None = None
    quantity: Count | None = None
    tax_rates: Clearable[Many[Word]] = None


class ChangedItem(NewItem):
    """An item to change (``id``), to remove (``deleted``) or to add (neither)."""

    clear_usage: Unserved = None
    deleted: Boolean | None = None
    id: Word | None = None


class _Change(Expand):
    """How a change of one item is settled."""

    payment_behavior: PaymentBehavior | None = None
    proration_behavior: ProrationBehavior | None = None
    proration_date: Timestamp | None = None


class SubscriptionItemCreate(NewItem, _Change):
    """``POST /v1/subscription_items``."""

    subscription: Word


class SubscriptionItemUpdate(NewItem, _Change):
    """``POST /v1/subscription_items/{id}``."""

    off_session: Boolean | None = None


class SubscriptionItemDelete(_Change):
    """``DELETE /v1/subscription_items/{id}``."""

    clear_usage: Unserved = None


class SubscriptionItemList(Paging):
    """``GET /v1/subscription_items``."""

    subscription: Word
