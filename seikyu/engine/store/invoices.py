"""Queries of invoices, their lines and the payments on them."""

from sqlalchemy import bindparam, literal_column, select

from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.numbering import Sequence, sequence_id
from seikyu.engine.billing.payment_intent import InvoicePayment
from seikyu.engine.billing.settings import Numbering
from seikyu.engine.store.catalogue import prefix_owner
from seikyu.engine.store.session import Session, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import attempts, invoice_payments, invoices, lines

_LINES = Statement(
    select(*columns(Line))
    .where(
        lines.c.world_id == bindparam("world"),
        lines.c.invoice_id == bindparam("invoice_id"),
    )
    .order_by(lines.c.position)
)
_PENDING = Statement(
    select(*columns(Line))
    .where(
        lines.c.world_id == bindparam("world"),
        lines.c.customer_id == bindparam("customer_id"),
        lines.c.invoice_id.is_(None),
    )
    .order_by(lines.c.id)
)
PAYMENTS = Statement(
    select(*columns(InvoicePayment))
    .where(
        invoice_payments.c.world_id == bindparam("world"),
        invoice_payments.c.invoice_id == bindparam("invoice_id"),
    )
    .order_by(invoice_payments.c.id)
)
APPLICATIONS = Statement(
    select(*columns(InvoicePayment))
    .where(
        invoice_payments.c.world_id == bindparam("world"),
        invoice_payments.c.intent_id == bindparam("intent_id"),
        invoice_payments.c.status != "canceled",
    )
    .order_by(invoice_payments.c.id)
)
IN_FLIGHT = Statement(
    select(*columns(Attempt)).where(
        attempts.c.world_id == bindparam("world"),
        attempts.c.intent_id == bindparam("intent_id"),
        attempts.c.status == literal_column("'processing'"),
    )
)
_BY_NUMBER = Statement(
    select(invoices.c.id).where(
        invoices.c.world_id == bindparam("world"), invoices.c.number == bindparam("of_number")
    )
)
DRAFTS = Statement(
    select(*columns(Invoice)).where(
        invoices.c.world_id == bindparam("world"),
        invoices.c.customer_id == bindparam("customer_id"),
        invoices.c.status == "draft",
    )
)


def lines_of(session: Session, invoice_id: str) -> tuple[Line, ...]:
    """Return all lines of the invoice, in order."""
    return session.all(Line, _LINES, invoice_id=invoice_id)


def pending_of(session: Session, customer_id: str) -> tuple[Line, ...]:
    """Return the customer's lines that wait for an invoice, oldest first."""
    return session.all(Line, _PENDING, customer_id=customer_id)


def payments_of(session: Session, invoice_id: str) -> tuple[InvoicePayment, ...]:
    """Return the payments of the invoice, oldest first, canceled ones too."""
    return session.all(InvoicePayment, PAYMENTS, invoice_id=invoice_id)


def applications_of(session: Session, intent_id: str) -> tuple[InvoicePayment, ...]:
    """Return where the payment is applied or expected (not what was canceled)."""
    return session.all(InvoicePayment, APPLICATIONS, intent_id=intent_id)


def in_flight(session: Session, intent_id: str | None) -> Attempt | None:
    """Return the charge of the payment that has no outcome yet."""
    if intent_id is None:
        return None
    return next(iter(session.all(Attempt, IN_FLIGHT, intent_id=intent_id)), None)


def in_flight_on(session: Session, payments: tuple[InvoicePayment, ...]) -> Attempt | None:
    """Return a charge without an outcome among the payments that an invoice still expects."""
    expected = (payment.intent_id for payment in payments if payment.status == "open")
    return next((a for id in expected if (a := in_flight(session, id)) is not None), None)


def number_owner(session: Session, number: str | None) -> str | None:
    """Return the invoice that has the number, else the customer whose prefix it has."""
    if number is None:
        return None
    rows = session.rows(_BY_NUMBER, of_number=number)
    prefix, dash, _ = number.rpartition("-")
    return str(rows[0][0]) if rows else prefix_owner(session, prefix if dash else None)


def sequence_of(session: Session, numbering: Numbering) -> Sequence | None:
    """Return the account's counter and hold it until the transaction ends; None when it has none.

    Whoever numbers an invoice comes last to it, after its customer, so nobody waits for anybody in turn.
    """
    if numbering.scheme != "account":
        return None
    return session.locked(Sequence, sequence_id(numbering.prefix))


def is_accounts_prefix(session: Session, prefix: str | None) -> bool:
    """Say whether the account counts under the prefix, or ever did."""
    if prefix is None:
        return False
    numbering = session.settings().numbering
    counts = numbering.scheme == "account" and numbering.prefix == prefix
    return counts or session.get(Sequence, sequence_id(prefix)) is not None


def drafts_of(session: Session, customer_id: str) -> tuple[Invoice, ...]:
    """Return the customer's drafts."""
    return session.all(Invoice, DRAFTS, customer_id=customer_id)
