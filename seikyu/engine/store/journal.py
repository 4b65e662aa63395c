"""What was said and who listens: events, and stored answers of requests."""

from dataclasses import dataclass
from operator import attrgetter

from sqlalchemy import bindparam, case, delete, insert, select, tuple_, update

from seikyu.engine.billing.webhook_endpoint import WebhookEndpoint, listens
from seikyu.engine.store.database import Connection
from seikyu.engine.store.session import Session, columns
from seikyu.engine.store.statement import Insertion, Statement
from seikyu.engine.store.tables import bodies, events, idempotency, webhook_endpoints


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


_EVENT_NAMES = tuple(EventRow.__dataclass_fields__)
_EVENT_VALUES = attrgetter(*_EVENT_NAMES)
_EVENT_COLUMNS = [events.c[name] for name in _EVENT_NAMES]
_ADD_EVENT = Insertion(events, {"world_id": "world", **{name: name for name in _EVENT_NAMES}})
ENDPOINTS = Statement(
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


def add_event(session: Session, event: EventRow) -> None:
    """Append an event."""
    session.run(_ADD_EVENT, **dict(zip(_EVENT_NAMES, _EVENT_VALUES(event), strict=True)))


def enabled_endpoints(session: Session) -> tuple[WebhookEndpoint, ...]:
    """Return the world's endpoints that are sent events."""
    return session.all(WebhookEndpoint, ENDPOINTS)


def is_listened_to(session: Session, type: str) -> bool:
    """Say whether an enabled endpoint of the world is sent events of this type."""
    return any(listens(e.enabled_events, type) for e in enabled_endpoints(session))


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


def endpoint(session: Session, endpoint_id: str) -> WebhookEndpoint | None:
    """Return the endpoint, if it still exists."""
    return session.get(WebhookEndpoint, endpoint_id)
