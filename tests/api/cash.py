"""What tests of cash balances begin with: money that came, bills to pay, payments that wait for money."""

from typing import Any

import stripe

from tests.api.room import Caller, Room


def sdk_of(room: Room, api: Caller) -> Any:
    """The official SDK with the caller's key; nobody asks which fields of its answers may be null."""
    return stripe.StripeClient(api.key, base_addresses={"api": room.base}, max_network_retries=0)


def funded(api: Caller, customer: str, amount: int, **form: Any) -> Any:
    """Let a transfer of ``amount`` yen come; return the movement."""
    path = f"/v1/test_helpers/customers/{customer}/fund_cash_balance"
    return api.post(path, **{"amount": amount, "currency": "jpy", **form})


def billed(api: Caller, customer: str, amount: int) -> str:
    """Send a bill over ``amount`` yen that is due in thirty days; return the open invoice."""
    invoice = api.draft(customer, amount, collection_method="send_invoice", days_until_due="30")
    api.post(f"/v1/invoices/{invoice}/finalize")
    return invoice


def transfer(api: Caller, customer: str, amount: int, **form: Any) -> Any:
    """Create and confirm a payment of ``amount`` yen by bank transfer."""
    return api.post_form(
        "/v1/payment_intents",
        {
            "amount": amount,
            "currency": "jpy",
            "customer": customer,
            "confirm": "true",
            "payment_method_types[]": "customer_balance",
            "payment_method_data[type]": "customer_balance",
            "payment_method_options[customer_balance][funding_type]": "bank_transfer",
            "payment_method_options[customer_balance][bank_transfer][type]": "jp_bank_transfer",
            **form,
        },
    )


def mode(api: Caller, customer: str, name: str) -> Any:
    """Change how the customer's money is reconciled."""
    return api.post_form(
        f"/v1/customers/{customer}/cash_balance", {"settings[reconciliation_mode]": name}
    )


def balance(api: Caller, customer: str) -> int | None:
    """What is in the customer's cash balance in yen, None when there never was anything."""
    available = api.get(f"/v1/customers/{customer}/cash_balance")["available"]
    return None if available is None else available["jpy"]


def statuses(api: Caller, *invoices: str) -> list[str]:
    """The statuses of invoices."""
    return [api.get(f"/v1/invoices/{each}")["status"] for each in invoices]


def movements(api: Caller, customer: str) -> list[tuple[str, int, int]]:
    """Type, amount and ending balance of every movement, oldest first."""
    found = api.get(f"/v1/customers/{customer}/cash_balance_transactions", "limit=100")["data"]
    return [(each["type"], each["net_amount"], each["ending_balance"]) for each in found][::-1]
