"""A world in which anything is asked at any time, and the engine dies between any two steps.

Requests pass the real ``Api`` in this process, without sockets; the worker runs when it is told to. The
database is a real one behind a connection that sometimes fails, before or after what it was given to
write, so that transactions are lost at every place. A charge is sometimes asked for and its outcome
never recorded. One seed tells the whole history.
"""

import asyncio
import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson

from seikyu.engine import clock
from seikyu.engine.api.app import Api
from seikyu.engine.billing.account import Account
from seikyu.engine.execute import Door, Engine
from seikyu.engine.processors.test_cards import TestCardProcessor
from seikyu.engine.store.database import Connection, Row, StoreUnavailable, open_database
from seikyu.engine.store.due import ask_all_attempts_now
from seikyu.engine.store.keys import create_account
from seikyu.engine.store.statement import Statement
from seikyu.engine.wire.ids import Minter
from seikyu.engine.worker import Mailer, Outbound, Worker
from tests.api.room import START, Time, make_tables
from tests.simulation.random_billing import MORE

KEY = "sk_test_" + "5" * 32
HOUR, DAY = 3_600, 86_400
CARDS = (
    "pm_card_visa", "pm_card_visa", "pm_card_visa", "pm_card_chargeCustomerFail",
    "pm_card_authenticationRequired",
)  # fmt: skip


class Killed(StoreUnavailable):
    """The connection died in the middle of a transaction."""


@dataclass
class MortalConnection:
    """A connection that fails once in a while: nothing of its transaction is kept then."""

    real: Connection
    dice: random.Random
    mortality: float

    @property
    def dialect(self) -> str:
        """The real one's."""
        return self.real.dialect

    def rows(self, statement: Statement, **values: Any) -> list[Row]:
        """Read."""
        return self.real.rows(statement, **values)

    def run(self, statement: Statement, values: dict[str, Any]) -> int:
        """Write one."""
        return self.real.run(statement, values)

    def run_together(self, writes: Sequence[tuple[Statement, dict[str, Any]]]) -> list[int]:
        """Write several, or die before, in the middle, or after."""
        if writes and self.dice.random() < self.mortality:
            done = self.dice.randint(0, len(writes))
            if done:
                self.real.run_together(writes[:done])
            raise Killed("died here")
        return self.real.run_together(writes)

    def command(self, sql: str) -> None:
        """Begin, commit, savepoints."""
        self.real.command(sql)

    def roll_back(self) -> None:
        """Undo."""
        self.real.roll_back()

    def close(self) -> None:
        """Close."""
        self.real.close()


class MortalDatabase:
    """The database of a process that dies; its connections share one die."""

    def __init__(self, url: str, dice: random.Random, mortality: float) -> None:
        self.real = open_database(url)
        self.url = url
        self.dialect = self.real.dialect
        self.dice = dice
        self.mortality = mortality

    def connection(self) -> MortalConnection:
        """The thread's connection."""
        return MortalConnection(self.real.connection(), self.dice, self.mortality)

    def close(self) -> None:
        """Close all."""
        self.real.close()


@dataclass
class RandomWorld:
    """One account, its objects by kind, and what was told about them."""

    url: str
    seed: int
    mortality: float = 0.01
    commands: int = 0
    refused: int = 0
    died: int = 0
    ids: dict[str, list[str]] = field(default_factory=dict)
    keys: list[tuple[str, str, dict[str, Any], int, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the tables and the account, and start the engine."""
        make_tables(self.url)
        self.dice = random.Random(self.seed)
        self.time = Time()
        self.loop = asyncio.new_event_loop()
        connection = open_database(self.url).connection()
        account = Account("acct_sample", "株式会社サンプル", "JP", "jpy", START)
        create_account(connection, account, {(False, "secret"): KEY})
        connection.close()
        self.database = MortalDatabase(self.url, self.dice, self.mortality)
        minter = Minter(clock.now_us, os.urandom)
        engine = Engine(
            self.database,  # type: ignore[arg-type]
            minter,
            TestCardProcessor(),
            "http://127.0.0.1:8420",
            now=self.time,
        )
        self.door = Door(engine)
        self.api = Api(self.door, clock.monotonic)
        outbound = Outbound(self.door, timeout_seconds=1, allow_private=True)
        self.worker = Worker(self.door, outbound, Mailer(self.door, None, timeout_seconds=1))

    def close(self) -> None:
        """End."""
        self.loop.run_until_complete(self.worker.outbound.close())
        self.door.close()
        self.database.close()
        self.loop.close()

    # ── asking ─────────────────────────────────────────────────────────────────────────────────

    def ask(
        self, method: str, path: str, form: dict[str, Any] | None = None, key: str | None = None
    ) -> tuple[int, Any]:
        """Make one request; return status and body."""
        status, body = self.loop.run_until_complete(self._ask(method, path, form, key))
        self.commands += method != "GET"
        if status == 503:
            self.died += 1
        elif status >= 400:
            self.refused += 1
        assert status != 500, (self.seed, method, path, form, body)
        return status, orjson.loads(body)

    async def _ask(
        self, method: str, path: str, form: dict[str, Any] | None, key: str | None
    ) -> tuple[int, bytes]:
        place, _, query = path.partition("?")
        sent = urlencode(form or {}).encode()
        headers = [(b"authorization", b"Bearer " + KEY.encode())]
        if method == "POST":
            headers.append((b"content-type", b"application/x-www-form-urlencoded"))
        if key:
            headers.append((b"idempotency-key", key.encode()))
        scope = {
            "type": "http",
            "method": method,
            "path": place,
            "query_string": query.encode(),
            "headers": headers,
        }
        answer: dict[str, Any] = {"status": 0, "body": b""}

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answer["status"] = message["status"]
            else:
                answer["body"] += message.get("body", b"")

        await self.api(scope, receive, send)  # type: ignore[arg-type]
        return answer["status"], answer["body"]

    def post(self, path: str, **form: Any) -> Any:
        """Write; return the object, or None when it was refused or the engine died."""
        return self.post_form(path, form)

    def post_form(self, path: str, form: dict[str, Any]) -> Any:
        """Write, now and then under a key that is repeated later."""
        key = f"key-{self.commands}" if self.dice.random() < 0.2 else None
        status, body = self.ask("POST", path, form, key)
        if key and status not in (409, 429, 503):
            self.keys.append((key, path, form, status, orjson.dumps(body)))
        if status == 503 and key and self.dice.random() < 0.7:
            status, body = self.ask("POST", path, form, key)
        if status != 200:
            return None
        kind = body.get("object")
        if kind and not body.get("deleted"):
            known = self.ids.setdefault(kind, [])
            if body.get("id") and body["id"] not in known:
                known.append(body["id"])
        return body

    def any(self, kind: str) -> str:
        """One of the latest objects of a kind."""
        known = self.ids.get(kind) or ["none"]
        return self.dice.choice(known[-12:])

    def drain(self) -> None:
        """Let the worker do what is due; deaths on the way are nothing to it."""
        for _ in range(20):
            try:
                self.loop.run_until_complete(self.worker.drain())
            except StoreUnavailable:
                self.died += 1
            else:
                return

    def recover(self) -> None:
        """What a new process does first: ask again about every charge without an outcome.

        It lives on, and waits until claims that the dead left behind have ended.
        """
        self.database.mortality = 0
        self.time.pass_by(HOUR)
        connection = self.database.real.connection()
        connection.command("BEGIN")
        ask_all_attempts_now(connection)
        connection.command("COMMIT")
        self.drain()

    # ── commands ───────────────────────────────────────────────────────────────────────────────

    def step(self) -> None:
        """Do one thing at random."""
        weights = [weight for weight, _ in COMMANDS]
        _, command = self.dice.choices(COMMANDS, weights)[0]
        command(self)


def _customer(w: RandomWorld) -> None:
    form: dict[str, Any] = {"email": "keiri@example.jp", "name": "株式会社サンプル"}
    if w.dice.random() < 0.5 and w.ids.get("test_helpers.test_clock"):
        form["test_clock"] = w.any("test_helpers.test_clock")
    if w.dice.random() < 0.3:
        form["balance"] = str(w.dice.choice([-5_000, -300, 40, 900]))
    made = w.post("/v1/customers", **form)
    if made:
        _card(w, made["id"])


def _card(w: RandomWorld, customer: str | None = None) -> None:
    customer = customer or w.any("customer")
    method = w.post(f"/v1/payment_methods/{w.dice.choice(CARDS)}/attach", customer=customer)
    if method:
        w.post_form(
            f"/v1/customers/{customer}",
            {"invoice_settings[default_payment_method]": method["id"]},
        )


def _clock(w: RandomWorld) -> None:
    w.post("/v1/test_helpers/test_clocks", frozen_time=str(START + w.dice.randint(0, 40) * DAY))


def _advance(w: RandomWorld) -> None:
    id = w.any("test_helpers.test_clock")
    status, body = w.ask("GET", f"/v1/test_helpers/test_clocks/{id}")
    if status == 200:
        to = body["frozen_time"] + w.dice.choice([HOUR, DAY, 8 * DAY, 35 * DAY])
        w.post(f"/v1/test_helpers/test_clocks/{id}/advance", frozen_time=str(to))
        w.drain()


def _invoice(w: RandomWorld) -> None:
    form: dict[str, Any] = {"customer": w.any("customer"), "currency": "jpy"}
    form["auto_advance"] = w.dice.choice(["true", "false"])
    amount = w.dice.choice([30, 800, 1_000, 6_000, 10_000, 330_000])
    if w.dice.random() < 0.4:
        form["collection_method"] = "send_invoice"
        if w.dice.random() < 0.4:
            parts = [amount // 2, amount - amount // 2]
            for place, part in enumerate(parts):
                form[f"amounts_due[{place}][amount]"] = str(part)
                form[f"amounts_due[{place}][description]"] = "サンプル"
                form[f"amounts_due[{place}][days_until_due]"] = str(7 * (place + 1))
        else:
            form["days_until_due"] = str(w.dice.choice([0, 7, 30]))
    made = w.post_form("/v1/invoices", form)
    if made:
        lines = {"lines[0][amount]": str(amount), "lines[0][description]": "サンプル"}
        if w.dice.random() < 0.2:
            lines |= {"lines[1][amount]": "-200", "lines[1][description]": "値引き"}
        w.post_form(f"/v1/invoices/{made['id']}/add_lines", lines)
        if w.dice.random() < 0.6:
            w.post(f"/v1/invoices/{made['id']}/finalize")


def _on_invoice(name: str, **form: str) -> Callable[[RandomWorld], None]:
    def command(w: RandomWorld) -> None:
        w.post_form(f"/v1/invoices/{w.any('invoice')}{name}", dict(form))

    return command


def _switch(w: RandomWorld) -> None:
    w.post(f"/v1/invoices/{w.any('invoice')}", auto_advance=w.dice.choice(["true", "false"]))


def _payment(w: RandomWorld) -> None:
    w.post(
        "/v1/payment_intents",
        amount=str(w.dice.choice([100, 500, 1_000, 6_000])),
        currency="jpy",
        customer=w.any("customer"),
        payment_method=w.dice.choice(CARDS),
        confirm=w.dice.choice(["true", "true", "false"]),
    )


def _attach(w: RandomWorld) -> None:
    w.post(
        f"/v1/invoices/{w.any('invoice')}/attach_payment", payment_intent=w.any("payment_intent")
    )


def _detach(w: RandomWorld) -> None:
    invoice = w.any("invoice")
    _, found = w.ask("GET", f"/v1/invoice_payments?invoice={invoice}&status=paid")
    if found.get("data"):
        payment = w.dice.choice(found["data"])["payment"]["payment_intent"]
        w.post(f"/v1/invoices/{invoice}/detach_payment", payment_intent=payment)
        known = w.ids.setdefault("payment_intent", [])
        known.append(payment)


def _refund(w: RandomWorld) -> None:
    form = {"payment_intent": w.any("payment_intent")}
    if w.dice.random() < 0.5:
        form["amount"] = str(w.dice.choice([1, 100, 400]))
    w.post_form("/v1/refunds", form)


def _subscribe(w: RandomWorld) -> None:
    if not w.ids.get("price"):
        w.post_form(
            "/v1/prices",
            {
                "currency": "jpy",
                "unit_amount": "1200",
                "recurring[interval]": w.dice.choice(["day", "week", "month"]),
                "product_data[name]": "サンプル",
            },
        )
    form = {"customer": w.any("customer"), "items[0][price]": w.any("price")}
    if w.dice.random() < 0.3:
        form |= {"collection_method": "send_invoice", "days_until_due": "7"}
    if w.dice.random() < 0.2:
        form["trial_period_days"] = "3"
    w.post_form("/v1/subscriptions", form)


def _unsubscribe(w: RandomWorld) -> None:
    status, _ = w.ask("DELETE", f"/v1/subscriptions/{w.any('subscription')}")
    del status


def _settings(w: RandomWorld) -> None:
    w.post_form(
        "/v1/seikyu/settings",
        {
            "retries[mode]": w.dice.choice(["smart", "none"]),
            "after_last_retry[invoice]": w.dice.choice(["leave", "mark_uncollectible"]),
            "after_last_retry[subscription]": w.dice.choice(["cancel", "unpaid", "leave"]),
        },
    )


def _repeat(w: RandomWorld) -> None:
    """Repeat a request under its key: the same answer, and nothing happens."""
    if not w.keys:
        return
    key, path, form, status, body = w.dice.choice(w.keys[-40:])
    again, answer = w.ask("POST", path, form, key)
    if again not in (409, 503):
        assert again == status, (w.seed, key, path, again, status)
        if status == 200:
            assert orjson.dumps(answer) == body, (w.seed, key, path)


def _time(w: RandomWorld) -> None:
    w.time.pass_by(w.dice.choice([60, HOUR, DAY, 3 * DAY]))
    w.drain()


COMMANDS: tuple[tuple[int, Callable[[RandomWorld], None]], ...] = (
    (4, _customer),
    (3, _card),
    (1, _clock),
    (3, _advance),
    (14, _invoice),
    (8, _on_invoice("/finalize")),
    (10, _on_invoice("/pay")),
    (3, _on_invoice("/pay", paid_out_of_band="true")),
    (4, _on_invoice("/send")),
    (4, _on_invoice("/void")),
    (3, _on_invoice("/mark_uncollectible")),
    (4, _switch),
    (8, _payment),
    (12, _attach),
    (9, _detach),
    (5, _refund),
    (3, _subscribe),
    (1, _unsubscribe),
    (1, _settings),
    (8, _repeat),
    (3, _time),
    *MORE,
)
"""What may be asked, and how often beside the others."""
