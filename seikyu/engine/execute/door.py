"""The door for many at once: concurrent requests share a transaction, and nothing slow blocks it.

On SQLite everything runs in the event loop: requests that arrive together are carried out in one
transaction and one commit (group commit), and a read costs a few microseconds. While another process
holds the file, orders wait and are tried again; between the tries there are reads. On PostgreSQL each
order and each read runs in a thread of a bounded pool, one connection a thread: orders in one pool,
reads in another, so that orders which wait for a lock keep nobody from reading. The server groups the
commits, and reads of single objects that arrive together share a query.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.execute.cards import names_card, with_card
from seikyu.engine.execute.engine import Engine
from seikyu.engine.execute.gathering import Bodies, Gathering, Wanted
from seikyu.engine.execute.orders import Answer, Order
from seikyu.engine.store.database import (
    Connection,
    Contention,
    OutcomeUnknown,
    SqliteDatabase,
    StoreUnavailable,
    transaction,
)
from seikyu.engine.store.session import Session, World, shown_together

T = TypeVar("T")

INLINE_MILLISECONDS = 100
"""How long a try waits for another process that writes to the SQLite file; so long nobody reads."""

TRIES = 15
PAUSE_SECONDS = 0.1
"""Tries in about three seconds, and the pause between two of them."""

WRITERS = 9
READERS = 3
"""Connections to PostgreSQL that one process uses at most, to carry out orders and to read."""


class Door:
    """Where coroutines hand in orders and read. One per process, used from one event loop.

    ``wake``, ``wake_deliveries`` and ``wake_mails`` are set when time may have to act on something.
    """

    def __init__(self, engine: Engine) -> None:
        """This starts no thread yet; they come with the first order and the first read."""
        self.engine = engine
        self.wake = asyncio.Event()
        self.wake_deliveries = asyncio.Event()
        self.wake_mails = asyncio.Event()
        self._inline = isinstance(engine.database, SqliteDatabase)
        if isinstance(engine.database, SqliteDatabase):
            engine.database.wait_at_most(INLINE_MILLISECONDS)
        self._waiting: list[tuple[Order, asyncio.Future[Answer]]] = []
        self._tries = 0
        self._writers = ThreadPoolExecutor(WRITERS, "seikyu-writer")
        self._readers = ThreadPoolExecutor(READERS, "seikyu-reader")
        self._reads = Gathering(self._bodies)

    async def perform(self, order: Order) -> Answer:
        """Carry the order out to its end, the charge included.

        Raises OutcomeUnknown when the charge was asked for and its outcome could not be recorded: the
        worker asks again.
        """
        answer = await self.submit(order)
        if answer.charge is None:
            return answer
        settlement = await self.settled(order, answer.charge)
        try:
            return await self.submit(settlement)
        except (StoreUnavailable, Contention) as reason:
            raise OutcomeUnknown(f"A charge was made and not recorded. {reason}") from reason

    async def submit(self, order: Order) -> Answer:
        """Carry out one order. Raises StoreUnavailable or Contention, when nothing was done.

        Raises OutcomeUnknown when the connection was lost while the change was committed.
        """
        order = await self._with_card(order)
        if not self._inline:
            (answer,) = await self._in_thread(lambda: self.engine.batch([order]))
        else:
            loop = asyncio.get_running_loop()
            if not self._waiting:
                # Two rounds of the loop, so that requests which are just arriving come along.
                loop.call_soon(loop.call_soon, self._flush)
            future: asyncio.Future[Answer] = loop.create_future()
            self._waiting.append((order, future))
            answer = await future
        self.tell([answer])
        return answer

    def tell(self, answers: Sequence[Answer]) -> None:
        """Wake the worker for what the answers leave to do at once."""
        for owes in (answer.owes for answer in answers if answer.owes is not None):
            if owes.deliveries:
                self.wake_deliveries.set()
            if owes.action:
                self.wake.set()
            if owes.mails:
                self.wake_mails.set()

    async def submit_all(self, orders: Sequence[Order]) -> list[Answer]:
        """Carry out several orders in one transaction."""
        answers = await self.run(lambda: self.engine.batch(orders))
        self.tell(answers)
        return answers

    async def settled(self, order: Order, attempt: Attempt) -> Order:
        """Ask the processor outside every transaction; return the order that records its answer."""
        if self.engine.processor.instant:
            return self.engine.settlement(order, attempt)
        return await asyncio.to_thread(self.engine.settlement, order, attempt)

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query on a connection of this process."""
        if self._inline:
            return query(self.engine.database.connection())
        loop = asyncio.get_running_loop()
        database = self.engine.database
        return await loop.run_in_executor(self._readers, lambda: query(database.connection()))

    async def shown(self, world: World, id: str) -> bytes | None:
        """Return what is shown of an object now, or None when there is no such object."""
        if self._inline:
            return Session(self.engine.database.connection(), world).show(id)
        return await self._reads.body((world.id, id))

    async def run(self, work: Callable[[], T]) -> T:
        """Run work that changes the database where the database is used."""
        if not self._inline:
            return await self._in_thread(work)
        await self._until_free()
        return work()

    async def _until_free(self) -> None:
        """Wait, for about three seconds, until no other process holds the SQLite file."""
        for _ in range(TRIES - 1):
            try:
                with transaction(self.engine.database.connection()):
                    return
            except Contention:
                await asyncio.sleep(PAUSE_SECONDS)

    def close(self) -> None:
        """Let the threads end."""
        self._writers.shutdown()
        self._readers.shutdown()

    async def _with_card(self, order: Order) -> Order:
        """Ask the processor for the card that the order names, outside every transaction.

        A slow one is not asked for a request that was answered before.
        """
        processor = self.engine.processor_for(order)
        if processor is None or processor.instant:
            return with_card(order, processor)
        if not names_card(order, processor):
            return order
        if await self.read(lambda connection: self.engine.answered(connection, order)):
            return order
        return await asyncio.to_thread(with_card, order, processor)

    async def _bodies(self, wanted: Sequence[Wanted]) -> Bodies:
        return await self.read(lambda connection: shown_together(connection, wanted))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writers, work)

    def _flush(self) -> None:
        """Carry out all that waits, in one transaction.

        While another process holds the file all of it goes on waiting, and what arrives comes along.
        """
        waiting = self._waiting
        try:
            answers = self.engine.batch([order for order, _ in waiting])
        except Contention as reason:
            self._tries += 1
            if self._tries < TRIES:
                asyncio.get_running_loop().call_later(PAUSE_SECONDS, self._flush)
                return
            self._fail(reason)
            return
        except Exception as reason:  # noqa: BLE001 (raised in every request that waits)
            self._fail(reason)
            return
        self._waiting, self._tries = [], 0
        for (_, future), answer in zip(waiting, answers, strict=True):
            if not future.done():
                future.set_result(answer)

    def _fail(self, reason: Exception) -> None:
        """Raise the reason in every request that waits."""
        waiting, self._waiting, self._tries = self._waiting, [], 0
        for _, future in waiting:
            if not future.done():
                future.set_exception(reason)
