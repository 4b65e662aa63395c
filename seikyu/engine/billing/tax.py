"""Tax: rounded once per rate per invoice, never per line.

Source: Japan's qualified-invoice rule (one rounding per rate per invoice), which is also how board
computes. An account may round half up or up instead of down (towards zero). What is taxed is what the
discounts left of each line. Each line shows its share of the rounded tax, so that
the shares add up exactly: every share is rounded down, and what is left goes, one minor unit each, to
the lines that lost most.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.discount import left_of

if TYPE_CHECKING:
    from seikyu.engine.billing.catalogue import TaxRate
    from seikyu.engine.billing.line import Line


@dataclass(frozen=True, slots=True)
class LineTax:
    """One tax on one line, or one rate's sum on an invoice. Minor units of the invoice's currency."""

    amount: int
    taxable_amount: int
    rate_id: str
    inclusive: bool
    taxability_reason: str = "standard_rated"


class Taxed(Protocol):
    """Whatever has taxes: a line of an invoice, or of a credit note."""

    @property
    def taxes(self) -> tuple[LineTax, ...]:
        """One for each rate."""


@dataclass(frozen=True, slots=True)
class _Share:
    """One line's part of one rate's base: tax = gross × numerator / denominator."""

    line: int
    gross: int
    numerator: int
    denominator: int


PRECISION = 10**6
"""Percentages are taken to six decimal places."""

ROUNDINGS = ("down", "half_up", "up")
"""Towards zero; to the nearest, halves away from zero; away from zero."""


def with_taxes(
    lines: Sequence["Line"],
    defaults: Sequence["TaxRate"],
    rounding: str = "down",
    taxed: Callable[["Line"], int] = left_of,
) -> tuple["Line", ...]:
    """Return the lines with their taxes filled in; exact taxes are left as the caller gave them.

    ``rounding`` is one of ROUNDINGS; ``taxed`` says what of a line is taxed, in minor units.

    1. For each line, its own rates, else the invoice's default rates.
    2. For each rate, sum the bases of all its lines, take the tax, round once.
    3. Share the rounded tax out to the lines.
    """
    shares: dict[str, list[_Share]] = {}
    rates: dict[str, TaxRate] = {}
    for index, line in enumerate(lines):
        if line.exact_taxes:
            continue
        own = line.tax_rates or tuple(defaults)
        inside = sum(scaled(rate.percentage) for rate in own if rate.inclusive)
        for rate in own:
            rates[rate.id] = rate
            whole = 100 * PRECISION + (inside if rate.inclusive else 0)
            shares.setdefault(rate.id, []).append(
                _Share(index, taxed(line), scaled(rate.percentage), whole)
            )
    taxes: dict[int, list[LineTax]] = {}
    for rate_id, parts in shares.items():
        inclusive = rates[rate_id].inclusive
        for part, amount in zip(parts, _shared_out(parts, rounding), strict=True):
            base = part.gross - amount if inclusive else part.gross
            taxes.setdefault(part.line, []).append(LineTax(amount, base, rate_id, inclusive))
    return tuple(
        line if line.exact_taxes else replace(line, taxes=tuple(taxes.get(index, ())))
        for index, line in enumerate(lines)
    )


def per_rate(lines: Sequence[Taxed]) -> tuple[LineTax, ...]:
    """Return one entry per rate, with the sums over all lines, in the order rates first appear."""
    sums: dict[tuple[str, bool, str], LineTax] = {}
    for line in lines:
        for tax in line.taxes:
            key = (tax.rate_id, tax.inclusive, tax.taxability_reason)
            so_far = sums.get(key)
            sums[key] = (
                tax
                if so_far is None
                else replace(
                    so_far,
                    amount=so_far.amount + tax.amount,
                    taxable_amount=so_far.taxable_amount + tax.taxable_amount,
                )
            )
    return tuple(sums.values())


def scaled(percentage: Decimal) -> int:
    """Return the percentage as a whole number of its parts (PRECISION)."""
    return int(percentage * PRECISION)


def rounded(numerator: int, denominator: int, rounding: str) -> int:
    """Divide and round as ROUNDINGS says: the sign does not matter to the amount."""
    assert rounding in ROUNDINGS
    top = abs(numerator)
    if rounding == "half_up":
        quotient = (2 * top + denominator) // (2 * denominator)
    else:
        quotient = -(-top // denominator) if rounding == "up" else top // denominator
    return quotient if numerator >= 0 else -quotient


def _shared_out(parts: Sequence[_Share], rounding: str) -> list[int]:
    """Round the rate's tax once, and give each part its share of exactly that."""
    total = _total(parts, rounding)
    floors = [part.gross * part.numerator // part.denominator for part in parts]
    lost = [part.gross * part.numerator % part.denominator for part in parts]
    order = sorted(range(len(parts)), key=lambda i: (-lost[i] * _inverse(parts, i), i))
    for i in order[: total - sum(floors)]:
        floors[i] += 1
    return floors


def _inverse(parts: Sequence[_Share], index: int) -> int:
    """Weigh remainders of unlike denominators alike (they differ only with mixed inclusive rates)."""
    product = 1
    for denominator in {part.denominator for part in parts}:
        if denominator != parts[index].denominator:
            product *= denominator
    return product


def _total(parts: Sequence[_Share], rounding: str) -> int:
    """Sum the exact taxes over a common denominator, then round, once."""
    by_denominator: dict[int, int] = {}
    for part in parts:
        by_denominator[part.denominator] = (
            by_denominator.get(part.denominator, 0) + part.gross * part.numerator
        )
    common = 1
    for denominator in by_denominator:
        common *= denominator
    tops = (top * (common // bottom) for bottom, top in by_denominator.items())
    return rounded(sum(tops), common, rounding)
