"""The simulator behaves as board does, survives being killed, and can be steered."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import httpx2
import pytest

from seikyu.board.simulator.generator import generate
from seikyu.board.simulator.serve import read_seed
from seikyu.board.simulator.state import Records, UnusableSeed
from seikyu.board.simulator.tax import Totals, rounded, totals, withholding
from seikyu.board.words import InvoiceStatus, TaxRounding
from tests.board.conftest import NOON, no_limits, seed_file, small_seed


def test_pages_carry_their_numbers_and_default_to_ten_records(start_board):
    board = start_board(small_seed(25), limits=no_limits())
    first = board.get("/invoices")
    assert len(first.json()) == 10
    names = ("X-Total-Count", "X-Page", "X-Per-Page")
    assert [first.headers[name] for name in names] == ["25", "1", "10"]
    third = board.get("/invoices?page=3&per_page=10")
    assert (len(third.json()), third.headers["X-Page"]) == (5, "3")
    assert board.get("/invoices?per_page=1000").headers["X-Per-Page"] == "100"
    assert board.get("/invoices?page=9").json() == []
    assert board.get("/invoices?page=0").status_code == 422


def test_an_unknown_parameter_is_ignored_so_a_misspelt_filter_returns_everything(board):
    assert len(board.get("/invoices?invoice_status_in=3").json()) == 5  # without []
    assert board.get("/invoices?invoice_status_in[]=3").json() == []


def test_of_a_repeated_array_only_the_first_value_counts(board):
    board.sandbox.records.change("invoices", 1001, {"invoice_status": 5}, NOON)
    assert len(board.get("/invoices?invoice_status_in[]=2,5").json()) == 5
    repeated = board.get("/invoices?invoice_status_in[]=5&invoice_status_in[]=2").json()
    assert [invoice["id"] for invoice in repeated] == [1001]


def test_numbers_flags_and_times_look_as_board_writes_them(board):
    invoice = board.get("/invoices?response_group=all&per_page=1").json()[0]
    assert (invoice["total"], invoice["tax"]) == ("10000.0", "1000.0")
    assert invoice["invoice"]["details"][0]["quantity"] == "1.0"
    assert invoice["invoice"]["details"][0]["document_detail_kbn_name"] == "通常行"
    assert invoice["lock_flg"] == 0
    assert invoice["invoice_status_name"] == "請求済"
    assert re.fullmatch(r"2026-01-20T\d\d:\d\d:00\.000\+09:00", invoice["updated_at"])


def test_an_unknown_response_group_is_rejected(board):
    assert board.get("/invoices?response_group=huge").status_code == 422
    assert board.get("/clients?response_group=medium").status_code == 422


def test_ids_of_invoices_and_documents_are_two_spaces(board):
    by_document_id = board.get("/documents/invoices/1008").json()
    assert by_document_id["id"] == 1008
    assert board.get("/documents/invoices/1001").status_code == 404
    assert board.get("/invoices/1001").status_code == 404  # there is no get of a 請求


def test_a_path_board_does_not_have_is_a_404_in_its_form(board):
    answer = board.get("/webhooks")
    assert (answer.status_code, list(answer.json())) == (404, ["message"])


def test_a_status_that_does_not_exist_is_rejected(board):
    for body in ({}, {"invoice_status": 7}, {"invoice_status": "3"}):
        board.clock.sleep(1)
        answer = board.http.patch(
            "/v1/invoices/invoice_status/1001", headers=board.headers, json=body
        )
        assert answer.status_code == 422
    board.clock.sleep(1)
    broken = board.http.patch(
        "/v1/invoices/invoice_status/1001",
        headers={**board.headers, "Content-Type": "application/json"},
        content=b"{",
    )
    assert broken.status_code == 400


def test_a_change_of_the_project_shows_in_its_invoices(board):
    answer = board.http.patch("/_sandbox/records/projects/501", json={"order_status": 9})
    assert answer.status_code == 200
    assert {i["order_status_name"] for i in board.get("/invoices").json()} == {"失注"}


def test_orders_that_make_no_sense_are_refused_with_a_sentence(board):
    def refusal(method: str, path: str, body: object) -> str:
        answer = board.http.request(method, f"/_sandbox{path}", json=body)
        assert answer.status_code == 400
        return str(answer.json()["message"])

    assert "unknown kind" in refusal("POST", "/faults", {"kind": "earthquake"})
    assert "wrong type" in refusal("POST", "/faults", {"kind": "500", "times": "many"})
    assert "at least 1" in refusal("POST", "/faults", {"kind": "500", "times": 0})
    assert "not described" in refusal("POST", "/faults", {"times": 1})
    missing = {"kind": "invoices", "id": 9, "fields": {}}
    assert "no record 9" in refusal("POST", "/faults", {"kind": "edit", "edit": missing})
    assert "no record 9" in refusal("PATCH", "/records/invoices/9", {"invoice_status": 3})
    assert "does not exist" in refusal("PATCH", "/records/invoices/1001", {"project_id": 9})
    assert "invoice_status" in refusal("PATCH", "/records/invoices/1001", {"invoice_status": 7})
    assert "YYYY-MM-DD" in refusal("PATCH", "/records/invoices/1001", {"invoice_date": "soon"})
    assert "unknown" in refusal("PATCH", "/settings", {"weather": {}})
    assert "unknown" in refusal("PATCH", "/settings", {"limits": {"per_year": 1}})
    assert "200 or 204" in refusal("PATCH", "/settings", {"behaviour": {"patch_answer": 302}})
    plain = board.http.post("/_sandbox/faults", content=b"kind=500")
    assert plain.status_code == 400


def test_faults_can_be_seen_and_cleared(board):
    board.fault("500", times=5, path="/clients")
    assert board.http.get("/_sandbox/faults").json()[0]["times"] == 5
    assert board.get("/invoices").status_code == 200
    assert board.get("/clients").status_code == 500
    cleared = board.http.request(
        "DELETE", "/_sandbox/faults", headers={"Content-Type": "application/json"}
    )
    assert cleared.json() == []
    assert board.get("/clients").status_code == 200


# ── the page ────────────────────────────────────────────────────────────────────────────────────


def test_a_person_changes_a_status_on_the_page(board):
    page = board.http.get("/")
    assert page.status_code == 200
    assert "請求一覧" in page.text
    assert "株式会社サンプル顧客" in page.text
    assert "11,000" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script" not in page.text
    assert "style=" not in page.text
    changed = board.http.post(
        "/invoices/1001/status", data={"invoice_status": "3"}, headers={"Origin": board.origin}
    )
    assert changed.status_code == 303
    assert board.sandbox.records.get("invoices", 1001)["invoice_status"] == 3
    assert "入金済" in board.http.get(changed.headers["Location"]).text
    assert 'href="/invoices/1001"' in board.http.get("/?status=3").text
    assert 'href="/invoices/1001"' not in board.http.get("/?status=2").text


def test_another_site_cannot_change_a_status(board):
    for headers in ({"Origin": "https://evil.example.com"}, {}):
        answer = board.http.post(
            "/invoices/1001/status", data={"invoice_status": "3"}, headers=headers
        )
        assert answer.status_code == 403
    assert board.sandbox.records.get("invoices", 1001)["invoice_status"] == 2


def test_every_page_shows_and_escapes_its_records(board):
    board.http.patch("/_sandbox/records/clients/201", json={"name_disp": "<b>太字</b>"})
    for path in ("/", "/projects", "/clients", "/invoices/1001", "/?page=99", "/?page=x"):
        page = board.http.get(path)
        assert page.status_code == 200
        assert "&lt;b&gt;太字&lt;/b&gt;" in page.text
        assert "<b>" not in page.text
    assert board.http.get("/invoices/9").status_code == 404
    assert board.http.get("/page.css").headers["Content-Type"].startswith("text/css")


# ── files ───────────────────────────────────────────────────────────────────────────────────────

SERVE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from seikyu.board.simulator.serve import read_seed, run
run("127.0.0.1", int(sys.argv[1]), read_seed(Path(sys.argv[2])),
    now=lambda: datetime.now(UTC), file=Path(sys.argv[3]))
"""


def _served(port: int, seed: Path, file: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port), str(seed), str(file)],
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            httpx2.get(f"http://127.0.0.1:{port}/_sandbox/state")
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return process
    process.kill()
    raise AssertionError("the simulator did not start")


def test_killing_a_durable_simulator_loses_nothing_that_was_answered(tmp_path):
    seed, file = seed_file(tmp_path, small_seed()), tmp_path / "board.sqlite"
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    headers = {"x-api-key": "sandbox-board-key", "Authorization": "Bearer sandbox-board-token"}
    first = _served(port, seed, file)
    base = f"http://127.0.0.1:{port}"
    patched = httpx2.patch(
        f"{base}/v1/invoices/invoice_status/1003", headers=headers, json={"invoice_status": 3}
    )
    created = httpx2.post(
        f"{base}/v1/clients", headers=headers, json={"name": "新規", "name_disp": "新規"}
    )
    os.kill(first.pid, signal.SIGKILL)
    _, printed = first.communicate(timeout=10)
    assert (patched.status_code, created.status_code) == (200, 201)
    assert f"SEIKYU_BOARD_URL=http://127.0.0.1:{port}/v1" in printed
    assert "BOARD_API_TOKEN=sandbox-board-token" in printed

    second = _served(port, seed, file)
    paid = httpx2.get(f"{base}/v1/invoices?invoice_status_in[]=3", headers=headers).json()
    state = httpx2.get(f"{base}/_sandbox/state").json()
    second.terminate()
    second.communicate(timeout=10)
    assert [invoice["id"] for invoice in paid] == [1003]
    assert state["counts"]["clients"] == 2
    assert state["calls_today"] == 3  # the day's count goes on too


def test_a_file_that_has_records_keeps_them_whatever_the_seed(tmp_path):
    file = tmp_path / "board.sqlite"
    first = Records(small_seed(3), file)
    first.change("invoices", 1001, {"invoice_status": 3}, NOON)
    first.remove("invoices", 1002)
    first.close()
    again = Records(small_seed(50), file)
    assert sorted(body["id"] for body in again.all("invoices")) == [1001, 1003]
    assert again.get("invoices", 1001)["updated_at"] == "2026-04-20T12:00:00.000+09:00"
    assert again.invoice_of_document(1009) is None
    again.close()


def test_real_answers_of_board_can_be_a_seed(board, start_board):
    """What one board answers with all fields seeds another that answers the same."""
    lists = ("clients", "projects", "invoices", "payment_terms")
    groups = {"clients": "large", "payment_terms": ""}
    paths = {kind: f"/{kind}?response_group={groups.get(kind, 'all')}" for kind in lists}
    answers = {kind: board.get(path).json() for kind, path in paths.items()}
    copy = start_board(json.loads(json.dumps(answers)))
    assert {kind: copy.get(path).json() for kind, path in paths.items()} == answers


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ({"invoices": {}}, "invoices of the seed is not a list"),
        ({"clients": [{"id": "a"}]}, "id is missing or not a number"),
        ({"clients": [{"id": 1, "updated_at": "x", "created_at": "x"}]}, "no date-time"),
        ({"projects": []}, "project_id 501 does not exist"),
        ({"payment_terms": [{"id": 1}, {"id": 1}]}, "the same id"),
        ({"payment_terms": [{"id": 1, "invoice_status": 7}]}, "invoice_status"),
        ({"invoices": [7]}, "invoices is not an object"),
    ],
)
def test_an_unusable_seed_says_what_is_wrong(broken, sentence):
    with pytest.raises(UnusableSeed, match=sentence):
        Records(small_seed() | broken)


def test_an_unreadable_seed_file_is_named(tmp_path):
    file = tmp_path / "seed.json"
    with pytest.raises(UnusableSeed, match=r"seed\.json"):
        read_seed(file)
    file.write_text("[]", "utf-8")
    with pytest.raises(UnusableSeed, match="not a JSON object"):
        read_seed(file)


# ── sums and generated companies ────────────────────────────────────────────────────────────────


def test_tax_is_computed_once_per_rate_and_cut_off():
    lines = [
        {"price": "19.0", "tax_rate": "10.0"},
        {"price": "19.0", "tax_rate": "10.0"},
        {"price": "13.0", "tax_rate": "8.0"},
        {"price": "12.0", "tax_rate": "8.0"},
        {"price": "1000.0", "tax_rate": "0.0"},
        {"price": None, "tax_rate": "10.0"},
        {"price": "99.0", "tax_rate": "10.0", "document_detail_kbn": 3},
    ]
    assert totals(lines) == Totals(total=1_063, tax=3 + 2, tax_withholding=0)
    assert totals(lines, TaxRounding.CEILING).tax == 4 + 2
    assert totals(lines, TaxRounding.ROUND).tax == 4 + 2


def test_tax_that_is_included_is_taken_out_of_the_sum():
    lines = [{"price": "10999.0", "tax_rate": "10.0", "tax_included_flg": 1}] * 3
    assert totals(lines) == Totals(total=29_998, tax=2_999, tax_withholding=0)


def test_withholding_has_two_steps_and_is_cut_off():
    assert withholding(111_111) == 11_344
    assert withholding(1_000_000) == 102_100
    assert withholding(1_200_000) == 142_940


def test_a_discount_is_rounded_by_its_absolute_value():
    from fractions import Fraction

    assert rounded(Fraction(-5, 2), TaxRounding.FLOOR) == -2
    assert rounded(Fraction(-5, 2), TaxRounding.CEILING) == -3
    assert rounded(Fraction(5, 2), TaxRounding.ROUND) == 3


def test_a_generated_company_is_always_the_same():
    today = date(2026, 4, 20)
    sizes = {"clients": 20, "projects": 60, "invoices": 200, "random_seed": 7}
    seed = generate(**sizes, today=today)
    assert seed == generate(**sizes, today=today)
    assert seed != generate(**{**sizes, "random_seed": 8}, today=today)
    counts = {kind: len(seed[kind]) for kind in ("clients", "projects", "invoices")}
    assert counts == {"clients": 20, "projects": 60, "invoices": 200}
    assert max(i["updated_at"] for i in seed["invoices"]) < "2026-04-20T09:00"


def test_a_company_without_clients_has_no_projects():
    with pytest.raises(ValueError, match="at least one"):
        generate(clients=0, projects=1, invoices=1, random_seed=1, today=date(2026, 4, 20))


def test_eleven_thousand_invoices_are_generated_and_read_quickly(start_board):
    began = time.process_time()
    seed = generate(
        clients=300, projects=2_400, invoices=11_000, random_seed=1, today=date(2026, 4, 20)
    )
    board = start_board(seed, limits=no_limits())
    generated = time.process_time() - began
    began = time.process_time()
    invoices = board.client().list_invoices()
    read = time.process_time() - began
    assert len({invoice.id for invoice in invoices}) == 11_000
    statuses = {invoice.invoice_status for invoice in invoices}
    assert statuses >= {InvoiceStatus.PAID, InvoiceStatus.INVOICED, InvoiceStatus.UNCOLLECTIBLE}
    assert len(board.requests()) == 111
    # Generous bounds for a slow machine; usually two and six seconds.
    assert generated < 15
    assert read < 45


def test_the_clock_of_answers_is_the_clock_of_the_records(board):
    board.clock.moment = datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC)
    answer = board.http.get("/v1/clients", headers=board.headers)
    assert answer.headers["Date"] == "Thu, 02 Jan 2031 03:04:05 GMT"
