"""How long the address of an invoice's page works, and what makes it work again.

It works for 30 days after the due date, or after finalization where there is no due date, and never for
more than 120 days after finalization. Whatever gives the address out anew (a mail about the invoice, a
change of it through the API, the customer's own portal) renews it for 30 days. The address itself stays
the same, so a mail from before leads to the page again too.
Source: Stripe, "Hosted Invoice Page": 30 days after the due date or finalization, never longer than 120;
addresses that are given out anew are good for at least 10 days.
"""

from dataclasses import dataclass

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Context, Decision
from seikyu.engine.billing.invoice import Invoice

DAY = 86_400
AFTER_DUE = 30 * DAY
AT_MOST = 120 * DAY
RENEWED_FOR = 30 * DAY


@dataclass(frozen=True, slots=True)
class LinkBook:
    """The invoice whose address is to be renewed."""

    invoice: Invoice
    customer: object = None


@dataclass(frozen=True, slots=True)
class RenewLink:
    """Let the address of a finalized invoice work again; nobody but the page notices."""


def decide(book: LinkBook, command: object, context: Context) -> Decision:
    """Renew the address."""
    assert isinstance(command, RenewLink)
    after = renewed(book.invoice, context.now)
    return Decision(after, (after,)) if after != book.invoice else Decision(book.invoice)


def renewed(invoice: Invoice, now: int) -> Invoice:
    """Return the invoice with an address that works for another 30 days from ``now`` (Unix seconds)."""
    if invoice.finalized_at is None:
        return invoice
    return replace(invoice, details={**invoice.details, "link_renewed_at": now})


def ends_at(invoice: Invoice, mailed_at: int | None) -> int:
    """Return the moment (Unix seconds, customer's time) from which the address opens nothing.

    ``mailed_at`` is when a mail about the invoice was last written.
    """
    finalized = invoice.finalized_at or invoice.created
    first = min(max(invoice.due_date or 0, finalized) + AFTER_DUE, finalized + AT_MOST)
    given_out = [moment for moment in (invoice.details.get("link_renewed_at"), mailed_at) if moment]
    return max([first, *(moment + RENEWED_FOR for moment in given_out)])
