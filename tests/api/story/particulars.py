"""Parameters that the other chapters have no use for, each sent once to see what comes of it."""

from tests.api.recording import Recording
from tests.api.room import START, Room
from tests.api.story.forms import CARD, PERSON, address


def chapter(api: Recording, room: Room) -> None:
    """One thing after another; nothing here depends on what the others did."""
    customer = api.customer(name="細目見本", email="saimoku@example.jp")
    product = api.post("/v1/products", name="細目")["id"]
    _payments(api)
    _cards(api)
    _prices(api, product)
    _lines(api, customer, product)
    _invoices(api, customer)
    _customers(api)
    _portal(api)
    _subscriptions(api, product)


def _payments(api: Recording) -> None:
    form = {"amount": "800", "currency": "jpy"}
    transfer = "payment_method_options[customer_balance]"
    konbini = "payment_method_options[konbini]"
    options = {
        f"{transfer}[bank_transfer][type]": "eu_bank_transfer",
        f"{transfer}[bank_transfer][eu_bank_transfer][country]": "DE",
        f"{transfer}[bank_transfer][requested_address_types][]": "iban",
        f"{transfer}[funding_type]": "bank_transfer",
        f"{transfer}[setup_future_usage]": "none",
        f"{konbini}[confirmation_number]": "12345678901",
        f"{konbini}[expires_after_days]": "5",
        f"{konbini}[product_description]": "細目商品",
        f"{konbini}[setup_future_usage]": "none",
        "payment_method_options[card][request_three_d_secure]": "any",
        "capture_method": "automatic",
        "confirmation_method": "manual",
        "automatic_payment_methods[enabled]": "true",
        "automatic_payment_methods[allow_redirects]": "never",
    }
    api.post_form("/v1/payment_intents", {**form, **options})
    moment = {f"{konbini}[expires_at]": str(START + 86_400)}
    api.post_form("/v1/payment_intents", {**form, **moment})
    described = {f"payment_method_data[{name}": value for name, value in _bracketed(CARD, PERSON)}
    described |= {
        "payment_method_data[allow_redisplay]": "limited",
        "payment_method_data[metadata][in_place]": "described",
        "payment_method_data[card][networks][preferred]": "visa",
        "payment_method_data[billing_details][tax_id]": "000.000.000-00",
    }
    paid = api.post_form("/v1/payment_intents", {**form, **described, "confirm": "true"})
    api.get(f"/v1/payment_methods/{paid['payment_method']}")


def _bracketed(*forms: dict[str, str]) -> list[tuple[str, str]]:
    """`card[number]` as it continues a bracket that is open: `card][number]`."""
    named = [(name, value) for form in forms for name, value in form.items()]
    return [(f"{name.replace('[', '][', 1)}{'' if '[' in name else ']'}", v) for name, v in named]


def _cards(api: Recording) -> None:
    made = api.post_form("/v1/payment_methods", {**CARD, "card[networks][preferred]": "visa"})
    api.post_form(f"/v1/payment_methods/{made['id']}", {"card[networks][preferred]": "mastercard"})


def _prices(api: Recording, product: str) -> None:
    exact = {
        "default_price_data[unit_amount_decimal]": "12.34",
        "default_price_data[currency]": "jpy",
    }
    made = api.post_form("/v1/products", {"name": "細目 二", "type": "good", **exact})["id"]
    price = api.post("/v1/prices", product=product, currency="jpy", unit_amount="77")["id"]
    api.post(f"/v1/products/{product}", default_price=price)
    assert api.get(f"/v1/products/{made}")["type"] == "good"
    named = {"product_data[name]": "細目 三", "product_data[id]": "prod_saimoku"}
    located = {"product_data[tax_details][performance_location]": "taxloc_sample"}
    api.post_form("/v1/prices", {"currency": "jpy", "unit_amount": "78", **named, **located})


def _lines(api: Recording, customer: str, product: str) -> None:
    waiting = api.post("/v1/invoiceitems", customer=customer, amount="300", currency="jpy")["id"]
    invoice = api.draft(customer)
    new = {
        "name": "明細の商品",
        "description": "その場で書いた商品",
        "images][": "https://www.example.com/2.png",
        "metadata][made": "in place",
        "tax_code": "txcd_20000000",
        "unit_label": "箱",
    }
    rate = {
        "display_name": "明細の税",
        "inclusive": "false",
        "percentage": "5.5",
        "country": "JP",
        "description": "その場で書いた税率",
        "jurisdiction": "東京",
        "jurisdiction_level": "city",
        "state": "神奈川県",
        "tax_type": "vat",
    }
    form = {
        "lines[0][invoice_item]": waiting,
        "lines[1][price_data][currency]": "jpy",
        "lines[1][price_data][unit_amount]": "4321",
        **{f"lines[1][price_data][product_data][{name}]": value for name, value in new.items()},
        "lines[2][amount]": "600",
        "lines[2][tax_amounts][0][amount]": "33",
        "lines[2][tax_amounts][0][taxable_amount]": "600",
        "lines[2][tax_amounts][0][taxability_reason]": "reduced_rated",
        **{f"lines[2][tax_amounts][0][tax_rate_data][{name}]": v for name, v in rate.items()},
    }
    api.post_form(f"/v1/invoices/{invoice}/add_lines", form)
    item = {"customer": customer, "currency": "jpy"}
    api.post_form("/v1/invoiceitems", {**item, "unit_amount_decimal": "3.25", "quantity": "4"})
    whole = {"price_data[unit_amount]": "55", "price_data[product]": product}
    api.post_form("/v1/invoiceitems", {**item, **whole, "price_data[currency]": "jpy"})


def _invoices(api: Recording, customer: str) -> None:
    transfer = "payment_settings[payment_method_options][customer_balance][bank_transfer]"
    form = {
        "collection_method": "send_invoice",
        "due_date": str(START + 40 * 86_400),
        "effective_at": str(START - 86_400),
        "automatic_tax[enabled]": "false",
        f"{transfer}[type]": "eu_bank_transfer",
        f"{transfer}[eu_bank_transfer][country]": "FR",
    }
    invoice = api.draft(customer, 900, **form)
    api.post(f"/v1/invoices/{invoice}/finalize")


def _customers(api: Recording) -> None:
    coupon = api.post("/v1/coupons", percent_off="3", duration="once")["id"]
    code = {"promotion[type]": "coupon", "promotion[coupon]": coupon}
    made = api.post_form("/v1/promotion_codes", code)["id"]
    customer = api.post("/v1/customers", name="符号見本", promotion_code=made)
    invoice = api.draft(customer["id"], **{"discounts[0][coupon]": coupon})
    there = api.get(f"/v1/invoices/{invoice}")["discounts"][0]
    api.post_form(f"/v1/invoices/{invoice}", {"discounts[0][discount]": there})


def _portal(api: Recording) -> None:
    cancel = "features[subscription_cancel]"
    form = {
        "features[customer_update][enabled]": "true",
        "features[customer_update][allowed_updates][]": "email",
        f"{cancel}[enabled]": "true",
        f"{cancel}[mode]": "at_period_end",
        f"{cancel}[proration_behavior]": "none",
        f"{cancel}[cancellation_reason][enabled]": "true",
        f"{cancel}[cancellation_reason][options][]": "unused",
        "features[invoice_history][enabled]": "true",
    }
    made = api.post_form("/v1/billing_portal/configurations", form)["id"]
    change = {f"{cancel}[cancellation_reason][options][]": "too_complex"}
    change |= {f"{cancel}[cancellation_reason][enabled]": "false"}
    api.post_form(f"/v1/billing_portal/configurations/{made}", change)


def _subscriptions(api: Recording, product: str) -> None:
    customer = api.customer(name="細目契約", email="saimoku2@example.jp", **address("address"))
    rate = api.post("/v1/tax_rates", display_name="税", percentage="7", inclusive="false")["id"]
    flat = api.post("/v1/prices", product=product, currency="jpy", unit_amount="919")["id"]
    data = {
        "items[0][price_data][currency]": "jpy",
        "items[0][price_data][product]": product,
        "items[0][price_data][recurring][interval]": "year",
        "items[0][price_data][unit_amount_decimal]": "1234.5",
        "items[0][price_data][tax_behavior]": "exclusive",
    }
    once = {
        "add_invoice_items[0][price_data][currency]": "jpy",
        "add_invoice_items[0][price_data][product]": product,
        "add_invoice_items[0][price_data][unit_amount_decimal]": "8.5",
        "add_invoice_items[0][price_data][tax_behavior]": "inclusive",
        "add_invoice_items[0][metadata][once]": "only",
        "add_invoice_items[0][discountable]": "false",
        "add_invoice_items[0][tax_rates][]": rate,
        "add_invoice_items[1][price]": flat,
    }
    anchor = {
        "billing_cycle_anchor_config[day_of_month]": "28",
        "billing_cycle_anchor_config[month]": "2",
    }
    form = {"customer": customer, **data, **once, **anchor}
    made = api.post_form("/v1/subscriptions", form)
    items = api.get("/v1/subscription_items", f"subscription={made['id']}")["data"]
    price = api.post_form(
        "/v1/prices",
        {
            "product": product,
            "currency": "jpy",
            "unit_amount": "2222",
            "recurring[interval]": "year",
        },
    )["id"]
    change = {"items[0][id]": items[0]["id"], "items[0][price]": price}
    api.post_form(f"/v1/subscriptions/{made['id']}", {**change, "proration_behavior": "none"})
    more = {"price_data[currency]": "jpy", "price_data[product]": product, "quantity": "1"}
    more |= {"price_data[recurring][interval]": "year", "price_data[unit_amount]": "3333"}
    api.post_form("/v1/subscription_items", {"subscription": made["id"], **more})
    api.get(f"/v1/invoices/{made['latest_invoice']}")
