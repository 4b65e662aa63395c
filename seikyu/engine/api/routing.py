"""From method and path to an operation of ``wire.params.operations``: one walk down a tree of dicts."""

from typing import Any

from seikyu.engine.wire.params.operations import OPERATIONS

Found = tuple[str, tuple[str, ...]]
"""The operation, as ``GET /v1/invoices/{id}``, and the ids in the path."""

NEVER_IDS = frozenset({"search", "create_preview"})
"""Words of Stripe's paths that are ids of nothing, also where their operation is not served."""

_ANY = "{}"
_END = "/"
"""No segment of a path can be this; an empty one can be in the address."""


def _tree() -> dict[str, Any]:
    root: dict[str, Any] = {}
    for operation in OPERATIONS:
        method, path = operation.split(" ")
        node = root.setdefault(method, {})
        for segment in path.removeprefix("/v1/").split("/"):
            node = node.setdefault(_ANY if segment.startswith("{") else segment, {})
        node[_END] = operation
    return root


_ROUTES = _tree()


def find(method: str, path: str) -> Found | None:
    """Return the operation at the path, or None. Fixed words win over ids."""
    node = _ROUTES.get(method)
    if node is None or not path.startswith("/v1/"):
        return None
    ids: tuple[str, ...] = ()
    for segment in path[4:].split("/"):
        following = node.get(segment)
        if following is None:
            following = node.get(_ANY)
            if following is None or not segment or segment in NEVER_IDS:
                return None
            ids = (*ids, segment)
        node = following
    operation = node.get(_END)
    return (operation, ids) if operation else None
