"""What is searched of an object, whether a query matches it, and where an index finds it.

1. An object becomes a *document*: the values of its fields as they are compared, without those that it
   does not have. `matches` decides by the document alone, so an answer never depends on a database.
2. A document is put into the index under *terms*: pairs of a field's name and a text. A token is its own
   term. A number is written so that texts sort as the numbers do. A string has a term for its end from
   every second character on, and from every beginning of a word: any part of it that is at least three
   characters long begins such an end, or does so without its own first character.
   The absence of a field has the empty term, where absence is not the rule.
3. A clause is looked up in *spans* of terms, and every object that it matches is in one of them. There may
   be others, since long terms are cut; so whatever is found is held against the query once more.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from seikyu.engine.wire.search.fields import METADATA, NUMERIC, STRING, Field, Resource
from seikyu.engine.wire.search.folding import LAST, folded, plain
from seikyu.engine.wire.search.language import Clause, Query

Document = dict[str, str | int]

LONGEST_TERM = 64
"""Characters; four bytes each and the other columns fit into an index entry of PostgreSQL."""


ABSENT = ""
"""The term of a field that is not there; no value is empty."""

FIRST = "\x01"
"""Sorts before every term but `ABSENT`."""


class Span(NamedTuple):
    """Terms of a field from ``least`` on and below ``below``; without ``below``, ``least`` alone."""

    field: str
    least: str
    below: str | None = None


# ── documents ──────────────────────────────────────────────────────────────────────────────────


def document(resource: Resource, shown: Mapping[str, Any]) -> Document:
    """Return what is searched of an object, given as parsed JSON."""
    found: Document = {}
    for name, field in resource.fields.items():
        value = _comparable(field, field.read(shown))
        if value is not None:
            found[name] = value
    metadata = shown.get("metadata")
    if type(metadata) is dict:
        for key, value in metadata.items():
            if value != "":
                found[METADATA + key] = folded(str(value))
    return found


def _comparable(field: Field, value: Any) -> str | int | None:
    """Return the value as it is compared; None for what can only be absent."""
    if isinstance(value, bool):
        value = "true" if value else "false"
    if field.type == NUMERIC:
        return value if isinstance(value, int) else None
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str):
        return None
    return (plain(value) if field.type == STRING else folded(value)) or None


def matches(query: Query, document: Document) -> bool:
    """Say whether the document is what the query asks for."""
    results = (_holds(clause, document) is not clause.negated for clause in query.clauses)
    return any(results) if query.any_of else all(results)


def _holds(clause: Clause, document: Document) -> bool:
    """Say whether the clause without its negation is true of the document."""
    found, wanted = document.get(clause.name), clause.value
    if wanted is None:
        return found is None
    if found is None:
        return False
    if isinstance(found, int) and isinstance(wanted, int):
        return _compares(clause.operator, found, wanted)
    assert isinstance(found, str)
    assert isinstance(wanted, str)
    if clause.operator == "~":
        return wanted in found
    if clause.type == STRING:
        return f" {wanted} " in f" {found} "
    return found == wanted


def _compares(operator: str, found: int, wanted: int) -> bool:
    if operator == ">":
        return found > wanted
    if operator == "<":
        return found < wanted
    if operator == ">=":
        return found >= wanted
    return found <= wanted if operator == "<=" else found == wanted


# ── terms ──────────────────────────────────────────────────────────────────────────────────────


def terms(resource: Resource, document: Document) -> set[tuple[str, str]]:
    """Return the (field, term) pairs under which the document stands in the index."""
    found = {
        (_whole(resource, name), ABSENT)
        for name, field in resource.fields.items()
        if name not in document and not field.mostly_absent
    }
    for name, value in document.items():
        column = _column(resource, name)
        kind = resource.fields.get(name)
        if isinstance(value, int):
            found.add((column, _sortable(value)))
        elif kind is not None and kind.type == STRING:
            found.update((column, end) for end in _ends(value))
            if kind.few_values:
                found.add((_whole(resource, name), _token(value)))
        else:
            found.add((column, _token(value)))
    return found


def spans(resource: Resource, clause: Clause) -> tuple[Span, ...] | None:
    """Return where all that the clause matches is found; None when the index cannot say."""
    column = _column(resource, clause.name)
    if clause.value is None:
        if clause.negated:
            return (Span(column, FIRST, LAST),)
        field = resource.fields.get(clause.name)
        has_entry = field is not None and not field.mostly_absent
        return (Span(_whole(resource, clause.name), ABSENT),) if has_entry else None
    if clause.negated:
        return _other_numbers(column, clause) if isinstance(clause.value, int) else None
    if isinstance(clause.value, int):
        return (_range(column, clause.operator, clause.value),)
    if clause.type != STRING:
        return (Span(column, _token(clause.value)),)
    beginnings = [clause.value, clause.value[1:]] if clause.operator == "~" else [clause.value]
    return tuple(
        Span(column, text, text + LAST) for text in (each[:LONGEST_TERM] for each in beginnings)
    )


def excluded(resource: Resource, clause: Clause) -> Span | None:
    """Return the one term, among few, under which nothing stands that a negated clause matches.

    None where a clause excludes more or less than a value, or a field has many.
    """
    field = resource.fields.get(clause.name)
    if field is None or not field.few_values or not clause.negated or clause.operator != ":":
        return None
    if not isinstance(clause.value, str):
        return None
    return Span(_whole(resource, clause.name), _token(clause.value))


def _whole(resource: Resource, name: str) -> str:
    """Return the field of the terms that are whole values; strings have parts under their own name."""
    field = resource.fields[name]
    column = _column(resource, name)
    return f"{column}=" if field.type == STRING else column


def _column(resource: Resource, name: str) -> str:
    return f"{resource.code}.{name}"


def _sortable(number: int) -> str:
    """Return 16 hexadecimal digits that sort as the numbers do, from -2^63 to 2^63 - 1."""
    return f"{number + 2**63:016x}"


def _range(column: str, operator: str, number: int) -> Span:
    exact = _sortable(number)
    if operator == ":":
        return Span(column, exact)
    if operator in (">", ">="):
        # What follows `exact` and a letter behind all digits is larger than the number.
        return Span(column, exact if operator == ">=" else exact + LAST, LAST)
    return Span(column, FIRST, exact if operator == "<" else exact + LAST)


OPPOSITES = {":": ("<", ">"), ">": ("<=",), "<": (">=",), ">=": ("<",), "<=": (">",)}


def _other_numbers(column: str, clause: Clause) -> tuple[Span, ...]:
    """Return where the other numbers are than those that a negated clause names, and their absence."""
    assert isinstance(clause.value, int)
    number = clause.value
    ranges = (_range(column, operator, number) for operator in OPPOSITES[clause.operator])
    return (*ranges, Span(column, ABSENT))


def _token(text: str) -> str:
    """Return a token's term: itself, or what stands for a long one and for no short one."""
    if len(text) <= LONGEST_TERM:
        return text
    digest = sha256(text.encode("utf-8", "replace")).hexdigest()
    return f"{text[:LONGEST_TERM]}\x1f{digest}"


def _ends(text: str) -> Iterator[str]:
    """Return the ends of the text that are terms, each cut to what a term may have."""
    last = len(text) - 1
    for at in range(len(text)):
        begins_word = at == 0 or text[at - 1] == " "
        if begins_word or (at % 2 == 0 and at < last):
            yield text[at : at + LONGEST_TERM]
