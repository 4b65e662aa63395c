"""Amending: changing a subscription, its items included, and settling up for the time in between.

1. What touches only terms and notes changes nothing else.
2. A change of prices or quantities is prorated from now (or ``proration_date``): lines that give and
   take wait for the next invoice (``create_prorations``), are billed at once (``always_invoice``), or are
   not made (``none``). During a trial there is nothing to give back.
3. Another interval, ``billing_cycle_anchor=now``, the step from free to paid and the beginning or end of
   a trial begin a new period: what was not used is given back, and the new period is billed at once.
Source: Stripe, "Prorations", "Upgrade and downgrade subscriptions", "Billing cycle anchor".
"""

from dataclasses import dataclass

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.cycling import begun, in_period, lines_for
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given, Record
from seikyu.engine.billing.describing import begins_now, canceling, described, one_off_lines
from seikyu.engine.billing.invoice import OPEN, Invoice
from seikyu.engine.billing.line import Fresh, Line
from seikyu.engine.billing.prorating import Period, free, period_from, remaining, unused
from seikyu.engine.billing.refusals import MomentNotAllowed, NotServed, SubscriptionHasEnded
from seikyu.engine.billing.standing import DEFAULT_INCOMPLETE, ERROR, PENDING
from seikyu.engine.billing.subscription import (
    ACTIVE,
    BILLED,
    OVER,
    PAST_DUE,
    TRIALING,
    UNPAID,
    UPDATED,
    Subscription,
    SubscriptionItem,
    UpdateSubscriptionItem,
    allowed,
    timed,
    told_of_trial,
)
from seikyu.engine.billing.subscription_discounts import discounted
from seikyu.engine.billing.subscription_invoice import (
    CHANGED,
    Charging,
    billed_now,
    drafted,
    let_go,
)
from seikyu.engine.billing.subscription_items import Changed, changed, every

NOTES = frozenset({"metadata", "cancellation_details"})
"""What may change on a subscription that is over."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a change comes to: lines that give and take, and the lines of a period that begins."""

    prorations: tuple[Line, ...] = ()
    lines: tuple[Line, ...] = ()
    at_once: bool = False


def update(
    book: Book,
    given: Given,
    context: Context,
    *,
    request_key: str | None = None,
    item: str | None = None,
) -> Decision:
    """Change the book's subscription.

    ``item``: answer with this item instead; an empty text with the one that is added.
    Raises SubscriptionHasEnded, MomentNotAllowed, NotServed and what items and charges raise.
    """
    before = book.subscription
    assert before is not None
    _check(before, given)
    fresh = Fresh()
    change = _items(book, before, given, fresh, context)
    after = discounted(book, described(book, before, given, context), given, fresh, context)
    recurs = every(change.items[0].price) if change.items else before.every
    after = replace(after, interval=recurs.interval, interval_count=recurs.count)
    after, period = _restarted(book, before, after, change, given, context)
    items = change.items
    if period is not None:
        items = in_period(items, period)
        after = begun(after, period, None)
    elif change.touched:
        items = in_period(items, Period(before.current_period_start, before.current_period_end, 0))
        after = replace(after, items_page=b"")
    after = canceling(after, given, context)
    one_off = one_off_lines(book, after, given.get("add_invoice_items"), fresh, context)
    own = replace(book, items=items)
    settlement = _settled(own, before, after, change, period, given, context)
    settlement = replace(settlement, prorations=(*one_off, *settlement.prorations))
    subject = _subject(change, before, item)
    billed = _billed(own, before, after, settlement, subject.id, given, request_key, context)
    after = _with_invoice(after, billed)
    return _told(book, before, after, items, change, billed, subject, fresh, context)


def _check(before: Subscription, given: Given) -> None:
    over = before.status in OVER
    if over and set(given) - NOTES:
        raise SubscriptionHasEnded(
            f"A subscription that is {before.status} can only update its cancellation_details and "
            "metadata. Create a new subscription instead.",
            next(iter(set(given) - NOTES)),
        )
    if given.get("items") or given.get("trial_end") or begins_now(given):
        allowed(before.status, UpdateSubscriptionItem)
    if given.get("payment_behavior") == PENDING:
        raise NotServed(
            "pending_if_incomplete is not served by this version of Seikyu; allow_incomplete and "
            "default_incomplete are.",
            "payment_behavior",
        )


def _items(
    book: Book, before: Subscription, given: Given, fresh: Fresh, context: Context
) -> Changed:
    if not given.get("items"):
        return Changed(book.items)
    return changed(book.items, given["items"], before.id, book.shelf, fresh, context)


# ── a new period ───────────────────────────────────────────────────────────────────────────────


def _restarted(
    book: Book,
    before: Subscription,
    after: Subscription,
    change: Changed,
    given: Given,
    context: Context,
) -> tuple[Subscription, Period | None]:
    """Return the subscription with its new trial or anchor, and the period that begins, if one does.

    Raises MomentNotAllowed.
    """
    now, end = context.now, given.get("trial_end")
    trialing = before.status == TRIALING
    if end is not None and end != "now":
        return _on_trial(before, after, int(end), now)
    if end == "now" and trialing:
        after = replace(after, status=ACTIVE, trial_end=now, billing_cycle_anchor=now)
        return after, period_from(after, now)
    anchored = begins_now(given)
    if anchored and trialing:
        raise MomentNotAllowed(
            "The billing cycle of a trial begins with its end; pass trial_end=now instead.",
            "billing_cycle_anchor",
        )
    if before.status not in BILLED or trialing:
        return after, None
    recurs_otherwise = after.every != before.every
    begins_to_cost = bool(change.rebilled) and free(book.items) and not free(change.items)
    if not (anchored or recurs_otherwise or begins_to_cost):
        return after, None
    after = replace(after, billing_cycle_anchor=now)
    return after, period_from(after, now)


def _on_trial(
    before: Subscription, after: Subscription, end: int, now: int
) -> tuple[Subscription, Period]:
    if end <= now:
        raise MomentNotAllowed("trial_end must be in the future, or now.", "trial_end")
    trialing = before.status == TRIALING
    start = before.current_period_start if trialing else now
    after = replace(
        after,
        status=TRIALING,
        trial_start=before.trial_start if trialing else now,
        trial_end=end,
        billing_cycle_anchor=end,
    )
    return after, Period(start, end, start)


# ── settling up ────────────────────────────────────────────────────────────────────────────────


def _settled(
    book: Book,
    before: Subscription,
    after: Subscription,
    change: Changed,
    period: Period | None,
    given: Given,
    context: Context,
) -> Settlement:
    behavior = given.get("proration_behavior") or "create_prorations"
    date = _date(before, given, context)
    costs = before.status in (ACTIVE, PAST_DUE, UNPAID) and behavior != "none"
    if period is None:
        pairs = change.rebilled if costs else ()
        prorations = _give_and_take(book, before, pairs, date, context)
        return Settlement(prorations, at_once=behavior == "always_invoice" and bool(prorations))
    all_of_it = tuple((was, None) for was in _before(book, change))
    prorations = _give_and_take(book, before, all_of_it if costs else (), date, context)
    trial = after.status == TRIALING
    if trial and before.status == TRIALING:
        return Settlement()
    return Settlement(
        prorations, lines_for(book, after, period, context, trial=trial), at_once=True
    )


def _before(book: Book, change: Changed) -> tuple[SubscriptionItem, ...]:
    """Return all items as they were before the change."""
    touched = {now.id: was for was, now in change.touched if now is not None}
    kept = (touched.get(item.id, item) for item in book.items)
    return (*(item for item in kept if item is not None), *change.removed)


def _date(before: Subscription, given: Given, context: Context) -> int:
    date = given.get("proration_date")
    if date is None:
        return context.now
    if not before.current_period_start <= date <= before.current_period_end:
        raise MomentNotAllowed(
            "proration_date must be within the current period, "
            f"{before.current_period_start} to {before.current_period_end}.",
            "proration_date",
        )
    return int(date)


def _give_and_take(
    book: Book,
    before: Subscription,
    pairs: tuple[tuple[SubscriptionItem | None, SubscriptionItem | None], ...],
    date: int,
    context: Context,
) -> tuple[Line, ...]:
    """Return what is given back of each item as it was, and taken for each as it is."""
    made = []
    for was, now in pairs:
        for rule, item in ((unused, was), (remaining, now)):
            if item is not None:
                products = book.shelf.products
                made.append(rule(before, item, date, products, context.mint, context.now))
    return tuple(line for line in made if line.amount)


# ── billing it ─────────────────────────────────────────────────────────────────────────────────


def _billed(
    book: Book,
    before: Subscription,
    after: Subscription,
    settlement: Settlement,
    subject_id: str,
    given: Given,
    request_key: str | None,
    context: Context,
) -> Decision:
    """Bill the settlement, or let its lines wait for the next invoice."""
    waiting = settlement.prorations
    if not settlement.at_once:
        made = tuple(Announcement("invoiceitem.created", line) for line in waiting)
        return Decision(after, waiting, announcements=made)
    own = replace(book, pending=(*book.pending, *waiting))
    collects = after.pause_behavior is None and after.status != UNPAID
    since = before.current_period_start
    draft = drafted(own, after, CHANGED, settlement.lines, context, advances=collects, since=since)
    if after.pause_behavior in ("void", "mark_uncollectible"):
        return let_go(own, after, draft, context)
    if not collects or after.collection_method == "send_invoice":
        return draft
    behavior = given.get("payment_behavior")
    waits = behavior == DEFAULT_INCOMPLETE
    charging = Charging(subject_id, request_key, off_session=bool(given.get("off_session", True)))
    billed = billed_now(
        own, after, draft, context, charging=None if waits else charging, advances=not waits
    )
    if behavior == ERROR and _invoice(billed).status == OPEN:
        raise NotServed(
            "error_if_incomplete is served when a subscription is created. A change that must be "
            "paid at once is made with allow_incomplete: it is past_due when the charge fails.",
            "payment_behavior",
        )
    return billed


def _invoice(billed: Decision) -> Invoice:
    return next(x for x in reversed(billed.saves) if isinstance(x, Invoice))


def _with_invoice(after: Subscription, billed: Decision) -> Subscription:
    made = any(isinstance(record, Invoice) for record in billed.saves)
    return replace(after, latest_invoice_id=_invoice(billed).id) if made else after


# ── telling ────────────────────────────────────────────────────────────────────────────────────


def _subject(
    change: Changed, before: Subscription, item: str | None
) -> Subscription | SubscriptionItem:
    """Return what is answered with: the subscription, or the item that the command was about."""
    if item is None:
        return before
    was, now = change.touched[0]
    found = now or was
    assert found is not None
    return found


def _told(
    book: Book,
    before: Subscription,
    after: Subscription,
    items: tuple[SubscriptionItem, ...],
    change: Changed,
    billed: Decision,
    subject: Subscription | SubscriptionItem,
    fresh: Fresh,
    context: Context,
) -> Decision:
    news: tuple[Announcement, ...] = ()
    if before.status == TRIALING and after.status == ACTIVE:
        news = (Announcement("customer.subscription.trial_will_end", after),)
    after = timed(after)
    if not news:
        after, news = told_of_trial(after, context.now)
    if news and news[0].record is not after:
        news = tuple(replace(said, record=after) for said in news)
    stored = {item.id: item for item in book.items}
    moved: tuple[Record, ...] = tuple(item for item in items if stored.get(item.id) != item)
    same = replace(after, items_page=before.items_page) == before
    differs = bool(moved or change.removed) or not same
    if not (differs or billed.saves):
        return Decision(subject if isinstance(subject, SubscriptionItem) else before)
    shown: tuple[Subscription | SubscriptionItem, ...] = (after, *items)
    answer = next((x for x in shown if x.id == subject.id), subject)
    return replace(
        billed,
        answer=answer,
        saves=(*fresh.saves, after, *moved, *billed.saves),
        deletes=(*billed.deletes, *change.removed),
        announcements=(
            *fresh.announcements,
            *billed.announcements,
            *((Announcement(UPDATED, after, before),) if differs else ()),
            *news,
        ),
        items=items if not after.items_page else None,
    )
