"""Cash balances: instructions, transfers, payments that wait for them, refunds into and out of a balance."""

from tests.api.recording import Recording
from tests.api.room import Room


def chapter(api: Recording, room: Room) -> None:
    """Money of every currency comes, pays in part and in whole, and goes back both ways."""
    customer = api.customer(card=None, name="振込見本", email="furikomi@example.jp")
    path = f"/v1/customers/{customer}"
    told = {"currency": "jpy", "funding_type": "bank_transfer"}
    kinds = {
        "bank_transfer[type]": "jp_bank_transfer",
        "bank_transfer[requested_address_types][]": "zengin",
    }
    api.post_form(f"{path}/funding_instructions", {**told, **kinds})
    for currency in ("usd", "eur", "gbp", "mxn"):
        _fund(api, customer, 900, currency=currency)
    api.post_form(f"{path}/cash_balance", {"settings[reconciliation_mode]": "manual"})
    _fund(api, customer, 9_000, reference="ご請求分")
    waiting = api.post_form("/v1/payment_intents", _transfer(customer))["id"]
    applying = f"/v1/payment_intents/{waiting}/apply_customer_balance"
    api.post(applying, amount="3000", currency="jpy")
    held = api.post_form("/v1/payment_intents", _transfer(customer))["id"]
    api.post(f"/v1/payment_intents/{held}/apply_customer_balance", amount="100")
    api.post(f"/v1/payment_intents/{held}/cancel")
    paid = api.post(applying)
    api.post("/v1/refunds", payment_intent=paid["id"], amount="1000")
    back = {"origin": "customer_balance", "customer": customer, "currency": "jpy"}
    refunds = [api.post("/v1/refunds", **back, amount="200")["id"] for _ in range(3)]
    api.post(f"/v1/refunds/{refunds[0]}/cancel")
    api.post(f"/v1/seikyu/refunds/{refunds[1]}/complete")
    names = ("customer", "applied_to_payment.payment_intent", "refunded_from_payment.refund")
    for movement in api.get(f"{path}/cash_balance_transactions", "limit=20")["data"]:
        kind = movement["type"]
        expanded = [name for name in names if name == "customer" or name.startswith(kind)]
        query = "&".join(f"expand[]={name}" for name in expanded)
        api.get(f"{path}/cash_balance_transactions/{movement['id']}", query)
    api.get(path, "expand[]=cash_balance")
    room.drain()


def _fund(api: Recording, customer: str, amount: int, **form: str) -> None:
    path = f"/v1/test_helpers/customers/{customer}/fund_cash_balance"
    api.post(path, **{"amount": amount, "currency": "jpy", **form})


def _transfer(customer: str) -> dict[str, str]:
    return {
        "amount": "6000",
        "currency": "jpy",
        "customer": customer,
        "confirm": "true",
        "payment_method_types[]": "customer_balance",
        "payment_method_data[type]": "customer_balance",
        "payment_method_options[customer_balance][funding_type]": "bank_transfer",
        "payment_method_options[customer_balance][bank_transfer][type]": "jp_bank_transfer",
    }
