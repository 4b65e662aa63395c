"""Killed at every step of a charge, and at random points under load: nothing lost, nobody charged twice.

First each moment of one charge by itself, with a bank whose own books say how often money moved. Then
a real `seikyu serve` under clients that do nothing but invoice and pay, killed with SIGKILL again and
again. The random seed is printed when a test fails; SEIKYU_TEST_SEED repeats it.
"""

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import create_engine, text

from tests.api.room import Caller, running_room
from tests.servers import Installation, Server, free_port
from tests.simulation.books import (
    Patient,
    expect_answers_repeated,
    expect_events_tell_the_statuses,
    expect_paid_once,
    paged,
)
from tests.simulation.mortal_engine import LIVE, STEPS

ROOT = Path(__file__).parents[2]

KILLS_ON_SQLITE = 40
KILLS_ON_POSTGRES = 20
CLIENTS = 2


# ── each moment of one charge ──────────────────────────────────────────────────────────────────


@dataclass
class Scene:
    """A database, a bank and an account; engines come and go."""

    url: str
    port: int
    bank: Path
    caller: Caller

    @contextmanager
    def engine(self, step: str) -> Iterator[subprocess.Popen[bytes]]:
        """An engine process that dies at `step`."""
        command = [sys.executable, "-m", "tests.simulation.mortal_engine"]
        command += [self.url, str(self.port), str(self.bank), step]
        process = subprocess.Popen(command, cwd=ROOT)
        try:
            self._wait_until_it_listens(process)
            yield process
        finally:
            process.kill()
            process.wait()

    def _wait_until_it_listens(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.01)
        raise AssertionError("the engine did not start")

    def movements(self) -> list[str]:
        """How much money moved, by the bank's own books."""
        return [entry.read_text() for entry in self.bank.iterdir()]

    def attempts(self) -> list[str]:
        """The status of every stored attempt. No API shows them."""
        engine = create_engine(self.url)
        with engine.connect() as connection:
            statuses = [row[0] for row in connection.execute(text("SELECT status FROM attempts"))]
        engine.dispose()
        return statuses


@pytest.fixture
def scene(database_url: str, tmp_path: Path) -> Scene:
    """An account with nothing in it, and no engine running."""
    bank = tmp_path / "bank"
    bank.mkdir()
    port = free_port()
    with running_room(database_url) as room:
        key = room.account().key
    return Scene(database_url, port, bank, Caller(f"http://127.0.0.1:{port}", key))


@pytest.mark.parametrize("step", STEPS)
def test_a_payment_that_was_interrupted_is_made_exactly_once(scene: Scene, step: str) -> None:
    """The client repeats its request, as every SDK does, and is answered as if nothing had happened."""
    patient = Patient(scene.caller)
    with scene.engine(step) as dying:
        invoice = scene.caller.draft(scene.caller.customer())
        asking = threading.Thread(
            target=patient.post_form, args=(f"/v1/invoices/{invoice}/pay", {}, "once")
        )
        asking.start()
        assert dying.wait(30) == -9
    with scene.engine(LIVE):
        asking.join(30)
        _, _, paid = patient.told["once"]
        assert (paid["id"], paid["status"], paid["amount_paid"]) == (invoice, "paid", 12_000)
        expect_paid_once(scene.caller, invoice, 12_000)
        expect_answers_repeated(scene.caller, patient.told)
        expect_events_tell_the_statuses(scene.caller)
    assert patient.repeated > 0
    assert scene.movements() == ["12000 jpy"]
    assert scene.attempts() == ["succeeded"]


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_payment_that_nobody_asks_for_again_is_finished_by_the_worker(
    scene: Scene, step: str
) -> None:
    """The client is gone for good. What was begun before the crash has an outcome after it."""
    with scene.engine(step) as dying:
        invoice = scene.caller.draft(scene.caller.customer())
        with pytest.raises(httpx2.TransportError):
            scene.caller.send("POST", f"/v1/invoices/{invoice}/pay", idempotency_key="once")
        assert dying.wait(30) == -9
    with scene.engine(LIVE):
        deadline = time.monotonic() + 20
        while scene.caller.get(f"/v1/invoices/{invoice}")["status"] != "paid":
            assert time.monotonic() < deadline, "the worker did not finish the charge"
            time.sleep(0.02)
        expect_paid_once(scene.caller, invoice, 12_000)
        expect_events_tell_the_statuses(scene.caller)
    assert scene.movements() == ["12000 jpy"]
    assert scene.attempts() == ["succeeded"]


# ── random moments under load ──────────────────────────────────────────────────────────────────


@dataclass
class Load:
    """Clients that invoice and are paid without a pause until they are told to stop."""

    base: str
    key: str

    def __post_init__(self) -> None:
        self.paid: dict[str, int] = {}
        self.patients = [Patient(Caller(self.base, self.key)) for _ in range(CLIENTS)]
        self.failures: list[BaseException] = []
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._live, args=(number, patient))
            for number, patient in enumerate(self.patients)
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Let every client finish the life it is in; raise what any of them met."""
        self._stop.set()
        for thread in self._threads:
            thread.join(90)
            assert not thread.is_alive()
        for failure in self.failures:
            raise failure

    @property
    def told(self) -> dict[str, object]:
        """Every answer that any client got."""
        return {key: one for patient in self.patients for key, one in patient.told.items()}

    def _live(self, number: int, patient: Patient) -> None:
        try:
            customer = self._customer(patient)
            amount = 1000 * (number + 1)
            while not self._stop.is_set():
                amount += 1
                self.paid[self._life(patient, customer, amount)] = amount
        except BaseException as failure:  # noqa: BLE001 (raised again by finish)
            self.failures.append(failure)

    def _customer(self, patient: Patient) -> str:
        customer = patient.post("/v1/customers", name="株式会社サンプル")
        method = patient.post("/v1/payment_methods/pm_card_visa/attach", customer=customer["id"])
        patient.post_form(
            f"/v1/customers/{customer['id']}",
            {"invoice_settings[default_payment_method]": method["id"]},
        )
        identifier: str = customer["id"]
        return identifier

    def _life(self, patient: Patient, customer: str, amount: int) -> str:
        invoice = patient.post("/v1/invoices", customer=customer, currency="jpy")
        patient.post_form(
            f"/v1/invoices/{invoice['id']}/add_lines",
            {"lines[0][amount]": amount, "lines[0][description]": "制作費"},
        )
        patient.post(f"/v1/invoices/{invoice['id']}/finalize")
        paid = patient.post(f"/v1/invoices/{invoice['id']}/pay")
        assert (paid["id"], paid["status"]) == (invoice["id"], "paid")
        identifier: str = invoice["id"]
        return identifier


def test_a_server_killed_again_and_again_loses_nothing_and_charges_nobody_twice(
    installation: Installation,
) -> None:
    seed = int(os.environ.get("SEIKYU_TEST_SEED") or random.randrange(10**9))
    print(f"SEIKYU_TEST_SEED={seed}")
    draw = random.Random(seed)
    kills = KILLS_ON_SQLITE if installation.database_url is None else KILLS_ON_POSTGRES
    key = installation.create_account()["test_secret_key"]
    port = free_port()
    load = Load(f"http://127.0.0.1:{port}", key)
    server = _started(installation, port)
    load.start()
    try:
        for _ in range(kills):
            time.sleep(draw.uniform(0, 0.12))
            server.kill()
            _let_outcomes_be_due(installation)
            server = _started(installation, port)
    finally:
        load.finish()
    _expect_honest_books(Caller(load.base, key), load)
    assert _unfinished(installation) == 0
    # The kills came in the middle of work, not beside it.
    assert sum(patient.cut_off for patient in load.patients) >= kills
    assert len(load.paid) >= kills
    assert server.stop() == 0


def _let_outcomes_be_due(installation: Installation) -> None:
    """Let the minute pass after which, on PostgreSQL, a charge whose outcome is missing is taken up."""
    if installation.database_url is None:
        return
    engine = create_engine(installation.database_url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE attempts SET next_action_at = 1 WHERE next_action_at IS NOT NULL")
        )
    engine.dispose()


def _started(installation: Installation, port: int) -> Server:
    server = installation.start("serve", "--port", str(port), port=port)
    server.wait_until_ready(lambda: server.answers("/healthz"))
    return server


def _expect_honest_books(caller: Caller, load: Load) -> None:
    invoices = paged(caller, "/v1/invoices")
    assert {each["id"]: each["amount_paid"] for each in invoices} == load.paid
    charges = {expect_paid_once(caller, id, amount) for id, amount in load.paid.items()}
    assert charges == {each["id"] for each in paged(caller, "/v1/charges")}
    assert len({each["number"] for each in invoices}) == len(invoices)
    expect_events_tell_the_statuses(caller)
    expect_answers_repeated(caller, load.told)
    assert len(paged(caller, "/v1/invoices")) == len(invoices)


def _unfinished(installation: Installation) -> int:
    """How many attempts are still `processing`. No API shows them."""
    url = installation.database_url or f"sqlite:///{installation.data_dir / 'seikyu.db'}"
    engine = create_engine(url)
    with engine.connect() as connection:
        counted = text("SELECT count(*) FROM attempts WHERE status = 'processing'")
        found: int = connection.execute(counted).scalar_one()
    engine.dispose()
    return found
