"""Reads of single objects that arrive together are answered by one query.

On PostgreSQL most of what a read costs is its way into a thread, through the driver and back. Whatever
is asked for while a query is under way waits for the next one and shares it: with one reader nothing
waits, with many each pays a part.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

Wanted = tuple[int, str]
"""World and id of an object."""

Bodies = list[bytes | None]
Fetch = Callable[[Sequence[Wanted]], Awaitable[Bodies]]

AT_ONCE = 2
"""Queries under way at the same time: one is on its way while the other's answers are given."""

MOST = 100
"""Objects in one query."""


class Gathering:
    """Gathers what is asked for. Used from one event loop."""

    def __init__(self, fetch: Fetch) -> None:
        """``fetch`` returns the bodies of several objects, in order."""
        self._fetch = fetch
        self._waiting: list[tuple[Wanted, asyncio.Future[bytes | None]]] = []
        self._running: set[asyncio.Task[None]] = set()

    async def body(self, wanted: Wanted) -> bytes | None:
        """Return what is shown of the object, or None. Raises what the query raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bytes | None] = loop.create_future()
        self._waiting.append((wanted, future))
        if len(self._running) < AT_ONCE:
            # The task starts in the loop's next round, with all that arrived in this one.
            task = loop.create_task(self._answer_waiting())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await future

    async def _answer_waiting(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                found = await self._fetch([wanted for wanted, _ in asked])
            except Exception as reason:  # noqa: BLE001 (raised in every request that waits)
                for _, future in asked:
                    if not future.done():
                        future.set_exception(reason)
                continue
            for (_, future), body in zip(asked, found, strict=True):
                if not future.done():
                    future.set_result(body)
