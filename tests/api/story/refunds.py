"""Refunds of charges: whole and in part, described and described anew."""

from tests.api.recording import Recording
from tests.api.room import Room


def chapter(api: Recording, room: Room) -> None:
    """Pay, give back a part by the charge, the rest by the payment."""
    customer = api.customer(name="返金見本", email="henkin@example.jp")
    form = {"amount": "900", "currency": "jpy", "customer": customer, "confirm": "true"}
    paid = api.post_form("/v1/payment_intents", {**form, "payment_method": "pm_card_visa"})
    part = {"charge": paid["latest_charge"], "amount": "300", "reason": "duplicate"}
    said = {"metadata[a]": "1", "instructions_email": "henkin@example.jp"}
    refund = api.post_form("/v1/refunds", {**part, **said})["id"]
    api.post_form(f"/v1/refunds/{refund}", {"metadata[b]": "2"})
    api.post("/v1/refunds", payment_intent=paid["id"])
    names = ("charge", "payment_intent", "balance_transaction")
    api.get(f"/v1/refunds/{refund}", "&".join(f"expand[]={name}" for name in names))
    api.get(f"/v1/charges/{paid['latest_charge']}", "expand[]=refunds")
