"""What happens by itself: finalizing after an hour, and charging."""

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
from seikyu.engine.store.database import open_database
from seikyu.engine.store.due import push_ahead
from seikyu.engine.worker import Worker
from tests.api.room import START, Caller, Room, running_room
from tests.api.test_clocks import clock_at

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
