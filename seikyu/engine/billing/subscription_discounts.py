"""Discounts of subscriptions: on each of their invoices while they run, instead of the customer's.

What is for once is spent by the first invoice from which it takes something; what repeats by months ends
on its day, whether or not an invoice came. Source: Stripe, "Coupons and promotion codes", with subscriptions.
"""

from dataclasses import dataclass
from typing import Any

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given
from seikyu.engine.billing.discount import running, stored, taken_off
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Fresh
from seikyu.engine.billing.redeeming import Target, redeemed
from seikyu.engine.billing.refusals import NoDiscount
from seikyu.engine.billing.subscription import Subscription


@dataclass(frozen=True, slots=True)
class RemoveDiscounts:
    """Take the subscription's discounts off; invoices that have them keep them."""


def removed(book: Book) -> Decision:
    """Take the discounts off and answer with the last. Raises NoDiscount."""
    before = book.subscription
    assert before is not None
    if not before.discounts:
        raise NoDiscount(f"The subscription {before.id} has no discount.", "id")
    after = replace(before, discounts=())
    gone = tuple(taken_off(discount) for discount in before.discounts)
    return Decision(
        gone[-1],
        (*gone, after),
        announcements=(
            *(Announcement("customer.discount.deleted", discount) for discount in gone),
            Announcement("customer.subscription.updated", after, before),
        ),
    )


def discounted(
    book: Book, before: Subscription, given: Given, fresh: Fresh, context: Context
) -> Subscription:
    """Return the subscription with its ``discounts`` as given. Raises what ``redeemed`` raises."""
    if "discounts" not in given:
        return before
    target = Target(
        customer_id=before.customer_id,
        currency=before.currency,
        current=before.discounts,
        known=book.customer.discounts if book.customer else (),
        subscription_id=before.id,
    )
    discounts = redeemed(given["discounts"], target, book.shelf, fresh, context)
    old = {discount.id for discount in before.discounts}
    kept = {discount.id for discount in discounts}
    for gone in before.discounts:
        if gone.id not in kept:
            removed = taken_off(gone)
            fresh.saves.append(removed)
            fresh.announcements.append(Announcement("customer.discount.deleted", removed))
    own = {record.id for record in fresh.saves}
    fresh.announcements += [
        Announcement("customer.discount.created", made)
        for made in discounts
        if made.id not in old and made.id in own
    ]
    return replace(before, discounts=discounts)


def spent(decision: Decision, context: Context) -> Decision:
    """Return the decision with the subscription as it is after the invoice that is drafted in it.

    Whatever speaks of the subscription in the decision says so; a decision without a new invoice is left
    as it is.
    """
    new = [x for x in decision.saves if isinstance(x, Invoice) and not x.version]
    last = next((x for x in reversed(decision.saves) if isinstance(x, Subscription)), None)
    if not new or last is None:
        return decision
    used = {discount.id for invoice in new for discount in invoice.discounts}
    stays = tuple(
        d for d in running(last.discounts, context.now) if d.id not in used or d.duration != "once"
    )
    gone = tuple(d for d in last.discounts if d not in stays)
    if not gone:
        return decision
    fresh: dict[int, Any] = {}

    def without(record: Any) -> Any:
        if not isinstance(record, Subscription) or record.discounts != last.discounts:
            return record
        return fresh.setdefault(id(record), replace(record, discounts=stays))

    said = tuple(Announcement("customer.discount.deleted", stored(d)) for d in gone)
    return replace(
        decision,
        answer=without(decision.answer),
        saves=tuple(without(record) for record in decision.saves),
        announcements=(
            *(replace(a, record=without(a.record)) for a in decision.announcements),
            *said,
        ),
    )
