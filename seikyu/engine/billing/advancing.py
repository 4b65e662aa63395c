"""Advancing: what time does to an invoice when its moment has come.

A draft is finalized; a mailed invoice falls due, is recalled, is given up; a charge is made and tried
again, and after the last retry the account's final action follows. Nothing here remembers a step: what
is called for follows from the facts that ``due`` computes the moment from, so doing it twice is
harmless. Of several reminders whose moments a stopped worker slept through, only the last is sent.
Source: Stripe, "Automatic collection", "Smart Retries" and "Manage overdue invoices".
"""

from dataclasses import dataclass

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import attempted, mark_uncollectible, pay
from seikyu.engine.billing.customer import with_delinquency
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
from seikyu.engine.billing.finalizing import finalize
from seikyu.engine.billing.invoice import DRAFT, OPEN, FinalizeInvoice, Invoice, PayInvoice
from seikyu.engine.billing.settings import LastRetry, overridden

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
        return finalize(book, FinalizeInvoice(automatic=True), context)
    if book.in_flight is not None:
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
    error = (book.expected.last_error if book.expected else None) or {}
    if not HARD_DECLINES & {error.get("code"), error.get("decline_code")}:
        return False
    return book.method is not None and error.get("payment_method") == book.method.id


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
    given_up = given_up_on(replace(book, invoice=invoice), settings.after_last_retry, context)
    return failed if given_up is None else _then(failed, given_up)


# ── mailed invoices ────────────────────────────────────────────────────────────────────────────


def _around_due_date(book: Book, before: Invoice, context: Context) -> Decision:
    """Do what the moments that have come call for, and be done with them."""
    settings = overridden(book.settings, before.details.get("collection_settings"))
    come = [m for m in moments(before, settings) if since(before) < m.at <= context.now]
    after = replace(before, acted_until=context.now)
    decision = Decision(after, (after,))
    if any(moment.what == FALL_DUE for moment in come):
        people, news = with_delinquency(book.customer, delinquent=True)
        decision = _then(decision, Decision(after, people, announcements=news))
    reminders = [moment for moment in come if moment.what == REMIND]
    if reminders:
        decision = _then(decision, _reminded(book, after, reminders[-1].days))
    if any(moment.what == GIVE_UP for moment in come):
        action = LastRetry(settings.past_due.subscription, settings.past_due.invoice)
        given_up = given_up_on(replace(book, invoice=after), action, context)
        if given_up is not None:
            decision = _then(decision, given_up)
    return decision


def _reminded(book: Book, invoice: Invoice, days: int) -> Decision:
    """Recall the invoice. ``days`` from the due date; before it the event is another."""
    event = "invoice.overdue" if days > 0 else "invoice.will_be_due"
    return Decision(invoice, announcements=(Announcement(event, invoice),))


# ── giving up ──────────────────────────────────────────────────────────────────────────────────


def given_up_on(book: Book, action: LastRetry, context: Context) -> Decision | None:
    """Do the account's final action on the book's invoice; None when that is to leave all as it is."""
    if action.invoice == "mark_uncollectible":
        return mark_uncollectible(book, context)
    return None


def _then(first: Decision, then: Decision) -> Decision:
    """Do both, and keep the refusal that the caller of the first hears."""
    return replace(merged_decisions(first, then), refusal=first.refusal)
