"""What makes two requests the same request.

A client that repeats a request sends the same ``Idempotency-Key``. The stored answer may only be
given when method, path and parameters are those of the first time; the fingerprint stands for
them. It is taken from the decoded parameters, so the order of the names and the way brackets were
written do not matter, while the order of array elements does.

A fingerprint is stored and a card number has few enough possible values to be guessed from it, so of
a number only the last four digits go in, which are stored anyway, and of a security code nothing.
"""

import hashlib
from typing import Any

import orjson

from seikyu.engine.wire.errors import WireError, invalid_value

LONGEST_KEY = 255


def fingerprint(method: str, path: str, params: dict[str, Any]) -> bytes:
    """Return 16 bytes that are equal for equal requests, today and after any upgrade."""
    digest = hashlib.blake2b(
        orjson.dumps(_without_secrets(params), option=orjson.OPT_SORT_KEYS), digest_size=16
    )
    digest.update(f"\n{method} {path}".encode())
    return digest.digest()


def _without_secrets(params: Any) -> Any:
    if isinstance(params, dict):
        return {
            name: _card(value)
            if name == "card" and isinstance(value, dict)
            else _without_secrets(value)
            for name, value in params.items()
        }
    if isinstance(params, list):
        return [_without_secrets(value) for value in params]
    return params


def _card(given: dict[str, Any]) -> dict[str, Any]:
    """Return what was given of a card without what only the processor may know."""
    kept = {name: _without_secrets(value) for name, value in given.items() if name != "cvc"}
    if "number" in kept:
        kept["number"] = str(kept["number"])[-4:]
    return kept


def check_key(key: str) -> None:
    """Raise WireError when a text cannot be an idempotency key."""
    if len(key) <= LONGEST_KEY and key.isascii() and key.isprintable() and key.strip():
        return
    raise _bad_key()


def _bad_key() -> WireError:
    return invalid_value(
        f"An idempotency key has 1 to {LONGEST_KEY} printable ASCII characters.", None
    )
