"""What discounts take off: tables with the yen written out, and sums that agree for any lines."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seikyu.engine.billing.catalogue import TaxRate
from seikyu.engine.billing.discount import Discount, left_of, running, with_discounts
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.totalling import totalled
from tests.billing.world import MARCH

TEN = TaxRate("txr_10", MARCH, "消費税", Decimal(10), inclusive=False)
EIGHT = TaxRate("txr_8", MARCH, "軽減税率", Decimal(8), inclusive=False)
INSIDE = TaxRate("txr_in", MARCH, "内税", Decimal(10), inclusive=True)


def line(amount: int, **fields: object) -> Line:
    return Line(f"ii_{amount}", MARCH, "cus_1", "jpy", amount, **fields)  # type: ignore[arg-type]


def percent(value: str, id: str = "di_p", **fields: object) -> Discount:
    terms = {"percent_off": Decimal(value), **fields}
    return Discount(id, MARCH, "HALF", "once", **terms)  # type: ignore[arg-type]


def off(amount: int, id: str = "di_a", currency: str = "jpy", **fields: object) -> Discount:
    return Discount(id, MARCH, "OFF", "once", amounts={currency: amount}, **fields)  # type: ignore[arg-type]


def taken(lines: list[Line], *discounts: Discount) -> list[list[int]]:
    """What is taken off each line, by discount in the order applied."""
    found, _ = with_discounts(lines, discounts, "jpy")
    return [[one.amount for one in each.discount_amounts] for each in found]


def sums(lines: list[Line], *discounts: Discount) -> list[int]:
    return [one.amount for one in with_discounts(lines, discounts, "jpy")[1]]


@pytest.mark.parametrize(
    ("amounts", "discount", "shares"),
    [
        ([10_000], percent("10"), [1_000]),
        ([999], percent("12.5"), [125]),  # 124.875
        ([4], percent("12.5"), [1]),  # 0.5 is rounded up
        ([333, 333, 334], percent("10"), [33, 33, 34]),  # 100: 33.3, 33.3, 33.4
        ([335, 335, 335], percent("10"), [34, 34, 33]),  # 100.5 → 101: the first two get the rest
        ([1, 1, 1], percent("50"), [1, 1, 0]),  # 1.5 → 2
        ([100, 50], percent("100"), [100, 50]),
        ([1_000, 2_000], percent("0.0001"), [0, 0]),
        ([100, 200, 300], off(100), [17, 33, 50]),  # 16.67, 33.33, 50
        ([1, 1, 1], off(2), [1, 1, 0]),
        ([300], off(1_000), [300]),
        ([0, 300], off(100), [0, 100]),
        ([0], off(100), [0]),
        ([1_000], off(100, currency="usd"), [0]),
    ],
)
def test_an_invoices_discount_is_shared_out_by_largest_remainder(
    amounts: list[int], discount: Discount, shares: list[int]
) -> None:
    lines = [line(amount) for amount in amounts]
    assert [one[0] for one in taken(lines, discount)] == shares
    assert sums(lines, discount) == [sum(shares)]


def test_each_discount_is_of_what_those_before_it_left() -> None:
    lines = [line(7_000), line(3_000)]
    assert sums(lines, percent("10"), off(500), percent("50", "di_3")) == [1_000, 500, 4_250]
    assert sums(lines, percent("50", "di_3"), off(500), percent("10")) == [5_000, 500, 450]


def test_a_lines_own_discounts_come_first() -> None:
    own = line(5_000, discounts=(off(1_000, "di_l"), percent("50", "di_l2")))
    assert taken([own, line(2_000)], percent("25")) == [[1_000, 2_000, 500], [500]]
    assert sums([own, line(2_000)], percent("25")) == [1_000, 2_000, 1_000]


def test_a_lines_own_amount_takes_no_more_than_the_line() -> None:
    assert taken([line(300, discounts=(off(1_000),))]) == [[300]]


def test_a_discount_that_is_on_the_line_itself_is_not_taken_off_it_twice() -> None:
    both = percent("10")
    assert taken([line(1_000, discounts=(both,)), line(1_000)], both) == [[100], [100]]
    assert sums([line(1_000, discounts=(both,)), line(1_000)], both) == [200]


def test_negative_lines_take_no_part_unless_they_are_said_to() -> None:
    assert taken([line(1_000), line(-200)], percent("10")) == [[100], []]
    credit = line(-200, details={"discountable": True})
    assert taken([line(1_000), credit], percent("10")) == [[100], [-20]]
    assert taken([line(1_000), credit], off(900)) == [[800], [0]]


def test_a_line_may_be_kept_out() -> None:
    kept_out = line(1_000, details={"discountable": False}, discounts=(percent("50"),))
    assert taken([kept_out, line(500)], off(900)) == [[], [500]]


def test_an_invoices_discount_never_takes_more_than_is_left_of_the_invoice() -> None:
    """1,000 less 800 leaves 200: that is all there is to take off."""
    assert taken([line(1_000), line(-800)], off(500)) == [[200], []]
    assert taken([line(1_000), line(-800)], percent("100")) == [[200], []]
    assert taken([line(100), line(-800)], percent("50")) == [[0], []]


def test_a_coupon_for_products_is_for_their_lines() -> None:
    lines = [line(1_000, product_id="prod_1"), line(1_000, product_id="prod_2"), line(1_000)]
    assert taken(lines, off(1_500, products=("prod_1",))) == [[1_000], [], []]
    assert taken([line(1_000, discounts=(percent("50", products=("prod_1",)),))]) == [[0]]


def test_nothing_is_taken_off_below_the_minimum_of_a_promotion_code() -> None:
    code = percent("10", minimums={"jpy": 3_000})
    assert sums([line(2_999)], code) == [0]
    assert sums([line(3_000)], code) == [300]


def test_taxes_are_of_what_is_left_and_rounded_once_per_rate() -> None:
    """10 %: 1,998 − 200 = 1,798 → 179. 8 %: 999 − 100 = 899 → 71. Not a yen is rounded by line."""
    lines = [
        Line(f"ii_{n}", MARCH, "cus_1", "jpy", 999, tax_rates=(rate,))
        for n, rate in enumerate((TEN, TEN, EIGHT))
    ]
    draft = Invoice("in_1", MARCH, "cus_1", "jpy", "key", discounts=(percent("10"),))
    lines_after, invoice = totalled(draft, lines, None)
    assert [one.amount for one in invoice.total_discounts] == [300]
    assert [[d.amount for d in x.discount_amounts] for x in lines_after] == [[100], [100], [100]]
    assert [(t.amount, t.taxable_amount) for t in invoice.total_taxes] == [(179, 1_798), (71, 899)]
    assert (invoice.subtotal, invoice.total_excluding_tax, invoice.total) == (2_997, 2_697, 2_947)


def test_tax_inside_is_of_what_is_left_and_the_subtotal_keeps_its_own() -> None:
    """1,100 has 100 inside; after 10 % off 990 has 90."""
    inside = line(1_100, tax_rates=(INSIDE,))
    draft = Invoice("in_1", MARCH, "cus_1", "jpy", "key", discounts=(percent("10"),))
    _, invoice = totalled(draft, [inside], None)
    assert (invoice.subtotal, invoice.subtotal_excluding_tax) == (1_100, 1_000)
    assert (invoice.total, invoice.total_excluding_tax) == (990, 900)
    own = line(1_100, tax_rates=(INSIDE,), discounts=(percent("10"),))
    _, invoice = totalled(Invoice("in_1", MARCH, "cus_1", "jpy", "key"), [own], None)
    assert (invoice.subtotal, invoice.subtotal_excluding_tax) == (990, 900)


@pytest.mark.parametrize(
    ("rounding", "tax", "credit"), [("down", 9, -9), ("half_up", 10, -10), ("up", 10, -10)]
)
def test_an_account_chooses_how_tax_is_rounded(rounding: str, tax: int, credit: int) -> None:
    """10 % of 95 is 9.5; of a credit it is the same the other way."""
    draft = Invoice("in_1", MARCH, "cus_1", "jpy", "key", default_rates=(TEN,))
    assert totalled(draft, [line(95)], None, rounding)[1].total_taxes[0].amount == tax
    assert totalled(draft, [line(-95)], None, rounding)[1].total_taxes[0].amount == credit


@pytest.mark.parametrize(("rounding", "tax"), [("down", 9), ("half_up", 9), ("up", 10)])
def test_up_is_further_than_half_up(rounding: str, tax: int) -> None:
    draft = Invoice("in_1", MARCH, "cus_1", "jpy", "key", default_rates=(TEN,))
    lines, invoice = totalled(draft, [line(30), line(31), line(30)], None, rounding)
    assert invoice.total_taxes[0].amount == tax  # 9.1
    assert sum(each.taxes[0].amount for each in lines) == tax


def test_a_discount_that_is_over_is_running_no_more() -> None:
    ends = percent("10", end=MARCH + 10)
    assert running((ends,), MARCH + 9) == (ends,)
    assert running((ends,), MARCH + 10) == ()
    assert running((percent("10", removed=True),), MARCH) == ()


# ── sums agree, whatever the lines ─────────────────────────────────────────────────────────────

AMOUNTS = st.integers(-100_000, 10_000_000)
PERCENTS = st.decimals("0.0001", "100", places=4)
DISCOUNTS = st.one_of(
    st.builds(lambda p, n: percent(str(p), f"di_p{n}"), PERCENTS, st.integers(0, 99)),
    st.builds(lambda a, n: off(a, f"di_a{n}"), st.integers(1, 5_000_000), st.integers(0, 99)),
)


def distinct(discounts: list[Discount]) -> tuple[Discount, ...]:
    return tuple({discount.id: discount for discount in discounts}.values())


@st.composite
def lines_with_discounts(draw: st.DrawFn) -> list[Line]:
    count = draw(st.integers(1, 8))
    return [
        Line(
            f"ii_{n}",
            MARCH,
            "cus_1",
            "jpy",
            draw(AMOUNTS),
            discounts=distinct(draw(st.lists(DISCOUNTS, max_size=2))),
            tax_rates=draw(st.sampled_from([(), (TEN,), (EIGHT,), (INSIDE,), (TEN, EIGHT)])),
            details=draw(st.sampled_from([{}, {"discountable": True}, {"discountable": False}])),
        )
        for n in range(count)
    ]


@given(lines_with_discounts(), st.lists(DISCOUNTS, max_size=3))
def test_the_sums_of_any_invoice_agree(lines: list[Line], stacked: list[Discount]) -> None:
    draft = Invoice("in_1", MARCH, "cus_1", "jpy", "key", discounts=distinct(stacked))
    after, invoice = totalled(draft, lines, None)
    by_discount: dict[str, int] = {}
    for each in after:
        for one in each.discount_amounts:
            by_discount[one.discount_id] = by_discount.get(one.discount_id, 0) + one.amount
        if each.amount >= 0:
            assert 0 <= left_of(each) <= each.amount
        else:
            assert each.amount <= left_of(each) <= 0
    totals = {one.discount_id: one.amount for one in invoice.total_discounts}
    assert {id: by_discount.get(id, 0) for id in totals} == totals
    assert set(by_discount) <= set(totals)
    gross = sum(each.amount for each in lines)
    taxes = sum(tax.amount for tax in invoice.total_taxes)
    outside = sum(tax.amount for tax in invoice.total_taxes if not tax.inclusive)
    assert invoice.total == gross - sum(totals.values()) + outside
    assert invoice.total_excluding_tax == invoice.total - taxes
    assert sum(tax.amount for each in after for tax in each.taxes) == taxes


@given(lines_with_discounts(), st.lists(DISCOUNTS, max_size=3))
def test_totalling_twice_changes_nothing(lines: list[Line], stacked: list[Discount]) -> None:
    draft = Invoice("in_1", MARCH, "cus_1", "jpy", "key", discounts=distinct(stacked))
    after, invoice = totalled(draft, lines, None)
    assert totalled(invoice, after, None) == (after, invoice)
