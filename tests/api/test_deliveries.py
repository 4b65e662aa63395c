"""Deliveries on record: listed, sent again by hand, signed with two secrets, and what goes wrong named."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest
import stripe

from tests.api.room import START, WEBHOOK_SECONDS, Caller, Room
from tests.receivers import WebhookReceiver
from tests.servers import free_port

HOUR = 3600
DAY = 86_400


@pytest.fixture
def sdk(room: Room, api: Caller) -> stripe.StripeClient:
    """The official SDK with the key of a new account."""
    return stripe.StripeClient(api.key, base_addresses={"api": room.base})


def listening(sdk: stripe.StripeClient, url: str, *events: Any) -> stripe.WebhookEndpoint:
    """Register an endpoint."""
    return sdk.v1.webhook_endpoints.create(
        {"url": url, "enabled_events": list(events or ("customer.created",))}
    )


def listed(sdk: stripe.StripeClient, **filters: str) -> list[dict[str, Any]]:
    """Return the deliveries on record, through the SDK's door to what it has no method for."""
    answer = sdk.raw_request("get", "/v1/seikyu/deliveries", **filters)
    page = orjson.loads(answer.body)
    assert page["object"] == "list"
    found: list[dict[str, Any]] = page["data"]
    return found


def newest(sdk: stripe.StripeClient) -> str:
    """Return the id of the newest event."""
    return sdk.v1.events.list({"limit": 1}).data[0].id


def resent(sdk: stripe.StripeClient, event: str, **form: str) -> dict[str, Any]:
    """Ask for an event again; return the event."""
    answer = sdk.raw_request("post", f"/v1/events/{event}/resend", **form)
    found: dict[str, Any] = orjson.loads(answer.body)
    return found


# ── on record ──────────────────────────────────────────────────────────────────────────────────


def test_what_was_taken_and_what_was_not_are_on_record(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with WebhookReceiver() as good, WebhookReceiver(lambda n: 503) as bad:
        taking, refusing = listening(sdk, good.url), listening(sdk, bad.url)
        sdk.v1.customers.create({"name": "株式会社サンプル"})
        event = newest(sdk)
        waiting = listed(sdk, webhook_endpoint=taking.id)
        assert [(each["status"], each["attempts"]) for each in waiting] == [("pending", 0)]
        room.drain()
        (taken,) = listed(sdk, webhook_endpoint=taking.id)
        assert taken == {
            "id": f"dlv_{event[4:]}_{taking.id[3:]}",
            "object": "seikyu.delivery",
            "attempts": 1,
            "created": START,
            "delivered_at": START,
            "event": event,
            "event_type": "customer.created",
            "last_attempt_at": START,
            "last_error": None,
            "last_status_code": 200,
            "livemode": False,
            "next_attempt_at": None,
            "status": "delivered",
            "webhook_endpoint": taking.id,
        }
        (refused,) = listed(sdk, webhook_endpoint=refusing.id)
        assert refused["status"] == "pending"
        assert refused["next_attempt_at"] == START + 5
        assert refused["last_status_code"] == 503
        assert refused["last_error"] == "It answered with status 503; any 2xx is success."
        for _ in range(100):
            room.time.pass_by(HOUR)
            room.drain()
        (given_up,) = listed(sdk, event=event, status="failed")
        assert given_up["webhook_endpoint"] == refusing.id
        assert given_up["next_attempt_at"] is None
        assert given_up["attempts"] == len(bad.deliveries)
        assert listed(sdk, status="delivered") == [taken]
        one = sdk.raw_request("get", f"/v1/seikyu/deliveries/{taken['id']}")
        assert orjson.loads(one.body) == taken


def test_deliveries_are_paged_newest_event_first(room: Room, api: Caller) -> None:
    with WebhookReceiver() as one, WebhookReceiver() as other:
        for url in (one.url, other.url):
            api.post_form(
                "/v1/webhook_endpoints", {"url": url, "enabled_events[]": "product.created"}
            )
        for number in range(3):
            api.post("/v1/products", name=f"制作 {number}")
        room.drain()
    everything = api.ids("/v1/seikyu/deliveries")
    assert len(everything) == 6
    assert everything == sorted(everything, reverse=True)
    walked: list[str] = []
    query = "limit=4"
    while True:
        page = api.get("/v1/seikyu/deliveries", query)
        walked += [each["id"] for each in page["data"]]
        if not page["has_more"]:
            break
        query = f"limit=4&starting_after={walked[-1]}"
    assert walked == everything
    assert api.ids("/v1/seikyu/deliveries", f"ending_before={everything[3]}") == everything[:3]
    expanded = api.get("/v1/seikyu/deliveries", "limit=1&expand[]=data.event")["data"][0]
    assert expanded["event"]["type"] == "product.created"
    unknown = api.send("GET", "/v1/seikyu/deliveries/dlv_nothing")
    assert (unknown.status, unknown.error["code"]) == (404, "resource_missing")
    refused = api.send("GET", "/v1/seikyu/deliveries", query="status=lost")
    assert refused.error["message"] == (
        "Invalid status: must be one of pending, delivered, failed, or dropped"
    )


def test_what_is_owed_to_an_endpoint_that_was_disabled_is_dropped_when_it_comes_due(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with WebhookReceiver(lambda n: 500) as bad:
        endpoint = listening(sdk, bad.url)
        sdk.v1.customers.create({})
        room.drain()
        sdk.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})
        room.time.pass_by(5)
        room.drain()
        assert len(bad.deliveries) == 1
        (dropped,) = listed(sdk, status="dropped")
        assert dropped["last_error"] == "endpoint disabled or deleted"
        assert dropped["next_attempt_at"] is None


# ── again, by hand ─────────────────────────────────────────────────────────────────────────────


def test_an_event_is_sent_again_to_everybody_it_concerns(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with WebhookReceiver() as good, WebhookReceiver() as late:
        listening(sdk, good.url)
        customer = sdk.v1.customers.create({})
        event = newest(sdk)
        room.drain()
        listening(sdk, late.url, "customer.*")
        shown = resent(sdk, event)
        assert shown["id"] == event
        assert shown["pending_webhooks"] == 1
        room.drain()
        assert [each.type for each in good.deliveries] == ["customer.created"] * 2
        assert [each.type for each in late.deliveries] == ["customer.created"]
        again = orjson.loads(late.deliveries[0].payload)
        assert again["id"] == event
        assert again["data"]["object"]["id"] == customer.id
        assert sdk.v1.events.retrieve(event).pending_webhooks == 0
        assert [each["attempts"] for each in listed(sdk, event=event)] == [1, 2]


def test_an_event_is_sent_again_to_the_one_endpoint_that_is_named(
    room: Room, sdk: stripe.StripeClient
) -> None:
    """As the official command line asks for it; the endpoint need not listen to the type."""
    with WebhookReceiver() as one, WebhookReceiver() as other:
        listening(sdk, one.url)
        named = listening(sdk, other.url, "invoice.paid")
        sdk.v1.customers.create({})
        event = newest(sdk)
        room.drain()
        sdk.raw_request("post", f"/v1/events/{event}/retry", webhook_endpoint=named.id)
        room.drain()
        assert len(one.deliveries) == 1
        assert [each.type for each in other.deliveries] == ["customer.created"]
        sdk.raw_request("post", f"/v1/events/{event}/retry", for_stripecli="true")
        room.drain()
        assert (len(one.deliveries), len(other.deliveries)) == (2, 2)


def test_a_resend_that_fails_is_tried_once_and_disables_nothing(
    room: Room, sdk: stripe.StripeClient
) -> None:
    mood = [200]
    with WebhookReceiver(lambda n: mood[0]) as moody:
        endpoint = listening(sdk, moody.url)
        sdk.v1.customers.create({})
        event = newest(sdk)
        room.drain()
        mood[0] = 500
        room.time.pass_by(10 * DAY)
        resent(sdk, event)
        for _ in range(5):
            room.drain()
            room.time.pass_by(DAY)
        assert len(moody.deliveries) == 2
        (still,) = listed(sdk, event=event)
        assert (still["status"], still["last_status_code"]) == ("delivered", 500)
        assert sdk.v1.events.retrieve(event).pending_webhooks == 0
        assert sdk.v1.webhook_endpoints.retrieve(endpoint.id).status == "enabled"


def test_a_resend_of_what_was_given_up_is_delivered(room: Room, sdk: stripe.StripeClient) -> None:
    mood = [500]
    with WebhookReceiver(lambda n: mood[0]) as moody:
        endpoint = listening(sdk, moody.url)
        sdk.v1.customers.create({})
        event = newest(sdk)
        for _ in range(100):
            room.drain()
            room.time.pass_by(HOUR)
        assert sdk.v1.webhook_endpoints.retrieve(endpoint.id).status == "disabled"
        with pytest.raises(stripe.InvalidRequestError, match="is disabled; enable it") as refused:
            resent(sdk, event, webhook_endpoint=endpoint.id)
        assert refused.value.param == "webhook_endpoint"
        with pytest.raises(stripe.InvalidRequestError, match="No enabled webhook endpoint listens"):
            resent(sdk, event)
        sdk.v1.webhook_endpoints.update(endpoint.id, {"disabled": False})
        mood[0] = 200
        tried = len(moody.deliveries)
        resent(sdk, event)
        room.drain()
        assert len(moody.deliveries) == tried + 1
        (delivered,) = listed(sdk, event=event)
        assert (delivered["status"], delivered["delivered_at"]) == ("delivered", room.time.now)
        assert sdk.v1.events.retrieve(event).pending_webhooks == 0


def test_a_resend_with_a_key_is_made_once(room: Room, api: Caller) -> None:
    with WebhookReceiver() as receiver:
        form = {"url": receiver.url, "enabled_events[]": "customer.created"}
        api.post_form("/v1/webhook_endpoints", form)
        api.customer(card=None)
        event = api.ids("/v1/events", "limit=1")[0]
        room.drain()
        path = f"/v1/events/{event}/resend"
        first = api.send("POST", path, idempotency_key="again")
        room.drain()
        second = api.send("POST", path, idempotency_key="again")
        room.drain()
        assert second.headers["idempotent-replayed"] == "true"
        assert first.body == second.body
        assert len(receiver.deliveries) == 2
    missing = api.refused("/v1/events/evt_0000000000000000000000AA/resend")
    assert (missing.status, missing.error["code"]) == (404, "resource_missing")
    nobody = api.refused(path, {"webhook_endpoint": "we_0000000000000000000000AA"})
    assert (nobody.status, nobody.error["param"]) == (400, "webhook_endpoint")


# ── secrets ────────────────────────────────────────────────────────────────────────────────────


def rolled(sdk: stripe.StripeClient, endpoint: str, **form: str) -> str:
    """Replace the secret; return the new one."""
    answer = sdk.raw_request("post", f"/v1/webhook_endpoints/{endpoint}/roll_secret", **form)
    secret: str = orjson.loads(answer.body)["secret"]
    return secret


def verified(receiver: WebhookReceiver, secret: str) -> bool:
    """Say whether the newest delivery bears a signature under the secret."""
    delivery = receiver.deliveries[-1]
    try:
        stripe.Webhook.construct_event(
            delivery.payload, delivery.signature, secret, tolerance=10**9
        )
    except stripe.SignatureVerificationError:
        return False
    return True


def test_both_secrets_sign_until_the_former_one_expires(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with WebhookReceiver() as receiver:
        endpoint = listening(sdk, receiver.url)
        former = endpoint.secret or ""
        present = rolled(sdk, endpoint.id, expires_in="3600")
        assert present.startswith("whsec_")
        assert present != former
        assert "secret" not in sdk.v1.webhook_endpoints.retrieve(endpoint.id)
        for passed, both in ((0, True), (3599, True), (1, False)):
            room.time.pass_by(passed)
            sdk.v1.customers.create({})
            room.drain()
            assert verified(receiver, present)
            assert verified(receiver, former) is both


def test_a_secret_that_leaked_ends_at_once(room: Room, sdk: stripe.StripeClient) -> None:
    with WebhookReceiver() as receiver:
        endpoint = listening(sdk, receiver.url)
        present = rolled(sdk, endpoint.id, expires_in="0")
        sdk.v1.customers.create({})
        room.drain()
        assert verified(receiver, present)
        assert not verified(receiver, endpoint.secret or "")


def test_of_three_secrets_two_sign(room: Room, sdk: stripe.StripeClient) -> None:
    with WebhookReceiver() as receiver:
        endpoint = listening(sdk, receiver.url)
        second = rolled(sdk, endpoint.id)
        third = rolled(sdk, endpoint.id)
        sdk.v1.customers.create({})
        room.drain()
        assert [
            verified(receiver, secret) for secret in (endpoint.secret or "", second, third)
        ] == [
            False,
            True,
            True,
        ]


@pytest.mark.parametrize("expires_in", ["-1", "86401", "soon"])
def test_an_overlap_of_more_than_a_day_is_refused(api: Caller, expires_in: str) -> None:
    form = {"url": "https://hooks.example.com", "enabled_events[]": "*"}
    made = api.post_form("/v1/webhook_endpoints", form)
    path = f"/v1/webhook_endpoints/{made['id']}/roll_secret"
    reply = api.refused(path, {"expires_in": expires_in})
    assert (reply.status, reply.error["param"]) == (400, "expires_in")


# ── which names can be listened to ─────────────────────────────────────────────────────────────


def test_a_name_that_stripe_does_not_know_is_refused_in_stripes_words(api: Caller) -> None:
    form = {"url": "https://hooks.example.com", "enabled_events[0]": "invoice.payed"}
    reply = api.refused("/v1/webhook_endpoints", form)
    assert reply.error["param"] == "enabled_events[0]"
    message = reply.error["message"]
    assert message.startswith("Invalid enabled_events[0]: must be one of *, account.application.")
    assert ", invoice.paid, " in message
    made = api.post_form(
        "/v1/webhook_endpoints",
        {"url": "https://hooks.example.com", "enabled_events[0]": "issuing_card.created"},
    )
    assert made["enabled_events"] == ["issuing_card.created"]
    path = f"/v1/webhook_endpoints/{made['id']}"
    assert api.refused(path, {"enabled_events[0]": "nothing.*"}).status == 400
    assert api.post_form(path, {"enabled_events[0]": "invoice.*"})["enabled_events"] == [
        "invoice.*"
    ]


# ── bad targets ────────────────────────────────────────────────────────────────────────────────


@contextmanager
def secured(folder: Path) -> Iterator[str]:
    """A receiver over TLS whose certificate nobody signed but itself; its address."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()

    class Quiet(HTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Nothing: who does not trust the certificate hangs up."""

    server = Quiet(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def answering(answer: bytes, pause: float = 0) -> Iterator[str]:
    """A receiver that says these bytes, one by one where it takes its time, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def talk() -> None:
            with suppress(OSError):
                while not ended.is_set():
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(65_536)
                        _say(connection, answer, pause)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _say(connection: socket.socket, answer: bytes, pause: float) -> None:
    if not pause:
        connection.sendall(answer)
        return
    for byte in answer:
        connection.sendall(bytes([byte]))
        time.sleep(pause)


def outcome_beside_a_good_one(
    room: Room, sdk: stripe.StripeClient, url: str
) -> tuple[int | None, str | None]:
    """Send an event to the address and to a good receiver, which must get it; return the outcome."""
    with WebhookReceiver() as good:
        bad = listening(sdk, url)
        listening(sdk, good.url)
        sdk.v1.customers.create({})
        began = time.monotonic()
        room.drain()
        assert time.monotonic() - began < WEBHOOK_SECONDS + 2
        assert [each.type for each in good.deliveries] == ["customer.created"]
    (told,) = listed(sdk, webhook_endpoint=bad.id)
    assert (told["status"], told["attempts"]) == ("pending", 1)
    assert told["next_attempt_at"] == room.time.now + 5
    sdk.v1.webhook_endpoints.delete(bad.id)
    return told["last_status_code"], told["last_error"]


def test_a_certificate_that_nobody_vouches_for_is_an_outcome(
    room: Room, sdk: stripe.StripeClient, tmp_path: Path
) -> None:
    with secured(tmp_path) as url:
        status, error = outcome_beside_a_good_one(room, sdk, url)
    assert status is None
    assert error is not None
    assert error.startswith("no secure connection (TLS): ")
    assert "self-signed certificate" in error


def test_tls_asked_of_one_that_speaks_plainly_is_an_outcome(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        _, error = outcome_beside_a_good_one(room, sdk, url.replace("http://", "https://"))
    assert error is not None
    assert error.startswith("no secure connection (TLS): ")


def test_a_name_without_an_address_is_an_outcome(room: Room, sdk: stripe.StripeClient) -> None:
    _, error = outcome_beside_a_good_one(room, sdk, "https://no-such-host.invalid/hook")
    assert error is not None
    assert error.startswith("the name cannot be looked up: ")


def test_a_closed_port_is_an_outcome(room: Room, sdk: stripe.StripeClient) -> None:
    _, error = outcome_beside_a_good_one(room, sdk, f"http://127.0.0.1:{free_port()}/")
    assert error is not None
    assert error.startswith("no connection: ")


def test_what_is_no_http_is_an_outcome(room: Room, sdk: stripe.StripeClient) -> None:
    with answering(b"SSH-2.0-sample\r\n") as url:
        status, error = outcome_beside_a_good_one(room, sdk, url)
    assert status is None
    assert error is not None
    assert error.startswith("no answer in HTTP: ")


def test_an_answer_that_drips_is_given_up_after_the_time_out(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nx-sample: " + b"x" * 200, pause=0.05) as url:
        assert outcome_beside_a_good_one(room, sdk, url) == (None, "no answer within 1 s")


def test_a_redirect_says_what_to_do(room: Room, sdk: stripe.StripeClient) -> None:
    moved = b"HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
    with answering(moved) as url:
        assert outcome_beside_a_good_one(room, sdk, url) == (
            301,
            "It answered with a redirect; none is followed. Register the final address.",
        )
