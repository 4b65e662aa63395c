"""Metadata: keys that the caller owns. Source: Stripe's metadata rules."""

from collections.abc import Mapping

from seikyu.engine.billing.refusals import ParameterNotAllowed

MOST_KEYS = 50


def merged(old: Mapping[str, str], given: Mapping[str, str] | None) -> dict[str, str]:
    """Lay ``given`` over ``old``: an empty value deletes its key, ``None`` clears everything.

    Raises ParameterNotAllowed when more than 50 keys would be left.
    """
    if given is None:
        return {}
    new = {k: v for k, v in {**old, **given}.items() if v != ""}
    if len(new) > MOST_KEYS:
        raise ParameterNotAllowed(
            f"Metadata can have up to {MOST_KEYS} keys; this would make {len(new)}.", "metadata"
        )
    return new
