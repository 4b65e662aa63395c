"""Parameters of ``/v1/subscriptions``; those of items are in `subscription_item`."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainValidator

from seikyu.engine.wire.params.discount import Discount
from seikyu.engine.wire.params.filters import CreatedPaging, Range
from seikyu.engine.wire.params.invoice import AutomaticTax, CollectionMethod, Self
from seikyu.engine.wire.params.kinds import (
    Boolean,
    Clearable,
    Count,
    Currency,
    ExactAmount,
    Expand,
    Four,
    Legacy,
    Many,
    NeedsConnect,
    Text,
    Timestamp,
    Unserved,
    Unset,
    Word,
    integers,
    moment,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params, refused_unserved
from seikyu.engine.wire.params.payment_kinds import (
    InvoiceCardOptions,
    InvoicePaymentMethodOptions,
    InvoicePaymentMethodType,
)
from seikyu.engine.wire.params.people import CustomField
from seikyu.engine.wire.params.recurrence import TaxBehavior, UnitAmount
from seikyu.engine.wire.params.subscription_item import (
    ChangedItem,
    NewItem,
    PaymentBehavior,
    ProrationBehavior,
)

MOST_TRIAL_DAYS = 730
Feedback = Literal[
    "customer_service", "low_quality", "missing_features", "other", "switched_service",
    "too_complex", "too_expensive", "unused",
]  # fmt: skip


def _now_or_moment(value: Any) -> int | str:
    return "now" if value == "now" else moment(value)


def _end(value: Any) -> int | str:
    return value if value in ("min_period_end", "max_period_end") else moment(value)


def _older_anchor(value: Any) -> Any:
    """Read ``billing_cycle_anchor=now``, the older form, as ``billing_cycle_anchor[type]=now``."""
    return {"type": value} if type(value) is str else value


def _classic(value: Any) -> str:
    if value != "classic":
        raise refused_unserved("all prices of a subscription recur equally often (classic)")
    return "classic"


NowOrMoment = Annotated[int | Literal["now"], PlainValidator(_now_or_moment)]
End = Annotated[int | Literal["max_period_end", "min_period_end"], PlainValidator(_end)]


class Anchor(Params):
    """Whether a new cycle begins now."""

    type: Literal["now", "unchanged"]


AnchorChoice = Annotated[Anchor, BeforeValidator(_older_anchor)]


class OneOffPriceData(Params):
    """A price described in place that is billed once."""

    currency: Currency
    product: Word
    tax_behavior: TaxBehavior | None = None
    unit_amount: UnitAmount | None = None
    unit_amount_decimal: ExactAmount | None = None


class OneOffItem(Params):
    """Something that the next invoice bills once."""

    discountable: Boolean | None = None
    discounts: Unset = None
    metadata: Metadata = None
    period: Unserved = None
    price: Word | None = None
    price_data: OneOffPriceData | None = None
    quantity: Count | None = None
    tax_rates: Clearable[Many[Word]] = None


class AnchorConfig(Params):
    """The day and the time of the anchor. UTC."""

    day_of_month: Annotated[int, PlainValidator(integers(1, 31))]
    hour: Annotated[int, PlainValidator(integers(0, 23))] | None = None
    minute: Annotated[int, PlainValidator(integers(0, 59))] | None = None
    month: Annotated[int, PlainValidator(integers(1, 12))] | None = None
    second: Annotated[int, PlainValidator(integers(0, 59))] | None = None


class BillingMode(Params):
    """How credits and mixed intervals are dealt with."""

    flexible: Unserved = None
    type: Annotated[str, PlainValidator(_classic)]


class CancellationDetails(Params):
    """Why it ends, as the customer put it."""

    comment: Text = None
    feedback: Clearable[Feedback] = None
    feedback_option: Unserved = None


class InvoiceSettings(Params):
    """What the subscription's invoices start from."""

    account_tax_ids: Unset = None
    custom_fields: Clearable[Four[CustomField]] = None
    description: Text = None
    footer: Text = None
    issuer: Self | None = None


class PauseCollection(Params):
    """What becomes of invoices while collection is paused."""

    behavior: Literal["keep_as_draft", "mark_uncollectible", "void"]
    resumes_at: Timestamp | None = None


class CardOptions(InvoiceCardOptions):
    """How the subscription's invoices charge cards."""

    mandate_options: Unserved = None
    network: Word | None = None


class PaymentMethodOptions(InvoicePaymentMethodOptions):
    """``payment_settings[payment_method_options]`` of a subscription."""

    card: Clearable[CardOptions] = None


class PaymentSettings(Params):
    """How the subscription's invoices are to be paid."""

    payment_method_options: Clearable[PaymentMethodOptions] = None
    payment_method_types: Clearable[Many[InvoicePaymentMethodType]] = None
    save_default_payment_method: Literal["off", "on_subscription"] | None = None


class EndBehavior(Params):
    """What happens when a trial ends and there is no card."""

    billing_cycle_anchor: Unserved = None
    missing_payment_method: Literal["cancel", "create_invoice", "pause"] | None = None


class TrialSettings(Params):
    """How a trial ends."""

    end_behavior: EndBehavior


class _Subscription(Expand):
    """What can be said about a subscription at any time. Times in Unix seconds."""

    add_invoice_items: Many[OneOffItem] | None = None
    application_fee_percent: NeedsConnect = None
    automatic_tax: AutomaticTax | None = None
    billing_schedules: Unset = None
    billing_thresholds: Unset = None
    cancel_at_period_end: Boolean | None = None
    collection_method: CollectionMethod | None = None
    days_until_due: Count | None = None
    default_payment_method: Word | None = None
    default_source: Legacy = None
    default_tax_rates: Clearable[Many[Word]] = None
    description: Text = None
    discounts: Clearable[Many[Discount]] = None
    invoice_settings: InvoiceSettings | None = None
    metadata: Metadata = None
    off_session: Boolean | None = None
    on_behalf_of: NeedsConnect = None
    payment_behavior: PaymentBehavior | None = None
    payment_settings: PaymentSettings | None = None
    pending_invoice_item_interval: Unset = None
    proration_behavior: ProrationBehavior | None = None
    transfer_data: NeedsConnect = None
    trial_end: NowOrMoment | None = None
    trial_from_plan: Unserved = None
    trial_settings: TrialSettings | None = None


class SubscriptionCreate(_Subscription):
    """``POST /v1/subscriptions``."""

    backdate_start_date: Unserved = None
    billing_cycle_anchor: Timestamp | None = None
    billing_cycle_anchor_config: AnchorConfig | None = None
    billing_mode: BillingMode | None = None
    cancel_at: End | None = None
    currency: Currency | None = None
    customer: Word | None = None
    customer_account: Unserved = None
    items: Many[NewItem] | None = None
    trial_period_days: Annotated[int, PlainValidator(integers(0, MOST_TRIAL_DAYS))] | None = None


class SubscriptionUpdate(_Subscription):
    """``POST /v1/subscriptions/{id}``. Which of these a status allows is for the billing rules."""

    billing_cycle_anchor: AnchorChoice | None = None
    cancel_at: Clearable[End] = None
    cancellation_details: CancellationDetails | None = None
    items: Many[ChangedItem] | None = None
    pause_collection: Clearable[PauseCollection] = None
    proration_date: Timestamp | None = None


class SubscriptionCancel(Expand):
    """``DELETE /v1/subscriptions/{id}``."""

    cancellation_details: CancellationDetails | None = None
    invoice_now: Boolean | None = None
    prorate: Boolean | None = None


class SubscriptionResume(Expand):
    """``POST /v1/subscriptions/{id}/resume``."""

    billing_cycle_anchor: AnchorChoice | None = None
    payment_behavior: Literal["resume_on_payment_attempt", "resume_on_payment_success"] | None = (
        None
    )
    proration_behavior: ProrationBehavior | None = None
    proration_date: Unserved = None


class SubscriptionList(CreatedPaging):
    """``GET /v1/subscriptions``."""

    automatic_tax: Unserved = None
    collection_method: CollectionMethod | None = None
    current_period_end: Range | None = None
    current_period_start: Range | None = None
    customer: Word | None = None
    customer_account: Unserved = None
    plan: Legacy = None
    price: Word | None = None
    status: (
        Literal[
            "active", "all", "canceled", "ended", "incomplete", "incomplete_expired", "past_due",
            "paused", "trialing", "unpaid",
        ]
        | None
    ) = None  # fmt: skip
    test_clock: Word | None = None
