"""Consumption tax to the yen: board's tax of an invoice, laid on its lines.

board computes tax once per rate and invoice (as the law asks), and a user may override it. Stripe
wants tax per line. So board's figure is *split*, never computed anew: over the rates in proportion
to what each rate would give, over the lines of a rate in proportion to their amounts, the odd yen
going to the largest remainders. Whatever the rounding rule was, the parts sum to board's tax.

Two sums are known exactly. Let E be the lines without tax (外税), I the lines with tax (内税), and
`total`, `tax` the document's, `total` being without tax. Then the tax inside I is E + I - total,
and the tax on top of E is the rest of `tax`. Pure; integers and fractions only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


class DoesNotAddUp(Exception):
    """The lines, the total and the tax of a document contradict each other."""

    def __init__(self, ja: str, en: str) -> None:
        """Say the contradiction in both languages."""
        self.ja, self.en = ja, en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Taxable:
    """A line's amount in minor units, its rate in percent, and whether the amount holds the tax."""

    amount: int
    rate: Decimal
    included: bool


def taxes_of_lines(lines: Sequence[Taxable], total: int, tax: int) -> tuple[int, ...]:
    """Return the tax of each line; they sum to `tax`. Raises DoesNotAddUp.

    1. Find how much of `tax` lies inside the 内税 lines and how much comes on top of the 外税 ones.
    2. Split each over its rates, then over the lines of the rate.
    """
    inside = sum(line.amount for line in lines) - total
    on_top = tax - inside
    _check_inside(lines, inside)
    parts: dict[int, int] = {}
    for included, share in ((True, inside), (False, on_top)):
        chosen = {i: line for i, line in enumerate(lines) if line.included is included}
        parts.update(_over_rates(chosen, share))
    return tuple(parts[i] for i in range(len(lines)))


def split(whole: int, exact: Sequence[Fraction]) -> tuple[int, ...]:
    """Return integers near `exact` that sum to `whole`; what is exactly 0 stays 0.

    Each is rounded down, and the units left over go one each to the largest remainders. When more
    (or fewer than none) are left, `whole` was overridden: the largest share takes the difference.
    Raises DoesNotAddUp when there is nothing to lay `whole` on.
    """
    parts = [part.__floor__() for part in exact]
    takers = [i for i, part in enumerate(exact) if part != 0]
    left = whole - sum(parts)
    if left == 0:
        return tuple(parts)
    if not takers:
        raise DoesNotAddUp(
            f"課税対象の明細がないのに消費税が{whole}です",
            f"the tax is {whole} but no line is taxable",
        )
    if 0 < left <= len(takers):
        takers.sort(key=lambda i: exact[i] - parts[i], reverse=True)
        for i in takers[:left]:
            parts[i] += 1
    else:
        parts[max(takers, key=lambda i: abs(exact[i]))] += left
    return tuple(parts)


def natural_tax(amount: int, rate: Decimal, *, included: bool) -> Fraction:
    """Return the exact tax of an amount, before any rounding."""
    percent = Fraction(rate)
    return amount * percent / ((100 + percent) if included else Fraction(100))


def _check_inside(lines: Sequence[Taxable], inside: int) -> None:
    """The tax inside 内税 lines follows from their amounts but for the rounding of each rate."""
    held = [line for line in lines if line.included]
    natural = sum((natural_tax(line.amount, line.rate, included=True) for line in held), Fraction())
    if abs(inside - natural) > len({line.rate for line in held}):
        raise DoesNotAddUp(
            f"明細の合計と税抜合計の差が{inside}です",
            f"the lines differ from the total without tax by {inside}",
        )


def _over_rates(lines: Mapping[int, Taxable], share: int) -> dict[int, int]:
    rates = sorted({line.rate for line in lines.values()})
    sums = {rate: sum(x.amount for x in lines.values() if x.rate == rate) for rate in rates}
    exact = [
        sum(
            (
                natural_tax(x.amount, rate, included=x.included)
                for x in lines.values()
                if x.rate == rate
            ),
            Fraction(),
        )
        for rate in rates
    ]
    parts: dict[int, int] = {}
    for rate, part in zip(rates, split(share, exact), strict=True):
        chosen = {i: line.amount for i, line in lines.items() if line.rate == rate}
        parts.update(_over_lines(chosen, part, sums[rate]))
    return parts


def _over_lines(amounts: Mapping[int, int], part: int, whole: int) -> dict[int, int]:
    if whole == 0:
        # Discounts cancel the lines of this rate, and with them their tax.
        return dict.fromkeys(amounts, 0)
    exact = [Fraction(part * amount, whole) for amount in amounts.values()]
    return dict(zip(amounts, split(part, exact), strict=True))
