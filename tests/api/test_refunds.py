"""Refunds: all or part of a payment, once; what they leave alone and what they forbid."""

import pytest

from tests.api.room import Caller, Room


def paid_intent(api: Caller, customer: str | None = None, card: str = "pm_card_visa") -> str:
    """A payment of 10,000 yen that was made."""
    customer = customer or api.customer()
    intent = api.post(
        "/v1/payment_intents",
        amount="10000",
        currency="jpy",
        customer=customer,
        payment_method=card,
        confirm="true",
        off_session="true",
    )
    assert intent["status"] == "succeeded"
    identifier: str = intent["id"]
    return identifier


def test_all_of_a_payment_is_given_back(room: Room, api: Caller) -> None:
    intent = paid_intent(api)
    before = len(api.event_types())
    refund = api.post("/v1/refunds", payment_intent=intent, reason="requested_by_customer")
    assert (refund["object"], refund["status"], refund["amount"]) == ("refund", "succeeded", 10_000)
    assert refund["payment_intent"] == intent
    assert refund["destination_details"]["type"] == "card"
    assert api.event_types()[before:] == ["refund.created", "charge.refunded"]
    charge = api.get(f"/v1/charges/{refund['charge']}")
    assert (charge["amount_refunded"], charge["refunded"]) == (10_000, True)
    assert api.get(f"/v1/refunds/{refund['id']}") == refund
    assert api.ids("/v1/refunds", f"payment_intent={intent}") == [refund["id"]]
    error = api.refused("/v1/refunds", {"payment_intent": intent}).error
    assert error["code"] == "charge_already_refunded"


def test_parts_are_given_back_until_nothing_is_left(api: Caller) -> None:
    intent = paid_intent(api)
    charge = api.get(f"/v1/payment_intents/{intent}")["latest_charge"]
    assert api.post("/v1/refunds", charge=charge, amount="3000")["amount"] == 3_000
    shown = api.get(f"/v1/charges/{charge}")
    assert (shown["amount_refunded"], shown["refunded"]) == (3_000, False)
    error = api.refused("/v1/refunds", {"charge": charge, "amount": "7001"}).error
    assert error["param"] == "amount"
    assert error["message"] == (
        "Refund amount (7001 jpy) is greater than unrefunded amount on charge (7000 jpy)."
    )
    assert api.post("/v1/refunds", charge=charge)["amount"] == 7_000
    assert api.get(f"/v1/charges/{charge}")["refunded"] is True


def test_a_refund_does_not_reopen_the_invoice(api: Caller) -> None:
    customer = api.customer()
    invoice = api.draft(customer, 10_000)
    api.post(f"/v1/invoices/{invoice}/pay")
    (payment,) = api.get("/v1/invoice_payments", f"invoice={invoice}")["data"]
    api.post("/v1/refunds", payment_intent=payment["payment"]["payment_intent"])
    after = api.get(f"/v1/invoices/{invoice}")
    assert (after["status"], after["amount_paid"]) == ("paid", 10_000)


def test_a_refunded_payment_cannot_be_applied(api: Caller) -> None:
    customer = api.customer()
    intent = paid_intent(api, customer)
    api.post("/v1/refunds", payment_intent=intent, amount="1")
    invoice = api.draft(customer, 20_000)
    api.post(f"/v1/invoices/{invoice}/finalize")
    error = api.refused(f"/v1/invoices/{invoice}/attach_payment", {"payment_intent": intent}).error
    assert error["message"].endswith("it was refunded.")


def test_the_processor_may_fail_a_refund(api: Caller) -> None:
    intent = paid_intent(api, card="pm_card_refundFail")
    before = len(api.event_types())
    refund = api.post("/v1/refunds", payment_intent=intent)
    assert (refund["status"], refund["failure_reason"]) == ("failed", "expired_or_canceled_card")
    assert api.event_types()[before:] == ["refund.created", "refund.failed"]
    assert api.get(f"/v1/charges/{refund['charge']}")["amount_refunded"] == 0


@pytest.mark.parametrize(
    ("form", "param", "says"),
    [
        ({}, "payment_intent", "Missing required param"),
        ({"payment_intent": "pi_none"}, "payment_intent", "No such payment_intent"),
        ({"charge": "ch_none"}, "charge", "No such charge"),
        ({"charge": "ch_1", "payment_intent": "pi_1"}, "charge", "only specify one"),
        ({"payment_intent": "pi_1", "amount": "0"}, "amount", "greater than or equal to 1"),
        ({"payment_intent": "pi_1", "reason": "mood"}, "reason", "must be one of"),
    ],
)
def test_what_cannot_be_refunded_is_refused(
    api: Caller, form: dict[str, str], param: str, says: str
) -> None:
    error = api.refused("/v1/refunds", form).error
    assert error["param"] == param
    assert says in error["message"]


def test_nothing_was_paid_yet(api: Caller) -> None:
    intent = api.post("/v1/payment_intents", amount="100", currency="jpy")["id"]
    error = api.refused("/v1/refunds", {"payment_intent": intent}).error
    assert error["message"] == (
        f"The payment {intent} does not have a successful charge to refund."
    )


def test_the_same_key_gives_money_back_once(api: Caller) -> None:
    intent = paid_intent(api)
    form = {"payment_intent": intent, "amount": "4000"}
    first = api.send("POST", "/v1/refunds", form=form, idempotency_key="refund-1")
    again = api.send("POST", "/v1/refunds", form=form, idempotency_key="refund-1")
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    assert len(api.ids("/v1/refunds")) == 1


def test_metadata_is_all_that_changes(api: Caller) -> None:
    refund = api.post("/v1/refunds", payment_intent=paid_intent(api))
    changed = api.post_form(f"/v1/refunds/{refund['id']}", {"metadata[why]": "sample"})
    assert changed == {**refund, "metadata": {"why": "sample"}}
    assert api.event_types()[-1] == "refund.updated"
    error = api.refused(f"/v1/refunds/{refund['id']}", {"amount": "1"}).error
    assert error["param"] == "amount"
