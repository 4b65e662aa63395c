"""Indexing: what was stored becomes findable.

Every write of an object that is searched leaves a row that waits (``saving.py``); here such rows are worked
off, in transactions of their own. An object is indexed as it is *now*, however many of its versions wait,
and the index is changed only where its document changed. A crash in the middle leaves the rows waiting.
"""

import orjson

from seikyu.engine.billing.decision import Record
from seikyu.engine.store import search_index
from seikyu.engine.store.database import Connection, transaction
from seikyu.engine.store.search_index import Change, Entry
from seikyu.engine.store.session import Session, shown_together
from seikyu.engine.wire.objects import OBJECT_TYPES
from seikyu.engine.wire.search.documents import Document, document, terms
from seikyu.engine.wire.search.fields import RESOURCES, Resource

AT_ONCE = {"sqlite": 50, "postgresql": 200}
"""Versions that are indexed in one transaction. On SQLite requests wait meanwhile."""


def note(session: Session, record: Record, version: int) -> None:
    """Have a version of a record indexed, if it is searched; for the transaction that stores it."""
    kind = OBJECT_TYPES.get(type(record))
    if kind in RESOURCES:
        search_index.wait(session, kind, record.id, version)


def index(
    connection: Connection,
    world_id: int,
    most: int,
    *,
    kind: str | None = None,
    patiently: bool = False,
) -> int:
    """Index up to ``most`` of the versions that wait in a world, of one kind or of all; return how many.

    While another process indexes the world, wait for it or, without ``patiently``, do nothing.
    """
    with transaction(connection):
        if not search_index.hold(connection, world_id, patiently=patiently):
            return 0
        found = search_index.waiting(connection, world_id, kind, most)
        if not found:
            return 0
        objects = list(dict.fromkeys((each.kind, each.object_id) for each in found))
        bodies = shown_together(connection, [(world_id, id) for _, id in objects])
        changes = [
            _change(connection, world_id, kind, id, body)
            for (kind, id), body in zip(objects, bodies, strict=True)
        ]
        search_index.write(connection, world_id, [each for each in changes if each], found)
        return len(found)


def _change(
    connection: Connection, world_id: int, kind: str, id: str, body: bytes | None
) -> Change | None:
    """Return what becomes of the object in the index, None when it stays as it is."""
    resource = RESOURCES[kind]
    before = search_index.document(connection, world_id, kind, id)
    old = frozenset[Entry]() if before is None else _entries(resource, orjson.loads(before))
    now = _document(resource, body)
    if now is None:
        return Change(kind, id, None, removed=old)
    written = orjson.dumps(now)
    if written == before:
        return None
    new = _entries(resource, now)
    return Change(kind, id, written, added=new - old, removed=old - new)


def _document(resource: Resource, body: bytes | None) -> Document | None:
    """Return what is searched of the object that is shown so; None of a deleted one."""
    shown = orjson.loads(body) if body else {"deleted": True}
    return None if shown.get("deleted") else document(resource, shown)


def _entries(resource: Resource, document: Document) -> frozenset[Entry]:
    return frozenset(terms(resource, document))
