"""Finalizing: a draft becomes an open invoice with a number, or is paid on the spot.

1. The customer's balance is applied: what is owed is total + balance.
2. Nothing owed, or less than the currency's minimum charge: paid at once, and the rest is carried in
   the customer's balance (``invoice_too_small``).
3. Otherwise a default payment is created for what is owed.
A revision first voids the invoice that it replaces, so that credit applied there pays here.
Source: Stripe, "Status transitions and finalization".
"""

from seikyu.engine.billing import standing
from seikyu.engine.billing.balance import adjusted
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.cash import check_least
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import void
from seikyu.engine.billing.customer import Customer, alive, snapshot_of
from seikyu.engine.billing.decision import Announcement, Context, Decision, Record, merged_decisions
from seikyu.engine.billing.drafting import DAY
from seikyu.engine.billing.invoice import OPEN, PAID, UNCOLLECTIBLE, VOID, FinalizeInvoice, Invoice
from seikyu.engine.billing.mail import mailed
from seikyu.engine.billing.numbering import Sequence, next_number
from seikyu.engine.billing.owed import Owed, owed_by, unbalanced
from seikyu.engine.billing.payment_intent import default_payment
from seikyu.engine.billing.plan import check_sum, dated, filled, last_date, resolved
from seikyu.engine.billing.refusals import (
    InvoiceHasNoLines,
    InvoiceNotVoidable,
    PaymentInProgress,
    Refusal,
)
from seikyu.engine.billing.subscription import Subscription


def finalize(book: Book, command: FinalizeInvoice, context: Context) -> Decision:
    """Fix the invoice. Raises InvoiceHasNoLines, CurrencyDiffers, InvoiceNotVoidable (a revision).

    When automatic, the refusal is recorded on the draft instead.
    """
    try:
        return _finalize(book, command, context)
    except PaymentInProgress:
        raise  # it passes: the worker tries again in a while
    except Refusal as refusal:
        if not command.automatic:
            raise
        return _failed(book, refusal)


def finalize_and_mail(book: Book, command: FinalizeInvoice, context: Context) -> Decision:
    """Fix the invoice, and mail it when it advances by itself and is one that is mailed."""
    decision = finalize(book, command, context)
    invoice = decision.answer
    assert isinstance(invoice, Invoice)
    mails = invoice.auto_advance and invoice.collection_method == "send_invoice"
    if invoice.status != OPEN or not mails:
        return decision
    mail = mailed("invoice", invoice, book.customer, book.settings, context)
    if not mail:
        return decision
    sent = Decision(invoice, mail, announcements=(Announcement("invoice.sent", invoice),))
    return merged_decisions(decision, sent)


def _failed(book: Book, refusal: Refusal) -> Decision:
    """Automatic finalization met a rule: the draft says why, and waits for a person."""
    before = book.invoice
    assert before is not None
    error = {
        "type": "invalid_request_error",
        "message": refusal.message,
        **({"code": refusal.code} if refusal.code else {}),
        **({"param": refusal.param} if refusal.param else {}),
    }
    after = replace(before, details={**before.details, "last_finalization_error": error})
    return Decision(
        after,
        (after,),
        announcements=(
            Announcement("invoice.finalization_failed", after),
            Announcement("invoice.updated", after, before),
        ),
    )


def _finalize(book: Book, command: FinalizeInvoice, context: Context) -> Decision:
    before, customer = book.invoice, alive(book.customer)
    assert before is not None
    if before.line_count == 0:
        raise InvoiceHasNoLines(
            "Nothing to invoice for customer: the invoice has no lines. Add lines, or delete it."
        )
    voided = _original_voided(book, before, context)
    if voided is not None:
        customer = next((x for x in voided.saves if isinstance(x, Customer)), customer)
        stands = next((x for x in voided.saves if isinstance(x, Subscription)), book.subscription)
        book = replace(book, subscription=stands)
    money = owed_by(customer, before) if command.collects else unbalanced(customer, before)
    check_least(book.cash, before.currency, too_small=money.too_small)
    plan = dated(resolved(before.plan, money.due), context.now, book.settings.time_zone)
    check_sum(plan, money.due, before.currency)
    customer, number, sequence = _numbered(book, before, customer, context)
    invoice = _fixed(replace(before, plan=plan), number, customer, command, money, context)
    moved = money.ending_balance - money.starting_balance
    customer = replace(
        customer,
        balance=customer.balance + moved,
        currency=customer.currency or invoice.currency,
    )
    saves: list[Record] = [customer] if sequence is None else [customer, sequence]
    announcements: list[Announcement] = []
    if moved:
        saves.append(
            adjusted(
                customer.id,
                invoice.currency,
                moved,
                customer.balance,
                context,
                type="invoice_too_small" if money.too_small else "applied_to_invoice",
                invoice_id=invoice.id,
            )
        )
    if money.due == 0:
        invoice = replace(invoice, status=PAID, paid_at=context.now, auto_advance=False)
    else:
        intent, payment = default_payment(invoice, context)
        invoice = replace(invoice, intent_id=intent.id)
        saves += [intent, payment]
        announcements.append(Announcement("payment_intent.created", intent))
    announcements.append(Announcement("invoice.finalized", invoice))
    if invoice.status == PAID:
        announcements.append(Announcement("invoice.paid", invoice))
        announcements.append(Announcement("invoice.payment_succeeded", invoice))
    announcements.append(Announcement("invoice.updated", invoice, before))
    if invoice.status == PAID:
        people, news = standing.paid(book, context)
        saves += people
        announcements += news
    decision = Decision(invoice, (*saves, invoice), announcements=tuple(announcements))
    return decision if voided is None else merged_decisions(voided, decision)


def _numbered(
    book: Book, draft: Invoice, customer: Customer, context: Context
) -> tuple[Customer, str, Sequence | None]:
    """Return the number, the customer, and the account's sequence: one of them may have counted."""
    if draft.number is not None:
        return customer, draft.number, None
    numbering = book.settings.numbering
    number, customer, sequence = next_number(numbering, customer, book.sequence, context.now)
    return customer, number, sequence


def _fixed(
    before: Invoice,
    number: str,
    customer: Customer,
    command: FinalizeInvoice,
    money: Owed,
    context: Context,
) -> Invoice:
    advance = before.auto_advance if command.auto_advance is None else command.auto_advance
    details = {k: v for k, v in before.details.items() if k != "last_finalization_error"}
    due_date = before.due_date
    if before.days_until_due is not None:
        due_date = context.now + before.days_until_due * DAY
    plan = filled(before.plan, 0, context.now)
    if plan:
        due_date = last_date(plan)
    return replace(
        before,
        status=OPEN,
        number=number,
        finalized_at=context.now,
        acted_until=context.now,
        effective_at=before.effective_at or context.now,
        auto_advance=advance,
        automatically_finalizes_at=None,
        snapshot=snapshot_of(customer),
        details=details,
        due_date=due_date,
        plan=plan,
        starting_balance=money.starting_balance,
        ending_balance=money.ending_balance,
        amount_due=money.due,
        amount_remaining=money.due,
    )


def _original_voided(book: Book, invoice: Invoice, context: Context) -> Decision | None:
    """Void the invoice that this revision replaces, and give its credit back, before all else.

    Raises InvoiceNotVoidable when that cannot be: what was paid, or was replaced by another revision,
    would otherwise be billed twice. An original that somebody voided by hand needs nothing more.
    """
    original = book.original
    if original is None or (original.status == VOID and original.latest_revision is None):
        return None
    if original.status not in (OPEN, UNCOLLECTIBLE):
        raise InvoiceNotVoidable(
            f"This revision cannot be finalized: the invoice {original.id} that it would replace is "
            f"{original.status}. Delete the revision."
        )
    voided = void(
        replace(
            book,
            invoice=replace(original, latest_revision=invoice.id),
            expected=book.original_intent,
            payments=book.original_payments,
            subscription=None,
        ),
        context,
    )
    more, news = standing.revised(book, original.id, invoice.id)
    told = (
        replace(said, before=original) if said.type == "invoice.updated" else said
        for said in voided.announcements
    )
    return replace(
        voided,
        saves=(*voided.saves, *more),
        announcements=(*told, *news),
    )
