"""An issuer with an API key and customers with a browser, on one running engine.

Pages and API are served by one real HTTP server, as `seikyu serve` does; time is the test's. The worker
does not run, so nothing happens between two steps of a test.
"""

import asyncio
import os
import re
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import httpx2
import uvicorn

from seikyu.engine import clock
from seikyu.engine.api.app import Api
from seikyu.engine.billing.account import Account
from seikyu.engine.execute import Door, Engine
from seikyu.engine.hosted.app import create_hosted
from seikyu.engine.processors.port import Processor
from seikyu.engine.processors.test_cards import TestCardProcessor
from seikyu.engine.store.database import Database, open_database
from seikyu.engine.store.keys import create_account
from seikyu.engine.store.migrate import upgrade
from seikyu.engine.wire.ids import Minter

START = 1_772_290_800
"""2026-03-01 00:00 in Tokyo, which is still 28 February in UTC."""

VISA = "4242424242424242"
CARD = {"number": "4242 4242 4242 4242", "expiry": "12 / 30", "cvc": "123"}


@dataclass
class Time:
    """What the engine believes the present to be, in Unix seconds."""

    now: int = START

    def __call__(self) -> int:
        """Return the present."""
        return self.now


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag == "title"

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.parts.append(" ".join(data.split()))


@dataclass(frozen=True)
class Seen:
    """A page that came: status, headers, HTML."""

    url: str
    status: int
    headers: Mapping[str, str]
    html: str

    @property
    def text(self) -> str:
        """What stands on the page, one piece of text a line."""
        reader = _Text()
        reader.feed(self.html)
        return "\n".join(reader.parts)

    @property
    def state(self) -> str | None:
        """Which state the page looks like."""
        found = re.search(r'class="card state-(\w+)"', self.html)
        return found[1] if found else None

    @property
    def token(self) -> str:
        """The token of the page's form."""
        found = re.search(r'name="form_token" value="(\w+)"', self.html)
        assert found, self.text
        return found[1]

    @property
    def takes_a_card(self) -> bool:
        """Whether there is a form for a card."""
        return 'autocomplete="cc-number"' in self.html

    def error_of(self, name: str) -> str | None:
        """The message beside a field."""
        found = re.search(rf'<p class="error" id="{name}-error">([^<]*)</p>', self.html)
        return found[1] if found else None

    @property
    def alert(self) -> str | None:
        """The message above the form."""
        found = re.search(r'role="alert">([^<]*)</p>', self.html)
        return found[1] if found else None


@dataclass
class Visitor:
    """A browser without scripts. Redirects are followed only when a test says so."""

    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(timeout=30))
    language: str = "ja"

    def open(self, url: str, follow: bool = False) -> Seen:
        """Open an address."""
        return self.send("GET", url, follow=follow)

    def send(
        self,
        method: str,
        url: str,
        *,
        data: Mapping[str, str] | None = None,
        content: bytes | None = None,
        follow: bool = False,
    ) -> Seen:
        """Send one request."""
        headers = {"accept-language": self.language}
        answer = self.client.request(
            method, url, data=data, content=content, headers=headers, follow_redirects=follow
        )
        return Seen(str(answer.url), answer.status_code, dict(answer.headers.items()), answer.text)

    def pay(self, url: str, token: str | None = None, **card: str) -> Seen:
        """Fill in the form and send it; `token` sends an older form again."""
        token = token or self.open(url).token
        return self.send("POST", url, data={"form_token": token, **CARD, **card})

    def follow(self, seen: Seen) -> Seen:
        """Go where the answer sends the browser."""
        assert seen.status == 303, seen.text
        return self.open(urljoin(seen.url, seen.headers["location"]))


@dataclass
class Issuer:
    """Somebody with a secret key. Forms are given flat, as they travel."""

    base: str
    key: str
    client: httpx2.Client

    def post(self, path: str, form: Mapping[str, Any] | None = None) -> Any:
        """Write something that must succeed."""
        headers = {"authorization": f"Bearer {self.key}"}
        answer = self.client.post(f"{self.base}{path}", data=form or {}, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        """Read something that must be there."""
        headers = {"authorization": f"Bearer {self.key}"}
        answer = self.client.get(f"{self.base}{path}", headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def draft(self, amount: int = 10_000, currency: str = "jpy", **form: Any) -> dict[str, Any]:
        """Create a draft with one line, to be paid within 30 days."""
        customer = form.pop("customer", None) or self.customer()
        given = {"collection_method": "send_invoice", "days_until_due": 30, **form}
        invoice = self.post("/v1/invoices", {"customer": customer, "currency": currency, **given})
        line = {"lines[0][amount]": amount, "lines[0][description]": "制作費"}
        found: dict[str, Any] = self.post(f"/v1/invoices/{invoice['id']}/add_lines", line)
        return found

    def open_invoice(self, amount: int = 10_000, **form: Any) -> dict[str, Any]:
        """Create an invoice and finalize it; `hosted_invoice_url` is its page."""
        draft = self.draft(amount, **form)
        return self.do(draft, "finalize")

    def do(self, invoice: Mapping[str, Any], verb: str, **form: Any) -> dict[str, Any]:
        """Do something to an invoice, such as `void`."""
        done: dict[str, Any] = self.post(f"/v1/invoices/{invoice['id']}/{verb}", form)
        return done

    def now(self, invoice: Mapping[str, Any]) -> dict[str, Any]:
        """The invoice as it is now."""
        found: dict[str, Any] = self.get(f"/v1/invoices/{invoice['id']}")
        return found

    def customer(self, name: str = "株式会社サンプル商事", **form: Any) -> str:
        """Create a customer."""
        created = self.post("/v1/customers", {"name": name, "email": "keiri@example.jp", **form})
        identifier: str = created["id"]
        return identifier

    def charges(self) -> list[dict[str, Any]]:
        """Every charge of this issuer, oldest first."""
        found: list[dict[str, Any]] = self.get("/v1/charges?limit=100")["data"]
        return found[::-1]

    def event_types(self) -> list[str]:
        """The types of this issuer's events, oldest first."""
        return [each["type"] for each in self.get("/v1/events?limit=100")["data"]][::-1]


@dataclass
class Shop:
    """A running engine."""

    base: str
    database: Database
    door: Door
    time: Time
    loop: asyncio.AbstractEventLoop

    def issuer(self, name: str = "株式会社サンプル制作所", country: str = "JP") -> Issuer:
        """Open an account and return somebody with its secret test key."""
        keys = {
            (live, kind): f"{kind[0]}k_{'live' if live else 'test'}_{secrets.token_hex(16)}"
            for live in (False, True)
            for kind in ("secret", "publishable")
        }
        currency, number = ("jpy", "T1234567890123") if country == "JP" else ("usd", None)
        account_id = self.door.engine.minter.mint("acct")
        account = Account(account_id, name, country, currency, self.time(), number)
        connection = open_database(self.database.url).connection()
        create_account(connection, account, keys)
        connection.close()
        return Issuer(self.base, keys[False, "secret"], httpx2.Client(timeout=30))


@contextmanager
def running_shop(url: str, processor: Processor | None = None) -> Iterator[Shop]:
    """An engine on the database with this address, for the length of a `with` block."""
    upgrade(url)
    time, database = Time(), open_database(url)
    loop = asyncio.new_event_loop()
    minter = Minter(clock.now_us, os.urandom)
    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    engine = Engine(database, minter, processor or TestCardProcessor(), base, now=time)
    door = Door(engine)
    api, hosted = Api(door, clock.monotonic), create_hosted(door)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        program = api if scope["path"].startswith("/v1/") else hosted
        await program(scope, receive, send)

    config = uvicorn.Config(app, lifespan="off", log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_serve, args=(loop, server, listening))
    thread.start()
    while not server.started and thread.is_alive():
        threading.Event().wait(0.005)
    try:
        yield Shop(base, database, door, time, loop)
    finally:
        server.should_exit = True
        thread.join(20)
        door.close()
        database.close()


def _serve(
    loop: asyncio.AbstractEventLoop, server: uvicorn.Server, listening: socket.socket
) -> None:
    asyncio.set_event_loop(loop)
    loop.run_until_complete(server.serve(sockets=[listening]))
    loop.close()
