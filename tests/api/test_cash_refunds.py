"""Refunds into a cash balance and out of it, and the way a transfer goes from one invoice to others."""

import pytest

from tests.api.cash import balance, billed, funded, mode, movements, sdk_of, statuses, transfer
from tests.api.room import Caller, Room


def paid_by_transfer(api: Caller, customer: str, amount: int) -> str:
    """A payment of ``amount`` yen that was made from the cash balance."""
    funded(api, customer, amount)
    intent = transfer(api, customer, amount)
    assert intent["status"] == "succeeded"
    identifier: str = intent["id"]
    return identifier


def test_a_payment_from_the_balance_goes_back_to_it(room: Room, api: Caller) -> None:
    customer = api.customer(card=None)
    intent = paid_by_transfer(api, customer, 9_000)
    before = len(api.event_types())
    refund = sdk_of(room, api).v1.refunds.create({"payment_intent": intent, "amount": 4_000})
    assert (refund.status, refund.amount) == ("succeeded", 4_000)
    assert refund.destination_details.type == "customer_cash_balance"
    assert balance(api, customer) == 4_000
    assert movements(api, customer)[-1] == ("refunded_from_payment", 4_000, 4_000)
    assert api.event_types()[before:] == [
        "refund.created",
        "charge.refunded",
        "customer_cash_balance_transaction.created",
        "cash_balance.funds_available",
    ]
    (movement,) = api.get(f"/v1/customers/{customer}/cash_balance_transactions", "limit=1")["data"]
    assert movement["refunded_from_payment"] == {"refund": refund.id}
    error = api.refused("/v1/refunds", {"payment_intent": intent, "amount": "5001"}).error
    assert error["param"] == "amount"
    api.post("/v1/refunds", payment_intent=intent)
    assert balance(api, customer) == 9_000


def test_what_comes_back_pays_what_is_open_unless_it_is_reconciled_by_hand(api: Caller) -> None:
    customer = api.customer(card=None)
    intent = paid_by_transfer(api, customer, 9_000)
    invoice = billed(api, customer, 9_000)
    mode(api, customer, "manual")
    api.post("/v1/refunds", payment_intent=intent, amount="4000")
    assert statuses(api, invoice) == ["open"]
    mode(api, customer, "automatic")
    api.post("/v1/refunds", payment_intent=intent, amount="5000")
    assert statuses(api, invoice) == ["paid"]


def test_a_card_is_given_its_own_money(api: Caller) -> None:
    customer = api.customer()
    funded(api, customer, 500)
    intent = api.post(
        "/v1/payment_intents",
        amount="3000",
        currency="jpy",
        customer=customer,
        payment_method="pm_card_visa",
        confirm="true",
    )["id"]
    refund = api.post("/v1/refunds", payment_intent=intent)
    assert refund["destination_details"]["type"] == "card"
    assert balance(api, customer) == 500


def test_money_goes_from_the_balance_to_the_customers_bank(room: Room, api: Caller) -> None:
    customer = api.customer(card=None)
    funded(api, customer, 9_000)
    sdk = sdk_of(room, api)
    refund = sdk.v1.refunds.create(
        {"origin": "customer_balance", "customer": customer, "currency": "jpy", "amount": 2_500}
    )
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    assert (refund.payment_intent, refund.charge) == (None, None)
    assert refund.destination_details.type == "jp_bank_transfer"
    assert refund.destination_details.jp_bank_transfer.reference_status == "pending"
    assert balance(api, customer) == 6_500
    assert movements(api, customer)[-1] == ("return_initiated", -2_500, 6_500)
    assert api.event_types()[-2:] == [
        "refund.created",
        "customer_cash_balance_transaction.created",
    ]
    done = api.post(f"/v1/seikyu/refunds/{refund.id}/complete")
    assert (done["status"], done["pending_reason"]) == ("succeeded", None)
    assert api.event_types()[-1] == "refund.updated"
    for path in (f"/v1/seikyu/refunds/{refund.id}/complete", f"/v1/refunds/{refund.id}/cancel"):
        assert "status of succeeded" in api.refused(path).error["message"]
    assert balance(api, customer) == 6_500


def test_a_return_that_was_not_sent_comes_back(room: Room, api: Caller) -> None:
    customer = api.customer(card=None)
    funded(api, customer, 9_000)
    form = {"origin": "customer_balance", "customer": customer, "currency": "jpy"}
    refund = api.post_form("/v1/refunds", {**form, "amount": "9000"})["id"]
    canceled = sdk_of(room, api).v1.refunds.cancel(refund)
    assert canceled.status == "canceled"
    assert balance(api, customer) == 9_000
    assert movements(api, customer)[-1] == ("return_canceled", 9_000, 9_000)
    assert api.event_types()[-3:] == [
        "refund.updated",
        "customer_cash_balance_transaction.created",
        "cash_balance.funds_available",
    ]


@pytest.mark.parametrize(
    ("form", "param", "says"),
    [
        ({"amount": "1"}, "customer", "Missing"),
        ({"customer": "cus_none", "currency": "jpy", "amount": "1"}, "customer", "No such"),
        ({"customer": "own", "amount": "1"}, "currency", "Missing"),
        ({"customer": "own", "currency": "jpy"}, "amount", "Missing"),
        ({"customer": "own", "currency": "jpy", "amount": "101"}, "amount", "less than"),
        ({"customer": "own", "currency": "usd", "amount": "1"}, "amount", "less than"),
        ({"customer": "own", "currency": "krw", "amount": "1"}, "currency", "no bank transfers"),
        ({"customer": "own", "payment_intent": "pi_1"}, "payment_intent", "only specify one"),
        ({"origin": "bank"}, "origin", "must be customer_balance"),
    ],
)
def test_a_return_that_cannot_be_is_refused(
    api: Caller, form: dict[str, str], param: str, says: str
) -> None:
    customer = api.customer(card=None)
    funded(api, customer, 100)
    given = {"origin": "customer_balance", **form}
    if given.get("customer") == "own":
        given["customer"] = customer
    error = api.refused("/v1/refunds", given).error
    assert (error["param"], says in error["message"]) == (param, True), error
    assert balance(api, customer) == 100


def test_refunds_of_payments_wait_for_no_bank(api: Caller) -> None:
    customer = api.customer(card=None)
    intent = paid_by_transfer(api, customer, 9_000)
    refund = api.post("/v1/refunds", payment_intent=intent)["id"]
    for path in (f"/v1/seikyu/refunds/{refund}/complete", f"/v1/refunds/{refund}/cancel"):
        assert "origin=customer_balance" in api.refused(path).error["message"]


def test_the_same_key_returns_once(api: Caller) -> None:
    customer = api.customer(card=None)
    funded(api, customer, 9_000)
    form = {
        "origin": "customer_balance",
        "customer": customer,
        "currency": "jpy",
        "amount": "4000",
    }
    first = api.send("POST", "/v1/refunds", form=form, idempotency_key="return-1")
    again = api.send("POST", "/v1/refunds", form=form, idempotency_key="return-1")
    assert first.body == again.body
    assert balance(api, customer) == 5_000
