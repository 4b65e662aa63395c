"""The load generator: keep-alive HTTP/1.1 connections, one request under way on each, no pipelining.

It reads as little of an answer as it must (status and length), so that it is never what is measured:
the report says how busy it was. What a connection sends is a script: a generator that yields requests
and is given the answers, and counts its units of work itself.
"""

import asyncio
import re
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import cast

import uvloop

LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)

Answer = tuple[int, bytes]
Script = Generator[bytes, Answer, None]


class LoadFailed(Exception):
    """A server answered something else than a script expects, or not at all."""


@dataclass
class Tally:
    """What was done until now, on all connections together."""

    units: int = 0
    retries: int = 0

    def one(self) -> None:
        """Count one unit of work."""
        self.units += 1


@dataclass(frozen=True)
class Rate:
    """Units of work a second; ``busy``: which part of the time the load generator itself worked.

    ``retries``: how often a server asked to repeat a request.
    """

    per_second: float
    busy: float
    retries: int = 0


class _Client(asyncio.Protocol):
    """One connection that follows one script."""

    def __init__(self, script: Script, failed: asyncio.Future[None]) -> None:
        self._script = script
        self._failed = failed
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._stopped = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(next(self._script))

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = LENGTH.search(self._buffer, 0, head)
        end = head + 4 + (int(length[1]) if length else 0)
        if len(self._buffer) < end:
            return
        answer = int(self._buffer[9:12]), self._buffer[head + 4 : end]
        self._buffer = b""
        self._go_on(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._stopped:
            self._fail(LoadFailed(f"the server closed the connection: {exc}"))

    def stop(self) -> None:
        """Send nothing more."""
        self._stopped = True
        if self._transport is not None:
            self._transport.close()

    def _go_on(self, answer: Answer) -> None:
        if self._stopped:
            return
        assert self._transport is not None
        try:
            self._transport.write(self._script.send(answer))
        except LoadFailed as reason:
            self._fail(reason)

    def _fail(self, reason: LoadFailed) -> None:
        if not self._failed.done():
            self._failed.set_exception(reason)


def measure(
    port: int,
    scripts: Callable[[Tally], Sequence[Script]],
    *,
    warm_seconds: float,
    seconds: float,
) -> Rate:
    """Run the scripts, one a connection, and return their rate. Raises LoadFailed."""
    loop = uvloop.new_event_loop()
    try:
        return loop.run_until_complete(_measured(port, scripts, warm_seconds, seconds))
    finally:
        loop.close()


async def _measured(
    port: int, scripts: Callable[[Tally], Sequence[Script]], warm_seconds: float, seconds: float
) -> Rate:
    loop = asyncio.get_running_loop()
    failed: asyncio.Future[None] = loop.create_future()
    tally = Tally()
    clients = [_Client(script, failed) for script in scripts(tally)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    try:
        await _pause(warm_seconds, failed)
        units, started, worked = tally.units, time.perf_counter(), time.process_time()
        await _pause(seconds, failed)
        taken = time.perf_counter() - started
        if tally.units == units:
            raise LoadFailed(f"nothing was answered in {taken:.1f} s")
        busy = (time.process_time() - worked) / taken
        return Rate((tally.units - units) / taken, busy, tally.retries)
    finally:
        for client in clients:
            client.stop()
        await asyncio.sleep(0.02)


async def _pause(seconds: float, failed: asyncio.Future[None]) -> None:
    """Let the clients work. Raises LoadFailed as soon as one of them fails."""
    await asyncio.wait([failed], timeout=seconds)
    if failed.done():
        failed.result()
