"""Reads about credit notes that no table answers: their lines, and one that would be issued."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import orjson

from seikyu.engine.api.reading import ABOUT_THE_ANSWER, Asking, existing
from seikyu.engine.execute.credit_loading import previewed, stored
from seikyu.engine.wire.errors import resource_missing
from seikyu.engine.wire.lists import envelope
from seikyu.engine.wire.objects import credit_lines, shown

Shown = Sequence[Mapping[str, Any]]


def lines(asking: Asking) -> bytes:
    """Return a page of a credit note's lines, in their order."""
    note = stored(asking.session, asking.ids[0])
    if note is None:
        raise resource_missing("credit_note", asking.ids[0])
    return _page(asking, credit_lines(note.lines, asking.frame))


def preview(asking: Asking) -> bytes:
    """Return the credit note that would be issued. Raises WireError for what could not be."""
    note = _previewed(asking)
    ((_, body),) = shown(note, asking.frame)
    return existing(body, "credit_note", note.id)


def preview_lines(asking: Asking) -> bytes:
    """Return a page of the lines of the credit note that would be issued."""
    return _page(asking, credit_lines(_previewed(asking).lines, asking.frame))


def _previewed(asking: Asking) -> Any:
    given = {name: value for name, value in asking.given.items() if name not in ABOUT_THE_ANSWER}
    numbers = count(1)
    return previewed(
        asking.session, given, asking.now, lambda prefix: f"{prefix}_preview{next(numbers)}"
    )


def _page(asking: Asking, lines: Shown) -> bytes:
    limit = asking.limit
    after, before = asking.given.get("starting_after"), asking.given.get("ending_before")
    if after is not None:
        rest = lines[_place(lines, after, "starting_after") + 1 :]
        chosen = rest[:limit]
    elif before is not None:
        rest = lines[: _place(lines, before, "ending_before")]
        chosen = rest[-limit:]
    else:
        rest, chosen = lines, lines[:limit]
    bodies = [orjson.dumps(line) for line in chosen]
    return envelope(bodies, has_more=len(rest) > limit, url=asking.url)


def _place(lines: Shown, id: str, param: str) -> int:
    for place, line in enumerate(lines):
        if line["id"] == id:
            return place
    raise resource_missing("credit_note_line_item", id, param)
