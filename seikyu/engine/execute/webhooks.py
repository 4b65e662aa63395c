"""Loading for what is said to webhook endpoints: an event to be sent again, a draft that waits."""

from seikyu.engine.billing.acknowledging import Acknowledge, AcknowledgingBook
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.refusals import ObjectMissing
from seikyu.engine.billing.webhook_endpoint import EventBook, ResendEvent, WebhookEndpoint
from seikyu.engine.store import deliveries, journal
from seikyu.engine.store.session import Session


def of_event(session: Session, id: str | None, command: ResendEvent) -> EventBook:
    """Load for ResendEvent. Raises ObjectMissing for an event or an endpoint that is not there."""
    found = journal.event(session, id or "")
    if found is None:
        raise ObjectMissing("event", id or "")
    named = None
    if command.webhook_endpoint is not None:
        named = session.get(WebhookEndpoint, command.webhook_endpoint)
        if named is None:
            raise ObjectMissing("webhook endpoint", command.webhook_endpoint, "webhook_endpoint")
    event, _ = found
    return EventBook(
        id=event.id,
        type=event.type,
        enabled=journal.enabled_endpoints(session),
        owed_to=deliveries.owed_to(session, event.id),
        named=named,
    )


def of_acknowledged(session: Session, id: str | None, command: Acknowledge) -> AcknowledgingBook:
    """Load for Acknowledge: what is outstanding is read after the customer is locked.

    Raises ObjectMissing when the draft was deleted meanwhile.
    """
    session.lock_by_invoice(id or "")
    invoice = session.get(Invoice, id)
    if invoice is None:
        raise ObjectMissing("invoice", id or "")
    return AcknowledgingBook(
        account=session.world.account,
        settings=session.settings(),
        customer=session.get(Customer, invoice.customer_id),
        invoice=invoice,
        outstanding=deliveries.outstanding(session, command.event_id),
    )
