"""A board document becomes the lines of a Stripe invoice, with board's tax to the yen."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seikyu.board.simulator.tax import rounded
from seikyu.board.words import LineKind, TaxRounding
from seikyu.connector.lines import DoesNotAddUp, lines_of, total_of
from seikyu.connector.tax import Taxable, split, taxes_of_lines
from tests.connector.making import document, line


def test_a_line_keeps_its_amount_and_carries_the_tax() -> None:
    (made,) = lines_of(document())
    assert (made.description, made.amount, made.board_line_no) == ("保守料", 100_000, 1)
    assert made.tax is not None
    assert (made.tax.amount, made.tax.taxable_amount) == (10_000, 100_000)
    assert (made.tax.percentage, made.tax.inclusive, made.tax.reduced) == ("10", False, False)


def test_tax_cut_off_once_per_rate_is_spread_over_the_lines_of_the_rate() -> None:
    # 10 %: 105 + 105 + 105 = 315 → 31; each line by itself would give 10, 10, 10. 8 %: 1,999 → 159.
    lines = [line("a", 105), line("b", 105), line("c", 105), line("d", 1_999, rate="8")]
    made = lines_of(document(*lines, total=2_314, tax=190))
    assert [one.tax.amount if one.tax else None for one in made] == [11, 10, 10, 159]
    assert [one.tax.percentage if one.tax else None for one in made] == ["10", "10", "10", "8"]
    assert made[3].tax is not None
    assert made[3].tax.reduced
    assert total_of(made) == 2_504


def test_lines_with_tax_inside_keep_their_price() -> None:
    # 10,999 x 3 + 5,000 = 37,997 with tax: 3,454 of it is tax (cut off), 34,543 is not.
    lines = [line("什器", 32_997, included=True), line("設置", 5_000, included=True)]
    made = lines_of(document(*lines, total=34_543, tax=3_454))
    assert [one.amount for one in made] == [32_997, 5_000]
    taxes = [one.tax for one in made if one.tax]
    assert [(tax.amount, tax.taxable_amount, tax.inclusive) for tax in taxes] == [
        (2_999, 29_998, True),
        (455, 4_545, True),
    ]
    assert total_of(made) == 37_997


def test_tax_inside_and_on_top_in_one_document_stay_apart() -> None:
    # On top: 1,000 → 100. Inside: 1,100 holds 100. Total without tax 2,000, tax 200.
    lines = [line("外税", 1_000), line("内税", 1_100, included=True)]
    made = lines_of(document(*lines, total=2_000, tax=200))
    assert [(one.tax.amount, one.tax.inclusive) for one in made if one.tax] == [
        (100, False),
        (100, True),
    ]
    assert total_of(made) == 2_200


def test_tax_that_was_overridden_in_board_is_taken_as_it_is() -> None:
    lines = [line("大", 90_000), line("小", 10_000)]
    made = lines_of(document(*lines, total=100_000, tax=9_990))
    assert [one.tax.amount if one.tax else None for one in made] == [8_991, 999]


def test_withholding_is_a_negative_line_without_tax() -> None:
    made = lines_of(document(withholding=10_210))
    assert (made[-1].description, made[-1].amount, made[-1].tax) == ("源泉所得税", -10_210, None)
    assert total_of(made) == 99_790


def test_a_discount_is_a_negative_line_with_negative_tax() -> None:
    made = lines_of(document(line("修正", 1_005), line("値引き", -200), total=805, tax=81))
    assert [one.tax.amount if one.tax else None for one in made] == [101, -20]


def test_lines_without_tax_have_none_and_notes_are_kept() -> None:
    lines = [
        line("立替金", 3_000, rate="0"),
        line("お支払いは期日までに", None, quantity=None),
    ]
    made = lines_of(document(*lines, total=3_000, tax=0))
    assert made[0].tax is not None
    assert (made[0].tax.amount, made[0].tax.percentage) == (0, "0")
    assert (made[1].description, made[1].amount, made[1].tax) == ("お支払いは期日までに", 0, None)


def test_a_heading_stands_before_the_lines_of_its_section() -> None:
    lines = [
        line("", None, quantity=None, kind=LineKind.HEADING, section="制作"),
        line("デザイン", 60_000),
        line("", None, quantity=None, kind=LineKind.SUBTOTAL, section="小計"),
        line("保守", 40_000),
    ]
    made = lines_of(document(*lines))
    assert [one.description for one in made] == ["【制作】 デザイン", "保守"]


@pytest.mark.parametrize(
    ("quantity", "unit", "unit_price", "expected"),
    [
        ("1", None, "8765", "作業"),
        ("1.5", "時間", "8765", "作業 （1.5時間 × 8,765）"),
        ("2.50", None, "1000.50", "作業 （2.5 × 1,000.5）"),
        ("1", "式", "13147", "作業 （1式 × 13,147）"),
        ("3", "台", None, "作業 （3台）"),
    ],
)
def test_quantity_unit_and_unit_price_are_told(
    quantity: str, unit: str | None, unit_price: str | None, expected: str
) -> None:
    one = line("作業", quantity=quantity, unit=unit, unit_price=unit_price)
    assert lines_of(document(one))[0].description == expected


def test_a_description_longer_than_stripe_takes_is_cut_with_a_sign() -> None:
    made = lines_of(document(line("長" * 600)))
    assert len(made[0].description) == 500
    assert made[0].description.endswith("…")


@pytest.mark.parametrize(
    ("lines", "total", "tax"),
    [
        ([line(price=99_999)], 100_000, 10_000),
        ([line(price=100_000, rate="0")], 100_000, 10_000),
        ([line(price=110_000, included=True)], 100_000, 12_000),
        ([line(price=110_000, included=True)], 99_000, 11_000),
    ],
)
def test_a_contradiction_is_refused(lines: list[object], total: int, tax: int) -> None:
    with pytest.raises(DoesNotAddUp):
        lines_of(document(*lines, total=total, tax=tax))  # type: ignore[arg-type]


RATES = st.sampled_from([Decimal(10), Decimal(8), Decimal(5), Decimal(0)])
TAXABLES = st.lists(
    st.builds(Taxable, st.integers(-500_000, 5_000_000), RATES, st.booleans()),
    min_size=1,
    max_size=12,
)


def board_figures(lines: list[Taxable], rounding: TaxRounding) -> tuple[int, int]:
    """Total without tax and tax as board computes them: once per rate, inside and on top apart."""
    tax = inside = 0
    for included in (False, True):
        for rate in {one.rate for one in lines if one.included is included}:
            base = sum(one.amount for one in lines if (one.rate, one.included) == (rate, included))
            percent = Fraction(rate)
            part = rounded(base * percent / (100 + percent if included else 100), rounding)
            tax += part
            inside += part if included else 0
    return sum(one.amount for one in lines) - inside, tax


@given(TAXABLES, st.sampled_from(TaxRounding))
def test_the_taxes_of_the_lines_sum_to_boards_tax_to_the_yen(
    lines: list[Taxable], rounding: TaxRounding
) -> None:
    total, tax = board_figures(lines, rounding)
    taxes = taxes_of_lines(lines, total, tax)
    assert sum(taxes) == tax
    on_top = sum(part for part, one in zip(taxes, lines, strict=True) if not one.included)
    assert sum(one.amount for one in lines) + on_top == total + tax
    assert all(part == 0 for part, one in zip(taxes, lines, strict=True) if one.rate == 0)


@given(TAXABLES, st.sampled_from(TaxRounding))
def test_each_rate_keeps_the_tax_that_board_computed_for_it(
    lines: list[Taxable], rounding: TaxRounding
) -> None:
    total, tax = board_figures(lines, rounding)
    taxes = taxes_of_lines(lines, total, tax)
    for included in (False, True):
        for rate in {one.rate for one in lines if one.included is included}:
            both = [
                (part, one.amount)
                for part, one in zip(taxes, lines, strict=True)
                if (one.rate, one.included) == (rate, included)
            ]
            percent = Fraction(rate)
            exact = (
                sum(amount for _, amount in both) * percent / (100 + percent if included else 100)
            )
            assert abs(sum(part for part, _ in both) - exact) <= 1


@given(
    st.integers(-10_000, 10_000),
    st.lists(st.fractions(-1_000, 1_000, max_denominator=50), min_size=1, max_size=8),
)
def test_a_split_always_sums_to_the_whole(whole: int, exact: list[Fraction]) -> None:
    if any(exact) or whole == 0:
        assert sum(split(whole, exact)) == whole
    else:
        with pytest.raises(DoesNotAddUp):
            split(whole, exact)
