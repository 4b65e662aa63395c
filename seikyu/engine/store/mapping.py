"""Record class ↔ table row. One description: the fields of the frozen dataclass are the columns.

Whole numbers, texts, flags and bytes are columns as they are; a Decimal is kept as text, and whatever
merely passes through (dicts, tuples, nested records) as one JSON text.
"""

import dataclasses
import types
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints

import orjson
from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, String, Text
from sqlalchemy.types import TypeEngine

Encoder = Callable[[Any], Any]

BYTEWISE = String().with_variant(String(collation="C"), "postgresql")
"""A text that sorts by its bytes on both databases: ids sort by age only so, and lists by ids."""


def columns_of(record: type) -> list[Column[Any]]:
    """Return one column for each field of the dataclass, in the fields' order."""
    hints = get_type_hints(record)
    return [
        Column(field.name, _column_type(hints[field.name]), nullable=_optional(hints[field.name]))
        for field in dataclasses.fields(record)
    ]


class Codec:
    """Turns records of one class into parameters for SQL, and rows into records."""

    def __init__(self, record: type) -> None:
        """Prepare the coders of every field once."""
        self.record = record
        hints = get_type_hints(record)
        self.names = [field.name for field in dataclasses.fields(record)]
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
        values = {name: getattr(record, name) for name in self.names}
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
    if get_origin(plain) is tuple:
        return _tuple_decoder(get_args(plain)[0])
    return orjson.loads


def _tuple_decoder(item: Any) -> Encoder:
    if not dataclasses.is_dataclass(item):
        return lambda text: tuple(orjson.loads(text))
    assert isinstance(item, type)
    hints = get_type_hints(item)
    decimals = [name for name, hint in hints.items() if _plain(hint) is Decimal]

    def decode(text: str) -> tuple[Any, ...]:
        if text == "[]":
            return ()
        entries = orjson.loads(text)
        for entry in entries:
            for name in decimals:
                entry[name] = Decimal(entry[name])
        return tuple(item(**entry) for entry in entries)

    return decode
