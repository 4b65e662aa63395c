"""What was said and to whom it must be said: events, deliveries, and stored answers of requests."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, case, delete, insert, select, tuple_, update

from seikyu.engine.billing.webhook_endpoint import WebhookEndpoint
from seikyu.engine.store.database import Connection
from seikyu.engine.store.session import Session, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import bodies, deliveries, events, idempotency, webhook_endpoints


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as stored. The object's snapshot is the body of ``version``."""

    id: str
    created: int
    type: str
    object_id: str
    version: int
    previous: bytes | None
    request_id: str | None
    idempotency_key: str | None
    pending_webhooks: int


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What a key was first used for, and what was answered (``status`` None: still running)."""

    fingerprint: bytes
    path: str
    status: int | None
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint. Times in Unix seconds of the system clock."""

    world_id: int
    event_id: str
    endpoint_id: str
    created: int
    attempts: int


_EVENT_COLUMNS = [events.c[name] for name in EventRow.__dataclass_fields__]
_ADD_EVENT = Statement(
    insert(events).values(
        world_id=bindparam("world"),
        **{name: bindparam(name) for name in EventRow.__dataclass_fields__},
    )
)
_ADD_DELIVERY = Statement(
    insert(deliveries).values(
        world_id=bindparam("world"),
        event_id=bindparam("event_id"),
        endpoint_id=bindparam("endpoint_id"),
        created=bindparam("created"),
        next_attempt_at=bindparam("created"),
        attempts=0,
    )
)
_ENDPOINTS = Statement(
    select(*columns(WebhookEndpoint)).where(
        webhook_endpoints.c.world_id == bindparam("world"),
        webhook_endpoints.c.status == "enabled",
    )
)
_EVENT = Statement(
    select(*_EVENT_COLUMNS, bodies.c.body)
    .join(
        bodies,
        (bodies.c.world_id == events.c.world_id)
        & (bodies.c.object_id == events.c.object_id)
        & (bodies.c.version == events.c.version),
    )
    .where(events.c.world_id == bindparam("world"), events.c.id == bindparam("event_id"))
)
_STORED = Statement(
    select(
        idempotency.c.fingerprint,
        idempotency.c.path,
        idempotency.c.status,
        case((idempotency.c.body.is_not(None), idempotency.c.body), else_=bodies.c.body),
    )
    .join(
        bodies,
        (bodies.c.world_id == idempotency.c.world_id)
        & (bodies.c.object_id == idempotency.c.object_id)
        & (bodies.c.version == idempotency.c.version),
        isouter=True,
    )
    .where(idempotency.c.world_id == bindparam("world"), idempotency.c.key == bindparam("of_key"))
)
_REMEMBER = Statement(
    insert(idempotency).values(
        world_id=bindparam("world"),
        **{
            name: bindparam(name)
            for name in (
                *("key", "fingerprint", "path", "created"),
                *("status", "body", "object_id", "version"),
            )
        },
    )
)
_COMPLETE = Statement(
    update(idempotency)
    .values(
        status=bindparam("new_status"),
        body=bindparam("new_body"),
        object_id=bindparam("new_object"),
        version=bindparam("new_version"),
    )
    .where(
        idempotency.c.world_id == bindparam("world"),
        idempotency.c.key == bindparam("of_key"),
        idempotency.c.status.is_(None),
    )
)
FORGOTTEN_AT_ONCE = 1_000
"""Answers dropped in one transaction: a month's worth at once would hold up everybody."""

_FORGET = Statement(
    delete(idempotency).where(
        tuple_(idempotency.c.world_id, idempotency.c.key).in_(
            select(idempotency.c.world_id, idempotency.c.key)
            .where(idempotency.c.created < bindparam("before"))
            .limit(bindparam("most"))
        )
    )
)
BUSY_AT_MOST = 10
"""Endpoints that a claim of deliveries can leave out."""

_DUE = Statement(
    select(
        deliveries.c.world_id,
        deliveries.c.event_id,
        deliveries.c.endpoint_id,
        deliveries.c.created,
        deliveries.c.attempts,
    )
    .where(
        deliveries.c.next_attempt_at <= bindparam("now"),
        deliveries.c.endpoint_id.not_in([bindparam(f"busy{n}") for n in range(BUSY_AT_MOST)]),
    )
    .order_by(deliveries.c.next_attempt_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_ANY_DUE = Statement(
    select(deliveries.c.event_id).where(deliveries.c.next_attempt_at <= bindparam("now")).limit(1)
)
_ONE_DELIVERY = (
    deliveries.c.world_id == bindparam("of_world"),
    deliveries.c.event_id == bindparam("of_event"),
    deliveries.c.endpoint_id == bindparam("of_endpoint"),
)
_LEASE = Statement(
    update(deliveries).values(next_attempt_at=bindparam("until")).where(*_ONE_DELIVERY)
)
_ATTEMPTED = Statement(
    update(deliveries)
    .values(
        next_attempt_at=bindparam("again_at"),
        attempts=bindparam("times"),
        last_outcome=bindparam("outcome"),
        delivered_at=bindparam("delivered"),
    )
    .where(*_ONE_DELIVERY)
)
_DELIVERED_SINCE = Statement(
    select(deliveries.c.event_id)
    .where(
        deliveries.c.world_id == bindparam("of_world"),
        deliveries.c.endpoint_id == bindparam("of_endpoint"),
        deliveries.c.delivered_at >= bindparam("since"),
    )
    .order_by(deliveries.c.event_id.desc())
    .limit(1)
)
_DELIVERED = Statement(
    update(events)
    .values(pending_webhooks=events.c.pending_webhooks - 1)
    .where(events.c.world_id == bindparam("of_world"), events.c.id == bindparam("of_event"))
)


def add_event(session: Session, event: EventRow) -> None:
    """Append an event."""
    session.run(_ADD_EVENT, **{name: getattr(event, name) for name in event.__slots__})


def add_delivery(session: Session, event_id: str, endpoint_id: str, created: int) -> None:
    """Owe an event to an endpoint, from ``created`` (system time) on."""
    session.run(_ADD_DELIVERY, event_id=event_id, endpoint_id=endpoint_id, created=created)


def enabled_endpoints(session: Session) -> tuple[WebhookEndpoint, ...]:
    """Return the world's endpoints that are sent events."""
    return session.all(WebhookEndpoint, _ENDPOINTS)


def event(session: Session, event_id: str) -> tuple[EventRow, bytes] | None:
    """Return an event and the snapshot of its object."""
    rows = session.rows(_EVENT, event_id=event_id)
    return (EventRow(*rows[0][:-1]), rows[0][-1]) if rows else None


def stored_answer(session: Session, key: str) -> StoredAnswer | None:
    """Return what this idempotency key was used for, if it was."""
    rows = session.rows(_STORED, of_key=key)
    return StoredAnswer(*rows[0]) if rows else None


def remember(
    session: Session,
    key: str,
    fingerprint: bytes,
    path: str,
    created: int,
    *,
    status: int | None = None,
    body: bytes | None = None,
    shown: tuple[str, int] | None = None,
) -> None:
    """Keep the answer under the key: bytes, or the version of the object that was ``shown``.

    Without a status the request is still running: its outcome comes with ``complete``.
    """
    object_id, version = shown or (None, None)
    session.run(
        _REMEMBER,
        key=key,
        fingerprint=fingerprint,
        path=path,
        created=created,
        status=status,
        body=body,
        object_id=object_id,
        version=version,
    )


def complete(
    session: Session,
    key: str,
    status: int,
    *,
    body: bytes | None = None,
    shown: tuple[str, int] | None = None,
) -> None:
    """Give a running request its answer. One that was answered keeps the answer it was given."""
    object_id, version = shown or (None, None)
    session.run(
        _COMPLETE,
        of_key=key,
        new_status=status,
        new_body=body,
        new_object=object_id,
        new_version=version,
    )


def forget_before(connection: Connection, before: int) -> int:
    """Drop answers stored before ``before`` (Unix seconds), return how many.

    At most ``FORGOTTEN_AT_ONCE``: when it was as many, there may be more.
    """
    return connection.run(_FORGET, {"before": before, "most": FORGOTTEN_AT_ONCE})


def any_delivery_due(connection: Connection, now: int) -> bool:
    """Say whether a delivery waits, without locking anything."""
    return bool(connection.rows(_ANY_DUE, now=now))


def endpoint(session: Session, endpoint_id: str) -> WebhookEndpoint | None:
    """Return the endpoint, if it still exists."""
    return session.get(WebhookEndpoint, endpoint_id)


def due_deliveries(
    connection: Connection, now: int, most: int, busy: Sequence[str]
) -> list[Delivery]:
    """Hold deliveries that are due, of all worlds, but none to the ``busy`` endpoints."""
    assert len(busy) <= BUSY_AT_MOST
    padded = [*busy, *[""] * (BUSY_AT_MOST - len(busy))]
    left_out = {f"busy{number}": endpoint_id for number, endpoint_id in enumerate(padded)}
    rows = connection.rows(_DUE, now=now, most=most, **left_out)
    return [Delivery(*row) for row in rows]


def lease(connection: Connection, delivery: Delivery, until: int) -> None:
    """Keep everybody else from the delivery until then."""
    connection.run(
        _LEASE,
        {
            "until": until,
            "of_world": delivery.world_id,
            "of_event": delivery.event_id,
            "of_endpoint": delivery.endpoint_id,
        },
    )


def delivered_since(connection: Connection, delivery: Delivery, since: int) -> bool:
    """Say whether the delivery's endpoint took anything since then (Unix seconds)."""
    of_endpoint = {"of_world": delivery.world_id, "of_endpoint": delivery.endpoint_id}
    return bool(connection.rows(_DELIVERED_SINCE, since=since, **of_endpoint))


def delivery_done(
    connection: Connection,
    delivery: Delivery,
    outcome: str,
    *,
    delivered_at: int | None = None,
    again_at: int | None = None,
) -> None:
    """Record one attempt to deliver: done at ``delivered_at``, or again at ``again_at``, or given up."""
    where = {
        "of_world": delivery.world_id,
        "of_event": delivery.event_id,
        "of_endpoint": delivery.endpoint_id,
    }
    connection.run(
        _ATTEMPTED,
        {
            **where,
            "again_at": again_at,
            "times": delivery.attempts + 1,
            "outcome": outcome,
            "delivered": delivered_at,
        },
    )
    if delivered_at is not None:
        del where["of_endpoint"]
        connection.run(_DELIVERED, where)
