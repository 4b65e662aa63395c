"""The same request twice, at the same time, or against somebody else: one object, one charge, one answer."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from seikyu.engine.billing.attempt import Outcome
from seikyu.engine.billing.payment_method import Card
from seikyu.engine.processors.port import ChargeRequest, RefundRequest
from seikyu.engine.processors.test_cards import TestCardProcessor
from seikyu.engine.store import journal
from seikyu.engine.store.statement import Statement
from tests.api.room import Caller, Reply, Room, running_room

EIGHT = 8


def at_once(api: Caller, path: str, form: Mapping[str, Any], keys: list[str]) -> list[Reply]:
    """Send the same form under each of these keys from clients of their own, as nearly at once as can be."""
    ready = threading.Barrier(len(keys))

    def one(key: str) -> Reply:
        caller = Caller(api.base, api.key)
        caller.get("/v1/account")  # the connection is open
        ready.wait()
        reply = caller.send("POST", path, form=form, idempotency_key=key)
        caller.client.close()
        return reply

    with ThreadPoolExecutor(len(keys)) as pool:
        return list(pool.map(one, keys))


# ── keys ───────────────────────────────────────────────────────────────────────────────────────


def test_a_repeated_request_is_answered_as_the_first_time(api: Caller) -> None:
    first = api.send("POST", "/v1/customers", form={"name": "サンプル"}, idempotency_key="once")
    api.post(f"/v1/customers/{first.body['id']}", name="サンプル後")
    again = api.send("POST", "/v1/customers", form={"name": "サンプル"}, idempotency_key="once")
    assert (again.status, again.body) == (200, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"] == "once"
    assert first.headers["request-id"] != again.headers["request-id"]
    assert len(api.ids("/v1/customers")) == 1


def test_a_refusal_by_a_rule_is_repeated_as_it_was(api: Caller) -> None:
    invoice = api.draft(api.customer())
    path = f"/v1/invoices/{invoice}/void"
    first = api.send("POST", path, idempotency_key="void")
    assert first.status == 400
    api.post(f"/v1/invoices/{invoice}/finalize")
    again = api.send("POST", path, idempotency_key="void")
    assert (again.status, again.body) == (400, first.body)
    assert api.get(f"/v1/invoices/{invoice}")["status"] == "open"


def test_a_request_that_could_not_be_understood_does_not_use_up_its_key(api: Caller) -> None:
    wrong = {"name": "サンプル", "colour": "red"}
    refused = api.send("POST", "/v1/customers", form=wrong, idempotency_key="again")
    assert refused.status == 400
    right = {"name": "サンプル"}
    assert api.send("POST", "/v1/customers", form=right, idempotency_key="again").status == 200


def test_a_key_belongs_to_its_parameters_and_its_address(api: Caller) -> None:
    first = api.send("POST", "/v1/customers", form={"name": "一"}, idempotency_key="once")
    other = api.send("POST", "/v1/customers", form={"name": "二"}, idempotency_key="once")
    assert (other.status, other.error["type"]) == (400, "idempotency_error")
    path = f"/v1/customers/{first.body['id']}"
    elsewhere = api.send("POST", path, form={"name": "一"}, idempotency_key="once")
    assert (elsewhere.status, elsewhere.error["type"]) == (400, "idempotency_error")
    assert "/v1/customers" in elsewhere.error["message"]
    assert [each["name"] for each in api.get("/v1/customers")["data"]] == ["一"]


def test_a_key_belongs_to_its_account(room: Room, api: Caller) -> None:
    other = room.account()
    for caller in (api, other):
        reply = caller.send("POST", "/v1/customers", form={"name": "x"}, idempotency_key="once")
        assert (reply.status, "idempotent-replayed" in reply.headers) == (200, False)


def test_answers_are_kept_for_thirty_days(room: Room, api: Caller) -> None:
    form = {"name": "サンプル"}
    api.send("POST", "/v1/customers", form=form, idempotency_key="once")
    room.time.pass_by(30 * 86_400 - 60)
    room.drain()
    reply = api.send("POST", "/v1/customers", form=form, idempotency_key="once")
    assert reply.headers["idempotent-replayed"] == "true"
    room.time.pass_by(3_661)
    room.drain()
    reply = api.send("POST", "/v1/customers", form=form, idempotency_key="once")
    assert "idempotent-replayed" not in reply.headers
    assert len(api.ids("/v1/customers")) == 2


def test_all_that_is_old_is_forgotten_however_much_it_is(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "FORGOTTEN_AT_ONCE", 2)
    form = {"name": "サンプル"}
    with running_room(database_url) as room:
        api = room.account()
        for n in range(5):
            api.send("POST", "/v1/customers", form=form, idempotency_key=f"old-{n}")
        room.time.pass_by(30 * 86_400 + 3_601)
        api.send("POST", "/v1/customers", form=form, idempotency_key="new")
        room.drain()
        for key, was_kept in (*((f"old-{n}", False) for n in range(5)), ("new", True)):
            reply = api.send("POST", "/v1/customers", form=form, idempotency_key=key)
            assert ("idempotent-replayed" in reply.headers) == was_kept, key


@pytest.mark.parametrize("key", ["x" * 256, "a\tb", "鍵"])
def test_a_text_that_cannot_be_a_key_is_refused(api: Caller, key: str) -> None:
    answer = api.client.post(
        f"{api.base}/v1/customers",
        data={"name": "x"},
        headers=[
            (b"authorization", b"Bearer " + api.key.encode()),
            (b"idempotency-key", key.encode()),
        ],
    )
    assert answer.status_code == 400
    assert "idempotency key" in answer.json()["error"]["message"]


# ── at the same time ───────────────────────────────────────────────────────────────────────────


def test_eight_requests_with_one_key_create_one_object(api: Caller) -> None:
    for round in range(5):
        form = {"name": f"サンプル{round}"}
        replies = at_once(api, "/v1/customers", form, [f"key-{round}"] * EIGHT)
        done = [reply for reply in replies if reply.status == 200]
        assert {reply.status for reply in replies} <= {200, 409}, replies
        assert len({reply.body["id"] for reply in done}) == 1
        assert len(api.ids("/v1/customers")) == round + 1


def test_eight_clients_that_pay_one_invoice_make_one_charge(api: Caller) -> None:
    for round in range(3):
        invoice = api.draft(api.customer())
        api.post(f"/v1/invoices/{invoice}/finalize")
        keys = [f"pay-{round}-{n}" for n in range(EIGHT)]
        replies = at_once(api, f"/v1/invoices/{invoice}/pay", {}, keys)
        statuses = Counter(reply.status for reply in replies)
        assert statuses[200] == 1, [reply.body for reply in replies]
        assert set(statuses) <= {200, 400, 429}, statuses
        stored = api.get(f"/v1/invoices/{invoice}", "expand[]=payments")
        assert (stored["status"], stored["amount_paid"]) == ("paid", 12_000)
        (payment,) = stored["payments"]["data"]
        intent = payment["payment"]["payment_intent"]
        assert len(api.ids("/v1/charges", f"payment_intent={intent}")) == 1
    assert api.event_types("type=invoice.paid&limit=100") == ["invoice.paid"] * 3


def test_eight_clients_that_finalize_one_draft_finalize_it_once(api: Caller) -> None:
    invoice = api.draft(api.customer())
    keys = [f"finalize-{n}" for n in range(EIGHT)]
    replies = at_once(api, f"/v1/invoices/{invoice}/finalize", {}, keys)
    assert sorted(reply.status for reply in replies) == [200] + [400] * (EIGHT - 1)
    assert api.event_types("type=invoice.finalized") == ["invoice.finalized"]


def test_eight_lines_added_at_once_are_all_on_the_invoice(api: Caller) -> None:
    invoice = api.draft(api.customer(), 1_000)
    form = {"lines[0][amount]": "1000", "lines[0][description]": "制作費"}
    keys = [f"line-{n}" for n in range(EIGHT)]
    replies = at_once(api, f"/v1/invoices/{invoice}/add_lines", form, keys)
    assert [reply.status for reply in replies] == [200] * EIGHT
    stored = api.get(f"/v1/invoices/{invoice}")
    assert (stored["total"], len(stored["lines"]["data"])) == (9_000, 9)


def test_eight_invoices_finalized_at_once_have_eight_numbers(api: Caller) -> None:
    customer = api.customer()
    drafts = [api.draft(customer) for _ in range(EIGHT)]
    ready = threading.Barrier(EIGHT)

    def finalize(invoice: str) -> Any:
        ready.wait()
        return Caller(api.base, api.key).post(f"/v1/invoices/{invoice}/finalize")["number"]

    with ThreadPoolExecutor(EIGHT) as pool:
        numbers = list(pool.map(finalize, drafts))
    assert len(set(numbers)) == EIGHT
    assert sorted(number[-4:] for number in numbers) == [f"{n:04}" for n in range(1, 9)]


# ── while the bank thinks ──────────────────────────────────────────────────────────────────────


class SlowBank:
    """A processor that answers when it is let go."""

    instant = False

    def __init__(self) -> None:
        self._cards = TestCardProcessor()
        self.asked = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.keys: list[str] = []

    def knows(self, token: str) -> bool:
        """As the test card processor."""
        return self._cards.knows(token)

    def card(self, source: str | Mapping[str, Any]) -> Card:
        """As the test card processor."""
        return self._cards.card(source)

    def charge(self, request: ChargeRequest) -> Outcome:
        """Wait, then answer."""
        self.keys.append(request.idempotency_key)
        self.asked.release()
        assert self.go_on.wait(20)
        return self._cards.charge(request)

    def refund(self, request: RefundRequest) -> Outcome:
        """As the test card processor."""
        return self._cards.refund(request)


class LostLine(SlowBank):
    """A bank whose first answer gets stuck on its way; whoever asks again hears it at once."""

    def charge(self, request: ChargeRequest) -> Outcome:
        """Hold back the first answer only."""
        if self.keys:
            self.keys.append(request.idempotency_key)
            return self._cards.charge(request)
        return super().charge(request)


@contextmanager
def being_paid(
    room: Room, bank: SlowBank, card: str = "pm_card_visa", key: str | None = "first"
) -> Iterator[tuple[Caller, str, list[Reply]]]:
    """An invoice whose charge the bank is thinking about; let go at the end of the block."""
    api = room.account()
    invoice = api.draft(api.customer(card), auto_advance="true")
    replies: list[Reply] = []

    def pay() -> None:
        caller = Caller(api.base, api.key)
        path = f"/v1/invoices/{invoice}/pay"
        replies.append(caller.send("POST", path, idempotency_key=key))

    paying = threading.Thread(target=pay)
    paying.start()
    assert bank.asked.acquire(timeout=20)
    try:
        yield api, invoice, replies
    finally:
        bank.go_on.set()
        paying.join(20)


def test_a_request_that_is_still_running_is_in_use(database_url: str) -> None:
    bank = SlowBank()
    with running_room(database_url, bank) as room:
        with being_paid(room, bank) as (api, invoice, replies):
            path = f"/v1/invoices/{invoice}/pay"
            again = api.send("POST", path, idempotency_key="first")
            assert (again.status, again.error["code"]) == (409, "idempotency_key_in_use")
            assert again.headers["stripe-should-retry"] == "true"
        assert replies[0].status == 200
        after = api.send("POST", path, idempotency_key="first")
        assert (after.status, after.body) == (200, replies[0].body)
    assert len(bank.keys) == 1


def test_nothing_else_happens_to_an_invoice_while_it_is_being_charged(database_url: str) -> None:
    bank = SlowBank()
    with running_room(database_url, bank) as room:
        with being_paid(room, bank) as (api, invoice, replies):
            for action in ("pay", "void"):
                reply = api.refused(f"/v1/invoices/{invoice}/{action}")
                assert (reply.status, reply.error["code"]) == (429, "lock_timeout"), reply.body
                assert reply.headers["stripe-should-retry"] == "true"
            assert api.get(f"/v1/invoices/{invoice}")["status"] == "open"
            # Others are served while the bank thinks.
            assert room.account().post("/v1/customers", name="サンプル")["object"] == "customer"
        assert (replies[0].status, replies[0].body["status"]) == (200, "paid")
    assert len(bank.keys) == 1


def test_the_worker_does_not_charge_what_is_being_charged_and_does_not_wait_for_it(
    database_url: str,
) -> None:
    """The automatic charge is due while the customer pays by hand: it must find that out and rest."""
    bank = SlowBank()
    with running_room(database_url, bank) as room:
        with being_paid(room, bank) as (api, invoice, replies):
            room.time.pass_by(5)
            assert room.drain() < 10
        assert replies[0].body["status"] == "paid"
        room.drain()
        assert api.get(f"/v1/invoices/{invoice}")["attempt_count"] == 1
    assert len(bank.keys) == 1


def test_an_answer_that_is_overdue_is_asked_for_again_under_the_same_key(
    database_url: str,
) -> None:
    bank = SlowBank()
    with running_room(database_url, bank) as room:
        with being_paid(room, bank) as (api, invoice, replies):
            room.time.pass_by(61)
            bank.go_on.set()
            room.drain()
        assert replies[0].body["status"] == "paid"
        assert api.get(f"/v1/invoices/{invoice}")["status"] == "paid"
        assert api.event_types("type=invoice.paid") == ["invoice.paid"]
    assert len(set(bank.keys)) == 1


@pytest.mark.parametrize("key", ["first", None])
@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("pm_card_chargeCustomerFail", "card_declined"),
        ("pm_card_authenticationRequired", "invoice_payment_intent_requires_action"),
    ],
)
def test_a_declined_charge_is_answered_so_when_the_worker_heard_it_first(
    database_url: str, card: str, code: str, key: str | None
) -> None:
    bank = LostLine()
    with running_room(database_url, bank) as room:
        with being_paid(room, bank, card, key) as (api, invoice, replies):
            room.time.pass_by(61)
            room.drain()
            assert api.get(f"/v1/invoices/{invoice}")["attempt_count"] == 1
        error = replies[0].error
        assert (replies[0].status, error["code"]) == (402, code)
        intent = api.get(f"/v1/payment_intents/{error['payment_intent']['id']}")
        assert error["payment_intent"] == intent
        assert error.get("charge") == intent["latest_charge"]
        if key is not None:
            again = api.send("POST", f"/v1/invoices/{invoice}/pay", idempotency_key=key)
            assert (again.status, again.body) == (402, replies[0].body)
            assert again.headers["idempotent-replayed"] == "true"
    assert len(set(bank.keys)) == 1


# ── a database that is not there for us ────────────────────────────────────────────────────────


@pytest.fixture
def sqlite_room(tmp_path: Path) -> Iterator[Room]:
    """A room on a SQLite file of its own."""
    with running_room(f"sqlite:///{tmp_path / 'seikyu.db'}") as room:
        yield room


def test_a_locked_database_is_said_so_soon_and_works_again_after(
    sqlite_room: Room, tmp_path: Path
) -> None:
    import sqlite3
    import time

    api = sqlite_room.account()
    api.customer()
    other = sqlite3.connect(tmp_path / "seikyu.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    reply = api.send("POST", "/v1/customers", form={"name": "x"}, idempotency_key="once")
    waited = time.monotonic() - began
    assert (reply.status, reply.error["code"]) == (429, "lock_timeout")
    assert reply.headers["stripe-should-retry"] == "true"
    assert waited < 6
    assert len(api.ids("/v1/customers")) == 1  # reading needs no lock
    other.execute("ROLLBACK")
    other.close()
    reply = api.send("POST", "/v1/customers", form={"name": "x"}, idempotency_key="once")
    assert (reply.status, "idempotent-replayed" in reply.headers) == (200, False)


def test_a_read_only_database_is_said_so_without_details(tmp_path: Path) -> None:
    """`PRAGMA query_only` refuses writes as a read-only file does, also to root."""
    file = tmp_path / "seikyu.db"
    with running_room(f"sqlite:///{file}") as room:
        api = room.account()
        api.customer()

        async def forbid_writing() -> None:
            room.database.connection().command("PRAGMA query_only = ON")

        room.run(forbid_writing())
        reply = api.refused("/v1/customers", {"name": "x"})
        assert (reply.status, reply.error["type"]) == (503, "api_error")
        assert str(tmp_path) not in reply.error["message"]
        assert "Traceback" not in reply.error["message"]
        assert len(api.ids("/v1/customers")) == 1


def test_a_full_disk_is_said_so_and_nothing_is_stored(tmp_path: Path) -> None:
    """Also to requests that share a transaction: `max_page_count` is a disk of that size."""
    with running_room(f"sqlite:///{tmp_path / 'seikyu.db'}") as room:
        api = room.account()

        async def let_grow_by(pages: int) -> None:
            connection = room.database.connection()
            size = connection.rows(Statement(text("PRAGMA page_count")))[0][0]
            connection.command(f"PRAGMA max_page_count = {size + pages}")

        room.run(let_grow_by(0))
        form = {f"metadata[{n}]": "請求" * 250 for n in range(40)}
        replies = at_once(api, "/v1/customers", form, [f"key-{n}" for n in range(EIGHT)])
        assert {reply.status for reply in replies} == {503}
        assert {reply.error["message"].partition(" The server")[0] for reply in replies} == {
            "The database cannot be used at the moment; nothing was changed."
        }
        assert api.ids("/v1/customers") == []
        room.run(let_grow_by(10_000))
        replies = at_once(api, "/v1/customers", form, [f"key-{n}" for n in range(EIGHT)])
        assert [reply.status for reply in replies] == [200] * EIGHT
        assert len(api.ids("/v1/customers")) == EIGHT
