"""Discounts: a coupon that was redeemed, and what it takes off the lines of an invoice.

1. A line's own discounts first, in their order, each of what the ones before it left of the line.
2. Then the invoice's, in their order, each of what is left of the lines that it applies to.
3. A percentage is rounded half up, once per discount: per line for a line's own, per invoice for an
   invoice's. An amount takes no more than there is, and no discount of the invoice takes more than is
   left of the whole invoice, so that a discount alone never makes a total negative.
4. What a discount of the invoice takes is shared out to its lines in proportion to what is left of each:
   every share is rounded down, and the minor units that are left over go, one each, to the lines that
   lost most (largest remainder). The shares of the lines add up to the discount exactly.
A line takes part when it is ``discountable``: unless said otherwise, when its amount is not negative.
Source: Stripe, "Coupons and promotion codes"; how to share out is our choice, Stripe does not say it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from seikyu.engine.billing.changing import replace

if TYPE_CHECKING:
    from seikyu.engine.billing.line import Line

PRECISION = 10**6
"""Percentages are taken to six decimal places."""

WHOLE = 100 * PRECISION

MOST_DISCOUNTS = 20
"""On one object. Source: Stripe, "Stack discounts"."""


@dataclass(frozen=True, slots=True)
class Discount:
    """A redeemed coupon with the terms that it had then: what becomes of the coupon changes nothing.

    ``percent_off``, or ``amounts`` in minor units by currency. ``minimums``: by currency, the least
    subtotal from which it counts (of its promotion code). ``products`` empty: of everything.
    Times in Unix seconds; ``end`` is where a discount that repeats by months is over.
    ``removed``: it was taken off its customer. What it is on: an invoice, an invoice item, a
    subscription, one of its items, or (none of these) the customer.
    """

    id: str
    created: int
    coupon_id: str
    duration: str
    customer_id: str | None = None
    version: int = 0
    promotion_code_id: str | None = None
    end: int | None = None
    invoice_id: str | None = None
    item_id: str | None = None
    subscription_id: str | None = None
    subscription_item_id: str | None = None
    percent_off: Decimal | None = None
    amounts: dict[str, int] = field(default_factory=dict)
    minimums: dict[str, int] = field(default_factory=dict)
    products: tuple[str, ...] = ()
    name: str | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True)
class DiscountAmount:
    """What one discount takes off a line, or off a whole invoice. Minor units of its currency."""

    amount: int
    discount_id: str


def running(discounts: Sequence[Discount], now: int) -> tuple[Discount, ...]:
    """Return the discounts that are not over at ``now`` (Unix seconds)."""
    return tuple(d for d in discounts if not d.removed and (d.end is None or now < d.end))


def stored(discount: Discount) -> Discount:
    """Return the discount as its own row has it: it is stored once, when it is made."""
    return replace(discount, version=1)


def taken_off(discount: Discount) -> Discount:
    """Return the discount as it is once its customer has it no more."""
    return replace(discount, version=1, removed=True)


def counts_in(discount: Discount, currency: str) -> bool:
    """Say whether the discount has a value in the currency."""
    return discount.percent_off is not None or currency in discount.amounts


def discountable(line: "Line") -> bool:
    """Say whether discounts apply to the line. Source: Stripe, ``discountable``."""
    given = line.details.get("discountable")
    return line.amount >= 0 if given is None else bool(given)


def left_of(line: "Line", discounts: Sequence[Discount] | None = None) -> int:
    """Return what is left of the line's amount after all its discounts, or after only these."""
    if discounts is None:
        return line.amount - sum(taken.amount for taken in line.discount_amounts)
    ids = {discount.id for discount in discounts}
    return line.amount - sum(t.amount for t in line.discount_amounts if t.discount_id in ids)


def with_discounts(
    lines: Sequence["Line"], discounts: Sequence[Discount], currency: str
) -> tuple[tuple["Line", ...], tuple[DiscountAmount, ...]]:
    """Return the lines with what each discount takes off them, and the sums by discount.

    ``discounts`` are the invoice's. See the top of this file for the rule.
    """
    if not discounts and not any(line.discounts or line.discount_amounts for line in lines):
        return tuple(lines), ()
    left = [line.amount for line in lines]
    taken: list[list[DiscountAmount]] = [[] for _ in lines]
    for index, line in enumerate(lines):
        if discountable(line):
            for discount in line.discounts:
                amount = _of_line(discount, line, left[index], currency)
                left[index] -= amount
                taken[index].append(DiscountAmount(amount, discount.id))
    subtotal = sum(left)
    for discount in discounts:
        part = [i for i, line in enumerate(lines) if _takes_part(discount, line)]
        shares = _of_invoice(discount, [left[i] for i in part], sum(left), subtotal, currency)
        for index, amount in zip(part, shares, strict=True):
            left[index] -= amount
            taken[index].append(DiscountAmount(amount, discount.id))
    changed = tuple(
        replace(line, discount_amounts=tuple(amounts))
        for line, amounts in zip(lines, taken, strict=True)
    )
    return changed, _sums(changed, discounts)


def _takes_part(discount: Discount, line: "Line") -> bool:
    """A discount that is on the line itself has had its turn there."""
    if not discountable(line) or any(own.id == discount.id for own in line.discounts):
        return False
    return not discount.products or line.product_id in discount.products


def _of_line(discount: Discount, line: "Line", left: int, currency: str) -> int:
    if discount.products and line.product_id not in discount.products:
        return 0
    if line.amount < discount.minimums.get(currency, 0):
        return 0
    if discount.percent_off is not None:
        return _half_up(left * _scaled(discount.percent_off), WHOLE)
    return max(0, min(discount.amounts.get(currency, 0), left))


def _of_invoice(
    discount: Discount, left: Sequence[int], remaining: int, subtotal: int, currency: str
) -> list[int]:
    """Return what the discount takes off each of its lines.

    ``left`` is what is left of these lines, ``remaining`` of the whole invoice; ``subtotal`` is what a
    minimum is held against.
    """
    most = min(sum(left), remaining)
    if most <= 0 or subtotal < discount.minimums.get(currency, 0):
        return [0] * len(left)
    if discount.percent_off is None:
        return _by_size(min(discount.amounts.get(currency, 0), most), left)
    percent = _scaled(discount.percent_off)
    total = _half_up(sum(left) * percent, WHOLE)
    if total > most:
        return _by_size(most, left)
    return _shared_out(total, [x * percent for x in left], WHOLE)


def _by_size(total: int, left: Sequence[int]) -> list[int]:
    """Share an amount out in proportion to what is left of each line; a negative line takes none."""
    sizes = [max(0, x) for x in left]
    return _shared_out(total, [total * size for size in sizes], sum(sizes) or 1)


def _shared_out(total: int, tops: Sequence[int], bottom: int) -> list[int]:
    """Round each top ÷ bottom down, then give what is missing to ``total`` to those that lost most."""
    shares = [top // bottom for top in tops]
    order = sorted(range(len(tops)), key=lambda i: (-(tops[i] % bottom), i))
    for index in order[: total - sum(shares)]:
        shares[index] += 1
    return shares


def _sums(lines: Sequence["Line"], discounts: Sequence[Discount]) -> tuple[DiscountAmount, ...]:
    """Return one entry per discount, in the order they were applied."""
    sums: dict[str, int] = {d.id: 0 for line in lines for d in line.discounts}
    sums |= {discount.id: 0 for discount in discounts if discount.id not in sums}
    for line in lines:
        for one in line.discount_amounts:
            sums[one.discount_id] += one.amount
    return tuple(DiscountAmount(amount, id) for id, amount in sums.items())


def _scaled(percentage: Decimal) -> int:
    return int(percentage * PRECISION)


def _half_up(top: int, bottom: int) -> int:
    """Round to the nearest integer, halves away from zero."""
    quotient = (2 * abs(top) + bottom) // (2 * bottom)
    return quotient if top >= 0 else -quotient
