"""The engine in this process, behind a real HTTP server, with a clock that the test moves.

A `Room` composes engine, API and worker as `seikyu serve` does, but hands them `room.time` instead of
the system's clock and runs the worker only when told to (`drain`): retries that take hours are told in
milliseconds, and nothing happens between two steps of a test. Requests travel through sockets.
"""

import asyncio
import os
import secrets
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2
import uvicorn
from sqlalchemy import create_engine

from seikyu.engine import clock
from seikyu.engine.api.app import Api
from seikyu.engine.billing.account import Account
from seikyu.engine.execute import Door, Engine
from seikyu.engine.processors.port import Processor
from seikyu.engine.processors.test_cards import TestCardProcessor
from seikyu.engine.store.audit import Difference, differences
from seikyu.engine.store.database import Database, open_database
from seikyu.engine.store.keys import create_account
from seikyu.engine.store.tables import metadata
from seikyu.engine.wire.ids import Minter
from seikyu.engine.worker import Mailer, Outbound, Server, Worker

T = TypeVar("T")

START = 1_772_323_200
"""2026-03-01 00:00:00 UTC, where every room's time begins."""

WEBHOOK_SECONDS = 1
MAIL_SECONDS = 1


@dataclass
class Time:
    """What the engine believes the present to be, in Unix seconds."""

    now: int = START

    def __call__(self) -> int:
        """Return the present."""
        return self.now

    def pass_by(self, seconds: int) -> None:
        """Let time go on."""
        self.now += seconds


@dataclass(frozen=True)
class Reply:
    """One answer: status, headers in lower case, parsed body."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def error(self) -> dict[str, Any]:
        """What stands under `error`; an AssertionError when the answer is none."""
        assert self.status >= 400, self.body
        assert list(self.body) == ["error"]
        error: dict[str, Any] = self.body["error"]
        return error


@dataclass
class Caller:
    """Somebody with a key. Forms are given flat, as they travel: `{"metadata[a]": "1"}`."""

    base: str
    key: str
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=30))

    def send(
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        query: str = "",
        idempotency_key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request and return the answer, whatever it is."""
        given = {"authorization": f"Bearer {self.key}", **(headers or {})}
        if idempotency_key is not None:
            given["idempotency-key"] = idempotency_key
        url = f"{self.base}{path}{'?' + query if query else ''}"
        answer = self.client.request(method, url, data=form, content=content, headers=given)
        return Reply(answer.status_code, dict(answer.headers.items()), answer.json())

    def get(self, path: str, query: str = "") -> Any:
        """Read something that must be there."""
        reply = self.send("GET", path, query=query)
        assert reply.status == 200, reply.body
        return reply.body

    def post(self, path: str, **form: Any) -> Any:
        """Write something that must succeed."""
        return self.post_form(path, form)

    def post_form(self, path: str, form: Mapping[str, Any]) -> Any:
        """Write something that must succeed, with names that Python cannot spell."""
        reply = self.send("POST", path, form=form)
        assert reply.status == 200, reply.body
        return reply.body

    def refused(self, path: str, form: Mapping[str, Any] | None = None) -> Reply:
        """Write something that must be refused."""
        reply = self.send("POST", path, form=form)
        assert reply.status >= 400, reply.body
        return reply

    def ids(self, path: str, query: str = "") -> list[str]:
        """Return the ids of a list's page."""
        return [each["id"] for each in self.get(path, query)["data"]]

    def event_types(self, query: str = "limit=100") -> list[str]:
        """Return the types of this world's events, oldest first."""
        return [each["type"] for each in self.get("/v1/events", query)["data"]][::-1]

    # ── what most stories begin with ───────────────────────────────────────────────────────────

    def customer(self, card: str | None = "pm_card_visa", **form: Any) -> str:
        """Create a customer, with this test card as the default unless it is None."""
        created = self.post("/v1/customers", **{"name": "株式会社サンプル", **form})
        if card is not None:
            method = self.post(f"/v1/payment_methods/{card}/attach", customer=created["id"])
            self.post_form(
                f"/v1/customers/{created['id']}",
                {"invoice_settings[default_payment_method]": method["id"]},
            )
        identifier: str = created["id"]
        return identifier

    def draft(self, customer: str, amount: int = 12_000, **form: Any) -> str:
        """Create a draft over `amount` yen."""
        invoice = self.post("/v1/invoices", customer=customer, currency="jpy", **form)
        self.line(invoice["id"], amount)
        identifier: str = invoice["id"]
        return identifier

    def line(self, invoice: str, amount: int) -> None:
        """Add a line of `amount` yen."""
        self.post_form(
            f"/v1/invoices/{invoice}/add_lines",
            {"lines[0][amount]": amount, "lines[0][description]": "制作費"},
        )


@dataclass
class Room:
    """A running engine. `base` is its address without a trailing slash."""

    base: str
    database: Database
    time: Time
    door: Door
    worker: Worker
    loop: asyncio.AbstractEventLoop

    def account(self) -> Caller:
        """Open a new account and return somebody with its secret test key."""
        return Caller(self.base, self.keys()[False, "secret"])

    def keys(self) -> dict[tuple[bool, str], str]:
        """Open a new account and return its keys by (livemode, kind)."""
        keys = {
            (live, kind): f"{'sk' if kind == 'secret' else 'pk'}_{mode}_{secrets.token_hex(16)}"
            for live, mode in ((False, "test"), (True, "live"))
            for kind in ("secret", "publishable")
        }
        account = Account(
            self.door.engine.minter.mint("acct"), "株式会社サンプル", "JP", "jpy", self.time()
        )
        connection = open_database(self.database.url).connection()
        create_account(connection, account, keys)
        connection.close()
        return keys

    def audited(self) -> list[Difference]:
        """Return what the ledger does not confirm."""
        connection = open_database(self.database.url).connection()
        try:
            return differences(connection)
        finally:
            connection.close()

    def drain(self) -> int:
        """Let the worker do all that is due now."""
        return self.run(self.worker.drain())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine where the server runs."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


def make_tables(url: str) -> None:
    """Create the tables in an empty database."""
    engine = create_engine(url)
    metadata.create_all(engine)
    engine.dispose()


@contextmanager
def running_room(
    url: str,
    processor: Processor | None = None,
    *,
    allow_private: bool = True,
    tables: bool = True,
    mail_server: Server | None = None,
    sound: bool = True,
) -> Iterator[Room]:
    """A room on the database with this address, for the length of a `with` block.

    Whatever the tests did in it, the ledger must confirm every amount at the end (``sound``).
    """
    if tables:
        make_tables(url)
    time = Time()
    loop = asyncio.new_event_loop()
    database = open_database(url)
    minter = Minter(clock.now_us, os.urandom)
    engine = Engine(
        database, minter, processor or TestCardProcessor(), "http://127.0.0.1:8420", now=time
    )
    door = Door(engine)
    outbound = Outbound(door, timeout_seconds=WEBHOOK_SECONDS, allow_private=allow_private)
    mailer = Mailer(door, mail_server, timeout_seconds=MAIL_SECONDS)
    worker = Worker(door, outbound, mailer)
    config = uvicorn.Config(
        Api(door, clock.monotonic),
        port=0,
        lifespan="off",
        log_level="warning",
        access_log=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_serve, args=(loop, server))
    thread.start()
    while not server.started and thread.is_alive():
        threading.Event().wait(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    room = Room(f"http://127.0.0.1:{port}", database, time, door, worker, loop)
    try:
        yield room
        if sound:
            assert room.audited() == []
    finally:
        room.run(outbound.close())
        room.run(mailer.close())
        server.should_exit = True
        thread.join(20)
        door.close()
        database.close()


def _serve(loop: asyncio.AbstractEventLoop, server: uvicorn.Server) -> None:
    asyncio.set_event_loop(loop)
    loop.run_until_complete(server.serve())
    loop.close()
