"""Record class ↔ table row. One description: the fields of the frozen dataclass are the columns.

Whole numbers, texts, flags and bytes are columns as they are; a Decimal is kept as text, and whatever
merely passes through (dicts, tuples, nested records) as one JSON text.
"""

import dataclasses
import types
from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import Any, Union, get_args, get_origin, get_type_hints

import orjson
from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, String, Text, false, text, true
from sqlalchemy.types import TypeEngine

Encoder = Callable[[Any], Any]

BYTEWISE = String().with_variant(String(collation="C"), "postgresql")
"""A text that sorts by its bytes on both databases: ids sort by age only so, and lists by ids."""


def columns_of(record: type) -> list[Column[Any]]:
    """Return one column for each field of the dataclass, in the fields' order."""
    hints = get_type_hints(record)
    return [
        Column(
            field.name,
            _column_type(hints[field.name]),
            nullable=_optional(hints[field.name]),
            server_default=_earlier(field, hints[field.name]),
        )
        for field in dataclasses.fields(record)
    ]


def _earlier(field: "dataclasses.Field[Any]", hint: Any) -> Any:
    """Return what rows from before the field was added hold; None for a field of the first release."""
    if not field.metadata.get("added") or field.default is None:
        return None
    default = field.default
    if default is dataclasses.MISSING:
        assert field.default_factory is not dataclasses.MISSING
        default = field.default_factory()
    encode = _encoder(hint)
    value = encode(default) if encode else default
    if isinstance(value, bool):
        return true() if value else false()
    return text(str(value)) if isinstance(value, int) else text(f"'{value}'")


class Codec:
    """Turns records of one class into parameters for SQL, and rows into records."""

    def __init__(self, record: type) -> None:
        """Prepare the coders of every field once."""
        self.record = record
        hints = get_type_hints(record)
        self.names = [field.name for field in dataclasses.fields(record)]
        self._values: Callable[[Any], tuple[Any, ...]] = attrgetter(*self.names)
        self._encoders = [
            (name, encode) for name in self.names if (encode := _encoder(hints[name])) is not None
        ]
        self._decoders = [
            (index, decode)
            for index, name in enumerate(self.names)
            if (decode := _decoder(hints[name])) is not None
        ]

    def encode(self, record: Any) -> dict[str, Any]:
        """Return the record's values by column name."""
        values = dict(zip(self.names, self._values(record), strict=True))
        for name, encode in self._encoders:
            if values[name] is not None:
                values[name] = encode(values[name])
        return values

    def decode(self, row: tuple[Any, ...]) -> Any:
        """Return the record of a row whose values stand in the order of the fields."""
        values = list(row)
        for index, decode in self._decoders:
            if values[index] is not None:
                values[index] = decode(values[index])
        return self.record(*values)


def _plain(hint: Any) -> Any:
    """Strip ``| None``."""
    if get_origin(hint) in (Union, types.UnionType):
        return next(arg for arg in get_args(hint) if arg is not types.NoneType)
    return hint


def _optional(hint: Any) -> bool:
    return types.NoneType in get_args(hint)


def _column_type(hint: Any) -> TypeEngine[Any]:
    plain = _plain(hint)
    simple: dict[Any, TypeEngine[Any]] = {
        int: BigInteger(),
        str: BYTEWISE,
        bool: Boolean(),
        bytes: LargeBinary(),
    }
    return simple.get(plain) or Text()


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def _encoder(hint: Any) -> Encoder | None:
    plain = _plain(hint)
    if plain in (int, str, bool, bytes):
        return None
    return str if plain is Decimal else _json


def _decoder(hint: Any) -> Encoder | None:
    plain = _plain(hint)
    if plain in (int, str, bytes):
        return None
    if plain is bool:
        return bool
    if plain is Decimal:
        return Decimal
    if dataclasses.is_dataclass(plain):
        return _record_decoder(plain)
    if get_origin(plain) is tuple:
        return _tuple_decoder(get_args(plain)[0])
    return orjson.loads


def _record_decoder(record: Any) -> Encoder:
    """A group of fields that is kept as one JSON object; arrays in it are tuples of plain values.

    A field that did not exist yet when the row was written has its default.
    """

    hints = get_type_hints(record)
    decimals = [name for name, hint in hints.items() if _plain(hint) is Decimal]

    def decode(text: str) -> Any:
        values = orjson.loads(text)
        for name in decimals:
            values[name] = Decimal(values[name])
        return record(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})

    return decode


def _tuple_decoder(item: Any) -> Encoder:
    if not dataclasses.is_dataclass(item):
        return lambda text: tuple(orjson.loads(text))
    built = _builder(item)

    def decode(text: str) -> tuple[Any, ...]:
        return () if text == "[]" else tuple(built(entry) for entry in orjson.loads(text))

    return decode


def _builder(item: Any) -> Callable[[dict[str, Any]], Any]:
    """Return what makes a nested record of a parsed JSON object, and the records nested in it."""
    hints = get_type_hints(item)
    found = ((name, _inner_decoder(_plain(hint))) for name, hint in hints.items())
    decoders = {name: inner for name, inner in found if inner is not None}

    def build(entry: dict[str, Any]) -> Any:
        for name, inner in decoders.items():
            if entry.get(name) is not None:
                entry[name] = inner(entry[name])
        return item(**entry)

    return build


def _inner_decoder(hint: Any) -> Encoder | None:
    """Decode a field of a nested record, which JSON has left as a text or a list."""
    if hint is Decimal:
        return Decimal
    if get_origin(hint) is not tuple:
        return None
    if not dataclasses.is_dataclass(get_args(hint)[0]):
        return tuple
    built = _builder(get_args(hint)[0])
    return lambda entries: tuple(built(entry) for entry in entries)
