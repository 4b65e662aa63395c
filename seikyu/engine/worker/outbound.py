"""Webhooks on their way out: claimed, signed anew for every attempt, sent, recorded.

Any 2xx within the time-out is success. Otherwise the event is sent again after growing gaps, for three
days; an endpoint that took nothing in that time is then disabled and says so. What was asked for by hand
is tried once more than that, and disables nothing. Redirects are not followed; of an answer at most
64 KiB are read; private and link-local targets are refused unless a setting allows them. A name is looked
up once: the address that was checked is the one that is connected to, and no proxy of ours is asked.

When a draft awaits a delivery, its end is recorded and acknowledged in one transaction: whatever is
killed in between, both happened or neither, and then the event is sent again.
Source: Stripe, "Webhooks: retry behaviour".
"""

import asyncio
import ipaddress
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx2
import structlog

from seikyu.engine.execute import Answer, Door, Order, commands
from seikyu.engine.execute.events import event_shown
from seikyu.engine.store import deliveries, journal
from seikyu.engine.store.database import Connection, transaction
from seikyu.engine.store.deliveries import Delivery
from seikyu.engine.store.keys import world_of
from seikyu.engine.store.session import Session
from seikyu.engine.wire import signatures

log = structlog.get_logger("seikyu.webhooks")

GAPS = (5, 30, 120, 600, 3600, 2 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""Seconds between attempts; the last gap repeats."""

GIVEN_UP_AFTER = 3 * 86_400
READ_AT_MOST = 64 * 1024
LONGEST_OUTCOME = 200
AT_ONCE = 50
"""Deliveries under way at the same time."""

AT_ONCE_TO_ONE = 5
"""Of these, how many to one endpoint: one that never answers must not keep the others waiting."""

LEASE = 120
"""Seconds after which a delivery that nobody finished is taken up again."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery with all it takes to send it."""

    delivery: Delivery
    url: str
    secrets: tuple[str, ...]
    body: bytes
    enabled: bool


LookUp = Callable[[str, int], Awaitable[list[str]]]


class Outbound:
    """Sends what is owed to webhook endpoints."""

    def __init__(
        self,
        door: Door,
        *,
        timeout_seconds: float,
        allow_private: bool,
        look_up: LookUp | None = None,
    ) -> None:
        """``allow_private`` lets targets on private networks and this machine through.

        ``look_up`` returns the addresses of a host and port; the system's resolver otherwise.
        """
        self._look_up = look_up or addresses
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._ended: list[tuple[Letter, str]] = []
        self._door = door
        self._allow_private = allow_private
        self._timeout = timeout_seconds
        self.wake = door.wake_deliveries
        self._client: httpx2.AsyncClient | None = None

    async def deliver(self) -> int:
        """Send until nothing is due or under way; return how many deliveries were attempted."""
        total = 0
        while True:
            total += await self.turn()
            if self._under_way:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            elif not self._ended:
                return total

    async def turn(self) -> int:
        """Record what has ended, begin what is due and has room; return how many were begun.

        ``wake`` is set whenever one ends, which makes room for the next.
        """
        await self._record_ended()
        counts = Counter(self._under_way.values())
        letters = await self._door.run(lambda: self._claim(counts))
        for letter in letters:
            task = asyncio.create_task(self._send(letter))
            self._under_way[task] = letter.delivery.endpoint_id
            task.add_done_callback(lambda ended: self._under_way.pop(ended, None))
        return len(letters)

    async def close(self) -> None:
        """Wait for what is under way, record it, close the connections."""
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._record_ended()
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _send(self, letter: Letter) -> None:
        outcome = await self._attempted(letter)  # first: the list is another one afterwards
        self._ended.append((letter, outcome))
        self.wake.set()

    async def _record_ended(self) -> None:
        ended, self._ended = self._ended, []
        if not ended:
            return
        try:
            answers = await self._door.run(lambda: self._record(ended))
        except BaseException:
            self._ended = ended + self._ended
            raise
        self._door.tell(answers)
        if any(letter.delivery.clock_id for letter, _ in ended):
            self._door.wake.set()  # the clock waits until this was tried

    def _claim(self, under_way: Counter[str]) -> list[Letter]:
        """Claim what is due, as far as there is room at all and for its endpoint."""
        connection = self._door.engine.database.connection()
        now = self._door.engine.now()
        room = AT_ONCE - under_way.total()
        if not room or not deliveries.any_due(connection, now):
            return []
        claimed: list[Letter] = []
        with transaction(connection):
            while room:
                busy = [endpoint for endpoint, n in under_way.items() if n >= AT_ONCE_TO_ONE]
                before = room
                for delivery in deliveries.due(connection, now, AT_ONCE, busy):
                    if room and under_way[delivery.endpoint_id] < AT_ONCE_TO_ONE:
                        deliveries.lease(connection, delivery, now + LEASE)
                        claimed.append(self._letter(connection, delivery))
                        under_way[delivery.endpoint_id] += 1
                        room -= 1
                if room == before:
                    break
        return claimed

    def _letter(self, connection: Connection, delivery: Delivery) -> Letter:
        session = Session(connection, world_of(connection, delivery.world_id))
        endpoint = journal.endpoint(session, delivery.endpoint_id)
        body = event_shown(session, delivery.event_id) or b""
        if endpoint is None:
            return Letter(delivery, "", (), body, enabled=False)
        secrets = endpoint.secrets(self._door.engine.now())
        return Letter(delivery, endpoint.url, secrets, body, endpoint.status == "enabled")

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
            return in_words(error)[:LONGEST_OUTCOME]

    async def _sent(self, letter: Letter) -> str:
        url = httpx2.URL(letter.url)
        found = await self._look_up(url.host, url.port or (80 if url.scheme == "http" else 443))
        if not self._allow_private and any(is_private(address) for address in found):
            return "the address is private; SEIKYU_WEBHOOK_ALLOW_PRIVATE=1 allows such targets"
        for address in found[:-1]:
            try:
                return await self._sent_to(address, url, letter)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                continue
        return await self._sent_to(found[-1], url, letter)

    async def _sent_to(self, address: str, url: httpx2.URL, letter: Letter) -> str:
        """Send to this address; the certificate must be for the name that the URL has."""
        if self._client is None:
            # No connection is kept: the next name at the same address needs its own certificate.
            self._client = httpx2.AsyncClient(
                follow_redirects=False,
                timeout=self._timeout,
                trust_env=False,
                limits=httpx2.Limits(max_keepalive_connections=0),
            )
        now = self._door.engine.now()
        request = self._client.build_request(
            "POST",
            url.copy_with(host=address),
            content=letter.body,
            headers={
                "Host": url.netloc.decode("ascii"),
                "Content-Type": "application/json; charset=utf-8",
                "Stripe-Signature": signatures.header(letter.body, letter.secrets, now),
                "User-Agent": "Seikyu/1.0 (webhooks)",
            },
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
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

    def _record(self, ended: list[tuple[Letter, str]]) -> list[Answer]:
        """Record how deliveries ended, and acknowledge the drafts that awaited them."""
        engine = self._door.engine
        hopeless: list[Delivery] = []
        # Of several workers each takes what they share in the same order.
        ended = sorted(
            ended, key=lambda each: (each[0].delivery.event_id, each[0].delivery.endpoint_id)
        )

        def recorded(connection: Connection) -> list[Order]:
            hopeless.clear()
            for letter, outcome in ended:
                if self._recorded(connection, letter, outcome):
                    hopeless.append(letter.delivery)
            return _acknowledgements(connection, ended)

        _, answers = engine.batch_of(recorded)
        for delivery in hopeless:
            self._disable(delivery)
        return answers

    def _recorded(self, connection: Connection, letter: Letter, outcome: str) -> bool:
        """Record one; say whether its endpoint took nothing in all the time it was tried."""
        now = self._door.engine.now()
        delivery = letter.delivery
        taken = is_success(outcome)
        again = None if taken else _again_at(letter, now)
        deliveries.attempted(
            connection,
            delivery,
            outcome,
            now,
            taken=taken,
            dropped=not letter.enabled,
            again_at=again,
        )
        if taken or again is not None or not letter.enabled or delivery.resent_at is not None:
            return False
        return not deliveries.taken_since(connection, delivery, delivery.created)

    def _disable(self, delivery: Delivery) -> None:
        log.error("webhook endpoint disabled", endpoint=delivery.endpoint_id, after="3 days")
        world = world_of(self._door.engine.database.connection(), delivery.world_id)
        order = Order(world, commands.DisableEndpoint(), delivery.endpoint_id)
        self._door.engine.batch([order])


def is_success(outcome: str) -> bool:
    """Say whether an outcome is a status of success."""
    return len(outcome) == 3 and outcome.isdigit() and outcome.startswith("2")


def in_words(error: Exception) -> str:
    """Say what kept a webhook from being answered, in words that a person can act upon."""
    said = str(error) or type(error).__name__
    if isinstance(error, OSError | UnicodeError) and not isinstance(error, ssl.SSLError):
        return f"the name cannot be looked up: {said}"
    if isinstance(error, ssl.SSLError) or "SSL" in said or "certificate" in said:
        return f"no secure connection (TLS): {said}"
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return f"no connection: {said}"
    if isinstance(error, httpx2.TransportError):
        return f"no answer in HTTP: {said}"
    return f"{type(error).__name__}: {said}"


def _acknowledgements(connection: Connection, ended: list[tuple[Letter, str]]) -> list[Order]:
    """Return what is to be looked at anew: drafts that await nothing more from an endpoint."""
    return [
        Order(
            world_of(connection, letter.delivery.world_id),
            commands.Acknowledge(letter.delivery.event_id),
            letter.delivery.invoice_id,
        )
        for letter, outcome in ended
        if letter.delivery.invoice_id is not None and (is_success(outcome) or not letter.enabled)
    ]


def _again_at(letter: Letter, now: int) -> int | None:
    """Return when to try again. What was taken once, or is over three days old, is tried by hand only."""
    delivery = letter.delivery
    if not letter.enabled or delivery.delivered_at is not None:
        return None
    if now - delivery.created > GIVEN_UP_AFTER:
        return None
    return now + GAPS[min(delivery.attempts, len(GAPS) - 1)]


async def addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a host, best first. Raises OSError when it has none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_private(address: str) -> bool:
    """Say whether the address is one that strangers must not reach through us."""
    return not ipaddress.ip_address(address.split("%", maxsplit=1)[0]).is_global
