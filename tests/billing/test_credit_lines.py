"""What credit notes come to, in yen at 10 % and 8 %: written out, and for any sequence of them."""

from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seikyu.engine.billing.catalogue import TaxRate
from seikyu.engine.billing.credit_lines import Ground, discounts_of, of_lines, subtotal_of, total_of
from seikyu.engine.billing.credit_note import CreditLine, CreditNote
from seikyu.engine.billing.credit_spreading import of_amount
from seikyu.engine.billing.discount import Discount
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.refusals import (
    CreditTooLarge,
    ObjectMissing,
    ParameterMissing,
    ParameterNotAllowed,
    ParametersExclude,
    Refusal,
)
from seikyu.engine.billing.tax import LineTax, per_rate
from seikyu.engine.billing.totalling import totalled
from tests.billing.test_tax import IN10, JCT8, JCT10

NUMBERS = count(1)


def mint(prefix: str) -> str:
    """A new id."""
    return f"{prefix}_{next(NUMBERS)}"


def line(id: str, amount: int, *rates: TaxRate, **fields: Any) -> Line:
    """A line of an invoice in yen."""
    return Line(
        f"ii_{id}", 0, "cus_1", "jpy", amount, line_id=f"il_{id}", tax_rates=rates, **fields
    )


def ground(*lines: Line, rounding: str = "down", discounts: tuple[Discount, ...] = ()) -> Ground:
    """A finalized invoice of these lines without credit notes."""
    draft = Invoice("in_1", 0, "cus_1", "jpy", "key", discounts=discounts)
    taxed, invoice = totalled(draft, lines, None, rounding)
    rates = {rate.id: rate for rate in (JCT10, JCT8, IN10)}
    return Ground(invoice, taxed, named=rates, rounding=rounding)


def noted(ground: Ground, lines: tuple[CreditLine, ...]) -> Ground:
    """The ground once a credit note of these lines was issued."""
    note = CreditNote(mint("cn"), 0, "", "in_1", "cus_1", "jpy", "key", lines=lines)
    return replace(ground, notes=(*ground.notes, note))


def credit(id: str, amount: int | None = None, **entry: Any) -> dict[str, Any]:
    """An entry that credits so much of a line of the invoice."""
    more = {} if amount is None else {"amount": amount}
    return {"type": "invoice_line_item", "invoice_line_item": f"il_{id}", **more, **entry}


def by_hand(unit_amount: int, **entry: Any) -> dict[str, Any]:
    """An entry that was written by hand."""
    return {
        "type": "custom_line_item", "description": "値引き", "unit_amount": unit_amount, **entry,
    }  # fmt: skip


def taxes(lines: tuple[CreditLine, ...]) -> dict[str, tuple[int, int]]:
    """Tax and taxable amount, by rate."""
    return {tax.rate_id: (tax.amount, tax.taxable_amount) for tax in per_rate(lines)}


# ── written out ────────────────────────────────────────────────────────────────────────────────


def test_a_tenth_of_each_rate_takes_its_tax_along() -> None:
    """10,000 at 10 % and 5,000 at 8 %: of 1,000 and 500 the tax is 100 and 40."""
    lines = of_lines(
        ground(line("a", 10_000, JCT10), line("b", 5_000, JCT8)),
        [credit("a", 1_000), credit("b", 500)],
        mint,
    )
    assert taxes(lines) == {"jct10": (100, 1_000), "jct8": (40, 500)}
    assert total_of(lines) == 1_640


def test_three_lines_of_105_yen_credited_one_by_one_credit_31_yen_of_tax() -> None:
    """The invoice has 31 yen of tax, not 3 × 10: the credit notes have 10, 11 and 10."""
    on = ground(*(line(id, 105, JCT10) for id in "abc"))
    found = []
    for id in "abc":
        lines = of_lines(on, [credit(id, 105)], mint)
        on = noted(on, lines)
        found.append(total_of(lines))
    assert found == [115, 116, 115]
    assert sum(found) == on.invoice.total == 346


def test_both_lines_of_one_rate_in_one_note_are_rounded_once() -> None:
    on = ground(*(line(id, 105, JCT10) for id in "abc"))
    lines = of_lines(on, [credit("a", 105), credit("b", 105)], mint)
    assert taxes(lines) == {"jct10": (21, 210)}
    assert [tax.amount for each in lines for tax in each.taxes] == [11, 10]


def test_tax_inside_the_price_is_credited_inside_it() -> None:
    lines = of_lines(ground(line("a", 11_000, IN10)), [credit("a", 1_100)], mint)
    assert taxes(lines) == {"in10": (100, 1_000)}
    assert total_of(lines) == 1_100


@pytest.mark.parametrize(
    ("rounding", "first", "second"), [("down", 10, 10), ("half_up", 11, 10), ("up", 11, 10)]
)
def test_the_rounding_is_the_invoices(rounding: str, first: int, second: int) -> None:
    """105 and 100 at 10 %: 20.5 rounded down is 20, otherwise 21; of the first alone 10.5."""
    on = ground(line("a", 105, JCT10), line("b", 100, JCT10), rounding=rounding)
    one = of_lines(on, [credit("a", 105)], mint)
    rest = of_lines(noted(on, one), [credit("b", 100)], mint)
    assert (taxes(one)["jct10"][0], taxes(rest)["jct10"][0]) == (first, second)


def test_a_quantity_is_credited_at_its_unit_price_and_the_last_one_with_the_rest() -> None:
    on = ground(line("a", 1_000, JCT10, quantity=Decimal(3), unit_amount=Decimal("333.4")))
    first = of_lines(on, [credit("a", quantity=2)], mint)
    assert (first[0].amount, first[0].quantity, first[0].unit_amount) == (667, 2, Decimal("333.4"))
    last = of_lines(noted(on, first), [credit("a", quantity=1)], mint)
    assert last[0].amount == 333
    assert total_of(first) + total_of(last) == 1_100


def test_a_line_without_a_unit_price_is_divided_by_its_quantity() -> None:
    on = ground(line("a", 1_000, quantity=Decimal(3)))
    assert of_lines(on, [credit("a", quantity=1)], mint)[0].amount == 333
    assert of_lines(on, [credit("a", quantity=2)], mint)[0].amount == 667


def test_a_discounted_line_is_credited_with_its_share_of_the_discount() -> None:
    """10 % off 9,999 is 1,000: of 3,333 it is 333, then 333, then 334."""
    tenth = Discount("di_1", 0, "co_1", "once", percent_off=Decimal(10))
    on = ground(line("a", 9_999, JCT10), discounts=(tenth,))
    assert on.invoice.total == 9_898
    found = []
    for _ in range(3):
        lines = of_lines(on, [credit("a", 3_333)], mint)
        on = noted(on, lines)
        found.append(
            (discounts_of(lines)[0].amount, subtotal_of(on.invoice, lines), total_of(lines))
        )
    assert found == [(333, 3_333, 3_300), (333, 3_333, 3_300), (334, 3_333, 3_298)]


def test_exact_taxes_are_credited_in_proportion() -> None:
    exact = (LineTax(777, 10_000, "jct10", inclusive=False),)
    on = ground(line("a", 10_000, exact_taxes=True, taxes=exact))
    first = of_lines(on, [credit("a", 3_333)], mint)
    assert taxes(first) == {"jct10": (258, 3_333)}
    rest = of_lines(noted(on, first), [credit("a", 6_667)], mint)
    assert taxes(rest) == {"jct10": (519, 6_667)}


def test_a_callers_own_tax_is_taken_as_it_is() -> None:
    own = [{"amount": 99, "tax_rate": "jct10", "taxable_amount": 1_000}]
    on = ground(line("a", 10_000, JCT10))
    lines = of_lines(on, [credit("a", 1_000, tax_amounts=own)], mint)
    assert taxes(lines) == {"jct10": (99, 1_000)}
    rest = of_lines(noted(on, lines), [credit("a", 9_000)], mint)
    assert taxes(rest) == {"jct10": (901, 9_000)}


def test_a_line_by_hand_has_its_own_rate() -> None:
    lines = of_lines(
        ground(line("a", 10_000, JCT10)), [by_hand(125, quantity=3, tax_rates=["jct8"])], mint
    )
    assert (lines[0].amount, lines[0].quantity) == (375, 3)
    assert taxes(lines) == {"jct8": (30, 375)}
    assert total_of(lines) == 405


def test_withheld_tax_is_credited_against_the_sign_of_the_rest() -> None:
    """100,000 at 10 % less 10,210 withheld: crediting both lines credits the 99,790 of the invoice."""
    on = ground(line("a", 100_000, JCT10), line("b", -10_210))
    lines = of_lines(on, [credit("a", 100_000), credit("b", -10_210)], mint)
    assert total_of(lines) == on.invoice.total == 99_790
    half = of_amount(on, 49_895, mint)
    assert [(each.amount, each.left) for each in half] == [(50_000, 50_000), (-5_105, -5_105)]


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        # 11,000 at 10 % and 5,400 at 8 % make 16,400.
        (16_400, {"jct10": (1_000, 10_000), "jct8": (400, 5_000)}),
        # 1,100 and 540: the shares contain 100 and 40 of tax.
        (1_640, {"jct10": (100, 1_000), "jct8": (40, 500)}),
        # 67.07 and 32.93 are 67 and 33; 67 × 10 / 110 = 6.09, 33 × 8 / 108 = 2.44.
        (100, {"jct10": (6, 61), "jct8": (2, 31)}),
        (1, {"jct10": (0, 1)}),
    ],
)
def test_an_amount_alone_is_spread_over_the_rates(
    amount: int, expected: dict[str, tuple[int, int]]
) -> None:
    on = ground(line("a", 10_000, JCT10), line("b", 5_000, JCT8))
    lines = of_amount(on, amount, mint)
    assert taxes(lines) == expected
    assert total_of(lines) == amount


def test_eleven_amounts_of_one_yen_contain_the_one_yen_of_tax() -> None:
    on = ground(line("a", 10_000, JCT10))
    for _ in range(11):
        on = noted(on, of_amount(on, 1, mint))
    assert [each.taxes[0].amount for each in on.credits()] == [0] * 10 + [1]


def test_an_amount_and_then_the_lines_add_up() -> None:
    on = ground(line("a", 10_000, JCT10))
    on = noted(on, of_amount(on, 1_100, mint))
    assert total_of(of_lines(on, [credit("a", 9_000)], mint)) == 9_900


# ── refused ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("entry", "refusal", "param"),
    [
        (credit("a", 10_001), CreditTooLarge, "lines[0][amount]"),
        (credit("a", 0), CreditTooLarge, "lines[0][amount]"),
        (credit("a", -1), CreditTooLarge, "lines[0][amount]"),
        (credit("a", quantity=3), CreditTooLarge, "lines[0][quantity]"),
        (credit("x", 1), ObjectMissing, "lines[0][invoice_line_item]"),
        (credit("a"), ParameterMissing, "lines[0][amount]"),
        (credit("a", 1, quantity=1), ParametersExclude, "lines[0][amount]"),
        (credit("a", 1, description="x"), ParameterNotAllowed, "lines[0][description]"),
        (credit("a", 1, unit_amount=1), ParameterNotAllowed, "lines[0][unit_amount]"),
        (credit("a", 1, tax_rates=["jct10"]), ParameterNotAllowed, "lines[0][tax_rates]"),
        (
            {"type": "invoice_line_item", "amount": 1},
            ParameterMissing,
            "lines[0][invoice_line_item]",
        ),
        (
            credit(
                "a", 1, tax_amounts=[{"amount": 1_001, "tax_rate": "jct10", "taxable_amount": 1}]
            ),
            CreditTooLarge,
            "lines[0][tax_amounts]",
        ),
        (
            credit("a", 1, tax_amounts=[{"amount": 1, "tax_rate": "txr_x", "taxable_amount": 1}]),
            ObjectMissing,
            "lines[0][tax_amounts][0][tax_rate]",
        ),
        (by_hand(1, amount=1), ParameterNotAllowed, "lines[0][amount]"),
        (by_hand(1, invoice_line_item="il_a"), ParameterNotAllowed, "lines[0][invoice_line_item]"),
        (by_hand(1, tax_rates=["txr_x"]), ObjectMissing, "lines[0][tax_rates]"),
        (by_hand(1, unit_amount_decimal=Decimal(1)), ParametersExclude, "lines[0][unit_amount]"),
        (
            {"type": "custom_line_item", "description": "x"},
            ParameterMissing,
            "lines[0][unit_amount]",
        ),
        ({"type": "custom_line_item", "unit_amount": 1}, ParameterMissing, "lines[0][description]"),
        (
            by_hand(
                1,
                tax_rates=["jct10"],
                tax_amounts=[{"amount": 1, "tax_rate": "jct10", "taxable_amount": 1}],
            ),
            ParametersExclude,
            "lines[0][tax_amounts]",
        ),
    ],
)
def test_a_line_that_cannot_be_credited_is_refused_by_name(
    entry: dict[str, Any], refusal: type[Refusal], param: str
) -> None:
    on = ground(line("a", 10_000, JCT10, quantity=Decimal(2)))
    with pytest.raises(refusal) as raised:
        of_lines(on, [entry], mint)
    assert type(raised.value) is refusal
    assert raised.value.param == param


def test_a_line_is_not_credited_twice_in_one_note_or_in_two() -> None:
    on = ground(line("a", 1_000), line("b", 1))
    with pytest.raises(CreditTooLarge, match="of its 1000 there is 400 left"):
        of_lines(on, [credit("a", 600), credit("a", 600)], mint)
    on = noted(on, of_lines(on, [credit("a", 600)], mint))
    with pytest.raises(CreditTooLarge, match="of its 1000 there is 400 left"):
        of_lines(on, [credit("a", 401)], mint)


# ── any sequence ───────────────────────────────────────────────────────────────────────────────

RATES = st.sampled_from([(), (JCT10,), (JCT8,), (IN10,), (JCT10, JCT8)])
INVOICES = st.lists(st.tuples(st.integers(1, 20_000), RATES, st.booleans()), min_size=1, max_size=4)
ROUNDINGS = st.sampled_from(["down", "half_up", "up"])
OFF = st.sampled_from([None, 7, 50])


def drawn(
    parts: list[tuple[int, tuple[TaxRate, ...], bool]], rounding: str, off: int | None
) -> Ground:
    """The invoice that was drawn; a True makes the taxes of its line exact."""
    lines = [
        line(
            str(place),
            amount,
            *(() if exact else rates),
            exact_taxes=exact,
            taxes=tuple(LineTax(amount // 7, amount, rate.id, rate.inclusive) for rate in rates)
            if exact
            else (),
        )
        for place, (amount, rates, exact) in enumerate(parts)
    ]
    discounts = (
        () if off is None else (Discount("di_1", 0, "co_1", "once", percent_off=Decimal(off)),)
    )
    return ground(*lines, rounding=rounding, discounts=discounts)


def left(on: Ground, each: Line) -> int:
    """What can still be credited of a line."""
    return each.amount - sum(c.amount for c in on.credits() if c.line_id == each.line_id)


@given(
    parts=INVOICES,
    rounding=ROUNDINGS,
    off=OFF,
    steps=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 20_000)), max_size=8),
)
def test_lines_credited_in_any_parts_add_up_to_the_invoice(
    parts: list[Any], rounding: str, off: int | None, steps: list[tuple[int, int]]
) -> None:
    on = drawn(parts, rounding, off)
    for place, amount in steps:
        each = on.lines[place % len(on.lines)]
        if amount <= left(on, each):
            lines = of_lines(on, [credit(str(place % len(on.lines)), amount)], mint)
            assert total_of(lines) >= 0
            assert all(tax.amount >= 0 for each in lines for tax in each.taxes)
            on = noted(on, lines)
    rest = [credit(str(i), left(on, each)) for i, each in enumerate(on.lines) if left(on, each)]
    if rest:
        on = noted(on, of_lines(on, rest, mint))
    whole = {tax.rate_id: tax.amount for tax in on.invoice.total_taxes}
    credited = {id: amount for id, (amount, _) in taxes(on.credits()).items()}
    assert credited == whole
    assert total_of(on.credits()) == on.invoice.total
    assert discounts_of(on.credits()) == tuple(
        each for each in on.invoice.total_discounts if each.amount or discounts_of(on.credits())
    )


@given(
    parts=INVOICES,
    rounding=ROUNDINGS,
    off=OFF,
    amounts=st.lists(st.integers(1, 30_000), max_size=8),
    voided=st.lists(st.integers(0, 7), max_size=3),
)
def test_amounts_alone_add_up_to_the_invoice_even_when_some_are_voided(
    parts: list[Any], rounding: str, off: int | None, amounts: list[int], voided: list[int]
) -> None:
    on = drawn(parts, rounding, off)
    for amount in amounts:
        most = on.invoice.total - total_of(on.credits())
        if amount <= most:
            lines = of_amount(on, amount, mint)
            assert total_of(lines) == amount
            on = noted(on, lines)
    for place in voided:
        if place < len(on.notes):
            on = replace(on, notes=on.notes[:place] + on.notes[place + 1 :])
    most = on.invoice.total - total_of(on.credits())
    if most:
        on = noted(on, of_amount(on, most, mint))
    whole = {tax.rate_id: tax.amount for tax in on.invoice.total_taxes}
    credited = {id: amount for id, (amount, _) in taxes(on.credits()).items()}
    assert {id: credited.get(id, 0) for id in whole} == whole
    assert total_of(on.credits()) == on.invoice.total


@given(
    parts=INVOICES,
    rounding=ROUNDINGS,
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("line"), st.integers(0, 3), st.integers(1, 20_000)),
            st.tuples(st.just("amount"), st.integers(0, 3), st.integers(1, 20_000)),
            st.tuples(st.just("hand"), st.integers(0, 3), st.integers(1, 20_000)),
            st.tuples(st.just("void"), st.integers(0, 7), st.just(0)),
        ),
        max_size=10,
    ),
)
def test_credits_of_all_kinds_have_no_negative_tax_and_say_what_they_come_to(
    parts: list[Any], rounding: str, steps: list[tuple[str, int, int]]
) -> None:
    on = drawn(parts, rounding, None)
    for kind, place, amount in steps:
        most = on.invoice.total - total_of(on.credits())
        lines: tuple[CreditLine, ...] = ()
        if kind == "void" and place < len(on.notes):
            on = replace(on, notes=on.notes[:place] + on.notes[place + 1 :])
        elif kind == "amount" and amount <= most:
            lines = of_amount(on, amount, mint)
            assert total_of(lines) == amount
        elif kind == "hand":
            rates = [rate.id for rate in (JCT10, JCT8, IN10)][: place % 2 + 1]
            lines = of_lines(on, [by_hand(amount, tax_rates=rates)], mint)
        elif kind == "line":
            each = on.lines[place % len(on.lines)]
            if amount <= left(on, each):
                lines = of_lines(on, [credit(str(place % len(on.lines)), amount)], mint)
        if kind in ("hand", "line"):
            assert all(tax.amount >= 0 for each in lines for tax in each.taxes)
        if lines and 0 < total_of(lines) <= most:
            on = noted(on, lines)
    assert 0 <= total_of(on.credits()) <= on.invoice.total
