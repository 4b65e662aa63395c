"""Queries of unapplied payments: the list, and the invoices that each could be applied to."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, case, or_, select

from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.payment_intent import PaymentIntent
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.billing.unapplied import Unapplied
from seikyu.engine.store.session import Session, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import invoices, unapplied

__all__ = ["Unapplied", "candidates", "page", "present"]

MOST_CANDIDATES = 10

_CANDIDATES = Statement(
    select(*columns(Invoice))
    .where(
        invoices.c.world_id == bindparam("world"),
        invoices.c.customer_id == bindparam("customer_id"),
        or_(invoices.c.status == "open", invoices.c.status == "uncollectible"),
        invoices.c.currency == bindparam("currency"),
        invoices.c.amount_remaining >= bindparam("amount"),
    )
    .order_by(
        case((invoices.c.amount_remaining == bindparam("amount"), 0), else_=1),
        invoices.c.finalized_at,
        invoices.c.id,
    )
    .limit(bindparam("most"))
)


@lru_cache(maxsize=16)
def _page(by_customer: bool, cursor: str) -> Statement:
    query = select(*columns(Unapplied)).where(unapplied.c.world_id == bindparam("world"))
    if by_customer:
        query = query.where(unapplied.c.customer_id == bindparam("customer"))
    if cursor == "after":
        query = query.where(unapplied.c.id < bindparam("cursor"))
    if cursor == "before":
        query = query.where(unapplied.c.id > bindparam("cursor"))
    order = unapplied.c.id if cursor == "before" else unapplied.c.id.desc()
    return Statement(query.order_by(order).limit(bindparam("most")))


def page(
    session: Session,
    given: Mapping[str, Any],
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
) -> tuple[list[Unapplied], bool]:
    """Return up to ``limit`` payments, newest first, and whether there are more that way."""
    cursor = "after" if after else "before" if before else ""
    values: dict[str, Any] = {name: given[name] for name in ("customer",) if given.get(name)}
    if cursor:
        values["cursor"] = after or before
    statement = _page("customer" in values, cursor)
    found = session.all(Unapplied, statement, most=limit + 1, **values)
    shown = list(found[:limit])
    return (shown[::-1] if cursor == "before" else shown), len(found) > limit


def present(session: Session, payment: Unapplied, now: int) -> int:
    """Return the present of the payment's customer: their test clock's, else ``now``, the system's."""
    customer = session.get(Customer, payment.customer_id)
    clock = session.get(TestClock, customer.clock_id) if customer else None
    return clock.frozen_time if clock else now


def candidates(session: Session, payment: Unapplied) -> tuple[Invoice, ...]:
    """Return the invoices that the whole payment could go to: exactly equal first, then the oldest.

    One that was refunded in part can go to none.
    """
    intent = session.get(PaymentIntent, payment.intent_id)
    if intent is None or intent.amount_refunded:
        return ()
    return session.all(
        Invoice,
        _CANDIDATES,
        customer_id=payment.customer_id,
        currency=payment.currency,
        amount=payment.amount,
        most=MOST_CANDIDATES,
    )
