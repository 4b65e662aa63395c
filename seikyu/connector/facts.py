"""The facts the connector decides on: what it keeps of board and of Stripe, and its links.

Plain frozen values without behaviour that touches anything outside. Amounts are in minor units of
the currency beside them (yen for JPY), moments carry an offset.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from seikyu.board.documents import Client, Project
from seikyu.board.words import InvoiceStatus, PaymentMethod


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """What is kept of a client (顧客): its mail settings decide where an invoice goes."""

    id: int
    name: str
    to: tuple[str, ...]
    updated_at: datetime | None

    @classmethod
    def of(cls, client: Client) -> Self:
        """Keep what is needed of a client read with response group large."""
        return cls(client.id, client.name, client.to or (), client.updated_at)


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What is kept of a project (案件): its own mail settings and the payment method."""

    id: int
    project_no: int | None
    name: str
    to: tuple[str, ...]
    payment_method: PaymentMethod | None
    updated_at: datetime | None

    @classmethod
    def of(cls, project: Project) -> Self:
        """Keep what is needed of a project read with response group large."""
        return cls(
            project.id,
            project.project_no,
            project.name,
            project.to or (),
            project.payment_method,
            project.updated_at,
        )


class LinkState(StrEnum):
    """How far the sending of an invoice is known to have come.

    waiting   a person was asked for something before anything was created in Stripe
    reserved  creating began; whether Stripe has the invoice must be looked up
    sent      Stripe has it, complete; from here on only its status is followed
    ended     it was voided, or its draft deleted, in Stripe: it may be sent again
    """

    WAITING = "waiting"
    RESERVED = "reserved"
    SENT = "sent"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Link:
    """A board invoice and its Stripe invoice. `amount` is what was sent, in minor units.

    `revision` counts the Stripe invoices made for it: it goes into the idempotency keys, so that a
    new attempt after a deleted draft is not answered with the deleted one. `run_id` is the run that
    reserved it, and stays while that attempt is repeated, so that the repeat says the same.
    `board_status` is board's status as last read, `written_status` the one we last wrote,
    `seen_status` and `seen_paid` what Stripe last said. `name` (案件名) and `client_name` are for
    reports.
    """

    board_invoice_id: int
    state: LinkState
    revision: int = 1
    board_client_id: int = 0
    project_no: int | None = None
    customer_id: str | None = None
    stripe_invoice_id: str | None = None
    amount: int = 0
    currency: str = "jpy"
    mode: str = ""
    run_id: str = ""
    board_status: InvoiceStatus | None = None
    written_status: InvoiceStatus | None = None
    seen_status: str | None = None
    seen_paid: int = 0
    ended_at: datetime | None = None
    reason: str | None = None
    name: str = ""
    client_name: str = ""


class CustomerKind(StrEnum):
    """What looking for an invoice's customer in Stripe found."""

    NOT_LOOKED_UP = "not_looked_up"
    LINKED = "linked"
    FOUND = "found"
    TO_CREATE = "to_create"
    AMBIGUOUS = "ambiguous"
    SHARED = "shared"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class CustomerFinding:
    """The Stripe customer an invoice goes to, or why there is none yet.

    `address` is "" for the client's own customer, else the project's address that needs a customer
    of its own. `count` and `other_client_id` belong to AMBIGUOUS and SHARED.
    """

    kind: CustomerKind = CustomerKind.NOT_LOOKED_UP
    customer_id: str | None = None
    has_default_card: bool = False
    address: str = ""
    count: int = 0
    other_client_id: int = 0

    @property
    def lacks_card(self) -> bool:
        """Whether it is clear whose customer it is, and that there is nothing to charge."""
        if self.kind is CustomerKind.TO_CREATE:
            return True
        known = self.kind in (CustomerKind.LINKED, CustomerKind.FOUND)
        return known and not self.has_default_card


class PaidHow(StrEnum):
    """How a Stripe invoice came to be paid."""

    ONLINE = "online"
    UNDER_MINIMUM = "under_minimum"
    BANK_TRANSFER = "bank_transfer"
    OUTSIDE_STRIPE = "outside_stripe"


@dataclass(frozen=True, slots=True)
class StripeInvoice:
    """A Stripe invoice as it is now; `status` "gone" when a draft was deleted there."""

    id: str
    status: str
    total: int
    amount_due: int
    amount_paid: int
    amount_remaining: int
    attempt_count: int = 0
    auto_advance: bool = False
    currency: str = "jpy"
    paid_how: PaidHow = PaidHow.ONLINE
    hosted_url: str | None = None
    number: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    charge_automatically: bool = True

    @classmethod
    def of(cls, invoice: Any, paid_how: PaidHow = PaidHow.ONLINE) -> Self:
        """Keep what is needed of the SDK's object."""
        metadata = invoice.metadata.to_dict() if invoice.metadata else {}
        return cls(
            id=invoice.id,
            status=invoice.status or "draft",
            total=invoice.total,
            amount_due=invoice.amount_due,
            amount_paid=invoice.amount_paid,
            amount_remaining=invoice.amount_remaining,
            attempt_count=invoice.attempt_count,
            auto_advance=bool(invoice.auto_advance),
            currency=invoice.currency,
            paid_how=paid_how,
            hosted_url=invoice.hosted_invoice_url,
            number=invoice.number,
            metadata=tuple(sorted(metadata.items())),
            charge_automatically=invoice.collection_method == "charge_automatically",
        )
