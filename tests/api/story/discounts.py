"""Coupons, promotion codes, and the discounts that they become."""

from tests.api.recording import Recording
from tests.api.room import START, Room

COUPON = {"name": "春の割引", "metadata[a]": "1"}


def chapter(api: Recording, room: Room) -> None:
    """Create, redeem, change, end."""
    customer = api.customer(name="割引見本", email="waribiki@example.jp")
    product = api.post("/v1/products", name="対象商品")["id"]
    tenth = {**COUPON, "percent_off": "10.5", "duration": "repeating", "duration_in_months": "3"}
    bounded = {
        "id": "SPRING",
        "max_redemptions": "5",
        "redeem_by": str(START + 90 * 86_400),
        "applies_to[products][]": product,
    }
    spring = api.post_form("/v1/coupons", {**tenth, **bounded})["id"]
    amount = {"amount_off": "500", "currency": "jpy", "currency_options[usd][amount_off]": "400"}
    fixed = api.post_form("/v1/coupons", {**COUPON, **amount, "duration": "forever"})["id"]
    change = {"name": "夏の割引", "metadata[b]": "2", "currency_options[eur][amount_off]": "300"}
    api.post_form(f"/v1/coupons/{fixed}", change)
    api.get(f"/v1/coupons/{spring}", "expand[]=applies_to&expand[]=currency_options")
    api.get(f"/v1/coupons/{fixed}", "expand[]=applies_to&expand[]=currency_options")
    code = _code(api, customer, fixed)
    _redeemed(api, customer, product, spring, code)
    with_one = api.post("/v1/customers", name="会員見本", coupon=fixed)["id"]
    api.get(f"/v1/customers/{with_one}", "expand[]=discount.source.coupon")
    assert api.send("DELETE", f"/v1/customers/{with_one}/discount").status == 200
    _subscribed(api, customer, product, fixed)
    gone = api.post("/v1/coupons", percent_off="5", duration="once")["id"]
    assert api.send("DELETE", f"/v1/coupons/{gone}").status == 200


def _code(api: Recording, customer: str, coupon: str) -> str:
    form = {
        "promotion[type]": "coupon",
        "promotion[coupon]": coupon,
        "code": "NATSU",
        "active": "true",
        "customer": customer,
        "expires_at": str(START + 60 * 86_400),
        "max_redemptions": "3",
        "metadata[a]": "1",
        "restrictions[minimum_amount]": "1000",
        "restrictions[minimum_amount_currency]": "jpy",
        "restrictions[currency_options][usd][minimum_amount]": "900",
    }
    made = api.post_form("/v1/promotion_codes", form)["id"]
    more = {"metadata[b]": "2", "restrictions[currency_options][eur][minimum_amount]": "800"}
    api.post_form(f"/v1/promotion_codes/{made}", more)
    api.get(f"/v1/promotion_codes/{made}", "expand[]=promotion.coupon&expand[]=customer")
    first = {"restrictions[first_time_transaction]": "true", "promotion[coupon]": coupon}
    other = api.post_form("/v1/promotion_codes", {**first, "promotion[type]": "coupon"})["id"]
    api.post(f"/v1/promotion_codes/{other}", active="false")
    return str(made)


def _redeemed(api: Recording, customer: str, product: str, coupon: str, code: str) -> None:
    price = api.post("/v1/prices", product=product, currency="jpy", unit_amount="5000")["id"]
    invoice = api.draft(customer, discounts="")
    path = f"/v1/invoices/{invoice}"
    line = {"lines[0][pricing][price]": price, "lines[0][discounts][0][coupon]": coupon}
    api.post_form(f"{path}/add_lines", line)
    api.post_form(path, {"discounts[0][promotion_code]": code})
    names = ("discounts", "discounts.source.coupon", "lines.data.discounts")
    api.get(path, "&".join(f"expand[]={name}" for name in names))
    api.post(f"{path}/finalize")
    item = {"customer": customer, "amount": "900", "currency": "jpy"}
    api.post_form("/v1/invoiceitems", {**item, "discounts[0][coupon]": "SPRING"})


def _subscribed(api: Recording, customer: str, product: str, coupon: str) -> None:
    monthly = {"product": product, "currency": "jpy", "recurring[interval]": "month"}
    price = api.post_form("/v1/prices", {**monthly, "unit_amount": "2000"})["id"]
    form = {"customer": customer, "items[0][price]": price, "discounts[0][coupon]": coupon}
    path = f"/v1/subscriptions/{api.post_form('/v1/subscriptions', form)['id']}"
    (discount,) = api.get(path)["discounts"]
    form = {"discounts[0][discount]": discount, "discounts[1][coupon]": "SPRING"}
    api.post_form(path, form)
    api.get(path, "expand[]=discounts")
    assert api.send("DELETE", f"{path}/discount").status == 200
