"""When board or Stripe is in trouble: a clear word, nothing lost, and the next run goes on."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe

from seikyu.board.simulator.limits import Limits
from seikyu.board.simulator.seeding import line
from seikyu.board.words import InvoiceStatus, Operation, PaymentMethod
from seikyu.connector.cli import language_of, sync_once
from seikyu.connector.store import Database, RunState
from tests.connector.conftest import World, outcomes, reason_names

INVOICED, PAID = 2, 3


def test_a_wrong_key_fails_the_run_and_says_which(world: World) -> None:
    world.invoice()
    report = world.sync(BOARD_API_TOKEN="wrong-token")
    assert (report.exit_code, report.run.state, report.run.error_kind) == (
        2,
        RunState.FAILED,
        "config",
    )
    assert "APIキーまたはAPIトークンが無効" in (report.error("ja") or "")
    assert "wrong-token" not in str(report.as_json("en"))


def test_a_missing_permission_is_named(world: World) -> None:
    world.invoice()
    world.board.settings(tokens={"sandbox-board-token": ["顧客リスト取得", "案件リスト取得"]})
    report = world.sync()
    assert (report.exit_code, report.run.error_kind) == (2, "permission")
    assert "請求リスト取得" in (report.error("ja") or "")
    assert "請求リスト取得" in (report.error("en") or "")


def test_without_the_permission_to_write_the_invoice_is_sent_and_board_follows_later(
    world: World,
) -> None:
    invoice = world.invoice()
    may = [str(one) for one in Operation if one is not Operation.SET_INVOICE_STATUS]
    world.board.settings(tokens={"sandbox-board-token": may})
    report = world.sync()
    assert (report.exit_code, report.run.error_kind) == (2, "permission")
    assert outcomes(report) == {invoice: "sent"}
    assert world.board_status(invoice) == INVOICED
    world.board.settings(tokens={"sandbox-board-token": [str(one) for one in Operation]})
    assert outcomes(world.sync()) == {invoice: "written"}
    assert world.board_status(invoice) == PAID
    assert len(world.stripe_invoices(invoice)) == 1


@pytest.mark.parametrize("kind", ["500", "503", "dropped", "garbage"])
@pytest.mark.parametrize("path", ["/clients", "/projects", "/invoices"])
def test_a_board_that_does_not_answer_fails_the_run_and_the_next_one_sends(
    world: World, kind: str, path: str
) -> None:
    invoice = world.invoice()
    world.board.fault(kind, path=path, times=40)
    report = world.sync()
    assert (report.exit_code, report.run.state, report.run.error_kind) == (
        2,
        RunState.FAILED,
        "timeout",
    )
    assert world.stripe_invoices(invoice) == []
    world.board.http.delete("/_sandbox/faults", headers={"Content-Type": "application/json"})
    assert outcomes(world.sync()) == {invoice: "sent"}


def test_one_slow_or_broken_answer_is_simply_asked_again(world: World) -> None:
    invoice = world.invoice()
    world.board.fault("slow", path="/invoices", seconds=3)
    world.board.fault("503", path="/clients")
    world.board.fault("too_many_requests", path="/projects")
    assert outcomes(world.sync()) == {invoice: "sent"}


def test_an_answer_lost_after_the_status_was_written_is_written_once_more_or_not_at_all(
    world: World,
) -> None:
    invoice = world.invoice()
    world.board.fault("dropped", method="PATCH", after=True, times=40)
    report = world.sync()
    assert report.exit_code == 2
    world.board.http.delete("/_sandbox/faults", headers={"Content-Type": "application/json"})
    assert world.sync().exit_code == 0
    assert world.board_status(invoice) == PAID
    assert len(world.stripe_invoices(invoice)) == 1


def test_the_daily_limit_stops_the_run_cleanly_and_says_when_it_goes_on(world: World) -> None:
    invoice = world.invoice()
    world.board.fault("limit_exceeded", path="/invoices")
    report = world.sync()
    assert (report.exit_code, report.run.state) == (2, RunState.STOPPED)
    assert "UTC" in (report.error("en") or "")
    # ── the day is used up for every run of this key, without asking board
    before = len(world.board.requests())
    assert world.sync().run.state is RunState.STOPPED
    assert len(world.board.requests()) == before
    # ── the next day it goes on
    world.clock.moment += timedelta(days=1)
    assert outcomes(world.sync()) == {invoice: "sent"}


def test_a_status_that_board_refuses_is_that_invoices_reason_only(world: World) -> None:
    client = world.client()
    deleted = world.bill(world.seed.project(client, "削除される案件"))
    kept = world.bill(world.seed.project(client, "残る案件"))
    world.sync(SEIKYU_INVOICE_MODE="draft")
    for invoice in (deleted, kept):
        (made,) = world.stripe_invoices(invoice)
        world.stripe.invoices.finalize_invoice(made.id)
        world.stripe.invoices.pay(made.id, {"paid_out_of_band": True})
    world.board.http.request(
        "DELETE",
        f"/_sandbox/records/invoices/{deleted}",
        headers={"Content-Type": "application/json"},
    )
    report = world.sync(SEIKYU_INVOICE_MODE="draft")
    assert outcomes(report) == {deleted: "needs_human", kept: "written"}
    assert reason_names(report, deleted) == ["board_refused"]
    assert world.board_status(kept) == PAID


def test_a_record_that_cannot_be_read_is_told_and_stops_no_other(world: World) -> None:
    client = world.client()
    good = world.bill(world.seed.project(client, "良い請求"))
    odd = world.bill(world.seed.project(client, "半端な請求"))
    document = dict(world.in_board(odd)["invoice"])
    world.change_in_board(odd, invoice={**document, "total": "100.5"})
    report = world.sync()
    assert outcomes(report)[good] == "sent"
    assert report.exit_code == 1
    told = [item for item in report.items if item.outcome.value == "needs_human"]
    assert {reason.name for item in told for reason in item.reasons} == {"malformed_record"}
    assert any(str(odd) in item.reasons[0].en for item in told)
    assert world.stripe_invoices(odd) == []


def test_a_stripe_that_cannot_be_reached_fails_the_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seikyu.connector.stripe_side.NETWORK_RETRIES", 0)
    world.invoice()
    report = world.sync(SEIKYU_STRIPE_URL="http://127.0.0.1:9")
    assert (report.exit_code, report.run.error_kind) == (2, "timeout")
    assert "SEIKYU_STRIPE_URL" in (report.error("en") or "")


def test_a_wrong_stripe_key_fails_the_run_and_is_not_shown(world: World) -> None:
    world.invoice()
    report = world.sync(STRIPE_API_KEY="sk_test_wrong_key_of_the_sample")
    assert (report.exit_code, report.run.error_kind) == (2, "config")
    assert "sk_test_wrong" not in json.dumps(report.as_json("en"))


def test_a_refused_e_mail_is_sent_once_its_cause_is_gone_and_only_once(world: World) -> None:
    side = world.connect().stripe
    customer = world.stripe.customers.create({"email": world.address("keiri")}).id
    made = _draft(world, customer)
    # ── Stripe refuses to mail what is charged automatically, as often as it is asked
    for _ in range(3):
        with pytest.raises(stripe.InvalidRequestError, match="collection method"):
            side.send(made)
    world.stripe.invoices.update(made, {"collection_method": "send_invoice", "days_until_due": 9})
    assert side.send(made).status == "open"
    # ── a repeat, as after a crash, goes along the same keys and mails nothing more
    assert side.send(made).status == "open"
    sent = world.stripe.events.list({"type": "invoice.sent", "limit": 100}).data
    assert [one.data.object["id"] for one in sent].count(made) == 1


def test_a_refused_charge_is_made_once_its_cause_is_gone_and_only_once(world: World) -> None:
    side = world.connect().stripe
    customer = world.stripe.customers.create({"email": world.address("keiri")}).id
    made = _draft(world, customer)
    side.finalize(made)
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="default_payment_method"):
            side.pay(made)
    method = world.stripe.payment_methods.attach("pm_card_visa", {"customer": customer})
    default: Any = {"invoice_settings": {"default_payment_method": method.id}}
    world.stripe.customers.update(customer, default)
    assert side.pay(made).status == "paid"
    assert side.pay(made).status == "paid"
    payments = world.stripe.invoice_payments.list({"invoice": made, "limit": 100}).data
    assert [one.status for one in payments].count("paid") == 1


def test_a_declined_card_is_not_charged_again_by_repeating(world: World) -> None:
    side = world.connect().stripe
    customer = world.stripe.customers.create({"email": world.address("keiri")}).id
    method = world.stripe.payment_methods.attach(
        "pm_card_chargeCustomerFail", {"customer": customer}
    )
    default: Any = {"invoice_settings": {"default_payment_method": method.id}}
    world.stripe.customers.update(customer, default)
    made = _draft(world, customer)
    side.finalize(made)
    for _ in range(3):
        with pytest.raises(stripe.CardError):
            side.pay(made)
    assert world.stripe.invoices.retrieve(made).attempt_count == 1


def _draft(world: World, customer: str) -> str:
    made = world.stripe.invoices.create({"customer": customer, "currency": "jpy"})
    lines: Any = {"lines": [{"description": "保守料", "amount": 1_000}]}
    world.stripe.invoices.add_lines(made.id, lines)
    return made.id


def test_an_outage_of_days_loses_nothing(world: World) -> None:
    old = world.invoice()
    world.sync()
    world.clock.moment += timedelta(hours=2)
    copied = json.loads(json.dumps(world.in_board(old)))
    copied.pop("id")
    copied["invoice"]["id"] = 99_999
    missed = world.board.http.post(
        "/_sandbox/records/invoices", json={**copied, "invoice_status": INVOICED}
    ).json()["id"]
    # ── nothing runs for six days
    world.clock.moment += timedelta(days=6)
    assert outcomes(world.sync())[missed] == "sent"


def test_with_a_window_of_days_only_what_was_updated_then_is_sent(world: World) -> None:
    project = world.seed.project(world.client(), "保守")
    old = world.bill(project, updated_at=world.clock.now() - timedelta(days=3))
    report = world.sync()
    assert reason_names(report, old) == ["not_recently_updated"]
    assert outcomes(world.sync(SEIKYU_WINDOW_DAYS="4")) == {old: "sent"}


def test_a_daily_run_of_a_large_company_takes_at_most_twenty_board_calls(world: World) -> None:
    """11,000 invoices of 2,400 projects and 300 clients, of which 300 change before the next run."""
    world.limits = Limits(per_second=None)
    long_ago = world.clock.now() - timedelta(days=60)
    clients = [world.seed.client(f"株式会社サンプル{n}", "") for n in range(300)]
    bank = PaymentMethod.BANK_TRANSFER
    projects = [
        world.seed.project(clients[n % 300], f"案件{n}", payment_method=bank) for n in range(2_400)
    ]
    invoices = [
        world.bill(projects[n % 2_400], line("保守料", 10_000), updated_at=long_ago)
        for n in range(11_000)
    ]
    first = world.sync()
    assert first.exit_code == 0
    assert len(first.items) == 11_000
    assert first.run.board_calls < 200
    world.clock.moment += timedelta(days=1)
    for invoice in invoices[:300]:
        world.board.sandbox.records.change(
            "invoices", invoice, {"invoice_status": int(InvoiceStatus.PAID)}, world.clock.now()
        )
    world.clock.moment += timedelta(minutes=30)
    second = world.sync()
    assert len(second.items) == 300
    assert second.run.board_calls <= 20


# ── The command ──────────────────────────────────────────────────────────────────────────────────


def test_the_command_prints_one_json_object_and_its_exit_code(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.limits = Limits(per_second=None)  # the command waits in real time, the board does not
    invoice = world.invoice()
    environ = world.environ(SEIKYU_DATA_DIR=str(tmp_path / "data"))
    options: dict[str, Any] = {"as_json": True, "language": "ja"}
    assert sync_once(environ, world.clock.now, dry_run=True, **options) == 0
    preview = json.loads(capsys.readouterr().out)
    assert (preview["dry_run"], preview["counts"]["planned"]) == (True, 1)
    assert sync_once(environ, world.clock.now, dry_run=False, **options) == 0
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert (report["exit_code"], report["error"], report["counts"]["sent"]) == (0, None, 1)
    (item,) = report["items"]
    assert (item["board_invoice_id"], item["amount"], item["currency"]) == (invoice, 110_000, "jpy")
    assert item["stripe_invoice_id"].startswith("in_")
    assert report["board_calls"]["limit"] == 3_000
    assert "送信済み" in captured.err
    for secret in (world.key, world.engine.key, "sandbox-board-token"):
        assert secret not in captured.out + captured.err


def test_the_command_says_in_one_line_what_is_wrong(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.invoice()
    environ = world.environ(SEIKYU_DATA_DIR=str(tmp_path / "data"), BOARD_API_TOKEN="wrong")
    code = sync_once(environ, world.clock.now, dry_run=False, as_json=True, language="en")
    captured = capsys.readouterr()
    assert code == 2
    assert json.loads(captured.out)["error"]["kind"] == "config"
    assert "Traceback" not in captured.err
    assert "Check both in board" in captured.err


def test_missing_settings_are_exit_code_two(capsys: pytest.CaptureFixture[str]) -> None:
    def now() -> Any:
        raise AssertionError("nothing is begun")

    assert sync_once({}, now, dry_run=False, as_json=True, language="ja") == 2
    captured = capsys.readouterr()
    assert json.loads(captured.out)["exit_code"] == 2
    assert "BOARD_API_KEY is missing" in captured.err


def test_a_database_that_cannot_be_used_is_exit_code_two(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.invoice()
    data = tmp_path / "data"
    data.mkdir()
    (data / "connector.db").write_bytes(b"no database, but long enough for a header" * 30)
    environ = world.environ(SEIKYU_DATA_DIR=str(data))
    assert sync_once(environ, world.clock.now, dry_run=False, as_json=True, language="en") == 2
    assert "cannot be used" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_a_locked_database_is_exit_code_two_and_nothing_is_sent(
    world: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("seikyu.connector.store.database.BUSY_TIMEOUT_MS", 50)
    invoice = world.invoice()
    url = f"sqlite:///{tmp_path / 'connector.db'}"
    database = Database(url)
    database.migrate()
    environ = world.environ(SEIKYU_DATABASE_URL=url)
    with database.transaction():
        code = sync_once(environ, world.clock.now, dry_run=False, as_json=True, language="en")
    assert code == 2
    assert "Another program holds it" in json.loads(capsys.readouterr().out)["error"]["message"]
    assert world.stripe_invoices(invoice) == []


@pytest.mark.parametrize(("columns", "width"), [(None, 120), ("90", 90)])
def test_a_log_has_tables_of_120_columns_unless_columns_says_otherwise(
    world: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    columns: str | None,
    width: int,
) -> None:
    world.limits = Limits(per_second=None)
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    world.bill(world.seed.project(world.client(card=None), "とても長い名前の案件" * 8))
    environ = world.environ(SEIKYU_DATA_DIR=str(tmp_path / "data"))
    sync_once(environ, world.clock.now, dry_run=True, as_json=False, language="en")
    border = max(capsys.readouterr().err.splitlines(), key=lambda one: one.count("━"))
    assert len(border) == width


@pytest.mark.parametrize(
    ("asked", "environ", "expected"),
    [
        (None, {"LANG": "ja_JP.UTF-8"}, "ja"),
        (None, {"LANG": "C.UTF-8"}, "en"),
        (None, {"LANG": "ja_JP.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ("en", {"LANG": "ja_JP.UTF-8"}, "en"),
        ("ja", {}, "ja"),
    ],
)
def test_the_language_is_the_one_asked_for_else_that_of_the_locale(
    asked: str | None, environ: dict[str, str], expected: str
) -> None:
    assert language_of(asked, environ) == expected
