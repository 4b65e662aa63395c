"""Stamping: payments that are on no invoice are marked so in Stripe, where everybody can find them.

As the source has it: once a payment was taken off an invoice, its metadata says ``unapplied=true`` and
``unapplied_from=in_…``, which the Search API finds; once it is on an invoice again, neither is there.

1. An event only says which payment to look at. Whether it is applied is looked up, so late, repeated or
   reordered events change nothing. From which invoice it came is told by the newest event that says so.
2. Every payment of the account is kept track of, whether its invoice was sent by us or not.
3. What Stripe refuses (a key that may not write payments) is noted with the event and holds up nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import stripe

from seikyu.connector.connection import Connection
from seikyu.connector.failures import failure_of
from seikyu.connector.store import Received
from seikyu.connector.stripe_side import DETACHED, PAID, StripeSide

REFUSED = (stripe.InvalidRequestError, stripe.PermissionError)
ABOUT_PAYMENTS = (DETACHED, PAID)


@dataclass(frozen=True, slots=True)
class Look:
    """A payment to look at, the events that asked for it, and the invoice it was last taken off."""

    payment_id: str
    event_ids: list[str]
    taken_off: str | None


def looks_at(events: Iterable[Received]) -> list[Look]:
    """Return one look for each payment that the events are about, whatever their order."""
    by_payment: dict[str, list[Received]] = {}
    for event in events:
        if event.event_type in ABOUT_PAYMENTS and event.payment_id is not None:
            by_payment.setdefault(event.payment_id, []).append(event)
    looks = []
    for payment_id, told in by_payment.items():
        detached = [event for event in told if event.event_type == DETACHED]
        newest = max(detached, key=lambda event: event.told_at, default=None)
        taken_off = newest.stripe_invoice_id if newest else None
        looks.append(Look(payment_id, [event.event_id for event in told], taken_off))
    return looks


def stamp(stripe_side: StripeSide, look: Look) -> bool:
    """Bring the payment's stamp in line with where the payment is now; return whether that changed it."""
    payment = stripe_side.payment(look.payment_id)
    if payment is None:
        return False
    if payment.status == "succeeded" and not stripe_side.is_applied(look.payment_id):
        taken_off = look.taken_off or payment.unapplied_from
        if taken_off is None or (payment.unapplied, payment.unapplied_from) == (True, taken_off):
            return False  # it never was on an invoice, or is stamped
        stripe_side.stamp_unapplied(look.payment_id, taken_off)
        return True
    if not payment.unapplied and payment.unapplied_from is None:
        return False
    stripe_side.clear_stamp(look.payment_id)
    return True


def stamp_all(connection: Connection, events: Iterable[Received]) -> None:
    """Stamp what the events are about; raises what ended it early, noted with the event."""
    for look in looks_at(events):
        try:
            stamp(connection.stripe, look)
        except REFUSED as error:
            connection.inbox.failed(look.event_ids, failure_of(error).en)
        except stripe.StripeError as error:
            connection.inbox.failed(look.event_ids, failure_of(error).en)
            raise


def fetch_lost(connection: Connection) -> int:
    """Put what webhooks did not bring into the inbox: the payments of the last 30 days.

    Returns how many events were new. Of payments that came on an invoice only those matter that were
    taken off one before. One call; where Stripe does not know the event, there is nothing to fetch.
    """
    try:
        told = connection.stripe.payment_events()
    except REFUSED:
        return 0
    detached = {event.payment_id for event in told if event.event_type == DETACHED}
    detached |= connection.inbox.payments_of(DETACHED)
    wanted = [event for event in told if event.payment_id in detached]
    return sum(connection.inbox.put(event, connection.now()) for event in wanted)
