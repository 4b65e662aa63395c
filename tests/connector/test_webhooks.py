"""The receiver of Stripe's webhooks: only the genuine, only the fresh, each once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import stripe
from starlette.testclient import TestClient

from seikyu.connector import webhooks
from seikyu.connector.connection import Connection
from seikyu.connector.facts import Link, LinkState
from seikyu.connector.settings import Settings
from seikyu.connector.store import Database, Received

SECRET = "whsec_sample"
NOW = datetime(2026, 3, 10, 3, 0, tzinfo=UTC)
NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'connector.db'}")
    made.migrate()
    yield made
    made.close()


def connect(database: Database, **given: str) -> Connection:
    settings = Settings.from_environ(
        {
            "BOARD_API_KEY": "sample-key",
            "BOARD_API_TOKEN": "sample-token",
            "STRIPE_API_KEY": "sk_test_sample",
            "SEIKYU_INVOICE_MODE": "charge",
            "SEIKYU_BOARD_URL": NOBODY,
            "SEIKYU_STRIPE_URL": NOBODY,
            **given,
        }
    )
    return Connection.open(settings, database, lambda: NOW)


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    made = connect(database, STRIPE_WEBHOOK_SECRET=SECRET)
    yield made
    made.close()


@pytest.fixture
def receiver(connection: Connection) -> TestClient:
    return TestClient(webhooks.app(connection))


def event(id: str = "evt_1", about: dict[str, Any] | None = None) -> str:
    about = about or {"object": "invoice", "id": "in_unknown"}
    return json.dumps({"id": id, "type": "invoice.paid", "data": {"object": about}})


def post(receiver: TestClient, body: str, age_seconds: int = 0, secret: str = SECRET) -> Any:
    # The SDK's own signer and the SDK's own clock: the verifier reads the system's time.
    fresh = stripe.WebhookSignature.generate_signature_header(body, secret)
    signed_at = int(fresh.split(",")[0].removeprefix("t=")) - age_seconds
    header = stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=signed_at)
    return receiver.post(webhooks.PATH, content=body, headers={"Stripe-Signature": header})


def test_a_genuine_event_is_stored_answered_and_looked_into(
    receiver: TestClient, connection: Connection
) -> None:
    answer = post(receiver, event())
    assert (answer.status_code, answer.json()) == (200, {"received": True, "new": True})
    assert connection.inbox.count() == 1
    # It names an invoice that is not ours, so there was nothing to look at.
    assert connection.inbox.waiting() == []


def test_the_same_event_twice_is_answered_twice_and_stored_once(
    receiver: TestClient, connection: Connection
) -> None:
    post(receiver, event())
    answer = post(receiver, event())
    assert (answer.status_code, answer.json()) == (200, {"received": True, "new": False})
    assert connection.inbox.count() == 1


def test_a_bad_signature_is_refused_and_nothing_is_stored(
    receiver: TestClient, connection: Connection
) -> None:
    answer = post(receiver, event(), secret="whsec_of_somebody_else")
    assert answer.status_code == 400
    assert "signature" in answer.json()["error"]
    assert connection.inbox.count() == 0


def test_a_changed_body_is_refused(receiver: TestClient, connection: Connection) -> None:
    header = stripe.WebhookSignature.generate_signature_header(event(), SECRET)
    answer = receiver.post(
        webhooks.PATH, content=event("evt_2"), headers={"Stripe-Signature": header}
    )
    assert answer.status_code == 400
    assert connection.inbox.count() == 0


@pytest.mark.parametrize("header", [None, "", "t=1", "v1=ff", "t=x,v1=ff", "nonsense"])
def test_a_missing_or_malformed_signature_is_refused(
    receiver: TestClient, connection: Connection, header: str | None
) -> None:
    headers = {} if header is None else {"Stripe-Signature": header}
    assert receiver.post(webhooks.PATH, content=event(), headers=headers).status_code == 400
    assert connection.inbox.count() == 0


@pytest.mark.parametrize(("age", "status"), [(290, 200), (310, 400)])
def test_an_event_signed_more_than_five_minutes_ago_is_refused(
    receiver: TestClient, age: int, status: int
) -> None:
    assert post(receiver, event(), age_seconds=age).status_code == status


@pytest.mark.parametrize("body", ["[]", "{}", "not json", '{"id": "evt_1", "type": "x"}'])
def test_a_signed_body_that_is_no_event_is_refused(receiver: TestClient, body: str) -> None:
    assert post(receiver, body).status_code == 400


def test_a_body_that_is_not_utf8_is_refused(receiver: TestClient) -> None:
    answer = receiver.post(
        webhooks.PATH, content=b"\xff\xfe", headers={"Stripe-Signature": "t=1,v1=ff"}
    )
    assert answer.status_code == 400


def test_a_body_that_is_too_large_is_not_read(receiver: TestClient, connection: Connection) -> None:
    answer = receiver.post(
        webhooks.PATH, content=b"x" * 2_000_000, headers={"Stripe-Signature": "t=1,v1=ff"}
    )
    assert answer.status_code == 413
    assert connection.inbox.count() == 0


def test_without_a_secret_no_webhook_is_believed(database: Database) -> None:
    unsecured = TestClient(webhooks.app(connect(database)))
    answer = post(unsecured, event())
    assert answer.status_code == 503
    assert "STRIPE_WEBHOOK_SECRET" in answer.json()["error"]


def test_an_event_that_cannot_be_looked_into_now_is_answered_and_waits(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seikyu.connector.stripe_side.NETWORK_RETRIES", 0)
    connection = connect(database, STRIPE_WEBHOOK_SECRET=SECRET)
    connection.links.save(Link(11, LinkState.SENT, stripe_invoice_id="in_7", seen_status="open"))
    payment = {"object": "invoice_payment", "id": "inpay_1", "invoice": "in_7"}
    receiver = TestClient(webhooks.app(connection))
    assert post(receiver, event("evt_1", payment)).status_code == 200
    assert post(receiver, event("evt_2", {"object": "charge", "id": "ch_1"})).status_code == 200
    assert connection.inbox.waiting() == [Received("evt_1", "invoice.paid", "in_7")]


def test_other_methods_and_paths_are_not_served(receiver: TestClient) -> None:
    assert receiver.get(webhooks.PATH).status_code == 405
    assert receiver.post("/connector/webhooks/other").status_code == 404
