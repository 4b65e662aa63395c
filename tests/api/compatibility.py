"""Measures how much of Stripe's API is served, and writes `docs/reference/compatibility.md`.

    python -m tests.api.compatibility

What Stripe has is read from the official SDK: its requests and the types of its objects. What Seikyu has
is read from the table of operations and from every object that was served in a story over HTTP. A field is
filled when any of these objects has a value in it. A test fails while the page says anything else.
"""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import stripe

from seikyu.engine.wire.params.operations import OPERATIONS
from tests.api.measure import FIELDS, Field, measured
from tests.api.parameters import REFUSED_FILTERS, WITHOUT_EFFECT, refused_leaves, taken
from tests.api.reasons import reason
from tests.api.room import running_room
from tests.api.sdk_requests import BESIDES, collection, is_stripes, of_stripe, unnamed
from tests.api.story import tell

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "compatibility.md"

NOT_SERVED = {"accounts"}
"""Collections of which no more is served than the key's own object: that is Stripe Connect."""

REFUSED = {"POST /v1/payment_intents/{id}/capture": "no: refused with the reason (400)"}
"""Operations that exist here in order to say why they cannot be carried out."""


def page() -> str:
    """Return the whole page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_room(f"sqlite:///{folder}/seikyu.db") as room,
    ):
        fields = measured(tell(room).objects())
    return "\n".join([*_introduction(), *_operations(), *_fields(fields)]) + "\n"


def _introduction() -> list[str]:
    return [
        "# Compatibility",
        "",
        "Measured, not claimed: written by `python -m tests.api.compatibility` from the official",
        f"Python SDK {stripe.VERSION} (API version {stripe.api_version}) and from what the engine",
        "answers. A test fails while this page says anything else.",
        "",
    ]


# ── operations ─────────────────────────────────────────────────────────────────────────────────


def _operations() -> list[str]:
    served = {unnamed(each): each for each in OPERATIONS if is_stripes(each)}
    scope = {collection(each) for each in served} - NOT_SERVED
    stripes = {each for each in of_stripe() if collection(each) in scope} | BESIDES
    lines = [
        "## Operations",
        "",
        f"{len(served) - len(REFUSED)} of the {len(stripes)} operations of these collections are",
        "served; all others, and all collections that are not here, answer 404 “Unrecognized request",
        "URL”. A parameter that is not served is refused by its name and never ignored; so are the hashes of",
        "kinds of payment methods that are not served, which are not told here one by one.",
        "",
        "| operation | served | parameters that are refused |",
        "|---|---|---|",
    ]
    for operation in sorted(stripes, key=lambda each: (each.split(" ")[1], each)):
        ours = served.get(operation)
        if ours is None:
            lines.append(f"| `{operation.replace('{}', '{id}')}` | no | |")
        else:
            names = ", ".join(f"`{name}`" for name in _refused(ours))
            lines.append(f"| `{ours}` | {REFUSED.get(ours, 'yes')} | {names} |")
    lines += ["", "These parameters are taken and change nothing:", ""]
    lines += [f"- `{name.partition('.')[2]}`: {why}" for name, why in sorted(_without_effect())]
    return [*lines, ""]


def _refused(operation: str) -> list[str]:
    """Return the parameters of an operation that are refused by name."""
    verb, path = operation.split(" ")
    refused = set(refused_leaves(OPERATIONS[operation]))
    return sorted(refused | (REFUSED_FILTERS.get(path, set()) if verb == "GET" else set()))


def _without_effect() -> set[tuple[str, str]]:
    """Return path, behind a dot, and reason of each parameter that is taken and changes nothing."""
    return {
        (f".{leaf.path}", WITHOUT_EFFECT[leaf.declared])
        for each in taken().values()
        for leaf in each
        if leaf.declared in WITHOUT_EFFECT and leaf.top != "payment_method_data"
    }


# ── fields ─────────────────────────────────────────────────────────────────────────────────────


def _fields(found: Iterable[Field]) -> Iterator[str]:
    """One table per object: what is filled, and why the rest is not."""
    by_noun: dict[str, list[Field]] = {}
    for each in found:
        by_noun.setdefault(each.noun, []).append(each)
    yield from (FIELDS, "")
    for noun in sorted(by_noun):
        yield from (f"### {noun}", "", "| state | why | fields |", "|---|---|---|")
        rows: dict[tuple[str, str], list[str]] = {}
        for each in sorted(by_noun[noun], key=lambda each: each.rank):
            why = each.why or reason(each.path) or ""
            rows.setdefault((each.state, why), []).append(f"`{each.name}`")
        for (state, why), names in rows.items():
            yield f"| {state} ({len(names)}) | {why} | {', '.join(names)} |"
        yield ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
