"""Reads about credit notes that no table answers: their lines, and one that would be issued."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import orjson

from seikyu.engine.api.reading import existing
from seikyu.engine.billing.credit_note import CreditLine, CreditNote
from seikyu.engine.execute.credit_loading import previewed
from seikyu.engine.store.session import Session
from seikyu.engine.wire.errors import resource_missing
from seikyu.engine.wire.lists import envelope
from seikyu.engine.wire.objects import Frame, credit_lines, shown

PREVIEW = "GET /v1/credit_notes/preview"
PREVIEW_LINES = "GET /v1/credit_notes/preview/lines"
LINES = "GET /v1/credit_notes/{id}/lines"

CREDITS = frozenset({PREVIEW, PREVIEW_LINES, LINES})
"""The operations that are answered here."""

ABOUT_THE_ANSWER = frozenset({"expand", "limit", "starting_after", "ending_before"})


def shape(operation: str) -> tuple[str, bool]:
    """Return the object type that the operation answers with, and whether it answers a list."""
    if operation == PREVIEW:
        return "credit_note", False
    return "credit_note_line_item", True


def found(
    session: Session,
    operation: str,
    ids: tuple[str, ...],
    values: Mapping[str, Any],
    url: str,
    limit: int,
    now: int,
    public_url: str,
) -> bytes:
    """Return the preview, or a page of lines in their order. ``now``: Unix seconds, the system's.

    Raises WireError, also for what could not be issued.
    """
    frame = Frame(session.world.account, session.world.livemode, public_url)
    if operation == LINES:
        note = session.get(CreditNote, ids[0])
        if note is None:
            raise resource_missing("credit_note", ids[0])
        return _page(note.lines, values, url, limit, frame)
    given = {name: value for name, value in values.items() if name not in ABOUT_THE_ANSWER}
    numbers = count(1)
    note = previewed(session, given, now, lambda prefix: f"{prefix}_preview{next(numbers)}")
    if operation == PREVIEW_LINES:
        return _page(note.lines, values, url, limit, frame)
    ((_, body),) = shown(note, frame)
    return existing(body, "credit_note", note.id)


def _page(
    lines: Sequence[CreditLine], values: Mapping[str, Any], url: str, limit: int, frame: Frame
) -> bytes:
    after, before = values.get("starting_after"), values.get("ending_before")
    if after is not None:
        rest = lines[_place(lines, after, "starting_after") + 1 :]
        chosen, more = rest[:limit], len(rest) > limit
    elif before is not None:
        rest = lines[: _place(lines, before, "ending_before")]
        chosen, more = rest[-limit:], len(rest) > limit
    else:
        chosen, more = lines[:limit], len(lines) > limit
    bodies = [orjson.dumps(line) for line in credit_lines(chosen, frame)]
    return envelope(bodies, has_more=more, url=url)


def _place(lines: Sequence[CreditLine], id: str, param: str) -> int:
    for place, line in enumerate(lines):
        if line.id == id:
            return place
    raise resource_missing("credit_note_line_item", id, param)
