"""Lines: what an amount is made of, whose prices and taxes they name, what is refused."""

from decimal import Decimal
from typing import Any

import pytest

from seikyu.engine.billing.catalogue import Price, Product, TaxRate
from seikyu.engine.billing.invoice import UpdateLines
from seikyu.engine.billing.line import Fresh, Line, Shelf, new_line
from seikyu.engine.billing.refusals import (
    AmountTooLarge,
    CurrencyDiffers,
    ObjectMissing,
    ParameterMissing,
    ParametersExclude,
)
from tests.billing.world import World, refused

SHELF = Shelf(
    prices={"price_1": Price("price_1", 0, "prod_1", "jpy", Decimal("1234.5"))},
    products={"prod_1": Product("prod_1", 0, 0, "月額保守")},
    tax_rates={"txr_1": TaxRate("txr_1", 0, "消費税", Decimal(10), False)},
)


def made(given: dict[str, Any], currency: str | None = "jpy", fresh: Fresh | None = None) -> Line:
    """A line of these parameters on an invoice in this currency."""
    return new_line(given, "cus_1", currency, SHELF, fresh or Fresh(), World().context())


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        ({"amount": 1_000}, 1_000),
        ({"amount": -1_000}, -1_000),
        ({"amount": 1_000, "quantity": 3}, 1_000),
        ({"unit_amount_decimal": "100", "quantity": 3}, 300),
        ({"unit_amount_decimal": "0.5"}, 1),
        ({"unit_amount_decimal": "0.4999"}, 0),
        ({"unit_amount_decimal": "1.5"}, 2),
        ({"unit_amount_decimal": "2.5"}, 3),
        ({"unit_amount_decimal": "-2.5"}, -3),
        ({"unit_amount_decimal": "100", "quantity_decimal": "0.125"}, 13),
        ({"unit_amount_decimal": "3333", "quantity_decimal": "1.5"}, 5_000),
        ({"unit_amount_decimal": "100", "quantity": 0}, 0),
        ({"unit_amount_decimal": "0.000000000001", "quantity": 999_999_999_999}, 1),
        ({"unit_amount_decimal": "0.5", "quantity_decimal": "0.999999999999"}, 0),
        (
            {"unit_amount_decimal": "999999.999999999999", "quantity_decimal": "1000.000000000001"},
            1_000_000_000,
        ),
        (
            {"unit_amount_decimal": "123456.789012345678", "quantity_decimal": "4050000.123456789"},
            500_000_010_742,  # …741.578747614678763907942
        ),
        ({"pricing": {"price": "price_1"}}, 1_235),
        ({"pricing": {"price": "price_1"}, "quantity": 2}, 2_469),
        ({"pricing": {"price": "price_1"}, "quantity_decimal": "0.1"}, 123),
    ],
)
def test_an_amount_is_given_or_unit_amount_times_quantity_half_up(
    given: dict[str, Any], amount: int
) -> None:
    assert made(given).amount == amount


@pytest.mark.parametrize(
    ("given", "refusal", "param"),
    [
        ({}, ParameterMissing, "amount"),
        ({"amount": 1, "unit_amount_decimal": "1"}, ParametersExclude, "amount"),
        ({"amount": 1, "pricing": {"price": "price_1"}}, ParametersExclude, "amount"),
        (
            {"unit_amount_decimal": "1", "quantity": 1, "quantity_decimal": "1"},
            ParametersExclude,
            "quantity",
        ),
        ({"pricing": {"price": "price_9"}}, ObjectMissing, "pricing[price]"),
        (
            {"price_data": {"currency": "jpy", "product": "prod_9", "unit_amount": 1}},
            ObjectMissing,
            "price_data[product]",
        ),
        (
            {"price_data": {"currency": "jpy", "unit_amount": 1}},
            ParameterMissing,
            "price_data[product]",
        ),
        ({"amount": 1, "tax_rates": ["txr_9"]}, ObjectMissing, "tax_rates"),
        ({"amount": 1, "currency": "usd"}, CurrencyDiffers, "currency"),
        ({"amount": 1_000_000_000_000}, AmountTooLarge, "amount"),
        ({"amount": -1_000_000_000_000}, AmountTooLarge, "amount"),
        ({"unit_amount_decimal": "999999999999.5"}, AmountTooLarge, "amount"),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_its_parameter(
    given: dict[str, Any], refusal: type[Exception], param: str
) -> None:
    with pytest.raises(refusal) as raised:
        made(given)
    assert raised.value.param == param  # type: ignore[attr-defined]


def test_the_largest_amount_is_allowed() -> None:
    assert made({"amount": 999_999_999_999}).amount == 999_999_999_999


def test_a_line_without_an_invoice_needs_a_currency() -> None:
    assert refused(lambda: made({"amount": 1}, None), ParameterMissing) == (
        "Missing required param: currency."
    )


def test_a_line_takes_its_name_from_its_price() -> None:
    assert made({"pricing": {"price": "price_1"}}).description == "月額保守"
    assert made({"pricing": {"price": "price_1"}, "description": "3月分"}).description == "3月分"


def test_an_inline_price_brings_a_price_and_its_product() -> None:
    fresh = Fresh()
    line = made(
        {
            "price_data": {
                "currency": "jpy",
                "product_data": {"name": "出張費"},
                "unit_amount_decimal": "1200",
            },
            "quantity": 2,
        },
        fresh=fresh,
    )
    assert (line.amount, line.unit_amount) == (2_400, Decimal(1200))
    assert [a.type for a in fresh.announcements] == ["product.created", "price.created"]
    product, price = fresh.saves
    assert (product.name, price.active, price.product_id) == ("出張費", False, product.id)  # type: ignore[attr-defined]
    assert (line.price_id, line.product_id) == (price.id, product.id)


def tax_amount(**data: Any) -> dict[str, Any]:
    """Tax of 77 yen on 1,000, of a rate described in place."""
    described = {"display_name": "消費税", "inclusive": False, "percentage": "10", **data}
    return {"amount": 77, "taxable_amount": 1_000, "tax_rate_data": described}


def test_exact_taxes_use_the_known_rate_that_is_equal() -> None:
    line = made({"amount": 1_000, "tax_amounts": [tax_amount()]})
    (tax,) = line.taxes
    assert (tax.rate_id, tax.amount, tax.taxable_amount) == ("txr_1", 77, 1_000)
    assert line.exact_taxes


@pytest.mark.parametrize(
    "other", [{"percentage": "8"}, {"inclusive": True}, {"country": "JP"}, {"display_name": "VAT"}]
)
def test_exact_taxes_of_another_rate_make_it_once(other: dict[str, Any]) -> None:
    fresh = Fresh()
    for _ in range(2):
        line = made({"amount": 1_000, "tax_amounts": [tax_amount(**other)]}, fresh=fresh)
    assert [a.type for a in fresh.announcements] == ["tax_rate.created"]
    assert line.taxes[0].rate_id == fresh.saves[0].id


def test_rates_and_exact_taxes_replace_each_other() -> None:
    world = World(shelf=SHELF)
    invoice = world.draft()
    world.item(1_000, invoice=invoice.id, tax_amounts=[tax_amount()])
    assert world.get(invoice.id).total == 1_077
    line = world.lines(invoice.id)[0]
    world.run(UpdateLines(({"id": line.line_id, "tax_rates": ["txr_1"]},)), invoice)
    assert world.get(invoice.id).total == 1_100
    world.run(UpdateLines(({"id": line.line_id, "tax_rates": None},)), invoice)
    assert world.get(invoice.id).total == 1_000
