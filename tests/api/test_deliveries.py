"""Deliveries on record: listed, sent again by hand, signed with two secrets."""

from typing import Any

import orjson
import pytest
import stripe

from tests.api.room import START, Caller, Room
from tests.receivers import WebhookReceiver

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
