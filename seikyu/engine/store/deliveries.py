"""Deliveries: which event is owed to which endpoint, how often it was tried, and how that ended.

A delivery waits (``next_attempt_at``), was taken (``delivered_at``), was dropped because its endpoint is
gone or disabled (``dropped_at``), or failed for good (none of these). It stays on record until its event
is forgotten. Where a draft's automatic advancement waits for it, it names the invoice, and the test
clock that must not pass by before the first try.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, bindparam, exists, func, null, select, text, update

from seikyu.engine.billing.webhook_endpoint import WebhookEndpoint
from seikyu.engine.store.database import Connection
from seikyu.engine.store.journal_tables import AWAITED, UNTRIED
from seikyu.engine.store.session import Session
from seikyu.engine.store.statement import Insertion, Statement
from seikyu.engine.store.tables import deliveries, events

BUSY_AT_MOST = 10
"""Endpoints that a claim of deliveries can leave out."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint. Times in Unix seconds of the system clock.

    ``invoice_id`` is the draft that waits for it, ``clock_id`` that draft's test clock. ``resent_at`` is
    when somebody asked for it by hand, until that was tried.
    """

    world_id: int
    event_id: str
    endpoint_id: str
    created: int
    attempts: int
    invoice_id: str | None = None
    clock_id: str | None = None
    resent_at: int | None = None
    delivered_at: int | None = None


_ADD = Insertion(
    deliveries,
    {
        "world_id": "world",
        "next_attempt_at": "created",
        **{n: n for n in ("event_id", "endpoint_id", "created", "invoice_id", "clock_id")},
    },
    attempts=0,
)
_DUE = Statement(
    select(*(deliveries.c[name] for name in Delivery.__dataclass_fields__))
    .where(
        deliveries.c.next_attempt_at <= bindparam("now"),
        deliveries.c.endpoint_id.not_in([bindparam(f"busy{n}") for n in range(BUSY_AT_MOST)]),
    )
    .order_by(deliveries.c.next_attempt_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_ANY_DUE = Statement(
    select(deliveries.c.event_id)
    .where(deliveries.c.next_attempt_at <= bindparam("now"))
    .order_by(deliveries.c.next_attempt_at)
    .limit(1)
)
_ONE = (
    deliveries.c.world_id == bindparam("of_world"),
    deliveries.c.event_id == bindparam("of_event"),
    deliveries.c.endpoint_id == bindparam("of_endpoint"),
)
_LEASE = Statement(update(deliveries).values(next_attempt_at=bindparam("until")).where(*_ONE))
_ATTEMPTED = Statement(
    update(deliveries)
    .values(
        next_attempt_at=bindparam("again_at"),
        attempts=bindparam("times"),
        last_outcome=bindparam("outcome"),
        last_attempt_at=bindparam("at"),
        delivered_at=func.coalesce(
            bindparam("delivered", type_=BigInteger), deliveries.c.delivered_at
        ),
        dropped_at=bindparam("dropped"),
        resent_at=null(),
    )
    .where(*_ONE)
)
_TAKEN_SINCE = Statement(
    select(deliveries.c.event_id)
    .where(
        deliveries.c.world_id == bindparam("of_world"),
        deliveries.c.endpoint_id == bindparam("of_endpoint"),
        deliveries.c.delivered_at >= bindparam("since"),
    )
    .order_by(deliveries.c.event_id.desc())
    .limit(1)
)
_ONE_LESS_PENDING = Statement(
    update(events)
    .values(pending_webhooks=events.c.pending_webhooks - 1)
    .where(
        events.c.world_id == bindparam("of_world"),
        events.c.id == bindparam("of_event"),
        exists().where(*_ONE, deliveries.c.delivered_at.is_(None)),
    )
)
_ONE_MORE_PENDING = Statement(
    update(events)
    .values(pending_webhooks=events.c.pending_webhooks + 1)
    .where(events.c.world_id == bindparam("world"), events.c.id == bindparam("of_event"))
)
_OWED_TO = Statement(
    select(deliveries.c.endpoint_id).where(
        deliveries.c.world_id == bindparam("world"), deliveries.c.event_id == bindparam("of_event")
    )
)
_AGAIN = Statement(
    update(deliveries)
    .values(next_attempt_at=bindparam("now"), resent_at=bindparam("now"), dropped_at=null())
    .where(
        deliveries.c.world_id == bindparam("world"),
        deliveries.c.event_id == bindparam("of_event"),
        deliveries.c.endpoint_id == bindparam("of_endpoint"),
    )
)
_LET_GO = Statement(
    update(deliveries)
    .values(next_attempt_at=bindparam("now"))
    .where(
        deliveries.c.world_id == bindparam("world"),
        deliveries.c.endpoint_id == bindparam("of_endpoint"),
        text(AWAITED),
        deliveries.c.next_attempt_at > bindparam("now"),
    )
)
_OUTSTANDING = Statement(
    select(deliveries.c.endpoint_id)
    .where(
        deliveries.c.world_id == bindparam("world"),
        deliveries.c.event_id == bindparam("of_event"),
        deliveries.c.invoice_id.is_not(None),
        deliveries.c.delivered_at.is_(None),
        deliveries.c.dropped_at.is_(None),
    )
    .limit(1)
)
_UNTRIED = Statement(
    select(deliveries.c.event_id)
    .where(
        deliveries.c.world_id == bindparam("world"),
        deliveries.c.clock_id == bindparam("clock_id"),
        text(UNTRIED),
        deliveries.c.created > bindparam("since"),
    )
    .limit(1)
)


def add(
    session: Session,
    event_id: str,
    endpoint_id: str,
    created: int,
    *,
    invoice_id: str | None = None,
    clock_id: str | None = None,
) -> None:
    """Owe an event to an endpoint, from ``created`` (system time) on; see Delivery for the rest."""
    session.run(
        _ADD,
        event_id=event_id,
        endpoint_id=endpoint_id,
        created=created,
        invoice_id=invoice_id,
        clock_id=clock_id,
    )


# ── sending ────────────────────────────────────────────────────────────────────────────────────


def any_due(connection: Connection, now: int) -> bool:
    """Say whether a delivery waits, without locking anything."""
    return bool(connection.rows(_ANY_DUE, now=now))


def due(connection: Connection, now: int, most: int, busy: Sequence[str]) -> list[Delivery]:
    """Hold deliveries that are due, of all worlds, but none to the ``busy`` endpoints."""
    assert len(busy) <= BUSY_AT_MOST
    padded = [*busy, *[""] * (BUSY_AT_MOST - len(busy))]
    left_out = {f"busy{number}": endpoint_id for number, endpoint_id in enumerate(padded)}
    rows = connection.rows(_DUE, now=now, most=most, **left_out)
    return [Delivery(*row) for row in rows]


def lease(connection: Connection, delivery: Delivery, until: int) -> None:
    """Keep everybody else from the delivery until then."""
    connection.run(_LEASE, {"until": until, **_of(delivery)})


def taken_since(connection: Connection, delivery: Delivery, since: int) -> bool:
    """Say whether the delivery's endpoint took anything since then (Unix seconds)."""
    of_endpoint = {"of_world": delivery.world_id, "of_endpoint": delivery.endpoint_id}
    return bool(connection.rows(_TAKEN_SINCE, since=since, **of_endpoint))


def attempted(
    connection: Connection,
    delivery: Delivery,
    outcome: str,
    at: int,
    *,
    taken: bool = False,
    dropped: bool = False,
    again_at: int | None = None,
) -> None:
    """Record one attempt: ``taken``, or ``dropped``, or to be made again, or given up.

    What was taken once counts as taken, however a resend by hand ends, and however often it is recorded.
    """
    if taken:
        connection.run(_ONE_LESS_PENDING, _of(delivery))
    connection.run(
        _ATTEMPTED,
        {
            **_of(delivery),
            "again_at": again_at,
            "times": delivery.attempts + 1,
            "outcome": outcome,
            "at": at,
            "delivered": at if taken else None,
            "dropped": at if dropped else None,
        },
    )


def _of(delivery: Delivery) -> dict[str, object]:
    return {
        "of_world": delivery.world_id,
        "of_event": delivery.event_id,
        "of_endpoint": delivery.endpoint_id,
    }


# ── by hand, and what waits for it ─────────────────────────────────────────────────────────────


def owed_to(session: Session, event_id: str) -> frozenset[str]:
    """Return the endpoints to which the event was ever owed."""
    return frozenset(row[0] for row in session.rows(_OWED_TO, of_event=event_id))


def resend(session: Session, event_id: str, endpoint_ids: Sequence[str], now: int) -> None:
    """Make the event due at once for these endpoints, with a delivery where there was none."""
    before = owed_to(session, event_id)
    for endpoint_id in endpoint_ids:
        if endpoint_id in before:
            session.run(_AGAIN, of_event=event_id, of_endpoint=endpoint_id, now=now)
        else:
            add(session, event_id, endpoint_id, now)
            session.run(_ONE_MORE_PENDING, of_event=event_id)


def let_go(session: Session, endpoint: WebhookEndpoint, now: int) -> None:
    """Make due at once what drafts await from an endpoint that is no more sent to: it is dropped."""
    session.run(_LET_GO, of_endpoint=endpoint.id, now=now)


def outstanding(session: Session, event_id: str) -> bool:
    """Say whether an endpoint that a draft waits for has not taken the event.

    One that was given up counts: only success, or the end of the endpoint, is an answer.
    """
    return bool(session.rows(_OUTSTANDING, of_event=event_id))


def untried(session: Session, clock_id: str, since: int) -> bool:
    """Say whether a delivery that a draft on the clock awaits, made after ``since``, was never tried."""
    return bool(session.rows(_UNTRIED, clock_id=clock_id, since=since))
