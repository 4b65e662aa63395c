"""Subscriptions in our own time: the worker finds what is due, in order, and nothing stops it."""

import pytest
from sqlalchemy import create_engine, text

from tests.api.room import START, Caller, Room

HOUR = 3600
DAY = 86_400


def subscribed(api: Caller, customer: str, amount: int = 3_000, **form: str) -> str:
    """A monthly subscription over so many yen; its id."""
    product = api.post("/v1/products", name="保守プラン")["id"]
    price = api.post_form(
        "/v1/prices",
        {
            "currency": "jpy",
            "unit_amount": amount,
            "product": product,
            "recurring[interval]": "month",
        },
    )
    given = {"customer": customer, "items[0][price]": price["id"], **form}
    identifier: str = api.post_form("/v1/subscriptions", given)["id"]
    return identifier


def test_periods_follow_each_other_in_our_time(room: Room, api: Caller) -> None:
    subscription = subscribed(api, api.customer())
    room.time.pass_by(31 * DAY)
    room.drain()
    draft = api.get("/v1/invoices", f"subscription={subscription}")["data"][0]
    assert (draft["status"], draft["created"]) == ("draft", START + 31 * DAY)
    room.time.pass_by(HOUR)
    room.drain()
    paid = api.get(f"/v1/invoices/{draft['id']}")
    assert (paid["status"], paid["billing_reason"]) == ("paid", "subscription_cycle")
    assert room.drain() == 0


def test_a_worker_that_slept_makes_one_invoice_for_each_period(room: Room, api: Caller) -> None:
    subscription = subscribed(api, api.customer())
    room.time.pass_by(92 * DAY)
    room.drain()
    invoices = api.get("/v1/invoices", f"subscription={subscription}")["data"]
    periods = [invoice["lines"]["data"][-1]["period"]["start"] for invoice in invoices]
    assert periods == [START + days * DAY for days in (92, 61, 31, 0)]


def test_a_subscription_that_cannot_be_worked_on_stops_no_other(room: Room, api: Caller) -> None:
    broken, sound = (subscribed(api, api.customer()) for _ in range(2))
    engine = create_engine(room.database.url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE subscriptions SET interval_count = 0 WHERE id = :id"), {"id": broken}
        )
    engine.dispose()
    room.time.pass_by(31 * DAY)
    room.drain()
    found = [len(api.ids("/v1/invoices", f"subscription={each}")) for each in (broken, sound)]
    assert found == [1, 2]


def test_what_changed_is_told_with_what_it_was(room: Room, api: Caller) -> None:
    subscription = subscribed(api, api.customer())
    api.post_form(f"/v1/subscriptions/{subscription}", {"metadata[plan]": "gold"})
    noted = api.get("/v1/events", "type=customer.subscription.updated")["data"][0]
    assert noted["data"]["previous_attributes"] == {"metadata": {"plan": None}}
    item = noted["data"]["object"]["items"]["data"][0]["id"]
    api.post(f"/v1/subscription_items/{item}", quantity=2, proration_behavior="none")
    changed = api.get("/v1/events", "type=customer.subscription.updated")["data"][0]
    before, now = changed["data"]["previous_attributes"], changed["data"]["object"]
    assert list(before) == ["items"]
    assert before["items"]["data"][0]["quantity"] == 1
    assert now["items"]["data"][0]["quantity"] == 2


def test_the_draft_of_a_period_shows_its_lines_from_its_first_event_on(
    room: Room, api: Caller
) -> None:
    subscribed(api, api.customer())
    created = api.get("/v1/events", "type=invoice.created")["data"][0]["data"]["object"]
    assert [line["amount"] for line in created["lines"]["data"]] == [3_000]
    updated = api.get("/v1/events", "type=invoice.updated")["data"][-1]["data"]
    assert "lines" not in updated["previous_attributes"]
    assert updated["previous_attributes"]["status"] == "draft"


@pytest.mark.parametrize(
    ("form", "param", "words"),
    [
        ({"items[0][price]": "price_none"}, "items[0][price]", "No such price"),
        ({}, "items", "Missing required param: items."),
        (
            {"items[0][price]": "x", "billing_mode[type]": "flexible"},
            "billing_mode[type]",
            "not supported",
        ),
        ({"items[0][price]": "x", "trial_period_days": "-1"}, "trial_period_days", "greater"),
        ({"items[0][price]": "x", "trial_end": "soon"}, "trial_end", "Invalid integer"),
        (
            {"items[0][price]": "x", "backdate_start_date": "1"},
            "backdate_start_date",
            "not supported",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    api: Caller, form: dict[str, str], param: str, words: str
) -> None:
    reply = api.refused("/v1/subscriptions", {"customer": api.customer(), **form})
    assert (reply.status, reply.error["param"]) == (400, param)
    assert words in reply.error["message"]


def test_an_unknown_subscription_is_not_found(api: Caller) -> None:
    for path in ("/v1/subscriptions/sub_none", "/v1/subscription_items/si_none"):
        assert api.send("GET", path).status == 404
        assert api.send("DELETE", path).status == 404
    assert api.refused("/v1/subscriptions/sub_none/resume").status == 404
