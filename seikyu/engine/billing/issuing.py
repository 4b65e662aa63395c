"""Issuing credit notes: what one does to its invoice, and how what was paid is given back.

1. Only an invoice that was finalized and not voided has credit notes, and all of them together, with what
   was refunded beside them, never come to more than its total.
2. What is still owed is let go first: ``amount_due`` and ``amount_remaining`` shrink, the expected payment
   with them; when nothing is left the invoice is paid. Of a payment plan the last instalments shrink.
3. The rest was paid already. It is given back exactly: by a new refund, refunds that exist, the customer's
   balance, outside, or several of these. The refund is begun in the same decision; should the processor
   fail it, the credit note stays and the refund says so.
4. A credit note can be voided while its invoice is open and when nothing was given back: it is owed again.
Source: Stripe, "Credit notes"; which instalments shrink is ours.
"""

from collections.abc import Sequence

from seikyu.engine.billing import returning
from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.balance import adjusted
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import default_in_step, paid_up, with_paid
from seikyu.engine.billing.credit_lines import (
    Ground,
    discounts_of,
    of_lines,
    subtotal_of,
    total_of,
)
from seikyu.engine.billing.credit_note import (
    ISSUED,
    VOIDED,
    CreateCreditNote,
    CreditFacts,
    CreditLine,
    CreditNote,
    NoteRefund,
    PaidBy,
    UpdateCreditNote,
    VoidCreditNote,
)
from seikyu.engine.billing.credit_spreading import of_amount
from seikyu.engine.billing.currency import LARGEST_AMOUNT
from seikyu.engine.billing.customer import alive
from seikyu.engine.billing.decision import (
    Announcement,
    Context,
    Decision,
    Given,
    Record,
    merged_decisions,
)
from seikyu.engine.billing.invoice import DRAFT, OPEN, PAID, UNCOLLECTIBLE, VOID, Invoice
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.plan import raised, reduced
from seikyu.engine.billing.refund import CreateRefund
from seikyu.engine.billing.refusals import (
    AmountTooLarge,
    CreditDoesNotAddUp,
    CreditMustBePositive,
    CreditNoteNotVoidable,
    CreditTooLarge,
    CurrencyDiffers,
    InvoiceNotCreditable,
    ParameterMissing,
    ParametersExclude,
    PaymentInProgress,
    RefundNotLinkable,
    RefundNotPossible,
)
from seikyu.engine.billing.tax import per_rate

CREDITABLE: dict[str, str | None] = {
    DRAFT: "This invoice is a draft: change its lines instead, or finalize it first.",
    OPEN: None,
    PAID: None,
    UNCOLLECTIBLE: None,
    VOID: "This invoice is void: nothing is owed on it and nothing was paid.",
}
"""Status of an invoice → why it has no credit notes; None where it may have."""

CAME_TO_NOTHING = ("failed", "canceled")
"""Statuses of refunds that gave nothing back."""


def decide(book: Book, command: object, context: Context) -> Decision:
    """Decide a command on a credit note. Raises the refusals named in each rule."""
    if isinstance(command, CreateCreditNote):
        return _create(book, command, context)
    facts = book.credit
    assert facts is not None
    assert facts.note is not None
    if isinstance(command, UpdateCreditNote):
        return _update(facts.note, command.given)
    assert isinstance(command, VoidCreditNote)
    return _void(book, facts.note, context)


# ── issuing ────────────────────────────────────────────────────────────────────────────────────


def _create(book: Book, command: CreateCreditNote, context: Context) -> Decision:
    """Issue a credit note as given. Raises InvoiceNotCreditable, CreditTooLarge, …"""
    invoice, facts, given = book.invoice, book.credit, command.given
    assert invoice is not None
    assert facts is not None
    reason = CREDITABLE[invoice.status]
    if reason is not None:
        raise InvoiceNotCreditable(f"You can only credit finalized invoices. {reason}", "invoice")
    linked = _linked(facts, given)
    ground = ground_of(book)
    lines = _lines_of(ground, given, context)
    total = total_of(lines) if given.get("lines") else given["amount"]
    checked(invoice, facts, total, linked, "lines" if given.get("lines") else "amount")
    if not given.get("lines"):
        lines = of_amount(ground, total, context.mint)
    note = new_note(facts, invoice, lines, context)
    note = replace(
        note,
        reason=given.get("reason"),
        memo=given.get("memo"),
        effective_at=given.get("effective_at") or context.now,
        email_type=given.get("email_type") or note.email_type,
        credit_amount=given.get("credit_amount", 0),
        out_of_band_amount=given.get("out_of_band_amount", 0),
        metadata=merged({}, given.get("metadata", {})),
    )
    refund_amount = given.get("refund_amount", 0)
    _check_sum(note, refund_amount + sum(each.amount for each in linked))
    if not refund_amount:
        return issued(book, replace(note, refunds=linked), context)
    refunded = _refunded(book, note, refund_amount, command.request_key, context)
    linked = (*linked, NoteRefund(refunded.answer.id, refund_amount))
    decision = issued(book, replace(note, refunds=linked), context)
    return replace(merged_decisions(decision, refunded), answer=decision.answer)


def ground_of(book: Book) -> Ground:
    """Return what a further credit note of the book's invoice stands on."""
    invoice, facts = book.invoice, book.credit
    assert invoice is not None
    assert facts is not None
    notes = tuple(note for note in facts.notes if note.status == ISSUED)
    return Ground(invoice, facts.lines, notes, book.shelf.tax_rates, book.settings.tax.rounding)


def _lines_of(ground: Ground, given: Given, context: Context) -> tuple[CreditLine, ...]:
    if given.get("lines") and given.get("amount") is not None:
        raise ParametersExclude(
            "You may only specify one of these parameters: amount, lines.", "amount"
        )
    if given.get("lines"):
        return of_lines(ground, given["lines"], context.mint)
    if given.get("amount") is None:
        raise ParameterMissing("amount")
    return ()


def creditable(invoice: Invoice, facts: CreditFacts, linked: Sequence[NoteRefund] = ()) -> int:
    """Return what can still be credited: the total, less credit notes and refunds outside of them.

    Money that was given back because too much had come takes nothing away.
    """
    notes = [note for note in facts.notes if note.status == ISSUED]
    counting = [refund for refund in facts.refunds if refund.status not in CAME_TO_NOTHING]
    refunded = sum(refund.amount for refund in counting)
    known = {refund.id for refund in counting}
    in_notes = sum(
        each.amount
        for each in (*(one for note in notes for one in note.refunds), *linked)
        if each.refund_id in known
    )
    beside = max(refunded - in_notes - invoice.amount_overpaid, 0)
    return max(invoice.total - sum(note.amount for note in notes) - beside, 0)


def checked(
    invoice: Invoice, facts: CreditFacts, total: int, linked: Sequence[NoteRefund], param: str
) -> None:
    """Raise CreditMustBePositive, CreditTooLarge for a credit note of ``total`` minor units."""
    if total <= 0:
        raise CreditMustBePositive(
            f"A credit note must come to more than 0; this comes to {total} {invoice.currency}.",
            param,
        )
    most = creditable(invoice, facts, linked)
    if total > most:
        raise CreditTooLarge(
            f"The credit note comes to {total} {invoice.currency}; of the invoice {invoice.number} "
            f"no more than {most} {invoice.currency} can be credited.",
            param,
        )


def new_note(
    facts: CreditFacts, invoice: Invoice, lines: tuple[CreditLine, ...], context: Context
) -> CreditNote:
    """Return the credit note of these lines, divided into what is let go and what was paid."""
    total = total_of(lines)
    owed = invoice.amount_remaining if invoice.status in (OPEN, UNCOLLECTIBLE) else 0
    let_go = min(total, owed)
    return CreditNote(
        id=context.mint("cn"),
        created=context.now,
        number=f"{invoice.number}-CN-{len(facts.notes) + 1:02d}",
        invoice_id=invoice.id,
        customer_id=invoice.customer_id,
        currency=invoice.currency,
        hosted_key=invoice.hosted_key,
        amount=total,
        subtotal=subtotal_of(invoice, lines),
        pre_payment_amount=let_go,
        post_payment_amount=total - let_go,
        effective_at=context.now,
        lines=lines,
        total_taxes=per_rate(lines),
        discount_amounts=discounts_of(lines),
    )


def _check_sum(note: CreditNote, refunded: int) -> None:
    given_back = refunded + note.credit_amount + note.out_of_band_amount
    if given_back == note.post_payment_amount:
        return
    raise CreditDoesNotAddUp(
        f"The sum of credit amount, refund amount and out of band amount ({given_back} "
        f"{note.currency}) must equal the credit note's post payment amount "
        f"({note.post_payment_amount} {note.currency}): of its {note.amount} {note.currency}, "
        f"{note.pre_payment_amount} {note.currency} are still owed and are let go."
    )


def issued(book: Book, note: CreditNote, context: Context) -> Decision:
    """Let the credit note take effect on the book's invoice. Raises PaymentInProgress, CurrencyDiffers."""
    before = book.invoice
    assert before is not None
    after, note = let_go(before, note, context.now)
    saves: list[Record] = []
    announcements: list[Announcement] = []
    if note.pre_payment_amount:
        if after.amount_remaining == 0:
            after = replace(after, status=PAID, paid_at=context.now, auto_advance=False)
        more, announcements, after = default_in_step(book, after, context)
        saves += more
    note, people = _to_balance(book, note, context)
    turned = after.status == PAID and before.status != PAID
    settled, news = paid_up(_with_customer(book, people), after, context) if turned else ((), ())
    paid = (Announcement("invoice.paid", after),) if turned else ()
    return Decision(
        note,
        (*saves, *people, note, after, *settled),
        announcements=(
            *announcements,
            Announcement("credit_note.created", note),
            *paid,
            Announcement("invoice.updated", after, before),
            *news,
        ),
    )


def let_go(before: Invoice, note: CreditNote, now: int) -> tuple[Invoice, CreditNote]:
    """Return the invoice with the credit note counted, and the note with what it took of a plan."""
    plan, parts = reduced(before.plan, note.pre_payment_amount)
    after = replace(
        before,
        amount_due=before.amount_due - note.pre_payment_amount,
        pre_payment_credit_notes_amount=before.pre_payment_credit_notes_amount
        + note.pre_payment_amount,
        post_payment_credit_notes_amount=before.post_payment_credit_notes_amount
        + note.post_payment_amount,
        plan=plan,
    )
    return with_paid(after, after.amount_paid, now), replace(note, let_go=parts)


# ── giving back ────────────────────────────────────────────────────────────────────────────────


def _linked(facts: CreditFacts, given: Given) -> tuple[NoteRefund, ...]:
    """Return the refunds that the credit note names. Raises RefundNotLinkable."""
    found: list[NoteRefund] = []
    for place, entry in enumerate(given.get("refunds") or ()):
        param = f"refunds[{place}][refund]"
        if entry.get("refund") is None:
            raise ParameterMissing(param)
        refund = next((each for each in facts.refunds if each.id == entry["refund"]), None)
        if refund is None or refund.status in CAME_TO_NOTHING:
            raise RefundNotLinkable(
                f"The refund {entry['refund']} is not one of a payment of this invoice, or failed.",
                param,
            )
        notes = (note for note in facts.notes if note.status == ISSUED)
        taken = (*(one for note in notes for one in note.refunds), *found)
        left = refund.amount - sum(one.amount for one in taken if one.refund_id == refund.id)
        amount = entry.get("amount_refunded", left)
        if not 0 < amount <= left:
            raise RefundNotLinkable(
                f"{amount} {refund.currency} of the refund {refund.id} cannot be part of the credit "
                f"note: of its {refund.amount} there is {left} left.",
                f"refunds[{place}][amount_refunded]",
            )
        found.append(NoteRefund(refund.id, amount))
    return tuple(found)


def _payment_for(facts: CreditFacts, amount: int) -> PaidBy:
    """Return the newest payment of the invoice of which so much can be given back.

    Raises RefundNotPossible, or PaymentInProgress while the only such payments are being refunded.
    """
    fitting = [
        by
        for by in facts.paid_by
        if by.charge is not None
        and by.charge.status == "succeeded"
        and by.charge.amount - by.charge.amount_refunded >= amount
    ]
    free = [by for by in fitting if not by.busy]
    if free:
        return free[-1]
    if fitting:
        raise PaymentInProgress(
            "A refund of this invoice's payment is in progress; its outcome must be known first. "
            "Try again in a moment."
        )
    raise RefundNotPossible(
        f"No single payment of this invoice has {amount} left to be refunded. Refund its "
        "payments one by one and name the refunds in `refunds`, or use credit_amount or "
        "out_of_band_amount.",
        "refund_amount",
    )


def _refunded(
    book: Book, note: CreditNote, amount: int, request_key: str | None, context: Context
) -> Decision:
    """Begin the refund; one of a cash balance is done at once. Whoever waits for it gets the note."""
    facts = book.credit
    assert facts is not None
    by = _payment_for(facts, amount)
    reason = note.reason if note.reason in ("duplicate", "fraudulent") else None
    command = CreateRefund({"amount": amount, "reason": reason}, request_key)
    of_payment = replace(book, intent=by.intent, charge=by.charge, in_flight=None)
    decision = returning.decide(of_payment, command, context)
    saves = tuple(
        replace(record, subject_id=note.id) if isinstance(record, Attempt) else record
        for record in decision.saves
    )
    charge = next((record for record in saves if isinstance(record, Attempt)), None)
    return replace(decision, saves=saves, charge=charge)


def _to_balance(
    book: Book, note: CreditNote, context: Context
) -> tuple[CreditNote, tuple[Record, ...]]:
    """Credit the customer's balance with the part of the note that goes there."""
    if not note.credit_amount:
        return note, ()
    customer = alive(book.customer)
    if customer.currency not in (None, note.currency):
        raise CurrencyDiffers(
            f"The customer's balance is kept in {customer.currency}; {note.currency} cannot be "
            "credited to it.",
            "credit_amount",
        )
    balance = customer.balance - note.credit_amount
    if abs(balance) > LARGEST_AMOUNT:
        raise AmountTooLarge(
            f"Balances have at most 12 digits; this would be {balance}.", "credit_amount"
        )
    movement = adjusted(
        customer.id,
        note.currency,
        -note.credit_amount,
        balance,
        context,
        type="credit_note",
        invoice_id=note.invoice_id,
        credit_note_id=note.id,
    )
    after = replace(customer, balance=balance, currency=note.currency)
    return replace(note, balance_transaction_id=movement.id), (after, movement)


def _with_customer(book: Book, people: Sequence[Record]) -> Book:
    """Return the book with the customer as just changed, so that a later change keeps it."""
    return replace(book, customer=people[0]) if people else book  # type: ignore[arg-type]


# ── afterwards ─────────────────────────────────────────────────────────────────────────────────


def _update(before: CreditNote, given: Given) -> Decision:
    after = replace(
        before,
        memo=given.get("memo", before.memo),
        metadata=merged(before.metadata, given.get("metadata", {})),
    )
    if after == before:
        return Decision(before)
    return Decision(
        after, (after,), announcements=(Announcement("credit_note.updated", after, before),)
    )


def _void(book: Book, before: CreditNote, context: Context) -> Decision:
    invoice = book.invoice
    assert invoice is not None
    if before.status == VOIDED:
        raise CreditNoteNotVoidable("This credit note is void already.")
    if invoice.status != OPEN:
        raise CreditNoteNotVoidable(
            f"You can only void a credit note while its invoice is open; it is {invoice.status}."
        )
    if before.post_payment_amount:
        raise CreditNoteNotVoidable(
            "You cannot void a credit note of which something was given back to the customer."
        )
    note, after = taken_back(before, invoice, context.now)
    saves, announcements, after = default_in_step(book, after, context)
    return Decision(
        note,
        (*saves, note, after),
        announcements=(
            *announcements,
            Announcement("credit_note.voided", note),
            Announcement("invoice.updated", after, invoice),
        ),
    )


def taken_back(note: CreditNote, invoice: Invoice, now: int) -> tuple[CreditNote, Invoice]:
    """Return the credit note voided, and the invoice on which its amount is owed again."""
    after = replace(
        invoice,
        amount_due=invoice.amount_due + note.pre_payment_amount,
        pre_payment_credit_notes_amount=invoice.pre_payment_credit_notes_amount
        - note.pre_payment_amount,
        plan=raised(invoice.plan, note.let_go) if invoice.plan else (),
    )
    return replace(note, status=VOIDED, voided_at=now), with_paid(after, after.amount_paid, now)
