"""Loading for what moves a cash balance: its customer is locked first, as for everything about money."""

from typing import Any

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.cash import CUSTOMER_BALANCE
from seikyu.engine.billing.cash_instructions import virtual_branch
from seikyu.engine.billing.cash_reconciling import Latest
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Given
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.payment_intent import InvoicePayment, PaymentIntent
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.refusals import ObjectMissing
from seikyu.engine.billing.subscription import Subscription
from seikyu.engine.store import cash, invoices
from seikyu.engine.store.session import Session


def of_cash(session: Session, id: str | None, command: Any) -> Book:
    """Load for the commands of ``billing.funding``; ``id`` is the customer's."""
    del command
    customer = session.lock(id)
    if customer is None or customer.deleted:
        raise ObjectMissing("customer", id or "")
    return with_cash(session, page_of_customer(session, customer))


def of_cash_intent(session: Session, id: str | None, command: Any) -> Book:
    """Load for ``billing.cash_paying``: the payment, and the invoice that it is expected on."""
    del command
    intent = session.get(PaymentIntent, id)
    if intent is None:
        raise ObjectMissing("payment_intent", id or "", "intent")
    customer = session.lock(intent.customer_id)
    intent = session.get(PaymentIntent, id)
    assert intent is not None
    book = Book(session.world.account, session.settings(), customer=customer, intent=intent)
    return with_cash(session, on_invoice(session, book, intent))


def page_of_customer(session: Session, customer: Customer) -> Book:
    """Return the book of a customer about whom nothing but money is asked."""
    return Book(session.world.account, session.settings(), customer=customer)


def with_cash(session: Session, book: Book) -> Book:
    """Return the book with the customer's cash balance, and with what a new number must be above."""
    if book.customer is None:
        return book
    branch = virtual_branch(book.settings, livemode=session.world.livemode)
    return replace(
        book,
        cash=cash.balance(session, book.customer.id),
        last_virtual=cash.last_virtual(session, branch),
    )


def needs_cash(given: Given, intent: PaymentIntent | None, method: PaymentMethod | None) -> bool:
    """Say whether a command on a payment may move money of a cash balance."""
    data = given.get("payment_method_data") or {}
    if data.get("type") == CUSTOMER_BALANCE:
        return True
    if method is not None and method.type == CUSTOMER_BALANCE:
        return True
    return intent is not None and intent.amount_funded > 0


def on_invoice(session: Session, book: Book, intent: PaymentIntent) -> Book:
    """Return the book with the invoice on which the payment is expected, and all that it says."""
    applied = invoices.applications_of(session, intent.id)
    invoice = session.get(Invoice, applied[0].invoice_id) if applied else None
    method = session.get(PaymentMethod, intent.payment_method_id)
    if invoice is None:
        return replace(book, method=method, in_flight=invoices.in_flight(session, intent.id))
    return replace(_page(session, book, invoice, {}), intent=intent, method=method)


def page_of(session: Session, book: Book, item: Invoice | PaymentIntent, latest: Latest) -> Book:
    """Return what paying the item must know, as the decision under way leaves it."""
    blank = Book(book.account, book.settings, customer=book.customer)
    if isinstance(item, Invoice):
        return _page(session, blank, item, latest)
    page = on_invoice(session, replace(blank, intent=item), item)
    if page.invoice is None:
        return page
    newest = latest.get(page.invoice.id, page.invoice)
    assert isinstance(newest, Invoice)
    return replace(_page(session, page, newest, latest), intent=item, method=page.method)


def _page(session: Session, book: Book, invoice: Invoice, latest: Latest) -> Book:
    stored = {payment.id: payment for payment in invoices.payments_of(session, invoice.id)}
    made = {
        record.id: record
        for record in latest.values()
        if isinstance(record, InvoicePayment) and record.invoice_id == invoice.id
    }
    payments = tuple(sorted({**stored, **made}.values(), key=lambda payment: payment.id))
    expected = _newest(session, PaymentIntent, invoice.intent_id, latest)
    return replace(
        book,
        invoice=invoice,
        payments=payments,
        expected=expected,
        subscription=_newest(session, Subscription, invoice.subscription_id, latest),
        in_flight=invoices.in_flight_on(session, payments),
        method=None if expected is None else session.get(PaymentMethod, expected.payment_method_id),
    )


def _newest(session: Session, record: type[Any], id: str | None, latest: Latest) -> Any:
    return session.get(record, id) if id not in latest else latest[id or ""]
