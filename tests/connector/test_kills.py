"""Killed (SIGKILL) at every step of a run: one Stripe invoice, one charge, board right in the end.

The run is a process of its own, all of whose requests pass through interceptors. At the chosen one
it is killed: before the request is passed on, or after it was carried out but before the answer.
The next run, undisturbed, must complete what was begun.
"""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from seikyu.board.simulator.limits import Limits
from tests.connector.conftest import World, outcomes, reason_names
from tests.connector.interceptor import Gate, Interceptor
from tests.servers import INHERITED

RUN = """
import os, sys
from datetime import UTC, datetime
from seikyu.connector.cli import sync_once
sys.exit(sync_once(os.environ, lambda: datetime.now(UTC), dry_run=False, as_json=True, language="en"))
"""
PAID = 3

# A run of one invoice: 3 lists of board, what is open in Stripe, the customer, 4 steps of sending, 2
# looks, and the status in board. E-mailing instead of charging takes as many.
MOST_REQUESTS = 12
POINTS = [
    (number, moment) for number in range(1, MOST_REQUESTS + 1) for moment in ("before", "after")
]


class Stage:
    """A world whose connector can be killed at a request."""

    def __init__(self, world: World) -> None:
        self.world, self.gate = world, Gate()
        self.board = Interceptor(world.board.origin, self.gate)
        self.stripe = Interceptor(world.engine.url, self.gate)

    def run_and_kill(self, number: int, moment: str, mode: str) -> int:
        """Run in a process of its own; returns its exit status (-9 when it was killed)."""
        given = self.world.environ(
            SEIKYU_BOARD_URL=f"{self.board.url}/v1",
            SEIKYU_STRIPE_URL=self.stripe.url,
            SEIKYU_INVOICE_MODE=mode,
            SEIKYU_DATABASE_URL=self.world.database.url.render_as_string(hide_password=False),
        )

        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        process = subprocess.Popen(
            [sys.executable, "-c", RUN],
            env=inherited | given,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self.gate.count, self.gate.kill_at = 0, (number, moment)
        self.gate.kill = lambda: process.send_signal(signal.SIGKILL)
        _, said = process.communicate(timeout=60)
        self.gate.kill_at = None
        assert b"Traceback" not in said, said.decode()
        return process.returncode

    def close(self) -> None:
        self.board.close()
        self.stripe.close()


@pytest.fixture
def stage(world: World) -> Iterator[Stage]:
    # The killed process lives in real time, the board in the test's, which stands still meanwhile.
    world.limits = Limits(per_second=1_000)
    world.invoice()
    made = Stage(world)
    yield made
    made.close()


def charges(world: World, stripe_invoice_id: str) -> int:
    """How many payments of an invoice succeeded."""
    payments = world.stripe.invoice_payments.list({"invoice": stripe_invoice_id, "limit": 100})
    return sum(1 for one in payments.data if one.status == "paid")


@pytest.mark.parametrize(("number", "moment"), POINTS)
def test_killed_at_any_request_nothing_is_sent_or_charged_twice(
    stage: Stage, number: int, moment: str
) -> None:
    world, invoice = stage.world, 1001
    status = stage.run_and_kill(number, moment, "charge")
    assert status in (-signal.SIGKILL, 0)
    world.sync()
    (made,) = world.stripe_invoices(invoice)
    assert (made.status, made.amount_paid) == ("paid", 110_000)
    assert charges(world, made.id) == 1
    assert world.board_status(invoice) == PAID
    # ── and a run after that finds nothing left to do
    again = world.sync()
    assert (again.exit_code, outcomes(again)) == (0, {invoice: "skipped"})
    assert len(world.stripe_invoices(invoice)) == 1


def test_the_points_above_reach_the_end_of_a_run(stage: Stage) -> None:
    """Should a run come to make more requests, the points must become more as well."""
    assert stage.run_and_kill(100, "before", "charge") == 0
    assert stage.gate.count == MOST_REQUESTS, stage.board.seen + stage.stripe.seen


@pytest.mark.parametrize(("number", "moment"), [point for point in POINTS if point[0] > 3])
def test_killed_while_emailing_there_is_one_invoice_and_one_email(
    stage: Stage, number: int, moment: str
) -> None:
    world, invoice = stage.world, 1001
    stage.run_and_kill(number, moment, "email")
    world.sync(SEIKYU_INVOICE_MODE="email")
    (made,) = world.stripe_invoices(invoice)
    assert made.status == "open"
    sent = world.stripe.events.list({"type": "invoice.sent", "limit": 100}).data
    assert [one.data.object["id"] for one in sent].count(made.id) == 1


@pytest.mark.parametrize("seed", range(12))
def test_killed_twice_at_random_requests_the_third_run_completes(stage: Stage, seed: int) -> None:
    world, invoice = stage.world, 1001
    chance = random.Random(seed)
    for _ in range(2):
        number, moment = chance.choice(POINTS)
        stage.run_and_kill(number, moment, "charge")
    world.sync()
    (made,) = world.stripe_invoices(invoice)
    assert (made.status, charges(world, made.id)) == ("paid", 1)
    assert world.board_status(invoice) == PAID


@pytest.mark.parametrize("number", [7, 8])
def test_a_draft_begun_for_a_card_that_is_gone_is_made_anew_and_emailed(
    stage: Stage, number: int
) -> None:
    world, invoice = stage.world, 1001
    stage.run_and_kill(number, "before", "charge")
    (begun,) = world.stripe_invoices(invoice)
    _take_the_card_away(world, begun.customer)
    # ── without the setting a person is asked, and what was begun waits
    assert reason_names(world.sync(), invoice) == ["no_default_card"]
    assert outcomes(world.sync(SEIKYU_WITHOUT_CARD="email")) == {invoice: "sent"}
    (made,) = world.stripe_invoices(invoice)
    assert (made.status, made.collection_method) == ("open", "send_invoice")


@pytest.mark.parametrize("number", [7, 8, 9])
def test_what_was_begun_when_a_person_is_asked_is_not_begun_a_second_time(
    stage: Stage, number: int
) -> None:
    world, invoice = stage.world, 1001
    stage.run_and_kill(number, "before", "charge")
    (begun,) = world.stripe_invoices(invoice)
    _take_the_card_away(world, begun.customer)
    assert reason_names(world.sync(), invoice) == ["no_default_card"]
    method = world.stripe.payment_methods.attach("pm_card_visa", {"customer": str(begun.customer)})
    default: Any = {"invoice_settings": {"default_payment_method": method.id}}
    world.stripe.customers.update(str(begun.customer), default)
    assert outcomes(world.sync()) == {invoice: "sent"}
    (made,) = world.stripe_invoices(invoice)
    assert (made.status, charges(world, made.id)) == ("paid", 1)


def test_what_was_finalized_for_a_card_that_is_gone_stays_and_is_told(stage: Stage) -> None:
    world, invoice = stage.world, 1001
    stage.run_and_kill(9, "before", "charge")
    (begun,) = world.stripe_invoices(invoice)
    assert (begun.status, begun.collection_method) == ("open", "charge_automatically")
    _take_the_card_away(world, begun.customer)
    report = world.sync(SEIKYU_WITHOUT_CARD="email")
    assert outcomes(report) == {invoice: "needs_human"}
    assert [item.mode for item in report.items] == ["charge"]
    (made,) = world.stripe_invoices(invoice)
    assert (made.id, made.status, made.amount_paid) == (begun.id, "open", 0)


def _take_the_card_away(world: World, customer: Any) -> None:
    for method in world.stripe.payment_methods.list({"customer": customer}).data:
        world.stripe.payment_methods.detach(method.id)


def test_what_was_begun_and_is_no_longer_wanted_is_withdrawn(stage: Stage) -> None:
    world, invoice = stage.world, 1001
    # Lists of board, open invoices, customer, draft: killed when its lines were to be added.
    stage.run_and_kill(7, "before", "charge")
    (begun,) = world.stripe_invoices(invoice)
    assert (begun.status, begun.total) == ("draft", 0)
    world.change_in_board(invoice, invoice_status=1)
    report = world.sync()
    assert outcomes(report) == {invoice: "withdrawn"}
    assert reason_names(report, invoice) == ["not_invoiced"]
    assert world.stripe_invoices(invoice) == []
    world.change_in_board(invoice, invoice_status=2)
    assert outcomes(world.sync()) == {invoice: "sent"}
    assert world.board_status(invoice) == PAID


def test_a_draft_that_a_person_changed_meanwhile_is_made_anew(stage: Stage) -> None:
    world, invoice = stage.world, 1001
    stage.run_and_kill(8, "before", "charge")
    (begun,) = world.stripe_invoices(invoice)
    world.stripe.invoices.add_lines(begun.id, {"lines": [{"description": "追加", "amount": 1}]})
    assert outcomes(world.sync()) == {invoice: "sent"}
    (made,) = world.stripe_invoices(invoice)
    assert made.id != begun.id
    assert (made.status, made.total) == ("paid", 110_000)
