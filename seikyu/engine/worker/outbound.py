"""Webhooks on their way out: claimed, signed anew for every attempt, sent, recorded.

Any 2xx within the time-out is success. Otherwise the event is sent again after growing gaps, for three
days, then the endpoint is disabled and says so. Redirects are not followed; of an answer at most 64 KiB
are read; private and link-local targets are refused unless a setting allows them.
Source: Stripe, "Webhooks: retry behaviour".
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2
import structlog

from seikyu.engine.execute import Door, Order, commands
from seikyu.engine.execute.events import event_shown
from seikyu.engine.store import journal
from seikyu.engine.store.database import Connection, transaction
from seikyu.engine.store.journal import Delivery
from seikyu.engine.store.keys import world_of
from seikyu.engine.store.session import Session
from seikyu.engine.wire import signatures

log = structlog.get_logger("seikyu.webhooks")

GAPS = (5, 30, 120, 600, 3600, 2 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""Seconds between attempts; the last gap repeats."""

GIVEN_UP_AFTER = 3 * 86_400
READ_AT_MOST = 64 * 1024
AT_ONCE = 50
"""Deliveries under way at the same time."""

LEASE = 120
"""Seconds after which a delivery that nobody finished is taken up again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery with all it takes to send it."""

    delivery: Delivery
    url: str
    secret: str
    body: bytes
    enabled: bool


class Outbound:
    """Sends what is owed to webhook endpoints."""

    def __init__(self, door: Door, *, timeout_seconds: float, allow_private: bool) -> None:
        """``allow_private`` lets targets on private networks and this machine through."""
        self._door = door
        self._allow_private = allow_private
        self._timeout = timeout_seconds
        self.wake = door.wake_deliveries
        self._client: httpx2.AsyncClient | None = None

    async def deliver(self) -> int:
        """Send what is due now, once; return how many deliveries were attempted."""
        letters = await self._door.run(self._claim)
        if not letters:
            return 0
        outcomes = await asyncio.gather(*(self._attempted(letter) for letter in letters))
        await self._door.run(lambda: self._record(letters, outcomes))
        return len(letters)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _claim(self) -> list[Letter]:
        connection = self._door.engine.database.connection()
        now = self._door.engine.now()
        if not journal.any_delivery_due(connection, now):
            return []
        with transaction(connection):
            due = journal.due_deliveries(connection, now, AT_ONCE, LEASE)
            return [self._letter(connection, delivery) for delivery in due]

    def _letter(self, connection: Connection, delivery: Delivery) -> Letter:
        session = Session(connection, world_of(connection, delivery.world_id))
        endpoint = journal.endpoint(session, delivery.endpoint_id)
        body = event_shown(session, delivery.event_id) or b""
        if endpoint is None:
            return Letter(delivery, "", "", body, enabled=False)
        enabled = endpoint.status == "enabled"
        return Letter(delivery, endpoint.url, endpoint.secret, body, enabled)

    async def _attempted(self, letter: Letter) -> str:
        """Send once; return ``2xx`` as the status alone, anything else as a reason."""
        if not letter.enabled:
            return "endpoint disabled or deleted"
        try:
            async with asyncio.timeout(self._timeout):
                return await self._sent(letter)
        except TimeoutError:
            return f"no answer within {self._timeout:g} s"
        except Exception as error:  # noqa: BLE001 (one letter's trouble is its outcome, never ours)
            return f"{type(error).__name__}: {error}"[:200]

    async def _sent(self, letter: Letter) -> str:
        if not self._allow_private and await is_private(letter.url):
            return "the address is private; SEIKYU_WEBHOOK_ALLOW_PRIVATE=1 allows such targets"
        if self._client is None:
            self._client = httpx2.AsyncClient(follow_redirects=False, timeout=self._timeout)
        now = self._door.engine.now()
        signature = signatures.header(letter.body, [letter.secret], now)
        request = self._client.build_request(
            "POST",
            letter.url,
            content=letter.body,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signature,
                "User-Agent": "Seikyu/1.0 (webhooks)",
            },
        )
        response = await self._client.send(request, stream=True)
        try:
            read = 0
            async for part in response.aiter_raw():
                read += len(part)
                if read > READ_AT_MOST:
                    break
        finally:
            await response.aclose()
        return str(response.status_code)

    def _record(self, letters: list[Letter], outcomes: list[str]) -> None:
        engine = self._door.engine
        connection = engine.database.connection()
        now = engine.now()
        hopeless = []
        with transaction(connection):
            for letter, outcome in zip(letters, outcomes, strict=True):
                delivered = outcome.startswith("2") and outcome.isdigit()
                again = None if delivered else _again_at(letter, now)
                journal.delivery_done(
                    connection,
                    letter.delivery,
                    outcome,
                    delivered_at=now if delivered else None,
                    again_at=again,
                )
                if not delivered and again is None and letter.enabled:
                    hopeless.append(letter.delivery)
        for delivery in hopeless:
            self._disable(connection, delivery)

    def _disable(self, connection: Connection, delivery: Delivery) -> None:
        log.error("webhook endpoint disabled", endpoint=delivery.endpoint_id, after="3 days")
        world = world_of(connection, delivery.world_id)
        order = Order(world, commands.DisableEndpoint(), delivery.endpoint_id)
        self._door.engine.batch([order])


def _again_at(letter: Letter, now: int) -> int | None:
    if not letter.enabled or now - letter.delivery.created > GIVEN_UP_AFTER:
        return None
    return now + GAPS[min(letter.delivery.attempts, len(GAPS) - 1)]


async def is_private(url: str) -> bool:
    """Say whether any address of the URL's host is one that strangers must not reach through us."""
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(parts.hostname or "", parts.port or 443, type=socket.SOCK_STREAM)
    return any(
        not ipaddress.ip_address(str(entry[4][0]).split("%")[0]).is_global for entry in found
    )
