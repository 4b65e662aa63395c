"""Tax is rounded once per rate per invoice, towards zero, and shared out to the lines exactly."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seikyu.engine.billing.catalogue import TaxRate
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.tax import LineTax, per_rate, with_taxes


def rate(id: str, percentage: str, *, inclusive: bool = False) -> TaxRate:
    """A tax rate of this many percent."""
    return TaxRate(id, 0, "消費税", Decimal(percentage), inclusive)


def line(amount: int, *rates: TaxRate, id: str = "ii_1") -> Line:
    """A line in yen with rates of its own."""
    return Line(id, 0, "cus_1", "jpy", amount, tax_rates=rates)


JCT10 = rate("jct10", "10")
JCT8 = rate("jct8", "8")
IN10 = rate("in10", "10", inclusive=True)
IN8 = rate("in8", "8", inclusive=True)


def sums(lines: tuple[Line, ...]) -> dict[str, tuple[int, int]]:
    """Tax and taxable amount of the invoice, by rate."""
    return {tax.rate_id: (tax.amount, tax.taxable_amount) for tax in per_rate(lines)}


def shares(lines: tuple[Line, ...]) -> list[list[int]]:
    """The taxes of each line."""
    return [[tax.amount for tax in line.taxes] for line in lines]


def test_three_lines_of_105_yen_owe_31_yen_and_not_three_times_10() -> None:
    taxed = with_taxes([line(105, JCT10)] * 3, ())
    assert sums(taxed) == {"jct10": (31, 315)}
    assert shares(taxed) == [[11], [10], [10]]


def test_ten_lines_of_9_yen_owe_9_yen_and_not_nothing() -> None:
    assert sums(with_taxes([line(9, JCT10)] * 10, ())) == {"jct10": (9, 90)}


def test_each_rate_is_rounded_for_itself() -> None:
    taxed = with_taxes([line(1_999, JCT10), line(1_111, JCT8), line(5, JCT10), line(14, JCT8)], ())
    assert sums(taxed) == {"jct10": (200, 2_004), "jct8": (90, 1_125)}
    assert shares(taxed) == [[200], [89], [0], [1]]


def test_tax_inside_the_price_is_taken_out_of_the_sum_once() -> None:
    """3 × 110 yen hold 30 yen; 2 × 107 yen hold 214 × 8 / 108 = 15.85, so 15."""
    taxed = with_taxes([line(110, IN10)] * 3 + [line(107, IN8)] * 2, ())
    assert sums(taxed) == {"in10": (30, 300), "in8": (15, 199)}
    assert shares(taxed) == [[10], [10], [10], [8], [7]]


def test_inside_and_on_top_stand_side_by_side() -> None:
    taxed = with_taxes([line(1_100, IN10), line(1_005, JCT10)], ())
    assert sums(taxed) == {"in10": (100, 1_000), "jct10": (100, 1_005)}


def test_two_taxes_inside_one_price_share_it() -> None:
    """118 yen hold 100 yen, 10 and 8."""
    assert sums(with_taxes([line(118, IN10, IN8)], ())) == {"in10": (10, 108), "in8": (8, 110)}


def test_a_rate_inside_alone_and_beside_another_is_still_rounded_once() -> None:
    """10 % of 110 is 10; beside 8 % it is 117 × 10 / 118 = 9.915…: 19.915… together, so 19."""
    taxed = with_taxes([line(110, IN10), line(117, IN10, IN8)], ())
    assert sums(taxed) == {"in10": (19, 208), "in8": (7, 110)}


@pytest.mark.parametrize(
    ("amounts", "tax"),
    [
        ((1_000, -300), 70),
        ((1_005, -300), 70),
        ((995, -1_000), 0),
        ((-105,), -10),
        ((-105, -105, -105), -31),
        ((0,), 0),
    ],
)
def test_negative_lines_take_tax_off_and_rounding_is_towards_zero(
    amounts: tuple[int, ...], tax: int
) -> None:
    taxed = with_taxes([line(amount, JCT10) for amount in amounts], ())
    assert sums(taxed) == {"jct10": (tax, sum(amounts))}


def test_default_rates_apply_to_lines_without_their_own() -> None:
    taxed = with_taxes([line(1_000), line(1_000, JCT8)], [JCT10])
    assert sums(taxed) == {"jct10": (100, 1_000), "jct8": (80, 1_000)}


def test_exact_taxes_are_left_as_the_caller_gave_them() -> None:
    given_tax = LineTax(77, 1_000, "jct10", inclusive=False)
    exact = Line(
        "ii_1", 0, "cus_1", "jpy", 1_000, exact_taxes=True, taxes=(given_tax,), tax_rates=()
    )
    taxed = with_taxes([exact, line(105, JCT10)], [JCT8])
    assert taxed[0].taxes == (given_tax,)
    assert sums(taxed) == {"jct10": (87, 1_105)}


def test_exact_taxes_stand_beside_rates_of_either_kind() -> None:
    """Only what the rates come to is rounded: 8 % of 999 on top, 10 % inside 1,100, and 77 as given."""
    given_tax = LineTax(77, 1_000, "jct10", inclusive=False)
    exact = Line("ii_1", 0, "cus_1", "jpy", 1_000, exact_taxes=True, taxes=(given_tax,))
    taxed = with_taxes([exact, line(999, JCT8), line(1_100, IN10)], [JCT10], "up")
    assert sums(taxed) == {"jct10": (77, 1_000), "jct8": (80, 999), "in10": (100, 1_000)}


def test_no_rate_means_no_tax() -> None:
    assert with_taxes([line(1_000)], ())[0].taxes == ()
    assert per_rate([line(1_000)]) == ()


AMOUNTS = st.integers(-10_000_000, 10_000_000)
RATES = st.sampled_from([(JCT10,), (JCT8,), (IN10,), (IN8,), (JCT10, JCT8), (IN10, IN8), ()])
LINES = st.lists(st.tuples(AMOUNTS, RATES), min_size=1, max_size=12)


def exact_tax(lines: list[tuple[int, tuple[TaxRate, ...]]], wanted: TaxRate) -> Fraction:
    """The tax of one rate on all lines, before rounding."""
    total = Fraction(0)
    for amount, rates in lines:
        inside = sum(Fraction(r.percentage) for r in rates if r.inclusive)
        if wanted in rates:
            whole = 100 + (inside if wanted.inclusive else 0)
            total += amount * Fraction(wanted.percentage) / whole
    return total


@given(LINES)
def test_shares_sum_to_the_tax_rounded_once(lines: list[tuple[int, tuple[TaxRate, ...]]]) -> None:
    taxed = with_taxes([line(amount, *rates) for amount, rates in lines], ())
    for wanted in (JCT10, JCT8, IN10, IN8):
        mine = [tax.amount for x in taxed for tax in x.taxes if tax.rate_id == wanted.id]
        exact = exact_tax(lines, wanted)
        assert sum(mine) == int(exact)  # int() drops the fraction: towards zero
        alone = [exact_tax([one], wanted) for one in lines if wanted in one[1]]
        assert all(abs(share - part) < 1 for share, part in zip(mine, alone, strict=True))


def half_up(exact: Fraction) -> int:
    """The nearest integer, halves away from zero."""
    nearest = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return nearest if exact >= 0 else -nearest


@given(LINES)
def test_every_way_of_rounding_rounds_once_and_shares_out_exactly(
    lines: list[tuple[int, tuple[TaxRate, ...]]],
) -> None:
    made = [line(amount, *rates) for amount, rates in lines]
    for wanted in (JCT10, JCT8, IN10, IN8):
        exact = exact_tax(lines, wanted)
        away = math.ceil(exact) if exact >= 0 else math.floor(exact)
        for rounding, tax in (("down", int(exact)), ("half_up", half_up(exact)), ("up", away)):
            taxed = with_taxes(made, (), rounding)
            shared = [t.amount for x in taxed for t in x.taxes if t.rate_id == wanted.id]
            assert sum(shared) == tax


@given(LINES, st.randoms(use_true_random=False))
def test_the_order_of_lines_never_changes_the_tax(
    lines: list[tuple[int, tuple[TaxRate, ...]]], chance: object
) -> None:
    shuffled = list(lines)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one = with_taxes([line(amount, *rates) for amount, rates in lines], ())
    other = with_taxes([line(amount, *rates) for amount, rates in shuffled], ())
    assert sums(one) == sums(other)
