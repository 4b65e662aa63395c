"""Payments by bank transfer through the public door: waiting, paid in parts, by hand, and given up."""

import pytest

from tests.api.cash import balance, billed, funded, mode, movements, sdk_of, statuses, transfer
from tests.api.room import Caller, Room


def test_a_payment_waits_for_its_transfer(room: Room, api: Caller) -> None:
    customer = api.customer(card=None)
    intent = sdk_of(room, api).v1.payment_intents.create(
        {
            "amount": 9_000,
            "currency": "jpy",
            "customer": customer,
            "confirm": True,
            "payment_method_types": ["customer_balance"],
            "payment_method_data": {"type": "customer_balance"},
            "payment_method_options": {
                "customer_balance": {
                    "funding_type": "bank_transfer",
                    "bank_transfer": {"type": "jp_bank_transfer"},
                }
            },
        }
    )
    assert intent.status == "requires_action"
    action = intent.next_action
    assert action.type == "display_bank_transfer_instructions"
    told = action.display_bank_transfer_instructions
    assert (told.amount_remaining, told.currency, told.type) == (9_000, "jpy", "jp_bank_transfer")
    assert told.financial_addresses[0].zengin.account_number == "0000001"
    assert api.event_types()[-1] == "payment_intent.requires_action"
    before = len(api.event_types())
    funded(api, customer, 4_000)
    waiting = api.get(f"/v1/payment_intents/{intent.id}")
    shown = waiting["next_action"]["display_bank_transfer_instructions"]
    assert (waiting["status"], waiting["amount_received"]) == ("requires_action", 0)
    assert shown["amount_remaining"] == 5_000
    assert balance(api, customer) == 0
    assert api.event_types()[before:] == [
        "customer_cash_balance_transaction.created",
        "customer_cash_balance_transaction.created",
        "payment_intent.partially_funded",
    ]
    before = len(api.event_types())
    funded(api, customer, 5_500)
    done = api.get(f"/v1/payment_intents/{intent.id}")
    assert (done["status"], done["amount_received"], done["next_action"]) == (
        "succeeded",
        9_000,
        None,
    )
    assert balance(api, customer) == 500
    assert api.event_types()[before:] == [
        "customer_cash_balance_transaction.created",
        "customer_cash_balance_transaction.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "cash_balance.funds_available",
    ]


def test_a_payment_that_the_balance_covers_is_made_at_once(api: Caller) -> None:
    customer = api.customer(card=None)
    funded(api, customer, 10_000)
    intent = transfer(api, customer, 9_000)
    assert (intent["status"], intent["amount_received"]) == ("succeeded", 9_000)
    assert balance(api, customer) == 1_000


def test_what_was_held_comes_back_when_the_payment_is_canceled(api: Caller) -> None:
    customer = api.customer(card=None)
    intent = transfer(api, customer, 9_000)["id"]
    funded(api, customer, 4_000)
    error = api.refused(f"/v1/payment_intents/{intent}", {"amount": "8000"}).error
    assert error["param"] == "amount"
    before = len(api.event_types())
    api.post(f"/v1/payment_intents/{intent}/cancel")
    assert balance(api, customer) == 4_000
    assert movements(api, customer)[-1] == ("unapplied_from_payment", 4_000, 4_000)
    assert api.event_types()[before:] == [
        "payment_intent.canceled",
        "customer_cash_balance_transaction.created",
        "cash_balance.funds_available",
    ]


def test_a_payment_is_made_by_hand_in_parts(api: Caller) -> None:
    customer = api.customer(card=None)
    mode(api, customer, "manual")
    funded(api, customer, 6_000)
    intent = transfer(api, customer, 5_000)
    assert intent["status"] == "requires_action"
    path = f"/v1/payment_intents/{intent['id']}/apply_customer_balance"
    assert api.post(path, amount="2000", currency="jpy")["status"] == "requires_action"
    assert balance(api, customer) == 4_000
    assert api.refused(path, {"amount": "3001"}).error["param"] == "amount"
    assert api.post(path)["status"] == "succeeded"
    assert balance(api, customer) == 1_000
    error = api.refused(path).error
    assert error["code"] == "payment_intent_unexpected_state"


def test_a_payment_that_was_asked_for_by_transfer_may_be_of_an_invoice(api: Caller) -> None:
    """The customer's own choice on an invoice's payment: confirm it with customer_balance."""
    customer = api.customer(card=None)
    funded(api, customer, 3_000)
    mode(api, customer, "manual")
    invoice = billed(api, customer, 3_000)
    mode(api, customer, "automatic")
    (payment,) = api.get("/v1/invoice_payments", f"invoice={invoice}")["data"]
    intent = payment["payment"]["payment_intent"]
    done = api.post_form(
        f"/v1/payment_intents/{intent}/confirm", {"payment_method_data[type]": "customer_balance"}
    )
    assert done["status"] == "succeeded"
    assert statuses(api, invoice) == ["paid"]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"payment_method_options[customer_balance][funding_type]": None}, "funding_type"),
        ({"customer": None}, "Missing required param: customer"),
        (
            {"payment_method_options[customer_balance][bank_transfer][type]": "us_bank_transfer"},
            "us_bank_transfer are not served",
        ),
        ({"currency": "usd", "amount": "900"}, "not in usd"),
        ({"payment_method_types[]": "card"}, "not allowed"),
    ],
)
def test_a_transfer_that_cannot_come_is_refused(
    api: Caller, form: dict[str, str | None], says: str
) -> None:
    customer = api.customer(card=None)
    given = {
        "amount": "9000",
        "currency": "jpy",
        "customer": customer,
        "confirm": "true",
        "payment_method_types[]": "customer_balance",
        "payment_method_data[type]": "customer_balance",
        "payment_method_options[customer_balance][funding_type]": "bank_transfer",
        "payment_method_options[customer_balance][bank_transfer][type]": "jp_bank_transfer",
        **form,
    }
    kept = {name: value for name, value in given.items() if value is not None}
    error = api.refused("/v1/payment_intents", kept).error
    assert says in error["message"]
    assert api.get("/v1/payment_intents", f"customer={customer}")["data"] == []


def test_the_balance_must_have_what_is_applied(api: Caller) -> None:
    customer = api.customer(card=None)
    mode(api, customer, "manual")
    funded(api, customer, 100)
    intent = transfer(api, customer, 5_000)["id"]
    path = f"/v1/payment_intents/{intent}/apply_customer_balance"
    error = api.refused(path, {"amount": "101"}).error
    assert (error["code"], error["param"]) == ("balance_insufficient", "amount")
    assert api.refused(path, {"amount": "50", "currency": "usd"}).error["param"] == "currency"
    card = api.post("/v1/payment_intents", amount="5000", currency="jpy", customer=customer)["id"]
    error = api.refused(f"/v1/payment_intents/{card}/apply_customer_balance").error
    assert error["code"] == "payment_intent_unexpected_state"
    nobody = api.post("/v1/payment_intents", amount="5000", currency="jpy")["id"]
    error = api.refused(f"/v1/payment_intents/{nobody}/apply_customer_balance").error
    assert "no customer" in error["message"]
    assert balance(api, customer) == 100


def test_a_method_for_a_transfer_is_on_nobodys_file(api: Caller) -> None:
    customer = api.customer(card=None)
    method = api.post("/v1/payment_methods", type="customer_balance")
    assert method["customer_balance"] == {}
    error = api.refused(f"/v1/payment_methods/{method['id']}/attach", {"customer": customer}).error
    assert "cannot be attached" in error["message"]
