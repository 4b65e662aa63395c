"""Looking things up in the search index: candidates, newest first, each with its document.

Every query here is one range of one primary key, so it costs what it returns, whatever the world holds.
What is found may be more than what is meant; whoever asks holds the documents against the question.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import ARRAY, String, bindparam, func, select

from seikyu.engine.store.session import Session
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import search_documents, search_terms

Span = tuple[str, str, str | None]
"""A field, the least of its terms, and the one below which they are; None for the least alone."""

Candidate = tuple[str, bytes]
"""An object's id and its document."""

NEWEST = "\U0010ffff"
"""Sorts behind every id: where a walk begins."""

_FIELD = (
    search_terms.c.world_id == bindparam("world"),
    search_terms.c.field == bindparam("of_field"),
)
_EXACTLY = (*_FIELD, search_terms.c.term == bindparam("least"))
_BETWEEN = (
    *_FIELD,
    search_terms.c.term >= bindparam("least"),
    search_terms.c.term < bindparam("below"),
)
_IDS = {
    exact: Statement(
        select(search_terms.c.object_id)
        .where(*(_EXACTLY if exact else _BETWEEN))
        .limit(bindparam("most"))
    )
    for exact in (True, False)
}

_NEXT_TERM = Statement(
    select(search_terms.c.term)
    .where(*_FIELD, search_terms.c.term > bindparam("after"))
    .order_by(search_terms.c.term)
    .limit(1)
)

_PAGE = (
    select(search_terms.c.object_id)
    .where(*_EXACTLY, search_terms.c.object_id < bindparam("before"))
    .order_by(search_terms.c.object_id.desc())
    .limit(bindparam("most"))
    .subquery()
)
_UNDER_TERM = Statement(
    select(
        _PAGE.c.object_id,
        select(search_documents.c.document)
        .where(
            search_documents.c.world_id == bindparam("world"),
            search_documents.c.kind == bindparam("of_kind"),
            search_documents.c.object_id == _PAGE.c.object_id,
        )
        .scalar_subquery(),
    ).order_by(_PAGE.c.object_id.desc())
)

_OF_KIND = (
    search_documents.c.world_id == bindparam("world"),
    search_documents.c.kind == bindparam("of_kind"),
)
_ALL = Statement(
    select(search_documents.c.object_id, search_documents.c.document)
    .where(*_OF_KIND, search_documents.c.object_id < bindparam("before"))
    .order_by(search_documents.c.object_id.desc())
    .limit(bindparam("most"))
)
_ONE = Statement(
    select(search_documents.c.object_id, search_documents.c.document).where(
        *_OF_KIND, search_documents.c.object_id == bindparam("of_id")
    )
)
_WANTED = (
    func.unnest(bindparam("ids", type_=ARRAY(String)))
    .table_valued("object_id")
    .render_derived("wanted")
)
_SEVERAL = Statement(
    select(search_documents.c.object_id, search_documents.c.document)
    .join(_WANTED, _WANTED.c.object_id == search_documents.c.object_id)
    .where(*_OF_KIND)
    .order_by(search_documents.c.object_id.desc())
)


def ids_within(session: Session, spans: Iterable[Span], most: int) -> set[str] | None:
    """Return the ids of all that is in any of the spans; None when they have more than ``most`` terms."""
    found: set[str] = set()
    left = most
    for field, least, below in spans:
        values: dict[str, str] = {} if below is None else {"below": below}
        rows = session.rows(
            _IDS[below is None], of_field=field, least=least, most=left + 1, **values
        )
        left -= len(rows)
        if left < 0:
            return None
        found.update(row[0] for row in rows)
    return found


def terms_besides(session: Session, span: Span, most: int) -> list[str] | None:
    """Return the terms of the span's field without its own; None when there are more than ``most``.

    The empty term is among them, whether anything stands under it or not.
    """
    field, own, _ = span
    found: list[str] = []
    after = ""
    while rows := session.rows(_NEXT_TERM, of_field=field, after=after):
        after = rows[0][0]
        if after != own:
            if len(found) == most:
                return None
            found.append(after)
    return ["", *found]


def under_term(session: Session, kind: str, span: Span, before: str, most: int) -> list[Candidate]:
    """Return up to ``most`` objects that stand under one term, before an id, newest first."""
    field, term, _ = span
    rows = session.rows(
        _UNDER_TERM, of_kind=kind, of_field=field, least=term, before=before, most=most
    )
    return [(row[0], row[1]) for row in rows]


def of_kind(session: Session, kind: str, before: str, most: int) -> list[Candidate]:
    """Return up to ``most`` objects of a kind, before an id, newest first."""
    return [(row[0], row[1]) for row in session.rows(_ALL, of_kind=kind, before=before, most=most)]


def documents(session: Session, kind: str, ids: Sequence[str]) -> list[Candidate]:
    """Return the objects with these ids, which are given newest first; without those not indexed."""
    if session.connection.dialect != "sqlite":
        rows = session.rows(_SEVERAL, of_kind=kind, ids=list(ids))
    else:
        rows = [row for id in ids for row in session.rows(_ONE, of_kind=kind, of_id=id)]
    return [(row[0], row[1]) for row in rows]
