"""Addresses and whom goods or cards belong to, with every key that Stripe's hashes have."""

from collections.abc import Mapping
from typing import Any

Hash = Mapping[str, Any]


def address(given: Hash | None) -> dict[str, Any] | None:
    """Return the address with all six keys, or None when there is none."""
    if given is None:
        return None
    get = given.get
    return {
        "city": get("city"),
        "country": get("country"),
        "line1": get("line1"),
        "line2": get("line2"),
        "postal_code": get("postal_code"),
        "state": get("state"),
    }


def shipping(given: Hash | None) -> dict[str, Any] | None:
    """Return where goods go, or None when nothing is sent."""
    if given is None:
        return None
    get = given.get
    return {
        "address": address(get("address")),
        "carrier": get("carrier"),
        "name": get("name"),
        "phone": get("phone"),
        "tracking_number": get("tracking_number"),
    }


def billing_details(given: Hash | None) -> dict[str, Any]:
    """Return whose card it is. The address is there even when nothing is known of it."""
    get = (given or {}).get
    return {
        "address": address(get("address") or {}),
        "email": get("email"),
        "name": get("name"),
        "phone": get("phone"),
        "tax_id": get("tax_id"),
    }
