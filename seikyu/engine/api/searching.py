"""Searches: index what waits, look where the index says, keep what matches, answer with a page.

1. What was changed before the search is in its answer: whatever of the kind still waits is indexed first, up
   to a limit. Where more waits (after an upgrade, or an import with no worker running), the answer says how
   much in a header, and shows nothing that does not match any more.
2. The clause with the fewest candidates leads; each of them is held against the whole query. Where every
   clause has many, the newest objects are looked through until the page is full, a slice at a time, so that
   other requests have their turn in between.
"""

import asyncio
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import orjson

from seikyu.engine.api.expansion import expanded
from seikyu.engine.execute.door import Door
from seikyu.engine.execute.indexing import AT_ONCE, index
from seikyu.engine.store import search as store
from seikyu.engine.store.database import Connection, Contention
from seikyu.engine.store.search_index import count_waiting
from seikyu.engine.store.session import Session, World, shown_together
from seikyu.engine.wire.errors import invalid_value
from seikyu.engine.wire.expand import plan
from seikyu.engine.wire.forms import decode
from seikyu.engine.wire.lists import search_result
from seikyu.engine.wire.params.model import parse as parse_params
from seikyu.engine.wire.params.search import Search
from seikyu.engine.wire.search.documents import Span, document, excluded, matches, spans
from seikyu.engine.wire.search.fields import RESOURCES, Resource
from seikyu.engine.wire.search.language import Clause, Query, parse

FEW = 500
"""Terms of a clause that are fetched to be led by it; with more of them, a clause has many candidates."""

MOST_VALUES = 20
"""Values of a field that are looked up one by one, to find what has any of them."""

LARGEST_SLICE = 500
"""Candidates that are looked at before other requests have their turn: about two milliseconds' worth."""

COUNTED = 10_000
"""As far as ``total_count`` counts (source: Stripe, ``total_count`` of search results)."""

INDEXED_FIRST = 1_000
"""Versions that a search indexes at most before it answers."""

WAITING = b"seikyu-search-waiting"
"""The header with the number of changes that are not in the index yet; it is there when any are."""

TOTAL_COUNT = "total_count"

Lead = Sequence[str] | Span | None
"""Where candidates come from: these ids, newest first; a term; or all objects of the kind."""

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for, and in whose world."""

    world: World
    kind: str
    resource: Resource
    query: Query


async def search(
    door: Door, world: World, kind: str, path: str, query_string: bytes, headers: Headers
) -> bytes:
    """Answer a search of a type of objects. Adds to ``headers``. Raises WireError for a wrong request."""
    params = parse_params(Search, decode(b"", query_string))
    resource = RESOURCES[kind]
    asked = Asked(world, kind, resource, parse(params.query, resource))
    seal = _seal(path, params.query)
    before = _opened(params.page, seal) if params.page else store.NEWEST
    wanted = list(params.expand or ())
    counts = TOTAL_COUNT in wanted
    expansion = plan([each for each in wanted if each != TOTAL_COUNT], kind, in_list=True)

    waiting = await _catch_up(door, asked)
    if waiting:
        headers.append((WAITING, b"%d" % waiting))
    every = await _newest(door, asked, store.NEWEST, COUNTED) if counts else []
    if counts and not params.page:
        found = every[: params.limit + 1]
    else:
        found = await _newest(door, asked, before, params.limit + 1)
    ids = found[: params.limit]
    more = len(found) > params.limit

    def answer(connection: Connection) -> bytes:
        bodies = _bodies(connection, asked, ids, certain=not waiting)
        next_page = _sealed(ids[-1], seal) if more else None
        body = search_result(
            bodies, next_page=next_page, url=path, total_count=len(every) if counts else None
        )
        if not expansion:
            return body
        return expanded(Session(connection, world), body, kind, expansion, in_list=True)

    return await door.read(answer)


# ── what is indexed first ──────────────────────────────────────────────────────────────────────


async def _catch_up(door: Door, asked: Asked) -> int:
    """Index what waits of the kind; return how much waits still, counted up to `COUNTED`."""
    world, kind = asked.world.id, asked.kind
    most = AT_ONCE[door.engine.database.dialect]
    for _ in range(INDEXED_FIRST // most):
        if not await door.read(lambda connection: count_waiting(connection, world, kind, 1)):
            return 0
        try:
            await door.run(
                lambda: index(
                    door.engine.database.connection(), world, most, kind=kind, patiently=True
                )
            )
        except Contention:
            break
    return await door.read(lambda connection: count_waiting(connection, world, kind, COUNTED))


# ── finding ────────────────────────────────────────────────────────────────────────────────────


async def _newest(door: Door, asked: Asked, before: str, most: int) -> list[str]:
    """Return the ids of up to ``most`` objects that match, before an id, newest first."""
    lead = await door.read(lambda connection: _lead(Session(connection, asked.world), asked))
    found: list[str] = []
    size = min(most, LARGEST_SLICE)
    follow: str | None = before
    while follow is not None and len(found) < most:
        ids, follow = await door.read(partial(_slice, asked, lead, follow, size))
        found += ids
        size = min(size * 2, LARGEST_SLICE)
        await asyncio.sleep(0)
    return found[:most]


def _lead(session: Session, asked: Asked) -> Lead:
    """Choose where candidates come from."""
    options = [_option(session, asked.resource, clause) for clause in asked.query.clauses]
    if asked.query.any_of:
        known = [option for option in options if option is not None]
        if len(known) < len(options):
            return None
        return _sorted(store.ids_within(session, [span for each in known for span in each], FEW))
    if len(options) == 1 and (term := _term(options[0])) is not None:
        return term
    fewest: set[str] | None = None
    terms: list[Span] = []
    for option in options:
        if option is None:
            continue
        ids = store.ids_within(session, option, FEW if fewest is None else len(fewest))
        if ids is not None:
            fewest = ids
        elif (term := _term(option)) is not None:
            terms.append(term)
    return _sorted(fewest) if fewest is not None else terms[0] if terms else None


def _option(session: Session, resource: Resource, clause: Clause) -> tuple[Span, ...] | None:
    """Return where the clause is looked up; None when the index cannot say.

    What does not have one value has one of the others, as long as there are few.
    """
    span = excluded(resource, clause)
    if span is None:
        return spans(resource, clause)
    others = store.terms_besides(session, span, MOST_VALUES)
    return None if others is None else tuple(Span(span.field, term) for term in others)


def _term(option: tuple[Span, ...] | None) -> Span | None:
    """Return the one term that a clause is looked up under; None when it has a range of them."""
    return option[0] if option is not None and [each.below for each in option] == [None] else None


def _sorted(ids: set[str] | None) -> list[str] | None:
    return None if ids is None else sorted(ids, reverse=True)


def _slice(
    asked: Asked, lead: Lead, before: str, most: int, connection: Connection
) -> tuple[list[str], str | None]:
    """Return which of the next candidates match, and where those after them begin, None at the end."""
    session = Session(connection, asked.world)
    last: str | None
    if lead is None:
        candidates = store.of_kind(session, asked.kind, before, most)
        last = candidates[-1][0] if len(candidates) == most else None
    elif isinstance(lead, Span):
        candidates = store.under_term(session, asked.kind, lead, before, most)
        last = candidates[-1][0] if len(candidates) == most else None
    else:
        ids = [id for id in lead if id < before][:most]
        candidates = store.documents(session, asked.kind, ids)
        last = ids[-1] if len(ids) == most else None
    query = asked.query
    return [id for id, found in candidates if matches(query, orjson.loads(found))], last


# ── answering ──────────────────────────────────────────────────────────────────────────────────


def _bodies(
    connection: Connection, asked: Asked, ids: Sequence[str], *, certain: bool
) -> list[bytes]:
    """Return the objects as they are shown now, without those that are gone.

    Where the index is not ``certain`` to be up to date, without those that do not match any more too.
    """
    shown = shown_together(connection, [(asked.world.id, id) for id in ids])
    bodies = [body for body in shown if body]
    if certain:
        return bodies
    return [body for body in bodies if _still(asked, body)]


def _still(asked: Asked, body: bytes) -> bool:
    parsed = orjson.loads(body)
    return not parsed.get("deleted") and matches(asked.query, document(asked.resource, parsed))


def _seal(path: str, query: str) -> bytes:
    """Return what ties a page to its query: the next page of another one would leave things out."""
    return sha256(f"{path}\n{query}".encode()).digest()[:6]


def _sealed(id: str, seal: bytes) -> str:
    """Return the text under which the page after an id is asked for."""
    return urlsafe_b64encode(seal + id.encode()).decode().rstrip("=")


def _opened(page: str, seal: bytes) -> str:
    """Return the id that the page follows. Raises WireError for a page of anything else."""
    try:
        opened = urlsafe_b64decode(page.encode() + b"=" * (-len(page) % 4))
        if opened.startswith(seal) and len(opened) > len(seal):
            return opened[len(seal) :].decode()
    except ValueError:
        pass
    raise invalid_value(
        "Invalid page: it must be the next_page of an answer to the same query.", "page"
    )
