"""What can be expanded is really there: an id, null, or an array or hash that leads to one."""

import re
import typing
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pytest

from seikyu.engine.wire.expandable import EXPANDABLE, Each, Included, Inline, Ref, properties
from seikyu.engine.wire.objects import OBJECT_TYPES, shown
from tests.wire.objects.samples import FRAME, PREVIEWS, SAMPLES
from tests.wire.sdk_types import choices, class_of, fields_of, is_object, nested

NEVER_HERE = {
    "customer_cash_balance_transaction.adjusted_for_overdraft",
    "customer_cash_balance_transaction.applied_to_payment",
    "customer_cash_balance_transaction.refunded_from_payment",
    "customer_cash_balance_transaction.transferred_to_balance",
    "customer_cash_balance_transaction.unapplied_from_payment",
    "invoice.issuer.account",
    "invoice_payment.payment.charge",
    "subscription.invoice_settings.issuer.account",
    "invoice_payment.payment.payment_record",
}
"""Hashes of another `type` than the one that is there."""

ALWAYS_HERE = {
    "coupon.applies_to",
    "coupon.currency_options",
    "promotion_code.restrictions.currency_options",
}
"""Shown wherever there is something to show, though Stripe shows it only when it is expanded."""


def lost(node: Any, value: Any, path: str) -> Iterator[str]:
    """Yield the paths of the table that the rendered value does not have."""
    if isinstance(node, Ref):
        if value is not None and not isinstance(value, str):
            yield path
    elif isinstance(node, Each):
        if value is not None and not isinstance(value, list):
            yield path
    elif isinstance(node, Mapping) and value is not None:
        for name, inner in node.items():
            here = f"{path}.{name}"
            if isinstance(inner, Included):
                if name in value:
                    yield here
            elif name not in value:
                yield here
            else:
                yield from lost(inner, value[name], here)


def test_every_expandable_property_is_rendered() -> None:
    missing = set()
    for record in SAMPLES:
        rendered = [orjson.loads(body) for _, body in shown(record, FRAME)]
        for thing in rendered:
            type = thing["object"]
            missing |= set(lost(EXPANDABLE.get(type, {}), thing, type))
    assert missing == NEVER_HERE | ALWAYS_HERE


def missing(node: Any, sdk: type, path: str) -> Iterator[str]:
    """Yield the paths that the SDK marks as expandable and the table does not have."""
    for name, hint in fields_of(sdk).items():
        here = f"{path}.{name}"
        inner = properties(node).get(name) if node is not None else None
        elements = [each for x in choices(hint) for each in (x, *typing.get_args(x))]
        objects = {vars(x)["OBJECT_NAME"] for x in elements if is_object(x)}
        if objects and str in elements:
            if inner is None:
                yield here
        elif (hash_class := nested(hint)) is not None:
            yield from missing(inner, hash_class, here)


@pytest.mark.parametrize("noun", sorted({*OBJECT_TYPES.values(), "line_item"}))
def test_everything_that_the_sdk_marks_as_expandable_is_in_the_table(noun: str) -> None:
    if noun.startswith("seikyu.") or noun in PREVIEWS:
        return
    absent = set(missing(Inline(noun), class_of(noun), noun))
    assert {path for path in absent if not OTHER_KIND.search(path)} == set()


OTHER_KIND = re.compile(
    r"account\.company|payment_method(_details|)\.(?!card\.)|payment_intent\.payment_method_options|last_\w+_error"
)
"""Paths below hashes that are never there: other kinds of payment methods, what an error embeds."""
