"""When time must act on an invoice: a pure function of facts, recomputed at every save.

Nothing is scheduled and nothing is cancelled: a row whose facts change simply has another due time.
Source: Stripe, "Automatic advancement": a draft is finalized about an hour after it was made, or at the
explicit ``automatically_finalizes_at``; a finalized one that is charged automatically is charged once.
"""

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.invoice import DRAFT, OPEN, Invoice

DRAFT_STAYS = 3600
"""Seconds that an automatically advancing draft can still be edited."""


def next_action(invoice: Invoice) -> int | None:
    """Return the moment (Unix seconds, the customer's time) at which time acts next, or None."""
    if not invoice.auto_advance or invoice.details.get("last_finalization_error"):
        return None
    if invoice.status == DRAFT:
        return invoice.automatically_finalizes_at or invoice.created + DRAFT_STAYS
    if invoice.status == OPEN and charges_by_itself(invoice) and not invoice.attempted:
        return invoice.finalized_at
    return None


def charges_by_itself(invoice: Invoice) -> bool:
    """Say whether collection means charging a card on file."""
    return invoice.collection_method == "charge_automatically" and invoice.amount_remaining > 0


def timed(invoice: Invoice) -> Invoice:
    """Return the invoice with its due time as the facts now have it."""
    at = next_action(invoice)
    attempt = at if invoice.status == OPEN else None
    if at == invoice.next_action_at and attempt == invoice.next_payment_attempt:
        return invoice
    return replace(invoice, next_action_at=at, next_payment_attempt=attempt)
