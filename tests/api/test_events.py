"""Events as they are listed: which, in which order, with what changed; and when they are forgotten."""

import time
from typing import Any

import pytest
import stripe
from sqlalchemy import create_engine, text

from seikyu.engine.worker import forgetting
from tests.api.room import START, Caller, Room
from tests.receivers import WebhookReceiver

DAY = 86_400


@pytest.fixture
def sdk(room: Room, api: Caller) -> stripe.StripeClient:
    """The official SDK with the key of a new account."""
    return stripe.StripeClient(api.key, base_addresses={"api": room.base})


def types(sdk: stripe.StripeClient, **filters: Any) -> list[str]:
    """Return the types of the events that the filters let through, newest first."""
    return [event.type for event in page(sdk, limit=100, **filters).data]


def page(sdk: stripe.StripeClient, **given: Any) -> stripe.ListObject[stripe.Event]:
    """Return a page of events."""
    params: Any = given
    return sdk.v1.events.list(params)


def customers_of_three_days(room: Room, sdk: stripe.StripeClient) -> None:
    """A customer and a product on each of three days, the first of them renamed."""
    for day in range(3):
        room.time.now = START + day * DAY
        customer = sdk.v1.customers.create({"name": "株式会社サンプル"})
        sdk.v1.products.create({"name": "制作"})
        if day == 0:
            sdk.v1.customers.update(customer.id, {"name": "サンプル後"})


# ── which ──────────────────────────────────────────────────────────────────────────────────────


def test_events_are_listed_by_type(room: Room, sdk: stripe.StripeClient) -> None:
    customers_of_three_days(room, sdk)
    assert types(sdk, type="customer.updated") == ["customer.updated"]
    assert types(sdk, type="customer.*") == [
        *("customer.created", "customer.created", "customer.updated", "customer.created"),
    ]
    assert types(sdk, type="product*") == ["product.created"] * 3
    assert types(sdk, types=["product.created", "customer.updated"]) == [
        *("product.created", "product.created", "customer.updated", "product.created"),
    ]
    assert types(sdk, types=["product.created"]) == ["product.created"] * 3
    assert len(types(sdk, type="*")) == len(types(sdk)) == 7
    assert types(sdk, type="invoice.paid") == types(sdk, type="nothing.*") == []


def test_type_and_types_exclude_each_other_and_twenty_are_the_most(api: Caller) -> None:
    both = api.send("GET", "/v1/events", query="type=invoice.paid&types[]=invoice.paid")
    assert both.error["code"] == "parameters_exclusive"
    many = "&".join(f"types[{n}]=invoice.paid" for n in range(21))
    refused = api.send("GET", "/v1/events", query=many)
    assert (refused.status, refused.error["param"]) == (400, "types")
    unknown = api.send("GET", "/v1/events", query="object=invoice")
    assert unknown.error["code"] == "parameter_unknown"


def test_events_are_listed_by_time(room: Room, sdk: stripe.StripeClient) -> None:
    customers_of_three_days(room, sdk)
    second = START + DAY
    assert len(types(sdk, created={"lt": second})) == 3
    assert len(types(sdk, created={"lte": second})) == 5
    assert len(types(sdk, created={"gt": second})) == 2
    assert len(types(sdk, created={"gte": second})) == 4
    assert types(sdk, created=second) == ["product.created", "customer.created"]
    assert types(sdk, created={"gt": START, "lt": START + 2 * DAY}) == [
        *("product.created", "customer.created"),
    ]
    assert types(sdk, created={"lte": second}, types=["customer.created", "customer.updated"]) == [
        *("customer.created", "customer.updated", "customer.created"),
    ]


def test_events_are_listed_by_whether_every_endpoint_took_them(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with WebhookReceiver() as good, WebhookReceiver(lambda n: 500) as bad:
        listeners: Any = ((good.url, "*"), (bad.url, "product.created"))
        for url, event in listeners:
            sdk.v1.webhook_endpoints.create({"url": url, "enabled_events": [event]})
        customers_of_three_days(room, sdk)
        assert len(types(sdk, delivery_success=False)) == 7
        room.drain()
        assert types(sdk, delivery_success=False) == ["product.created"] * 3
        assert types(sdk, delivery_success=True) == types(sdk, type="customer.*")
        assert types(sdk, delivery_success=False, type="customer.*") == []
        assert types(
            sdk, delivery_success=False, types=["product.created", "customer.created"]
        ) == [
            *("product.created", "product.created", "product.created"),
        ]
        recent = {"gte": START + DAY}
        assert types(sdk, delivery_success=False, created=recent) == ["product.created"] * 2


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"type": "customer.*"},
        {"types": ["customer.created", "product.created"]},
        {"created": {"gte": START, "lt": START + 3 * DAY}},
        {"delivery_success": True, "type": "customer.*"},
        {"created": {"lte": START + 3 * DAY}, "type": "customer.*"},
    ],
)
def test_pages_go_on_where_the_last_one_ended_whatever_the_filters(
    room: Room, sdk: stripe.StripeClient, filters: dict[str, Any]
) -> None:
    customers_of_three_days(room, sdk)
    whole = [event.id for event in page(sdk, limit=100, **filters).data]
    assert len(whole) >= 4
    assert whole == sorted(whole, reverse=True)
    paged = [event.id for event in page(sdk, limit=2, **filters).auto_paging_iter()]
    assert paged == whole
    back = page(sdk, limit=2, ending_before=whole[3], **filters)
    assert [event.id for event in back.data] == whole[1:3]
    assert back.has_more


# ── in which order ─────────────────────────────────────────────────────────────────────────────


def test_what_one_command_announces_is_listed_in_the_order_of_its_course(
    sdk: stripe.StripeClient, api: Caller
) -> None:
    invoice = api.draft(api.customer())
    before = len(types(sdk))
    sdk.v1.invoices.pay(invoice)
    course = types(sdk)[::-1][before:]
    assert course == [
        *("payment_intent.created", "invoice.finalized", "invoice.updated"),
        *("charge.succeeded", "payment_intent.succeeded", "invoice_payment.paid"),
        *("invoice.paid", "invoice.payment_succeeded", "invoice.updated"),
    ]
    ids = [event.id for event in sdk.v1.events.list({"limit": 100}).data]
    assert ids == sorted(ids, reverse=True)


def test_on_a_test_clock_a_list_of_a_time_is_in_the_order_of_that_time(
    room: Room, sdk: stripe.StripeClient
) -> None:
    """Other lists are in the order in which the events were stored."""
    ahead = sdk.v1.test_helpers.test_clocks.create({"frozen_time": START + 50 * DAY})
    future = sdk.v1.customers.create({"test_clock": ahead.id})
    present = sdk.v1.customers.create({})
    stored = sdk.v1.events.list({"type": "customer.created"}).data
    assert [event.data.object["id"] for event in stored] == [present.id, future.id]
    timed = sdk.v1.events.list({"type": "customer.created", "created": {"gte": START}}).data
    assert [event.data.object["id"] for event in timed] == [future.id, present.id]
    assert [event.created for event in timed] == [START + 50 * DAY, START]


# ── what changed ───────────────────────────────────────────────────────────────────────────────


def previous(sdk: stripe.StripeClient, type: str) -> Any:
    """Return the previous attributes of the newest event of a type."""
    event = sdk.v1.events.list({"type": type, "limit": 1}).data[0]
    return event.to_dict()["data"].get("previous_attributes")


def test_an_update_says_what_its_values_were_and_nothing_else(
    sdk: stripe.StripeClient,
) -> None:
    customer = sdk.v1.customers.create(
        {
            "name": "株式会社サンプル",
            "metadata": {"rank": "a", "area": "tokyo"},
            "address": {"city": "千代田区", "country": "JP"},
        }
    )
    assert previous(sdk, "customer.created") is None
    sdk.v1.customers.update(customer.id, {"metadata": {"rank": "b", "new": "1"}})
    assert previous(sdk, "customer.updated") == {"metadata": {"rank": "a", "new": None}}
    sdk.v1.customers.update(customer.id, {"metadata": {"area": ""}, "email": "a@example.jp"})
    assert previous(sdk, "customer.updated") == {"email": None, "metadata": {"area": "tokyo"}}
    sdk.v1.customers.update(customer.id, {"address": {"city": "港区", "country": "JP"}})
    assert previous(sdk, "customer.updated") == {"address": {"city": "千代田区"}}
    sdk.v1.customers.update(customer.id, {"address": ""})
    told = previous(sdk, "customer.updated")
    assert told == {
        "address": {
            "city": "港区",
            "country": "JP",
            "line1": None,
            "line2": None,
            "postal_code": None,
            "state": None,
        }
    }
    before = len(types(sdk))
    sdk.v1.customers.update(customer.id, {"name": "株式会社サンプル"})
    assert len(types(sdk)) == before


def test_only_updates_have_previous_attributes(sdk: stripe.StripeClient, api: Caller) -> None:
    invoice = api.draft(api.customer())
    sdk.v1.invoices.pay(invoice)
    for event in sdk.v1.events.list({"limit": 100}).data:
        told = event.to_dict()["data"]
        assert ("previous_attributes" in told) == event.type.endswith(".updated"), event.type


def test_finalizing_and_paying_say_what_the_invoice_was_before(
    sdk: stripe.StripeClient, api: Caller
) -> None:
    invoice = api.draft(api.customer())
    sdk.v1.invoices.pay(invoice)
    paid, finalized, edited = sdk.v1.events.list({"type": "invoice.updated", "limit": 3}).data
    of_paid = paid.to_dict()["data"]["previous_attributes"]
    assert (of_paid["status"], of_paid["amount_paid"], of_paid["amount_remaining"]) == (
        *("open", 0, 12_000),
    )
    assert of_paid["status_transitions"] == {"paid_at": None}
    assert "number" not in of_paid
    assert "customer" not in of_paid
    of_finalized = finalized.to_dict()["data"]["previous_attributes"]
    assert (of_finalized["status"], of_finalized["number"]) == ("draft", None)
    assert of_finalized["status_transitions"] == {"finalized_at": None}
    of_edited = edited.to_dict()["data"]["previous_attributes"]
    assert (of_edited["amount_due"], of_edited["lines"]["data"]) == (0, [])
    assert edited.data.object["lines"]["data"][0]["amount"] == 12_000


# ── when they are forgotten ────────────────────────────────────────────────────────────────────


def rows(room: Room, query: str) -> list[tuple[Any, ...]]:
    """Ask the database: what is forgotten is shown by no API."""
    engine = create_engine(room.database.url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


@pytest.fixture
def real(room: Room) -> Room:
    """The room at the system's own time: ids, which say how old an event is, are made with that."""
    room.time.now = int(time.time())
    room.worker.forgetting = forgetting.Forgetting(room.door)
    return room


def test_events_are_forgotten_after_thirty_days_and_what_they_showed_with_them(
    real: Room, sdk: stripe.StripeClient, api: Caller
) -> None:
    with WebhookReceiver() as receiver:
        sdk.v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["*"]})
        customer = sdk.v1.customers.create({"name": "株式会社サンプル"})
        for number in range(3):
            sdk.v1.customers.update(customer.id, {"name": f"サンプル {number}"})
        real.drain()
    versions = f"SELECT version FROM bodies WHERE object_id = '{customer.id}' ORDER BY version"
    events = [event.id for event in page(sdk).data]
    owed = f"SELECT event_id FROM deliveries WHERE event_id >= '{events[-1]}'"
    assert len(events) == len(rows(real, owed)) == 4
    assert rows(real, versions) == [(1,), (2,), (3,), (4,)]
    real.time.pass_by(30 * DAY - 60)
    real.drain()
    assert [event.id for event in page(sdk).data] == events
    assert rows(real, versions) == [(1,), (2,), (3,), (4,)]
    real.time.pass_by(2 * 3600)
    real.drain()
    assert page(sdk).data == []
    assert rows(real, owed) == []
    assert rows(real, versions) == [(4,)]
    assert sdk.v1.customers.retrieve(customer.id).name == "サンプル 2"
    gone = api.send("GET", f"/v1/events/{events[0]}")
    assert (gone.status, gone.error["code"]) == (404, "resource_missing")
    assert api.get("/v1/seikyu/deliveries")["data"] == []


def test_what_a_younger_event_or_a_stored_answer_shows_is_kept(
    real: Room, sdk: stripe.StripeClient, api: Caller
) -> None:
    """A name from a month ago that was changed yesterday is what an answer of last week still says."""
    path = f"/v1/customers/{sdk.v1.customers.create({'name': '株式会社サンプル'}).id}"
    began = real.time.now
    sdk.v1.customers.update(path.rpartition("/")[2], {"name": "サンプル一月"})
    real.time.now = began + 20 * DAY
    unchanged = {"name": "サンプル一月"}
    week_old = api.send("POST", path, form=unchanged, idempotency_key="unchanged")
    real.time.now = began + 29 * DAY
    sdk.v1.customers.update(path.rpartition("/")[2], {"name": "サンプル二月"})
    real.time.now = began + 31 * DAY
    real.drain()
    assert page(sdk).data == []
    again = api.send("POST", path, form=unchanged, idempotency_key="unchanged")
    assert again.headers["idempotent-replayed"] == "true"
    assert again.body == week_old.body
    assert again.body["name"] == "サンプル一月"
    assert api.get(path)["name"] == "サンプル二月"
    # A month later nothing shows the older names any more, and the next sweep that meets one of the
    # customer's events drops them; without an event there is nothing to drop them with.
    assert len(rows(real, f"SELECT version FROM bodies WHERE object_id = '{path[14:]}'")) == 2


def test_the_events_of_other_worlds_and_of_deleted_objects_go_too(real: Room, api: Caller) -> None:
    other = real.account()
    shown = {}
    for caller in (api, other):
        gone = caller.customer(card=None)
        assert caller.send("DELETE", f"/v1/customers/{gone}").body["deleted"] is True
        product = caller.post("/v1/products", name="制作")["id"]
        assert caller.send("DELETE", f"/v1/products/{product}").body["deleted"] is True
        paths = (f"/v1/customers/{gone}", f"/v1/products/{product}")
        shown[caller.key] = {path: caller.send("GET", path).body for path in paths}
    real.time.pass_by(31 * DAY)
    real.drain()
    for caller in (api, other):
        assert caller.get("/v1/events")["data"] == []
        for path, body in shown[caller.key].items():
            answer = caller.send("GET", path).body
            assert answer.get("error", {}).get("code") == body.get("error", {}).get("code")
            assert ("error" in answer) or answer == body


def test_a_month_of_events_is_forgotten_in_small_batches(
    real: Room, api: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "EVENTS_AT_ONCE", 2)
    for number in range(5):
        api.post("/v1/products", name=f"制作 {number}")
    real.time.pass_by(31 * DAY)
    left = [5]
    while real.run(real.worker.forgetting.turn()):
        count = len(api.get("/v1/events", "limit=100")["data"])
        left += [count] if count != left[-1] else []
    assert left == [5, 3, 1, 0]
    assert len(api.get("/v1/products")["data"]) == 5
    assert real.run(real.worker.forgetting.turn()) == 0
