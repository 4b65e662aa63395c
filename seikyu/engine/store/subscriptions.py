"""Queries of subscriptions, their items and their invoices."""

from sqlalchemy import bindparam, or_, select

from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.subscription import OVER, Subscription, SubscriptionItem
from seikyu.engine.store.session import Session, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import customers, invoices, subscription_items, subscriptions

_ITEMS = Statement(
    select(*columns(SubscriptionItem))
    .where(
        subscription_items.c.world_id == bindparam("world"),
        subscription_items.c.subscription_id == bindparam("subscription_id"),
    )
    .order_by(subscription_items.c.id)
)
_UNPAID = Statement(
    select(*columns(Invoice))
    .where(
        invoices.c.world_id == bindparam("world"),
        invoices.c.subscription_id == bindparam("subscription_id"),
        or_(invoices.c.status == "draft", invoices.c.status == "open"),
    )
    .order_by(invoices.c.id)
)
_RUNNING = Statement(
    select(*columns(Subscription))
    .where(
        subscriptions.c.world_id == bindparam("world"),
        subscriptions.c.customer_id == bindparam("customer_id"),
        *(subscriptions.c.status != status for status in sorted(OVER)),
    )
    .order_by(subscriptions.c.id)
)
_RUNNING_ON = Statement(
    select(*columns(Subscription))
    .where(
        subscriptions.c.world_id == bindparam("world"),
        subscriptions.c.clock_id == bindparam("clock_id"),
        *(subscriptions.c.status != status for status in sorted(OVER)),
    )
    .order_by(subscriptions.c.id)
)
_LOCK = Statement(
    select(customers.c.id)
    .where(
        customers.c.world_id == bindparam("world"),
        customers.c.id
        == select(subscriptions.c.customer_id)
        .where(
            subscriptions.c.world_id == bindparam("world"), subscriptions.c.id == bindparam("of_id")
        )
        .scalar_subquery(),
    )
    .with_for_update()
)


def lock_by_subscription(session: Session, id: str) -> None:
    """Hold the customer of the subscription, before the subscription itself is read."""
    if session.connection.dialect != "sqlite":
        session.rows(_LOCK, of_id=id)


def items_of(session: Session, subscription_id: str) -> tuple[SubscriptionItem, ...]:
    """Return what the subscription bills, oldest first."""
    return session.all(SubscriptionItem, _ITEMS, subscription_id=subscription_id)


def unpaid_of(session: Session, subscription_id: str) -> tuple[Invoice, ...]:
    """Return the subscription's drafts and open invoices, oldest first."""
    return session.all(Invoice, _UNPAID, subscription_id=subscription_id)


def running_of(session: Session, customer_id: str) -> tuple[Subscription, ...]:
    """Return the customer's subscriptions that are not over."""
    return session.all(Subscription, _RUNNING, customer_id=customer_id)


def running_on(session: Session, clock_id: str) -> tuple[Subscription, ...]:
    """Return the subscriptions of a test clock that are not over."""
    return session.all(Subscription, _RUNNING_ON, clock_id=clock_id)
