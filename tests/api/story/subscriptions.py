"""Subscriptions: begun with a trial, changed, paused, ended; their items and the invoices that they make."""

from tests.api.recording import Recording
from tests.api.room import START, Room

FULL = {
    "description": "保守契約",
    "metadata[a]": "1",
    "proration_behavior": "create_prorations",
    "off_session": "true",
    "invoice_settings[description]": "毎月の保守",
    "invoice_settings[footer]": "よろしくお願いいたします",
    "invoice_settings[issuer][type]": "self",
    "invoice_settings[custom_fields][0][name]": "契約番号",
    "invoice_settings[custom_fields][0][value]": "1",
    "payment_settings[payment_method_types][]": "card",
    "payment_settings[payment_method_options][card][request_three_d_secure]": "any",
    "payment_settings[payment_method_options][card][network]": "visa",
    "payment_settings[save_default_payment_method]": "on_subscription",
    "trial_settings[end_behavior][missing_payment_method]": "pause",
}


def chapter(api: Recording, room: Room) -> None:
    """A year of them on a test clock."""
    clock = api.post("/v1/test_helpers/test_clocks", frozen_time=START, name="契約")["id"]
    customer = api.customer(name="契約見本", email="keiyaku@example.jp", test_clock=clock)
    product = api.post("/v1/products", name="保守契約")["id"]
    rate = api.post("/v1/tax_rates", display_name="消費税", percentage="10", inclusive="false")[
        "id"
    ]
    monthly = {"product": product, "currency": "jpy", "recurring[interval]": "month"}
    prices = [
        api.post_form("/v1/prices", {**monthly, "unit_amount": amount})["id"]
        for amount in ("1000", "3000")
    ]
    first = _begun(api, customer, prices[0], rate)
    _changed(api, first, prices[1], rate)
    _with_trial(api, customer, prices[0])
    bare = api.customer(None, name="無札見本", email="mufuda@example.jp", test_clock=clock)
    rule = {"trial_settings[end_behavior][missing_payment_method]": "pause"}
    paused = {"customer": bare, "items[0][price]": prices[0], "trial_period_days": "1", **rule}
    waiting = api.post_form("/v1/subscriptions", paused)["id"]
    failing = api.customer("pm_card_chargeCustomerFail", name="滞納見本", test_clock=clock)
    for behavior in ("default_incomplete", "allow_incomplete"):
        form = {"customer": failing, "items[0][price]": prices[0], "payment_behavior": behavior}
        api.post_form("/v1/subscriptions", form)
    api.post(f"/v1/test_helpers/test_clocks/{clock}/advance", frozen_time=START + 70 * 86_400)
    room.drain()
    _resumed(api, waiting, bare)
    reason = {"cancellation_details[comment]": "見本", "cancellation_details[feedback]": "other"}
    api.post_form(f"/v1/subscriptions/{first}", reason)
    ended = api.send("DELETE", f"/v1/subscriptions/{first}", query="invoice_now=true&prorate=true")
    assert ended.status == 200, ended.body


def _begun(api: Recording, customer: str, price: str, rate: str) -> str:
    method = api.get(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"]
    form = {
        **FULL,
        "customer": customer,
        "items[0][price]": price,
        "items[0][quantity]": "2",
        "items[0][metadata][a]": "1",
        "items[0][tax_rates][]": rate,
        "default_payment_method": method,
        "default_tax_rates[]": rate,
        "add_invoice_items[0][price_data][currency]": "jpy",
        "add_invoice_items[0][price_data][unit_amount]": "700",
        "add_invoice_items[0][quantity]": "1",
        "collection_method": "charge_automatically",
        "billing_mode[type]": "classic",
        "billing_cycle_anchor": str(START + 10 * 86_400),
        "currency": "jpy",
        "cancel_at": str(START + 300 * 86_400),
    }
    product = api.get(f"/v1/prices/{price}")["product"]
    form["add_invoice_items[0][price_data][product]"] = product
    made: str = api.post_form("/v1/subscriptions", form)["id"]
    names = ("latest_invoice", "customer", "default_payment_method", "default_tax_rates")
    api.get(f"/v1/subscriptions/{made}", "&".join(f"expand[]={name}" for name in names[:3]))
    return made


def _changed(api: Recording, id: str, price: str, rate: str) -> None:
    path = f"/v1/subscriptions/{id}"
    api.post_form(
        path, {**FULL, "description": "保守契約 拡張", "metadata[b]": "2", "cancel_at": ""}
    )
    item = {"subscription": id, "price": price, "quantity": "1", "metadata[a]": "1"}
    second = api.post_form("/v1/subscription_items", {**item, "tax_rates[]": rate})["id"]
    change = {"quantity": "4", "metadata[b]": "2", "proration_behavior": "always_invoice"}
    api.post_form(f"/v1/subscription_items/{second}", change)
    api.get("/v1/subscription_items", f"subscription={id}")
    customer = api.get(path)["customer"]
    extra = {"customer": customer, "subscription": id, "amount": "450", "currency": "jpy"}
    api.post_form("/v1/invoiceitems", extra)
    api.get(f"/v1/subscription_items/{second}")
    gone = api.send("DELETE", f"/v1/subscription_items/{second}")
    assert gone.status == 200, gone.body
    pause = {"pause_collection[behavior]": "void"}
    api.post_form(path, {**pause, "pause_collection[resumes_at]": str(START + 20 * 86_400)})
    api.post_form(path, {"pause_collection": ""})
    api.post(path, cancel_at_period_end="true")
    api.post(path, cancel_at_period_end="false")


def _with_trial(api: Recording, customer: str, price: str) -> None:
    form = {"customer": customer, "items[0][price]": price, "trial_period_days": "7"}
    mailed = {"collection_method": "send_invoice", "days_until_due": "30"}
    api.post_form("/v1/subscriptions", {**form, **mailed})
    anchored = {"billing_cycle_anchor_config[day_of_month]": "31"}
    anchored |= {
        "billing_cycle_anchor_config[hour]": "9",
        "billing_cycle_anchor_config[minute]": "0",
    }
    anchored |= {"billing_cycle_anchor_config[second]": "0"}
    whole = {"customer": customer, "items[0][price]": price}
    api.post_form("/v1/subscriptions", {**whole, **anchored})
    other = api.post_form("/v1/subscriptions", form)["id"]
    api.post(f"/v1/subscriptions/{other}", trial_end="now")


def _resumed(api: Recording, waiting: str, bare: str) -> None:
    card = api.post("/v1/payment_methods/pm_card_visa/attach", customer=bare)["id"]
    default = {"invoice_settings[default_payment_method]": card}
    api.post_form(f"/v1/customers/{bare}", default)
    api.post(f"/v1/subscriptions/{waiting}/resume", billing_cycle_anchor="now")
