"""A credit of which only the amount is known, tax included: spread over the rates of its invoice.

1. The lines of the invoice that are taxed alike make one group. A group has left what it comes to, tax
   included, less what earlier credit notes took of it.
2. The amount is shared out in proportion to what each group has left (largest remainder, so that the
   shares add up to it). A group of negative lines has a negative share.
3. Of a share, the tax is what all shares of the group so far contain of it, rounded once, less what was
   credited before; a share of all that is left contains all the tax that is left.
Each group becomes one line. Source: ours; Stripe says nothing of the tax inside such an amount, and a
Japanese credit note (返還請求書) must state it for each rate.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from seikyu.engine.billing.catalogue import TaxRate
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.credit_lines import Ground, line_tax, total_of, towards_zero
from seikyu.engine.billing.credit_note import CreditLine
from seikyu.engine.billing.discount import left_of
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.tax import PRECISION, LineTax, Taxed, per_rate, rounded, scaled

HUNDRED = 100 * PRECISION

Key = tuple[bool, tuple[str, ...]]
"""Whether the taxes of a group are exact, and the ids of its rates."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Lines that are taxed alike: ``base`` and ``taxes`` of all of them, and what was credited of them."""

    rates: tuple[TaxRate, ...]
    base: int
    taxes: tuple[LineTax, ...]
    credited_base: int
    credited: dict[str, int]

    @property
    def gross(self) -> int:
        """All of it, tax included, in minor units."""
        return self.base + sum(tax.amount for tax in self.taxes if not tax.inclusive)

    @property
    def credited_gross(self) -> int:
        """What was credited of it, tax included."""
        added = (tax.rate_id for tax in self.taxes if not tax.inclusive)
        return self.credited_base + sum(self.credited.get(id, 0) for id in added)

    @property
    def left(self) -> int:
        """What can still be credited of it, tax included."""
        return self.gross - self.credited_gross


def of_amount(ground: Ground, amount: int, mint: Callable[[str], str]) -> tuple[CreditLine, ...]:
    """Return ``amount`` minor units, tax included, as one line per group of the invoice's lines.

    ``amount`` is at most what can still be credited of the invoice.
    """
    groups = _groups(ground)
    shares = _signed_shares(amount, [group.left for group in groups])
    lines = []
    for group, share in zip(groups, shares, strict=True):
        if share:
            lines.append(replace(_line(ground, group, share), id=mint("cnli")))
    return tuple(lines)


def _groups(ground: Ground) -> list[_Group]:
    found: dict[Key, list[Line]] = {}
    for line in ground.lines:
        found.setdefault(_key(line), []).append(line)
    credits: dict[Key, list[CreditLine]] = {key: [] for key in found}
    keys = {line.line_id: _key(line) for line in ground.lines}
    for credit in ground.credits():
        ids = _ids(credit)
        key = keys.get(credit.line_id) or (False, ids)
        credits.setdefault(key if key in found else (True, ids), []).append(credit)
    return [_group(ground, lines, credits[key]) for key, lines in found.items()]


def _key(line: Line) -> Key:
    return line.exact_taxes, _ids(line)


def _ids(taxed: Taxed) -> tuple[str, ...]:
    """Return the rates of a line; their order says nothing."""
    return tuple(sorted(tax.rate_id for tax in taxed.taxes))


def _group(ground: Ground, lines: Sequence[Line], credits: Sequence[CreditLine]) -> _Group:
    return _Group(
        rates=ground.rates_of(lines[0]),
        base=sum(left_of(line) for line in lines),
        taxes=per_rate(lines),
        credited_base=sum(credit.left for credit in credits),
        credited={tax.rate_id: tax.amount for tax in per_rate(credits)},
    )


def _signed_shares(total: int, left: Sequence[int]) -> list[int]:
    """Share ``total`` out in proportion to what is left, signs kept; the shares add up to it."""
    whole = sum(left) or 1
    tops = [total * each for each in left]
    shares = [top // whole for top in tops]
    order = sorted(range(len(left)), key=lambda i: (-(tops[i] % whole), i))
    for place in order[: total - sum(shares)]:
        shares[place] += 1
    return shares


def _line(ground: Ground, group: _Group, share: int) -> CreditLine:
    """Return the line of a share: what of it is tax, and what is left as its amount."""
    if share == group.left:
        taxes = tuple(
            replace(
                tax,
                amount=tax.amount - group.credited.get(tax.rate_id, 0),
                taxable_amount=0,
            )
            for tax in group.taxes
        )
    else:
        taxes = _taxes(ground, group, share)
    base = share - sum(tax.amount for tax in taxes if not tax.inclusive)
    taxes = tuple(
        replace(tax, taxable_amount=base - tax.amount if tax.inclusive else base) for tax in taxes
    )
    line = CreditLine("", base, quantity=1, tax_rates=group.rates, taxes=taxes)
    assert total_of([line]) == share
    return line


def _taxes(ground: Ground, group: _Group, share: int) -> tuple[LineTax, ...]:
    gross = group.credited_gross + share
    if not group.rates:
        return tuple(
            replace(tax, amount=_more(group, tax.rate_id, share, _part(tax.amount, gross, group)))
            for tax in group.taxes
        )
    on_top = sum(scaled(rate.percentage) for rate in group.rates if not rate.inclusive)
    inside = sum(scaled(rate.percentage) for rate in group.rates if rate.inclusive)
    taxes = []
    for rate in group.rates:
        percentage = scaled(rate.percentage)
        # A share is the base and what is on top of it; an inclusive tax is a part of the base.
        top, bottom = gross * percentage, HUNDRED + on_top
        if rate.inclusive:
            top, bottom = top * HUNDRED, bottom * (HUNDRED + inside)
        reached = rounded(top, bottom, ground.rounding)
        taxes.append(line_tax(rate, _more(group, rate.id, share, reached), 0))
    return tuple(taxes)


def _part(tax: int, gross: int, group: _Group) -> int:
    """Return the part of an exact tax that belongs to ``gross`` of the group."""
    return towards_zero(tax * gross, group.gross) if group.gross else 0


def _more(group: _Group, rate_id: str, share: int, reached: int) -> int:
    """Return what the share has of a tax beyond what was credited before, never against its sign."""
    more = reached - group.credited.get(rate_id, 0)
    return min(max(more, 0), share) if share >= 0 else max(min(more, 0), share)
