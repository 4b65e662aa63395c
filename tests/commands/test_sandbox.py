"""`make run`: the main job on made-up data, from board to 入金済 and back, as often as one likes."""

import json
import signal
import stat
import time
from collections import Counter
from typing import Any

import httpx2
import pytest

from tests.servers import Installation, free_port

TO_PAY = "株式会社サンプルカード未登録"
BOARD_HEADERS = {
    "x-api-key": "sandbox-board-key",
    "authorization": "Bearer sandbox-board-token",
}
INVOICED, PAID, PARTLY_PAID = 2, 3, 5
EVENTS = (
    "invoice.paid",
    "invoice.updated",
    "invoice.voided",
    "invoice.marked_uncollectible",
    "invoice.deleted",
    "invoice_payment.paid",
    "invoice_payment.detached",
)


def run_once(installation: Installation) -> str:
    """Run the sandbox to its report and return what it said."""
    done = installation.seikyu("sandbox", "run", "--once", env={"COLUMNS": "200"})
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout == ""
    return done.stderr


def kept_keys(installation: Installation) -> dict[str, Any]:
    """What the sandbox keeps between two runs."""
    keys: dict[str, Any] = json.loads((installation.data_dir / "sandbox.json").read_text())
    return keys


def in_stripe(installation: Installation) -> dict[str, list[dict[str, Any]]]:
    """Every invoice and charge of the sandbox's account, through the API."""
    server = installation.serve()
    key = kept_keys(installation)["test_secret_key"]
    with httpx2.Client(base_url=server.base, auth=(key, "")) as api:
        found = {
            noun: api.get(f"/v1/{noun}", params={"limit": "100"}).json()["data"]
            for noun in ("invoices", "charges", "customers", "webhook_endpoints")
        }
    server.stop()
    for endpoint in found["webhook_endpoints"]:
        # Another program may have a port of the first run by now; then the endpoint moves.
        del endpoint["url"]
    return found


def in_board(installation: Installation) -> dict[int, int]:
    """請求ID → 請求ステータス, through board's API."""
    file = str(installation.data_dir / "board.db")
    server = installation.sandbox_board("--file", file)
    rows: list[dict[str, Any]] = []
    page = httpx2.get(
        server.base + "/v1/invoices", headers=BOARD_HEADERS, params={"per_page": "100"}
    ).json()
    rows += page
    server.stop()
    return {row["id"]: row["invoice_status"] for row in rows}


def board_ids(invoices: list[dict[str, Any]]) -> Counter[str]:
    """How many Stripe invoices each board invoice has."""
    return Counter(invoice["metadata"]["board_invoice_id"] for invoice in invoices)


def test_the_main_job_runs_to_its_end_and_sends_nothing_twice(installation: Installation) -> None:
    said = run_once(installation)
    assert "board before: 未請求 2 · 請求OK 2 · 請求済 33 · 一部入金済 1 · 入金済 3" in said
    # ── one sync, one table, which tells what was charged and what was e-mailed
    assert said.count("seikyu sync") == said.count("Sent (19)") == said.count("sent 19 ") == 1
    told = Counter(word for word in said.split() if word in ("charged", "e-mailed"))
    assert told == {"charged": 17, "e-mailed": 2}
    assert "Stripe says: paid." in said
    assert "board says: 入金済." in said
    assert "board after: 未請求 2 · 請求OK 2 · 請求済 15 · 一部入金済 1 · 入金済 21" in said

    first, board = in_stripe(installation), in_board(installation)
    assert Counter(each["status"] for each in first["invoices"]) == {"paid": 18, "open": 3}
    assert set(board_ids(first["invoices"]).values()) == {1}
    emailed = [each for each in first["invoices"] if each["collection_method"] == "send_invoice"]
    assert sorted((each["status"], each["total"]) for each in emailed) == [
        ("open", 12_100),
        ("paid", 96_800),
    ]
    (endpoint,) = first["webhook_endpoints"]
    assert endpoint["enabled_events"] == list(EVENTS)
    for invoice in first["invoices"]:
        paid_in_board = board[int(invoice["metadata"]["board_invoice_id"])] == PAID
        assert paid_in_board is (invoice["status"] == "paid")

    again = run_once(installation)
    assert "sent 0 " in again
    assert "was paid in an earlier run" in again
    assert "Nothing changed in board" in again
    assert in_stripe(installation) == first
    assert in_board(installation) == board


def test_a_partial_payment_and_its_undoing_reach_board_by_webhook(
    sqlite_installation: Installation,
) -> None:
    run_once(sqlite_installation)
    running = sqlite_installation.start("sandbox", "run")
    # From here on nothing looks by itself for a minute, which is longer than this test waits.
    running.wait_until_ready(lambda: "Serving until Ctrl-C." in running.stderr())
    engine, board = (_address(running.stderr(), name) for name in ("engine", "board"))
    api = httpx2.Client(
        base_url=engine, auth=(kept_keys(sqlite_installation)["test_secret_key"], "")
    )
    (invoice,) = api.get(
        "/v1/invoices", params={"collection_method": "send_invoice", "status": "open"}
    ).json()["data"]
    board_invoice_id = int(invoice["metadata"]["board_invoice_id"])

    card = api.post(
        "/v1/payment_methods/pm_card_visa/attach", data={"customer": invoice["customer"]}
    ).json()["id"]
    part = {"amount": "100", "currency": "jpy", "customer": invoice["customer"]}
    confirmed = {"payment_method": card, "confirm": "true", "off_session": "true"}
    intent = api.post("/v1/payment_intents", data=part | confirmed).json()["id"]
    path = f"/v1/invoices/{invoice['id']}"
    api.post(f"{path}/attach_payment", data={"payment_intent": intent}).raise_for_status()
    running.wait_until_ready(lambda: status_in(board, board_invoice_id) == PARTLY_PAID)
    api.post(f"{path}/detach_payment", data={"payment_intent": intent}).raise_for_status()
    running.wait_until_ready(lambda: status_in(board, board_invoice_id) == INVOICED)
    assert running.stop() == 0


def _address(said: str, name: str) -> str:
    (line,) = [
        line for line in said.splitlines() if line.startswith(f"{name} ") and " http" in line
    ]
    return line.split()[1].rstrip("/")


def status_in(board: str, invoice_id: int) -> int | None:
    """The 請求ステータス of an invoice as board has it now; None while board has no time."""
    time.sleep(1)
    answer = httpx2.get(board + "/v1/invoices", headers=BOARD_HEADERS, params={"per_page": "100"})
    if answer.status_code == 429:
        return None
    rows = answer.raise_for_status().json()
    return next(int(row["invoice_status"]) for row in rows if row["id"] == invoice_id)


def test_keys_are_kept_for_their_owner_only(sqlite_installation: Installation) -> None:
    said = run_once(sqlite_installation)
    file = sqlite_installation.data_dir / "sandbox.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    keys = kept_keys(sqlite_installation)
    assert keys["test_secret_key"] in said
    for secret in ("live_secret_key", "webhook_secret"):
        assert keys[secret] not in said


@pytest.mark.parametrize("seconds", [1.5, 4, 7])
def test_a_run_that_is_killed_is_finished_by_the_next(
    sqlite_installation: Installation, seconds: float
) -> None:
    running = sqlite_installation.start("sandbox", "run")
    time.sleep(seconds)
    running.kill()
    said = run_once(sqlite_installation)
    assert "board after: 未請求 2 · 請求OK 2 · 請求済 15 · 一部入金済 1 · 入金済 21" in said
    found = in_stripe(sqlite_installation)
    assert set(board_ids(found["invoices"]).values()) == {1}
    assert Counter(each["status"] for each in found["invoices"]) == {"paid": 18, "open": 3}
    # Two of the paid are under the minimum that cards are charged with.
    succeeded = [each for each in found["charges"] if each["status"] == "succeeded"]
    assert len({each["payment_intent"] for each in succeeded}) == len(succeeded) == 17
    assert len(found["customers"]) == 11
    assert len(found["webhook_endpoints"]) == 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["Stripe has", "Serving until Ctrl-C."])
def test_it_stops_cleanly_at_any_moment(
    sqlite_installation: Installation, moment: str, how: signal.Signals
) -> None:
    running = sqlite_installation.start("sandbox", "run")
    running.wait_until_ready(lambda: moment in running.stderr())
    running.process.send_signal(how)
    assert running.process.wait(15) == 0
    assert "Traceback" not in running.stderr()


def test_it_takes_other_ports_where_its_own_are_used(sqlite_installation: Installation) -> None:
    blocker = sqlite_installation.sandbox_board(port=8421) if _is_free(8421) else None
    said = run_once(sqlite_installation)
    assert "Port 8421 is used already; the board simulator has " in said
    if blocker is not None:
        blocker.stop()


def _is_free(port: int) -> bool:
    try:
        httpx2.get(f"http://127.0.0.1:{port}/", timeout=2)
    except httpx2.TransportError:
        return free_port() != port
    return False
