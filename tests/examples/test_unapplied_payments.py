"""The source's webhook handler and its list of unapplied payments, as programs of their own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.room import Caller, Room, running_room
from tests.servers import free_port

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "examples" / "unapplied_payments.py"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """An engine on SQLite, in our own time: the program's SDK checks how old a signature is."""
    folder = tmp_path_factory.mktemp("examples")
    with running_room(f"sqlite:///{folder / 'seikyu.db'}") as room:
        room.time.now = int(time.time())
        yield room


@pytest.fixture
def api(room: Room) -> Caller:
    """A new account."""
    return room.account()


def run(room: Room, api: Caller, *arguments: str) -> str:
    """Run the program to its end and return what it printed."""
    return subprocess.run(
        [sys.executable, str(PROGRAM), *arguments],
        env={**os.environ, "STRIPE_API_KEY": api.key, "SEIKYU_STRIPE_URL": room.base},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


def paid_invoice(api: Caller, customer: str) -> tuple[str, str]:
    """An invoice of 8,000 yen and the payment that paid it."""
    invoice = api.draft(customer, 8_000)
    api.post(f"/v1/invoices/{invoice}/pay")
    (payment,) = api.get("/v1/invoice_payments", f"invoice={invoice}&status=paid")["data"]
    return invoice, payment["payment"]["payment_intent"]


def wait_until_it_listens(port: int) -> None:
    """Return once somebody accepts connections."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("the handler did not start")


def test_a_payment_is_stamped_listed_applied_and_cleared(room: Room, api: Caller) -> None:
    port = free_port()
    endpoint = api.post_form(
        "/v1/webhook_endpoints",
        {
            "url": f"http://127.0.0.1:{port}/",
            "enabled_events[]": "invoice_payment.detached",
        },
    )
    environment = {
        **os.environ,
        "STRIPE_API_KEY": api.key,
        "SEIKYU_STRIPE_URL": room.base,
        "STRIPE_WEBHOOK_SECRET": endpoint["secret"],
    }
    handler = subprocess.Popen([sys.executable, str(PROGRAM), "serve", str(port)], env=environment)
    try:
        customer = api.customer()
        wrong, intent = paid_invoice(api, customer)
        right = api.draft(customer, 8_000)
        api.post(f"/v1/invoices/{right}/finalize")
        api.post(f"/v1/invoices/{wrong}/detach_payment", payment_intent=intent)
        wait_until_it_listens(port)
        room.drain()
        metadata = api.get(f"/v1/payment_intents/{intent}")["metadata"]
        assert metadata == {"unapplied": "true", "unapplied_from": wrong}
    finally:
        handler.kill()
        handler.wait()
    room.drain()
    assert run(room, api, "list") == f"{intent}  8000 jpy  from {wrong}\n"
    run(room, api, "apply", right, intent)
    room.drain()
    assert api.get(f"/v1/invoices/{right}")["status"] == "paid"
    assert api.get(f"/v1/payment_intents/{intent}")["metadata"] == {"unapplied": "false"}
    assert run(room, api, "list") == "\n"


def test_without_a_task_it_explains_itself() -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "python examples/unapplied_payments.py list" in done.stderr
