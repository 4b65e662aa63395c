"""``decide`` for subscriptions, and the commands that begin and end one: create, cancel, resume.

A new subscription bills its first period at once. What is charged automatically is fixed and charged in
the same request, and the subscription is ``incomplete`` until that is paid; what is mailed waits for an
hour like every draft, and the subscription is ``active`` meanwhile. A trial begins with an invoice of
nothing. Changes of a subscription stand in ``amending``, what time does in ``cycling``.
Source: Stripe, "How subscriptions work", "Billing cycle anchor", "Trial periods".
"""

from collections.abc import Mapping
from typing import Any

from seikyu.engine.billing.amending import update
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import free
from seikyu.engine.billing.customer import alive
from seikyu.engine.billing.cycling import advance, begun, ended, expire, in_period, lines_for
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given, Record
from seikyu.engine.billing.describing import (
    begins_now,
    cancel_details,
    canceling,
    described,
    one_off_lines,
)
from seikyu.engine.billing.invoice import PAID, Invoice
from seikyu.engine.billing.line import Fresh
from seikyu.engine.billing.prorating import Period, period_from
from seikyu.engine.billing.recurrence import DAY, AnchorConfig, anchor_from, next_after
from seikyu.engine.billing.refusals import (
    CurrencyDiffers,
    MomentNotAllowed,
    NotServed,
    ParametersExclude,
    SubscriptionIsPaused,
    SubscriptionNeedsItems,
)
from seikyu.engine.billing.standing import DEFAULT_INCOMPLETE, PENDING
from seikyu.engine.billing.subscription import (
    ACTIVE,
    FIRST_PAYMENT_WITHIN,
    INCOMPLETE,
    TRIALING,
    AdvanceSubscription,
    CancelSubscription,
    CreateSubscription,
    CreateSubscriptionItem,
    DeleteSubscriptionItem,
    ResumeSubscription,
    Subscription,
    SubscriptionItem,
    UpdateSubscription,
    UpdateSubscriptionItem,
    allowed,
    timed,
    told,
    told_of_trial,
)
from seikyu.engine.billing.subscription_discounts import RemoveDiscounts, discounted, removed, spent
from seikyu.engine.billing.subscription_invoice import (
    CHANGED,
    CREATED,
    Charging,
    billed_now,
    drafted,
)
from seikyu.engine.billing.subscription_items import changed, every


def decide(book: Book, command: object, context: Context) -> Decision:
    """Decide a command on a subscription or its items. Raises what TABLE or the rule names."""
    return spent(_decided(book, command, context), context)


def _decided(book: Book, command: object, context: Context) -> Decision:
    if isinstance(command, CreateSubscription):
        return create(book, command, context)
    before = book.subscription
    assert before is not None
    if isinstance(command, AdvanceSubscription):
        return advance(book, context)
    if isinstance(command, RemoveDiscounts):
        return removed(book)
    allowed(before.status, type(command))
    match command:
        case UpdateSubscription(given, key):
            return update(book, given, context, request_key=key)
        case CancelSubscription(given):
            return cancel(book, before, given, context)
        case ResumeSubscription():
            return resume(book, before, command, context)
        case CreateSubscriptionItem(given, key):
            return update(book, _of_item(given, {}), context, request_key=key, item="")
        case UpdateSubscriptionItem(id, given, key):
            entry = {"id": id}
            return update(book, _of_item(given, entry), context, request_key=key, item=id)
        case DeleteSubscriptionItem(id, given):
            return update(book, _of_item(given, {"id": id, "deleted": True}), context, item=id)
    raise AssertionError(f"no rule for {type(command).__name__}")


ABOUT_ALL = ("off_session", "payment_behavior", "proration_behavior", "proration_date")
"""Parameters of an item's commands that are about the change as a whole."""


def _of_item(given: Given, entry: Mapping[str, Any]) -> Given:
    """Say a command on one item as an update of its subscription."""
    own = {k: v for k, v in given.items() if k not in (*ABOUT_ALL, "subscription")}
    whole = {k: given[k] for k in ABOUT_ALL if k in given}
    return {**whole, "items": [{**own, **entry}]}


# ── beginning ──────────────────────────────────────────────────────────────────────────────────


def create(book: Book, command: CreateSubscription, context: Context) -> Decision:
    """Begin a subscription. Raises NoPaymentMethod, PriceDoesNotFit, MomentNotAllowed, …"""
    given, customer = command.given, alive(book.customer)
    id, fresh = context.mint("sub"), Fresh()
    items = changed((), given.get("items") or (), id, book.shelf, fresh, context).items
    first = items[0].price
    if given.get("currency") not in (None, first.currency):
        raise CurrencyDiffers(
            f"The price {first.id} is in {first.currency}, not in {given['currency']}.", "currency"
        )
    if given.get("payment_behavior") == PENDING:
        raise NotServed(
            "pending_if_incomplete is not served by this version of Seikyu; allow_incomplete, "
            "default_incomplete and error_if_incomplete are.",
            "payment_behavior",
        )
    recurs = every(first)
    blank = Subscription(
        id=id,
        created=context.now,
        customer_id=customer.id,
        currency=first.currency,
        interval=recurs.interval,
        interval_count=recurs.count,
        start_date=context.now,
        clock_id=customer.clock_id,
        details={
            "payment_behavior": given.get("payment_behavior") or "allow_incomplete",
            "proration_behavior": given.get("proration_behavior") or "create_prorations",
            "billing_cycle_anchor_config": given.get("billing_cycle_anchor_config"),
        },
    )
    blank = discounted(book, blank, given, fresh, context)
    planned, period = _planned(described(book, blank, given, context), given, context)
    items = in_period(items, period)
    waiting = one_off_lines(book, planned, given.get("add_invoice_items"), fresh, context)
    own = replace(book, items=items, pending=(*book.pending, *waiting))
    subscription = canceling(begun(planned, period, None), given, context)
    return _begun(own, subscription, period, command, fresh, context)


def _planned(
    subscription: Subscription, given: Given, context: Context
) -> tuple[Subscription, Period]:
    """Return the subscription with its trial and its anchor, and its first period."""
    now = context.now
    trial_end = _trial_end(given, now)
    anchor = _anchor(given, now)
    if trial_end is not None:
        if anchor is not None and anchor < trial_end:
            raise MomentNotAllowed(
                "billing_cycle_anchor cannot be before the end of the trial.",
                "billing_cycle_anchor",
            )
        planned = replace(
            subscription,
            status=TRIALING,
            trial_start=now,
            trial_end=trial_end,
            billing_cycle_anchor=anchor or trial_end,
        )
        return planned, Period(now, trial_end, now)
    natural = next_after(now, subscription.every, now)
    if anchor is not None and not now < anchor <= natural:
        raise MomentNotAllowed(
            "billing_cycle_anchor must be in the future and not later than the next natural billing "
            f"date ({natural}).",
            "billing_cycle_anchor",
        )
    planned = replace(subscription, status=ACTIVE, billing_cycle_anchor=anchor or now)
    return planned, period_from(planned, now)


def _trial_end(given: Given, now: int) -> int | None:
    days, end = given.get("trial_period_days"), given.get("trial_end")
    if days is not None and end is not None:
        raise ParametersExclude(
            "You may only specify one of these parameters: trial_end, trial_period_days.",
            "trial_end",
        )
    if days:
        return now + int(days) * DAY
    if end is None or end == "now":
        return None
    if end <= now:
        raise MomentNotAllowed("trial_end must be in the future, or now.", "trial_end")
    return int(end)


def _anchor(given: Given, now: int) -> int | None:
    named, config = given.get("billing_cycle_anchor"), given.get("billing_cycle_anchor_config")
    if named is not None and config is not None:
        raise ParametersExclude(
            "You may only specify one of these parameters: billing_cycle_anchor, "
            "billing_cycle_anchor_config.",
            "billing_cycle_anchor",
        )
    if config is not None:
        return anchor_from(AnchorConfig(**config), now)
    return None if named is None else int(named)


def _begun(
    book: Book,
    subscription: Subscription,
    period: Period,
    command: CreateSubscription,
    fresh: Fresh,
    context: Context,
) -> Decision:
    """Bill the first period, and announce the subscription before its invoice."""
    given = command.given
    billed = Decision(subscription)
    trial = subscription.status == TRIALING
    free_part = period.partial and subscription.details["proration_behavior"] == "none"
    if trial or not free_part or book.pending:
        lines = () if free_part else lines_for(book, subscription, period, context, trial=trial)
        billed = drafted(book, subscription, CREATED, lines, context)
        if subscription.collection_method == "charge_automatically":
            charging = Charging(
                subscription.id,
                command.request_key,
                off_session=bool(given.get("off_session")),
                first=True,
            )
            waits = subscription.details["payment_behavior"] == DEFAULT_INCOMPLETE
            billed = billed_now(
                book,
                subscription,
                billed,
                context,
                charging=None if waits else charging,
                advances=False,
            )
    subscription = _with_invoice(subscription, billed, context)
    subscription, news = told_of_trial(subscription, context.now)
    saves: tuple[Record, ...] = (*fresh.saves, subscription, *book.items, *billed.saves)
    return replace(
        billed,
        answer=subscription,
        saves=saves,
        announcements=(
            *fresh.announcements,
            Announcement("customer.subscription.created", subscription),
            *news,
            *billed.announcements,
        ),
        items=book.items,
    )


def _with_invoice(subscription: Subscription, billed: Decision, context: Context) -> Subscription:
    """Return the subscription with its first invoice; ``incomplete`` while something is owed on it."""
    invoice = next((x for x in reversed(billed.saves) if isinstance(x, Invoice)), None)
    if invoice is None:
        return timed(subscription)
    subscription = replace(subscription, latest_invoice_id=invoice.id)
    if invoice.finalized_at is not None and invoice.status != PAID:
        subscription = replace(
            subscription, status=INCOMPLETE, expires_at=context.now + FIRST_PAYMENT_WITHIN
        )
    return timed(subscription)


# ── ending ─────────────────────────────────────────────────────────────────────────────────────


def cancel(book: Book, before: Subscription, given: Given, context: Context) -> Decision:
    """End it now. What never began expires instead. Raises PaymentInProgress."""
    noted = cancel_details(before, given)
    if before.status == INCOMPLETE:
        free(book)
        decision = expire(book, noted, context)
        after = decision.answer
        assert isinstance(after, Subscription)
        return replace(
            decision,
            announcements=tuple(
                replace(said, before=before) if said.record is after else said
                for said in decision.announcements
            ),
        )
    return ended(
        book,
        noted,
        context,
        prorate=bool(given.get("prorate")),
        invoice_now=bool(given.get("invoice_now")),
        reason="cancellation_requested",
    )


# ── resuming ───────────────────────────────────────────────────────────────────────────────────


def resume(
    book: Book, before: Subscription, command: ResumeSubscription, context: Context
) -> Decision:
    """Begin a period now. It is active once that is paid, or at once when nothing is owed for it.

    Raises NoPaymentMethod, SubscriptionNeedsItems.
    """
    given = command.given
    if not book.items:
        raise SubscriptionNeedsItems("A subscription without items cannot be resumed.")
    if before.expires_at is not None:
        raise SubscriptionIsPaused(
            f"The invoice {before.latest_invoice_id} of its resumption waits to be paid. Pay it, or "
            "void it to resume anew."
        )
    anchored = before
    if "billing_cycle_anchor" not in given or begins_now(given):
        anchored = replace(before, billing_cycle_anchor=context.now)
    if "proration_behavior" in given:
        behavior = given["proration_behavior"]
        anchored = replace(anchored, details={**anchored.details, "proration_behavior": behavior})
    period = period_from(anchored, context.now)
    items: tuple[SubscriptionItem, ...] = in_period(book.items, period)
    own = replace(book, items=items)
    draft = drafted(own, anchored, CHANGED, lines_for(own, anchored, period, context), context)
    charging = Charging(before.id, command.request_key, off_session=True, first=True)
    billed = billed_now(own, anchored, draft, context, charging=charging, advances=False)
    invoice = next(x for x in reversed(billed.saves) if isinstance(x, Invoice))
    after = begun(anchored, period, invoice.id)
    at_once = given.get("payment_behavior") == "resume_on_payment_attempt"
    if invoice.status == PAID or at_once:
        after = replace(after, status=ACTIVE)
    else:
        after = replace(after, expires_at=context.now + FIRST_PAYMENT_WITHIN)
    after = timed(after)
    news = (Announcement("customer.subscription.resumed", after),) if after.status == ACTIVE else ()
    return replace(
        billed,
        answer=after,
        saves=(after, *items, *billed.saves),
        announcements=(*billed.announcements, *told(after, before), *news),
        items=items,
    )
