"""Forgetting events that are older than they are kept, with their deliveries and what only they showed.

An event's id says how old it is, so what is to go is one range of the primary key of each world. The body
of an object is kept while anything may point at it: the object itself points at its last version, and
whatever else does (an event, a stored answer) was written while that version was the last. So what was
superseded before the limit is pointed at by nothing younger than the limit.
"""

from sqlalchemy import bindparam, delete, func, select

from seikyu.engine.store.database import Connection
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import bodies, deliveries, events, worlds

_WORLDS = Statement(
    select(worlds.c.id)
    .where(worlds.c.id > bindparam("after"))
    .order_by(worlds.c.id)
    .limit(bindparam("most"))
)
_OLD = Statement(
    select(events.c.id, events.c.object_id)
    .where(events.c.world_id == bindparam("world"), events.c.id < bindparam("before"))
    .order_by(events.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_DELIVERIES = Statement(
    delete(deliveries).where(
        deliveries.c.world_id == bindparam("world"), deliveries.c.event_id == bindparam("event")
    )
)
_EVENT = Statement(
    delete(events).where(events.c.world_id == bindparam("world"), events.c.id == bindparam("event"))
)
_versions = bodies.alias("versions")
_SUPERSEDED = Statement(
    delete(bodies).where(
        bodies.c.world_id == bindparam("world"),
        bodies.c.object_id == bindparam("object"),
        bodies.c.version
        < select(func.max(_versions.c.version))
        .where(
            _versions.c.world_id == bindparam("world"),
            _versions.c.object_id == bindparam("object"),
            _versions.c.created < bindparam("limit"),
        )
        .scalar_subquery(),
    )
)


def worlds_after(connection: Connection, after: int, most: int) -> list[int]:
    """Return up to ``most`` worlds beyond one, in order."""
    return [row[0] for row in connection.rows(_WORLDS, after=after, most=most)]


def forget_events(connection: Connection, world: int, before: str, limit: int, most: int) -> int:
    """Drop up to ``most`` of a world's events with ids below ``before``; return how many there were.

    ``limit`` is the moment (Unix seconds) for which ``before`` stands. The transaction is the caller's.
    """
    old = connection.rows(_OLD, world=world, before=before, most=most)
    for event_id, _ in old:
        of_event = {"world": world, "event": event_id}
        connection.run(_DELIVERIES, of_event)
        connection.run(_EVENT, of_event)
    for object_id in sorted({object_id for _, object_id in old}):
        connection.run(_SUPERSEDED, {"world": world, "object": object_id, "limit": limit})
    return len(old)
