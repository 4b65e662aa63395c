"""What must be unique stays so, and what collides is told what it collides with."""

from tests.api.room import Caller


def test_a_prefix_stays_with_the_invoices_it_numbered(api: Caller) -> None:
    first, other = api.customer(invoice_prefix="MAE"), api.customer()
    before = api.draft(first)
    assert api.post(f"/v1/invoices/{before}/finalize")["number"] == "MAE-0001"
    api.post(f"/v1/customers/{first}", invoice_prefix="ATO")
    for path in (f"/v1/customers/{other}", "/v1/customers"):
        refused = api.refused(path, {"invoice_prefix": "MAE"})
        assert (refused.status, refused.error["param"]) == (400, "invoice_prefix")
    # One that only begins alike is free, and the first customer may have its own back.
    api.post(f"/v1/customers/{other}", invoice_prefix="MAEE")
    api.post(f"/v1/customers/{first}", invoice_prefix="MAE")
    assert api.post(f"/v1/invoices/{api.draft(first)}/finalize")["number"] == "MAE-0002"


def test_a_number_that_is_in_use_is_named_and_not_to_be_tried_again(api: Caller) -> None:
    customer = api.customer(invoice_prefix="IMA")
    by_hand = api.draft(customer)
    api.post(f"/v1/invoices/{by_hand}", number="NOCHI-0001")
    api.post(f"/v1/customers/{customer}", invoice_prefix="NOCHI")
    draft = api.draft(customer)
    for _ in range(2):
        refused = api.send("POST", f"/v1/invoices/{draft}/finalize", idempotency_key="again")
        assert (refused.status, refused.error["code"]) == (400, "resource_already_exists")
        assert refused.error["message"].startswith("Another invoice already has the number")
        assert "stripe-should-retry" not in refused.headers
    api.post(f"/v1/customers/{customer}", next_invoice_sequence="2")
    done = api.send("POST", f"/v1/invoices/{draft}/finalize", idempotency_key="again")
    assert (done.status, done.body["number"]) == (200, "NOCHI-0002")
