"""An invoice from its first line to its payment, over HTTP, with every event on the way."""

from tests.api.room import Caller

FINALIZED = ["payment_intent.created", "invoice.finalized", "invoice.updated"]
PAID = [
    "charge.succeeded",
    "payment_intent.succeeded",
    "invoice_payment.paid",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice.updated",
]
DECLINED = [
    "charge.failed",
    "payment_intent.payment_failed",
    "invoice.payment_failed",
    "invoice.updated",
]


def test_an_invoice_is_finalized_and_paid_and_each_step_is_announced_in_order(api: Caller) -> None:
    invoice = api.draft(api.customer())
    before = len(api.event_types())
    assert api.post(f"/v1/invoices/{invoice}/finalize")["status"] == "open"
    assert api.event_types()[before:] == FINALIZED
    paid = api.post(f"/v1/invoices/{invoice}/pay")
    assert (paid["status"], paid["amount_paid"], paid["amount_remaining"]) == ("paid", 12_000, 0)
    assert api.event_types()[before:] == FINALIZED + PAID


def test_a_draft_that_is_paid_is_finalized_first(api: Caller) -> None:
    invoice = api.draft(api.customer())
    before = len(api.event_types())
    assert api.post(f"/v1/invoices/{invoice}/pay")["status"] == "paid"
    assert api.event_types()[before:] == FINALIZED + PAID


def test_a_declined_card_is_answered_with_402_and_leaves_the_invoice_open(api: Caller) -> None:
    invoice = api.draft(api.customer("pm_card_chargeCustomerFail"))
    before = len(api.event_types())
    refused = api.refused(f"/v1/invoices/{invoice}/pay")
    assert refused.status == 402
    error = refused.error
    assert (error["type"], error["code"]) == ("card_error", "card_declined")
    assert error["decline_code"] == "generic_decline"
    assert error["payment_intent"]["status"] == "requires_payment_method"
    assert api.get(f"/v1/charges/{error['charge']}")["status"] == "failed"
    assert api.event_types()[before:] == FINALIZED + DECLINED
    stored = api.get(f"/v1/invoices/{invoice}")
    assert (stored["status"], stored["amount_paid"], stored["attempt_count"]) == ("open", 0, 1)


def test_an_update_says_what_was_before(api: Caller) -> None:
    customer = api.customer(card=None, name="株式会社サンプル一", email="keiri@example.jp")
    api.post(f"/v1/customers/{customer}", name="株式会社サンプル二")
    event = api.get("/v1/events", "type=customer.updated")["data"][0]
    assert event["data"]["previous_attributes"] == {"name": "株式会社サンプル一"}
    assert event["data"]["object"]["name"] == "株式会社サンプル二"
    assert event["data"]["object"]["email"] == "keiri@example.jp"


def test_finalizing_says_which_fields_changed_and_what_they_were(api: Caller) -> None:
    invoice = api.draft(api.customer())
    api.post(f"/v1/invoices/{invoice}/finalize")
    event = api.get("/v1/events", "type=invoice.updated")["data"][0]
    previous = event["data"]["previous_attributes"]
    assert previous["status"] == "draft"
    assert previous["number"] is None
    assert previous["hosted_invoice_url"] is None
    assert previous["status_transitions"] == {"finalized_at": None}
    assert "amount_due" not in previous


def test_an_event_keeps_the_object_as_it_was(api: Caller) -> None:
    customer = api.customer(card=None)
    created = api.get("/v1/events", "type=customer.created")["data"][0]
    api.post(f"/v1/customers/{customer}", name="サンプル後")
    assert api.get(f"/v1/events/{created['id']}") == created
    assert created["data"]["object"]["name"] == "株式会社サンプル"


def test_an_event_names_the_request_that_caused_it(api: Caller) -> None:
    reply = api.send("POST", "/v1/customers", form={"name": "サンプル"}, idempotency_key="a-key")
    (event,) = api.get("/v1/events")["data"]
    assert event["request"] == {"id": reply.headers["request-id"], "idempotency_key": "a-key"}
    assert event["livemode"] is False
