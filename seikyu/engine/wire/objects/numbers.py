"""Exact numbers in JSON: decimals as texts, or as JSON numbers that never pass through a float."""

from decimal import Decimal
from functools import lru_cache

import orjson


@lru_cache(maxsize=4096)
def plain(number: Decimal) -> str:
    """Return the number without exponent and without trailing zeros: ``12``, ``0.5``, ``1200``."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@lru_cache(maxsize=4096)
def json_number(number: Decimal) -> orjson.Fragment:
    """Return the number as a JSON number. Equal numbers give the same fragment, so ``is`` compares."""
    return orjson.Fragment(plain(number))
