"""What a credit note comes to: its lines, what it takes of each discount, and its taxes.

1. A line of the invoice is credited by an amount or by a quantity, never beyond what is left of it. It takes
   its share of the line's discounts: what all credits so far have earned of them, rounded towards zero,
   less what was taken before, so that crediting the rest takes the rest.
2. Tax is rounded once per rate, as on the invoice, over all that was credited *so far*, and this credit note
   has the difference to the ones before it. When every line of a rate is credited, that is exactly the tax
   the invoice has: however an invoice is credited in parts, the parts add up to it.
3. Exact taxes of a line are credited in proportion to its amount, in the same way.
4. An ``amount`` alone, tax included, is spread over the rates of the invoice in proportion to what each has
   left, as one line per rate that says what of it is tax.
Source: Stripe, "Credit notes"; the rounding is our choice (one per rate, Japan's rule for 返還請求書).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from seikyu.engine.billing.catalogue import TaxRate
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.credit_note import CreditLine, CreditNote
from seikyu.engine.billing.currency import LARGEST_AMOUNT
from seikyu.engine.billing.decision import Given
from seikyu.engine.billing.discount import DiscountAmount
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Line, times
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.refusals import (
    AmountTooLarge,
    CreditTooLarge,
    ObjectMissing,
    ParameterMissing,
    ParameterNotAllowed,
    ParametersExclude,
)
from seikyu.engine.billing.tax import LineTax, per_rate, with_taxes


@dataclass(frozen=True, slots=True)
class Ground:
    """What a credit note stands on: the invoice, its lines, and the credit notes that count before it.

    ``named`` are the tax rates that the caller names, by id; ``rounding`` is one of ``tax.ROUNDINGS``.
    """

    invoice: Invoice
    lines: tuple[Line, ...]
    notes: tuple[CreditNote, ...] = ()
    named: Mapping[str, TaxRate] = field(default_factory=dict)
    rounding: str = "down"

    def rates_of(self, line: Line) -> tuple[TaxRate, ...]:
        """Return the rates by which the line was taxed; none when its taxes are exact."""
        return () if line.exact_taxes else line.tax_rates or self.invoice.default_rates

    def credits(self) -> tuple[CreditLine, ...]:
        """Return all lines of the credit notes before."""
        return tuple(line for note in self.notes for line in note.lines)


def subtotal_of(invoice: Invoice, lines: Sequence[CreditLine]) -> int:
    """Return the sum of the lines before the invoice's own discounts, in minor units."""
    whole = {discount.id for discount in invoice.discounts}
    own = (d.amount for line in lines for d in line.discount_amounts if d.discount_id not in whole)
    return sum(line.amount for line in lines) - sum(own)


def total_of(lines: Sequence[CreditLine]) -> int:
    """Return all of the lines, discounts taken off and tax added, in minor units."""
    added = (tax.amount for line in lines for tax in line.taxes if not tax.inclusive)
    return sum(line.left for line in lines) + sum(added)


def discounts_of(lines: Sequence[CreditLine]) -> tuple[DiscountAmount, ...]:
    """Return what the lines take of each discount."""
    sums: dict[str, int] = {}
    for line in lines:
        for one in line.discount_amounts:
            sums[one.discount_id] = sums.get(one.discount_id, 0) + one.amount
    return tuple(DiscountAmount(amount, id) for id, amount in sums.items())


# ── line by line ───────────────────────────────────────────────────────────────────────────────


def of_lines(
    ground: Ground, entries: Sequence[Given], mint: Callable[[str], str]
) -> tuple[CreditLine, ...]:
    """Return the lines as given, taxed. Raises refusals that name the entry."""
    made: list[CreditLine] = []
    for place, entry in enumerate(entries):
        within = f"lines[{place}]"
        if entry["type"] == "custom_line_item":
            line = _by_hand(ground, entry, within, mint)
        else:
            line = _of_invoice(ground, entry, made, within, mint)
        given = entry.get("tax_amounts")
        if given:
            line = replace(line, tax_rates=(), taxes=_exact(ground, given, within))
        made.append(replace(line, metadata=merged({}, entry.get("metadata", {}))))
    lines = _taxed(ground, made)
    for place, entry in enumerate(entries):
        if entry.get("tax_amounts") and lines[place].line_id is not None:
            _within_the_invoice(ground, lines, place)
    return lines


def _by_hand(ground: Ground, entry: Given, within: str, mint: Callable[[str], str]) -> CreditLine:
    for name in ("amount", "invoice_line_item"):
        if name in entry:
            raise ParameterNotAllowed(
                f"{name} is only valid when the type of the line is invoice_line_item.",
                f"{within}[{name}]",
            )
    whole, exact = entry.get("unit_amount"), entry.get("unit_amount_decimal")
    if whole is not None and exact is not None:
        raise ParametersExclude(
            f"You may only specify one of these parameters: {within}[unit_amount], "
            f"{within}[unit_amount_decimal].",
            f"{within}[unit_amount]",
        )
    unit = Decimal(whole) if whole is not None else exact
    if unit is None:
        raise ParameterMissing(f"{within}[unit_amount]")
    if not entry.get("description"):
        raise ParameterMissing(f"{within}[description]")
    if entry.get("tax_rates") and entry.get("tax_amounts"):
        raise ParametersExclude(
            f"You may only specify one of these parameters: {within}[tax_amounts], "
            f"{within}[tax_rates].",
            f"{within}[tax_amounts]",
        )
    quantity = entry.get("quantity", 1)
    amount = times(unit, Decimal(quantity))
    if amount > LARGEST_AMOUNT:
        raise AmountTooLarge(f"Amounts have at most 12 digits; this is {amount}.", within)
    return CreditLine(
        id=mint("cnli"),
        amount=amount,
        description=entry["description"],
        quantity=quantity,
        unit_amount=unit,
        tax_rates=tuple(
            _rate(ground, id, f"{within}[tax_rates]") for id in entry.get("tax_rates") or ()
        ),
    )


def _of_invoice(
    ground: Ground,
    entry: Given,
    made: Sequence[CreditLine],
    within: str,
    mint: Callable[[str], str],
) -> CreditLine:
    for name in ("description", "unit_amount", "unit_amount_decimal", "tax_rates"):
        if entry.get(name) is not None:
            raise ParameterNotAllowed(
                f"{name} is only valid when the type of the line is custom_line_item.",
                f"{within}[{name}]",
            )
    id = entry.get("invoice_line_item")
    if id is None:
        raise ParameterMissing(f"{within}[invoice_line_item]")
    line = next((each for each in ground.lines if each.line_id == id), None)
    if line is None:
        raise ObjectMissing("invoice line item", id, f"{within}[invoice_line_item]")
    before = [each for each in (*ground.credits(), *made) if each.line_id == id]
    amount = _amount_of(line, entry, before, within)
    known = sum(each.amount for each in before)
    return CreditLine(
        id=mint("cnli"),
        amount=amount,
        line_id=id,
        description=line.description,
        quantity=entry.get("quantity"),
        unit_amount=line.unit_amount if "quantity" in entry else None,
        tax_rates=ground.rates_of(line),
        taxes=_in_proportion(line, known, amount) if line.exact_taxes else (),
        discount_amounts=tuple(
            DiscountAmount(_share(one.amount, line.amount, known, amount), one.discount_id)
            for one in line.discount_amounts
        ),
    )


def _amount_of(line: Line, entry: Given, before: Sequence[CreditLine], within: str) -> int:
    """Return how much of the line is credited. Raises CreditTooLarge beyond what is left of it."""
    amount: int | None = entry.get("amount")
    quantity: int | None = entry.get("quantity")
    if amount is not None and quantity is not None:
        raise ParametersExclude(
            f"You may only specify one of these parameters: {within}[amount], {within}[quantity].",
            f"{within}[amount]",
        )
    left = line.amount - sum(each.amount for each in before)
    if amount is None and quantity is None:
        raise ParameterMissing(f"{within}[amount]")
    if quantity is not None:
        amount = _of_quantity(line, quantity, before, left, within)
    assert amount is not None
    if amount == 0 or (amount > 0) != (line.amount > 0) or abs(amount) > abs(left):
        raise CreditTooLarge(
            f"{amount} {line.currency} cannot be credited of the line {line.line_id}: "
            f"of its {line.amount} there is {left} left.",
            f"{within}[{'amount' if quantity is None else 'quantity'}]",
        )
    return amount


def _of_quantity(
    line: Line, quantity: int, before: Sequence[CreditLine], left: int, within: str
) -> int:
    credited = sum(each.quantity or 0 for each in before)
    if credited + quantity > line.quantity:
        raise CreditTooLarge(
            f"{quantity} cannot be credited of the line {line.line_id}: of its {line.quantity} "
            f"there are {line.quantity - credited} left.",
            f"{within}[quantity]",
        )
    if credited + quantity == line.quantity and all(each.quantity for each in before):
        return left
    if line.unit_amount is not None:
        return times(line.unit_amount, Decimal(quantity))
    part = Decimal(line.amount * quantity) / line.quantity
    return int(part.to_integral_value(ROUND_HALF_UP))


def _exact(ground: Ground, given: Sequence[Given], within: str) -> tuple[LineTax, ...]:
    """Return taxes as the caller computed them."""
    taxes = []
    for place, entry in enumerate(given):
        rate = _rate(ground, entry["tax_rate"], f"{within}[tax_amounts][{place}][tax_rate]")
        taxes.append(LineTax(entry["amount"], entry["taxable_amount"], rate.id, rate.inclusive))
    return tuple(taxes)


def _rate(ground: Ground, id: str, param: str) -> TaxRate:
    if id not in ground.named:
        raise ObjectMissing("tax rate", id, param)
    return ground.named[id]


def _in_proportion(line: Line, known: int, amount: int) -> tuple[LineTax, ...]:
    """Return the part of a line's exact taxes that comes with ``amount`` of it."""
    return tuple(
        replace(
            tax,
            amount=_share(tax.amount, line.amount, known, amount),
            taxable_amount=_share(tax.taxable_amount, line.amount, known, amount),
        )
        for tax in line.taxes
    )


def _share(whole: int, of: int, known: int, more: int) -> int:
    """Return what ``more`` of ``of`` earns of ``whole`` after ``known`` of it had earned its part."""
    return towards_zero(whole * (known + more), of) - towards_zero(whole * known, of)


def towards_zero(top: int, bottom: int) -> int:
    """Divide and round towards zero."""
    quotient = abs(top) // abs(bottom)
    return quotient if (top >= 0) == (bottom > 0) else -quotient


# ── taxes: once per rate, over all that was credited so far ─────────────────────────────────────


def _taxed(ground: Ground, lines: Sequence[CreditLine]) -> tuple[CreditLine, ...]:
    """Return the lines with the taxes of their rates; exact ones are left as they are."""
    so_far = (*_of_rates(ground, ground.credits()), *_of_rates(ground, lines))
    reached = {tax.rate_id: tax.amount for tax in _over(ground, so_far)}
    shares: dict[tuple[str, str], int] = {}
    for rate in {rate.id: rate for line in lines for rate in _to_tax(line)}.values():
        parts = [line for line in lines if _has(_to_tax(line), rate)]
        bases = [line.left for line in parts]
        amount = _earned(ground, rate, so_far, reached.get(rate.id, 0), sum(bases))
        for line, share in zip(parts, _spread(amount, bases), strict=True):
            shares[line.id, rate.id] = share
    return tuple(_with_shares(line, shares) for line in lines)


def _earned(
    ground: Ground, rate: TaxRate, so_far: Sequence[CreditLine], reached: int, base: int
) -> int:
    """Return the tax of the rate that these lines have beyond what was credited of it before.

    ``reached`` is the tax on all that is credited with them. It never goes past the invoice's own, nor
    against the sign of ``base``: a credit note that was voided in between leaves such remainders.
    """
    taken = _tax_of(so_far, rate.id)
    of_invoice = [line for line in ground.lines if _has(ground.rates_of(line), rate)]
    if not any(line.line_id is None and _has(line.tax_rates, rate) for line in so_far):
        whole = _tax_of(of_invoice, rate.id)
        credited = {line.line_id: 0 for line in of_invoice}
        for line in so_far:
            if line.line_id in credited:
                credited[line.line_id] += line.amount
        if all(credited[line.line_id] == line.amount for line in of_invoice):
            return whole - taken
        reached = min(reached, whole) if whole >= 0 else max(reached, whole)
    return max(reached - taken, 0) if base >= 0 else min(reached - taken, 0)


def _to_tax(line: CreditLine) -> tuple[TaxRate, ...]:
    """Return the rates whose tax is still to be found."""
    return () if line.taxes else line.tax_rates


def _of_rates(ground: Ground, lines: Sequence[CreditLine]) -> list[CreditLine]:
    """Return the lines that are taxed by rates, with these; exact taxes of the invoice stand apart."""
    apart = {line.line_id for line in ground.lines if line.exact_taxes}
    known = _known_rates(ground)
    found = []
    for line in lines:
        if line.line_id is not None and line.line_id in apart:
            continue
        rates = line.tax_rates or tuple(
            known[tax.rate_id] for tax in line.taxes if tax.rate_id in known
        )
        found.append(replace(line, tax_rates=rates))
    return found


def _known_rates(ground: Ground) -> dict[str, TaxRate]:
    rates = [rate for line in ground.lines for rate in ground.rates_of(line)]
    rates += [rate for line in ground.credits() for rate in line.tax_rates]
    return {**{rate.id: rate for rate in rates}, **ground.named}


def _over(ground: Ground, lines: Sequence[CreditLine]) -> tuple[LineTax, ...]:
    """Return the tax of each rate over all the lines together, rounded once."""
    pseudo = [
        Line(
            id=str(place),
            created=0,
            customer_id="",
            currency=ground.invoice.currency,
            amount=line.left,
            tax_rates=line.tax_rates,
        )
        for place, line in enumerate(lines)
    ]
    return per_rate(with_taxes(pseudo, (), ground.rounding))


def _has(rates: Sequence[TaxRate], rate: TaxRate) -> bool:
    return any(each.id == rate.id for each in rates)


def _with_shares(line: CreditLine, shares: Mapping[tuple[str, str], int]) -> CreditLine:
    taxes = tuple(line_tax(rate, shares[line.id, rate.id], line.left) for rate in _to_tax(line))
    return replace(line, taxes=taxes) if taxes else line


def line_tax(rate: TaxRate, amount: int, base: int) -> LineTax:
    """Return the tax on ``base`` (minor units), of which it is a part when it is inclusive."""
    return LineTax(amount, base - amount if rate.inclusive else base, rate.id, rate.inclusive)


def _spread(total: int, sizes: Sequence[int]) -> list[int]:
    """Share ``total`` out in proportion to the sizes; what rounding loses goes to the largest losses."""
    weights = [abs(size) for size in sizes]
    whole = sum(weights) or 1
    shares = [total * weight // whole for weight in weights]
    order = sorted(range(len(sizes)), key=lambda i: (-(total * weights[i] % whole), i))
    for place in order[: total - sum(shares)]:
        shares[place] += 1
    return shares


def _within_the_invoice(ground: Ground, lines: Sequence[CreditLine], place: int) -> None:
    """Raise CreditTooLarge when a line's exact taxes credit more of a rate than the invoice has."""
    for tax in lines[place].taxes:
        whole = _tax_of(ground.lines, tax.rate_id)
        if abs(_tax_of((*ground.credits(), *lines), tax.rate_id)) > abs(whole):
            raise CreditTooLarge(
                f"The invoice has {whole} {ground.invoice.currency} of the tax {tax.rate_id}; "
                "no more than that can be credited.",
                f"lines[{place}][tax_amounts]",
            )


def _tax_of(lines: Sequence[Line] | Sequence[CreditLine], rate_id: str) -> int:
    return sum(tax.amount for line in lines for tax in line.taxes if tax.rate_id == rate_id)
