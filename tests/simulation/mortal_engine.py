"""An engine process that dies where it is told to, and a bank whose books outlive it.

Run as `python -m tests.simulation.mortal_engine DATABASE_URL PORT BANK STEP`. It is composed of the same
parts as `seikyu serve`; only the outermost are of this file: a processor that keeps its books in a
directory, and a database connection that knows when a commit happens. `STEP` names one moment of a
charge (see `STEPS`): once a request for a payment has come, the process kills itself there, with SIGKILL.
`live` means that it goes on living, with a worker.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uvicorn

from seikyu.engine import clock
from seikyu.engine.api.app import Api
from seikyu.engine.billing.attempt import Outcome
from seikyu.engine.billing.payment_method import Card
from seikyu.engine.execute import Door, Engine
from seikyu.engine.processors.port import ChargeRequest, RefundRequest
from seikyu.engine.processors.test_cards import TestCardProcessor
from seikyu.engine.store.database import Connection, Database, open_database, transaction
from seikyu.engine.store.due import ask_all_attempts_now
from seikyu.engine.wire.ids import Minter
from seikyu.engine.worker import Outbound, Worker

LIVE = "live"
STEPS = (
    "before the attempt is stored",
    "after the attempt is stored",
    "before the bank moves the money",
    "after the bank moved the money",
    "before the outcome is stored",
    "after the outcome is stored",
)
"""Every moment between the request and its answer at which something is or is not yet durable."""


class Death:
    """Where this process ends. Armed by the first request that asks for a payment."""

    def __init__(self, step: str) -> None:
        self.step = step
        self.armed = False
        self.commits = 0

    def at(self, step: str) -> None:
        """Die, if this is the moment."""
        if self.armed and step == self.step:
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()  # a thread may still be running until the signal arrives


class Bank:
    """A card processor that keeps one file for each charge, so that two charges would be two files."""

    instant = False

    def __init__(self, books: Path, death: Death) -> None:
        self._cards = TestCardProcessor()
        self._books = books
        self._death = death

    def knows(self, token: str) -> bool:
        """As the test card processor."""
        return self._cards.knows(token)

    def card(self, source: str | Mapping[str, Any]) -> Card:
        """As the test card processor."""
        return self._cards.card(source)

    def charge(self, request: ChargeRequest) -> Outcome:
        """Move the money once for each idempotency key, whatever happens to who asked."""
        self._death.at("before the bank moves the money")
        outcome = self._cards.charge(request)
        if outcome.status == "succeeded":
            entry = self._books / request.idempotency_key
            entry.write_text(f"{request.amount} {request.currency}")
        self._death.at("after the bank moved the money")
        return outcome

    def refund(self, request: RefundRequest) -> Outcome:
        """As the test card processor."""
        return self._cards.refund(request)


class MortalConnection:
    """A connection that dies before or after the first or second commit of the payment."""

    def __init__(self, real: Connection, death: Death) -> None:
        self._real = real
        self._death = death

    def __getattr__(self, name: str) -> Any:
        """As the real connection."""
        return getattr(self._real, name)

    def command(self, sql: str) -> None:
        """As the real connection, but a commit may be the last thing that is done, or never be."""
        if sql != "COMMIT" or not self._death.armed:
            self._real.command(sql)
            return
        self._death.commits += 1
        what = {1: "attempt", 2: "outcome"}.get(self._death.commits, "nothing")
        self._death.at(f"before the {what} is stored")
        self._real.command(sql)
        self._death.at(f"after the {what} is stored")


class MortalDatabase:
    """A database whose connections are mortal."""

    def __init__(self, real: Database, death: Death) -> None:
        self._real = real
        self._death = death
        self.dialect = real.dialect
        self.url = real.url

    def connection(self) -> Connection:
        """This thread's connection."""
        mortal: Any = MortalConnection(self._real.connection(), self._death)
        connection: Connection = mortal
        return connection

    def close(self) -> None:
        """As the real database."""
        self._real.close()


async def live(url: str, port: int, books: Path, step: str) -> None:
    """Serve until killed."""
    death = Death(step)
    database = MortalDatabase(open_database(url), death)
    minter = Minter(clock.now_us, os.urandom)
    engine = Engine(database, minter, Bank(books, death), f"http://127.0.0.1:{port}")
    door = Door(engine)
    api = Api(door, clock.monotonic)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        death.armed = death.armed or scope["path"].endswith("/pay")
        await api(scope, receive, send)

    if step == LIVE:
        connection = database.connection()
        with transaction(connection):
            ask_all_attempts_now(connection)
        outbound = Outbound(door, timeout_seconds=5, allow_private=True)
        working = asyncio.create_task(Worker(door, outbound).run(asyncio.Event()))
    config = uvicorn.Config(app, port=port, lifespan="off", log_level="warning", access_log=False)
    await uvicorn.Server(config).serve()
    if step == LIVE:
        working.cancel()


if __name__ == "__main__":
    asyncio.run(live(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]))
