"""Every parameter that is taken, and what the story shows to have come of it.

A parameter is told by the model that declares it: `Shipping.carrier` is one, wherever the hash of shipping
stands. It has an effect when its value is found in an answer: under its own name in the answer to its own
request or in what was read later (what a request makes beside the object that it answers with); or, being
an id, under any name but that of the object's own. `top` is the operation's parameter that the hash is of.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from seikyu.engine.wire.params.model import Params
from seikyu.engine.wire.params.operations import OPERATIONS
from tests.api.recording import Exchange
from tests.api.sdk_requests import is_stripes
from tests.wire.params.test_against_the_sdk import choices, is_refused, parts

WRITES = ("POST", "DELETE")


@dataclass(frozen=True)
class Leaf:
    """A parameter that holds a value: where it stands, and in which model it is declared."""

    path: str
    declared: str
    top: str
    info: Any = field(compare=False, default=None)


@dataclass
class Effects:
    """What was found: parameters by model, and the parameters of each operation."""

    declared: set[str] = field(default_factory=set)
    tops: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def leaves(model: type[Params], path: str = "", top: str = "") -> Iterator[Leaf]:
    """Yield the parameters of a model that are taken, those of hashes included."""
    for own, info in model.model_fields.items():
        name = info.alias or own
        if is_refused(info) or name == "expand":
            continue
        here = f"{path}[{name}]" if path else name
        inner = [x for x in parts(info.annotation) if _is_hash(x)]
        for each in inner:
            yield from leaves(each, here, top or name)
        if not inner:
            yield Leaf(here, f"{_declaring(model, own)}.{name}", top or name, info)


def refused_leaves(model: type[Params], path: str = "") -> Iterator[str]:
    """Yield the parameters that exist in Stripe and are refused by name, those of hashes included.

    Kinds of payment methods are not told one by one.
    """
    for own, info in model.model_fields.items():
        name = info.alias or own
        here = f"{path}[{name}]" if path else name
        if is_refused(info):
            if _declaring(model, own) != "OtherKinds":
                yield here
            continue
        for each in parts(info.annotation):
            if _is_hash(each):
                yield from refused_leaves(each, here)


def _is_hash(part: Any) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)


def _declaring(model: type, name: str) -> str:
    """Return the name of the class in which the field was first declared."""
    return next(
        x.__name__ for x in reversed(model.__mro__) if name in vars(x).get("__annotations__", ())
    )


def taken() -> dict[str, list[Leaf]]:
    """Return the parameters that each writing operation of Stripe's takes."""
    return {
        operation: list(leaves(model))
        for operation, model in OPERATIONS.items()
        if operation.startswith(WRITES) and is_stripes(operation)
    }


def effects(exchanges: list[Exchange]) -> Effects:
    """Return the parameters of which the story shows what came of them."""
    found = Effects()
    later: set[tuple[str, str]] = set()
    known = {op: {leaf.path: leaf for leaf in each} for op, each in taken().items()}
    for exchange in reversed(exchanges):
        if exchange.reply.status != 200:
            continue
        here = set(_values("", exchange.reply.body))
        later |= here
        for sent, value in exchange.params.items():
            leaf = known.get(exchange.operation, {}).get(_plain(sent))
            leaf = leaf or known.get(exchange.operation, {}).get(_without_key(sent))
            if leaf is not None and _came_of_it(sent, value, here, later):
                found.declared.add(leaf.declared)
                found.tops[exchange.operation].add(leaf.top)
    return found


def _plain(name: str) -> str:
    return re.sub(r"\[\d*\]", "", name)


def _without_key(name: str) -> str:
    """`metadata[a]` is of `metadata`, `currency_options[usd][amount_off]` of its own hash."""
    plain = _plain(name)
    options = re.sub(r"currency_options\[\w{3}\]", "currency_options", plain)
    return options if options != plain else plain.rpartition("[")[0]


def _came_of_it(
    sent: str, value: str, here: set[tuple[str, str]], later: set[tuple[str, str]]
) -> bool:
    names = [part for part in re.findall(r"[^\[\]]+", sent) if not part.isdigit()]
    is_id = re.fullmatch(r"[a-z]+_[A-Za-z0-9_]{10,}", value) is not None
    if (names[-1], value) in later or (not value and (names[-1], "None") in here):
        return True
    return is_id and any(shown == value and name != "id" for name, shown in later)


def _values(name: str, shown: Any) -> Iterator[tuple[str, str]]:
    if isinstance(shown, Mapping):
        for key, value in shown.items():
            yield from _values(key, value)
    elif isinstance(shown, list):
        for value in shown:
            yield from _values(name, value)
    else:
        yield name, _text(shown)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


PAGING = {"limit", "starting_after", "ending_before"}
LATE = "4102444800"
"""The year 2100: nothing is made after it."""


def filters() -> list[tuple[str, str, tuple[str, ...]]]:
    """Return path of each list, each of its filters, and values that must change what is listed.

    A word of several is tried with all of them, anything else with values that nothing or not all have.
    Lists of what is in something else, and searches, have tests of their own.
    """
    lists = (
        (operation.removeprefix("GET "), model)
        for operation, model in OPERATIONS.items()
        if operation.startswith("GET ") and "{" not in operation and is_stripes(operation)
        if "limit" in model.model_fields
        and not any(x.is_required() for x in model.model_fields.values())
    )
    return [
        (path, *_tried(leaf))
        for path, model in lists
        for leaf in leaves(model)
        if leaf.top not in PAGING and leaf.path not in ALL_ALIKE
    ]


def _tried(leaf: Leaf) -> tuple[str, tuple[str, ...]]:
    annotation = leaf.info.annotation
    words = tuple(sorted(choices(annotation)))
    last = leaf.path.rpartition("[")[2].rstrip("]")
    if last in ("gt", "gte", "lt", "lte"):
        return leaf.path, (LATE if last.startswith("g") else "1",)
    if bool in list(parts(annotation)):
        return leaf.path, ("true", "false")
    if "list" in str(annotation):
        return f"{leaf.path}[]", ("none_1",)
    return ONLY_WITH.get(leaf.path, leaf.path), words or ("none_1", "usd")


ONLY_WITH = {"payment[payment_intent]": "payment[type]=payment_intent&payment[payment_intent]"}
"""Filters that need another beside them → both."""

ALL_ALIKE = {"payment[type]"}
"""Filters of which all objects that there can be have the same value."""

REFUSED_FILTERS: dict[str, set[str]] = {
    "/v1/payment_methods": {"allow_redisplay"},
    "/v1/prices": {"recurring[interval]", "recurring[usage_type]"},
    "/v1/products": {"shippable", "type", "url"},
}
"""Lists → filters that are refused by name: the list is not filtered by them."""


WITHOUT_EFFECT: dict[str, str] = {
    "RadarOptions.referrer": "Stripe Radar is not served",
    "RadarOptions.session": "Stripe Radar is not served",
    "_Subscription.off_session": "told to the processor with the charge; no object shows it",
    "SubscriptionItemUpdate.off_session": "told to the processor with the charge; no object shows it",
    "_Confirmation.return_url": "3-D Secure happens on the invoice's own page, nobody is sent away",
    "_Confirmation.use_stripe_sdk": "a payment that needs its customer always says so in next_action",
    "_Customer.validate": "a card is always verified when it is given to its customer",
    "NewCreditNote.email_type": "no mails are written about credit notes",
    "InstructedTransfer.requested_address_types": "only `zengin` is taken, which is what there is",
    "LoginPage.enabled": "only `false` is taken",
    "SubscriptionPause.enabled": "only `false` is taken",
    "SubscriptionUpdate.enabled": "only `false` is taken",
    "InvoiceItemUpdate.invoicing_rules": "only unsetting is taken",
    "InvoicePay.forgive": "only `false` is taken",
    "Anchor.type": "another way to write billing_cycle_anchor=now",
    "PreviewAnchor.type": "another way to write billing_cycle_anchor=now",
    **{
        f"PaymentIntentCapture.{name}": "the operation refuses with the reason"
        for name in (
            "amount_to_capture",
            "final_capture",
            "metadata",
            "statement_descriptor",
            "statement_descriptor_suffix",
        )
    },
}
"""Parameters that are taken and change nothing → why."""
