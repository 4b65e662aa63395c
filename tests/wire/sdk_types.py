"""Reads the types of the installed official SDK, and holds served JSON against them.

Nothing is copied from the SDK: its classes are inspected as they are installed. An annotation such as
`Optional[ExpandableField["Customer"]]` names a class that the SDK imports for type checkers only; those
imports are read from the module's source, so that every name means here what it means to a type checker.

`faults` walks an object and says everything that is wrong with it: a field that is not there, a value of
another type, a word that is not among those the SDK lists, the id of another kind of object, a field that
the SDK does not know. The rules of absence, the only reasons for which a field may be missing, are `Rules`.
"""

import ast
import functools
import importlib
import inspect
import re
import sys
import typing
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Union

import stripe
import typing_extensions
from stripe._list_object import ListObject
from stripe._object_classes import OBJECT_CLASSES
from stripe._search_result_object import SearchResultObject
from stripe._stripe_object import StripeObject, UntypedStripeObject

from seikyu.engine.wire.ids import PREFIXES

LITERALS = (Literal, typing_extensions.Literal)
DECIMAL = re.compile(r"-?\d+(\.\d+)?")
Path = str
"""Where in an object: `invoice.lines.data[].taxes[].amount`."""


# ── what the SDK declares ──────────────────────────────────────────────────────────────────────


def class_of(noun: str) -> type:
    """Return the SDK's class of objects whose `object` is this word. KeyError for words it lacks."""
    module, name = OBJECT_CLASSES[noun]
    found: type = getattr(importlib.import_module(module), name)
    return found


@functools.cache
def names_in(module: str) -> dict[str, Any]:
    """Return what names mean in a module of the SDK, those for type checkers included."""
    loaded = sys.modules[module]
    names = dict(vars(loaded))
    for node in ast.walk(ast.parse(inspect.getsource(loaded))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            if node.module.startswith("stripe.params"):
                continue
            for alias in node.names:
                found = getattr(importlib.import_module(node.module), alias.name, None)
                names.setdefault(alias.asname or alias.name, found)
    return names


@functools.cache
def fields_of(sdk: Any) -> dict[str, Any]:
    """Return the fields that the class itself declares, in its order, with resolved types."""
    own = [name for name in sdk.__annotations__ if name != "OBJECT_NAME"]
    hints = typing.get_type_hints(sdk, localns=names_in(sdk.__module__))
    return {name: hints[name] for name in own}


def nullable(hint: Any) -> bool:
    """Say whether the SDK allows null (or absence: it does not tell the two apart)."""
    return type(None) in typing.get_args(hint)


def is_object(hint: Any) -> bool:
    """Say whether the type is a whole object with an id of its own, and not a mere hash."""
    return is_hash(hint) and "OBJECT_NAME" in vars(hint) and hint is not ListObject


def is_hash(hint: Any) -> bool:
    """Say whether the type is a class of the SDK."""
    return isinstance(hint, type) and issubclass(hint, StripeObject)


def choices(hint: Any) -> tuple[Any, ...]:
    """Return the alternatives of a type, null left out."""
    if typing.get_origin(hint) in (Union, type(int | None)):
        return tuple(x for part in typing.get_args(hint) for x in choices(part))
    return () if hint is type(None) else (hint,)


def words(hint: Any) -> tuple[Any, ...]:
    """Return the words that the SDK lists for a field, none for free text."""
    found = (x for x in choices(hint) if typing.get_origin(x) in LITERALS)
    return tuple(word for each in found for word in typing.get_args(each))


def nested(hint: Any) -> type | None:
    """Return the class of the hash in a field: of itself, of the array's elements or the dict's values."""
    for each in choices(hint):
        if typing.get_origin(each) in (list, dict):
            return nested(typing.get_args(each)[-1])
        if is_hash(each) and not is_object(each) and typing.get_origin(each) is None:
            return each if each.__annotations__ else None
    return None


def is_nested(hint: Any) -> bool:
    """Say whether the field holds a hash, typed or not."""
    return any(is_hash(typing.get_origin(x) or x) for x in choices(hint))


def variants(sdk: type) -> frozenset[str]:
    """Return the fields of which each object has one, named by its `type`: `card`, `konbini`, ….

    They are those that bear one of the words of `type`; where `type` is free text and all other fields
    are hashes, all of these.
    """
    fields = fields_of(sdk)
    if "type" not in fields:
        return frozenset()
    named = words(fields["type"])
    rest = {name for name, hint in fields.items() if name != "type" and nullable(hint)}
    if not named and all(is_nested(fields[name]) for name in fields.keys() - {"type"}):
        return frozenset(rest)
    return frozenset(rest.intersection(named))


# ── rules of absence ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Rules:
    """Why a field may be missing, and which fields are ours.

    ``may_be_absent`` says of a class's name (`Invoice`, `PaymentIntent.PaymentMethodOptions`) which fields
    are left out on purpose. ``ours`` are paths of fields that the SDK does not know, ``more_words`` words
    beside those that it lists for a path.
    """

    may_be_absent: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    ours: AbstractSet[Path] = frozenset()
    more_words: Mapping[Path, AbstractSet[str]] = field(default_factory=dict)

    def absent(self, sdk: type, name: str, shown: Mapping[str, Any]) -> bool:
        """Say whether the field may be missing from this object."""
        if name == "deleted":
            return True
        if name in variants(sdk) and shown.get("type") != name:
            return True
        return name in self.may_be_absent.get(sdk.__qualname__, ())


# ── the walk ───────────────────────────────────────────────────────────────────────────────────


def faults(shown: Any, rules: Rules, sdk: type | None = None) -> list[str]:
    """Return what is wrong with a served object or list of objects; nothing when all is well.

    The class is the one that the SDK itself would choose by the `object` field, unless it is given.
    """
    if not isinstance(shown, dict) or shown.get("object") not in OBJECT_CLASSES:
        return [f"no object of Stripe's: {str(shown)[:60]}"]
    noun = shown["object"]
    if noun in ("list", "search_result"):
        return list(_list(shown, None, rules, noun))
    if shown.get("deleted") and len(shown) == len(TOMBSTONE):
        return list(_deleted(shown, noun))
    return list(_hash(shown, sdk or class_of(noun), rules, noun))


TOMBSTONE = ("id", "object", "deleted")
"""All that most deleted objects still have. A discount that ended is shown as a whole."""


def _deleted(shown: Mapping[str, Any], noun: str) -> Iterator[str]:
    if shown.keys() != set(TOMBSTONE) or not isinstance(shown["id"], str):
        yield f"{noun}: a deleted object has {', '.join(TOMBSTONE)}, and no more"
    if "deleted" not in fields_of(class_of(noun)):
        yield f"{noun}: the SDK knows no deleted ones"


def _hash(shown: Mapping[str, Any], sdk: type, rules: Rules, path: Path) -> Iterator[str]:
    fields = fields_of(sdk)
    for name in shown.keys() - fields.keys():
        if f"{path}.{name}" not in rules.ours:
            yield f"{path}.{name}: not a field of {sdk.__qualname__}"
    for name, hint in fields.items():
        if name not in shown:
            if not rules.absent(sdk, name, shown):
                yield f"{path}.{name}: missing"
            continue
        here = f"{path}.{name}"
        if shown[name] is None and name in sdk._inner_class_dicts:  # type: ignore[attr-defined]
            yield f"{here}: null, which the SDK cannot read"
        if path == "event.data" and name == "object":
            yield from (f"event.data.object of {fault}" for fault in faults(shown[name], rules))
        else:
            yield from _value(shown[name], hint, rules, here)


def _value(value: Any, hint: Any, rules: Rules, path: Path) -> Iterator[str]:
    if value is None:
        if not nullable(hint):
            yield f"{path}: null, which the SDK does not allow"
        return
    alternatives, listed = choices(hint), words(hint)
    if listed and isinstance(value, str):
        if value not in listed and value not in rules.more_words.get(path, ()):
            yield f"{path}: {value!r} is not one of {listed}"
        return
    if isinstance(value, str) and any(is_object(x) for x in alternatives):
        yield from _reference(value, alternatives, path)
        return
    if isinstance(value, dict):
        alternatives = tuple(x for x in alternatives if x is not str) or alternatives
    found = [list(_as(value, each, rules, path)) for each in alternatives]
    if not any(each == [] for each in found):
        yield from min(found, key=len)


def _as(value: Any, hint: Any, rules: Rules, path: Path) -> Iterator[str]:
    """Say what keeps a value from being of one type, alternatives already told apart."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in LITERALS:
        if value not in inner:
            yield f"{path}: {value!r} is not one of {inner}"
    elif origin in (list, dict):
        yield from _each(value, origin, inner[-1], rules, path)
    elif origin is ListObject:
        yield from _list(value, inner[0], rules, path)
    elif origin is UntypedStripeObject:
        yield from _untyped(value, inner[0], rules, path)
    elif is_hash(hint):
        yield from _of_class(value, hint, rules, path)
    elif hint not in (Any, object):
        yield from _scalar(value, hint, path)


def _each(value: Any, kind: Any, hint: Any, rules: Rules, path: Path) -> Iterator[str]:
    """Arrays, and hashes whose keys are free."""
    if not isinstance(value, kind):
        yield f"{path}: {value!r} is no {kind.__name__}"
        return
    elements: Iterable[Any] = value.values() if isinstance(value, dict) else value
    for element in elements:
        yield from _value(element, hint, rules, f"{path}[]")


def _reference(value: str, alternatives: tuple[Any, ...], path: Path) -> Iterator[str]:
    """An id stands for an object only where the SDK says so, and is the id of such an object."""
    nouns = [vars(x)["OBJECT_NAME"] for x in alternatives if is_object(x)]
    if str not in alternatives:
        yield f"{path}: an id where the SDK has a whole {' or '.join(nouns)}"
    prefixes = [PREFIXES[noun] for noun in nouns if noun in PREFIXES]
    is_known = len(prefixes) == len(nouns) and not NAMED_BY_CALLERS.intersection(nouns)
    if is_known and not value.startswith(tuple(f"{prefix}_" for prefix in prefixes)):
        yield f"{path}: {value!r} is no id of a {' or '.join(nouns)}"


def _of_class(value: Any, sdk: type, rules: Rules, path: Path) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no hash"
    elif is_object(sdk):
        if value.get("object") != vars(sdk)["OBJECT_NAME"]:
            yield f"{path}: {value.get('object')!r} is no {vars(sdk)['OBJECT_NAME']}"
        else:
            yield from faults(value, rules)
    else:
        yield from _hash(value, sdk, rules, path)


NAMED_BY_CALLERS = frozenset(("coupon", "product"))
"""Objects whose ids callers may choose, so that no prefix tells what they are."""


def _list(value: Any, element: Any, rules: Rules, path: Path) -> Iterator[str]:
    fields = {"object": str, **typing.get_type_hints(ListObject)}
    if isinstance(value, dict) and value.get("object") == "search_result":
        fields = typing.get_type_hints(SearchResultObject) | {"object": str, "url": str}
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no list object"
        return
    for name in ("data", "has_more", "url"):
        if name not in value:
            yield f"{path}.{name}: missing"
    for name in value.keys() - fields.keys():
        if f"{path}.{name}" not in rules.ours:
            yield f"{path}.{name}: not a field of a list"
    if type(value.get("has_more")) is not bool or type(value.get("url")) is not str:
        yield f"{path}: has_more or url of another type"
    for entry in value.get("data", ()):
        sdk = element if is_hash(element) else None
        if sdk is not None and entry.get("object") != vars(sdk).get("OBJECT_NAME"):
            yield f"{path}.data[]: {entry.get('object')!r} is no {sdk.__name__}"
        yield from faults(entry, rules)


def _untyped(value: Any, of: Any, rules: Rules, path: Path) -> Iterator[str]:
    """Hashes with free names: of texts, as metadata, or of anything."""
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no hash"
    elif is_hash(of):
        yield from _each(value, dict, of, rules, path)
    elif of is str:
        for name, text in value.items():
            if not isinstance(text, str):
                yield f"{path}[{name}]: {text!r} is no text"


def _scalar(value: Any, hint: Any, path: Path) -> Iterator[str]:
    fits = {
        int: type(value) is int,
        float: type(value) in (int, float),
        str: isinstance(value, str),
        bool: isinstance(value, bool),
        Decimal: isinstance(value, str) and DECIMAL.fullmatch(value) is not None,
    }
    if hint not in fits:
        yield f"{path}: a type that is not understood: {hint}"
    elif not fits[hint]:
        yield f"{path}: {value!r} is no {hint.__name__}"


def previous_faults(previous: Any, noun: str) -> list[str]:
    """Return what is wrong with an event's `previous_attributes`: names and types, at every depth."""
    return list(_previous(previous, class_of(noun), noun))


def _previous(previous: Any, sdk: type, path: Path) -> Iterator[str]:
    """Hashes hold only what changed; a key that was not there before is null."""
    if not isinstance(previous, dict) or not previous:
        yield f"{path}: no previous attributes"
        return
    fields = fields_of(sdk)
    for name, value in previous.items():
        here = f"{path}.{name}"
        if name not in fields:
            yield f"{here}: not a field of {sdk.__qualname__}"
        elif isinstance(value, dict) and not any(
            typing.get_origin(x) in (dict, UntypedStripeObject, ListObject) or is_object(x)
            for x in choices(fields[name])
        ):
            inner = nested(fields[name])
            if inner is not None:
                yield from _previous(value, inner, here)
        elif isinstance(value, (str, int, bool)):
            yield from _value(value, fields[name], Rules(), here)


def version() -> str:
    """Return the version of the SDK that is measured against."""
    return str(stripe.VERSION)
