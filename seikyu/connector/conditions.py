"""The sending conditions: all must hold, and each that does not is a named reason.

Source: the connector's manual (送信条件) and its options. Every condition is judged for every
invoice, so the report lists *all* that are missed and not the first one only. Pure.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from seikyu.board.documents import Invoice
from seikyu.board.words import InvoiceStatus, OrderStatus, PaymentMethod
from seikyu.connector import reasons
from seikyu.connector.back_sync import Switches
from seikyu.connector.facts import (
    ClientFacts,
    CustomerFinding,
    Link,
    LinkState,
    ProjectFacts,
    StripeInvoice,
)
from seikyu.connector.reasons import Reason


class Mode(StrEnum):
    """インボイス設定: how an invoice is collected."""

    CHARGE = "charge"
    EMAIL = "email"
    DRAFT = "draft"


class WithoutCard(StrEnum):
    """What becomes of an invoice to be charged whose customer has no default card."""

    ASK = "ask"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings of a connection that decide, and the moment they are applied at.

    `today` is the calendar day in Tokyo; `window_start` the moment since which an invoice must have
    been updated in board. `currencies` are board's codes ("JPY").
    """

    mode: Mode
    today: date
    window_start: datetime
    accept_confirmed: bool = False
    currencies: frozenset[str] = frozenset({"JPY"})
    registration_number: str | None = None
    switches: Switches = field(default_factory=Switches)
    without_card: WithoutCard = WithoutCard.ASK


@dataclass(frozen=True, slots=True)
class Case:
    """One invoice with everything that is known about it. `stripe` is None while nothing is sent.

    `mailed` is the customer of an invoice that is e-mailed because `customer` has no card: it differs
    where the project has an address of its own. None while it was not looked up.
    """

    invoice: Invoice
    project: ProjectFacts | None = None
    client: ClientFacts | None = None
    link: Link | None = None
    stripe: StripeInvoice | None = None
    customer: CustomerFinding = field(default_factory=CustomerFinding)
    mailed: CustomerFinding | None = None


def missed_conditions(case: Case, rules: Rules) -> tuple[Reason, ...]:
    """Return a reason for every condition that does not hold, in the order of the manual."""
    judged = (
        _link(case),
        _payment_method(case),
        _invoice_status(case),
        _order_status(case, rules),
        None if recipients(case) else reasons.no_email(),
        _window(case, rules),
        _payment_limit(case, rules),
        _amount(case),
        _currency(case, rules),
    )
    return tuple(reason for reason in judged if reason is not None)


def recipients(case: Case) -> tuple[str, ...]:
    """Return the addresses of the project's mail settings, else of the client's."""
    if case.project is not None and case.project.to:
        return case.project.to
    return case.client.to if case.client is not None else ()


def mode_of(case: Case, rules: Rules) -> Mode:
    """Return how an invoice is collected: as the connection says, or by e-mail for want of a card.

    Before its customer was looked up the card is taken to be there.
    """
    by_email = rules.mode is Mode.CHARGE and rules.without_card is WithoutCard.EMAIL
    return Mode.EMAIL if by_email and case.customer.lacks_card else rules.mode


def payable(invoice: Invoice) -> int:
    """Return what the client owes, in minor units: total + tax - 源泉所得税."""
    if invoice.document is not None:
        return invoice.document.payable
    return invoice.total + invoice.tax


def _link(case: Case) -> Reason | None:
    link = case.link
    if link is None or link.state in (LinkState.WAITING, LinkState.RESERVED):
        return None
    shown = link.stripe_invoice_id or "?"
    if link.state is LinkState.SENT:
        return reasons.already_linked(shown)
    # After a void, sending the unchanged invoice again would undo what a person did in Stripe;
    # touching it in board says that it is wanted.
    updated = case.invoice.updated_at
    if updated is None or (link.ended_at is not None and updated <= link.ended_at):
        return reasons.voided_and_unchanged(shown)
    return None


def _payment_method(case: Case) -> Reason | None:
    method = case.invoice.payment_method
    if method is None and case.project is not None:
        method = case.project.payment_method
    return None if method is PaymentMethod.CREDIT_CARD else reasons.not_credit_card(method)


def _invoice_status(case: Case) -> Reason | None:
    status = case.invoice.invoice_status
    return None if status is InvoiceStatus.INVOICED else reasons.not_invoiced(status)


def _order_status(case: Case, rules: Rules) -> Reason | None:
    status = case.invoice.order_status
    confirmed = rules.accept_confirmed and status is OrderStatus.CONFIRMED
    return None if confirmed or status is OrderStatus.ORDERED else reasons.not_ordered(status)


def _window(case: Case, rules: Rules) -> Reason | None:
    """An invoice whose sending has begun, or waits for a person, stays wanted until it is done."""
    if case.link is not None and case.link.state in (LinkState.WAITING, LinkState.RESERVED):
        return None
    updated = case.invoice.updated_at
    if updated is not None and updated >= rules.window_start:
        return None
    return reasons.not_recently_updated(updated, rules.window_start)


def _payment_limit(case: Case, rules: Rules) -> Reason | None:
    limit = case.invoice.payment_limit_date
    return None if limit is None or limit >= rules.today else reasons.past_payment_limit(limit)


def _amount(case: Case) -> Reason | None:
    owed = payable(case.invoice)
    return None if owed > 0 else reasons.no_amount(owed, case.invoice.currency)


def _currency(case: Case, rules: Rules) -> Reason | None:
    currency = case.invoice.currency
    return None if currency in rules.currencies else reasons.currency_not_mapped(currency)
