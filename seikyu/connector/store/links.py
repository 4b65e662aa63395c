"""Which board invoice is which Stripe invoice, and which client is which Stripe customer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select

from seikyu.board.words import InvoiceStatus
from seikyu.connector.facts import Link, LinkState
from seikyu.connector.store.database import Database, optional_moment, optional_unix, unix, upsert
from seikyu.connector.store.tables import customer_links, invoice_links

# More parameters than this in one statement are too many for some builds of SQLite.
MANY = 500


class InvoiceLinks:
    """The invoice links of one connection."""

    def __init__(self, database: Database, connection_id: str) -> None:
        """Read and write the links of this connection."""
        self._database, self._id = database, connection_id

    def save(self, link: Link) -> None:
        """Insert or replace a link; committed when this returns."""
        with self._database.transaction() as connection:
            upsert(connection, invoice_links, [_row(self._id, link)])

    def remove(self, board_invoice_id: int) -> None:
        """Forget a link of which nothing is left in Stripe."""
        with self._database.transaction() as connection:
            connection.execute(
                delete(invoice_links).where(
                    invoice_links.c.connection_id == self._id,
                    invoice_links.c.board_invoice_id == board_invoice_id,
                )
            )

    def of_invoices(self, board_invoice_ids: Iterable[int]) -> dict[int, Link]:
        """Return the links of these 請求, by 請求ID."""
        wanted = sorted(board_invoice_ids)
        found: dict[int, Link] = {}
        for start in range(0, len(wanted), MANY):
            chunk = wanted[start : start + MANY]
            links = self._where(invoice_links.c.board_invoice_id.in_(chunk))
            found.update({link.board_invoice_id: link for link in links})
        return found

    def of_stripe_invoice(self, stripe_invoice_id: str) -> Link | None:
        """Return the link of a Stripe invoice."""
        links = self._where(invoice_links.c.stripe_invoice_id == stripe_invoice_id)
        return links[0] if links else None

    def unfinished(self) -> list[Link]:
        """Return the links whose sending began, or waits for a person."""
        return self._where(
            invoice_links.c.state.in_((LinkState.RESERVED.value, LinkState.WAITING.value))
        )

    def unsettled(self) -> list[Link]:
        """Return the sent links whose Stripe invoice was not paid when we last looked."""
        seen = invoice_links.c.seen_status
        return self._where(
            invoice_links.c.state == LinkState.SENT.value, or_(seen.is_(None), seen != "paid")
        )

    def _where(self, *conditions: ColumnElement[bool]) -> list[Link]:
        query = (
            select(invoice_links)
            .where(invoice_links.c.connection_id == self._id, *conditions)
            .order_by(invoice_links.c.board_invoice_id)
        )
        with self._database.transaction() as connection:
            return [_link(row) for row in connection.execute(query).mappings()]


@dataclass(frozen=True, slots=True)
class CustomerLink:
    """A client's Stripe customer. `origin`: manual, email, created or import."""

    board_client_id: int
    customer_id: str
    origin: str
    address: str = ""


class CustomerLinks:
    """The customer links of one connection."""

    def __init__(self, database: Database, connection_id: str) -> None:
        """Read and write the links of this connection."""
        self._database, self._id = database, connection_id

    def find(self, board_client_id: int, address: str = "") -> CustomerLink | None:
        """Return the client's link, or the link of one of its projects' addresses."""
        links = self._where(
            customer_links.c.board_client_id == board_client_id, customer_links.c.address == address
        )
        return links[0] if links else None

    def of_customer(self, customer_id: str) -> list[CustomerLink]:
        """Return every link to a Stripe customer."""
        return self._where(customer_links.c.customer_id == customer_id)

    def save(self, link: CustomerLink, now: datetime) -> None:
        """Insert or replace a link."""
        row = {
            "connection_id": self._id,
            "board_client_id": link.board_client_id,
            "address": link.address,
            "customer_id": link.customer_id,
            "origin": link.origin,
            "linked_at": unix(now),
        }
        with self._database.transaction() as connection:
            upsert(connection, customer_links, [row])

    def remove(self, link: CustomerLink) -> None:
        """Remove a link; the customer in Stripe stays."""
        with self._database.transaction() as connection:
            connection.execute(
                delete(customer_links).where(
                    customer_links.c.connection_id == self._id,
                    customer_links.c.board_client_id == link.board_client_id,
                    customer_links.c.address == link.address,
                )
            )

    def _where(self, *conditions: ColumnElement[bool]) -> list[CustomerLink]:
        query = select(customer_links).where(
            customer_links.c.connection_id == self._id, *conditions
        )
        with self._database.transaction() as connection:
            return [
                CustomerLink(
                    row["board_client_id"], row["customer_id"], row["origin"], row["address"]
                )
                for row in connection.execute(query).mappings()
            ]


def _row(connection_id: str, link: Link) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "board_invoice_id": link.board_invoice_id,
        "state": link.state.value,
        "revision": link.revision,
        "board_client_id": link.board_client_id,
        "project_no": link.project_no,
        "customer_id": link.customer_id,
        "stripe_invoice_id": link.stripe_invoice_id,
        "amount": link.amount,
        "currency": link.currency,
        "mode": link.mode,
        "run_id": link.run_id,
        "board_status": link.board_status,
        "written_status": link.written_status,
        "seen_status": link.seen_status,
        "seen_paid": link.seen_paid,
        "ended_at": optional_unix(link.ended_at),
        "reason": link.reason,
        "name": link.name,
        "client_name": link.client_name,
    }


def _link(row: Mapping[Any, Any]) -> Link:
    return Link(
        board_invoice_id=row["board_invoice_id"],
        state=LinkState(row["state"]),
        revision=row["revision"],
        board_client_id=row["board_client_id"],
        project_no=row["project_no"],
        customer_id=row["customer_id"],
        stripe_invoice_id=row["stripe_invoice_id"],
        amount=row["amount"],
        currency=row["currency"],
        mode=row["mode"],
        run_id=row["run_id"],
        board_status=_status(row["board_status"]),
        written_status=_status(row["written_status"]),
        seen_status=row["seen_status"],
        seen_paid=row["seen_paid"],
        ended_at=optional_moment(row["ended_at"]),
        reason=row["reason"],
        name=row["name"],
        client_name=row["client_name"],
    )


def _status(number: int | None) -> InvoiceStatus | None:
    return None if number is None else InvoiceStatus(number)
