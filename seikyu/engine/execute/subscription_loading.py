"""Loading for subscriptions: the customer is locked first, as for everything about its money."""

from collections.abc import Iterable
from typing import Any

from seikyu.engine.billing.advancing import Advance
from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Given
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Shelf
from seikyu.engine.billing.payment import Settle
from seikyu.engine.billing.payment_intent import PaymentIntent
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.refusals import CustomerIsDeleted, ObjectMissing
from seikyu.engine.billing.subscription import (
    CANCEL,
    EXPIRE,
    INCOMPLETE,
    AdvanceSubscription,
    CancelSubscription,
    CreateSubscription,
    CreateSubscriptionItem,
    DeleteSubscriptionItem,
    Subscription,
    SubscriptionItem,
    UpdateSubscriptionItem,
    next_step,
)
from seikyu.engine.store import cash, catalogue, discounts, invoices, subscriptions
from seikyu.engine.store.session import Session

ON_ITEMS = (UpdateSubscriptionItem, DeleteSubscriptionItem)


def of_subscription(session: Session, id: str | None, command: Any) -> Book:
    """Load for the commands of ``billing.subscribing``."""
    given: Given = getattr(command, "given", {})
    if isinstance(command, CreateSubscription):
        return _for_new(session, given)
    subscription = _locked(session, _id_of(session, id, command))
    customer = session.get(Customer, subscription.customer_id)
    items = subscriptions.items_of(session, subscription.id)
    step = next_step(subscription)
    ends = isinstance(command, CancelSubscription) or (
        isinstance(command, AdvanceSubscription) and step is not None and step[1] == CANCEL
    )
    expires = subscription.status == INCOMPLETE or (step is not None and step[1] == EXPIRE)
    latest = session.get(Invoice, subscription.latest_invoice_id) if expires else None
    payments = invoices.payments_of(session, latest.id) if latest is not None else ()
    settings = session.settings()
    return Book(
        account=session.world.account,
        settings=settings,
        customer=customer,
        sequence=invoices.sequence_of(session, settings.numbering),
        subscription=subscription,
        items=items,
        shelf=_shelf(session, given, subscription.customer_id, items),
        pending=invoices.pending_of(session, subscription.customer_id),
        method=_method(session, given, subscription, customer),
        cash=cash.balance(session, subscription.customer_id),
        invoice=latest,
        expected=session.get(PaymentIntent, latest.intent_id) if latest is not None else None,
        payments=payments,
        in_flight=invoices.in_flight_on(session, payments),
        unpaid=subscriptions.unpaid_of(session, subscription.id) if ends else (),
    )


def ending_with(
    session: Session,
    invoice: Invoice,
    subscription: Subscription | None,
    method: PaymentMethod | None,
    command: Any,
) -> tuple[Invoice, ...]:
    """Return what else is not paid of a subscription that collections may end in this step.

    The first charge of a card is no such step: nobody looks then.
    """
    if subscription is None or not isinstance(command, Advance) or invoice.status != "open":
        return ()
    charged = invoice.collection_method == "charge_automatically" and method is not None
    first = charged and not invoice.attempted
    return () if first else subscriptions.unpaid_of(session, subscription.id)


def ending_after(
    session: Session, subscription: Subscription | None, attempt: Attempt, settled: Settle
) -> tuple[Invoice, ...]:
    """Return the same for the outcome of a charge: one that collections made, and that failed."""
    failed = attempt.scheduled and settled.outcome.status != "succeeded"
    if subscription is None or not failed:
        return ()
    return subscriptions.unpaid_of(session, subscription.id)


def _id_of(session: Session, id: str | None, command: Any) -> str:
    """Return the id of the subscription that the command is about."""
    if isinstance(command, CreateSubscriptionItem):
        return str(command.given.get("subscription"))
    if not isinstance(command, ON_ITEMS):
        return id or ""
    item = session.get(SubscriptionItem, command.id)
    if item is None:
        raise ObjectMissing("subscription_item", command.id, "id")
    return item.subscription_id


def _locked(session: Session, id: str) -> Subscription:
    subscriptions.lock_by_subscription(session, id)
    subscription = session.get(Subscription, id)
    if subscription is None:
        raise ObjectMissing("subscription", id, "id")
    return subscription


def _for_new(session: Session, given: Given) -> Book:
    customer = session.lock(given.get("customer"))
    if customer is None or customer.deleted:
        raise CustomerIsDeleted(f"No such customer: '{given.get('customer')}'", "customer")
    settings = session.settings()
    return Book(
        account=session.world.account,
        settings=settings,
        customer=customer,
        sequence=invoices.sequence_of(session, settings.numbering),
        shelf=_shelf(session, given, customer.id),
        pending=invoices.pending_of(session, customer.id),
        method=_method(session, given, None, customer),
        cash=cash.balance(session, customer.id),
    )


def _method(
    session: Session, given: Given, subscription: Subscription | None, customer: Customer | None
) -> PaymentMethod | None:
    """Return the card that is named, else the one that would be charged."""
    own = given.get("default_payment_method")
    if own is None and subscription is not None:
        own = subscription.default_payment_method
    default = customer.default_payment_method if customer is not None else None
    return session.get(PaymentMethod, own or default)


def _shelf(
    session: Session, given: Given, customer_id: str, items: Iterable[SubscriptionItem] = ()
) -> Shelf:
    """Fetch the prices, products and tax rates that are named, and the products of what is billed."""
    entries = [
        *(given.get("items") or ()),
        *(given.get("add_invoice_items") or ()),
        given,  # an item's own commands name its price themselves
    ]
    rates = [*(given.get("default_tax_rates") or ())]
    for entry in entries:
        rates += entry.get("tax_rates") or ()
    named = catalogue.shelf(
        session,
        price_ids=[entry["price"] for entry in entries if entry.get("price")],
        product_ids=[
            *(item.price.product_id for item in items),
            *(
                entry["price_data"]["product"]
                for entry in entries
                if (entry.get("price_data") or {}).get("product")
            ),
        ],
        rate_ids=rates,
    )
    redeemable = discounts.offers(session, (given,), customer_id)
    return replace(
        named,
        coupons=redeemable.coupons,
        promotion_codes=redeemable.promotion_codes,
        customer_is_new=redeemable.customer_is_new,
    )
