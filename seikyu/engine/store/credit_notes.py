"""Queries of credit notes, and of what a further one of the same invoice stands on."""

from sqlalchemy import bindparam, select

from seikyu.engine.billing.credit_note import CreditFacts, CreditNote, PaidBy
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.payment_intent import Charge, InvoicePayment, PaymentIntent
from seikyu.engine.billing.refund_record import Refund
from seikyu.engine.store import invoices
from seikyu.engine.store.session import Session, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import credit_notes, refunds

_NOTES = Statement(
    select(*columns(CreditNote))
    .where(
        credit_notes.c.world_id == bindparam("world"),
        credit_notes.c.invoice_id == bindparam("invoice_id"),
    )
    .order_by(credit_notes.c.id)
)
_REFUNDS = Statement(
    select(*columns(Refund))
    .where(
        refunds.c.world_id == bindparam("world"),
        refunds.c.intent_id == bindparam("intent_id"),
    )
    .order_by(refunds.c.id)
)


def notes_of(session: Session, invoice_id: str) -> tuple[CreditNote, ...]:
    """Return all credit notes of the invoice, oldest first, voided ones too."""
    return session.all(CreditNote, _NOTES, invoice_id=invoice_id)


def facts_of(
    session: Session, invoice: Invoice, payments: tuple[InvoicePayment, ...]
) -> CreditFacts:
    """Return what a credit note of the invoice stands on. ``payments`` are all of the invoice."""
    paid = [payment.intent_id for payment in payments if payment.status == "paid"]
    intents = [intent for id in paid if (intent := session.get(PaymentIntent, id)) is not None]
    return CreditFacts(
        notes=notes_of(session, invoice.id),
        lines=invoices.lines_of(session, invoice.id),
        paid_by=tuple(_paid_by(session, intent) for intent in intents),
        refunds=tuple(
            refund for id in paid for refund in session.all(Refund, _REFUNDS, intent_id=id)
        ),
    )


def facts_for_shortfall(session: Session, invoice: Invoice | None) -> CreditFacts | None:
    """Return the facts when the account lets small shortfalls go in this currency; else None."""
    if invoice is None or not session.settings().shortfall_tolerance.get(invoice.currency):
        return None
    return facts_of(session, invoice, invoices.payments_of(session, invoice.id))


def _paid_by(session: Session, intent: PaymentIntent) -> PaidBy:
    busy = invoices.in_flight(session, intent.id) is not None
    return PaidBy(intent, session.get(Charge, intent.latest_charge), busy)
