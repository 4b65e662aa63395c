"""Queries of the customer portal: who is in it, what it offers, and what it shows of a customer.

The key in a session's address is unique in the installation, so finding a session starts without a world;
everything after it is asked in the session's own world and for its own customer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select

from seikyu.engine.billing.badges import Badge
from seikyu.engine.billing.catalogue import Product
from seikyu.engine.billing.currency import decimals
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.portal import (
    PortalConfiguration,
    PortalSession,
    changeable,
    ends_at,
    offers,
)
from seikyu.engine.billing.settings import Business
from seikyu.engine.billing.subscription import Subscription
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.store.catalogue import methods_of
from seikyu.engine.store.database import Connection
from seikyu.engine.store.hosted import badge_of, told_business
from seikyu.engine.store.keys import world_of
from seikyu.engine.store.session import Session, World, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.subscriptions import items_of, running_of
from seikyu.engine.store.tables import invoices, portal_configurations, portal_sessions

PER_PAGE = 20
"""Settled invoices on one page of the portal."""

MOST_OWED = 50
"""Owed invoices that are shown; their sum counts all."""

_BY_KEY = Statement(
    select(portal_sessions.c.world_id, portal_sessions.c.id).where(
        portal_sessions.c.portal_key == bindparam("of_key")
    )
)
_DEFAULT = Statement(
    select(*columns(PortalConfiguration)).where(
        portal_configurations.c.world_id == bindparam("world"), portal_configurations.c.is_default
    )
)
_MINE = (
    invoices.c.world_id == bindparam("world"),
    invoices.c.customer_id == bindparam("customer_id"),
)
_STATUS = invoices.c.status.in_([bindparam("one"), bindparam("other")])
OWED = {"one": "open", "other": "uncollectible"}
PAST = {"one": "paid", "other": "void"}
_OWED = Statement(
    select(*columns(Invoice))
    .where(*_MINE, _STATUS)
    .order_by(invoices.c.id.desc())
    .limit(bindparam("most"))
)
_OWED_SUMS = Statement(
    select(invoices.c.currency, func.count(), func.sum(invoices.c.amount_remaining))
    .where(*_MINE, _STATUS)
    .group_by(invoices.c.currency)
    .order_by(invoices.c.currency)
)
_PAST = Statement(
    select(*columns(Invoice))
    .where(*_MINE, _STATUS, invoices.c.id < bindparam("older"))
    .order_by(invoices.c.id.desc())
    .limit(bindparam("most"))
)
LAST_ID = "in_~"
"""Sorts after every id of an invoice."""


@dataclass(frozen=True, slots=True)
class PortalVisit:
    """What a session's key opens, told in plain values. ``ends_at``: Unix seconds, system time.

    ``changeable``: what customers may change about themselves. ``cancels``: how they may cancel
    subscriptions (``at_period_end`` or ``immediately``), None when they may not.
    ``links``: privacy policy and terms.
    ``now`` is the customer's time: that of the test clock when there is one.
    """

    world: World
    session_id: str
    key: str
    form_token: str
    ends_at: int
    opened: bool
    return_url: str | None
    locale: str | None
    headline: str | None
    links: tuple[tuple[str, str], ...]
    shows_invoices: bool
    changes_cards: bool
    changeable: tuple[str, ...]
    cancels: str | None
    customer_id: str
    customer_name: str | None
    details: Mapping[str, Any]
    default_card: str | None
    business: Business
    time_zone: str
    now: int


@dataclass(frozen=True, slots=True)
class OwnInvoice:
    """One of the customer's invoices. Amounts in minor units of ``currency``, times in Unix seconds."""

    id: str
    key: str
    number: str
    badge: Badge
    currency: str
    decimals: int
    amount: int
    issued_at: int
    due_date: int | None
    is_owed: bool
    has_receipt: bool


@dataclass(frozen=True, slots=True)
class OwnInvoices:
    """A customer's invoices, newest first: those owed, and a page of the others.

    ``sums``: currency, its decimals, how many are owed, minor units that remain.
    """

    owed: tuple[OwnInvoice, ...]
    sums: tuple[tuple[str, int, int, int], ...]
    past: tuple[OwnInvoice, ...]
    older: bool


@dataclass(frozen=True, slots=True)
class OwnCard:
    """A card of the customer's."""

    id: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True, slots=True)
class OwnSubscription:
    """A subscription of the customer's that is not over. Times in Unix seconds, the customer's."""

    id: str
    names: tuple[str, ...]
    renews_at: int
    ends_at: int | None


def visit(connection: Connection, key: str, now: int) -> PortalVisit | None:
    """Return what the key opens, whether it still does or not; None for an unknown key.

    ``now`` is the system's time in Unix seconds.
    """
    rows = connection.rows(_BY_KEY, of_key=key)
    if not rows:
        return None
    world_id, session_id = rows[0]
    session = Session(connection, world_of(connection, world_id))
    portal = session.get(PortalSession, session_id)
    assert portal is not None
    configuration = session.get(PortalConfiguration, portal.configuration_id)
    customer = session.get(Customer, portal.customer_id)
    if configuration is None or customer is None or customer.deleted:
        return None
    return _told(session, portal, configuration, customer, now)


def _told(
    session: Session,
    portal: PortalSession,
    configuration: PortalConfiguration,
    customer: Customer,
    now: int,
) -> PortalVisit:
    settings = session.settings()
    clock = session.get(TestClock, customer.clock_id)
    profile = configuration.details.get("business_profile") or {}
    addresses = (("privacy", "privacy_policy_url"), ("terms", "terms_of_service_url"))
    return PortalVisit(
        world=session.world,
        session_id=portal.id,
        key=portal.portal_key,
        form_token=portal.form_token,
        ends_at=ends_at(portal),
        opened=portal.opened_at is not None,
        return_url=portal.return_url,
        locale=portal.locale,
        headline=profile.get("headline"),
        links=tuple((name, profile[field]) for name, field in addresses if profile.get(field)),
        shows_invoices=offers(configuration, "invoice_history"),
        changes_cards=offers(configuration, "payment_method_update"),
        changeable=changeable(configuration),
        cancels=configuration.features["subscription_cancel"]["mode"]
        if offers(configuration, "subscription_cancel")
        else None,
        customer_id=customer.id,
        customer_name=customer.details.get("name"),
        details={**customer.details, "email": customer.email},
        default_card=customer.default_payment_method,
        business=told_business(session, settings.business),
        time_zone=settings.time_zone,
        now=clock.frozen_time if clock else now,
    )


def default_configuration(session: Session) -> PortalConfiguration | None:
    """Return the configuration that is used where none is named."""
    return next(iter(session.all(PortalConfiguration, _DEFAULT)), None)


def own_invoices(
    connection: Connection, who: PortalVisit, older_than: str | None = None
) -> OwnInvoices:
    """Return the customer's finalized invoices; of the settled ones a page, from ``older_than`` on."""
    session, mine = Session(connection, who.world), {"customer_id": who.customer_id}
    owed: tuple[Invoice, ...] = ()
    sums: list[Any] = []
    if older_than is None:
        owed = session.all(Invoice, _OWED, most=MOST_OWED, **OWED, **mine)
        sums = session.rows(_OWED_SUMS, **OWED, **mine)
    past = session.all(
        Invoice, _PAST, older=older_than or LAST_ID, most=PER_PAGE + 1, **PAST, **mine
    )
    return OwnInvoices(
        tuple(_own(session, invoice, who.now) for invoice in owed),
        tuple((str(c), decimals(c), int(count), int(amount)) for c, count, amount in sums),
        tuple(_own(session, invoice, who.now) for invoice in past[:PER_PAGE]),
        older=len(past) > PER_PAGE,
    )


def own_invoice(connection: Connection, who: PortalVisit, invoice_id: str) -> OwnInvoice | None:
    """Return one of the customer's invoices; None for a draft and for anybody else's."""
    session = Session(connection, who.world)
    found = session.get(Invoice, invoice_id)
    if found is None or found.customer_id != who.customer_id or found.status == "draft":
        return None
    return _own(session, found, who.now)


def _own(session: Session, invoice: Invoice, now: int) -> OwnInvoice:
    owed = invoice.status in ("open", "uncollectible")
    return OwnInvoice(
        id=invoice.id,
        key=invoice.hosted_key,
        number=invoice.number or "",
        badge=badge_of(session, invoice, now),
        currency=invoice.currency,
        decimals=decimals(invoice.currency),
        amount=invoice.amount_remaining if owed else invoice.amount_due,
        issued_at=invoice.effective_at or invoice.finalized_at or invoice.created,
        due_date=invoice.due_date,
        is_owed=owed and invoice.amount_remaining > 0,
        has_receipt=invoice.status == "paid" and invoice.amount_paid > 0,
    )


def own_cards(connection: Connection, who: PortalVisit) -> tuple[OwnCard, ...]:
    """Return the customer's cards: the one that is charged first, then the newest."""
    session = Session(connection, who.world)
    told = (
        OwnCard(m.id, c["brand"], c["last4"], c["exp_month"], c["exp_year"])
        for m in cards_of(session, who.customer_id)
        if (c := m.card)
    )
    return tuple(sorted(told, key=lambda card: card.id != who.default_card))


def cards_of(session: Session, customer_id: str) -> tuple[PaymentMethod, ...]:
    """Return the customer's cards, newest first."""
    found = (method for method in methods_of(session, customer_id) if method.type == "card")
    return tuple(sorted(found, key=lambda method: method.id, reverse=True))


def charged_by_itself(session: Session, customer_id: str) -> bool:
    """Say whether a live subscription of the customer charges its cards automatically."""
    running = running_of(session, customer_id)
    return any(each.collection_method == "charge_automatically" for each in running)


def own_subscriptions(connection: Connection, who: PortalVisit) -> tuple[OwnSubscription, ...]:
    """Return the customer's subscriptions that are not over, oldest first."""
    session = Session(connection, who.world)
    return tuple(
        OwnSubscription(one.id, _names(session, one.id), one.current_period_end, _ends_at(one))
        for one in running_of(session, who.customer_id)
    )


def _names(session: Session, subscription_id: str) -> tuple[str, ...]:
    found = (
        session.get(Product, item.price.product_id) for item in items_of(session, subscription_id)
    )
    return tuple(product.name for product in found if product is not None)


def _ends_at(subscription: Subscription) -> int | None:
    if subscription.cancel_at is not None:
        return subscription.cancel_at
    return subscription.current_period_end if subscription.cancel_at_period_end else None
