"""Redeeming: a coupon or a promotion code becomes a discount on an invoice, a line or a customer.

Redemptions are counted when a discount is made, and never given back. What is on the object already is
kept and not redeemed again: repeating the same ``discounts`` changes nothing.
Source: Stripe's ``discounts`` parameter and "Coupons and promotion codes".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seikyu.engine.billing import coupon as coupons
from seikyu.engine.billing import promotion_code as promotion_codes
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.coupon import Coupon
from seikyu.engine.billing.decision import Announcement, Context, Given
from seikyu.engine.billing.discount import (
    MOST_DISCOUNTS,
    Discount,
    counts_in,
    running,
    stored,
    with_discounts,
)
from seikyu.engine.billing.line import Fresh, Line, Shelf
from seikyu.engine.billing.promotion_code import PromotionCode
from seikyu.engine.billing.recurrence import Recurrence, moment
from seikyu.engine.billing.refusals import (
    DiscountNotApplicable,
    ObjectMissing,
    ParameterMissing,
    ParametersExclude,
    PromotionCodeNotRedeemable,
)

if TYPE_CHECKING:
    from seikyu.engine.billing.customer import Customer
    from seikyu.engine.billing.invoice import Invoice


@dataclass(frozen=True, slots=True)
class Target:
    """What the discounts will be on.

    ``current`` are those that are on it now, ``known`` those of what it belongs to (its invoice, its
    customer), which it may use too. ``currency`` None: any. ``subtotal`` in minor units is what a minimum
    is held against; None: nothing is known to be bought yet.
    """

    customer_id: str | None
    currency: str | None = None
    current: tuple[Discount, ...] = ()
    known: tuple[Discount, ...] = ()
    subtotal: int | None = None
    invoice_id: str | None = None
    item_id: str | None = None
    subscription_id: str | None = None
    subscription_item_id: str | None = None
    param: str = "discounts"


def redeemed(
    given: Sequence[Given] | None, target: Target, shelf: Shelf, fresh: Fresh, context: Context
) -> tuple[Discount, ...]:
    """Return the discounts that ``discounts`` asks for, in order; the new ones are added to ``fresh``.

    Raises ObjectMissing, CouponNotRedeemable, PromotionCodeNotRedeemable, DiscountNotApplicable,
    ParametersExclude, ParameterMissing.
    """
    found: list[Discount] = []
    for index, entry in enumerate(given or ()):
        at = f"{target.param}[{index}]"
        named = [name for name in ("coupon", "promotion_code", "discount") if entry.get(name)]
        if len(named) > 1:
            raise ParametersExclude(
                f"You may only specify one of these parameters: {', '.join(named)}.", at
            )
        if not named:
            raise ParameterMissing(f"{at}[coupon]")
        discount = _entry(named[0], entry[named[0]], target, shelf, fresh, context, at)
        if discount.id not in {one.id for one in found}:
            found.append(discount)
    if len(found) > MOST_DISCOUNTS:
        raise DiscountNotApplicable(
            f"At most {MOST_DISCOUNTS} discounts can be stacked.", target.param
        )
    return tuple(found)


def _entry(
    name: str, id: str, target: Target, shelf: Shelf, fresh: Fresh, context: Context, at: str
) -> Discount:
    param = f"{at}[{name}]"
    if name == "discount":
        for known in (*target.current, *target.known):
            if known.id == id:
                return known
        raise ObjectMissing("discount", id, param)
    field = "coupon_id" if name == "coupon" else "promotion_code_id"
    for there in target.current:
        if getattr(there, field) == id and (name != "coupon" or there.promotion_code_id is None):
            return there
    return redeem(name, id, target, shelf, fresh, context, param)


def redeem(
    name: str, id: str, target: Target, shelf: Shelf, fresh: Fresh, context: Context, param: str
) -> Discount:
    """Redeem a ``coupon`` or a ``promotion_code`` into a new discount, which is added to ``fresh``."""
    code = None
    if name == "promotion_code":
        code = _latest(PromotionCode, id, shelf.promotion_codes, fresh)
        if code is None:
            raise ObjectMissing("promotion code", id, param)
    coupon_id = code.coupon_id if code else id
    coupon = _latest(Coupon, coupon_id, shelf.coupons, fresh)
    if coupon is None or (coupon.deleted and code is None):
        raise ObjectMissing("coupon", coupon_id, param)
    if code is not None:
        promotion_codes.check_redeemable(code, coupon, context.now, param)
        _check_restrictions(code, target, shelf, param)
        fresh.saves.append(replace(code, times_redeemed=code.times_redeemed + 1))
    coupons.check_redeemable(coupon, context.now, param)
    fresh.saves.append(replace(coupon, times_redeemed=coupon.times_redeemed + 1))
    discount = _made(coupon, code, target, context)
    if target.currency is not None and not counts_in(discount, target.currency):
        raise DiscountNotApplicable(
            f"Coupon {coupon.id} takes off {coupon.currency}; it has no amount in "
            f"{target.currency}.",
            param,
        )
    fresh.saves.append(discount)
    return discount


def _latest(kind: Any, id: str, stored: Mapping[str, Any], fresh: Fresh) -> Any:
    """Return the record as this decision has it so far: it may have been redeemed once already."""
    for record in reversed(fresh.saves):
        if isinstance(record, kind) and record.id == id:
            return record
    return stored.get(id)


def _check_restrictions(code: PromotionCode, target: Target, shelf: Shelf, param: str) -> None:
    """Hold the code against the customer and the purchase. Raises PromotionCodeNotRedeemable."""
    reason = None
    if code.customer_id is not None and code.customer_id != target.customer_id:
        reason = "it is for another customer"
    elif code.first_time and not shelf.customer_is_new:
        reason = "it is for a first transaction, and the customer has prior transactions"
    elif code.minimums and target.currency is None:
        reason = "it is for purchases from a minimum amount on"
    elif code.minimums and target.currency not in code.minimums:
        reason = f"it has no minimum amount in {target.currency}"
    elif target.subtotal is not None and target.currency is not None:
        minimum = code.minimums.get(target.currency, 0)
        if target.subtotal < minimum:
            reason = f"it is for purchases of at least {minimum} {target.currency}"
    if reason is not None:
        raise PromotionCodeNotRedeemable(
            f"The promotion code {code.code} cannot be redeemed: {reason}.", param
        )


def _made(coupon: Coupon, code: PromotionCode | None, target: Target, context: Context) -> Discount:
    end = None
    if coupon.duration == "repeating":
        end = moment(context.now, Recurrence("month"), coupon.duration_in_months or 0)
    return Discount(
        id=context.mint("di"),
        created=context.now,
        coupon_id=coupon.id,
        duration=coupon.duration,
        customer_id=target.customer_id,
        promotion_code_id=code.id if code else None,
        end=end,
        invoice_id=target.invoice_id,
        item_id=target.item_id,
        subscription_id=target.subscription_id,
        subscription_item_id=target.subscription_item_id,
        percent_off=coupon.percent_off,
        amounts=coupon.amounts,
        minimums=code.minimums if code else {},
        products=coupon.products,
        name=coupon.name,
    )


def on_line(
    line: Line,
    given: Given,
    known: tuple[Discount, ...],
    shelf: Shelf,
    fresh: Fresh,
    context: Context,
) -> Line:
    """Return the line with its own discounts as given. ``known`` are its invoice's and customer's."""
    if "discounts" not in given:
        return line
    target = Target(
        customer_id=line.customer_id,
        currency=line.currency,
        current=line.discounts,
        known=known,
        subtotal=line.amount,
        item_id=line.id,
    )
    return replace(line, discounts=redeemed(given["discounts"], target, shelf, fresh, context))


def on_customer(
    given: Given,
    customer_id: str,
    current: tuple[Discount, ...],
    shelf: Shelf,
    fresh: Fresh,
    context: Context,
) -> tuple[Discount, ...]:
    """Return a customer's discount (one or none) as ``coupon`` or ``promotion_code`` ask for it.

    An empty one takes it off. These two parameters are of API versions before 2025-09-30; later ones have
    no other way to give a customer a discount, so they are still taken.
    """
    names = [name for name in ("coupon", "promotion_code") if name in given]
    if len([name for name in names if given[name] is not None]) > 1:
        raise ParametersExclude(
            "You may only specify one of these parameters: coupon, promotion_code.", "coupon"
        )
    named = next((name for name in names if given[name] is not None), None)
    if named is None:
        return () if names else current
    target = Target(customer_id=customer_id)
    for there in current:
        same = there.coupon_id if named == "coupon" else there.promotion_code_id
        if same == given[named]:
            return current
    return (redeem(named, given[named], target, shelf, fresh, context, named),)


def on_invoice(
    invoice: "Invoice",
    given: Given,
    customer: "Customer",
    subtotal: int | None,
    shelf: Shelf,
    fresh: Fresh,
    context: Context,
) -> tuple[Discount, ...]:
    """Return the discounts of a draft: as given, else what it has, else its customer's when it is new.

    ``subtotal`` in minor units is what minimum amounts are held against, None while there are no lines.
    """
    if "discounts" in given:
        target = Target(
            customer_id=customer.id,
            currency=invoice.currency,
            current=invoice.discounts,
            known=customer.discounts,
            subtotal=subtotal,
            invoice_id=invoice.id,
        )
        return redeemed(given["discounts"], target, shelf, fresh, context)
    if invoice.version or invoice.revises_id or invoice.discounts:
        return invoice.discounts
    return inherited(customer.discounts, invoice.currency, context.now)


def inherited(discounts: Sequence[Discount], currency: str, now: int) -> tuple[Discount, ...]:
    """Return what an invoice begins with of its customer's or subscription's discounts."""
    return tuple(d for d in running(discounts, now) if counts_in(d, currency))


def worth_using(
    discounts: tuple[Discount, ...], lines: Sequence[Line], currency: str
) -> tuple[Discount, ...]:
    """Return the discounts without those for once that would take nothing off these lines.

    A trial's invoice over nothing would spend them for nothing. Without lines nobody knows yet.
    """
    if not lines or all(discount.duration != "once" for discount in discounts):
        return discounts
    taken = {one.discount_id for one in with_discounts(lines, discounts, currency)[1] if one.amount}
    return tuple(d for d in discounts if d.duration != "once" or d.id in taken)


def customer_after(
    customer: "Customer", used: Sequence[Discount], fresh: Fresh, now: int
) -> "Customer":
    """Return the customer once an invoice has begun with ``used``: what is for once is spent.

    What is over goes as well. ``fresh`` announces it. A draft that is deleted gives it back.
    """
    ids = {discount.id for discount in used}
    kept = tuple(
        d for d in running(customer.discounts, now) if d.id not in ids or d.duration != "once"
    )
    if kept == customer.discounts:
        return customer
    after = replace(customer, discounts=kept)
    fresh.saves.append(after)
    fresh.announcements += [
        Announcement("customer.discount.deleted", stored(d))
        for d in customer.discounts
        if d not in kept
    ]
    fresh.announcements.append(Announcement("customer.updated", after, customer))
    return after


def given_back(customer: "Customer", draft: "Invoice", fresh: Fresh) -> "Customer":
    """Return the customer with the discount for once that a deleted draft had taken from it."""
    for discount in draft.discounts:
        own = not (discount.invoice_id or discount.subscription_id)
        if own and discount.duration == "once" and not customer.discounts:
            after = replace(customer, discounts=(discount,))
            fresh.saves.append(after)
            fresh.announcements += [
                Announcement("customer.discount.created", stored(discount)),
                Announcement("customer.updated", after, customer),
            ]
            return after
    return customer
