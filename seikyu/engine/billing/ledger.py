"""The ledger: every movement of money as a posting from one place to another, never changed again.

Postings are read off what a decision changes, in one place, and are stored with it: no rule can forget
one. The amounts that invoices, payments and balances carry are kept by the rules themselves, so each is
proof of the other: ``seikyu engine audit`` adds the postings up and must find the same.

A posting takes ``amount`` from ``source`` and brings it to ``target``, so each sums to zero:

    received            processor   → payment      a charge succeeded
    applied, unapplied  payment    ⇄ invoice      a payment on an invoice, or taken off it
    refunded            payment     → processor    given back to the card
    out_of_band         outside     → invoice      paid elsewhere
    credited, debited   credit     ⇄ given, invoice  the customer's credit balance
    let_go, restored    owed       ⇄ note         a credit note on what was still owed, or one voided
    returned            note        → outside      what was paid, given back elsewhere
    funded              bank        → cash         a transfer came to the customer's cash balance
    applied_to_payment  cash        → held         taken for a payment, which is received when it is whole
    return_initiated    cash        → return       on its way back to the customer's bank

Other movements of a cash balance go the same ways back; money refunded to it comes from the payment.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from seikyu.engine.billing.balance import BalanceTransaction
from seikyu.engine.billing.cash import (
    APPLIED,
    CUSTOMER_BALANCE,
    FUNDED,
    MOVEMENTS,
    RETURN_CANCELED,
    RETURNING,
    REVERSED,
    UNAPPLIED,
    CashMovement,
)
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.credit_note import VOIDED, CreditNote
from seikyu.engine.billing.decision import Context, Decision
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.payment_intent import Charge, InvoicePayment, PaymentIntent
from seikyu.engine.billing.refund_record import Refund
from seikyu.engine.billing.unapplied import Unapplied, unapplied_id

KINDS = (
    "received", "applied", "unapplied", "out_of_band", "refunded", "credited", "debited",
    "let_go", "restored", "returned", *MOVEMENTS,
)  # fmt: skip

PROCESSOR, OUTSIDE, GIVEN, BANK = "processor", "outside", "given", "bank"
PAYMENT, INVOICE = "payment:", "invoice:"


@dataclass(frozen=True, slots=True)
class Posting:
    """One movement of ``amount`` minor units of ``currency``. ``cause`` is the object that says it."""

    id: str
    created: int
    kind: str
    amount: int
    currency: str
    source: str
    target: str
    cause: str
    customer_id: str | None = None
    version: int = 0


def posted(decision: Decision, book: Any, context: Context, beside: Sequence[Any] = ()) -> Decision:
    """Return the decision with the postings of all that it moves, and what is unapplied after it.

    ``beside`` are further books that it was made from: payments of other invoices of the customer.
    """
    final = {record.id: record for record in decision.saves}
    books = (book, *beside)
    postings = tuple(
        posting for record in final.values() for posting in _of(record, books, context)
    )
    if not postings:
        return decision
    waits, over = _unapplied(postings, final, book, context)
    return replace(
        decision,
        saves=(*decision.saves, *postings, *waits),
        deletes=(*decision.deletes, *over),
    )


def _unapplied(
    postings: tuple[Posting, ...], final: dict[str, Any], book: Any, context: Context
) -> tuple[list[Unapplied], list[Unapplied]]:
    """Return the payments that hold money after the postings, and those that hold none any more."""
    held: dict[str, int] = {}
    came_from: dict[str, str] = {}
    for posting in postings:
        if posting.target.startswith(PAYMENT):
            held[posting.target] = held.get(posting.target, 0) + posting.amount
            came_from[posting.target] = posting.source
        if posting.source.startswith(PAYMENT):
            held[posting.source] = held.get(posting.source, 0) - posting.amount
    waits: list[Unapplied] = []
    over: list[Unapplied] = []
    for account, amount in held.items():
        intent = _intent(account.removeprefix(PAYMENT), final, book)
        if intent is None or intent.customer_id is None or amount == 0:
            continue
        # What was refunded does not wait any more, whichever came first: refund or un-applying.
        left = intent.amount_received - intent.amount_refunded
        known = getattr(book, "waiting", None)
        if amount < 0 and left > 0 and known is not None:
            waits.append(replace(known, amount=left))
            continue
        source = came_from.get(account, "")
        record = Unapplied(
            id=unapplied_id(intent.id),
            created=context.now,
            intent_id=intent.id,
            customer_id=intent.customer_id,
            amount=min(amount, left),
            currency=intent.currency,
            invoice_id=source.removeprefix(INVOICE) if source.startswith(INVOICE) else None,
        )
        (waits if record.amount > 0 else over).append(record)
    return waits, over


def _intent(id: str, final: dict[str, Any], book: Any) -> PaymentIntent | None:
    """Find the payment among what is saved, or in the book."""
    places = ("intent", "applied", "expected")
    known = (final.get(id), *(getattr(book, place, None) for place in places))
    found = (x for x in known if isinstance(x, PaymentIntent) and x.id == id)
    return next(found, None)


def _of(record: object, books: Sequence[Any], context: Context) -> Iterator[Posting]:
    if isinstance(record, Charge):
        if record.version == 0 and record.status == "succeeded":
            to = f"payment:{record.payment_intent_id}"
            from_cash = record.details.get("type") == CUSTOMER_BALANCE
            source = f"held:{record.payment_intent_id}" if from_cash else PROCESSOR
            yield _posting("received", record.amount, source, to, record, context)
    elif isinstance(record, Refund):
        before = getattr(books[0], "refund", None)
        if record.status == "succeeded" and (before is None or before.status != "succeeded"):
            yield _of_refund(record, context)
    elif isinstance(record, CashMovement):
        if record.version == 0 and record.type in WAYS:
            yield _of_cash(record, context)
    elif isinstance(record, InvoicePayment):
        yield from _of_payment(record, books, context)
    elif isinstance(record, Invoice):
        before = _known(record.id, books)
        known = before.amount_paid_off_stripe if before else 0
        if record.amount_paid_off_stripe > known:
            amount = record.amount_paid_off_stripe - known
            to = f"invoice:{record.id}"
            yield _posting("out_of_band", amount, OUTSIDE, to, record, context)
    elif isinstance(record, BalanceTransaction) and record.version == 0 and record.amount:
        yield _of_credit(record, context)
    elif isinstance(record, CreditNote):
        yield from _of_note(record, books, context)


def _known(id: str, books: Sequence[Any]) -> Invoice | None:
    """Find the invoice as it was before the decision: also one that it touches beside its own."""
    for book in books:
        singles = (getattr(book, name, None) for name in ("invoice", "original"))
        for invoice in (*singles, *getattr(book, "unpaid", ())):
            if invoice is not None and invoice.id == id:
                found: Invoice = invoice
                return found
    return None


def _of_refund(record: Refund, context: Context) -> Posting:
    """Money of a payment goes to its card or to the cash balance; money of the balance to the bank."""
    if record.intent_id is None:
        return _posting("refunded", record.amount, f"return:{record.id}", BANK, record, context)
    target = PROCESSOR
    if record.destination == CUSTOMER_BALANCE:
        target = f"cash:{record.customer_id}:{record.currency}"
    return _posting("refunded", record.amount, PAYMENT + record.intent_id, target, record, context)


def _of_note(record: CreditNote, books: Sequence[Any], context: Context) -> Iterator[Posting]:
    """What is let go of an invoice, owed again once the note is void, and given back outside."""
    owed, note = f"owed:{record.invoice_id}", f"note:{record.id}"
    amount = record.pre_payment_amount
    if record.version == 0:
        if amount:
            yield _posting("let_go", amount, owed, note, record, context)
        if record.out_of_band_amount:
            yield _posting("returned", record.out_of_band_amount, note, OUTSIDE, record, context)
    elif record.status == VOIDED and amount and not _was_void(record, books):
        yield _posting("restored", amount, note, owed, record, context)


def _was_void(note: CreditNote, books: Sequence[Any]) -> bool:
    facts = (getattr(book, "credit", None) for book in books)
    known = (each for one in facts if one is not None for each in (one.note, *one.notes))
    return any(each.id == note.id and each.status == VOIDED for each in known if each is not None)


WAYS: dict[str, Callable[[CashMovement], str]] = {
    FUNDED: lambda _: BANK,
    REVERSED: lambda _: BANK,
    APPLIED: lambda movement: f"held:{movement.intent_id}",
    UNAPPLIED: lambda movement: f"held:{movement.intent_id}",
    RETURNING: lambda movement: f"return:{movement.refund_id}",
    RETURN_CANCELED: lambda movement: f"return:{movement.refund_id}",
}
"""Type of a movement → the other place. The refund itself says what comes of a payment."""


def _of_cash(record: CashMovement, context: Context) -> Posting:
    cash = f"cash:{record.customer_id}:{record.currency}"
    other = WAYS[record.type](record)
    places = (other, cash) if record.net_amount > 0 else (cash, other)
    return _posting(record.type, abs(record.net_amount), *places, record, context)


def _of_payment(
    record: InvoicePayment, books: Sequence[Any], context: Context
) -> Iterator[Posting]:
    """Compare what the payment brings to its invoice with what it brought before."""
    known = (
        payment
        for book in books
        for name in ("payments", "original_payments")
        for payment in getattr(book, name, ())
    )
    before = next((payment for payment in known if payment.id == record.id), None)
    assert record.version == 0 or before is not None, f"{record.id} was not in the book"
    moved = _brings(record) - (_brings(before) if before else 0)
    payment, invoice = f"payment:{record.intent_id}", f"invoice:{record.invoice_id}"
    if moved > 0:
        yield _posting("applied", moved, payment, invoice, record, context)
    elif moved < 0:
        yield _posting("unapplied", -moved, invoice, payment, record, context)


def _brings(payment: InvoicePayment) -> int:
    return (payment.amount_paid or 0) if payment.status == "paid" else 0


def _of_credit(record: BalanceTransaction, context: Context) -> Posting:
    """A negative amount is in the customer's favour: it comes to their credit."""
    credit = f"credit:{record.customer_id}"
    other = f"balance:{record.invoice_id}" if record.invoice_id else GIVEN
    if record.amount < 0:
        return _posting("credited", -record.amount, other, credit, record, context)
    return _posting("debited", record.amount, credit, other, record, context)


def _posting(
    kind: str, amount: int, source: str, target: str, cause: Any, context: Context
) -> Posting:
    return Posting(
        id=context.mint("post"),
        created=context.now,
        kind=kind,
        amount=amount,
        currency=cause.currency,
        source=source,
        target=target,
        cause=cause.id,
        customer_id=getattr(cause, "customer_id", None),
    )
