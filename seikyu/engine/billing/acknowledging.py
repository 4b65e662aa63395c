"""Acknowledging: every webhook endpoint that listened has heard of a draft.

The hour in which an advancing draft can still be edited begins only then, so that whoever builds on
``invoice.created`` has that hour too. Which deliveries still count is read where the invoice is locked,
so of two endpoints that answer at the same moment the later one finds nothing outstanding any more.
Source: Stripe, "Automatic advancement: webhooks".
"""

from dataclasses import dataclass

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Context, Decision
from seikyu.engine.billing.invoice import DRAFT


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A delivery of the invoice's creation, ``event_id``, has ended: perhaps it was the last."""

    event_id: str


@dataclass(frozen=True, slots=True)
class AcknowledgingBook(Book):
    """The draft, and whether an endpoint that listened has still not answered with success."""

    outstanding: bool = True


def decide(book: AcknowledgingBook, command: object, context: Context) -> Decision:
    """Record, in the customer's time, that nothing is outstanding; harmless to repeat.

    A draft that was finalized meanwhile, or was acknowledged before, stays as it is.
    """
    del command
    invoice = book.invoice
    assert invoice is not None
    awaits = invoice.awaits_webhooks and invoice.acknowledged_at is None
    if invoice.status != DRAFT or not awaits or book.outstanding:
        return Decision(invoice)
    after = replace(invoice, acknowledged_at=context.now)
    return Decision(after, (after,))
