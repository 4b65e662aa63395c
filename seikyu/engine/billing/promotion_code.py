"""Promotion codes: words that customers type in, each of which stands for a coupon.

Regardless of case no two active codes are the same for one customer: a code for everybody excludes the
same code for anybody. Source: Stripe's PromotionCodes.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seikyu.engine.billing.alphabet import readable
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.coupon import Coupon, is_valid
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.refusals import (
    CouponNotRedeemable,
    ObjectMissing,
    ParameterMissing,
    ParameterNotAllowed,
    PromotionCodeNotRedeemable,
    PromotionCodeTaken,
)

if TYPE_CHECKING:
    from seikyu.engine.billing.customer import Customer


@dataclass(frozen=True, slots=True)
class PromotionCode:
    """A code. ``code_key`` is the code in lower case; ``minimums`` in minor units by currency.

    ``minimum_currency`` is the main one of them. ``expires_at`` in Unix seconds.
    """

    id: str
    created: int
    code: str
    code_key: str
    coupon_id: str
    version: int = 0
    customer_id: str | None = None
    active: bool = True
    expires_at: int | None = None
    max_redemptions: int | None = None
    times_redeemed: int = 0
    first_time: bool = False
    minimum_currency: str | None = None
    minimums: dict[str, int] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PromotionBook:
    """What a decision on a promotion code may read. ``namesakes`` are active and have its code."""

    promotion: PromotionCode | None = None
    coupon: Coupon | None = None
    customer: "Customer | None" = None
    namesakes: tuple[PromotionCode, ...] = ()


@dataclass(frozen=True, slots=True)
class CreatePromotionCode:
    """Create a code for a coupon."""

    given: Given


@dataclass(frozen=True, slots=True)
class UpdatePromotionCode:
    """Switch the code on or off, change metadata and the minimums of further currencies."""

    given: Given


def decide(book: PromotionBook, command: object, context: Context) -> Decision:
    """Decide a command on a promotion code. Raises PromotionCodeTaken, CouponNotRedeemable."""
    if isinstance(command, CreatePromotionCode):
        made = _new(book, command.given, context)
        return Decision(
            made, (made,), announcements=(Announcement("promotion_code.created", made),)
        )
    assert isinstance(command, UpdatePromotionCode)
    return _update(book, command.given, context)


def check_redeemable(code: PromotionCode, coupon: Coupon, now: int, param: str) -> None:
    """Raise PromotionCodeNotRedeemable for a code that is switched off, over or used up.

    Whether its coupon can be redeemed is for ``coupon.check_redeemable``. ``now`` in Unix seconds.
    """
    reason = None
    if not code.active:
        reason = "it is not active"
    elif code.expires_at is not None and now > code.expires_at:
        reason = "it has expired"
    elif code.max_redemptions is not None and code.times_redeemed >= code.max_redemptions:
        reason = f"it can be redeemed {code.max_redemptions} times, and was"
    elif coupon.deleted:
        reason = "its coupon was deleted"
    if reason is not None:
        raise PromotionCodeNotRedeemable(
            f"The promotion code {code.code} cannot be redeemed: {reason}.", param
        )


def is_active(code: PromotionCode, coupon: Coupon, now: int) -> bool:
    """Say whether the code can be redeemed at ``now`` (Unix seconds) by whom it is for."""
    try:
        check_redeemable(code, coupon, now, "promotion_code")
    except PromotionCodeNotRedeemable:
        return False
    return is_valid(coupon, now)


def _new(book: PromotionBook, given: Given, context: Context) -> PromotionCode:
    coupon = _coupon(book, given)
    if not is_valid(coupon, context.now):
        raise CouponNotRedeemable(
            f"Coupon {coupon.id} can no longer be redeemed.", "promotion[coupon]"
        )
    _check_limits(coupon, given, context)
    restrictions = given.get("restrictions") or {}
    minimum, currency = (
        restrictions.get("minimum_amount"),
        restrictions.get("minimum_amount_currency"),
    )
    if (minimum is None) != (currency is None):
        missing = "minimum_amount_currency" if currency is None else "minimum_amount"
        raise ParameterMissing(f"restrictions[{missing}]")
    minimums = {} if currency is None or minimum is None else {currency: minimum}
    minimums |= _options(restrictions, currency)
    code = given.get("code") or readable(context)
    made = PromotionCode(
        id=context.mint("promo"),
        created=context.now,
        code=code,
        code_key=code.lower(),
        coupon_id=coupon.id,
        customer_id=given.get("customer"),
        active=given.get("active", True),
        expires_at=given.get("expires_at"),
        max_redemptions=given.get("max_redemptions"),
        first_time=bool(restrictions.get("first_time_transaction")),
        minimum_currency=currency,
        minimums=minimums,
        details={"metadata": merged({}, given.get("metadata", {}))},
    )
    _check_unique(book, made)
    return made


def _coupon(book: PromotionBook, given: Given) -> Coupon:
    named = given["promotion"].get("coupon")
    if named is None:
        raise ParameterMissing("promotion[coupon]")
    if book.coupon is None or book.coupon.deleted:
        raise ObjectMissing("coupon", named, "promotion[coupon]")
    return book.coupon


def _check_limits(coupon: Coupon, given: Given, context: Context) -> None:
    """A code cannot outlive its coupon. Raises ParameterNotAllowed."""
    expires_at, most = given.get("expires_at"), given.get("max_redemptions")
    if expires_at is not None and expires_at <= context.now:
        raise ParameterNotAllowed("expires_at must be in the future.", "expires_at")
    if expires_at is not None and coupon.redeem_by is not None and expires_at > coupon.redeem_by:
        raise ParameterNotAllowed(
            f"expires_at cannot be after the coupon's redeem_by ({coupon.redeem_by}).", "expires_at"
        )
    if most is not None and coupon.max_redemptions is not None and most > coupon.max_redemptions:
        raise ParameterNotAllowed(
            f"max_redemptions cannot be greater than the coupon's ({coupon.max_redemptions}).",
            "max_redemptions",
        )


def _check_unique(book: PromotionBook, made: PromotionCode) -> None:
    if not made.active:
        return
    for other in book.namesakes:
        shared = None in (other.customer_id, made.customer_id)
        if other.id != made.id and (shared or other.customer_id == made.customer_id):
            raise PromotionCodeTaken(
                f"An active promotion code with the code {made.code} exists already ({other.id}).",
                "code",
            )


def _options(restrictions: Given, main: str | None) -> dict[str, int]:
    options = restrictions.get("currency_options") or {}
    if main in options:
        raise ParameterNotAllowed(
            f"currency_options cannot repeat minimum_amount_currency, {main}.",
            "restrictions[currency_options]",
        )
    return {
        currency: option["minimum_amount"]
        for currency, option in options.items()
        if option.get("minimum_amount") is not None
    }


def _update(book: PromotionBook, given: Given, context: Context) -> Decision:
    before, coupon = book.promotion, book.coupon
    assert before is not None
    assert coupon is not None
    restrictions = given.get("restrictions") or {}
    metadata = before.details.get("metadata") or {}
    after = replace(
        before,
        active=given.get("active", before.active),
        minimums={**before.minimums, **_options(restrictions, before.minimum_currency)},
        details={**before.details, "metadata": merged(metadata, given.get("metadata", {}))},
    )
    if after == before:
        return Decision(before)
    if after.active and not before.active:
        if not is_active(after, coupon, context.now):
            raise PromotionCodeNotRedeemable(
                f"The promotion code {after.code} cannot be switched on: it, or its coupon, can no "
                "longer be redeemed.",
                "active",
            )
        _check_unique(book, after)
    return Decision(
        after, (after,), announcements=(Announcement("promotion_code.updated", after, before),)
    )
