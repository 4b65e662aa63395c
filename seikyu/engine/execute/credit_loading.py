"""Loading for credit notes: the invoice with all that a credit note of it may read, or a note itself."""

from collections.abc import Callable
from typing import Any

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.credit_note import CreateCreditNote, CreditFacts, CreditNote
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Context, Given
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.issuing import decide
from seikyu.engine.billing.line import Shelf
from seikyu.engine.billing.payment_intent import PaymentIntent
from seikyu.engine.billing.refusals import ObjectMissing, Refusal
from seikyu.engine.billing.returning import from_balance
from seikyu.engine.billing.subscription import Subscription
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.execute.cash_loading import with_cash
from seikyu.engine.execute.loading import existing
from seikyu.engine.store import catalogue, credit_notes, invoices
from seikyu.engine.store.session import Session
from seikyu.engine.wire.errors import from_refusal


def of_credit_note(session: Session, id: str | None, command: Any) -> Book:
    """Load for the commands of ``billing.issuing``: the customer is locked first."""
    if isinstance(command, CreateCreditNote):
        session.lock_by_invoice(command.given["invoice"])
        return book_for(session, command.given)
    note: CreditNote = existing(session, CreditNote, "credit note", id)
    session.lock_by_invoice(note.invoice_id)
    note = existing(session, CreditNote, "credit note", id)
    invoice = session.get(Invoice, note.invoice_id)
    assert invoice is not None
    return _book(session, invoice, CreditFacts(note=note), Shelf())


def book_for(session: Session, given: Given) -> Book:
    """Load for a new credit note, whether it is stored or only shown. Raises ObjectMissing."""
    invoice = session.get(Invoice, given["invoice"])
    if invoice is None:
        raise ObjectMissing("invoice", given["invoice"], "invoice")
    payments = invoices.payments_of(session, invoice.id)
    facts = credit_notes.facts_of(session, invoice, payments)
    book = _book(session, invoice, facts, _rates(session, given))
    from_cash = any(by.charge is not None and from_balance(by.charge) for by in facts.paid_by)
    return with_cash(session, book) if from_cash else book


def _rates(session: Session, given: Given) -> Shelf:
    """Fetch the tax rates that the lines name."""
    ids: list[str] = []
    for entry in given.get("lines") or ():
        ids += entry.get("tax_rates") or ()
        ids += [tax["tax_rate"] for tax in entry.get("tax_amounts") or ()]
    if not ids:
        return Shelf()
    return catalogue.shelf(session, price_ids=[], product_ids=[], rate_ids=ids, rate_names=[])


def _book(session: Session, invoice: Invoice, facts: CreditFacts, shelf: Shelf) -> Book:
    payments = invoices.payments_of(session, invoice.id)
    return Book(
        account=session.world.account,
        settings=session.settings(),
        customer=session.get(Customer, invoice.customer_id),
        invoice=invoice,
        payments=payments,
        expected=session.get(PaymentIntent, invoice.intent_id),
        in_flight=invoices.in_flight_on(session, payments),
        subscription=session.get(Subscription, invoice.subscription_id),
        shelf=shelf,
        credit=facts,
    )


def stored(session: Session, id: str) -> CreditNote | None:
    """Return the credit note with this id, or None."""
    return session.get(CreditNote, id)


def previewed(session: Session, given: Given, now: int, mint: Callable[[str], str]) -> CreditNote:
    """Return the credit note that would be issued. ``now`` is the system's time. Raises WireError.

    Its ids are the same for the same parameters, so that its lines can be paged through.
    """
    try:
        book = book_for(session, given)
        clock = session.get(TestClock, book.customer.clock_id if book.customer else None)
        present = clock.frozen_time if clock else now
        context = Context(session.world.livemode, present, now, mint, lambda: mint("preview"))
        note = decide(book, CreateCreditNote(given), context).answer
    except Refusal as refusal:
        raise from_refusal(refusal) from None
    assert isinstance(note, CreditNote)
    return note
