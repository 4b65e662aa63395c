"""Queries of cash balances: what of a customer waits for money, and which virtual accounts are given out."""

from sqlalchemy import bindparam, func, literal_column, select

from seikyu.engine.billing.cash import CashBalance, cash_id
from seikyu.engine.billing.cash_reconciling import Waiting
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.payment_intent import PaymentIntent
from seikyu.engine.store.session import Session, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import attempts, cash_balances, invoices, payment_intents

_OPEN = Statement(
    select(*columns(Invoice)).where(
        invoices.c.world_id == bindparam("world"),
        invoices.c.customer_id == bindparam("customer_id"),
        invoices.c.status == literal_column("'open'"),
    )
)
_INTENTS = Statement(
    select(*columns(PaymentIntent)).where(
        payment_intents.c.world_id == bindparam("world"),
        payment_intents.c.customer_id == bindparam("customer_id"),
        payment_intents.c.status == literal_column("'requires_action'"),
    )
)
_BUSY = Statement(
    select(attempts.c.intent_id).where(
        attempts.c.world_id == bindparam("world"),
        attempts.c.customer_id == bindparam("customer_id"),
        attempts.c.status == literal_column("'processing'"),
    )
)
_LAST_VIRTUAL = Statement(
    select(func.max(cash_balances.c.virtual_number)).where(
        cash_balances.c.world_id == bindparam("world"),
        cash_balances.c.virtual_branch == bindparam("branch"),
        cash_balances.c.virtual_number.is_not(None),
    )
)


def balance(session: Session, customer_id: str) -> CashBalance | None:
    """Return the customer's cash balance, None when there never was anything to say."""
    return session.get(CashBalance, cash_id(customer_id))


def waiting_of(session: Session, customer_id: str) -> Waiting:
    """Return what of the customer waits for money."""
    busy = session.rows(_BUSY, customer_id=customer_id)
    return Waiting(
        invoices=session.all(Invoice, _OPEN, customer_id=customer_id),
        intents=session.all(PaymentIntent, _INTENTS, customer_id=customer_id),
        busy=frozenset(str(row[0]) for row in busy),
    )


def last_virtual(session: Session, branch: str | None) -> int | None:
    """Return the highest virtual account given out in the branch, None when none was."""
    if branch is None:
        return None
    rows = session.rows(_LAST_VIRTUAL, branch=branch)
    return int(rows[0][0]) if rows and rows[0][0] is not None else None
