"""Covering: what a payment that has come means beyond what is owed, and just short of it.

*Too much* is credited to the customer's balance (``invoice_overpaid``), where the next invoice finds it;
un-applying a payment takes it out of the balance again. *A little too little*, at most the account's
``shortfall_tolerance`` of the currency, is let go by a credit note that says why, and the invoice is paid;
when the payment is un-applied, so is that: the credit note is voided.
Whoever credits money to an invoice does it by ``covered``, whoever takes it off by ``uncovered``.
Source: Stripe, "Customer credit balance" (overpayments); letting go of little is ours.
"""

from dataclasses import dataclass

from seikyu.engine.billing.balance import adjusted
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import credited, with_paid
from seikyu.engine.billing.credit_note import ISSUED
from seikyu.engine.billing.credit_spreading import of_amount
from seikyu.engine.billing.decision import Announcement, Context, Record
from seikyu.engine.billing.invoice import PAID, Invoice
from seikyu.engine.billing.issuing import creditable, ground_of, let_go, new_note, taken_back

SHORTFALL = "shortfall"
"""``origin`` of the credit note that lets a small shortfall go, also in its metadata."""


@dataclass(frozen=True, slots=True)
class Covered:
    """The invoice after money came or went, and the book with the customer as they are now.

    ``news`` are announced before what happens to the invoice.
    """

    invoice: Invoice
    book: Book
    saves: tuple[Record, ...] = ()
    news: tuple[Announcement, ...] = ()


def covered(book: Book, before: Invoice, amount: int, context: Context) -> Covered:
    """Credit ``amount`` minor units to the invoice, and the rest of it to the customer's balance."""
    done = _forgiven(book, credited(before, amount, context.now), context)
    return _overpaid(done, before.amount_overpaid, context)


def uncovered(book: Book, before: Invoice, amount: int, context: Context) -> Covered:
    """Take ``amount`` minor units off the invoice again, and what was too much out of the balance."""
    after = with_paid(before, before.amount_paid - amount, context.now)
    done = _recalled(book, after, context) if after.amount_remaining else Covered(after, book)
    return _overpaid(done, before.amount_overpaid, context)


# ── too little ─────────────────────────────────────────────────────────────────────────────────


def tolerated(book: Book, invoice: Invoice) -> bool:
    """Say whether what remains of the invoice is let go by the account's settings.

    Of a payment plan only the rest of an instalment that was paid in part.
    """
    most = book.settings.shortfall_tolerance.get(invoice.currency, 0)
    if not invoice.amount_paid or not 0 < invoice.amount_remaining <= most:
        return False
    open_parts = [part for part in invoice.plan if part.amount_remaining]
    return all(part.amount_paid for part in open_parts)


def _forgiven(book: Book, invoice: Invoice, context: Context) -> Covered:
    """Let a small rest go by a credit note, taxes and all, as if somebody had issued it."""
    facts = book.credit
    if facts is None or not tolerated(book, invoice):
        return Covered(invoice, book)
    rest = invoice.amount_remaining
    standing = replace(book, invoice=invoice)
    if rest > creditable(invoice, facts):
        return Covered(invoice, book)
    lines = of_amount(ground_of(standing), rest, context.mint)
    note = new_note(facts, invoice, lines, context)
    note = replace(note, origin=SHORTFALL, email_type="none", metadata={"seikyu_reason": SHORTFALL})
    after, note = let_go(invoice, note, context.now)
    after = replace(after, status=PAID, paid_at=context.now, auto_advance=False)
    said = (Announcement("credit_note.created", note),)
    return Covered(after, book, (note,), said)


def _recalled(book: Book, invoice: Invoice, context: Context) -> Covered:
    """Void the credit notes that let a shortfall go: the payment they rounded off is gone."""
    saves: tuple[Record, ...] = ()
    said: tuple[Announcement, ...] = ()
    for note in book.credit.notes if book.credit else ():
        if note.status == ISSUED and note.origin == SHORTFALL:
            voided, invoice = taken_back(note, invoice, context.now)
            saves = (*saves, voided)
            said = (*said, Announcement("credit_note.voided", voided))
    return Covered(invoice, book, saves, said)


# ── too much ───────────────────────────────────────────────────────────────────────────────────


def _overpaid(done: Covered, known: int, context: Context) -> Covered:
    """Move what is overpaid more, or less, than the ``known`` minor units to or from the balance.

    A balance is kept in one currency, and a deleted customer has none: then the invoice alone tells.
    """
    invoice, customer = done.invoice, done.book.customer
    more = invoice.amount_overpaid - known
    if more == 0 or customer is None or customer.deleted:
        return done
    if customer.currency not in (None, invoice.currency):
        return done
    after = replace(
        customer,
        balance=customer.balance - more,
        currency=customer.currency or invoice.currency,
    )
    movement = adjusted(
        customer.id,
        invoice.currency,
        -more,
        after.balance,
        context,
        type="invoice_overpaid",
        invoice_id=invoice.id,
    )
    return replace(
        done,
        book=replace(done.book, customer=after),
        saves=(*done.saves, after, movement),
    )
