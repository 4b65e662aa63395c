"""Customers: bare and full ones, one that is deleted, and what is read of them."""

from tests.api.recording import Recording
from tests.api.room import START, Room
from tests.api.story.forms import CUSTOMER


def chapter(api: Recording, room: Room) -> None:
    """A customer of each kind."""
    clock = api.post("/v1/test_helpers/test_clocks", frozen_time=START, name="決算")["id"]
    form = {"name": "サンプル商事", **CUSTOMER, "invoice_prefix": "SAMPLE", "test_clock": clock}
    full = api.post_form("/v1/customers", {**form, "next_invoice_sequence": "7"})
    path = f"/v1/customers/{full['id']}"
    again = {"name": "見本商事", "balance": "-700", "tax_exempt": "none", "metadata[b]": "2"}
    api.post_form(
        path, {**CUSTOMER, **again, "invoice_prefix": "MIHON", "next_invoice_sequence": "8"}
    )
    movement = {"amount": "-300", "currency": "jpy", "description": "値引き", "metadata[a]": "1"}
    moved = api.post_form(f"{path}/balance_transactions", movement)["id"]
    said = {"description": "お詫び", "metadata[b]": "2"}
    api.post_form(f"{path}/balance_transactions/{moved}", said)
    card = {
        "payment_method": "pm_card_visa",
        "invoice_settings[default_payment_method]": "pm_card_visa",
    }
    api.post_form("/v1/customers", {"name": "見本工業", **card})
    gone = api.post("/v1/customers", name="見本産業")["id"]
    assert api.send("DELETE", f"/v1/customers/{gone}").status == 200
    expanded = ("sources", "subscriptions", "tax", "tax_ids", "cash_balance", "test_clock")
    api.get(path, "&".join(f"expand[]={name}" for name in expanded))
    api.get(f"/v1/customers/{gone}")
