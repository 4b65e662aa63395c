"""Expansion: putting whole objects where an answer has only their ids.

A request names paths (``payments.data.payment.payment_intent``). `plan` checks them against the
table in `expandable` before anything runs, so a misspelled path changes nothing. `expand` then
builds a new answer; it never changes an object it was given, because the same rendered object may
stand in several places with different expansions.

Objects come from two callbacks, so this file knows no store: ``fetch(type, id)`` returns another
object, ``include(type, object, property)`` computes a property that is only there when asked for.
Each object is fetched once per answer, however often it is named.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from seikyu.engine.wire.errors import WireError, cannot_expand, expanded_too_deep
from seikyu.engine.wire.expandable import Each, Included, Inline, Node, Ref, list_of, properties
from seikyu.engine.wire.ids import object_type

MOST_LEVELS = 4

Plan = dict[str, Any]
"""The requested paths as a tree: property → plan of what it leads to."""

Object = Mapping[str, Any]
"""An object as parsed JSON."""

Fetch = Callable[[str, str], Object | None]
Include = Callable[[str, Object, str], Any]


def plan(paths: Iterable[str], type: str, *, in_list: bool = False) -> Plan:
    """Return the tree of the paths from an object of the type, or from a list of such objects.

    Raises WireError for a path that leads nowhere or has more than four levels.
    """
    tree: Plan = {}
    root = _root(type, in_list=in_list)
    for path in paths:
        segments = path.split(".")
        if len(segments) > MOST_LEVELS:
            raise expanded_too_deep(path, MOST_LEVELS)
        wrong = _first_wrong(root, segments)
        if wrong is not None:
            raise _refused(type, segments, wrong, in_list=in_list)
        branch = tree
        for segment in segments:
            branch = branch.setdefault(segment, {})
    return tree


def expand(
    body: bytes, type: str, tree: Plan, fetch: Fetch, include: Include, *, in_list: bool = False
) -> bytes:
    """Return the rendered object, or list of objects of the type, with the plan carried out.

    An id for which ``fetch`` returns None stays an id.
    """
    answer = orjson.loads(body)
    root = _root(type, in_list=in_list)
    return orjson.dumps(_Expansion(fetch, include).value(root, answer, tree))


def _root(type: str, *, in_list: bool) -> Node:
    return list_of(type) if in_list else Inline(type)


# ── Checking paths ──────────────────────────────────────────────────────────────────────────────


def _first_wrong(root: Node, segments: list[str]) -> int | None:
    """Return the position of the first segment that leads nowhere, None when all lead on.

    A path cannot end at a hash: there is nothing to put in its place. Nor can it end at the
    objects of the list that is the answer itself.
    """
    node = root
    for position, segment in enumerate(segments):
        following = properties(node).get(segment)
        if following is None:
            return position
        node = following
    is_plain = isinstance(node, Mapping) and "data" not in node
    is_answer = segments == ["data"] and isinstance(root, Mapping)
    return len(segments) - 1 if is_plain or is_answer else None


def _refused(type: str, segments: list[str], wrong: int, *, in_list: bool) -> WireError:
    """Name the path as far as its first wrong segment; a forgotten ``data.`` is the usual cause."""
    if in_list and segments[0] != "data":
        path = ".".join(segments)
        right = _first_wrong(Inline(type), segments) is None
        return cannot_expand(path, f"data.{path}" if right else None)
    return cannot_expand(".".join(segments[: wrong + 1]))


# ── Carrying out ────────────────────────────────────────────────────────────────────────────────


class _Expansion:
    """One answer in the making; remembers what it fetched."""

    def __init__(self, fetch: Fetch, include: Include) -> None:
        self._fetch = fetch
        self._include = include
        self._fetched: dict[tuple[str, str], Object | None] = {}

    def value(self, node: Node, value: Any, tree: Plan) -> Any:
        """Return the value at a node with everything below it expanded."""
        if value is None:
            return None
        if isinstance(node, Each):
            return [self.value(node.inner, item, tree) for item in value]
        if isinstance(node, Included):
            return self.value(node.inner, value, tree) if node.inner is not None else value
        if isinstance(node, Ref) and isinstance(value, str):
            type = _type_of(node, value)
            found = self._object(type, value)
            return value if found is None else self._hash(Inline(type), found, tree)
        return self._hash(node, value, tree)

    def _hash(self, node: Node, value: Object, tree: Plan) -> Object:
        """Return a copy of the hash; the one given may stand elsewhere too."""
        if not tree or value.get("deleted") is True:
            return value
        made = dict(value)
        nodes = properties(node)
        for name, branch in tree.items():
            inner = nodes.get(name)
            if isinstance(inner, Included) and name not in made and isinstance(node, Inline):
                made[name] = self._include(node.type, value, name)
            if inner is not None and name in made:
                made[name] = self.value(inner, made[name], branch)
        return made

    def _object(self, type: str, id: str) -> Object | None:
        key = type, id
        if key not in self._fetched:
            self._fetched[key] = self._fetch(type, id)
        return self._fetched[key]


def _type_of(node: Ref, id: str) -> str:
    by_prefix = object_type(id)
    return by_prefix if by_prefix in node.types else node.types[0]
