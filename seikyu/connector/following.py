"""Following what was sent: Stripe's state is looked up, board's status follows.

`sweep` finds what may have changed by listing; `settle` carries one invoice's state over. Both only
*look*: the invoice is fetched as it is now, so it does not matter what announced the change, in
which order, how often, or whether anything did. One `settle` at a time per connection.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from seikyu.board.words import InvoiceStatus
from seikyu.connector import back_sync
from seikyu.connector.board_side import BoardSide
from seikyu.connector.conditions import Rules
from seikyu.connector.facts import Link, LinkState, StripeInvoice
from seikyu.connector.plan import AskHuman, SetStatus, Skip, plan_link
from seikyu.connector.reasons import Kind, already_linked
from seikyu.connector.store import InvoiceLinks
from seikyu.connector.stripe_side import StripeSide

OPEN_STATUSES = ("draft", "open", "uncollectible")
"""The statuses whose lists are bounded by what is still owed."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What was done about one linked invoice."""

    link: Link
    stripe: StripeInvoice
    operation: SetStatus | Skip | AskHuman


class Follower:
    """Carries the state of Stripe's invoices over to board, for one connection."""

    def __init__(
        self, board: BoardSide, stripe: StripeSide, links: InvoiceLinks, now: Callable[[], datetime]
    ) -> None:
        """Prepare; nothing is read yet."""
        self._board, self._stripe, self._links, self._now = board, stripe, links, now

    def sweep(self) -> dict[int, StripeInvoice]:
        """Return the present state of every sent invoice that may need something, by 請求ID.

        1. List what is open in Stripe (and drafts, and uncollectible ones, when we know of any).
        2. Those that we saw unpaid and that are no longer listed changed: fetch each.
        3. Those that we saw paid and that are listed were re-opened.
        """
        unsettled = {link.stripe_invoice_id: link for link in self._links.unsettled()}
        seen = {link.seen_status for link in unsettled.values()}
        listed: dict[str, StripeInvoice] = {}
        for status in OPEN_STATUSES:
            if status == "open" or status in seen:
                listed.update((one.id, one) for one in self._stripe.invoices_with_status(status))
        found: dict[int, StripeInvoice] = {}
        for stripe_id, link in unsettled.items():
            if stripe_id is not None:
                found[link.board_invoice_id] = listed.get(stripe_id) or self.look(stripe_id)
        for stripe_id, invoice in listed.items():
            reopened = None if stripe_id in unsettled else self._links.of_stripe_invoice(stripe_id)
            if reopened is not None and reopened.state is LinkState.SENT:
                found[reopened.board_invoice_id] = invoice
        return found

    def look(self, stripe_invoice_id: str) -> StripeInvoice:
        """Fetch an invoice as it is now; status "gone" when its draft was deleted."""
        found = self._stripe.invoice(stripe_invoice_id)
        return found or StripeInvoice(stripe_invoice_id, "gone", 0, 0, 0, 0)

    def settle(self, board_invoice_id: int, rules: Rules) -> Settled | None:
        """Look at one sent invoice now and carry its state over; None when it is not linked.

        The caller holds the connection's status lock, so an older look cannot write after a newer.
        """
        link = self._links.of_invoices([board_invoice_id]).get(board_invoice_id)
        if link is None or link.state is not LinkState.SENT or link.stripe_invoice_id is None:
            return None
        stripe = self.look(link.stripe_invoice_id)
        if _unchanged(link, stripe):
            return Settled(link, stripe, Skip((already_linked(stripe.id),)))
        if back_sync.situation(link, stripe) in back_sync.TARGETS:
            # Some present status would lead to a write, so the real one must be known.
            self._board.refresh_statuses()
            link = self._links.of_invoices([board_invoice_id])[board_invoice_id]
        present = link.board_status or InvoiceStatus.INVOICED
        operation = plan_link(link, stripe, present, rules)
        if isinstance(operation, SetStatus):
            link = self._board.write_status(link, operation.status)
        return Settled(self._note(link, stripe, operation), stripe, operation)

    def note(
        self, link: Link, stripe: StripeInvoice, operation: SetStatus | Skip | AskHuman
    ) -> None:
        """Keep what was seen of an invoice about which nothing has to be written."""
        self._note(link, stripe, operation)

    def _note(
        self, link: Link, stripe: StripeInvoice, operation: SetStatus | Skip | AskHuman
    ) -> Link:
        """Keep what was seen, unless a person has to act first: then it is asked again next time."""
        if isinstance(operation, AskHuman) and operation.reason.kind is not Kind.NOTICE:
            noted = replace(link, reason=operation.reason.name)
        elif stripe.status in ("void", "gone"):
            noted = replace(
                link,
                state=LinkState.ENDED,
                seen_status=stripe.status,
                ended_at=self._now(),
                reason=None,
            )
        else:
            noted = replace(
                link, seen_status=stripe.status, seen_paid=stripe.amount_paid, reason=None
            )
        if noted != link:
            self._links.save(noted)
        return noted


def _unchanged(link: Link, stripe: StripeInvoice) -> bool:
    """Whether this very state was carried over already: one payment is announced several times."""
    seen = (link.seen_status, link.seen_paid) == (stripe.status, stripe.amount_paid)
    return seen and stripe.status == "paid" and link.reason is None
