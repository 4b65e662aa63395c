"""Products, prices of every billing scheme that is served, tax rates."""

from tests.api.recording import Recording
from tests.api.room import Room

PRODUCT = {
    "name": "会費",
    "description": "年会費",
    "metadata[a]": "1",
    "url": "https://www.example.com",
    "unit_label": "席",
    "statement_descriptor": "SAMPLE",
    "images[]": "https://www.example.com/1.png",
    "tax_code": "txcd_10000000",
    "marketing_features[0][name]": "一年間有効",
    "package_dimensions[height]": "1.5",
    "package_dimensions[length]": "2",
    "package_dimensions[weight]": "3",
    "package_dimensions[width]": "4",
    "shippable": "true",
    "tax_details[tax_code]": "txcd_10000000",
    "active": "true",
}
PRICE = {
    "currency": "jpy",
    "nickname": "定価",
    "tax_behavior": "exclusive",
    "metadata[a]": "1",
    "active": "true",
}
RATE = {
    "display_name": "消費税",
    "country": "JP",
    "state": "東京都",
    "description": "標準税率",
    "jurisdiction": "JP",
    "tax_type": "jct",
    "metadata[a]": "1",
    "active": "true",
}


def chapter(api: Recording, room: Room) -> None:
    """Create, change and delete what is sold."""
    product = _products(api)
    _prices(api, product)
    rate = api.post_form("/v1/tax_rates", {**RATE, "percentage": "10", "inclusive": "false"})
    api.post_form("/v1/tax_rates", {**RATE, "percentage": "8", "inclusive": "true"})
    change = {**RATE, "display_name": "軽減税率", "description": "軽減", "metadata[b]": "2"}
    api.post_form(f"/v1/tax_rates/{rate['id']}", {**change, "active": "false", "state": "大阪府"})


def _products(api: Recording) -> str:
    price = {
        "default_price_data[currency]": "jpy",
        "default_price_data[unit_amount]": "1000",
        "default_price_data[tax_behavior]": "inclusive",
        "default_price_data[recurring][interval]": "month",
        "default_price_data[metadata][a]": "1",
    }
    product: str = api.post_form("/v1/products", {**PRODUCT, **price})["id"]
    change = {**PRODUCT, "name": "年会費", "active": "false", "metadata[b]": "2"}
    api.post_form(f"/v1/products/{product}", change)
    api.post(f"/v1/products/{product}", active="true")
    api.get(f"/v1/products/{product}", "expand[]=default_price")
    gone = api.post("/v1/products", name="廃番", id="prod_gone")["id"]
    assert api.send("DELETE", f"/v1/products/{gone}").status == 200
    return product


def _prices(api: Recording, product: str) -> None:
    once = {**PRICE, "product": product, "unit_amount": "1000", "lookup_key": "fee"}
    price = api.post_form("/v1/prices", once)["id"]
    change = {"nickname": "値引き", "metadata[b]": "2", "lookup_key": "fee-2", "active": "false"}
    api.post_form(f"/v1/prices/{price}", {**change, "tax_behavior": "exclusive"})
    monthly = {
        "product": product,
        "unit_amount_decimal": "0.5",
        "recurring[interval]": "month",
        "recurring[interval_count]": "3",
        "recurring[trial_period_days]": "14",
        "recurring[usage_type]": "licensed",
        "billing_scheme": "per_unit",
        "transfer_lookup_key": "true",
        "lookup_key": "fee-2",
    }
    taken = api.post_form("/v1/prices", {**PRICE, **monthly})["id"]
    packs = {
        "unit_amount": "300",
        "transform_quantity[divide_by]": "10",
        "transform_quantity[round]": "up",
        "product_data[name]": "用紙",
        "product_data[unit_label]": "枚",
        "product_data[statement_descriptor]": "PAPER",
        "product_data[tax_code]": "txcd_10000000",
        "product_data[active]": "true",
        "product_data[metadata][a]": "1",
    }
    api.post_form("/v1/prices", {**PRICE, **packs})
    named = ("currency_options", "tiers", "product")
    api.get(f"/v1/prices/{taken}", "&".join(f"expand[]={name}" for name in named))
