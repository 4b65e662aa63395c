"""Metadata: the caller's own keys. Source: Stripe's documentation of metadata.

Up to 50 keys of 40 characters without square brackets, values of up to 500 characters. An empty
value deletes its key and an empty text in place of the hash clears all keys: that is for the
billing rules to do, here both only pass (the second as None).
"""

from typing import Annotated, Any

from pydantic import PlainValidator

from seikyu.engine.wire.errors import shortened
from seikyu.engine.wire.params.model import refused

MOST_KEYS = 50
LONGEST_KEY = 40
LONGEST_VALUE = 500


def _metadata(value: Any) -> dict[str, str] | None:
    if value == "":
        return None
    if type(value) is list:
        # Keys 0, 1, 2 look like an array on the wire.
        value = {str(number): item for number, item in enumerate(value)}
    if type(value) is not dict:
        raise refused("Invalid object")
    if len(value) > MOST_KEYS:
        raise refused(f"Metadata can have up to {MOST_KEYS} keys, but you've set {len(value)}.")
    for key, item in value.items():
        if type(item) is not str:
            raise refused(
                f"Metadata values must be strings, but the value of '{shortened(key)}' is not one."
            )
        if not 0 < len(key) <= LONGEST_KEY or "[" in key or "]" in key:
            raise refused(_bad_key(key))
        if len(item) > LONGEST_VALUE:
            raise refused(
                f"Metadata values can have up to {LONGEST_VALUE} characters, but you passed in a "
                f"value that is {len(item)} characters. Invalid value: {shortened(item, 50)}"
            )
    return value


def _bad_key(key: str) -> str:
    if len(key) <= LONGEST_KEY:
        return f"Metadata keys must not be empty or have square brackets. Invalid key: '{key}'"
    return (
        f"Metadata keys can have up to {LONGEST_KEY} characters, but you passed in a key that is "
        f"{len(key)} characters. Invalid key: {shortened(key, 50)}"
    )


Metadata = Annotated[dict[str, str] | None, PlainValidator(_metadata)]
