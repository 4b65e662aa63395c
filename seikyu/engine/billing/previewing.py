"""Previews: the invoice that would come, made by the rules that will make it, on a copy that is thrown away.

1. Without a subscription: the draft that takes up what waits for the customer and the items given.
2. With a subscription that exists: its changes first, if any are given; then time runs to the next period.
   A change that is billed at once shows that invoice.
3. With items of a subscription that does not exist: its first invoice.
Nothing here rounds, discounts or taxes anything itself, so a preview can only show what then really comes.
Source: Stripe, "Create a preview invoice".
"""

from dataclasses import dataclass
from typing import Any

from seikyu.engine.billing import drafting, subscribing
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Context, Decision, Given
from seikyu.engine.billing.discount import Discount
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Fresh, Line, changed_line, in_one_currency, new_line
from seikyu.engine.billing.redeeming import Target, on_line, redeemed
from seikyu.engine.billing.refusals import NothingUpcoming, ObjectMissing
from seikyu.engine.billing.subscription import (
    AdvanceSubscription,
    CreateSubscription,
    Subscription,
    SubscriptionItem,
    UpdateSubscription,
    next_step,
)

STEPS = 20
"""What happens to a subscription before its next invoice: never more than a few steps."""


@dataclass(frozen=True, slots=True)
class Preview:
    """The invoice with all its lines, and the discounts that exist in this preview only."""

    invoice: Invoice
    lines: tuple[Line, ...]
    discounts: tuple[Discount, ...] = ()


def preview(book: Book, given: Given, context: Context) -> Preview:
    """Return the invoice that would come. Raises NothingUpcoming, and what making it would raise."""
    book = replace(book, customer=_customer(book, given, context))
    changes: dict[str, Any] = dict(given.get("subscription_details") or {})
    fresh = Fresh()
    if book.subscription is None and not changes.get("items"):
        decision = _of_items(book, given, fresh, context)
    else:
        book = _with_items(book, given, _currency(book, given), fresh, context)
        if book.subscription is None:
            decision = _first(book, given, changes, context)
        else:
            decision = _next(book, given, changes, fresh, context)
    invoice, lines = _found(decision)
    made = tuple(x for x in (*fresh.saves, *decision.saves) if isinstance(x, Discount))
    return Preview(invoice, lines, made)


def _customer(book: Book, given: Given, context: Context) -> Customer:
    """Return the customer with ``customer_details`` laid over; without a customer, a stand-in."""
    customer = book.customer or Customer("", context.now, "PREVIEW")
    details = given.get("customer_details") or {}
    laid = {key: details[key] for key in ("address", "shipping", "tax_exempt") if key in details}
    return replace(customer, details={**customer.details, **laid}) if laid else customer


def _currency(book: Book, given: Given) -> str:
    if book.subscription is not None:
        return book.subscription.currency
    own = book.customer.currency if book.customer is not None else None
    named: str | None = given.get("currency") or own
    if named is not None:
        return named
    for entry in given.get("invoice_items") or ():
        price = book.shelf.prices.get(entry.get("price") or "")
        found: str | None = (
            entry.get("currency")
            or (entry.get("price_data") or {}).get("currency")
            or (price.currency if price else None)
        )
        if found is not None:
            return found
    return book.account.default_currency


def _with_items(book: Book, given: Given, currency: str, fresh: Fresh, context: Context) -> Book:
    """Return the book with ``invoice_items``: new ones wait with the others, named ones are changed."""
    customer = book.customer
    assert customer is not None
    waiting = {line.id: line for line in book.pending}
    for index, entry in enumerate(given.get("invoice_items") or ()):
        said = _in_todays_words(entry)
        named = entry.get("invoiceitem")
        if named is None:
            line = new_line(said, customer.id, currency, book.shelf, fresh, context)
        elif named not in waiting:
            raise ObjectMissing("invoiceitem", named, f"invoice_items[{index}][invoiceitem]")
        else:
            before = waiting[named]
            in_one_currency(before.currency, currency, f"invoice_items[{index}][invoiceitem]")
            line = changed_line(before, said, currency, book.shelf, fresh, context)
        line = on_line(line, said, customer.discounts, book.shelf, fresh, context)
        waiting[line.id] = line
    return replace(book, pending=tuple(waiting.values()))


def _in_todays_words(entry: Given) -> Given:
    """Say ``price`` and ``unit_amount`` as invoice items say them."""
    said = {k: v for k, v in entry.items() if k not in ("invoiceitem", "price", "unit_amount")}
    if entry.get("price") is not None:
        said["pricing"] = {"price": entry["price"]}
    if entry.get("unit_amount") is not None:
        said["unit_amount_decimal"] = entry["unit_amount"]
    return said


def _of_items(book: Book, given: Given, fresh: Fresh, context: Context) -> Decision:
    """Draft what waits for the customer and what was given. Raises NothingUpcoming."""
    currency = _currency(book, given)
    book = _with_items(book, given, currency, fresh, context)
    if not any(line.currency == currency for line in book.pending):
        id = book.customer.id if book.customer else ""
        raise NothingUpcoming(f"No upcoming invoices for customer: {id}", "customer")
    wanted: dict[str, Any] = {"currency": currency, "pending_invoice_items_behavior": "include"}
    if "discounts" in given:
        wanted["discounts"] = given["discounts"]
    return drafting.create(book, wanted, context)


# ── subscriptions ──────────────────────────────────────────────────────────────────────────────

MAILED = {"collection_method": "send_invoice", "days_until_due": 0}
"""An invoice that is mailed stays a draft, whatever made it: nothing is charged for a preview."""


def _first(book: Book, given: Given, details: Given, context: Context) -> Decision:
    """Begin the subscription with these items. Raises NothingUpcoming when it bills nothing yet."""
    wanted = {**details, **MAILED}
    if "discounts" in given:
        wanted["discounts"] = given["discounts"]
    decision = subscribing.decide(book, CreateSubscription(wanted), context)
    if _new_invoice(decision) is None:
        raise NothingUpcoming("The subscription would bill nothing when it begins.")
    return _collected_as(decision, "charge_automatically")


def _next(book: Book, given: Given, changes: Given, fresh: Fresh, context: Context) -> Decision:
    """Change the subscription, then let time run until it is billed. Raises NothingUpcoming."""
    before = book.subscription
    assert before is not None
    book = _discounted(book, before, given, fresh, context)
    mailed = replace(before, collection_method="send_invoice", days_until_due=0)
    if changes:
        mailed = replace(mailed, discounts=book.subscription.discounts)  # type: ignore[union-attr]
        changed = subscribing.decide(
            replace(book, subscription=mailed), UpdateSubscription(changes), context
        )
        if _new_invoice(changed) is not None:
            return _collected_as(changed, before.collection_method)
        book = _after(book, changed)
    for _ in range(STEPS):
        subscription = book.subscription
        step = next_step(subscription) if subscription is not None else None
        if step is None or subscription is None or subscription.pause_behavior in NEVER_BILLED:
            break
        then = replace(context, now=max(step[0], context.now))
        # Its own way of collecting again: a draft of a period is a draft either way.
        decision = subscribing.decide(book, AdvanceSubscription(), then)
        if _new_invoice(decision) is not None:
            return _collected_as(decision, before.collection_method)
        book = _after(book, decision)
    raise NothingUpcoming(f"No upcoming invoices for subscription: {before.id}", "subscription")


NEVER_BILLED = ("void", "mark_uncollectible")
"""How collection may be paused so that invoices are given up as soon as they are made."""


def _discounted(
    book: Book, subscription: Subscription, given: Given, fresh: Fresh, context: Context
) -> Book:
    """Return the book with the discounts that the preview is to have instead of the usual ones."""
    customer = book.customer
    if "discounts" not in given or customer is None:
        return book
    target = Target(
        customer_id=customer.id,
        currency=subscription.currency,
        current=subscription.discounts,
        known=customer.discounts,
        subscription_id=subscription.id,
    )
    discounts = redeemed(given["discounts"], target, book.shelf, fresh, context)
    return replace(
        book,
        subscription=replace(subscription, discounts=discounts),
        customer=customer if discounts else replace(customer, discounts=()),
    )


def _after(book: Book, decision: Decision) -> Book:
    """Return the book as the decision leaves it: subscription, items, and lines that wait."""
    gone = {record.id for record in decision.deletes}
    items = {item.id: item for item in book.items if item.id not in gone}
    pending = {line.id: line for line in book.pending if line.id not in gone}
    for record in decision.saves:
        if isinstance(record, Subscription):
            book = replace(book, subscription=record)
        elif isinstance(record, SubscriptionItem):
            items[record.id] = record
        elif isinstance(record, Customer):
            book = replace(book, customer=record)
        elif isinstance(record, Line) and record.invoice_id is None:
            pending[record.id] = record
    return replace(book, items=tuple(items.values()), pending=tuple(pending.values()))


def _new_invoice(decision: Decision) -> Invoice | None:
    new = (x for x in decision.saves if isinstance(x, Invoice) and not x.version)
    return next(new, None)


def _collected_as(decision: Decision, method: str) -> Decision:
    """Return the decision with its invoice collected as it really will be."""
    invoice = _new_invoice(decision)
    assert invoice is not None
    if invoice.collection_method == method:
        return decision
    real = replace(invoice, collection_method=method, days_until_due=None, due_date=None)
    return replace(
        decision, saves=tuple(real if record is invoice else record for record in decision.saves)
    )


def _found(decision: Decision) -> tuple[Invoice, tuple[Line, ...]]:
    invoice = _new_invoice(decision)
    assert invoice is not None
    lines = (x for x in decision.saves if isinstance(x, Line) and x.invoice_id == invoice.id)
    return invoice, tuple(sorted(lines, key=lambda line: line.position))
