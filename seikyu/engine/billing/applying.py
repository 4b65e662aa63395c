"""Applying payments to invoices, and taking them off again.

A payment goes to one invoice, whole. Un-applied it is free for another; what is owed again is owed as
before, and nothing about the invoice happens by itself any more. The events of each move are those of
``invoice.TABLE``. Source: Stripe, "Apply payments to invoices".
"""

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import (
    collected,
    default_in_step,
    paid_up,
)
from seikyu.engine.billing.covering import covered, uncovered
from seikyu.engine.billing.decision import Announcement, Context, Decision
from seikyu.engine.billing.invoice import OPEN, PAID, Invoice
from seikyu.engine.billing.payment_intent import InvoicePayment, PaymentIntent
from seikyu.engine.billing.refusals import PaymentNotApplicable, PaymentNotApplied

INVALID, STATE = "payment_intent_invalid_parameter", "payment_intent_unexpected_state"
"""Stripe's codes for a payment that is not for this invoice, and for one that is not free."""


def applicable(invoice: Invoice, intent: PaymentIntent, elsewhere: InvoicePayment | None) -> None:
    """Raise PaymentNotApplicable with the reason why this payment cannot go to this invoice."""
    found = _objection(invoice, intent, elsewhere)
    if found is not None:
        code, reason = found
        raise PaymentNotApplicable(
            f"The payment {intent.id} cannot be applied to the invoice {invoice.id}: {reason}.",
            "payment_intent",
            code,
        )


def _objection(
    invoice: Invoice, intent: PaymentIntent, elsewhere: InvoicePayment | None
) -> tuple[str, str] | None:
    """Return the code of what is wrong with the payment, and say it; None when nothing is."""
    if intent.customer_id is None:
        return INVALID, "it belongs to no customer"
    if intent.customer_id != invoice.customer_id:
        return INVALID, "it belongs to another customer"
    if intent.currency != invoice.currency:
        return INVALID, f"it is in {intent.currency}, the invoice in {invoice.currency}"
    if elsewhere is not None and elsewhere.invoice_id == invoice.id:
        return STATE, "it is applied to this very invoice already"
    if elsewhere is not None:
        reason = f"it is applied to the invoice {elsewhere.invoice_id} already; un-apply it first"
        return STATE, f"{reason}, for a payment is applied whole and to one invoice"
    if intent.status == "canceled":
        return STATE, "it is canceled"
    if intent.amount_refunded:
        return "charge_already_refunded", "it was refunded"
    if intent.invoice_id == invoice.id:
        return STATE, "it is the payment that this invoice expects anyway; pay the invoice"
    if intent.invoice_id is not None:
        return STATE, f"it is the payment that the invoice {intent.invoice_id} expects"
    if intent.amount > invoice.amount_remaining:
        reason = f"its amount ({intent.amount}) is larger than what remains of the invoice"
        return (
            "amount_too_large",
            f"{reason} ({invoice.amount_remaining}); a payment is applied whole",
        )
    return None


def attach(book: Book, context: Context) -> Decision:
    """Apply the book's payment: credited at once when it succeeded, else when it does."""
    before, intent = book.invoice, book.applied
    assert before is not None
    assert intent is not None
    applicable(before, intent, book.elsewhere)
    received = intent.status == "succeeded"
    payment = InvoicePayment(
        id=context.mint("inpay"),
        created=context.now,
        invoice_id=before.id,
        intent_id=intent.id,
        amount_requested=intent.amount,
        currency=intent.currency,
        amount_paid=intent.amount if received else None,
        status="paid" if received else "open",
        paid_at=context.now if received else None,
    )
    if not received:
        return Decision(before, (payment,))
    money = covered(book, before, intent.amount, context)
    book = money.book
    saves, announcements, after = default_in_step(book, money.invoice, context)
    people, news = paid_up(book, after, context)
    return Decision(
        after,
        (payment, *money.saves, *saves, after, *people),
        announcements=(
            *announcements,
            Announcement("invoice_payment.paid", payment),
            *money.news,
            *collected(before, after),
            *news,
        ),
    )


def detach(book: Book, context: Context) -> Decision:
    """Un-apply the book's payment: it is free again, its amount owed again, and nothing automatic."""
    before, intent = book.invoice, book.applied
    assert before is not None
    assert intent is not None
    payment = next(
        (p for p in book.payments if p.intent_id == intent.id and p.status == "paid"), None
    )
    if payment is None or payment.amount_paid is None:
        raise PaymentNotApplied(
            f"The payment {intent.id} cannot be un-applied from the invoice {before.id}: "
            f"{_why_not_applied(book, intent, before)}.",
            "payment_intent",
            STATE,
        )
    freed = replace(payment, status="canceled", canceled_at=context.now)
    money = uncovered(book, before, payment.amount_paid, context)
    book, after = money.book, money.invoice
    if after.amount_remaining:
        after = replace(after, auto_advance=False)
    if after.amount_remaining and before.status == PAID:
        after = replace(after, status=OPEN, paid_at=None)
    saves, announcements, after = default_in_step(book, after, context)
    unbound = replace(intent, invoice_id=None)
    return Decision(
        after,
        (freed, unbound, *money.saves, *saves, after),
        announcements=(
            *announcements,
            Announcement("invoice_payment.detached", freed),
            *money.news,
            Announcement("invoice.updated", after, before),
        ),
    )


def _why_not_applied(book: Book, intent: PaymentIntent, invoice: Invoice) -> str:
    """Say what the payment is to the invoice that it is not applied to."""
    if any(p.intent_id == intent.id and p.status == "open" for p in book.payments):
        return "it is expected there, and no money came yet"
    if book.elsewhere is not None and book.elsewhere.invoice_id != invoice.id:
        return f"it is applied to the invoice {book.elsewhere.invoice_id}"
    return "it is not applied to it"
