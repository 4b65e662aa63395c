"""Test clocks: time that passes every due moment, in order, for the customers that live by it."""

import asyncio
from typing import Any

from sqlalchemy import create_engine, text

from seikyu.engine.store.clocks import advancing_clocks, hold_for_step
from seikyu.engine.store.database import open_database, transaction
from seikyu.engine.store.keys import world_of
from seikyu.engine.store.session import Session
from seikyu.engine.worker import Worker
from tests.api.room import START, Caller, Room, running_room

HOUR = 3600
DAY = 86_400

FINALIZED = ["payment_intent.created", "invoice.finalized", "invoice.updated"]
PAID = [
    "charge.succeeded",
    "payment_intent.succeeded",
    "invoice_payment.paid",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice.updated",
]


def told_since(api: Caller, count: int) -> list[tuple[str, int]]:
    """Type and time of every event after the first `count`, oldest first."""
    events = api.get("/v1/events", "limit=100")["data"][::-1]
    return [(event["type"], event["created"]) for event in events[count:]]


def clock_at(api: Caller, moment: int = START) -> str:
    """A test clock that stands at this moment."""
    clock = api.post("/v1/test_helpers/test_clocks", frozen_time=moment, name="決算")
    assert (clock["status"], clock["frozen_time"]) == ("ready", moment)
    identifier: str = clock["id"]
    return identifier


def advance(room: Room, api: Caller, clock: str, moment: int) -> Any:
    """Send the clock to a moment and let it arrive."""
    path = f"/v1/test_helpers/test_clocks/{clock}"
    going = api.post(f"{path}/advance", frozen_time=moment)
    assert going["status"] == "advancing"
    room.drain()
    arrived = api.get(path)
    assert (arrived["status"], arrived["frozen_time"]) == ("ready", moment)
    return arrived


def test_a_clock_that_passes_the_hour_finalizes_and_charges_at_that_very_moment(
    room: Room, api: Caller
) -> None:
    clock = clock_at(api, START + 100 * DAY)
    customer = api.customer(test_clock=clock)
    invoice = api.draft(customer, auto_advance="true")
    created = api.get(f"/v1/invoices/{invoice}")["created"]
    assert created == START + 100 * DAY
    before = len(api.event_types())
    advance(room, api, clock, created + 2 * HOUR)
    paid = api.get(f"/v1/invoices/{invoice}")
    assert paid["status"] == "paid"
    assert paid["test_clock"] == clock
    moments = paid["status_transitions"]
    assert (moments["finalized_at"], moments["paid_at"]) == (created + HOUR, created + HOUR)
    told = [each for each in told_since(api, before) if "test_clock" not in each[0]]
    assert told == [(type, created + HOUR) for type in FINALIZED + PAID]
    charge = api.get("/v1/charges")["data"][0]
    assert charge["created"] == created + HOUR


def test_a_clock_short_of_the_hour_does_nothing(room: Room, api: Caller) -> None:
    clock = clock_at(api)
    invoice = api.draft(api.customer(test_clock=clock), auto_advance="true")
    advance(room, api, clock, START + HOUR - 1)
    assert api.get(f"/v1/invoices/{invoice}")["status"] == "draft"
    advance(room, api, clock, START + HOUR)
    assert api.get(f"/v1/invoices/{invoice}")["status"] == "paid"


def test_a_clock_passes_several_due_moments_in_their_order(room: Room, api: Caller) -> None:
    clock = clock_at(api)
    first, second = api.customer(test_clock=clock), api.customer(test_clock=clock)
    moments = (START + 3 * DAY, START + DAY, START + 2 * DAY, START + 40 * DAY)
    customers = (first, second, first, second)
    invoices = [
        api.draft(customer, auto_advance="true", automatically_finalizes_at=moment)
        for customer, moment in zip(customers, moments, strict=True)
    ]
    advance(room, api, clock, START + 30 * DAY)
    events = api.get("/v1/events", "type=invoice.paid")["data"][::-1]
    assert [(event["data"]["object"]["id"], event["created"]) for event in events] == [
        (invoices[1], START + DAY),
        (invoices[2], START + 2 * DAY),
        (invoices[0], START + 3 * DAY),
    ]
    assert api.get(f"/v1/invoices/{invoices[3]}")["status"] == "draft"
    advance(room, api, clock, START + 1000 * DAY)
    assert api.get(f"/v1/invoices/{invoices[3]}")["status"] == "paid"


def test_clocks_do_not_move_each_other_or_anybody_without_one(room: Room, api: Caller) -> None:
    one, other = clock_at(api), clock_at(api)
    drafts = [
        api.draft(api.customer(test_clock=one), auto_advance="true"),
        api.draft(api.customer(test_clock=other), auto_advance="true"),
        api.draft(api.customer(), auto_advance="true"),
    ]
    advance(room, api, one, START + DAY)

    def statuses() -> list[str]:
        return [api.get(f"/v1/invoices/{draft}")["status"] for draft in drafts]

    assert statuses() == ["paid", "draft", "draft"]
    room.time.pass_by(DAY)
    room.drain()
    assert statuses() == ["paid", "draft", "paid"]


def test_a_declined_charge_on_the_way_does_not_stop_the_clock(room: Room, api: Caller) -> None:
    clock = clock_at(api)
    failing = api.customer("pm_card_chargeCustomerFail", test_clock=clock)
    declined = api.draft(failing, auto_advance="true")
    paid = api.draft(api.customer(test_clock=clock), auto_advance="true")
    advance(room, api, clock, START + DAY)
    assert api.get(f"/v1/invoices/{declined}")["status"] == "open"
    assert api.get(f"/v1/invoices/{paid}")["status"] == "paid"


def test_a_clock_announces_its_life(room: Room, api: Caller) -> None:
    clock = clock_at(api)
    advance(room, api, clock, START + DAY)
    api.send("DELETE", f"/v1/test_helpers/test_clocks/{clock}")
    assert api.event_types() == [
        "test_helpers.test_clock.created",
        "test_helpers.test_clock.advancing",
        "test_helpers.test_clock.ready",
        "test_helpers.test_clock.deleted",
    ]


def test_a_clock_goes_neither_back_nor_twice_at_once(room: Room, api: Caller) -> None:
    clock = clock_at(api)
    path = f"/v1/test_helpers/test_clocks/{clock}/advance"
    refused = api.refused(path, {"frozen_time": START})
    assert (refused.status, refused.error["param"]) == (400, "frozen_time")
    api.post(path, frozen_time=START + DAY)
    assert api.refused(path, {"frozen_time": START + 2 * DAY}).status == 400
    room.drain()
    api.post(path, frozen_time=START + 2 * DAY)
    room.drain()


def test_a_clock_on_its_way_cannot_be_deleted(room: Room, api: Caller) -> None:
    clock = clock_at(api)
    path = f"/v1/test_helpers/test_clocks/{clock}"
    api.post(f"{path}/advance", frozen_time=START + DAY)
    reply = api.send("DELETE", path)
    assert reply.status == 400
    assert "is advancing to" in reply.error["message"]
    room.drain()
    assert api.send("DELETE", path).status == 200


def test_a_clock_that_is_gone_in_the_middle_of_its_way_stops_nobody(
    room: Room, api: Caller
) -> None:
    """Nobody can delete it by the API; somebody with the database's password can."""
    clock = clock_at(api)
    invoice = api.draft(api.customer(test_clock=clock), auto_advance="true")
    api.post(f"/v1/test_helpers/test_clocks/{clock}/advance", frozen_time=START + DAY)
    engine = create_engine(room.database.url)
    with engine.begin() as connection:
        gone = connection.execute(text("DELETE FROM test_clocks WHERE id = :id"), {"id": clock})
        assert gone.rowcount == 1
    engine.dispose()
    room.drain()
    assert api.get(f"/v1/invoices/{invoice}")["status"] == "draft"


def test_two_workers_walk_a_clock_as_one_would(room: Room, api: Caller) -> None:
    clock = clock_at(api)
    customers = [api.customer(test_clock=clock) for _ in range(4)]
    moments = [START + (7 * n % 20 + 1) * HOUR for n in range(20)]
    for n, moment in enumerate(moments):
        api.draft(customers[n % 4], 1_000, auto_advance="true", automatically_finalizes_at=moment)
    path = f"/v1/test_helpers/test_clocks/{clock}"
    api.post(f"{path}/advance", frozen_time=START + DAY)

    async def both() -> None:
        other = Worker(room.door, room.worker.outbound)
        while status_of(room, clock) == "advancing":
            await asyncio.gather(room.worker.tick(), other.tick())

    room.run(both())
    arrived = api.get(path)
    assert (arrived["status"], arrived["frozen_time"]) == ("ready", START + DAY)
    paid = api.get("/v1/events", "type=invoice.paid&limit=100")["data"][::-1]
    assert [event["created"] for event in paid] == sorted(moments)
    assert len(api.ids("/v1/charges", "limit=100")) == 20
    assert len(api.ids("/v1/events", "type=test_helpers.test_clock.ready")) == 1


def test_a_step_of_a_clock_is_taken_by_one_worker(postgres_url: str) -> None:
    with running_room(postgres_url) as room:
        api = room.account()
        clock = clock_at(api)
        api.post(f"/v1/test_helpers/test_clocks/{clock}/advance", frozen_time=START + DAY)
        one, other = open_database(postgres_url), open_database(postgres_url)
        ((world_id, found),) = advancing_clocks(one.connection())
        assert found == clock
        world = world_of(one.connection(), world_id)
        with transaction(one.connection()), transaction(other.connection()):
            assert hold_for_step(Session(one.connection(), world), clock) == (START + DAY, START)
            assert hold_for_step(Session(other.connection(), world), clock) is None
        with transaction(other.connection()):
            assert hold_for_step(Session(other.connection(), world), clock) == (START + DAY, START)
        one.close()
        other.close()


def status_of(room: Room, clock: str) -> str:
    """The status of a clock, read where the worker runs."""
    engine = create_engine(room.database.url)
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT status FROM test_clocks WHERE id = :id"), {"id": clock}
        )
        status: str = found.scalar_one()
    engine.dispose()
    return status


def test_a_deleted_clock_takes_its_customers_with_it(room: Room, api: Caller) -> None:
    clock = clock_at(api)
    customer = api.customer(test_clock=clock)
    stays = api.customer()
    invoice = api.draft(customer, auto_advance="true")
    path = f"/v1/test_helpers/test_clocks/{clock}"
    gone = api.send("DELETE", path).body
    assert gone == {"id": clock, "object": "test_helpers.test_clock", "deleted": True}
    assert api.send("GET", path).status == 404
    assert api.ids("/v1/test_helpers/test_clocks") == []
    assert api.ids("/v1/customers") == [stays]
    assert api.get(f"/v1/customers/{customer}")["deleted"] is True
    room.time.pass_by(365 * DAY)
    room.drain()
    assert api.get(f"/v1/invoices/{invoice}")["status"] == "draft"
    assert api.refused("/v1/invoices", {"customer": customer}).status == 400


def test_test_clocks_are_for_test_mode(room: Room) -> None:
    live = Caller(room.base, room.keys()[True, "secret"])
    assert live.refused("/v1/test_helpers/test_clocks", {"frozen_time": str(START)}).status == 400


def test_a_customer_cannot_be_put_on_a_clock_that_does_not_exist(api: Caller) -> None:
    reply = api.refused("/v1/customers", {"test_clock": "clock_000000000000000000000000"})
    assert (reply.error["code"], reply.error["param"]) == ("resource_missing", "test_clock")
