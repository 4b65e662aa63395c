"""What can be expanded is really there: an id, null, or an array or hash that leads to one."""

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from seikyu.engine.wire.expandable import EXPANDABLE, Each, Included, Ref
from seikyu.engine.wire.objects import shown
from tests.wire.objects.samples import FRAME, SAMPLES

NEVER_HERE = {
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
