"""Subscriptions: the records, the commands, and the table of what each status allows.

A subscription bills its items once each period, in advance. It begins as ``incomplete`` until its first
invoice is paid (or ``trialing``), is ``active`` while its newest invoice is paid or not yet due,
``past_due`` when that was not paid, and after collections gave up ``canceled``, ``unpaid`` or still
``past_due``. ``paused`` is a trial that ended without a card, where that was asked for. TABLE says what
every status answers to every command; the rules stand in ``subscribing`` (commands), ``cycling`` (time)
and ``standing`` (what becomes of its invoices).
Source: Stripe, "How subscriptions work" and "Subscription statuses".
"""

from dataclasses import dataclass, field
from typing import Any

from seikyu.engine.billing.catalogue import Price, TaxRate
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Announcement, Given
from seikyu.engine.billing.discount import Discount
from seikyu.engine.billing.recurrence import DAY, Recurrence
from seikyu.engine.billing.refusals import (
    SubscriptionHasEnded,
    SubscriptionIncomplete,
    SubscriptionIsNotPaused,
    SubscriptionIsPaused,
)
from seikyu.engine.billing.transitions import Forbidden, Move, Row, Table, move_of

INCOMPLETE, INCOMPLETE_EXPIRED, TRIALING, ACTIVE, PAST_DUE, CANCELED, UNPAID, PAUSED = STATUSES = (
    "incomplete",
    "incomplete_expired",
    "trialing",
    "active",
    "past_due",
    "canceled",
    "unpaid",
    "paused",
)

BILLED = (TRIALING, ACTIVE, PAST_DUE, UNPAID)
"""Statuses in which periods follow each other."""

OVER = (CANCELED, INCOMPLETE_EXPIRED)
"""Statuses that nothing follows."""

FIRST_PAYMENT_WITHIN = 23 * 3600
"""Seconds within which the first invoice must be paid."""

TRIAL_TOLD_BEFORE = 3 * DAY
"""Seconds before the end of a trial at which it is announced."""

MOST_ITEMS = 20


@dataclass(frozen=True, slots=True)
class SubscriptionItem:
    """What is billed each period: a recurring price and how many. The price never changes its amount.

    ``tax_rates`` are its own (empty: the subscription's default rates apply). Times in Unix seconds.
    """

    id: str
    created: int
    subscription_id: str
    price_id: str
    price: Price
    version: int = 0
    quantity: int = 1
    current_period_start: int = 0
    current_period_end: int = 0
    tax_rates: tuple[TaxRate, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription. Times in Unix seconds, in the customer's time.

    ``interval`` and ``interval_count`` are those of all its items. ``expires_at`` is until when the
    invoice that begins or resumes it must be paid. ``trial_told_for`` is the end of the trial that was
    announced. ``cancel_prorates``: unused time is given back when ``cancel_at`` comes.
    ``pause_behavior`` and ``pause_resumes_at`` are Stripe's ``pause_collection``. ``items_page`` is the
    list of items as the wire shows it: opaque to the rules.
    """

    id: str
    created: int
    customer_id: str
    currency: str
    version: int = 0
    status: str = INCOMPLETE
    collection_method: str = "charge_automatically"
    days_until_due: int | None = None
    interval: str = "month"
    interval_count: int = 1
    billing_cycle_anchor: int = 0
    current_period_start: int = 0
    current_period_end: int = 0
    start_date: int = 0
    trial_start: int | None = None
    trial_end: int | None = None
    trial_told_for: int | None = None
    missing_payment_method: str = "create_invoice"
    cancel_at: int | None = None
    cancel_at_period_end: bool = False
    cancel_prorates: bool = False
    canceled_at: int | None = None
    ended_at: int | None = None
    pause_behavior: str | None = None
    pause_resumes_at: int | None = None
    expires_at: int | None = None
    default_payment_method: str | None = None
    latest_invoice_id: str | None = None
    clock_id: str | None = None
    next_action_at: int | None = None
    items_page: bytes = b""
    default_rates: tuple[TaxRate, ...] = ()
    discounts: tuple[Discount, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def every(self) -> Recurrence:
        """How often it is billed."""
        return Recurrence(self.interval, self.interval_count)


# ── commands ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class CreateSubscription:
    """Subscribe the customer. ``request_key``: see Attempt."""

    given: Given
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateSubscription:
    """Change what was given, items included."""

    given: Given
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class CancelSubscription:
    """End it now."""

    given: Given


@dataclass(frozen=True, slots=True)
class ResumeSubscription:
    """Go on after a pause that began when a trial ended."""

    given: Given
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class CreateSubscriptionItem:
    """Bill one more price."""

    given: Given
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateSubscriptionItem:
    """Change the item ``id`` of the subscription."""

    id: str
    given: Given
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class DeleteSubscriptionItem:
    """Stop billing the item ``id``."""

    id: str
    given: Given


@dataclass(frozen=True, slots=True)
class AdvanceSubscription:
    """Its due time has come: do what the facts now call for, which may be nothing."""


# ── statuses × commands ────────────────────────────────────────────────────────────────────────


UPDATED, DELETED = "customer.subscription.updated", "customer.subscription.deleted"

_ENDED = Forbidden(
    SubscriptionHasEnded,
    "A subscription that is {status} can only update its cancellation_details and metadata. "
    "Create a new subscription instead.",
)
_UNPAID_YET = Forbidden(
    SubscriptionIncomplete,
    "This subscription is incomplete: its items can change once its first invoice is paid. "
    "Pay the invoice, or cancel the subscription.",
)
_WAITS = Forbidden(
    SubscriptionIsPaused, "This subscription is paused: resume it before its items change."
)
_KEPT: Row = {status: Move((status,), (UPDATED,)) for status in STATUSES}
_BILLS: Row = {
    INCOMPLETE: _UNPAID_YET,
    INCOMPLETE_EXPIRED: _ENDED,
    TRIALING: Move((TRIALING, ACTIVE, PAST_DUE), (UPDATED,)),
    ACTIVE: Move((ACTIVE, TRIALING, PAST_DUE), (UPDATED,)),
    PAST_DUE: Move((PAST_DUE, ACTIVE, TRIALING), (UPDATED,)),
    CANCELED: _ENDED,
    UNPAID: Move((UNPAID, TRIALING), (UPDATED,)),
    PAUSED: _WAITS,
}

TABLE: Table = {
    UpdateSubscription: {
        **_KEPT,
        TRIALING: Move((TRIALING, ACTIVE, PAST_DUE), (UPDATED,)),
        ACTIVE: Move((ACTIVE, TRIALING, PAST_DUE), (UPDATED,)),
        PAST_DUE: Move((PAST_DUE, ACTIVE, TRIALING), (UPDATED,)),
        UNPAID: Move((UNPAID, TRIALING), (UPDATED,)),
    },
    CancelSubscription: {
        INCOMPLETE: Move((INCOMPLETE_EXPIRED,), (UPDATED,)),
        INCOMPLETE_EXPIRED: _ENDED,
        **{
            status: Move((CANCELED,), (DELETED,))
            for status in (TRIALING, ACTIVE, PAST_DUE, UNPAID, PAUSED)
        },
        CANCELED: _ENDED,
    },
    ResumeSubscription: {
        **{
            status: Forbidden(
                SubscriptionIsNotPaused,
                "Only paused subscriptions can be resumed; this one is {status}. To collect again "
                "after pause_collection, unset pause_collection.",
            )
            for status in STATUSES
            if status != PAUSED
        },
        PAUSED: Move((PAUSED, ACTIVE), (UPDATED,)),
    },
    CreateSubscriptionItem: _BILLS,
    UpdateSubscriptionItem: _BILLS,
    DeleteSubscriptionItem: _BILLS,
}
"""What each status answers to each command. Creating is not in it: there is no status yet.

``customer.subscription.updated`` is announced only when something changed. An update that is about items
is looked up as a change of items. Where a change is charged at once, the status after the charge is in
the row too. Time and invoices move the status too; ``cycling`` and ``standing``
say how, and MOVES lists it.
"""

MOVES: dict[str, dict[str, str]] = {
    "its newest invoice is paid": {
        INCOMPLETE: ACTIVE,
        PAST_DUE: ACTIVE,
        UNPAID: ACTIVE,
        PAUSED: ACTIVE,
    },
    "its newest invoice is not paid": {TRIALING: PAST_DUE, ACTIVE: PAST_DUE},
    "23 hours pass without payment": {INCOMPLETE: INCOMPLETE_EXPIRED},
    "its trial ends": {TRIALING: ACTIVE},
    "its trial ends without a card": {TRIALING: PAUSED},
    "collections give up (cancel)": {ACTIVE: CANCELED, PAST_DUE: CANCELED, TRIALING: CANCELED},
    "collections give up (unpaid)": {ACTIVE: UNPAID, PAST_DUE: UNPAID, TRIALING: UNPAID},
    "cancel_at comes": dict.fromkeys((TRIALING, ACTIVE, PAST_DUE, UNPAID, PAUSED), CANCELED),
}
"""What happens → from which status to which, without a command."""


def allowed(status: str, command: type) -> Move:
    """Return where ``command`` may lead from ``status``, or raise the refusal of TABLE."""
    return move_of(TABLE, status, command)


# ── time ───────────────────────────────────────────────────────────────────────────────────────

EXPIRE, COLLECT_AGAIN, TELL, CANCEL, CYCLE = "expire", "collect_again", "tell", "cancel", "cycle"


def steps(subscription: Subscription) -> tuple[tuple[int, str], ...]:
    """Return what time will do to the subscription and when, each (Unix seconds, step), by facts alone.

    Of steps at the same moment the one that stands first here comes first.
    """
    status, found = subscription.status, []
    if status in OVER:
        return ()
    if subscription.expires_at is not None and status in (INCOMPLETE, PAUSED):
        found.append((subscription.expires_at, EXPIRE))
    if subscription.pause_behavior is not None and subscription.pause_resumes_at is not None:
        found.append((subscription.pause_resumes_at, COLLECT_AGAIN))
    trial = subscription.trial_end
    if status == TRIALING and trial is not None and subscription.trial_told_for != trial:
        found.append((trial - TRIAL_TOLD_BEFORE, TELL))
    if subscription.cancel_at is not None and status != INCOMPLETE:
        found.append((subscription.cancel_at, CANCEL))
    if status in BILLED:
        found.append((subscription.current_period_end, CYCLE))
    return tuple(found)


def next_step(subscription: Subscription) -> tuple[int, str] | None:
    """Return the earliest of ``steps``."""
    return min(steps(subscription), key=lambda step: step[0], default=None)


def next_action(subscription: Subscription) -> int | None:
    """Return the moment (Unix seconds, the customer's time) at which time acts next, or None."""
    step = next_step(subscription)
    return None if step is None else step[0]


def timed(subscription: Subscription) -> Subscription:
    """Return the subscription with its due time as the facts now have it."""
    at = next_action(subscription)
    return (
        subscription
        if at == subscription.next_action_at
        else replace(subscription, next_action_at=at)
    )


# ── ending ─────────────────────────────────────────────────────────────────────────────────────


def canceled(subscription: Subscription, now: int, reason: str | None) -> Subscription:
    """Return the subscription ended at ``now``. ``reason``: Stripe's, None leaves the one it has."""
    details = subscription.details
    if reason is not None:
        said = details.get("cancellation_details") or {}
        details = {**details, "cancellation_details": {**said, "reason": reason}}
    return timed(
        replace(
            subscription,
            status=CANCELED,
            canceled_at=subscription.canceled_at or now,
            ended_at=now,
            pause_behavior=None,
            pause_resumes_at=None,
            expires_at=None,
            details=details,
        )
    )


def told(after: Subscription, before: Subscription) -> tuple[Announcement, ...]:
    """Announce that the subscription changed, unless nothing did."""
    return () if after == before else (Announcement(UPDATED, after, before),)


def told_of_trial(
    subscription: Subscription, now: int
) -> tuple[Subscription, tuple[Announcement, ...]]:
    """Announce the end of a trial that is less than three days away already."""
    end = subscription.trial_end
    if subscription.status != TRIALING or end is None or subscription.trial_told_for == end:
        return subscription, ()
    if end - TRIAL_TOLD_BEFORE > now:
        return subscription, ()
    after = timed(replace(subscription, trial_told_for=end))
    return after, (Announcement("customer.subscription.trial_will_end", after),)
