"""Previews: everything loaded as for making the invoice, decided on a copy, shown and thrown away."""

from collections.abc import Callable, Mapping

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Context, Given
from seikyu.engine.billing.line import Shelf
from seikyu.engine.billing.previewing import Preview, preview
from seikyu.engine.billing.refusals import (
    CustomerIsDeleted,
    ObjectMissing,
    ParameterMissing,
    Refusal,
)
from seikyu.engine.billing.subscription import (
    CreateSubscription,
    Subscription,
    UpdateSubscription,
)
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.execute.loading import shelf_of
from seikyu.engine.execute.subscription_loading import of_subscription
from seikyu.engine.store import invoices, subscriptions
from seikyu.engine.store.session import Session
from seikyu.engine.wire.errors import from_refusal
from seikyu.engine.wire.objects import Frame, line_page, shown

UPCOMING = "upcoming_"
"""What stands before the id of an invoice that does not exist."""


def preview_shown(
    session: Session, given: Given, now: int, mint: Callable[[str], str]
) -> tuple[bytes, Mapping[str, bytes]]:
    """Return the invoice that would come, and its discounts that are not stored, by id.

    ``now`` is the system's time; a customer on a test clock is seen from the clock's. Raises WireError.
    """
    try:
        book = _book(session, given)
        clock = session.get(TestClock, book.customer.clock_id if book.customer else None)
        present = clock.frozen_time if clock else now
        context = Context(session.world.livemode, present, now, mint, lambda: mint("preview"))
        return _rendered(session, preview(book, given, context))
    except Refusal as refusal:
        raise from_refusal(refusal) from None


def _book(session: Session, given: Given) -> Book:
    """Load as for a new invoice, or as for the subscription that is billed next.

    Raises ObjectMissing, CustomerIsDeleted, ParameterMissing.
    """
    customer = _customer(session, given)
    details: Given = given.get("subscription_details") or {}
    subscription = _subscription(session, given, details, customer)
    entries = tuple(_named_price(entry) for entry in given.get("invoice_items") or ())
    whom = subscription.customer_id if subscription else customer.id if customer else None
    shelf = shelf_of(session, (given, *entries), None, whom)
    if subscription is not None:
        book = of_subscription(session, subscription.id, UpdateSubscription(details))
    elif details.get("items"):
        if customer is None:
            raise ParameterMissing("customer")
        begins = CreateSubscription({**details, "customer": customer.id})
        book = of_subscription(session, None, begins)
    else:
        return Book(
            account=session.world.account,
            settings=session.settings(),
            customer=customer,
            pending=invoices.pending_of(session, customer.id) if customer else (),
            shelf=shelf,
        )
    waits = () if given.get("preview_mode") == "recurring" else book.pending
    return replace(book, pending=waits, shelf=_both(book.shelf, shelf))


def _customer(session: Session, given: Given) -> Customer | None:
    named = given.get("customer")
    if named is None:
        return None
    customer = session.get(Customer, named)
    if customer is None or customer.deleted:
        raise CustomerIsDeleted(f"No such customer: '{named}'", "customer")
    return customer


def _subscription(
    session: Session, given: Given, details: Given, customer: Customer | None
) -> Subscription | None:
    """Return the subscription named, else the customer's that is billed first; None for a new one."""
    named = given.get("subscription")
    if named is not None:
        found = session.get(Subscription, named)
        if found is None or (customer is not None and found.customer_id != customer.id):
            raise ObjectMissing("subscription", named, "subscription")
        return found
    if customer is None or details.get("items"):
        return None
    running = subscriptions.running_of(session, customer.id)
    return min(running, key=lambda each: each.current_period_end, default=None)


def _named_price(entry: Given) -> Given:
    """Say the price of a preview's item where the loader of lines looks for it."""
    return {**entry, "pricing": {"price": entry["price"]}} if entry.get("price") else entry


def _both(first: Shelf, second: Shelf) -> Shelf:
    return replace(
        second,
        prices={**first.prices, **second.prices},
        products={**first.products, **second.products},
        tax_rates={**first.tax_rates, **second.tax_rates},
    )


def _rendered(session: Session, made: Preview) -> tuple[bytes, Mapping[str, bytes]]:
    """Render the invoice with all its lines: there is no list of them to be read later."""
    frame = Frame(session.world.account, session.world.livemode, "")
    id = f"{UPCOMING}{made.invoice.id}"
    lines = tuple(replace(line, invoice_id=id) for line in made.lines)
    page = line_page(lines, id, frame, most=max(len(lines), 1))
    ((_, body),) = shown(replace(made.invoice, id=id, lines_page=page), frame)
    discounts = {id: body for made_now in made.discounts for id, body in shown(made_now, frame)}
    return body, discounts
