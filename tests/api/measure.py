"""What each field of each object was in everything that was served: filled, null, absent, or ours."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.wire.sdk_rules import DELETED, OTHER_KIND, OURS, WHY_ABSENT
from tests.wire.sdk_types import class_of, fields_of, is_object, nested, variants

FIELDS = """## Fields

Every field that the SDK declares for an object is in every object, at every depth, and of a type that
the SDK allows; a test walks all that a story over HTTP was answered. Fields of hashes are written with
a dot, those of arrays with `[]`; a hash that is never filled is not opened.

- *filled*: it has a value where there is one to have;
- *null*: it is there, and null or empty in everything that was measured;
- *absent*: left out where there is nothing to say, as by Stripe;
- *ours*: Seikyu says it, the SDK does not know it."""

STATES = ("filled", "ours", "null", "absent")
EMPTY: tuple[Any, ...] = (None, [], {}, "")


@dataclass(frozen=True)
class Field:
    """One field. ``path`` begins with the object's name, ``name`` does not. ``why`` may be empty."""

    noun: str
    path: str
    state: str
    why: str = ""

    @property
    def name(self) -> str:
        """The path inside the object."""
        return self.path.removeprefix(f"{self.noun}.")

    @property
    def rank(self) -> tuple[int, str]:
        """Where the field stands in its table."""
        return STATES.index(self.state), self.path


def measured(objects: Iterable[Mapping[str, Any]]) -> list[Field]:
    """Return the state of every field of every kind of object that was served."""
    by_noun: dict[str, list[Mapping[str, Any]]] = {}
    for each in objects:
        if not each.get("deleted"):
            by_noun.setdefault(each["object"], []).append(each)
    return [
        field
        for noun, found in by_noun.items()
        for field in _look(noun, class_of(noun), noun, found)
    ]


def _look(noun: str, sdk: type, path: str, found: Sequence[Mapping[str, Any]]) -> Iterator[Field]:
    fields = fields_of(sdk)
    for name in sorted({name for each in found for name in each} - fields.keys()):
        yield Field(noun, f"{path}.{name}", "ours", OURS.get(f"{path}.{name}", ""))
    for name, hint in fields.items():
        here = f"{path}.{name}"
        values = [each[name] for each in found if name in each]
        if not values:
            yield Field(noun, here, "absent", _why(sdk, name))
        elif all(_is_empty(value) for value in values):
            yield Field(noun, here, "null")
        else:
            yield Field(noun, here, "filled", _sometimes(sdk, name))
            yield from _inside(noun, hint, here, [value for value in values if value])


def _is_empty(value: Any) -> bool:
    """Say whether nothing is said: null, an empty text, array or hash, a list of no objects."""
    return value in EMPTY or (isinstance(value, dict) and value.get("data") == [])


def _inside(noun: str, hint: Any, path: str, values: Sequence[Any]) -> Iterator[Field]:
    """Open a hash, or the hashes of an array, unless they are objects with a table of their own."""
    inner = nested(hint)
    if inner is None or is_object(inner):
        return
    is_array = isinstance(values[0], list)
    hashes = [x for each in values for x in (each if is_array else [each]) if isinstance(x, dict)]
    yield from _look(noun, inner, f"{path}[]" if is_array else path, hashes)


def _why(sdk: type, name: str) -> str:
    if name == "deleted":
        return DELETED
    return _sometimes(sdk, name) or (OTHER_KIND if name in variants(sdk) else "")


def _sometimes(sdk: type, name: str) -> str:
    """Return why the field may be left out, when a rule says so."""
    return WHY_ABSENT.get(sdk.__qualname__, {}).get(name, "")
