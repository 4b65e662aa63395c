"""A simulated board on a real port, a clock that tests set, and clients that talk to it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from seikyu.board.budget import MemoryBudget
from seikyu.board.client import BoardClient
from seikyu.board.simulator.app import create_app
from seikyu.board.simulator.limits import Limits
from seikyu.board.simulator.sandbox import API_KEY, API_TOKEN, Sandbox
from seikyu.board.simulator.seeding import SeedBuilder, line

NOON = datetime(2026, 4, 20, 3, 0, tzinfo=UTC)  # 12:00 in Japan


class Clock:
    """Time as both sides see it: sleeping moves it, and what was slept is remembered."""

    def __init__(self, now: datetime = NOON) -> None:
        self.moment, self.slept = now, []

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += timedelta(seconds=seconds)


class RunningBoard:
    """A simulator served by uvicorn in a thread."""

    def __init__(self, clock: Clock, seed: Mapping[str, object], **options: Any) -> None:
        self.clock = clock
        self.app = create_app(seed, now=clock.now, **options)
        self.sandbox: Sandbox = self.app.state.sandbox
        listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(self.app, log_level="critical", date_header=False)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.005)
        assert self._server.started
        self.http = httpx2.Client(base_url=self.origin, timeout=10)
        self.headers = {"x-api-key": API_KEY, "Authorization": f"Bearer {API_TOKEN}"}
        self._clients: list[BoardClient] = []

    def client(self, **options: Any) -> BoardClient:
        """A client with the simulator's key and token and the test's clock."""
        options = {
            "api_key": API_KEY,
            "api_token": API_TOKEN,
            "budget": MemoryBudget(),
            "now": self.clock.now,
            "sleep": self.clock.sleep,
            "timeout_seconds": 5,
            **options,
        }
        client = BoardClient(f"{self.origin}/v1", **options)
        self._clients.append(client)
        return client

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """A bare call, as a program of somebody else would make it."""
        self.clock.moment += timedelta(seconds=1)
        return self.http.get(f"/v1{path}", headers={**self.headers, **headers})

    def fault(self, kind: str, **more: object) -> None:
        """Order trouble through the control endpoint."""
        answer = self.http.post("/_sandbox/faults", json={"kind": kind, **more})
        assert answer.status_code == 200, answer.text

    def settings(self, **changes: object) -> None:
        """Switch limits, behaviour or tokens through the control endpoint."""
        answer = self.http.patch("/_sandbox/settings", json=changes)
        assert answer.status_code == 200, answer.text

    def requests(self) -> list[tuple[str, str, int]]:
        """What came in: method, path, status."""
        listed = self.http.get("/_sandbox/requests").json()
        return [(seen["method"], seen["path"], seen["status"]) for seen in listed]

    def stop(self) -> None:
        for client in self._clients:
            client.close()
        self.http.close()
        self._server.should_exit = True
        self._thread.join(10)
        self.sandbox.records.close()


StartBoard = Callable[..., RunningBoard]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start_board(clock: Clock) -> Iterator[StartBoard]:
    """Starts simulators: `start_board(seed=…, file=…, limits=…)`."""
    running: list[RunningBoard] = []

    def start(seed: Mapping[str, object] | None = None, **options: Any) -> RunningBoard:
        board = RunningBoard(clock, small_seed() if seed is None else seed, **options)
        running.append(board)
        return board

    yield start
    for board in running:
        board.stop()


@pytest.fixture
def board(start_board: StartBoard) -> RunningBoard:
    return start_board()


def small_seed(invoices: int = 5) -> dict[str, object]:
    """One client, one card project, and some invoices of 10,000 yen + 10 %."""
    builder = SeedBuilder("株式会社サンプル", NOON - timedelta(days=100))
    client = builder.client("株式会社サンプル顧客", "a@example.jp,b@example.jp", cc="c@example.jp")
    project = builder.project(client, "保守")
    for number in range(invoices):
        builder.invoice(
            project,
            [line("保守料", 10_000)],
            invoice_date=date(2026, 3, 31),
            payment_limit_date=date(2026, 4, 30),
            updated_at=NOON - timedelta(days=90, minutes=number),
        )
    return builder.seed()


def seed_file(directory: Path, seed: Mapping[str, object]) -> Path:
    """Write a seed as a person would keep it."""
    import json

    file = directory / "seed.json"
    file.write_text(json.dumps(seed, ensure_ascii=False), "utf-8")
    return file


def no_limits() -> Limits:
    """Limits switched off, for tests of something else."""
    return Limits(per_second=None, per_day=None, open_lists=None)
