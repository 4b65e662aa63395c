"""Advancing: what time does to an invoice when its moment has come.

A draft is finalized; a mailed invoice falls due, is recalled, is given up; a charge is made and tried
again, and after the last retry the account's final action follows. Nothing here remembers a step: what
is called for follows from the facts that ``due`` computes the moment from, so doing it twice is
harmless. Of several reminders whose moments a stopped worker slept through, only the last is sent.
Source: Stripe, "Automatic collection", "Smart Retries" and "Manage overdue invoices".
"""

from dataclasses import dataclass

from seikyu.engine.billing import standing
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import attempted, free, mark_uncollectible, pay, unpaid
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Announcement, Context, Decision, merged_decisions
from seikyu.engine.billing.due import (
    FALL_DUE,
    GIVE_UP,
    REMIND,
    moments,
    next_action,
    next_retry,
    since,
)
from seikyu.engine.billing.finalizing import finalize_and_mail
from seikyu.engine.billing.invoice import DRAFT, OPEN, FinalizeInvoice, Invoice, PayInvoice
from seikyu.engine.billing.mail import mailed
from seikyu.engine.billing.plan import filled
from seikyu.engine.billing.settings import LastRetry, overridden
from seikyu.engine.billing.subscription import Subscription

HARD_DECLINES = frozenset(
    {
        "incorrect_number", "lost_card", "pickup_card", "stolen_card",
        "revocation_of_authorization", "revocation_of_all_authorizations",
        "authentication_required", "highest_risk_level", "transaction_not_allowed",
    }
)  # fmt: skip
"""Declines after which the same card is not charged again. Source: Stripe, "Smart Retries"."""


@dataclass(frozen=True, slots=True)
class Advance:
    """The invoice's due time has come: do what the facts now call for, which may be nothing."""


def advance(book: Book, context: Context) -> Decision:
    """Do what is due on the book's invoice; nothing when nothing is, or a charge is under way."""
    invoice = book.invoice
    assert invoice is not None
    due = next_action(invoice, book.settings)
    if due is None or due > context.now:
        # It was woken because its circumstances changed: only when it is due next must be stored.
        return Decision(invoice, (invoice,) if invoice.next_action_at != due else ())
    if invoice.status == DRAFT:
        return finalize_and_mail(book, FinalizeInvoice(automatic=True), context)
    if book.in_flight is not None:
        if book.in_flight.intent_id != invoice.intent_id:
            # Another payment that was applied: the row stays due meanwhile, and must be put off.
            free(book)
        return Decision(invoice)
    assert invoice.status == OPEN, f"nothing is due on an invoice that is {invoice.status}"
    if invoice.collection_method == "send_invoice":
        return _around_due_date(book, invoice, context)
    if declined_for_good(book):
        return exhausted(book, _skipped(invoice, context), context)
    decision = pay(book, PayInvoice(scheduled=True), context)
    return decision if decision.charge is not None else exhausted(book, decision, context)


# ── charges ────────────────────────────────────────────────────────────────────────────────────


def declined_for_good(book: Book) -> bool:
    """Say whether the card that would be charged was declined in a way that repeating cannot mend."""
    intent, method = book.expected, book.method
    if intent is None or method is None:
        return False
    if intent.status == "requires_action":
        # Off session nobody can authenticate: as good as declined, until the customer does or has another.
        return intent.payment_method_id == method.id
    error = intent.last_error or {}
    hard = HARD_DECLINES & {error.get("code"), error.get("decline_code")}
    return bool(hard) and (error.get("payment_method") or {}).get("id") == method.id


def _skipped(before: Invoice, context: Context) -> Decision:
    """The moment of a retry came, but a new card must come first: it counts, and is not made."""
    after = attempted(before, context, scheduled=True)
    return Decision(
        after, (after,), announcements=(Announcement("invoice.updated", after, before),)
    )


def exhausted(book: Book, failed: Decision, context: Context) -> Decision:
    """Add what the account does once no retry is left; ``failed`` is the decision on the failure."""
    invoice = next((x for x in reversed(failed.saves) if isinstance(x, Invoice)), None)
    if invoice is None or not invoice.auto_advance or invoice.status != OPEN:
        return failed
    if invoice.collection_method == "send_invoice":
        return failed
    if next_retry(invoice, book.settings) is not None:
        return failed
    settings = overridden(book.settings, invoice.details.get("collection_settings"))
    return _then(failed, given_up_on(carried(book, failed), settings.after_last_retry, context))


# ── mailed invoices ────────────────────────────────────────────────────────────────────────────


def _around_due_date(book: Book, before: Invoice, context: Context) -> Decision:
    """Do what the moments that have come call for, and be done with them."""
    settings = overridden(book.settings, before.details.get("collection_settings"))
    come = [m for m in moments(before, settings) if since(before) < m.at <= context.now]
    after = replace(before, acted_until=context.now)
    if after.plan:
        after = replace(after, plan=filled(after.plan, after.amount_paid, context.now))
    updated = Announcement("invoice.updated", after, before)
    decision = Decision(after, (after,), announcements=(updated,) * (after.plan != before.plan))
    if not before.auto_advance:
        return decision
    if any(moment.what == FALL_DUE for moment in come):
        people, news = unpaid(book, context)
        decision = _then(decision, Decision(after, people, announcements=news))
    reminders = [moment for moment in come if moment.what == REMIND]
    if reminders:
        decision = _then(decision, _reminded(book, after, reminders[-1].days, context))
    if any(moment.what == GIVE_UP for moment in come):
        action = LastRetry(settings.past_due.subscription, settings.past_due.invoice)
        decision = _then(decision, given_up_on(carried(book, decision), action, context))
    return decision


def _reminded(book: Book, invoice: Invoice, days: int, context: Context) -> Decision:
    """Recall the invoice. ``days`` from the due date; before it the event is another."""
    event = "invoice.overdue" if days >= 0 else "invoice.will_be_due"
    mail = mailed("reminder", invoice, book.customer, book.settings, context, days=days)
    return Decision(invoice, mail, announcements=(Announcement(event, invoice),))


# ── giving up ──────────────────────────────────────────────────────────────────────────────────


def given_up_on(book: Book, action: LastRetry, context: Context) -> Decision:
    """Do the account's final action: to the subscription first, then to the invoice itself."""
    invoice = book.invoice
    assert invoice is not None
    saves, announcements = standing.gave_up(book, action.subscription, context)
    decision = Decision(invoice, saves, announcements=announcements)
    begun = bool(invoice.plan) and invoice.amount_paid > 0
    if action.invoice != "mark_uncollectible" or begun:
        # A payment plan under way is never given up (`collecting.not_begun`): raising would leave it due.
        return decision
    lost = mark_uncollectible(carried(book, decision), context, forgives=False)
    return merged_decisions(decision, lost)


def carried(book: Book, decision: Decision) -> Book:
    """Return the book with invoice, customer and subscription as the decision leaves them."""
    for record in decision.saves:
        if isinstance(record, Invoice) and book.invoice and record.id == book.invoice.id:
            book = replace(book, invoice=record)
        elif isinstance(record, Customer):
            book = replace(book, customer=record)
        elif isinstance(record, Subscription):
            book = replace(book, subscription=record)
    return book


def _then(first: Decision, then: Decision) -> Decision:
    """Do both, and keep the refusal that the caller of the first hears."""
    return replace(merged_decisions(first, then), refusal=first.refusal)
