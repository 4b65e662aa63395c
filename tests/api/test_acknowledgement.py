"""Drafts that advance by themselves wait for the webhook endpoints that listen to their creation.

Told through the official SDK, with receivers that really listen; all times are seconds.
"""

import asyncio
import threading
import time
from contextlib import suppress
from typing import Any

import pytest
import stripe
from sqlalchemy import create_engine, text

from seikyu.engine.execute import Answer, Engine, Order, commands
from seikyu.engine.store.database import Connection, StoreUnavailable
from seikyu.engine.worker import Outbound
from tests.api.room import START, Caller, Room
from tests.receivers import WebhookReceiver
from tests.servers import Installation, free_port

MINUTE = 60
HOUR = 3600
DAY = 86_400


class Mood:
    """What a receiver answers at present."""

    def __init__(self, status: int) -> None:
        self.status = status

    def __call__(self, n: int) -> int:
        """Answer the n-th delivery."""
        return self.status


@pytest.fixture
def sdk(room: Room, api: Caller) -> stripe.StripeClient:
    """The official SDK with the key of a new account."""
    return stripe.StripeClient(api.key, base_addresses={"api": room.base})


def listening(sdk: stripe.StripeClient, url: str, *events: Any) -> str:
    """Register an endpoint; return its id."""
    made = sdk.v1.webhook_endpoints.create(
        {"url": url, "enabled_events": list(events or ("invoice.created",))}
    )
    return made.id


def draft(sdk: stripe.StripeClient, clock: str | None = None, *, advances: bool = True) -> str:
    """Make a draft over 12,000 yen for a new customer with a good card; return its id."""
    given: stripe.params.CustomerCreateParams = {"name": "株式会社サンプル"}
    if clock is not None:
        given["test_clock"] = clock
    customer = sdk.v1.customers.create(given)
    method = sdk.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    sdk.v1.customers.update(
        customer.id, {"invoice_settings": {"default_payment_method": method.id}}
    )
    invoice = sdk.v1.invoices.create(
        {"customer": customer.id, "currency": "jpy", "auto_advance": advances}
    )
    assert invoice.id is not None
    sdk.v1.invoices.add_lines(invoice.id, {"lines": [{"amount": 12_000, "description": "制作費"}]})
    return invoice.id


def status(sdk: stripe.StripeClient, invoice: str) -> str | None:
    """Return the status of an invoice."""
    return sdk.v1.invoices.retrieve(invoice).status


def finalized_at(sdk: stripe.StripeClient, invoice: str) -> int | None:
    """Return when an invoice was finalized."""
    return sdk.v1.invoices.retrieve(invoice).status_transitions.finalized_at


def pass_by(room: Room, seconds: int, step: int = MINUTE) -> None:
    """Let time go on minute by minute, working on what comes due."""
    for _ in range(seconds // step):
        room.time.pass_by(step)
        room.drain()


def test_without_a_listener_an_hour_after_creation(room: Room, sdk: stripe.StripeClient) -> None:
    with WebhookReceiver(Mood(500)) as other:
        listening(sdk, other.url, "invoice.paid")
        invoice = draft(sdk)
        pass_by(room, HOUR - MINUTE)
        assert status(sdk, invoice) == "draft"
        pass_by(room, MINUTE)
        assert status(sdk, invoice) == "paid"
        assert finalized_at(sdk, invoice) == START + HOUR


def test_acknowledged_after_ten_minutes_finalized_an_hour_after_that(
    room: Room, sdk: stripe.StripeClient
) -> None:
    mood = Mood(503)
    with WebhookReceiver(mood) as receiver:
        listening(sdk, receiver.url)
        invoice = draft(sdk)
        room.drain()
        pass_by(room, 9 * MINUTE, 5)
        mood.status = 200
        pass_by(room, 4 * MINUTE, 5)
        taken = [each for each in receiver.deliveries if each.type == "invoice.created"]
        acknowledged = int(taken[-1].signature.split(",")[0].removeprefix("t="))
        # Tried at 0 s, 5 s, 35 s, 2 min 35 s and 12 min 35 s: the last was taken.
        assert acknowledged - START == 755
        pass_by(room, HOUR - 4 * MINUTE)
        assert status(sdk, invoice) == "draft"
        pass_by(room, 5 * MINUTE, 5)
        assert finalized_at(sdk, invoice) == START + 755 + HOUR


def test_of_two_endpoints_the_later_one_counts(room: Room, sdk: stripe.StripeClient) -> None:
    mood = Mood(500)
    with WebhookReceiver() as quick, WebhookReceiver(mood) as late:
        listening(sdk, quick.url)
        listening(sdk, late.url, "invoice.*")
        invoice = draft(sdk)
        room.drain()
        pass_by(room, 2 * HOUR)
        assert status(sdk, invoice) == "draft"
        assert [each.type for each in quick.deliveries] == ["invoice.created"]
        mood.status = 200
        pass_by(room, 6 * HOUR, 5 * MINUTE)
        paid = sdk.v1.invoices.retrieve(invoice)
        heard = next(each for each in reversed(late.deliveries) if each.type == "invoice.created")
        acknowledged = int(heard.signature.split(",")[0].removeprefix("t="))
        assert acknowledged > START + 2 * HOUR
        assert paid.status == "paid"
        assert paid.status_transitions.finalized_at == acknowledged + HOUR


@pytest.mark.parametrize("how", ["deleted", "disabled"])
def test_an_endpoint_that_is_taken_away_is_not_waited_for(
    room: Room, sdk: stripe.StripeClient, how: str
) -> None:
    with WebhookReceiver() as quick, WebhookReceiver(Mood(500)) as never:
        listening(sdk, quick.url)
        awaited = listening(sdk, never.url)
        invoice = draft(sdk)
        room.drain()
        pass_by(room, 3 * HOUR, 10 * MINUTE)
        assert status(sdk, invoice) == "draft"
        if how == "deleted":
            sdk.v1.webhook_endpoints.delete(awaited)
        else:
            sdk.v1.webhook_endpoints.update(awaited, {"disabled": True})
        gone = room.time.now
        tried = len(never.deliveries)
        room.drain()
        assert len(never.deliveries) == tried
        pass_by(room, HOUR - MINUTE)
        assert status(sdk, invoice) == "draft"
        pass_by(room, MINUTE)
        assert finalized_at(sdk, invoice) == gone + HOUR


def test_seventy_two_hours_of_silence_are_enough(room: Room, sdk: stripe.StripeClient) -> None:
    with WebhookReceiver(Mood(500)) as silent:
        listening(sdk, silent.url)
        invoice = draft(sdk)
        room.drain()
        pass_by(room, 72 * HOUR - 10 * MINUTE, 10 * MINUTE)
        assert status(sdk, invoice) == "draft"
        pass_by(room, 10 * MINUTE)
        assert finalized_at(sdk, invoice) == START + 72 * HOUR


def test_a_draft_that_is_set_free_later_has_its_hour_from_the_acknowledgement(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with WebhookReceiver() as receiver:
        listening(sdk, receiver.url)
        invoice = draft(sdk, advances=False)
        room.drain()
        pass_by(room, 20 * MINUTE)
        assert sdk.v1.invoices.retrieve(invoice).next_payment_attempt is None
        sdk.v1.invoices.update(invoice, {"auto_advance": True})
        pass_by(room, 39 * MINUTE)
        assert status(sdk, invoice) == "draft"
        pass_by(room, MINUTE)
        assert finalized_at(sdk, invoice) == START + HOUR


def test_a_draft_that_is_set_free_after_its_moment_is_finalized_at_once(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with WebhookReceiver() as receiver:
        listening(sdk, receiver.url)
        invoice = draft(sdk, advances=False)
        room.drain()
        pass_by(room, 5 * HOUR, 10 * MINUTE)
        assert status(sdk, invoice) == "draft"
        sdk.v1.invoices.update(invoice, {"auto_advance": True})
        room.drain()
        assert finalized_at(sdk, invoice) == START + 5 * HOUR


def test_an_explicit_moment_waits_for_nobody(room: Room, sdk: stripe.StripeClient) -> None:
    with WebhookReceiver(Mood(500)) as silent:
        listening(sdk, silent.url)
        invoice = draft(sdk)
        sdk.v1.invoices.update(invoice, {"automatically_finalizes_at": START + 2 * HOUR})
        pass_by(room, 2 * HOUR, 10 * MINUTE)
        assert finalized_at(sdk, invoice) == START + 2 * HOUR


def test_what_was_given_up_and_is_then_taken_by_hand_changes_nothing_any_more(
    room: Room, sdk: stripe.StripeClient
) -> None:
    mood = Mood(500)
    with WebhookReceiver(mood) as receiver:
        listening(sdk, receiver.url)
        invoice = draft(sdk)
        room.drain()
        pass_by(room, 73 * HOUR, HOUR)
        before = finalized_at(sdk, invoice)
        mood.status = 200
        pass_by(room, 30 * HOUR, HOUR)
        assert finalized_at(sdk, invoice) == before == START + 72 * HOUR


# ── on test clocks ─────────────────────────────────────────────────────────────────────────────


def clock_at(sdk: stripe.StripeClient, moment: int = START + 100 * DAY) -> str:
    """Return a test clock."""
    return sdk.v1.test_helpers.test_clocks.create({"frozen_time": moment}).id


def test_a_quick_endpoint_acknowledges_in_the_time_of_the_clock(
    room: Room, sdk: stripe.StripeClient
) -> None:
    """The clock is sent on before anything was delivered; it waits for the first try all the same."""
    began = START + 100 * DAY
    with WebhookReceiver() as receiver:
        listening(sdk, receiver.url)
        clock = clock_at(sdk)
        invoice = draft(sdk, clock)
        sdk.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": began + 400 * DAY})
        room.drain()
        assert sdk.v1.test_helpers.test_clocks.retrieve(clock).status == "ready"
        assert finalized_at(sdk, invoice) == began + HOUR


def test_the_clock_stands_still_until_the_endpoint_was_tried_once(
    room: Room, sdk: stripe.StripeClient
) -> None:
    began = START + 100 * DAY
    with WebhookReceiver(Mood(500)) as silent:
        listening(sdk, silent.url)
        clock = clock_at(sdk)
        draft(sdk, clock)
        sdk.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": began + DAY})
        assert room.run(room.worker.tick()) == 0
        assert sdk.v1.test_helpers.test_clocks.retrieve(clock).frozen_time == began
        room.run(room.worker.outbound.deliver())
        assert len(silent.deliveries) == 1
        assert room.run(room.worker.tick()) == 1
        assert sdk.v1.test_helpers.test_clocks.retrieve(clock).status == "ready"


def test_the_silence_of_an_endpoint_is_counted_in_the_time_of_the_clock(
    room: Room, sdk: stripe.StripeClient
) -> None:
    began = START + 100 * DAY
    with WebhookReceiver(Mood(500)) as silent:
        listening(sdk, silent.url)
        clock = clock_at(sdk)
        invoice = draft(sdk, clock)
        path = sdk.v1.test_helpers.test_clocks
        path.advance(clock, {"frozen_time": began + 71 * HOUR})
        room.drain()
        assert status(sdk, invoice) == "draft"
        path.advance(clock, {"frozen_time": began + 80 * HOUR})
        room.drain()
        assert finalized_at(sdk, invoice) == began + 72 * HOUR


def test_a_clock_waits_no_longer_than_a_minute_for_a_first_try(
    room: Room, sdk: stripe.StripeClient
) -> None:
    """A worker that never comes to send must not hold up time for ever."""
    began = START + 100 * DAY
    with WebhookReceiver() as receiver:
        listening(sdk, receiver.url)
        clock = clock_at(sdk)
        draft(sdk, clock)
        sdk.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": began + HOUR})
        assert room.run(room.worker.tick()) == 0
        room.time.pass_by(61)
        assert room.run(room.worker.tick()) > 0
        assert sdk.v1.test_helpers.test_clocks.retrieve(clock).status == "ready"


def renewed(room: Room, sdk: stripe.StripeClient) -> list[tuple[int, int | None]]:
    """Let a clock pass three renewals in one call; how long each invoice took to be finalized."""
    began = START + 100 * DAY
    clock = clock_at(sdk)
    customer = sdk.v1.customers.create({"test_clock": clock, "name": "株式会社サンプル"})
    method = sdk.v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    product = sdk.v1.products.create({"name": "保守"})
    price = sdk.v1.prices.create(
        {
            "product": product.id,
            "currency": "jpy",
            "unit_amount": 3_000,
            "recurring": {"interval": "month"},
        }
    )
    sdk.v1.subscriptions.create(
        {
            "customer": customer.id,
            "items": [{"price": price.id}],
            "default_payment_method": method.id,
        }
    )
    sdk.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": began + 100 * DAY})
    room.drain()
    assert sdk.v1.test_helpers.test_clocks.retrieve(clock).status == "ready"
    invoices = sdk.v1.invoices.list({"customer": customer.id}).data
    cycles = [each for each in invoices if each.billing_reason == "subscription_cycle"]
    assert len(cycles) == 3
    return [
        (each.created, (each.status_transitions.finalized_at or 0) - each.created)
        for each in cycles
    ]


def test_every_renewal_on_a_clock_has_its_hour_from_the_acknowledgement(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with WebhookReceiver() as receiver:
        listening(sdk, receiver.url)
        assert [waited for _, waited in renewed(room, sdk)] == [HOUR, HOUR, HOUR]
        assert len(receiver.deliveries) == 4


def test_no_renewal_on_a_clock_waits_longer_than_seventy_two_hours(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with WebhookReceiver(Mood(500)) as silent:
        listening(sdk, silent.url)
        assert [waited for _, waited in renewed(room, sdk)] == [72 * HOUR] * 3


# ── several workers ────────────────────────────────────────────────────────────────────────────


def test_of_two_workers_that_deliver_at_once_the_later_one_acknowledges(
    room: Room, sdk: stripe.StripeClient
) -> None:
    """Each draft awaits two endpoints, and two workers share the deliveries."""
    with WebhookReceiver() as one, WebhookReceiver() as other:
        listening(sdk, one.url)
        listening(sdk, other.url)
        room.drain()
        drafts = [draft(sdk) for _ in range(12)]

        async def together() -> None:
            workers = [Outbound(room.door, timeout_seconds=5, allow_private=True) for _ in range(2)]
            await asyncio.gather(*(worker.deliver() for worker in workers))
            for worker in workers:
                await worker.close()

        room.run(together())
        assert len(one.deliveries) == len(other.deliveries) == len(drafts)
        assert {
            event.pending_webhooks for event in sdk.v1.events.list({"type": "invoice.created"})
        } == {0}
        pass_by(room, HOUR, HOUR)
        assert {status(sdk, each) for each in drafts} == {"paid"}
        assert {finalized_at(sdk, each) for each in drafts} == {START + HOUR}


# ── killed in between ──────────────────────────────────────────────────────────────────────────


def test_what_dies_between_the_record_and_the_acknowledgement_has_done_neither(
    room: Room, sdk: stripe.StripeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The endpoint took the event and the process ends: it is sent again, and acknowledged then."""
    with WebhookReceiver() as receiver:
        listening(sdk, receiver.url)
        room.drain()
        invoice = draft(sdk)
        carried_out = Engine._isolated

        def dies(self: Engine, connection: Connection, order: Order) -> Answer:
            if isinstance(order.command, commands.Acknowledge):
                raise StoreUnavailable("killed")
            return carried_out(self, connection, order)

        with monkeypatch.context() as patch:
            patch.setattr(Engine, "_isolated", dies)
            dying = Outbound(room.door, timeout_seconds=1, allow_private=True)
            with pytest.raises(StoreUnavailable):
                room.run(dying.deliver())
        assert [each.type for each in receiver.deliveries] == ["invoice.created"]
        assert sdk.v1.events.list({"type": "invoice.created"}).data[0].pending_webhooks == 1
        room.time.pass_by(121)
        room.drain()
        assert [each.type for each in receiver.deliveries] == ["invoice.created"] * 2
        assert sdk.v1.events.list({"type": "invoice.created"}).data[0].pending_webhooks == 0
        pass_by(room, HOUR)
        assert finalized_at(sdk, invoice) == START + 121 + HOUR


def test_a_killed_server_leaves_the_acknowledgement_to_the_next(installation: Installation) -> None:
    """SIGKILL at the moment in which the endpoint has the event and has not answered yet."""
    installation.extra = {"SEIKYU_WEBHOOK_ALLOW_PRIVATE": "1"}
    key = installation.create_account()["test_secret_key"]
    port = free_port()
    server = installation.serve(port=port)
    killed = threading.Event()

    def answers(n: int) -> int:
        if not killed.is_set():
            server.kill()
            killed.set()
        return 200

    with WebhookReceiver(answers) as receiver:
        sdk = stripe.StripeClient(key, base_addresses={"api": server.base})
        listening(sdk, receiver.url)
        began = time.time()
        with suppress(stripe.APIConnectionError):  # it dies while the story is still being told
            draft(sdk)
        assert killed.wait(10)
        _end_leases(installation)
        server = installation.serve(port=port)
        sdk = stripe.StripeClient(key, base_addresses={"api": server.base})
        invoice = sdk.v1.invoices.list().data[0]
        deadline = time.monotonic() + 20
        while _acknowledged_at(installation, invoice.id) is None:
            assert time.monotonic() < deadline, "never acknowledged"
            time.sleep(0.05)
        acknowledged = _acknowledged_at(installation, invoice.id)
        assert acknowledged is not None
        assert began - 1 <= acknowledged <= time.time()
        assert server.stop() == 0


def _acknowledged_at(installation: Installation, invoice: str | None) -> int | None:
    """When the draft was acknowledged. No API shows it."""
    engine = create_engine(_url(installation))
    with engine.connect() as connection:
        found = text("SELECT acknowledged_at FROM invoices WHERE id = :id")
        moment: int | None = connection.execute(found, {"id": invoice}).scalar()
    engine.dispose()
    return moment


def _end_leases(installation: Installation) -> None:
    """Let the two minutes pass after which a delivery that nobody finished is taken up again."""
    engine = create_engine(_url(installation))
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE deliveries SET next_attempt_at = 1 WHERE next_attempt_at > 1")
        )
    engine.dispose()


def _url(installation: Installation) -> str:
    return installation.database_url or f"sqlite:///{installation.data_dir / 'seikyu.db'}"
