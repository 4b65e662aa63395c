"""Totals of a 請求書, by board's rule.

Consumption tax is computed once per rate and invoice: the lines of a rate are added first, then the
tax of the sum is rounded by the project's 端数処理 (切り捨て unless set otherwise). Lines that
include tax (内税) are added the same way and their tax is taken out of the sum; a rate that has
both kinds of lines is rounded once for each kind. `total` is without tax, and what the client pays
is total + tax - 源泉所得税. 源泉所得税 is 10.21 % of the marked lines without tax, and 20.42 % of
what exceeds 1,000,000 yen, both cut off. Amounts are whole yen.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from seikyu.board.words import TaxRounding

_WITHHOLDING = Fraction(1021, 10_000)
_WITHHOLDING_ABOVE = Fraction(2042, 10_000)
_WITHHOLDING_STEP = 1_000_000


@dataclass(frozen=True, slots=True)
class Totals:
    """The three sums of a 請求書, in yen."""

    total: int
    tax: int
    tax_withholding: int


def totals(
    lines: Iterable[Mapping[str, object]], rounding: TaxRounding = TaxRounding.FLOOR
) -> Totals:
    """Add the lines (in board's JSON shape) of one 請求書."""
    sums: dict[tuple[Fraction, bool], int] = defaultdict(int)
    withheld_from = 0
    for line in lines:
        if line.get("price") is None or line.get("document_detail_kbn", 1) != 1:
            continue
        price = int(Decimal(str(line["price"])))
        rate = Fraction(Decimal(str(line["tax_rate"])))
        included = bool(line.get("tax_included_flg"))
        sums[rate, included] += price
        if line.get("tax_withholding_flg"):
            withheld_from += int(price / (1 + rate / 100)) if included else price
    total = tax = 0
    for (rate, included), amount in sums.items():
        share = rate / (100 + rate) if included else rate / 100
        tax_of_rate = rounded(amount * share, rounding)
        tax += tax_of_rate
        total += amount - tax_of_rate if included else amount
    return Totals(total, tax, withholding(withheld_from))


def rounded(amount: Fraction, rounding: TaxRounding) -> int:
    """Round to whole yen. Negative amounts are rounded by their absolute value."""
    size = abs(amount)
    if rounding is TaxRounding.FLOOR:
        whole = size.__floor__()
    elif rounding is TaxRounding.CEILING:
        whole = size.__ceil__()
    else:
        whole = (size + Fraction(1, 2)).__floor__()
    return whole if amount >= 0 else -whole


def withholding(amount: int) -> int:
    """Return the 源泉所得税 of a fee without tax, in yen."""
    if amount <= _WITHHOLDING_STEP:
        return (amount * _WITHHOLDING).__floor__()
    first = (_WITHHOLDING_STEP * _WITHHOLDING).__floor__()
    return first + ((amount - _WITHHOLDING_STEP) * _WITHHOLDING_ABOVE).__floor__()
