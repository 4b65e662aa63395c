"""The official Python SDK works against Seikyu with nothing changed but the address and the key."""

import pytest
import stripe

from tests.receivers import LossyNetwork, WebhookReceiver
from tests.scenarios.conftest import Engine


def client(engine: Engine, base: str | None = None, key: str | None = None) -> stripe.StripeClient:
    """The SDK's client. This call is the whole difference between Stripe and Seikyu."""
    return stripe.StripeClient(
        key or engine.key, base_addresses={"api": base or engine.base}, max_network_retries=2
    )


def customer_with_card(sdk: stripe.StripeClient, card: str = "pm_card_visa") -> stripe.Customer:
    """A customer whose default payment method is this test card."""
    customer = sdk.v1.customers.create({"name": "株式会社サンプル", "email": "keiri@example.jp"})
    method = sdk.v1.payment_methods.attach(card, {"customer": customer.id})
    assert method.customer == customer.id
    return sdk.v1.customers.update(
        customer.id, {"invoice_settings": {"default_payment_method": method.id}}
    )


def draft_of_12000_yen(sdk: stripe.StripeClient, customer: stripe.Customer) -> stripe.Invoice:
    """A draft of three lines: one invoice item, and two lines added in bulk."""
    draft = sdk.v1.invoices.create(
        {
            "customer": customer.id,
            "currency": "jpy",
            "collection_method": "charge_automatically",
            "metadata": {"board_invoice_id": "1001"},
        }
    )
    assert (draft.status, draft.total, draft.auto_advance) == ("draft", 0, False)
    sdk.v1.invoice_items.create(
        {
            "customer": customer.id,
            "invoice": draft.id,
            "amount": 10_000,
            "currency": "jpy",
            "description": "制作費",
        }
    )
    return sdk.v1.invoices.add_lines(
        draft.id,
        {
            "lines": [
                {"amount": 2_500, "description": "保守 4月"},
                {"amount": -500, "description": "値引き"},
            ]
        },
    )


def test_from_a_customer_to_a_paid_invoice(engine: Engine) -> None:
    sdk = client(engine)
    customer = customer_with_card(sdk)
    draft = draft_of_12000_yen(sdk, customer)
    assert draft.total == 12_000
    assert sorted(line.description or "" for line in draft.lines.data) == [
        "保守 4月",
        "値引き",
        "制作費",
    ]

    finalized = sdk.v1.invoices.finalize_invoice(draft.id)
    assert finalized.status == "open"
    assert (finalized.amount_due, finalized.amount_paid) == (12_000, 0)
    assert finalized.number
    assert finalized.hosted_invoice_url
    assert finalized.customer_name == "株式会社サンプル"
    assert finalized.status_transitions.finalized_at is not None

    paid = sdk.v1.invoices.pay(draft.id)
    assert paid.status == "paid"
    assert (paid.amount_due, paid.amount_paid, paid.amount_remaining) == (12_000, 12_000, 0)
    assert paid.attempted is True
    assert paid.attempt_count == 1
    assert paid.status_transitions.paid_at is not None

    listed = sdk.v1.invoices.list({"customer": customer.id})
    assert [invoice.id for invoice in listed.data] == [draft.id]
    assert sdk.v1.invoices.list({"customer": customer.id, "status": "open"}).data == []

    expanded = sdk.v1.invoices.retrieve(
        draft.id, {"expand": ["payments.data.payment.payment_intent"]}
    )
    assert expanded.metadata is not None
    assert expanded.metadata.to_dict() == {"board_invoice_id": "1001"}
    assert expanded.payments is not None
    (payment,) = expanded.payments.data
    assert (payment.status, payment.amount_paid) == ("paid", 12_000)
    intent = payment.payment.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (intent.status, intent.amount, intent.currency) == ("succeeded", 12_000, "jpy")
    assert isinstance(intent.latest_charge, str)
    assert sdk.v1.charges.retrieve(intent.latest_charge).paid is True


def test_payments_appear_only_when_they_are_expanded(sqlite_engine: Engine) -> None:
    sdk = client(sqlite_engine)
    draft = draft_of_12000_yen(sdk, customer_with_card(sdk))
    assert "payments" not in sdk.v1.invoices.retrieve(draft.id).to_dict()


def test_lists_are_walked_page_by_page_without_a_gap_or_a_repetition(engine: Engine) -> None:
    sdk = client(engine)
    made = [sdk.v1.customers.create({"name": f"サンプル{n}"}).id for n in range(7)]
    walked = [each.id for each in sdk.v1.customers.list({"limit": 3}).auto_paging_iter()]
    assert walked == made[::-1]


def test_a_webhook_is_verified_by_the_sdk(engine: Engine) -> None:
    sdk = client(engine)
    with WebhookReceiver() as receiver:
        endpoint = sdk.v1.webhook_endpoints.create(
            {"url": receiver.url, "enabled_events": ["invoice.paid", "customer.created"]}
        )
        secret = endpoint.secret
        assert secret is not None
        draft = draft_of_12000_yen(sdk, customer_with_card(sdk))
        sdk.v1.invoices.pay(draft.id)  # a draft is finalized first
        delivery = receiver.wait_for("invoice.paid")

        event = sdk.construct_event(delivery.payload, delivery.signature, secret)
        assert event.type == "invoice.paid"
        assert event.data.object["id"] == draft.id
        assert event.data.object["status"] == "paid"
        assert sdk.v1.events.retrieve(event.id).data.object["id"] == draft.id

        tampered = delivery.payload.replace(b"12000", b"99999")
        assert tampered != delivery.payload
        with pytest.raises(stripe.SignatureVerificationError):
            sdk.construct_event(tampered, delivery.signature, secret)
        unwanted = {each.type for each in receiver.deliveries} - {"invoice.paid"}
        assert unwanted == {"customer.created"}
        assert sdk.v1.webhook_endpoints.retrieve(endpoint.id).to_dict().get("secret") is None


def test_a_declined_card_is_a_card_error_and_the_invoice_stays_open(engine: Engine) -> None:
    sdk = client(engine)
    draft = draft_of_12000_yen(sdk, customer_with_card(sdk, "pm_card_chargeCustomerFail"))
    with pytest.raises(stripe.CardError) as refused:
        sdk.v1.invoices.pay(draft.id)
    assert refused.value.code == "card_declined"
    assert refused.value.http_status == 402
    assert refused.value.error is not None
    assert refused.value.error.decline_code == "generic_decline"
    invoice = sdk.v1.invoices.retrieve(draft.id)
    assert (invoice.status, invoice.attempt_count, invoice.amount_paid) == ("open", 1, 0)


def test_another_card_pays_what_the_first_did_not(engine: Engine) -> None:
    sdk = client(engine)
    customer = customer_with_card(sdk, "pm_card_chargeCustomerFail")
    draft = draft_of_12000_yen(sdk, customer)
    with pytest.raises(stripe.CardError):
        sdk.v1.invoices.pay(draft.id)
    other = sdk.v1.payment_methods.attach("pm_card_mastercard", {"customer": customer.id})
    paid = sdk.v1.invoices.pay(draft.id, {"payment_method": other.id})
    # Only the first attempt and automatic ones count: Stripe, `attempt_count`.
    assert (paid.status, paid.attempt_count, paid.amount_paid) == ("paid", 1, 12_000)
    assert [each.paid for each in sdk.v1.charges.list().data] == [True, False]


def test_a_missing_parameter_is_named(sqlite_engine: Engine) -> None:
    sdk = client(sqlite_engine)
    with pytest.raises(stripe.InvalidRequestError) as product:
        sdk.v1.products.create({})  # type: ignore[typeddict-item]
    assert (product.value.code, product.value.param) == ("parameter_missing", "name")
    with pytest.raises(stripe.InvalidRequestError) as endpoint:
        sdk.v1.webhook_endpoints.create({"enabled_events": ["*"]})  # type: ignore[typeddict-item]
    assert (endpoint.value.code, endpoint.value.param) == ("parameter_missing", "url")


def test_an_unknown_parameter_is_named_in_brackets(sqlite_engine: Engine) -> None:
    sdk = client(sqlite_engine)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sdk.v1.customers.create({"invoice_settings": {"colour": "red"}})  # type: ignore[arg-type]
    assert refused.value.code == "parameter_unknown"
    assert refused.value.param == "invoice_settings[colour]"


def test_an_unknown_id_is_missing(sqlite_engine: Engine) -> None:
    sdk = client(sqlite_engine)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sdk.v1.invoices.retrieve("in_000000000000000000000000")
    assert (refused.value.code, refused.value.http_status) == ("resource_missing", 404)
    assert "No such invoice: 'in_000000000000000000000000'" in str(refused.value)


def test_an_unknown_key_is_an_authentication_error(sqlite_engine: Engine) -> None:
    with pytest.raises(stripe.AuthenticationError) as refused:
        client(sqlite_engine, key="sk_test_unknown").v1.customers.list()
    assert refused.value.http_status == 401


def test_the_same_key_with_the_same_parameters_changes_nothing(engine: Engine) -> None:
    sdk = client(engine)
    first = sdk.v1.customers.create({"name": "サンプル"}, {"idempotency_key": "once"})
    again = sdk.v1.customers.create({"name": "サンプル"}, {"idempotency_key": "once"})
    assert again.id == first.id
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(sdk.v1.customers.list().data) == 1


def test_the_same_key_with_other_parameters_is_an_idempotency_error(engine: Engine) -> None:
    sdk = client(engine)
    sdk.v1.customers.create({"name": "サンプル一"}, {"idempotency_key": "once"})
    with pytest.raises(stripe.IdempotencyError):
        sdk.v1.customers.create({"name": "サンプル二"}, {"idempotency_key": "once"})
    assert [each.name for each in sdk.v1.customers.list().data] == ["サンプル一"]


def test_an_answer_lost_on_the_way_creates_and_charges_nothing_twice(engine: Engine) -> None:
    """The SDK repeats what it got no answer to; the engine has carried it out already."""
    direct = client(engine)
    customer = customer_with_card(direct)
    with LossyNetwork(engine.base, losses=1) as network:
        draft = client(engine, network.base).v1.invoices.create(
            {"customer": customer.id, "currency": "jpy"}
        )
        assert network.carried == ["POST /v1/invoices"] * 2
    direct.v1.invoices.add_lines(draft.id, {"lines": [{"amount": 12_000, "description": "制作費"}]})
    with LossyNetwork(engine.base, losses=2) as network:
        paid = client(engine, network.base).v1.invoices.pay(draft.id)
        assert network.carried == [f"POST /v1/invoices/{draft.id}/pay"] * 3
    assert (paid.status, paid.amount_paid) == ("paid", 12_000)
    assert [each.id for each in direct.v1.invoices.list().data] == [draft.id]
    assert [each.amount for each in direct.v1.charges.list().data] == [12_000]


def test_a_lost_refusal_is_repeated_as_it_was(engine: Engine) -> None:
    """A declined charge is one attempt, however often its answer had to be asked for."""
    direct = client(engine)
    draft = draft_of_12000_yen(direct, customer_with_card(direct, "pm_card_chargeCustomerFail"))
    with LossyNetwork(engine.base, losses=1) as network, pytest.raises(stripe.CardError):
        client(engine, network.base).v1.invoices.pay(draft.id)
    assert direct.v1.invoices.retrieve(draft.id).attempt_count == 1
