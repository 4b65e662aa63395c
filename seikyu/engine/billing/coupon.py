"""Coupons: how much is taken off, for how long, and how often that may be redeemed.

The terms never change after creation; only the name, the metadata and further currencies do. A deleted
coupon cannot be redeemed any more, and the discounts that came of it stay. Source: Stripe's Coupons.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from seikyu.engine.billing.catalogue import Product
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.refusals import (
    AlreadyExists,
    CouponNotRedeemable,
    ObjectMissing,
    ParameterMissing,
    ParameterNotAllowed,
    ParametersExclude,
)

FIVE_YEARS = 5 * 366 * 86_400


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon. ``percent_off``, or ``amounts`` in minor units by currency (``currency`` is the main one).

    ``redeem_by`` in Unix seconds; ``products`` empty: it applies to everything.
    """

    id: str
    created: int
    duration: str
    version: int = 0
    duration_in_months: int | None = None
    percent_off: Decimal | None = None
    currency: str | None = None
    amounts: dict[str, int] = field(default_factory=dict)
    products: tuple[str, ...] = ()
    max_redemptions: int | None = None
    times_redeemed: int = 0
    redeem_by: int | None = None
    name: str | None = None
    deleted: bool = False
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CouponBook:
    """What a decision on a coupon may read. ``taken``: an object has the id given for a new one."""

    coupon: Coupon | None = None
    taken: bool = False
    products: tuple[Product, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateCoupon:
    """Create a coupon."""

    given: Given


@dataclass(frozen=True, slots=True)
class UpdateCoupon:
    """Change the name, the metadata, or add currencies."""

    given: Given


@dataclass(frozen=True, slots=True)
class DeleteCoupon:
    """Withdraw the coupon; existing discounts stay."""


def decide(book: CouponBook, command: object, context: Context) -> Decision:
    """Decide a command on a coupon. Raises AlreadyExists, ParameterMissing, ParameterNotAllowed."""
    if isinstance(command, CreateCoupon):
        coupon = _new(book, command.given, context)
        return Decision(coupon, (coupon,), announcements=(Announcement("coupon.created", coupon),))
    before = book.coupon
    assert before is not None
    if isinstance(command, UpdateCoupon):
        return _update(before, command.given)
    assert isinstance(command, DeleteCoupon)
    after = replace(before, deleted=True)
    return Decision(after, (after,), announcements=(Announcement("coupon.deleted", before),))


def check_redeemable(coupon: Coupon, now: int, param: str) -> None:
    """Raise CouponNotRedeemable for a coupon that is over at ``now`` (Unix seconds) or used up."""
    if coupon.redeem_by is not None and now > coupon.redeem_by:
        raise CouponNotRedeemable(f"Coupon expired: {coupon.id}", param)
    if coupon.max_redemptions is not None and coupon.times_redeemed >= coupon.max_redemptions:
        raise CouponNotRedeemable(
            f"Coupon {coupon.id} is used up: it can be redeemed {coupon.max_redemptions} times.",
            param,
        )


def is_valid(coupon: Coupon, now: int) -> bool:
    """Say whether the coupon can still be redeemed at ``now`` (Unix seconds)."""
    try:
        check_redeemable(coupon, now, "coupon")
    except CouponNotRedeemable:
        return False
    return not coupon.deleted


def _new(book: CouponBook, given: Given, context: Context) -> Coupon:
    if book.taken:
        raise AlreadyExists(
            f"The id {given['id']} is in use, or was used by a coupon that is deleted; choose "
            "another one.",
            "id",
        )
    duration = given.get("duration") or "once"
    _check(given, duration, context)
    amounts = {}
    if given.get("amount_off") is not None:
        amounts = {given["currency"]: given["amount_off"], **_options(given, given["currency"])}
    products = tuple((given.get("applies_to") or {}).get("products") or ())
    known = {product.id for product in book.products}
    for id in products:
        if id not in known:
            raise ObjectMissing("product", id, "applies_to[products]")
    return Coupon(
        id=given.get("id") or context.mint("co"),
        created=context.now,
        duration=duration,
        duration_in_months=given.get("duration_in_months"),
        percent_off=given.get("percent_off"),
        currency=given["currency"] if amounts else None,
        amounts=amounts,
        products=products,
        max_redemptions=given.get("max_redemptions"),
        redeem_by=given.get("redeem_by"),
        name=given.get("name"),
        details={"metadata": merged({}, given.get("metadata", {}))},
    )


def _check(given: Given, duration: str, context: Context) -> None:
    """Raise for terms that contradict each other or miss something."""
    percent, amount = given.get("percent_off"), given.get("amount_off")
    if percent is not None and amount is not None:
        raise ParametersExclude(
            "You may only specify one of these parameters: amount_off, percent_off.", "amount_off"
        )
    if percent is None and amount is None:
        raise ParameterMissing("percent_off")
    if amount is not None and given.get("currency") is None:
        raise ParameterMissing("currency")
    if amount is None:
        for param in ("currency", "currency_options"):
            if given.get(param):
                raise ParameterNotAllowed(f"{param} is for coupons with an amount_off.", param)
    months = given.get("duration_in_months")
    if duration == "repeating" and months is None:
        raise ParameterMissing("duration_in_months")
    if duration != "repeating" and months is not None:
        raise ParameterNotAllowed(
            "duration_in_months is for coupons with duration=repeating.", "duration_in_months"
        )
    redeem_by = given.get("redeem_by")
    if redeem_by is not None and not context.now < redeem_by <= context.now + FIVE_YEARS:
        raise ParameterNotAllowed(
            "redeem_by must be in the future, at most five years ahead.", "redeem_by"
        )


def _options(given: Given, main: str) -> dict[str, int]:
    options = given.get("currency_options") or {}
    if main in options:
        raise ParameterNotAllowed(
            f"currency_options cannot repeat the coupon's own currency, {main}.", "currency_options"
        )
    return {currency: option["amount_off"] for currency, option in options.items()}


def _update(before: Coupon, given: Given) -> Decision:
    amounts = before.amounts
    if given.get("currency_options"):
        if before.currency is None:
            raise ParameterNotAllowed(
                "currency_options is for coupons with an amount_off.", "currency_options"
            )
        amounts = {**amounts, **_options(given, before.currency)}
    metadata = before.details.get("metadata") or {}
    after = replace(
        before,
        name=given.get("name", before.name),
        amounts=amounts,
        details={**before.details, "metadata": merged(metadata, given.get("metadata", {}))},
    )
    if after == before:
        return Decision(before)
    return Decision(after, (after,), announcements=(Announcement("coupon.updated", after, before),))
