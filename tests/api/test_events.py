"""Events as they are listed: which, in which order, with what changed; and when they are forgotten."""

from typing import Any

import pytest
import stripe

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
