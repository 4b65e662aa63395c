"""Cycling: what time does to a subscription: the next period, the end of a trial, expiry, the end.

One step at a time, the earliest first, each from facts alone; after it the due time is computed anew, so
that a worker which slept through three periods makes three invoices, one after another. The invoice of a
period is made when the period begins, in advance: a draft for an hour, collected by itself after that.
While the subscription is ``unpaid`` its drafts wait for a person; while collection is paused they wait,
or are given up as ``pause_collection`` says.
Source: Stripe, "How subscriptions work", "Trial periods", "Pause payment collection".
"""

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import void
from seikyu.engine.billing.customer import alive
from seikyu.engine.billing.decision import (
    Announcement,
    Context,
    Decision,
    Record,
    merged_decisions,
)
from seikyu.engine.billing.invoice import OPEN, Invoice
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.prorating import Period, period_from, period_lines, unused
from seikyu.engine.billing.standing import expired, stopped
from seikyu.engine.billing.subscription import (
    ACTIVE,
    BILLED,
    CANCEL,
    COLLECT_AGAIN,
    DELETED,
    EXPIRE,
    INCOMPLETE,
    PAUSED,
    TELL,
    TRIALING,
    UNPAID,
    UPDATED,
    Subscription,
    SubscriptionItem,
    canceled,
    next_step,
    timed,
    told,
)
from seikyu.engine.billing.subscription_invoice import (
    CHANGED,
    CYCLED,
    Charging,
    billed_now,
    drafted,
    let_go,
    pending_for,
)

TRIAL_WILL_END = "customer.subscription.trial_will_end"


def advance(book: Book, context: Context) -> Decision:
    """Do what is due on the book's subscription; nothing when nothing is."""
    before = book.subscription
    assert before is not None
    step = next_step(before)
    if step is None or step[0] > context.now:
        # Whatever made it due is over; a row that kept its due time would be found again and again.
        after = timed(before)
        return Decision(after, (after,) if after != before else ())
    what = step[1]
    if what == EXPIRE:
        return expire(book, before, context)
    if what == COLLECT_AGAIN:
        after = timed(replace(before, pause_behavior=None, pause_resumes_at=None))
        return Decision(after, (after,), announcements=told(after, before))
    if what == TELL:
        after = timed(replace(before, trial_told_for=before.trial_end))
        return Decision(after, (after,), announcements=(Announcement(TRIAL_WILL_END, after),))
    if what == CANCEL:
        return ended(book, before, context, prorate=before.cancel_prorates, invoice_now=True)
    return _next_period(book, before, context)


# ── what never began ───────────────────────────────────────────────────────────────────────────


def expire(book: Book, before: Subscription, context: Context) -> Decision:
    """Void the invoice that was to begin or to resume the subscription, which then does not happen."""
    if book.in_flight is not None:
        return Decision(before)
    if before.status == INCOMPLETE:
        after = timed(expired(before, context.now))
    else:
        after = timed(replace(before, expires_at=None))
    end = Decision(after, (after,), announcements=told(after, before))
    invoice = book.invoice
    if invoice is None or invoice.status != OPEN or invoice.amount_paid:
        return end
    return merged_decisions(void(replace(book, subscription=None), context), end)


# ── the next period ────────────────────────────────────────────────────────────────────────────


def _next_period(book: Book, before: Subscription, context: Context) -> Decision:
    """Begin the period that follows, and bill it."""
    if before.status == TRIALING and _lacks_card(book, before):
        if before.missing_payment_method == "cancel":
            return ended(book, before, context, prorate=False, invoice_now=False)
        return _paused(before)
    period = period_from(before, before.current_period_end)
    items = in_period(book.items, period)
    lines = lines_for(book, before, period, context)
    collects = before.pause_behavior is None and before.status != UNPAID
    draft = drafted(
        book,
        before,
        CYCLED,
        lines,
        context,
        advances=collects,
        since=before.current_period_start,
    )
    if before.pause_behavior in ("void", "mark_uncollectible"):
        draft = let_go(book, before, draft, context)
    after = begun(before, period, draft.answer.id)
    if before.status == TRIALING:
        after = replace(after, status=ACTIVE)
    return _with_subscription(draft, after, before, items)


def _lacks_card(book: Book, subscription: Subscription) -> bool:
    """Say whether the trial ends without a card, and something else than an invoice was asked for."""
    return (
        subscription.missing_payment_method != "create_invoice"
        and subscription.collection_method == "charge_automatically"
        and (book.method is None or book.method.detached)
    )


def _paused(before: Subscription) -> Decision:
    after = timed(replace(before, status=PAUSED))
    return Decision(
        after,
        (after,),
        announcements=(
            Announcement(UPDATED, after, before),
            Announcement("customer.subscription.paused", after),
        ),
    )


def lines_for(
    book: Book, subscription: Subscription, period: Period, context: Context, **kind: bool
) -> tuple[Line, ...]:
    """Return the lines that bill the period (``trial=True``: for nothing).

    A part of a period costs nothing where the subscription was made with ``proration_behavior=none``.
    """
    if period.partial and subscription.details.get("proration_behavior") == "none":
        kind["trial"] = True
    return period_lines(
        subscription,
        book.items,
        period,
        book.shelf.products,
        context.mint,
        context.now,
        **kind,
    )


def in_period(items: tuple[SubscriptionItem, ...], period: Period) -> tuple[SubscriptionItem, ...]:
    """Return the items as they stand in the period."""
    return tuple(
        replace(item, current_period_start=period.start, current_period_end=period.end)
        for item in items
    )


def begun(subscription: Subscription, period: Period, invoice_id: str | None) -> Subscription:
    """Return the subscription in the period, with its newest invoice."""
    return replace(
        subscription,
        current_period_start=period.start,
        current_period_end=period.end,
        cancel_at=period.end if subscription.cancel_at_period_end else subscription.cancel_at,
        latest_invoice_id=invoice_id or subscription.latest_invoice_id,
        items_page=b"",
    )


def _with_subscription(
    decision: Decision,
    after: Subscription,
    before: Subscription,
    items: tuple[SubscriptionItem, ...],
) -> Decision:
    after = timed(after)
    saved: tuple[Record, ...] = (after, *items)
    return merged_decisions(
        decision, Decision(after, saved, announcements=told(after, before), items=items)
    )


# ── the end ────────────────────────────────────────────────────────────────────────────────────


def ended(
    book: Book,
    before: Subscription,
    context: Context,
    *,
    prorate: bool,
    invoice_now: bool,
    reason: str | None = None,
) -> Decision:
    """End the subscription: bill or drop what waits, and stop collecting by itself.

    ``prorate`` gives back what was not used of the period; ``invoice_now`` bills what waits for it.
    With neither, prorations that wait are dropped. Source: Stripe, "Cancel subscriptions".
    """
    credits = _unused(book, before, context) if prorate else ()
    waiting = tuple(x for x in pending_for(book, before) if x.subscription_id == before.id)
    decision = Decision(before)
    latest = before.latest_invoice_id
    if invoice_now and (credits or waiting):
        own = replace(book, pending=(*waiting, *credits))
        decision = _last_invoice(own, before, context)
        latest = next((x.id for x in reversed(decision.saves) if isinstance(x, Invoice)), latest)
    elif credits:
        decision = Decision(before, credits, announcements=_made(credits))
    elif not invoice_now:
        dropped = tuple(line for line in waiting if line.proration)
        gone = tuple(Announcement("invoiceitem.deleted", line) for line in dropped)
        decision = Decision(before, deletes=dropped, announcements=gone)
    after = canceled(replace(before, latest_invoice_id=latest), context.now, reason)
    others, news = stopped(replace(book, invoice=None))
    end = Decision(after, (after, *others), announcements=(Announcement(DELETED, after), *news))
    return merged_decisions(decision, end)


def _unused(book: Book, subscription: Subscription, context: Context) -> tuple[Line, ...]:
    """Return what is given back for the rest of the period; nothing is during a trial."""
    if subscription.status not in BILLED or subscription.status == TRIALING:
        return ()
    given_back = (
        unused(subscription, item, context.now, book.shelf.products, context.mint, context.now)
        for item in book.items
    )
    return tuple(line for line in given_back if line.amount)


def _last_invoice(book: Book, subscription: Subscription, context: Context) -> Decision:
    alive(book.customer)
    draft = drafted(
        book, subscription, CHANGED, (), context, since=subscription.current_period_start
    )
    if subscription.collection_method == "send_invoice":
        return draft
    return billed_now(book, subscription, draft, context, charging=Charging(subscription.id))


def _made(lines: tuple[Line, ...]) -> tuple[Announcement, ...]:
    return tuple(Announcement("invoiceitem.created", line) for line in lines)
