"""What the sandbox consists of: simulated board, engine and the connector's receiver, each on a port.

All run in this process, on the data directory of the settings, through the same doors as in earnest:
the connector knows of the engine and of board no more than their addresses and keys.
"""

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from types import FrameType

from rich.console import Console

from seikyu.board.simulator.app import create_app
from seikyu.board.simulator.sample import sample_company
from seikyu.board.simulator.sandbox import API_KEY, API_TOKEN
from seikyu.commands.connector import now
from seikyu.commands.running import Running
from seikyu.commands.sandbox import BOARD_PORT, tokyo_now
from seikyu.commands.sandbox_keys import SandboxKeys
from seikyu.commands.serve import PORT, web_of
from seikyu.commands.stripe_forms import StripeForms
from seikyu.config import Settings
from seikyu.connector import webhooks
from seikyu.connector.connection import Connection
from seikyu.connector.settings import Settings as ConnectionSettings
from seikyu.connector.settings import database_url
from seikyu.connector.store import Database
from seikyu.connector.stripe_side import WEBHOOK_EVENTS
from seikyu.engine.store.migrate import upgrade

RECEIVER_PORT = 8422
SWEEP_SECONDS = 60
BOARD_FILE = "board.db"


@dataclass(frozen=True, slots=True)
class Parts:
    """The running sandbox.

    `environ` is what the connector is started with: it charges cards, and e-mails who has none.
    `cards` maps the mail address of a sample client to its test card, or to None where it is a Stripe
    customer without one.
    """

    board: Running
    engine: Running
    receiver: Running
    keys: SandboxKeys
    stripe: StripeForms
    environ: Mapping[str, str]
    connection: Connection
    cards: Mapping[str, str | None]

    @property
    def moved(self) -> list[Running]:
        """The servers that did not get the port they wanted."""
        return [part for part in (self.board, self.engine, self.receiver) if part.moved]


@contextmanager
def running(settings: Settings) -> Iterator[Parts]:
    """Start everything, and end everything in reverse order. Raises CannotStart, StoreUnavailable."""
    with ExitStack() as ends:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        upgrade(settings.database_url)
        board = _server(ends, "board simulator", BOARD_PORT)
        engine = _server(ends, "engine", PORT)
        receiver = _server(ends, "connector", RECEIVER_PORT)
        cards = _start_board(ends, board, settings)
        here = replace(settings, public_url=engine.base, webhook_allow_private=True)
        engine.start(web_of(here, engine.base), lifespan="on")
        keys = SandboxKeys.of(settings)
        stripe = ends.enter_context(closing(StripeForms(engine.base, keys.test_secret_key)))
        keys = _with_webhook(settings, keys, stripe, receiver.base + webhooks.PATH)
        environ = _environ(settings, board, engine, keys)
        connection = _connection(ends, environ)
        receiver.start(webhooks.app(connection))
        # Ends before what it works with; the looks that its webhooks began are finished first.
        ends.callback(receiver.stop)
        yield Parts(board, engine, receiver, keys, stripe, environ, connection, cards)


def _server(ends: ExitStack, name: str, port: int) -> Running:
    taken = Running(name, port)
    ends.callback(taken.stop)
    return taken


def _start_board(ends: ExitStack, board: Running, settings: Settings) -> Mapping[str, str | None]:
    seed = sample_company(tokyo_now().date())
    app = create_app(seed, now=tokyo_now, file=settings.data_dir / BOARD_FILE)
    records = app.state.sandbox.records
    ends.callback(records.close)
    # The server ends first, or a late request would find the file closed.
    board.start(app, date_header=False)
    ends.callback(board.stop)
    return dict(records.cards)


def _with_webhook(
    settings: Settings, keys: SandboxKeys, stripe: StripeForms, url: str
) -> SandboxKeys:
    """Register the receiver for what the connector wants to hear of, once.

    Where the receiver moved to another port, or an earlier version asked for other events, the
    endpoint is changed and keeps its secret.
    """
    events = {f"enabled_events[{number}]": name for number, name in enumerate(WEBHOOK_EVENTS)}
    if keys.webhook_endpoint is not None:
        path = f"/v1/webhook_endpoints/{keys.webhook_endpoint}"
        endpoint = stripe.get(path)
        if (endpoint["url"], endpoint["enabled_events"]) != (url, list(WEBHOOK_EVENTS)):
            stripe.post(path, {"url": url, **events})
        return keys
    made = stripe.post("/v1/webhook_endpoints", {"url": url, **events}, once=f"webhook-{url}")
    keys = keys.with_webhook(made["id"], made["secret"])
    keys.keep(settings)
    return keys


def _environ(
    settings: Settings, board: Running, engine: Running, keys: SandboxKeys
) -> Mapping[str, str]:
    """Nothing of the caller's own connection can get in: no real key ever meets the sandbox."""
    environ = {
        "SEIKYU_DATA_DIR": str(settings.data_dir),
        "SEIKYU_BOARD_URL": f"{board.base}/v1",
        "SEIKYU_STRIPE_URL": engine.base,
        "SEIKYU_INVOICE_MODE": "charge",
        "SEIKYU_WITHOUT_CARD": "email",
        "BOARD_API_KEY": API_KEY,
        "BOARD_API_TOKEN": API_TOKEN,
        "STRIPE_API_KEY": keys.test_secret_key,
        "STRIPE_WEBHOOK_SECRET": keys.webhook_secret or "",
    }
    if not settings.database_url.startswith("sqlite:"):
        environ["SEIKYU_DATABASE_URL"] = settings.database_url
    return environ


def _connection(ends: ExitStack, environ: Mapping[str, str]) -> Connection:
    database = ends.enter_context(closing(Database(database_url(environ))))
    database.migrate()
    opened = Connection.open(ConnectionSettings.from_environ(environ), database, now)
    return ends.enter_context(closing(opened))


class Interrupted(KeyboardInterrupt):
    """Somebody asked the sandbox to end: Ctrl-C, or SIGTERM.

    No ordinary exception: what runs at that moment must not take it for a failure of its own.
    """


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first Ctrl-C or SIGTERM into Interrupted; while things end, later ones are ignored."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        raise Interrupted

    before = {n: signal.signal(n, interrupt) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve_on(parts: Parts, console: Console) -> None:
    """Keep serving, and look at Stripe now and then, until Interrupted is raised."""
    console.print("Serving until Ctrl-C.")
    sweeper = webhooks.Sweeper(parts.connection, SWEEP_SECONDS, console.print)
    sweeper.start()
    try:
        while True:
            time.sleep(SWEEP_SECONDS)
    finally:
        sweeper.stop()
