"""Unapplied payments as in the source, and searches with the official SDK.

The lines of the source are sent as they are written there; only address, key and ids differ.
"""

from typing import Any

import pytest
import stripe

from tests.scenarios.conftest import Engine
from tests.scenarios.test_python_sdk import client, customer_with_card, draft_of_12000_yen
from tests.scenarios.test_source_curl import curl


def test_unapplied_payments_are_marked_found_and_applied_as_in_the_source(engine: Engine) -> None:
    sdk = client(engine)
    customer = customer_with_card(sdk)
    paid = sdk.v1.invoices.pay(draft_of_12000_yen(sdk, customer).id)
    (intent,) = sdk.v1.payment_intents.list({"customer": customer.id}).data
    sdk.raw_request("post", f"/v1/invoices/{paid.id}/detach_payment", payment_intent=intent.id)

    # stripe events list --type=invoice_payment.detached
    status, events = curl(engine, "/v1/events?type=invoice_payment.detached")
    assert status == 200
    (event,) = events["data"]
    assert event["type"] == "invoice_payment.detached"
    webhook_handler(sdk, event["data"]["object"])

    # Stripe::PaymentIntents.search({ query: "metadata['unapplied']:'true'" })
    unapplied = sdk.v1.payment_intents.search({"query": "metadata['unapplied']:'true'"})
    (found,) = unapplied.data
    assert found.id == intent.id
    assert found.metadata.to_dict() == {"unapplied": "true", "unapplied_from": paid.id}

    other = draft_of_12000_yen(sdk, customer)
    sdk.v1.invoices.finalize_invoice(other.id)
    # curl …/v1/invoices/in_…/attach_payment -d payment_intent=pi_…
    path = f"/v1/invoices/{other.id}/attach_payment"
    status, answer = curl(engine, path, f"payment_intent={intent.id}")
    assert (status, answer["status"]) == (200, "paid")
    # curl …/v1/payment_intents/pi_… -d "metadata[unapplied]"=false -d "metadata[unapplied_from]"=
    path = f"/v1/payment_intents/{intent.id}"
    status, answer = curl(engine, path, "metadata[unapplied]=false", "metadata[unapplied_from]=")
    assert (status, answer["metadata"]) == (200, {"unapplied": "false"})

    query = "metadata['unapplied']:'true'"
    assert sdk.v1.payment_intents.search({"query": query}).data == []
    query = "metadata['unapplied']:'false' AND metadata['unapplied_from']:null"
    assert [each.id for each in sdk.v1.payment_intents.search({"query": query})] == [intent.id]


def webhook_handler(sdk: stripe.StripeClient, invoice_payment: dict[str, Any]) -> None:
    """What the handler of the source does when a payment was detached."""
    noted = {"unapplied": "true", "unapplied_from": invoice_payment["invoice"]}
    intent = invoice_payment["payment"]["payment_intent"]
    sdk.v1.payment_intents.update(intent, {"metadata": noted})


def test_the_sdk_walks_through_everything_that_is_found(engine: Engine) -> None:
    sdk = client(engine)
    made = [
        sdk.v1.customers.create({"name": f"株式会社サンプル {number}", "metadata": {"a": "b"}}).id
        for number in range(5)
    ][::-1]
    sdk.v1.customers.create({"name": "見本商店"})

    page = sdk.v1.customers.search({"query": "name~'サンプル'", "limit": 2})
    assert page.object == "search_result"  # type: ignore[attr-defined]
    assert (page.has_more, page.url) == (True, "/v1/customers/search")  # type: ignore[attr-defined]
    assert [each.id for each in page] == made[:2]
    assert [each.id for each in page.next_search_result_page()] == made[2:4]
    assert [each.id for each in page.auto_paging_iter()] == made

    options = {"api_key": engine.key, "query": "metadata['a']:'b'", "limit": 2}
    base, stripe.api_base = stripe.api_base, engine.base
    try:
        walked = stripe.Customer.search_auto_paging_iter(**options)  # type: ignore[arg-type]
        assert [each.id for each in walked] == made
        counted = stripe.Customer.search(**options, expand=["total_count"])  # type: ignore[arg-type]
        assert counted["total_count"] == 5
    finally:
        stripe.api_base = base


def test_every_resource_is_searched_by_the_sdk(engine: Engine) -> None:
    sdk = client(engine)
    customer = customer_with_card(sdk)
    draft = sdk.v1.invoices.create({"customer": customer.id, "metadata": {"order": "6735"}})
    product = sdk.v1.products.create({"name": "年会費", "metadata": {"order": "6735"}})
    price = sdk.v1.prices.create(
        {
            "product": product.id,
            "currency": "jpy",
            "unit_amount": 100,
            "metadata": {"order": "6735"},
        }
    )
    intent = sdk.v1.payment_intents.create(
        {
            "amount": 500,
            "currency": "jpy",
            "customer": customer.id,
            "payment_method": "pm_card_visa",
            "confirm": True,
            "metadata": {"order": "6735"},
        }
    )
    query = {"query": "metadata['order']:'6735'"}
    assert [each.id for each in sdk.v1.invoices.search(query)] == [draft.id]  # type: ignore[arg-type]
    assert [each.id for each in sdk.v1.products.search(query)] == [product.id]  # type: ignore[arg-type]
    assert [each.id for each in sdk.v1.prices.search(query)] == [price.id]  # type: ignore[arg-type]
    assert [each.id for each in sdk.v1.payment_intents.search(query)] == [intent.id]  # type: ignore[arg-type]
    charges = sdk.v1.charges.search({"query": "payment_method_details.card.last4:4242"})
    assert [each.payment_intent for each in charges] == [intent.id]
    subscription = sdk.v1.subscriptions.create(
        {
            "customer": customer.id,
            "items": [
                {
                    "price_data": {
                        "product": product.id,
                        "currency": "jpy",
                        "unit_amount": 1_000,
                        "recurring": {"interval": "month"},
                    }
                }
            ],
            "metadata": {"order": "6735"},
        }
    )
    assert [each.id for each in sdk.v1.subscriptions.search(query)] == [subscription.id]  # type: ignore[arg-type]
    query = {"query": "canceled_at:null -status:'canceled'"}
    assert [each.id for each in sdk.v1.subscriptions.search(query)] == [subscription.id]  # type: ignore[arg-type]
    query = {"query": f"subscription:'{subscription.id}'"}
    (billed,) = sdk.v1.invoices.search(query)  # type: ignore[arg-type]
    assert billed.id == subscription.latest_invoice


def test_a_broken_query_is_an_invalid_request_of_the_sdk(engine: Engine) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client(engine).v1.invoices.search({"query": "status:'open' AND total=>5"})
    assert refused.value.http_status == 400
    assert refused.value.param == "query"
    assert "clause 2, at character 19: total=>5" in str(refused.value.user_message)


def test_a_restricted_key_searches_what_it_may_read(engine: Engine) -> None:
    account = client(engine).v1.accounts.retrieve_current().id
    key = engine.installation.answer(
        "engine", "create-key", account, "--permission", "invoice_read", "--json"
    )["restricted_key"]
    sdk = client(engine, key=key)
    assert sdk.v1.invoices.search({"query": "total>0"}).data == []
    with pytest.raises(stripe.PermissionError) as refused:
        sdk.v1.customers.search({"query": "name:'サンプル'"})
    assert "'rak_customer_read' permission would allow" in str(refused.value.user_message)
