"""What happens by itself: finalizing after an hour, charging, and test clocks that pass every due moment."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from seikyu.engine.billing.attempt import Outcome
from seikyu.engine.processors.port import ChargeRequest
from seikyu.engine.processors.test_cards import TestCardProcessor
from seikyu.engine.store.clocks import advancing_clocks, hold_for_step
from seikyu.engine.store.database import open_database, transaction
from seikyu.engine.store.due import push_ahead
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


# ── the wall clock ─────────────────────────────────────────────────────────────────────────────


def test_a_draft_that_advances_is_finalized_and_charged_after_an_hour(
    room: Room, api: Caller
) -> None:
    invoice = api.draft(api.customer(), auto_advance="true")
    before = len(api.event_types())
    room.time.pass_by(HOUR - 1)
    room.drain()
    assert api.get(f"/v1/invoices/{invoice}")["status"] == "draft"
    room.time.pass_by(1)
    room.drain()
    paid = api.get(f"/v1/invoices/{invoice}")
    assert (paid["status"], paid["amount_paid"], paid["attempt_count"]) == ("paid", 12_000, 1)
    assert paid["status_transitions"]["finalized_at"] == START + HOUR
    assert told_since(api, before) == [(type, START + HOUR) for type in FINALIZED + PAID]


def test_a_draft_that_does_not_advance_waits_for_ever(room: Room, api: Caller) -> None:
    invoice = api.draft(api.customer())
    room.time.pass_by(365 * DAY)
    room.drain()
    assert api.get(f"/v1/invoices/{invoice}")["status"] == "draft"


def test_a_draft_is_finalized_at_the_moment_that_was_named(room: Room, api: Caller) -> None:
    named = START + 3 * DAY
    invoice = api.draft(api.customer(), auto_advance="true", automatically_finalizes_at=named)
    room.time.now = named - 1
    room.drain()
    assert api.get(f"/v1/invoices/{invoice}")["status"] == "draft"
    room.time.now = named
    room.drain()
    assert api.get(f"/v1/invoices/{invoice}")["status"] == "paid"


def test_switching_advancement_off_in_time_stops_it(room: Room, api: Caller) -> None:
    invoice = api.draft(api.customer(), auto_advance="true")
    api.post(f"/v1/invoices/{invoice}", auto_advance="false")
    room.time.pass_by(2 * HOUR)
    room.drain()
    assert api.get(f"/v1/invoices/{invoice}")["status"] == "draft"
    api.post(f"/v1/invoices/{invoice}", auto_advance="true")
    room.drain()
    assert api.get(f"/v1/invoices/{invoice}")["status"] == "paid"


def test_an_invoice_to_be_sent_is_finalized_and_waits_for_its_customer(
    room: Room, api: Caller
) -> None:
    invoice = api.draft(
        api.customer(), auto_advance="true", collection_method="send_invoice", days_until_due=30
    )
    room.time.pass_by(HOUR)
    room.drain()
    opened = api.get(f"/v1/invoices/{invoice}")
    assert (opened["status"], opened["attempted"]) == ("open", False)
    room.time.pass_by(60 * DAY)
    room.drain()
    assert api.get(f"/v1/invoices/{invoice}")["status"] == "open"


def test_an_automatic_charge_that_is_declined_says_so_and_does_not_spin(
    room: Room, api: Caller
) -> None:
    customer = api.customer("pm_card_chargeCustomerFail")
    invoice = api.draft(customer, auto_advance="true")
    before = len(api.event_types())
    room.time.pass_by(HOUR)
    room.drain()
    opened = api.get(f"/v1/invoices/{invoice}")
    assert (opened["status"], opened["attempted"], opened["attempt_count"]) == ("open", True, 1)
    assert [type for type, _ in told_since(api, before)] == [
        *FINALIZED,
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.payment_failed",
        "invoice.updated",
        "customer.updated",
    ]
    assert api.get(f"/v1/customers/{customer}")["delinquent"] is True
    assert room.drain() == 0


def test_an_automatic_charge_without_a_card_says_so_and_does_not_spin(
    room: Room, api: Caller
) -> None:
    invoice = api.draft(api.customer(card=None), auto_advance="true")
    room.time.pass_by(HOUR)
    room.drain()
    opened = api.get(f"/v1/invoices/{invoice}")
    assert (opened["status"], opened["attempted"]) == ("open", True)
    assert "invoice.payment_failed" in api.event_types()
    assert room.drain() == 0


def test_a_draft_without_lines_stays_a_draft_and_says_why(room: Room, api: Caller) -> None:
    customer = api.customer()
    invoice = api.post("/v1/invoices", customer=customer, currency="jpy", auto_advance="true")["id"]
    room.time.pass_by(HOUR)
    room.drain()
    after = api.get(f"/v1/invoices/{invoice}")
    assert after["status"] == "draft"
    assert after["last_finalization_error"]["code"] == "invoice_no_customer_line_items"
    assert "invoice.finalization_failed" in api.event_types()
    assert room.drain() == 0


def test_many_invoices_that_are_due_at_once_are_all_done(room: Room, api: Caller) -> None:
    customer = api.customer()
    invoices = [api.draft(customer, 1_000, auto_advance="true") for _ in range(60)]
    room.time.pass_by(HOUR)
    room.drain()
    assert set(api.ids("/v1/invoices", "status=paid&limit=100")) == set(invoices)
    assert len(api.ids("/v1/charges", "limit=100")) == 60


@pytest.fixture
def sqlite_room(tmp_path: Path) -> Iterator[Room]:
    """An engine on SQLite, where the worker and the requests share one thread."""
    with running_room(f"sqlite:///{tmp_path / 'seikyu.db'}") as room:
        yield room


def due_drafts(room: Room, api: Caller, count: int, **form: Any) -> list[str]:
    """Many drafts, made quickly by several hands, that are due an hour from now."""
    customer = api.customer(**form)
    with ThreadPoolExecutor(4) as hands:
        return list(
            hands.map(lambda _: api.draft(customer, 1_000, auto_advance="true"), range(count))
        )


async def turns_beside(work: Coroutine[Any, Any, Any]) -> int:
    """How often others had their turn in the event loop until the work was done."""
    working = asyncio.ensure_future(work)
    turns = 0
    while not working.done():
        await asyncio.sleep(0)
        turns += 1
    await working
    return turns


def test_requests_are_answered_while_a_backlog_is_worked_off(
    sqlite_room: Room,
) -> None:
    room, api = sqlite_room, sqlite_room.account()
    drafts = due_drafts(room, api, 600)
    room.time.pass_by(HOUR)
    beside = turns_beside(room.worker.drain())
    working = asyncio.run_coroutine_threadsafe(beside, room.loop)
    assert api.get(f"/v1/invoices/{drafts[0]}")["id"] == drafts[0]
    assert not working.done()
    assert working.result(60) >= 600 / 10
    assert api.get(f"/v1/invoices/{drafts[-1]}")["status"] == "paid"


def test_requests_are_answered_while_a_clock_is_on_its_way(
    sqlite_room: Room,
) -> None:
    room, api = sqlite_room, sqlite_room.account()
    clock = clock_at(api)
    drafts = due_drafts(room, api, 200, test_clock=clock)
    api.post(f"/v1/test_helpers/test_clocks/{clock}/advance", frozen_time=START + DAY)
    beside = turns_beside(room.worker.drain())
    working = asyncio.run_coroutine_threadsafe(beside, room.loop)
    assert api.get(f"/v1/test_helpers/test_clocks/{clock}")["status"] == "advancing"
    assert not working.done()
    assert working.result(60) >= 200
    assert {api.get(f"/v1/invoices/{draft}")["status"] for draft in drafts} == {"paid"}


def test_what_is_not_due_any_more_is_not_given_a_due_time_again(room: Room, api: Caller) -> None:
    """A worker that failed on an invoice writes after somebody else has paid it."""
    paid, draft = api.draft(api.customer()), api.draft(api.customer(), auto_advance="true")
    api.post(f"/v1/invoices/{paid}/pay")
    now = START + 2 * HOUR
    engine = create_engine(room.database.url)
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT world_id FROM invoices WHERE id = :id"), {"id": paid}
        )
        world = found.scalar_one()
    opened = open_database(room.database.url)
    for invoice in (paid, draft):
        push_ahead(opened.connection(), world, invoice, now, now + HOUR)
    opened.close()
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT id, next_action_at FROM invoices WHERE world_id = :world"),
            {"world": world},
        )
        assert {row[0]: row[1] for row in rows} == {paid: None, draft: now + HOUR}
    engine.dispose()


def test_charges_of_one_batch_are_settled_in_the_order_of_their_customers(
    room: Room, api: Caller
) -> None:
    """All workers lock in this order; in the order of due times two of them could meet head-on."""
    customers = [api.customer() for _ in range(5)]
    for number, customer in enumerate(reversed(customers)):
        moment = START + HOUR + number
        api.draft(customer, auto_advance="true", automatically_finalizes_at=moment)
    room.time.pass_by(DAY)
    room.drain()
    charged = api.get("/v1/events", "type=charge.succeeded")["data"][::-1]
    assert [event["data"]["object"]["customer"] for event in charged] == sorted(customers)


def test_a_charge_that_is_under_way_is_not_begun_again(tmp_path: Path) -> None:
    """The invoice keeps its due time while the processor is asked; nobody takes it up meanwhile."""
    asked: list[str] = []
    turns: list[int] = []

    class Slow(TestCardProcessor):
        instant = False

        def charge(self, request: ChargeRequest) -> Outcome:
            asked.append(request.idempotency_key)
            other = Worker(room.door, room.worker.outbound)
            turns.append(room.run(other.tick()))
            return super().charge(request)

    with running_room(f"sqlite:///{tmp_path / 'seikyu.db'}", Slow()) as room:
        api = room.account()
        invoice = api.draft(api.customer(), auto_advance="true")
        room.time.pass_by(HOUR)
        room.drain()
        assert api.get(f"/v1/invoices/{invoice}")["status"] == "paid"
    assert (len(asked), turns) == (1, [0])


# ── test clocks ────────────────────────────────────────────────────────────────────────────────


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
            assert hold_for_step(Session(one.connection(), world), clock) == START + DAY
            assert hold_for_step(Session(other.connection(), world), clock) is None
        with transaction(other.connection()):
            assert hold_for_step(Session(other.connection(), world), clock) == START + DAY
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
