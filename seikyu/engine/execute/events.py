"""Events as they are shown: the stored row around the snapshot of its object."""

from seikyu.engine.store.journal import EventRow
from seikyu.engine.store.journal import event as event_by_id
from seikyu.engine.store.session import Session
from seikyu.engine.wire.objects.event import event_body


def event_shown(session: Session, id: str) -> bytes | None:
    """Return an event, or None."""
    found = event_by_id(session, id)
    return rendered(session, *found) if found else None


def rendered(session: Session, row: EventRow, snapshot: bytes) -> bytes:
    """Return the event of a row and its snapshot."""
    return event_body(
        id=row.id,
        created=row.created,
        livemode=session.world.livemode,
        type=row.type,
        object=snapshot,
        previous=row.previous,
        request_id=row.request_id,
        idempotency_key=row.idempotency_key,
        pending_webhooks=row.pending_webhooks,
    )
