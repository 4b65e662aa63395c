"""What can be searched: for each resource its fields, where in the object they stand, and their types.

Three types (source: Stripe's documentation, "Search query language"). A *token* is compared as a whole. A
*string* also matches where the words that are asked for stand in it together, or where a part of it is
asked for with ``~``. A *numeric* can be compared with ``>``, ``<``, ``>=`` and ``<=``. Letters count the
same in either case. Every resource has metadata besides, each key of which is a token.

The fields and their types are Stripe's ("Supported query fields for each resource").
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

TOKEN = "token"  # noqa: S105 (a type of field, Stripe's word)
STRING = "string"
NUMERIC = "numeric"

METADATA = "metadata."
"""What the name of a metadata field begins with; its key follows as it is."""

Shown = Mapping[str, Any]
"""An object as parsed JSON."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``read`` returns its value in an object: a text, a whole number, a flag, or None.

    ``choices`` are the only values that may be asked for; empty where any may. The index has an entry for
    the absence of a field, except where it is ``mostly_absent``. With ``few_values`` it also finds what has
    any other value than one.
    """

    type: str
    read: Callable[[Shown], Any]
    choices: tuple[str, ...] = ()
    mostly_absent: bool = False
    few_values: bool = False


@dataclass(frozen=True, slots=True)
class Resource:
    """What is searched together. ``code`` begins the names of its fields in the index.

    ``plural`` is Stripe's name of the resource in addresses and messages.
    """

    code: str
    plural: str
    fields: Mapping[str, Field]


def _at(*path: str) -> Callable[[Shown], Any]:
    """Return a reader of the value at the path; None where the path ends early."""

    def read(shown: Shown) -> Any:
        value: Any = shown
        for name in path:
            if type(value) is not dict:
                return None
            value = value.get(name)
        return value

    return read


def _refunded(charge: Shown) -> bool | None:
    """True is refunded in full, False in part, None not at all (source: Stripe, as above)."""
    return charge.get("refunded") if charge.get("amount_refunded") else None


def _token(*path: str, mostly_absent: bool = False, few_values: bool = False) -> Field:
    return Field(TOKEN, _at(*path), mostly_absent=mostly_absent, few_values=few_values)


def _string(*path: str, mostly_absent: bool = False, few_values: bool = False) -> Field:
    return Field(STRING, _at(*path), mostly_absent=mostly_absent, few_values=few_values)


def _numeric(*path: str) -> Field:
    return Field(NUMERIC, _at(*path))


FLAGS = ("true", "false")


def _flag(*path: str) -> Field:
    return Field(TOKEN, _at(*path), FLAGS, few_values=True)


CARDS = ("card", "card_present", "interac_present")
CARD_FIELDS = ("last4", "exp_month", "exp_year", "brand", "fingerprint")

RESOURCES: dict[str, Resource] = {
    "charge": Resource(
        "ch",
        "charges",
        {
            "amount": _numeric("amount"),
            "billing_details.address.postal_code": _token(
                "billing_details", "address", "postal_code", mostly_absent=True
            ),
            "created": _numeric("created"),
            "currency": _token("currency", few_values=True),
            "customer": _token("customer"),
            "disputed": _flag("disputed"),
            **{
                f"payment_method_details.{card}.{name}": _token(
                    "payment_method_details", card, name, mostly_absent=True
                )
                for card in CARDS
                for name in CARD_FIELDS
            },
            "refunded": Field(TOKEN, _refunded, FLAGS, mostly_absent=True),
            "status": _token("status", few_values=True),
        },
    ),
    "customer": Resource(
        "cus",
        "customers",
        {
            "created": _numeric("created"),
            "email": _string("email"),
            "name": _string("name"),
            "phone": _string("phone"),
        },
    ),
    "invoice": Resource(
        "in",
        "invoices",
        {
            "created": _numeric("created"),
            "currency": _token("currency", few_values=True),
            "customer": _token("customer"),
            "last_finalization_error_code": _token(
                "last_finalization_error", "code", mostly_absent=True
            ),
            "last_finalization_error_type": _token(
                "last_finalization_error", "type", mostly_absent=True
            ),
            "number": _string("number"),
            "receipt_number": _string("receipt_number", mostly_absent=True),
            "status": _string("status", few_values=True),
            "subscription": _string("parent", "subscription_details", "subscription"),
            "total": _numeric("total"),
        },
    ),
    "payment_intent": Resource(
        "pi",
        "payment_intents",
        {
            "amount": _numeric("amount"),
            "created": _numeric("created"),
            "currency": _token("currency", few_values=True),
            "customer": _token("customer"),
            "status": _token("status", few_values=True),
        },
    ),
    "price": Resource(
        "price",
        "prices",
        {
            "active": _flag("active"),
            "currency": _token("currency", few_values=True),
            "lookup_key": _string("lookup_key"),
            "product": _string("product"),
            "type": _token("type", few_values=True),
        },
    ),
    "product": Resource(
        "prod",
        "products",
        {
            "active": _flag("active"),
            "description": _string("description"),
            "name": _string("name"),
            "shippable": _flag("shippable"),
            "url": _string("url"),
        },
    ),
    "subscription": Resource(
        "sub",
        "subscriptions",
        {
            "canceled_at": _numeric("canceled_at"),
            "created": _numeric("created"),
            "status": _token("status", few_values=True),
        },
    ),
}
"""Object type → what is searched of it. Who changes what an object is found by has the index made anew
in a migration: what the index holds of an object is worked out from the object as it was."""
