"""What a killed server had not delivered is delivered by the next one."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from sqlalchemy import create_engine, text

from tests.api.room import Caller
from tests.receivers import WebhookReceiver
from tests.servers import Installation, free_port

HOUR = 3600
DAY = 86_400


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    """A receiver that takes everything."""
    with WebhookReceiver() as running:
        yield running


def endpoint(api: Caller, url: str, *events: str) -> Any:
    """Register a webhook endpoint."""
    form = {f"enabled_events[{n}]": event for n, event in enumerate(events or ("*",))}
    return api.post_form("/v1/webhook_endpoints", {"url": url, **form})


def types(receiver: WebhookReceiver) -> list[str]:
    """What was received, in the order in which it came."""
    return [delivery.type for delivery in receiver.deliveries]


def test_what_a_killed_server_had_not_delivered_is_delivered_by_the_next(
    installation: Installation,
) -> None:
    """The receiver hangs while the server dies; the lease on the delivery ends, and it is sent again."""
    installation.extra = {"SEIKYU_WEBHOOK_ALLOW_PRIVATE": "1"}
    key = installation.create_account()["test_secret_key"]
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        hook = deaf.getsockname()[1]
        server = installation.serve(port=port)
        api = Caller(server.base, key)
        secret = endpoint(api, f"http://127.0.0.1:{hook}/", "customer.created")["secret"]
        customer = api.customer(card=None)
        connection, _ = deaf.accept()
        assert connection.recv(4) == b"POST"
        server.kill()
        connection.close()
    _end_leases(installation)
    receiver = WebhookReceiver()
    with receiver:
        _move_endpoint(installation, receiver.url)
        server = installation.serve(port=port)
        delivery = receiver.wait_for("customer.created")
        event = stripe.Webhook.construct_event(delivery.payload, delivery.signature, secret)
        assert event.data.object["id"] == customer
        assert server.stop() == 0
    assert types(receiver) == ["customer.created"]


def _execute(installation: Installation, statement: str, **values: Any) -> None:
    url = installation.database_url or f"sqlite:///{installation.data_dir / 'seikyu.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount == 1
    engine.dispose()


def _end_leases(installation: Installation) -> None:
    """Let the two minutes pass after which a delivery that nobody finished is taken up again."""
    _execute(installation, "UPDATE deliveries SET next_attempt_at = 1 WHERE next_attempt_at > 1")


def _move_endpoint(installation: Installation, url: str) -> None:
    """The receiver comes back at another port."""
    _execute(installation, "UPDATE webhook_endpoints SET url = :url", url=url)
