"""Lists of events: newest first, by type, by time, and by whether every endpoint took them.

Each list is a range of an index. Several types are as many ranges, of which the newest of each are put
together. A list of a time is in the order of that time (``created``, which is the clock's for what happens
on a test clock), every other one in the order in which the events were stored.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, select, text, tuple_, union_all

from seikyu.engine.store.journal import EventRow
from seikyu.engine.store.session import Session
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import bodies, events

RANGES = {"gt": "__gt__", "gte": "__ge__", "lt": "__lt__", "lte": "__le__"}

_DELIVERED = {
    True: (text("events.pending_webhooks = 0"),),
    False: (text("events.pending_webhooks > 0"),),  # written out, for the partial index
    None: (),
}
_CREATED = Statement(
    select(events.c.created).where(
        events.c.world_id == bindparam("world"), events.c.id == bindparam("event_id")
    )
)


@lru_cache(maxsize=300)
def _statement(
    types: int, sides: tuple[str, ...], delivered: bool | None, cursor: str
) -> Statement:
    """Return the statement for so many types, limits of time, and a direction.

    Within a range of time the types are looked at one by one; otherwise each is a range of its own.
    """
    names: list[Any] = [bindparam(f"type_{n}") for n in range(types)]
    if not types:
        found: Any = _newest((), sides, delivered, cursor)
    elif sides or types == 1:
        found = _newest((events.c.type.in_(names),), sides, delivered, cursor)
    else:
        each = [_newest((events.c.type == name,), sides, delivered, cursor) for name in names]
        found = union_all(*(select(one.subquery()) for one in each))
    ids = found.subquery("found")
    query = (
        select(*(events.c[name] for name in EventRow.__dataclass_fields__), bodies.c.body)
        .select_from(ids)
        .join(events, and_(events.c.world_id == bindparam("world"), events.c.id == ids.c.id))
        .join(
            bodies,
            and_(
                bodies.c.world_id == events.c.world_id,
                bodies.c.object_id == events.c.object_id,
                bodies.c.version == events.c.version,
            ),
        )
    )
    return Statement(query.order_by(*_order(sides, cursor)).limit(bindparam("most")))


def _newest(
    conditions: Sequence[Any], sides: tuple[str, ...], delivered: bool | None, cursor: str
) -> Any:
    """Return the query for the ids of the first few events that one range has."""
    query = select(events.c.id).where(events.c.world_id == bindparam("world"), *conditions)
    query = query.where(*_DELIVERED[delivered])
    for side in sides:
        query = query.where(getattr(events.c.created, RANGES[side])(bindparam(f"created_{side}")))
    place: Any = events.c.id
    start: Any = bindparam("cursor")
    if sides:
        place = tuple_(events.c.created, events.c.id)
        start = tuple_(bindparam("cursor_created"), bindparam("cursor"))
    if cursor:
        query = query.where(place < start if cursor == "after" else place > start)
    return query.order_by(*_order(sides, cursor)).limit(bindparam("most"))


def _order(sides: tuple[str, ...], cursor: str) -> tuple[Any, ...]:
    columns = (events.c.created, events.c.id) if sides else (events.c.id,)
    return columns if cursor == "before" else tuple(column.desc() for column in columns)


def page(
    session: Session,
    given: Mapping[str, Any],
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
) -> tuple[list[tuple[EventRow, bytes]], bool]:
    """Return up to ``limit`` events with their snapshots, newest first, and whether more follow.

    ``given``: ``types`` (whole names; none at all for an empty list), ``created`` as ``{"gte": …}`` of
    Unix seconds, ``delivery_success``.
    """
    types: Sequence[str] | None = given.get("types")
    if types is not None and not types:
        return [], False
    count = 0 if types is None else 1 << (len(types) - 1).bit_length()
    padded = [*(types or ()), *[""] * count][:count]  # few statements for many lengths
    created: Mapping[str, int] = given.get("created") or {}
    values: dict[str, Any] = {"most": limit + 1}
    values |= {f"type_{n}": name for n, name in enumerate(padded)}
    values |= {f"created_{side}": moment for side, moment in created.items()}
    cursor = "after" if after else "before" if before else ""
    if cursor:
        values["cursor"] = after or before
        if created:
            values["cursor_created"] = session.rows(_CREATED, event_id=after or before)[0][0]
    delivered = given.get("delivery_success")
    rows = session.rows(_statement(count, tuple(created), delivered, cursor), **values)
    found = [(EventRow(*row[:-1]), row[-1]) for row in rows[:limit]]
    return (found[::-1] if cursor == "before" else found), len(rows) > limit
