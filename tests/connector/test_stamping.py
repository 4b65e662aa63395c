"""Payments on no invoice are stamped in Stripe, and the stamp goes when they are on one again."""

import json
from typing import Any

import pytest
import stripe
from starlette.testclient import TestClient

from seikyu.connector import webhooks
from seikyu.connector.connection import Connection
from seikyu.connector.stamping import Look, looks_at
from seikyu.connector.store import Received
from tests.connector.conftest import SECRET, World

PAID, DETACHED = "invoice_payment.paid", "invoice_payment.detached"


def customer_of(world: World) -> str:
    """A customer with a card, whom board knows nothing of."""
    made = world.stripe.customers.create({"email": world.address("keiri"), "name": "サンプル"})
    return made.id


def payment(world: World, customer: str, amount: int = 4_000) -> str:
    """Money of the customer that came without an invoice."""
    method = world.stripe.payment_methods.attach("pm_card_visa", {"customer": customer})
    params: Any = {
        "amount": amount,
        "currency": "jpy",
        "customer": customer,
        "payment_method": method.id,
        "confirm": True,
        "off_session": True,
    }
    return world.stripe.payment_intents.create(params).id


def open_invoice(world: World, customer: str, amount: int = 4_000) -> str:
    """An open invoice that was made by hand in Stripe."""
    draft = world.stripe.invoices.create({"customer": customer, "currency": "jpy"})
    world.stripe.invoices.add_lines(
        draft.id, {"lines": [{"amount": amount, "description": "保守"}]}
    )
    return world.stripe.invoices.finalize_invoice(draft.id).id


def attach(world: World, invoice: str, intent: str) -> None:
    """Apply a payment."""
    world.stripe.invoices.attach_payment(invoice, {"payment_intent": intent})


def detach(world: World, invoice: str, intent: str) -> None:
    """Un-apply a payment: a preview that the SDK reaches by raw requests."""
    client = stripe.StripeClient(world.engine.key, base_addresses={"api": world.engine.url})
    client.raw_request("post", f"/v1/invoices/{invoice}/detach_payment", payment_intent=intent)


def stamp_of(world: World, intent: str) -> dict[str, str]:
    """The metadata of a payment."""
    metadata = world.stripe.payment_intents.retrieve(intent).metadata
    return metadata.to_dict() if metadata else {}


def events_about(world: World, intent: str) -> list[dict[str, Any]]:
    """The events of a payment's applications as Stripe would send them, oldest first."""
    pages = world.stripe.events.list({"types": [PAID, DETACHED], "limit": 100})
    found = [event.to_dict() for event in pages.auto_paging_iter()]
    return [
        event
        for event in reversed(found)
        if event["data"]["object"]["payment"]["payment_intent"] == intent
    ]


def deliver(connection: Connection, *events: dict[str, Any]) -> None:
    """Send events to the receiver, signed."""
    receiver = TestClient(webhooks.app(connection))
    for event in events:
        body = json.dumps(event)
        header = stripe.WebhookSignature.generate_signature_header(body, SECRET)
        answer = receiver.post(webhooks.PATH, content=body, headers={"Stripe-Signature": header})
        assert answer.status_code == 200, answer.text


def test_a_payment_is_stamped_when_it_is_taken_off_and_cleared_when_it_is_applied(
    world_on_both: World,
) -> None:
    world = world_on_both
    connection = world.connect()
    customer = customer_of(world)
    intent, wrong, right = payment(world, customer), open_invoice(world, customer), ""
    attach(world, wrong, intent)
    detach(world, wrong, intent)
    deliver(connection, *events_about(world, intent))
    assert stamp_of(world, intent) == {"unapplied": "true", "unapplied_from": wrong}

    right = open_invoice(world, customer)
    attach(world, right, intent)
    deliver(connection, events_about(world, intent)[-1])
    assert stamp_of(world, intent) == {}
    assert connection.inbox.waiting() == []


def test_the_stamp_is_found_by_the_source_s_search(world: World) -> None:
    connection = world.connect()
    customer = customer_of(world)
    intent, invoice = payment(world, customer), open_invoice(world, customer)
    attach(world, invoice, intent)
    detach(world, invoice, intent)
    deliver(connection, *events_about(world, intent))
    found = world.stripe.payment_intents.search({"query": "metadata['unapplied']:'true'"})
    assert intent in [each.id for each in found.auto_paging_iter()]


def test_late_repeated_and_reordered_events_change_nothing(world: World) -> None:
    """What counts is where the payment is when it is looked at."""
    connection = world.connect()
    customer = customer_of(world)
    intent, first, second = payment(world, customer), open_invoice(world, customer), ""
    attach(world, first, intent)
    detach(world, first, intent)
    second = open_invoice(world, customer)
    attach(world, second, intent)
    on_first, off_first, on_second = events_about(world, intent)
    deliver(connection, on_second, off_first)
    assert stamp_of(world, intent) == {}

    detach(world, second, intent)
    off_second = events_about(world, intent)[-1]
    deliver(connection, off_second, on_first, on_second, off_first)
    assert stamp_of(world, intent) == {"unapplied": "true", "unapplied_from": second}


def test_other_metadata_stays(world: World) -> None:
    connection = world.connect()
    customer = customer_of(world)
    intent, invoice = payment(world, customer), open_invoice(world, customer)
    world.stripe.payment_intents.update(intent, {"metadata": {"order": "7"}})
    attach(world, invoice, intent)
    detach(world, invoice, intent)
    deliver(connection, *events_about(world, intent))
    assert stamp_of(world, intent) == {
        "order": "7",
        "unapplied": "true",
        "unapplied_from": invoice,
    }
    attach(world, invoice, intent)
    deliver(connection, events_about(world, intent)[-1])
    assert stamp_of(world, intent) == {"order": "7"}


def test_a_payment_that_was_never_on_an_invoice_is_not_stamped(world: World) -> None:
    """It is unapplied too, but nobody took it off: it may be meant for no invoice at all."""
    connection = world.connect()
    customer = customer_of(world)
    intent, invoice = payment(world, customer), open_invoice(world, customer)
    attach(world, invoice, intent)
    (applied,) = events_about(world, intent)
    deliver(connection, applied)
    assert stamp_of(world, intent) == {}


def test_a_sweep_finds_what_webhooks_did_not_bring(world: World) -> None:
    connection = world.connect()
    customer = customer_of(world)
    intent, invoice = payment(world, customer), open_invoice(world, customer)
    attach(world, invoice, intent)
    detach(world, invoice, intent)
    webhooks.sweep(connection)
    assert stamp_of(world, intent) == {"unapplied": "true", "unapplied_from": invoice}
    attach(world, invoice, intent)
    webhooks.sweep(connection)
    assert stamp_of(world, intent) == {}
    count = connection.inbox.count()
    webhooks.sweep(connection)
    assert connection.inbox.count() == count


def test_a_refused_stamp_is_noted_and_holds_up_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restricted key that may not write payments: statuses still follow."""
    connection = world.connect()
    customer = customer_of(world)
    intent, invoice = payment(world, customer), open_invoice(world, customer)
    attach(world, invoice, intent)
    detach(world, invoice, intent)

    def refuse(*_: object) -> None:
        raise stripe.PermissionError("This key may not write payment intents.")

    monkeypatch.setattr("seikyu.connector.stripe_side.StripeSide.stamp_unapplied", refuse)
    deliver(connection, *events_about(world, intent))
    assert stamp_of(world, intent) == {}
    assert connection.inbox.waiting() == []


def test_the_registered_endpoint_hears_of_payments(world: World) -> None:
    connection = world.connect()
    url = f"http://127.0.0.1:9/{world.key}"
    connection.stripe.register_webhook(url)
    endpoints = world.stripe.webhook_endpoints.list({"limit": 100}).auto_paging_iter()
    (made,) = [each for each in endpoints if each.url == url]
    assert {PAID, DETACHED} <= set(made.enabled_events)


def test_one_look_a_payment_from_the_invoice_it_was_taken_off_last() -> None:
    events = [
        Received("evt_3", DETACHED, "in_2", "pi_1", 300),
        Received("evt_1", DETACHED, "in_1", "pi_1", 100),
        Received("evt_2", PAID, "in_2", "pi_1", 200),
        Received("evt_4", PAID, "in_3", "pi_2", 400),
        Received("evt_5", "invoice.paid", "in_3", None, 400),
    ]
    assert looks_at(events) == [
        Look("pi_1", ["evt_3", "evt_1", "evt_2"], "in_2"),
        Look("pi_2", ["evt_4"], None),
    ]
