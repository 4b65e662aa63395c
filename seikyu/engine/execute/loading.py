"""Loading: all that a decision may read, fetched before it decides.

One loader per kind of subject. Each first locks the customer, so that two decisions about the same
money never see the same state; then it reads what the command at hand will look at, no more.
A loader raises ObjectMissing for what the command names and does not exist.
"""

from collections.abc import Iterable
from typing import Any

from seikyu.engine.billing.advancing import Advance
from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.configuring import SettingsBook
from seikyu.engine.billing.credit_note import CreditFacts, CreditNote
from seikyu.engine.billing.customer import (
    Customer,
)
from seikyu.engine.billing.decision import Given
from seikyu.engine.billing.invoice import (
    AddLines,
    AttachPayment,
    CreateInvoice,
    DeleteInvoice,
    DetachPayment,
    FinalizeInvoice,
    Invoice,
    MarkPaidOutOfBand,
    PayInvoice,
    RemoveLines,
    SendInvoice,
    UpdateInvoice,
    UpdateLines,
)
from seikyu.engine.billing.line import Line, Shelf
from seikyu.engine.billing.payment_intent import Charge, ConfirmIntent, PaymentIntent
from seikyu.engine.billing.payment_method import (
    PaymentMethod,
)
from seikyu.engine.billing.pending import CreateItem
from seikyu.engine.billing.refund import Refund, UpdateRefund
from seikyu.engine.billing.refusals import CustomerIsDeleted, ObjectMissing
from seikyu.engine.billing.returning import CancelReturn, CompleteReturn, from_balance
from seikyu.engine.billing.subscription import Subscription, SubscriptionItem
from seikyu.engine.billing.test_clock import ClockBook, CreateClock, DeleteClock, TestClock
from seikyu.engine.billing.unapplied import Unapplied, unapplied_id
from seikyu.engine.billing.webhook_endpoint import CreateEndpoint, EndpointBook, WebhookEndpoint
from seikyu.engine.execute import payment_plans
from seikyu.engine.execute.cash_loading import needs_cash, on_invoice, with_cash
from seikyu.engine.execute.subscription_loading import ending_after, ending_with
from seikyu.engine.store import cash, catalogue, credit_notes, discounts, invoices, subscriptions
from seikyu.engine.store.session import Session

EDITS_LINES = (AddLines, UpdateLines, RemoveLines, DeleteInvoice)
FINALIZES = (FinalizeInvoice, SendInvoice, PayInvoice, MarkPaidOutOfBand, Advance)
MOVES_PAYMENTS = (AttachPayment, DetachPayment)


def existing(session: Session, record: type, noun: str, id: str | None, param: str = "id") -> Any:
    found = session.get(record, id)
    if found is None or getattr(found, "deleted", False):
        raise ObjectMissing(noun, id or "", param)
    return found


def locked_customer(session: Session, id: str | None, param: str = "customer") -> Customer:
    customer = session.lock(id)
    if customer is None or customer.deleted:
        raise CustomerIsDeleted(f"No such customer: '{id}'", param)
    return customer


# ── invoices ───────────────────────────────────────────────────────────────────────────────────


def of_invoice(session: Session, id: str | None, command: Any) -> Book:
    """Load for the commands of ``billing.invoicing``."""
    if isinstance(command, CreateInvoice):
        return _for_new_invoice(session, command.given)
    payment_plans.check_named(session, id, command)
    invoice, customer = _locked_invoice(session, id)
    given: Given = command.given if isinstance(command, UpdateInvoice) else {}
    entries: Iterable[Given] = (
        getattr(command, "given", ()) if isinstance(command, EDITS_LINES) else ()
    )
    totals = "default_tax_rates" in given or "discounts" in given
    reads_lines = isinstance(command, EDITS_LINES) or totals
    intent = session.get(PaymentIntent, invoice.intent_id)
    applied, elsewhere = None, None
    if isinstance(command, MOVES_PAYMENTS):
        applied = existing(
            session, PaymentIntent, "payment_intent", command.payment_intent, "payment_intent"
        )
        elsewhere = next(
            (p for p in invoices.applications_of(session, applied.id) if p.status == "paid"
             or not p.is_default),
            None,
        )  # fmt: skip
    original, original_lines = _original(session, invoice)
    subscription = session.get(Subscription, invoice.subscription_id)
    payments = invoices.payments_of(session, invoice.id) if invoice.finalized_at else ()
    original_payments = invoices.payments_of(session, original.id) if original else ()
    settings = session.settings()
    method = _method_for(session, invoice, customer, subscription, command, given)
    numbers = invoice.status == "draft" and isinstance(command, FINALIZES)
    return Book(
        account=session.world.account,
        settings=settings,
        customer=customer,
        invoice=invoice,
        sequence=invoices.sequence_of(session, settings.numbering) if numbers else None,
        cash=cash.balance(session, invoice.customer_id) if numbers else None,
        lines=invoices.lines_of(session, invoice.id) if reads_lines else (),
        pending=_named_items(session, entries) if isinstance(command, AddLines) else (),
        shelf=shelf_of(
            session,
            (given, *entries),
            given.get("default_tax_rates"),
            customer.id if customer else None,
        ),
        payments=payments,
        expected=intent,
        number_owner=invoices.number_owner(session, given.get("number")),
        method=method,
        subscription=subscription,
        applied=applied,
        elsewhere=elsewhere,
        credit=_credit_for(session, invoice, command),
        in_flight=invoices.in_flight_on(session, original_payments if original else payments),
        original=original,
        original_lines=original_lines,
        original_intent=session.get(PaymentIntent, original.intent_id) if original else None,
        original_payments=original_payments,
        payment_plan=payment_plans.of(session, invoice, command),
        unpaid=ending_with(session, invoice, subscription, method, command),
    )


def _credit_for(session: Session, invoice: Invoice, command: Any) -> CreditFacts | None:
    """A payment that comes may leave a small shortfall; one that goes takes its credit note along."""
    if isinstance(command, DetachPayment):
        return CreditFacts(notes=credit_notes.notes_of(session, invoice.id))
    if isinstance(command, AttachPayment):
        return credit_notes.facts_for_shortfall(session, invoice)
    return None


def _locked_invoice(session: Session, id: str | None) -> tuple[Invoice, Customer | None]:
    """Lock the invoice's customer, then read both."""
    session.lock_by_invoice(id or "")
    invoice: Invoice = existing(session, Invoice, "invoice", id)
    return invoice, session.get(Customer, invoice.customer_id)


def _for_new_invoice(session: Session, given: Given) -> Book:
    revised = (given.get("from_invoice") or {}).get("invoice")
    original = None
    if revised is not None:
        session.lock_by_invoice(revised)
        original = existing(session, Invoice, "invoice", revised, "from_invoice[invoice]")
    customer = locked_customer(session, original.customer_id if original else given.get("customer"))
    includes = given.get("pending_invoice_items_behavior") == "include"
    return Book(
        account=session.world.account,
        settings=session.settings(),
        customer=customer,
        pending=invoices.pending_of(session, customer.id) if includes else (),
        shelf=shelf_of(session, (given,), given.get("default_tax_rates"), customer.id),
        method=session.get(PaymentMethod, given.get("default_payment_method")),
        number_owner=invoices.number_owner(session, given.get("number")),
        original=original,
        original_lines=invoices.lines_of(session, original.id) if original else (),
    )


def _original(session: Session, invoice: Invoice) -> tuple[Invoice | None, tuple[Line, ...]]:
    if invoice.revises_id is None or invoice.status != "draft":
        return None, ()
    return session.get(Invoice, invoice.revises_id), ()


def _method_for(
    session: Session,
    invoice: Invoice,
    customer: Customer | None,
    subscription: Subscription | None,
    command: Any,
    given: Given,
) -> PaymentMethod | None:
    """The card named by the command, else the one that would be charged.

    That is the invoice's, else its subscription's, else the customer's.
    """
    if isinstance(command, UpdateInvoice):
        return session.get(PaymentMethod, given.get("default_payment_method"))
    if not isinstance(command, PayInvoice | Advance):
        return None
    if isinstance(command, PayInvoice) and command.payment_method is not None:
        if command.card is not None:
            return None
        named: PaymentMethod = existing(
            session, PaymentMethod, "PaymentMethod", command.payment_method, "payment_method"
        )
        return named
    own = invoice.default_payment_method
    if own is None and subscription is not None:
        own = subscription.default_payment_method
    default = customer.default_payment_method if customer else None
    return session.get(PaymentMethod, own or default)


def _named_items(session: Session, entries: Iterable[Given]) -> tuple[Line, ...]:
    named = [entry["invoice_item"] for entry in entries if entry.get("invoice_item")]
    found = (session.get(Line, id) for id in named)
    return tuple(line for line in found if line is not None and line.invoice_id is None)


def shelf_of(
    session: Session,
    entries: Iterable[Given],
    default_rates: Any = None,
    customer_id: str | None = None,
) -> Shelf:
    """Fetch what the lines name: prices, products, tax rates, and rates equal to inline tax data.

    And the coupons and promotion codes that are to be redeemed for the customer.
    """
    entries = tuple(entries)
    redeemable = discounts.offers(session, entries, customer_id)
    price_ids, product_ids, rate_ids, names = [], [], [*(default_rates or ())], []
    for entry in entries:
        if (price := (entry.get("pricing") or {}).get("price")) is not None:
            price_ids.append(price)
        if (product := (entry.get("price_data") or {}).get("product")) is not None:
            product_ids.append(product)
        rate_ids += entry.get("tax_rates") or ()
        names += [tax["tax_rate_data"]["display_name"] for tax in entry.get("tax_amounts") or ()]
    if not (price_ids or product_ids or rate_ids or names):
        return redeemable
    named = catalogue.shelf(
        session,
        price_ids=price_ids,
        product_ids=product_ids,
        rate_ids=rate_ids,
        rate_names=names,
    )
    return replace(
        named,
        coupons=redeemable.coupons,
        promotion_codes=redeemable.promotion_codes,
        customer_is_new=redeemable.customer_is_new,
    )


def of_item(session: Session, id: str | None, command: Any) -> Book:
    """Load for the commands of ``billing.pending``."""
    given: Given = getattr(command, "given", {})
    if isinstance(command, CreateItem):
        invoice, customer = None, None
        if given.get("invoice"):
            session.lock_by_invoice(given["invoice"])
            invoice = existing(session, Invoice, "invoice", given["invoice"], "invoice")
            customer = session.get(Customer, invoice.customer_id)
            if given.get("customer") not in (None, invoice.customer_id):
                raise ObjectMissing("invoice", given["invoice"], "invoice")
        else:
            customer = locked_customer(session, given.get("customer"))
        book = _item_book(session, customer, invoice, (), given)
        return replace(book, subscription=_named_subscription(session, given, book))
    line = existing(session, Line, "invoiceitem", id)
    customer = session.lock(line.customer_id)
    invoice = session.get(Invoice, line.invoice_id)
    return _item_book(session, customer, invoice, () if invoice else (line,), given)


def _named_subscription(session: Session, given: Given, book: Book) -> Subscription | None:
    """Return the subscription whose next invoice is to take the item up; it is the customer's own."""
    id = given.get("subscription")
    if id is None:
        return None
    found: Subscription = existing(session, Subscription, "subscription", id, "subscription")
    own = book.customer is not None and found.customer_id == book.customer.id
    if not own or (book.invoice is not None and book.invoice.subscription_id != id):
        raise ObjectMissing("subscription", id, "subscription")
    return found


def _item_book(
    session: Session,
    customer: Customer | None,
    invoice: Invoice | None,
    pending: tuple[Line, ...],
    given: Given,
) -> Book:
    return Book(
        account=session.world.account,
        settings=session.settings(),
        customer=customer,
        invoice=invoice,
        lines=invoices.lines_of(session, invoice.id) if invoice else (),
        pending=pending,
        shelf=shelf_of(session, (given,), customer_id=customer.id if customer else None),
    )


# ── payments ───────────────────────────────────────────────────────────────────────────────────


def of_intent(session: Session, id: str | None, command: Any) -> Book:
    """Load for the commands of ``billing.payment`` but Settle."""
    given: Given = command.given
    intent, customer = None, None
    if id is not None:
        intent = existing(session, PaymentIntent, "payment_intent", id)
        customer = session.lock(intent.customer_id)
        if session.connection.dialect != "sqlite" and customer is not None:
            intent = existing(session, PaymentIntent, "payment_intent", id)
    if given.get("customer") and customer is None:
        customer = locked_customer(session, given["customer"])
    method = None
    if command.card is None:
        named = given.get("payment_method")
        if named is not None:
            method = existing(session, PaymentMethod, "PaymentMethod", named, "payment_method")
        elif intent is not None:
            method = session.get(PaymentMethod, intent.payment_method_id)
    book = Book(
        account=session.world.account,
        settings=session.settings(),
        customer=customer,
        intent=intent,
        method=method,
        payments=invoices.applications_of(session, id) if id else (),
        in_flight=invoices.in_flight(session, id),
    )
    if not needs_cash(given, intent, method):
        return book
    if isinstance(command, ConfirmIntent) and intent is not None:
        book = replace(on_invoice(session, book, intent), method=method)
    return with_cash(session, book)


def of_refund(session: Session, id: str | None, command: Any) -> Book:
    """Load for the commands of ``billing.refund``."""
    given: Given = command.given
    if isinstance(command, UpdateRefund):
        refund: Refund = existing(session, Refund, "refund", id)
        session.lock(refund.customer_id)
        return Book(session.world.account, refund=session.get(Refund, id))
    if isinstance(command, CompleteReturn | CancelReturn) or given.get("origin") is not None:
        return of_return(session, id, given)
    intent_id = given.get("payment_intent")
    charge = None
    if given.get("charge"):
        charge = existing(session, Charge, "charge", given["charge"], "charge")
        intent_id = charge.payment_intent_id
    intent = existing(session, PaymentIntent, "payment_intent", intent_id, "payment_intent")
    customer = session.lock(intent.customer_id)
    intent = session.get(PaymentIntent, intent_id)
    assert intent is not None
    book = Book(
        account=session.world.account,
        settings=session.settings(),
        customer=customer,
        intent=intent,
        charge=session.get(Charge, charge.id if charge else intent.latest_charge),
        waiting=session.get(Unapplied, unapplied_id(intent.id)),
        in_flight=invoices.in_flight(session, intent.id),
    )
    paid_from_cash = book.charge is not None and from_balance(book.charge)
    return with_cash(session, book) if paid_from_cash else book


def of_return(session: Session, id: str | None, given: Given) -> Book:
    """Load for refunds of a cash balance to a bank: new ones (no ``id``) and those on their way."""
    customer, refund = None, None
    if id is not None:
        refund = existing(session, Refund, "refund", id)
        customer = session.lock(refund.customer_id)
        refund = session.get(Refund, id)
    elif given.get("customer"):
        customer = locked_customer(session, given["customer"])
    book = Book(session.world.account, session.settings(), customer=customer, refund=refund)
    return with_cash(session, book)


def of_attempt(session: Session, id: str | None, command: Any) -> Book:
    """Load for Settle: the attempt, its payment, and the invoice that the payment is for."""
    attempt: Attempt = existing(session, Attempt, "attempt", id)
    customer = session.lock(attempt.customer_id)
    if session.connection.dialect != "sqlite":
        attempt = existing(session, Attempt, "attempt", id)
    intent = session.get(PaymentIntent, attempt.intent_id)
    assert intent is not None
    expected = invoices.applications_of(session, intent.id)
    invoice = session.get(Invoice, expected[0].invoice_id) if expected else None
    expected_id = invoice.intent_id if invoice else None
    subscription = session.get(Subscription, invoice.subscription_id) if invoice else None
    return Book(
        account=session.world.account,
        settings=session.settings(),
        customer=customer,
        invoice=invoice,
        payments=invoices.payments_of(session, invoice.id) if invoice else (),
        intent=intent,
        expected=intent if expected_id == intent.id else session.get(PaymentIntent, expected_id),
        method=session.get(PaymentMethod, attempt.method_id),
        attempt=attempt,
        refund=session.get(Refund, attempt.refund_id),
        charge=session.get(Charge, intent.latest_charge) if attempt.refund_id else None,
        waiting=session.get(Unapplied, unapplied_id(intent.id)) if attempt.refund_id else None,
        subscription=subscription,
        subject=_subject(session, subscription, attempt.subject_id),
        credit=_credited(session, attempt, invoice),
        unpaid=ending_after(session, subscription, attempt, command),
        in_flight=None if expected_id == intent.id else invoices.in_flight(session, expected_id),
    )


def _credited(session: Session, attempt: Attempt, invoice: Invoice | None) -> CreditFacts | None:
    """Return the credit note that asked for a refund, or what a small shortfall may need."""
    if attempt.refund_id is not None:
        return CreditFacts(note=session.get(CreditNote, attempt.subject_id))
    return credit_notes.facts_for_shortfall(session, invoice)


def _subject(
    session: Session, subscription: Subscription | None, id: str
) -> Subscription | SubscriptionItem | None:
    """Return the subscription, or its item, that asked for a charge; None when it was another object."""
    if subscription is None or subscription.id == id:
        return subscription
    return session.get(SubscriptionItem, id) if id.startswith("si_") else None


def of_settings(session: Session, id: str | None, command: Any) -> SettingsBook:
    """Load for the commands of ``billing.configuring``."""
    del id
    settings = session.settings()
    prefix = (command.given.get("numbering") or {}).get("prefix", settings.numbering.prefix)
    if not prefix or invoices.is_accounts_prefix(session, prefix):
        return SettingsBook(settings)
    return SettingsBook(settings, catalogue.prefix_taken_by(session, prefix))


# ── endpoints and clocks ───────────────────────────────────────────────────────────────────────


def of_endpoint(session: Session, id: str | None, command: Any) -> EndpointBook:
    """Load for the commands of ``billing.webhook_endpoint``."""
    if isinstance(command, CreateEndpoint):
        return EndpointBook()
    return EndpointBook(existing(session, WebhookEndpoint, "webhook endpoint", id))


def of_clock(session: Session, id: str | None, command: Any) -> ClockBook:
    """Load for the commands of ``billing.test_clock``."""
    if isinstance(command, CreateClock):
        return ClockBook()
    clock: TestClock = existing(session, TestClock, "test clock", id)
    if isinstance(command, DeleteClock):
        customers = catalogue.customers_on(session, clock.id)
        return ClockBook(clock, customers, subscriptions.running_on(session, clock.id))
    return ClockBook(clock)
