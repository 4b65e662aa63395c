"""``decide`` for invoices: look the command up in the table, then let its rule answer."""

from seikyu.engine.billing import applying, collecting, drafting, line_edits, payment_planning
from seikyu.engine.billing.advancing import Advance, advance
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Context, Decision, merged_decisions
from seikyu.engine.billing.finalizing import finalize, finalize_and_mail
from seikyu.engine.billing.invoice import (
    DRAFT,
    PAID,
    AddLines,
    AttachPayment,
    CreateInvoice,
    CreatePaymentPlan,
    DeleteInvoice,
    DetachPayment,
    FinalizeInvoice,
    Invoice,
    MarkPaidOutOfBand,
    MarkUncollectible,
    PayInvoice,
    RemoveLines,
    SendInvoice,
    UpdateInvoice,
    UpdateLines,
    UpdatePaymentPlan,
    VoidInvoice,
    allowed,
)
from seikyu.engine.billing.numbering import Sequence
from seikyu.engine.billing.payment_intent import InvoicePayment, PaymentIntent


def decide(book: Book, command: object, context: Context) -> Decision:
    """Decide a command on an invoice. Raises the refusal that TABLE or the rule names."""
    if isinstance(command, CreateInvoice):
        return drafting.create(book, command.given, context)
    invoice = book.invoice
    assert invoice is not None
    if isinstance(command, Advance):
        return advance(book, context)
    allowed(invoice.status, type(command))
    if invoice.status == DRAFT and isinstance(
        command, SendInvoice | PayInvoice | MarkPaidOutOfBand
    ):
        return _finalize_first(book, command, context)
    return _rule(book, command, context)


def _rule(book: Book, command: object, context: Context) -> Decision:  # noqa: C901 (the list of commands)
    match command:
        case UpdateInvoice(given):
            return drafting.update(book, given, context)
        case DeleteInvoice():
            return drafting.delete(book)
        case AddLines():
            return line_edits.add_lines(book, command, context)
        case UpdateLines():
            return line_edits.update_lines(book, command, context)
        case RemoveLines():
            return line_edits.remove_lines(book, command)
        case FinalizeInvoice():
            return finalize_and_mail(book, command, context)
        case SendInvoice():
            return collecting.send(book, context)
        case PayInvoice():
            return collecting.pay(book, command, context)
        case MarkPaidOutOfBand():
            return collecting.pay_out_of_band(book, context)
        case VoidInvoice():
            return collecting.void(book, context)
        case MarkUncollectible():
            return collecting.mark_uncollectible(book, context)
        case AttachPayment():
            return applying.attach(book, context)
        case DetachPayment():
            return applying.detach(book, context)
        case CreatePaymentPlan():
            return payment_planning.create(book, command, context)
        case UpdatePaymentPlan():
            return payment_planning.update(book, command, context)
    raise AssertionError(f"no rule for {type(command).__name__}")


def _finalize_first(book: Book, command: object, context: Context) -> Decision:
    """``send`` and ``pay`` on a draft finalize it in the same breath."""
    if isinstance(command, SendInvoice):
        collecting.sendable(book)  # raises before anything is finalized
    first = finalize(book, FinalizeInvoice(), context)
    invoice = first.answer
    assert isinstance(invoice, Invoice)
    if invoice.status == PAID and not isinstance(command, SendInvoice):
        return first
    then = _rule(after(book, first), command, context)
    return merged_decisions(first, then)


def after(book: Book, decision: Decision) -> Book:
    """Return the book as the decision leaves it, for a second decision in the same breath.

    Finalizing a revision also saves the payment of the invoice it voids: that one is not taken up.
    """
    id = decision.answer.id
    for record in decision.saves:
        if isinstance(record, Invoice) and record.id == id:
            book = replace(book, invoice=record)
        elif isinstance(record, Customer):
            book = replace(book, customer=record)
        elif isinstance(record, Sequence):
            book = replace(book, sequence=record)
        elif isinstance(record, PaymentIntent) and record.invoice_id == id:
            book = replace(book, expected=record)
        elif isinstance(record, InvoicePayment) and record.invoice_id == id:
            book = replace(book, payments=(record,))
    return book
