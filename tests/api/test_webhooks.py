"""Webhooks: signed, filtered, repeated with growing gaps, refused where they must not go, never lost."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import stripe
from sqlalchemy import create_engine, text

from seikyu.engine.worker import Outbound, Worker
from tests.api.room import WEBHOOK_SECONDS, Caller, Room, running_room
from tests.receivers import WebhookReceiver
from tests.servers import free_port

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


# ── what is sent ───────────────────────────────────────────────────────────────────────────────


def test_a_delivery_is_the_event_signed_with_the_endpoints_secret(
    room: Room, api: Caller, receiver: WebhookReceiver
) -> None:
    made = endpoint(api, receiver.url, "customer.created")
    assert made["secret"].startswith("whsec_")
    customer = api.customer(card=None)
    room.drain()
    (delivery,) = receiver.deliveries
    event = stripe.Webhook.construct_event(
        delivery.payload, delivery.signature, made["secret"], tolerance=10**9
    )
    assert (event.type, event.data.object["id"]) == ("customer.created", customer)
    assert f"t={room.time.now}," in delivery.signature
    assert delivery.headers["content-type"].startswith("application/json")
    sent = json.loads(delivery.payload)
    stored = api.get(f"/v1/events/{event.id}")
    assert sent["pending_webhooks"] == 1
    assert stored == {**sent, "pending_webhooks": 0}
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(
            delivery.payload, delivery.signature, "whsec_other", tolerance=10**9
        )
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(delivery.payload, delivery.signature, made["secret"])


def test_the_secret_is_shown_once(api: Caller) -> None:
    made = endpoint(api, "https://hooks.example.com/stripe")
    stored = api.get(f"/v1/webhook_endpoints/{made['id']}")
    assert "secret" not in stored
    assert "secret" not in api.get("/v1/webhook_endpoints")["data"][0]
    assert stored["url"] == "https://hooks.example.com/stripe"


def test_each_endpoint_gets_what_it_asked_for(room: Room, api: Caller) -> None:
    with WebhookReceiver() as one, WebhookReceiver() as family, WebhookReceiver() as all_:
        endpoint(api, one.url, "invoice.paid")
        endpoint(api, family.url, "invoice.*")
        endpoint(api, all_.url, "*")
        api.post(f"/v1/invoices/{api.draft(api.customer())}/pay")
        room.drain()
        assert types(one) == ["invoice.paid"]
        assert {type.split(".")[0] for type in types(family)} == {"invoice"}
        assert sorted(types(all_)) == sorted(api.event_types())


def test_events_are_offered_in_the_order_in_which_they_happened(
    room: Room, api: Caller, receiver: WebhookReceiver
) -> None:
    endpoint(api, receiver.url, "customer.created", "customer.updated")
    customer = api.customer(card=None)
    room.drain()
    api.post(f"/v1/customers/{customer}", name="サンプル後")
    room.drain()
    assert types(receiver) == ["customer.created", "customer.updated"]
    previous = json.loads(receiver.deliveries[1].payload)["data"]["previous_attributes"]
    assert previous == {"name": "株式会社サンプル"}


def test_another_account_hears_nothing(room: Room, api: Caller, receiver: WebhookReceiver) -> None:
    endpoint(api, receiver.url, "*")
    room.account().customer()
    room.drain()
    assert receiver.deliveries == []


def test_a_disabled_or_deleted_endpoint_gets_nothing_until_it_is_enabled(
    room: Room, api: Caller, receiver: WebhookReceiver
) -> None:
    made = endpoint(api, receiver.url, "*")
    path = f"/v1/webhook_endpoints/{made['id']}"
    assert api.post(path, disabled="true")["status"] == "disabled"
    api.customer(card=None)
    room.drain()
    assert receiver.deliveries == []
    assert api.post(path, disabled="false")["status"] == "enabled"
    api.customer(card=None)
    room.drain()
    assert types(receiver) == ["customer.created"]
    assert api.send("DELETE", path).body["deleted"] is True
    api.customer(card=None)
    room.drain()
    assert types(receiver) == ["customer.created"]
    assert api.send("GET", path).status == 404


# ── what is not taken is sent again ────────────────────────────────────────────────────────────


def test_what_is_not_taken_is_sent_again_with_growing_gaps_and_a_fresh_signature(
    room: Room, api: Caller
) -> None:
    with WebhookReceiver(lambda n: 500 if n < 4 else 200) as failing:
        secret = endpoint(api, failing.url, "customer.created")["secret"]
        api.customer(card=None)
        room.drain()
        began = room.time.now
        moments = [0]
        for gap in (5, 30, 120, 600):
            before = len(failing.deliveries)
            room.time.pass_by(gap - 1)
            room.drain()
            assert len(failing.deliveries) == before
            room.time.pass_by(1)
            room.drain()
            assert len(failing.deliveries) == before + 1
            moments.append(room.time.now - began)
        assert moments == [0, 5, 35, 155, 755]
        assert len(failing.deliveries) == 5
        for moment, delivery in zip(moments, failing.deliveries, strict=True):
            assert delivery.signature.startswith(f"t={began + moment},v1=")
            stripe.Webhook.construct_event(
                delivery.payload, delivery.signature, secret, tolerance=10**9
            )
        room.time.pass_by(DAY)
        room.drain()
        assert len(failing.deliveries) == 5
        (event,) = api.get("/v1/events")["data"]
        assert event["pending_webhooks"] == 0


def test_an_address_that_cannot_even_be_looked_up_is_an_outcome_and_stops_nobody(
    room: Room, api: Caller, receiver: WebhookReceiver
) -> None:
    """Creation refuses such a host; one that was stored before it did must not end the deliveries."""
    made = endpoint(api, "https://hooks.example.com", "customer.created")
    engine = create_engine(room.database.url)
    with engine.begin() as connection:
        moved = text("UPDATE webhook_endpoints SET url = 'https://a..example.jp' WHERE id = :id")
        assert connection.execute(moved, {"id": made["id"]}).rowcount == 1
    engine.dispose()
    api.customer(card=None)
    strict = Outbound(room.door, timeout_seconds=1, allow_private=False)
    assert room.run(strict.deliver()) == 1
    assert outcomes(room)[0].startswith("the name cannot be looked up")
    endpoint(api, receiver.url, "customer.created")
    api.customer(card=None)
    room.drain()
    assert types(receiver) == ["customer.created"]


def test_a_round_that_fails_is_reported_and_both_loops_go_on(
    room: Room, api: Caller, receiver: WebhookReceiver
) -> None:
    """The first round of each loop meets a bug; the invoice is paid and the webhook comes anyway."""
    endpoint(api, receiver.url, "invoice.paid")
    api.draft(api.customer(), auto_advance="true")
    room.time.pass_by(HOUR)
    failed: list[str] = []

    async def story() -> None:
        stop = asyncio.Event()
        tick = room.worker.tick

        class Faulty(Worker):
            async def tick(self) -> int:
                if "tick" not in failed:
                    failed.append("tick")
                    raise RuntimeError("a bug of our own")
                return await tick()

        class FaultyOutbound(Outbound):
            async def turn(self) -> int:
                if "turn" not in failed:
                    failed.append("turn")
                    raise RuntimeError("a bug of our own")
                return await super().turn()

        outbound = FaultyOutbound(room.door, timeout_seconds=1, allow_private=True)
        working = asyncio.create_task(Faulty(room.door, outbound).run(stop))
        while not receiver.deliveries:
            assert not working.done()
            await asyncio.sleep(0.02)
        stop.set()
        await working

    room.run(story())
    assert sorted(failed) == ["tick", "turn"]
    assert types(receiver) == ["invoice.paid"]


def test_one_that_does_not_listen_does_not_keep_the_others_waiting(
    room: Room, api: Caller, receiver: WebhookReceiver
) -> None:
    endpoint(api, f"http://127.0.0.1:{free_port()}/nobody", "*")
    endpoint(api, receiver.url, "*")
    api.customer(card=None)
    room.drain()
    assert types(receiver) == ["customer.created"]
    assert api.get("/v1/events")["data"][0]["pending_webhooks"] == 1


def test_after_three_days_the_endpoint_is_disabled(room: Room, api: Caller) -> None:
    with WebhookReceiver(lambda n: 503) as failing:
        made = endpoint(api, failing.url, "customer.created")
        api.customer(card=None)
        path = f"/v1/webhook_endpoints/{made['id']}"
        for _ in range(3 * 24):
            room.drain()
            assert api.get(path)["status"] == "enabled"
            room.time.pass_by(HOUR)
        for _ in range(25):
            room.time.pass_by(HOUR)
            room.drain()
        assert api.get(path)["status"] == "disabled"
        assert 8 <= len(failing.deliveries) <= 14
        received = len(failing.deliveries)
        api.customer(card=None)
        room.time.pass_by(7 * DAY)
        room.drain()
        assert len(failing.deliveries) == received


def test_one_event_that_is_never_taken_does_not_disable_an_endpoint_that_takes_others(
    room: Room, api: Caller
) -> None:
    failing = True
    with WebhookReceiver(lambda n: 500 if failing else 200) as picky:
        made = endpoint(api, picky.url, "customer.created", "product.created")
        api.customer(card=None)
        room.drain()
        failing = False
        api.post("/v1/products", name="制作")
        room.drain()
        failing = True
        for _ in range(5 * 24):
            room.time.pass_by(HOUR)
            room.drain()
    assert len(picky.deliveries) > 8
    assert api.get(f"/v1/webhook_endpoints/{made['id']}")["status"] == "enabled"


def test_a_black_hole_with_a_backlog_does_not_keep_the_others_waiting(
    room: Room, api: Caller, receiver: WebhookReceiver
) -> None:
    """What comes after sixty deliveries to one that never answers is sent before any of them ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as deaf:
        endpoint(api, f"http://127.0.0.1:{deaf.getsockname()[1]}/", "customer.created")
        for _ in range(60):
            api.customer(card=None)
        endpoint(api, receiver.url, "product.created")
        api.post("/v1/products", name="制作")

        async def sent_while_all_others_wait() -> int:
            outbound = Outbound(room.door, timeout_seconds=30, allow_private=True)
            begun = await outbound.turn()
            while not receiver.deliveries:
                await asyncio.sleep(0.01)
            under_way = set(outbound._under_way)
            for task in under_way:
                task.cancel()
            return begun

        assert room.run(sent_while_all_others_wait()) == 6
    assert types(receiver) == ["product.created"]
    room.time.pass_by(30 * DAY)
    room.drain()


def test_the_address_that_was_looked_up_is_the_one_that_is_connected_to(
    room: Room, api: Caller, receiver: WebhookReceiver
) -> None:
    """A name that means something else a moment later gains nothing: it is looked up once."""
    looked_up: list[str] = []

    async def look_up(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    port = receiver.url.split(":")[2].split("/")[0]
    endpoint(api, f"http://hooks.example.jp:{port}/", "customer.created")
    api.customer(card=None)
    strict = Outbound(room.door, timeout_seconds=5, allow_private=False, look_up=look_up)
    assert room.run(strict.deliver()) == 1
    assert receiver.deliveries == []
    room.time.pass_by(HOUR)
    lenient = Outbound(room.door, timeout_seconds=5, allow_private=True, look_up=look_up)
    assert room.run(lenient.deliver()) == 1
    assert receiver.deliveries[0].headers["host"] == f"hooks.example.jp:{port}"
    assert looked_up == ["hooks.example.jp", "hooks.example.jp"]


class Rude:
    """A receiver that misbehaves: it hangs, redirects, or answers with ten megabytes."""

    def __init__(self, how: str, elsewhere: str = "") -> None:
        rude = self
        self.received = 0
        self.sent_bytes = 0

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                rude.received += 1
                if how == "hangs":
                    time.sleep(WEBHOOK_SECONDS + 1)
                elif how == "redirects":
                    self.send_response(307)
                    self.send_header("location", elsewhere)
                    self.send_header("content-length", "0")
                    self.end_headers()
                else:
                    self._talk(200 if how == "talks" else 500)

            def _talk(self, status: int) -> None:
                self.send_response(status)
                self.send_header("content-length", "10000000")
                self.end_headers()
                for _ in range(1000):
                    self.wfile.write(b"x" * 10_000)
                    rude.sent_bytes += 10_000

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Nothing: who talks too much is hung up on."""

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def outcomes(room: Room) -> list[str]:
    """The last outcome of the newest event's deliveries. No API shows them."""
    engine = create_engine(room.database.url)
    with engine.connect() as connection:
        newest = text("SELECT last_outcome FROM deliveries ORDER BY event_id DESC LIMIT 1")
        found = [row[0] for row in connection.execute(newest)]
    engine.dispose()
    return found


def test_one_that_hangs_is_given_up_after_the_time_out(room: Room, api: Caller) -> None:
    rude = Rude("hangs")
    endpoint(api, rude.url, "*")
    api.customer(card=None)
    began = time.monotonic()
    room.drain()
    assert time.monotonic() - began < WEBHOOK_SECONDS + 0.9
    assert outcomes(room) == ["no answer within 1 s"]
    assert api.get("/v1/events")["data"][0]["pending_webhooks"] == 1
    rude.close()


def test_a_redirect_is_not_followed(room: Room, api: Caller, receiver: WebhookReceiver) -> None:
    rude = Rude("redirects", receiver.url)
    endpoint(api, rude.url, "*")
    api.customer(card=None)
    room.drain()
    assert (rude.received, receiver.deliveries) == (1, [])
    assert outcomes(room) == ["307"]
    rude.close()


@pytest.mark.parametrize(("how", "outcome"), [("talks", "200"), ("complains", "500")])
def test_an_answer_of_ten_megabytes_is_cut_off(
    room: Room, api: Caller, how: str, outcome: str
) -> None:
    rude = Rude(how)
    endpoint(api, rude.url, "*")
    api.customer(card=None)
    room.drain()
    assert outcomes(room) == [outcome]
    assert rude.sent_bytes < 9_000_000
    rude.close()


# ── where nothing is sent ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"],
)
def test_private_targets_are_refused_unless_allowed(tmp_path: Path, host: str) -> None:
    with (
        running_room(f"sqlite:///{tmp_path / 'seikyu.db'}", allow_private=False) as room,
        WebhookReceiver() as receiver,
    ):
        api = room.account()
        port = receiver.url.split(":")[2]
        endpoint(api, f"http://{host}:{port}", "*")
        api.customer(card=None)
        room.drain()
        assert receiver.deliveries == []
        assert outcomes(room)[0].startswith("the address is private")


def test_a_name_that_means_nothing_is_tried_again_later(room: Room, api: Caller) -> None:
    endpoint(api, "https://no-such-host.invalid/hook", "*")
    api.customer(card=None)
    room.drain()
    assert api.get("/v1/events")["data"][0]["pending_webhooks"] == 1


@pytest.mark.parametrize(
    "url",
    [
        *("", "sample", "ftp://sample.example.com", "http://", "javascript:1"),
        *("https://a..example.jp", f"https://{'a' * 70}.example.jp/hook"),
    ],
)
def test_an_address_that_no_webhook_can_reach_is_refused(api: Caller, url: str) -> None:
    reply = api.refused("/v1/webhook_endpoints", {"url": url, "enabled_events[]": "*"})
    assert (reply.status, reply.error["param"]) == (400, "url")


@pytest.mark.parametrize("events", ["paid", "Invoice Paid", "invoice.", "*.paid", "invoice.*.x"])
def test_what_cannot_be_the_name_of_an_event_is_refused(api: Caller, events: str) -> None:
    form = {"url": "https://hooks.example.com", "enabled_events[]": events}
    reply = api.refused("/v1/webhook_endpoints", form)
    assert (reply.status, reply.error["param"]) == (400, "enabled_events[0]")
