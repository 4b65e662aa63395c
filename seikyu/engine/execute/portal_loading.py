"""Loading for the commands of ``billing.portal``: the customer is locked before its cards are read."""

from typing import Any

from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.portal import (
    AddCard,
    CreateConfiguration,
    CreateSession,
    OpenSession,
    PortalBook,
    PortalConfiguration,
    PortalSession,
    RemoveCard,
    UpdateConfiguration,
)
from seikyu.engine.billing.refusals import CustomerIsDeleted, ObjectMissing
from seikyu.engine.store import portal
from seikyu.engine.store.session import Session


def of_portal(session: Session, id: str | None, command: Any) -> PortalBook:
    """Load for the commands of ``billing.portal``."""
    if isinstance(command, CreateConfiguration):
        return PortalBook(default=portal.default_configuration(session))
    if isinstance(command, UpdateConfiguration):
        return PortalBook(configuration=_configuration(session, id, "id"))
    if isinstance(command, CreateSession):
        return _for_session(session, command)
    if isinstance(command, OpenSession):
        found = session.get(PortalSession, id)
        if found is None:
            raise ObjectMissing("session", id or "")
        session.lock(found.customer_id)
        return PortalBook(session=session.get(PortalSession, id))
    if isinstance(command, AddCard):
        return PortalBook(customer=_customer(session, id, "id"))
    assert isinstance(command, RemoveCard)
    return _for_removal(session, id, command)


def _for_session(session: Session, command: CreateSession) -> PortalBook:
    named = command.given.get("configuration")
    return PortalBook(
        customer=_customer(session, command.given.get("customer"), "customer"),
        configuration=_configuration(session, named, "configuration") if named else None,
        default=portal.default_configuration(session),
    )


def _for_removal(session: Session, id: str | None, command: RemoveCard) -> PortalBook:
    customer = _customer(session, command.customer_id, "customer")
    method = session.get(PaymentMethod, id)
    if method is None:
        raise ObjectMissing("PaymentMethod", id or "")
    cards = portal.cards_of(session, customer.id)
    return PortalBook(
        customer=customer,
        method=method,
        others=tuple(card for card in cards if card.id != method.id),
        charged=portal.charged_by_itself(session, customer.id),
    )


def _customer(session: Session, id: str | None, param: str) -> Customer:
    customer = session.lock(id)
    if customer is None or customer.deleted:
        raise CustomerIsDeleted(f"No such customer: '{id}'", param)
    return customer


def _configuration(session: Session, id: str | None, param: str) -> PortalConfiguration:
    found = session.get(PortalConfiguration, id)
    if found is None:
        raise ObjectMissing("configuration", id or "", param)
    return found
