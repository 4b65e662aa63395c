"""The inbox of webhooks: every event once, kept until it has been looked into.

An event's content is not kept: it only says which Stripe invoice to look at, and looking fetches
the invoice as it is then.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from seikyu.connector.store.database import Database, unix, upsert
from seikyu.connector.store.tables import webhook_inbox


@dataclass(frozen=True, slots=True)
class Received:
    """An event that waits to be looked into; `stripe_invoice_id` None when it names none.

    `payment_id` is the payment intent of a payment on an invoice; `told_at` when it happened (Unix seconds).
    """

    event_id: str
    event_type: str
    stripe_invoice_id: str | None
    payment_id: str | None = None
    told_at: int = 0


class Inbox:
    """The inbox of one connection."""

    def __init__(self, database: Database, connection_id: str) -> None:
        """Keep the events of this connection."""
        self._database, self._id = database, connection_id

    def put(self, event: Received, now: datetime) -> bool:
        """Store an event; returns False when it is there already."""
        row = {
            "connection_id": self._id,
            "event_id": event.event_id,
            "event_type": event.event_type,
            "stripe_invoice_id": event.stripe_invoice_id,
            "payment_id": event.payment_id,
            "told_at": event.told_at,
            "received_at": unix(now),
            "attempts": 0,
        }
        with self._database.transaction() as connection:
            return upsert(connection, webhook_inbox, [row], keep=True) == 1

    def waiting(self, limit: int = 200) -> list[Received]:
        """Return events that have not been looked into, those tried least often first."""
        query = (
            select(webhook_inbox)
            .where(
                webhook_inbox.c.connection_id == self._id, webhook_inbox.c.processed_at.is_(None)
            )
            .order_by(webhook_inbox.c.attempts, webhook_inbox.c.received_at)
            .limit(limit)
        )
        with self._database.transaction() as connection:
            return [
                Received(
                    row["event_id"],
                    row["event_type"],
                    row["stripe_invoice_id"],
                    row["payment_id"],
                    row["told_at"] or 0,
                )
                for row in connection.execute(query).mappings()
            ]

    def count(self) -> int:
        """Return how many events were ever received."""
        query = select(func.count()).where(webhook_inbox.c.connection_id == self._id)
        with self._database.transaction() as connection:
            return connection.scalar(query) or 0

    def payments_of(self, event_type: str) -> set[str]:
        """Return the payments that events of this type were ever about."""
        query = (
            select(webhook_inbox.c.payment_id)
            .where(
                webhook_inbox.c.connection_id == self._id,
                webhook_inbox.c.event_type == event_type,
                webhook_inbox.c.payment_id.is_not(None),
            )
            .distinct()
        )
        with self._database.transaction() as connection:
            return set(connection.scalars(query))

    def processed(self, event_ids: list[str], now: datetime) -> None:
        """Note that these events have been looked into."""
        self._update(event_ids, {"processed_at": unix(now)})

    def failed(self, event_ids: list[str], error: str) -> None:
        """Note that looking failed; they stay waiting."""
        self._update(event_ids, {"last_error": error})

    def _update(self, event_ids: list[str], values: dict[str, object]) -> None:
        with self._database.transaction() as connection:
            connection.execute(
                update(webhook_inbox)
                .where(
                    webhook_inbox.c.connection_id == self._id,
                    webhook_inbox.c.event_id.in_(event_ids),
                )
                .values(attempts=webhook_inbox.c.attempts + 1, **values)
            )
