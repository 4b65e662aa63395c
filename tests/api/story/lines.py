"""Lines: waiting items and lines of drafts, from prices, price data and amounts, with taxes."""

from typing import Any

from tests.api.recording import Recording
from tests.api.room import START, Room

PERIOD = {"period[start]": str(START), "period[end]": str(START + 86_400)}


def chapter(api: Recording, room: Room) -> None:
    """Everything that can be charged for, before it is an open invoice."""
    customer = api.customer(name="明細見本")
    product = api.post("/v1/products", name="保守")["id"]
    price = api.post("/v1/prices", product=product, currency="jpy", unit_amount="1000")["id"]
    rates = [
        api.post("/v1/tax_rates", display_name="消費税", percentage=percent, inclusive=inside)["id"]
        for percent, inside in (("10", "false"), ("8", "true"))
    ]
    _items(api, customer, product, price, rates)
    _lines(api, customer, product, price, rates)


def _items(api: Recording, customer: str, product: str, price: str, rates: list[str]) -> None:
    item = {
        "customer": customer,
        "pricing[price]": price,
        "tax_rates[]": rates[0],
        "description": "会費",
        "metadata[a]": "1",
        "quantity": "2",
        "discountable": "false",
        **PERIOD,
    }
    waiting = api.post_form("/v1/invoiceitems", item)["id"]
    change = {"description": "年会費", "quantity": "3", "metadata[b]": "2", "discountable": "true"}
    moved = {"period[start]": str(START + 1), "period[end]": str(START + 2)}
    api.post_form(f"/v1/invoiceitems/{waiting}", {**change, **moved, "tax_rates[]": rates[1]})
    data = _price_data("price_data", product) | {"quantity_decimal": "1.5", "customer": customer}
    api.post_form("/v1/invoiceitems", {**data, "currency": "jpy"})
    amount = {"amount": "-300", "currency": "jpy", "tax_behavior": "inclusive"}
    api.post_form("/v1/invoiceitems", {**amount, "customer": customer, "tax_code": "txcd_10000000"})
    gone = api.post("/v1/invoiceitems", customer=customer, amount="1", currency="jpy")["id"]
    api.post(f"/v1/invoiceitems/{gone}", amount="2", tax_behavior="exclusive")
    assert api.send("DELETE", f"/v1/invoiceitems/{gone}").status == 200
    draft = api.draft(customer)
    on_draft = api.post_form("/v1/invoiceitems", {**item, "invoice": draft})["id"]
    query = "expand[]=customer&expand[]=invoice&expand[]=pricing.price_details.price"
    api.get(f"/v1/invoiceitems/{on_draft}", query)


def _price_data(name: str, product: str) -> dict[str, str]:
    return {
        f"{name}[currency]": "jpy",
        f"{name}[product]": product,
        f"{name}[unit_amount_decimal]": "12.5",
        f"{name}[tax_behavior]": "exclusive",
    }


def _lines(api: Recording, customer: str, product: str, price: str, rates: list[str]) -> None:
    draft = api.draft(customer)
    path = f"/v1/invoices/{draft}"
    first: dict[str, Any] = {
        "lines[0][pricing][price]": price,
        "lines[0][quantity]": "2",
        "lines[0][tax_rates][]": rates[0],
        "lines[0][metadata][a]": "1",
        "lines[0][description]": "保守",
        "lines[0][discountable]": "false",
        "lines[0][period][start]": str(START),
        "lines[0][period][end]": str(START + 86_400),
        **_price_data("lines[1][price_data]", product),
        "lines[1][quantity_decimal]": "1.5",
        "lines[2][amount]": "500",
        "lines[2][description]": "値引前",
        "lines[2][tax_amounts][0][amount]": "50",
        "lines[2][tax_amounts][0][taxable_amount]": "500",
        "lines[2][tax_amounts][0][tax_rate_data][display_name]": "消費税",
        "lines[2][tax_amounts][0][tax_rate_data][inclusive]": "false",
        "lines[2][tax_amounts][0][tax_rate_data][percentage]": "10",
        "invoice_metadata[a]": "1",
    }
    lines = api.post_form(f"{path}/add_lines", first)["lines"]["data"]
    api.post_form(
        f"{path}/update_lines",
        {"lines[0][id]": lines[0]["id"], "lines[0][amount]": "700", "invoice_metadata[b]": "2"},
    )
    one = {"description": "保守 4月", "quantity": "4", "metadata[b]": "2", "discountable": "true"}
    api.post_form(f"{path}/lines/{lines[1]['id']}", {**one, **PERIOD, "tax_rates[]": rates[0]})
    removed = {"lines[0][id]": lines[2]["id"], "lines[0][behavior]": "delete"}
    api.post_form(f"{path}/remove_lines", {**removed, "invoice_metadata[c]": "3"})
    api.post_form(path, {"default_tax_rates[]": rates[1]})
    for number in range(10):
        api.line(draft, 100 + number)
    api.get(f"{path}/lines", "expand[]=data.pricing.price_details.price")
    api.post(f"{path}/finalize")
