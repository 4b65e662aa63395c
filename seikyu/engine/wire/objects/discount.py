"""Coupons, promotion codes, and the discounts that came of them.

Whether a coupon is ``valid`` and a code ``active`` also depends on the time: what is rendered here holds
until their ``redeem_by`` or ``expires_at``, after which reads say so (``as_of``).
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from seikyu.engine.billing.coupon import Coupon
from seikyu.engine.billing.discount import Discount, DiscountAmount
from seikyu.engine.billing.promotion_code import PromotionCode
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.numbers import json_number


def coupon(coupon: Coupon, frame: Frame) -> dict[str, Any]:
    """Return the coupon. Amounts in minor units of their currencies."""
    main = coupon.currency
    most = coupon.max_redemptions
    used_up = most is not None and coupon.times_redeemed >= most
    return {
        "id": coupon.id,
        "object": "coupon",
        "amount_off": coupon.amounts[main] if main is not None else None,
        "applies_to": {"products": list(coupon.products)} if coupon.products else None,
        "created": coupon.created,
        "currency": main,
        "currency_options": _currency_options(coupon.amounts, main, "amount_off"),
        "duration": coupon.duration,
        "duration_in_months": coupon.duration_in_months,
        "livemode": frame.livemode,
        "max_redemptions": most,
        "metadata": coupon.details.get("metadata") or {},
        "name": coupon.name,
        "percent_off": None if coupon.percent_off is None else json_number(coupon.percent_off),
        "redeem_by": coupon.redeem_by,
        "times_redeemed": coupon.times_redeemed,
        "valid": not used_up and not coupon.deleted,
    }


def promotion_code(code: PromotionCode, frame: Frame) -> dict[str, Any]:
    """Return the promotion code. Amounts in minor units of their currencies."""
    main = code.minimum_currency
    used_up = code.max_redemptions is not None and code.times_redeemed >= code.max_redemptions
    return {
        "id": code.id,
        "object": "promotion_code",
        "active": code.active and not used_up,
        "code": code.code,
        "created": code.created,
        "customer": code.customer_id,
        "customer_account": None,
        "expires_at": code.expires_at,
        "livemode": frame.livemode,
        "max_redemptions": code.max_redemptions,
        "metadata": code.details.get("metadata") or {},
        "promotion": {"coupon": code.coupon_id, "type": "coupon"},
        "restrictions": {
            "currency_options": _currency_options(code.minimums, main, "minimum_amount"),
            "first_time_transaction": code.first_time,
            "minimum_amount": code.minimums[main] if main is not None else None,
            "minimum_amount_currency": main,
        },
        "times_redeemed": code.times_redeemed,
    }


def discount(discount: Discount, frame: Frame) -> dict[str, Any]:
    """Return the discount. It belongs to no world of its own, so ``frame`` is not needed."""
    del frame
    shown: dict[str, Any] = {
        "id": discount.id,
        "object": "discount",
        "checkout_session": None,
        "customer": discount.customer_id,
        "customer_account": None,
        "end": discount.end,
        "invoice": discount.invoice_id,
        "invoice_item": discount.item_id,
        "promotion_code": discount.promotion_code_id,
        "source": {"coupon": discount.coupon_id, "type": "coupon"},
        "start": discount.created,
        "subscription": discount.subscription_id,
        "subscription_item": discount.subscription_item_id,
    }
    if discount.removed:
        shown["deleted"] = True
    return shown


def amounts(taken: Iterable[DiscountAmount]) -> list[dict[str, Any]]:
    """Return what discounts take off a line or an invoice, in minor units of its currency."""
    return [{"amount": one.amount, "discount": one.discount_id} for one in taken]


def as_of(body: bytes, object_type: str, now: int) -> bytes:
    """Return coupons or promotion codes (one, or a list) as they are at ``now`` (Unix seconds).

    Time may have ended what was still valid when it was rendered. Other types are returned as they are.
    """
    if object_type not in _ENDS:
        return body
    end, flag = _ENDS[object_type]
    shown = orjson.loads(body)
    over = [
        each
        for each in (shown["data"] if shown["object"] == "list" else [shown])
        if each.get(flag) and each[end] is not None and now > each[end]
    ]
    for each in over:
        each[flag] = False
    return orjson.dumps(shown) if over else body


_ENDS = {"coupon": ("redeem_by", "valid"), "promotion_code": ("expires_at", "active")}
"""Object type → the field with the moment that ends it, and the field that says so."""


def _currency_options(
    amounts: Mapping[str, int], main: str | None, name: str
) -> dict[str, dict[str, int]]:
    """Return ``currency_options``, the main currency among them; empty when there is no other.

    Never null: the SDK looks into it wherever it is there.
    """
    if not set(amounts) - {main}:
        return {}
    return {currency: {name: amount} for currency, amount in amounts.items()}
