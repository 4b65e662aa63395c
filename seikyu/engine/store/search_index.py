"""Writing the search index: what waits to be indexed, documents, and the terms that lead to them.

``search_waiting`` has a row for every version of an object that was stored and is not in the index yet;
it is written with the object, so no change is ever forgotten. ``search_documents`` has what is searched of
each object, ``search_terms`` where it is found. What a document and a term are is not known here: they
come and go as bytes and texts.

One process at a time indexes a world: it holds the world until its transaction ends. So two of them can
never write an older state over a newer one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Integer,
    LargeBinary,
    String,
    bindparam,
    delete,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite

from seikyu.engine.store.database import Connection
from seikyu.engine.store.session import Session
from seikyu.engine.store.statement import Insertion, Statement
from seikyu.engine.store.tables import search_documents, search_terms, search_waiting

Entry = tuple[str, str]
"""A field and a term of it."""

LOCK = 7_332
"""Any number: with a world's id it names the lock of the world's index on PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A version of an object that is not in the index yet."""

    kind: str
    object_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one object in the index; without a document it leaves it."""

    kind: str
    object_id: str
    document: bytes | None
    added: frozenset[Entry] = frozenset()
    removed: frozenset[Entry] = frozenset()


_WAIT = Insertion(
    search_waiting,
    {"world_id": "world", "kind": "kind", "object_id": "object_id", "version": "version"},
)


def wait(session: Session, kind: str, object_id: str, version: int) -> None:
    """Note that a version of an object is to be indexed, with the session's next ``flush``."""
    session.run(_WAIT, kind=kind, object_id=object_id, version=version)


# ── what waits ─────────────────────────────────────────────────────────────────────────────────

_MINE = search_waiting.c.world_id == bindparam("world")
_NEXT_WORLD = Statement(
    select(search_waiting.c.world_id)
    .where(search_waiting.c.world_id > bindparam("after"))
    .order_by(search_waiting.c.world_id)
    .limit(1)
)
_COUNT_WAITING = Statement(
    select(func.count()).select_from(
        select(search_waiting.c.object_id)
        .where(_MINE, search_waiting.c.kind == bindparam("of_kind"))
        .limit(bindparam("most"))
        .subquery()
    )
)
_WAITING = Statement(
    select(search_waiting.c.kind, search_waiting.c.object_id, search_waiting.c.version)
    .where(_MINE)
    .order_by(search_waiting.c.kind, search_waiting.c.object_id, search_waiting.c.version)
    .limit(bindparam("most"))
)
_WAITING_OF_KIND = Statement(
    select(search_waiting.c.kind, search_waiting.c.object_id, search_waiting.c.version)
    .where(_MINE, search_waiting.c.kind == bindparam("of_kind"))
    .order_by(search_waiting.c.object_id, search_waiting.c.version)
    .limit(bindparam("most"))
)
_HOLD = Statement(select(func.pg_advisory_xact_lock(LOCK, bindparam("world", type_=Integer))))
_TRY_HOLD = Statement(
    select(func.pg_try_advisory_xact_lock(LOCK, bindparam("world", type_=Integer)))
)


def next_world(connection: Connection, after: int) -> int | None:
    """Return the first world behind ``after`` in which something waits, None when there is none."""
    rows = connection.rows(_NEXT_WORLD, after=after)
    return rows[0][0] if rows else None


def count_waiting(connection: Connection, world_id: int, kind: str, most: int) -> int:
    """Return how many versions of a kind wait, counted up to ``most``."""
    rows = connection.rows(_COUNT_WAITING, world=world_id, of_kind=kind, most=most)
    count: int = rows[0][0]
    return count


def hold(connection: Connection, world_id: int, *, patiently: bool) -> bool:
    """Hold the world's index until the transaction ends; False when somebody else does.

    ``patiently`` waits for the other. On SQLite the transaction itself is the lock.
    """
    if connection.dialect == "sqlite":
        return True
    if patiently:
        connection.rows(_HOLD, world=world_id)
        return True
    held: bool = connection.rows(_TRY_HOLD, world=world_id)[0][0]
    return held


def waiting(connection: Connection, world_id: int, kind: str | None, most: int) -> list[Waiting]:
    """Return versions that wait, of one kind or of all, each object's together."""
    if kind is None:
        rows = connection.rows(_WAITING, world=world_id, most=most)
    else:
        rows = connection.rows(_WAITING_OF_KIND, world=world_id, of_kind=kind, most=most)
    return [Waiting(*row) for row in rows]


# ── writing the index ──────────────────────────────────────────────────────────────────────────

_DOCUMENT_KEY = (
    search_documents.c.world_id == bindparam("world"),
    search_documents.c.kind == bindparam("of_kind"),
    search_documents.c.object_id == bindparam("of_id"),
)
_DOCUMENT = Statement(select(search_documents.c.document).where(*_DOCUMENT_KEY))


def _upsert(of: Any) -> Any:
    new = of.insert(search_documents)
    return new.on_conflict_do_update(
        index_elements=["world_id", "kind", "object_id"],
        set_={"document": new.excluded.document},
    )


_DOCUMENT_VALUES: dict[str, Any] = {
    name: bindparam(name) for name in ("kind", "object_id", "document")
}
_SAVE_ONE = Statement(_upsert(sqlite).values(world_id=bindparam("world"), **_DOCUMENT_VALUES))
_DROP_ONE = Statement(delete(search_documents).where(*_DOCUMENT_KEY))
_ADD_ONE = Statement(
    sqlite.insert(search_terms)
    .values(
        world_id=bindparam("world"),
        field=bindparam("field"),
        term=bindparam("term"),
        object_id=bindparam("object_id"),
    )
    .on_conflict_do_nothing()
)
_REMOVE_ONE = Statement(
    delete(search_terms).where(
        search_terms.c.world_id == bindparam("world"),
        search_terms.c.field == bindparam("of_field"),
        search_terms.c.term == bindparam("of_term"),
        search_terms.c.object_id == bindparam("of_id"),
    )
)
_DONE_ONE = Statement(
    delete(search_waiting).where(
        _MINE,
        search_waiting.c.kind == bindparam("of_kind"),
        search_waiting.c.object_id == bindparam("of_id"),
        search_waiting.c.version == bindparam("of_version"),
    )
)


def _rows(**columns: Any) -> Any:
    """Rows for PostgreSQL, given as one array for each column."""
    arrays = (bindparam(f"{name}s", type_=ARRAY(kind)) for name, kind in columns.items())
    return func.unnest(*arrays).table_valued(*columns).render_derived("given")


_TERM_ROWS = _rows(field=String, term=String, object_id=String)
_DOCUMENT_ROWS = _rows(kind=String, object_id=String, document=LargeBinary)
_WORLD = bindparam("world", type_=Integer)


def _of(table: Any, rows: Any) -> Any:
    """The rows of a table in this world that are among the given ones."""
    names = [column.name for column in rows.c]
    return delete(table).where(
        table.c.world_id == _WORLD,
        tuple_(*(table.c[name] for name in names)).in_(select(*(rows.c[name] for name in names))),
    )


def _insert_rows(insertion: Any, rows: Any) -> Any:
    names = [column.name for column in rows.c]
    return insertion.from_select(
        ["world_id", *names], select(_WORLD, *(rows.c[name] for name in names))
    )


_ADD_MANY = Statement(
    _insert_rows(postgresql.insert(search_terms), _TERM_ROWS).on_conflict_do_nothing()
)
_REMOVE_MANY = Statement(_of(search_terms, _TERM_ROWS))
_SAVE_MANY = Statement(_insert_rows(_upsert(postgresql), _DOCUMENT_ROWS))


def document(connection: Connection, world_id: int, kind: str, object_id: str) -> bytes | None:
    """Return an object's document, None when it is not in the index."""
    rows = connection.rows(_DOCUMENT, world=world_id, of_kind=kind, of_id=object_id)
    return rows[0][0] if rows else None


def write(
    connection: Connection, world_id: int, changes: Sequence[Change], done: Sequence[Waiting]
) -> None:
    """Make the changes, and take from what waits what is done by them."""
    together = _one_by_one if connection.dialect == "sqlite" else _by_arrays
    writes = [
        (statement, {"world": world_id, **values}) for statement, values in together(changes, done)
    ]
    connection.run_together(writes)


Writes = list[tuple[Statement, dict[str, Any]]]


def _one_by_one(changes: Sequence[Change], done: Sequence[Waiting]) -> Writes:
    writes: Writes = []
    for change in changes:
        id = change.object_id
        if change.document is not None:
            row = {"kind": change.kind, "object_id": id, "document": change.document}
            writes.append((_SAVE_ONE, row))
        writes += [
            (_REMOVE_ONE, {"of_field": field, "of_term": term, "of_id": id})
            for field, term in change.removed
        ]
        writes += [
            (_ADD_ONE, {"field": field, "term": term, "object_id": id})
            for field, term in change.added
        ]
    return [*writes, *_dropped(changes), *_done(done)]


def _by_arrays(changes: Sequence[Change], done: Sequence[Waiting]) -> Writes:
    """Terms and documents in one statement each. Rows that go are found one by one: of a table that is
    nearly always empty the server knows nothing, and would look through all of it when it is not."""
    removed = [(*entry, change.object_id) for change in changes for entry in change.removed]
    added = [(*entry, change.object_id) for change in changes for entry in change.added]
    kept = [(c.kind, c.object_id, c.document) for c in changes if c.document is not None]
    steps: list[tuple[Statement, tuple[str, ...], Sequence[tuple[Any, ...]]]] = [
        (_REMOVE_MANY, ("fields", "terms", "object_ids"), removed),
        (_ADD_MANY, ("fields", "terms", "object_ids"), added),
        (_SAVE_MANY, ("kinds", "object_ids", "documents"), kept),
    ]
    writes = [
        (statement, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
        for statement, names, rows in steps
        if rows
    ]
    return [*writes, *_dropped(changes), *_done(done)]


def _dropped(changes: Sequence[Change]) -> Writes:
    return [
        (_DROP_ONE, {"of_kind": change.kind, "of_id": change.object_id})
        for change in changes
        if change.document is None
    ]


def _done(done: Sequence[Waiting]) -> Writes:
    return [
        (_DONE_ONE, {"of_kind": e.kind, "of_id": e.object_id, "of_version": e.version})
        for e in done
    ]
