"""Lists of deliveries, newest event first: what was sent where, and what never arrived.

A delivery has no id of its own in the store, for it is named by its event and its endpoint; the wire joins
the two. Each list is one range of one index: of the world, of an endpoint, or of what was not taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, select, tuple_

from seikyu.engine.store.session import Session
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import deliveries, events

STATUSES = ("pending", "delivered", "failed", "dropped")


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery as it is shown. Times in Unix seconds of the system's clock; None: not (yet)."""

    event_id: str
    endpoint_id: str
    created: int
    attempts: int
    last_outcome: str | None
    last_attempt_at: int | None
    next_attempt_at: int | None
    delivered_at: int | None
    dropped_at: int | None
    type: str

    @property
    def status(self) -> str:
        """Return one of STATUSES. What was taken once stays so while it is sent again by hand."""
        if self.delivered_at is not None:
            return "delivered"
        if self.next_attempt_at is not None:
            return "pending"
        return "dropped" if self.dropped_at is not None else "failed"


_COLUMNS = [
    *(deliveries.c[name] for name in Sent.__dataclass_fields__ if name != "type"),
    events.c.type,
]
_OF_EVENT = and_(events.c.world_id == deliveries.c.world_id, events.c.id == deliveries.c.event_id)
_ONE = Statement(
    select(*_COLUMNS)
    .join(events, _OF_EVENT)
    .where(
        deliveries.c.world_id == bindparam("world"),
        deliveries.c.event_id == bindparam("event_id"),
        deliveries.c.endpoint_id == bindparam("endpoint_id"),
    )
)
_IN_STATUS = {
    "delivered": (deliveries.c.delivered_at.is_not(None),),
    "pending": (deliveries.c.delivered_at.is_(None), deliveries.c.next_attempt_at.is_not(None)),
    "dropped": (
        deliveries.c.delivered_at.is_(None),
        deliveries.c.next_attempt_at.is_(None),
        deliveries.c.dropped_at.is_not(None),
    ),
    "failed": (
        deliveries.c.delivered_at.is_(None),
        deliveries.c.next_attempt_at.is_(None),
        deliveries.c.dropped_at.is_(None),
    ),
}


@lru_cache(maxsize=100)
def _page(filters: tuple[str, ...], status: str | None, cursor: str) -> Statement:
    query = select(*_COLUMNS).join(events, _OF_EVENT)
    query = query.where(deliveries.c.world_id == bindparam("world"))
    if "event" in filters:
        query = query.where(deliveries.c.event_id == bindparam("event"))
    if "webhook_endpoint" in filters:
        endpoint: Any = deliveries.c.endpoint_id
        if status not in (None, "delivered"):
            # Joined with nothing, so that no planner takes the index of all that the endpoint ever took
            # for better than the one of what was not taken.
            endpoint = endpoint.concat("")
        query = query.where(endpoint == bindparam("webhook_endpoint"))
    if status is not None:
        query = query.where(*_IN_STATUS[status])
    place = tuple_(deliveries.c.event_id, deliveries.c.endpoint_id)
    start = tuple_(bindparam("cursor_event"), bindparam("cursor_endpoint"))
    if cursor == "before":
        query = query.where(place > start)
        query = query.order_by(deliveries.c.event_id, deliveries.c.endpoint_id)
    else:
        if cursor == "after":
            query = query.where(place < start)
        query = query.order_by(deliveries.c.event_id.desc(), deliveries.c.endpoint_id.desc())
    return Statement(query.limit(bindparam("most")))


def one(session: Session, event_id: str, endpoint_id: str) -> Sent | None:
    """Return a delivery, if it is there."""
    rows = session.rows(_ONE, event_id=event_id, endpoint_id=endpoint_id)
    return Sent(*rows[0]) if rows else None


def page(
    session: Session,
    given: Mapping[str, Any],
    *,
    limit: int,
    after: tuple[str, str] | None = None,
    before: tuple[str, str] | None = None,
) -> tuple[list[Sent], bool]:
    """Return up to ``limit`` deliveries, newest event first, and whether there are more that way.

    ``given``: ``event``, ``webhook_endpoint``, ``status``. A place is an event and an endpoint.
    """
    equal = {name: given[name] for name in ("event", "webhook_endpoint") if name in given}
    values: dict[str, Any] = {"most": limit + 1, **equal}
    place = after or before
    if place is not None:
        values |= {"cursor_event": place[0], "cursor_endpoint": place[1]}
    cursor = "after" if after else "before" if before else ""
    rows = session.rows(_page(tuple(equal), given.get("status"), cursor), **values)
    found = [Sent(*row) for row in rows[:limit]]
    return (found[::-1] if cursor == "before" else found), len(rows) > limit
