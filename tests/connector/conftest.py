"""The connector between a simulated board and a real engine, as two companies would have it.

The board is served from a thread and shares the test's clock, so waiting costs nothing; the engine is
a process of its own, reached through the official SDK only.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe

from seikyu.board.paging import JAPAN
from seikyu.board.simulator.limits import Limits
from seikyu.board.simulator.sandbox import API_TOKEN
from seikyu.board.simulator.seeding import SeedBuilder, line
from seikyu.board.words import Operation
from seikyu.connector import run as runs
from seikyu.connector.connection import Connection
from seikyu.connector.report import Report
from seikyu.connector.settings import Settings
from seikyu.connector.store import Database
from tests.board.conftest import Clock, RunningBoard
from tests.servers import Installation

SECRET = "whsec_of_the_test"


@dataclass(frozen=True)
class Engine:
    """A running engine: its address and the secret key of an account's test world."""

    url: str
    key: str


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One engine for all tests; they keep apart by their customers' addresses."""
    installation = Installation(tmp_path_factory.mktemp("engine"))
    account = installation.create_account()
    server = installation.serve(SEIKYU_WEBHOOK_ALLOW_PRIVATE="yes")
    yield Engine(server.base, account["test_secret_key"])
    installation.close()


@dataclass
class World:
    """A company with one board and one Stripe account, and the connector between them."""

    engine: Engine
    database: Database
    clock: Clock
    key: str = field(default_factory=lambda: f"sample-{secrets.token_hex(6)}")
    limits: Limits | None = None
    _board: RunningBoard | None = None
    _connections: list[Connection] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.today: date = self.clock.now().astimezone(JAPAN).date()
        self.seed = SeedBuilder("株式会社サンプル", self.clock.now() - timedelta(days=400))
        self.stripe = stripe.StripeClient(
            self.engine.key, base_addresses={"api": self.engine.url}, max_network_retries=2
        ).v1

    @property
    def board(self) -> RunningBoard:
        """The simulated board, started with what was seeded until now."""
        if self._board is None:
            tokens = {API_TOKEN: frozenset(Operation)}
            seed = self.seed.seed()
            self._board = RunningBoard(
                self.clock, seed, api_key=self.key, tokens=tokens, limits=self.limits
            )
        return self._board

    def address(self, name: str) -> str:
        """An address of this test alone."""
        return f"{name}-{self.key}@example.jp"

    def client(self, name: str = "keiri", card: str | None = "pm_card_visa") -> int:
        """A client of board that Stripe knows, with this card as its default (None: no card)."""
        email = self.address(name)
        customer = self.stripe.customers.create({"email": email, "name": name})
        if card is not None:
            method = self.stripe.payment_methods.attach(card, {"customer": customer.id})
            default: Any = {"invoice_settings": {"default_payment_method": method.id}}
            self.stripe.customers.update(customer.id, default)
        return self.seed.client(f"株式会社サンプル{name}", email)

    def bill(self, project: int, *lines: dict[str, object], **more: Any) -> int:
        """An invoice of 100,000 yen + 10 % unless lines are given, which is to be sent today."""
        values: dict[str, Any] = {
            "invoice_date": self.today - timedelta(days=10),
            "payment_limit_date": self.today + timedelta(days=30),
            "updated_at": self.clock.now() - timedelta(hours=1),
            **more,
        }
        return self.seed.invoice(project, list(lines) or [line("保守料", 100_000)], **values)

    def invoice(self, card: str | None = "pm_card_visa") -> int:
        """One invoice of a client and project of its own."""
        return self.bill(self.seed.project(self.client(card=card), "保守"))

    def environ(self, **given: str) -> dict[str, str]:
        """The variables of this connection."""
        return {
            "BOARD_API_KEY": self.key,
            "BOARD_API_TOKEN": API_TOKEN,
            "STRIPE_API_KEY": self.engine.key,
            "STRIPE_WEBHOOK_SECRET": SECRET,
            "SEIKYU_INVOICE_MODE": "charge",
            "SEIKYU_BOARD_URL": f"{self.board.origin}/v1",
            "SEIKYU_STRIPE_URL": self.engine.url,
            **given,
        }

    def connect(self, **given: str) -> Connection:
        """A connection with these variables changed."""
        settings = Settings.from_environ(self.environ(**given))
        made = Connection.open(
            settings, self.database, self.clock.now, self.clock.sleep, board_timeout_seconds=2
        )
        self._connections.append(made)
        return made

    def sync(self, **given: str) -> Report:
        """One run."""
        return runs.run(self.connect(**given), requested_by="test")

    def in_board(self, invoice_id: int) -> dict[str, Any]:
        """The 請求 record as board has it."""
        body = self.board.sandbox.records.get("invoices", invoice_id)
        assert body is not None
        return dict(body)

    def board_status(self, invoice_id: int) -> int:
        """What board says of an invoice."""
        return int(str(self.in_board(invoice_id)["invoice_status"]))

    def change_in_board(self, invoice_id: int, **fields: object) -> None:
        """What a person does in board, a minute later."""
        self.clock.moment += timedelta(minutes=1)
        path = f"/_sandbox/records/invoices/{invoice_id}"
        answer = self.board.http.patch(path, json=fields)
        assert answer.status_code == 200, answer.text

    def stripe_invoices(self, invoice_id: int) -> list[Any]:
        """Every Stripe invoice of this connection that was made for a board invoice."""
        connection_id = Settings.from_environ(self.environ()).connection_id
        found = self.stripe.invoices.list({"limit": 100}).auto_paging_iter()
        return [
            one
            for one in found
            if one.metadata
            and one.metadata.to_dict().get("board_invoice_id") == str(invoice_id)
            and one.metadata.to_dict().get("seikyu_connection") == connection_id
        ]

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        if self._board is not None:
            self._board.stop()


MakeWorld = Callable[[Database], World]


def _world(engine: Engine, url: str) -> Iterator[World]:
    database = Database(url)
    database.migrate()
    # The engine lives in real time, so the test begins in it; from then on its clock is its own.
    made = World(engine, database, Clock(datetime.now(UTC)))
    yield made
    made.close()
    database.close()


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    """A company whose connector keeps its rows in SQLite."""
    yield from _world(engine, f"sqlite:///{tmp_path / 'connector.db'}")


@pytest.fixture
def world_on_both(engine: Engine, database_url: str) -> Iterator[World]:
    """A company whose connector keeps its rows in SQLite, then in PostgreSQL."""
    yield from _world(engine, database_url)


def outcomes(report: Report) -> Mapping[int, str]:
    """What became of each invoice."""
    return {item.board_invoice_id: item.outcome.value for item in report.items}


def reason_names(report: Report, invoice_id: int) -> list[str]:
    """The reasons of one invoice."""
    (item,) = [item for item in report.items if item.board_invoice_id == invoice_id]
    return [reason.name for reason in item.reasons]
