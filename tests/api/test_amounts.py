"""Amounts over HTTP: how tax is rounded, decimal quantities, currencies of every kind, who waits for what."""

import pytest

from tests.api.room import Caller


def taxed(api: Caller, amount: int) -> str:
    """A draft of one line with 10 % on top."""
    rate = api.post("/v1/tax_rates", display_name="消費税", percentage=10, inclusive="false")["id"]
    form = {"customer": api.customer(None), "currency": "jpy", "default_tax_rates[0]": rate}
    draft: str = api.post_form("/v1/invoices", form)["id"]
    api.line(draft, amount)
    return draft


@pytest.mark.parametrize(("rounding", "total"), [("down", 104), ("half_up", 105), ("up", 105)])
def test_an_account_says_how_its_taxes_are_rounded(api: Caller, rounding: str, total: int) -> None:
    """95 and 9.5 of tax."""
    api.post_form("/v1/seikyu/settings", {"tax[rounding]": rounding})
    assert api.get(f"/v1/invoices/{taxed(api, 95)}")["total"] == total


def test_another_rounding_holds_from_the_next_edit_on(api: Caller) -> None:
    draft = taxed(api, 95)
    fixed = taxed(api, 95)
    api.post(f"/v1/invoices/{fixed}/finalize")
    api.post_form("/v1/seikyu/settings", {"tax[rounding]": "up"})
    assert api.get(f"/v1/invoices/{draft}")["total"] == 104
    api.line(draft, 0)
    assert api.get(f"/v1/invoices/{draft}")["total"] == 105
    assert api.get(f"/v1/invoices/{fixed}")["total"] == 104


def test_quantities_and_unit_amounts_have_twelve_decimals(api: Caller) -> None:
    customer = api.customer(None)
    draft = api.post("/v1/invoices", customer=customer, currency="jpy")["id"]
    form = {
        "invoice": draft,
        "customer": customer,
        "unit_amount_decimal": "0.000000000001",
        "quantity_decimal": "999999999999",
    }
    item = api.post_form("/v1/invoiceitems", form)
    assert (item["amount"], item["quantity_decimal"]) == (1, "999999999999")
    assert item["pricing"]["unit_amount_decimal"] == "0.000000000001"
    for name, value in (("quantity_decimal", "0.1234567890123"), ("unit_amount_decimal", "1e3")):
        reply = api.refused("/v1/invoiceitems", {**form, name: value})
        assert reply.error["param"] == name


@pytest.mark.parametrize(
    ("currency", "amount", "status"),
    [("jpy", 50, "open"), ("jpy", 49, "paid"), ("usd", 50, "open"), ("kwd", 1_234, "open")],
)
def test_every_kind_of_currency_is_invoiced_in_its_smallest_unit(
    api: Caller, currency: str, amount: int, status: str
) -> None:
    draft = api.post("/v1/invoices", customer=api.customer(None), currency=currency)["id"]
    api.post_form(f"/v1/invoices/{draft}/add_lines", {"lines[0][amount]": amount})
    fixed = api.post(f"/v1/invoices/{draft}/finalize")
    assert (fixed["status"], fixed["total"], fixed["currency"]) == (status, amount, currency)


def test_an_invoice_takes_up_what_waits_in_its_own_currency(api: Caller) -> None:
    customer = api.customer(None)
    for amount, currency in ((1_000, "jpy"), (20, "usd"), (300, "jpy")):
        api.post("/v1/invoiceitems", customer=customer, amount=amount, currency=currency)
    excluded = api.post("/v1/invoices", customer=customer, currency="usd")
    assert excluded["lines"]["total_count"] == 0
    taken = api.post(
        "/v1/invoices",
        customer=customer,
        currency="jpy",
        pending_invoice_items_behavior="include",
    )
    assert [line["amount"] for line in taken["lines"]["data"]] == [1_000, 300]
    waiting = api.get("/v1/invoiceitems", f"customer={customer}&pending=true")["data"]
    assert [item["amount"] for item in waiting] == [20]


def test_negative_lines_beside_a_discount_become_credit(api: Caller) -> None:
    """500 less 10 % is 450; less 800 is −350, which is the customer's from now on."""
    coupon = api.post("/v1/coupons", percent_off=10)["id"]
    customer = api.customer(None)
    draft = api.post("/v1/invoices", customer=customer, currency="jpy")["id"]
    form = {
        "lines[0][amount]": 500,
        "lines[0][discounts][0][coupon]": coupon,
        "lines[1][amount]": -800,
        "lines[1][period][start]": 1_772_323_200,
        "lines[1][period][end]": 1_774_915_200,
    }
    made = api.post_form(f"/v1/invoices/{draft}/add_lines", form)
    first, second = made["lines"]["data"]
    assert (first["discountable"], second["discountable"]) == (True, False)
    assert second["period"] == {"start": 1_772_323_200, "end": 1_774_915_200}
    assert (made["subtotal"], made["total"], made["amount_due"]) == (-350, -350, 0)
    fixed = api.post(f"/v1/invoices/{draft}/finalize")
    assert (fixed["status"], fixed["ending_balance"]) == ("paid", -350)
    assert api.get(f"/v1/customers/{customer}")["balance"] == -350
