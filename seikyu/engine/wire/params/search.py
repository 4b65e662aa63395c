"""Parameters of ``/v1/…/search``; what a query says is read by ``wire/search``."""

from typing import Annotated, Any

from pydantic import PlainValidator

from seikyu.engine.wire.params.filters import USUAL_PER_PAGE
from seikyu.engine.wire.params.kinds import Expand, FullText, PageSize
from seikyu.engine.wire.params.model import refused, refused_empty

LONGEST_QUERY = 10_000
"""Characters: ten clauses with the longest keys and values of metadata, and their quotes escaped."""


def _query(value: Any) -> str:
    if type(value) is not str:
        raise refused("Invalid string")
    if not value:
        raise refused_empty()
    if len(value) > LONGEST_QUERY:
        raise refused(f"Invalid query: must be at most {LONGEST_QUERY} characters")
    return value


class Search(Expand):
    """A search. ``page`` is the ``next_page`` of an answer to the same query."""

    query: Annotated[str, PlainValidator(_query)]
    limit: PageSize = USUAL_PER_PAGE
    page: FullText | None = None
