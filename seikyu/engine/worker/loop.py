"""Time: runs what is due, and delivers what was said.

One loop: charges without an outcome, due invoices and subscriptions, test clocks on their way,
deliveries. A row that cannot be worked on is pushed ahead and reported, and never stops the others. Any
number of workers may share a PostgreSQL database; on SQLite there is one, in the process that serves.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from seikyu.engine.execute import Answer, Door, Order, commands
from seikyu.engine.store import deliveries, due
from seikyu.engine.store.clocks import advancing_clocks, hold_for_step
from seikyu.engine.store.database import Connection, Contention, StoreUnavailable, transaction
from seikyu.engine.store.keys import world_of
from seikyu.engine.store.session import Session, World
from seikyu.engine.worker.forgetting import ANSWERS_KEPT, Forgetting
from seikyu.engine.worker.indexing import Indexing
from seikyu.engine.worker.mails import Mailer
from seikyu.engine.worker.outbound import Outbound

log = structlog.get_logger("seikyu.worker")

AT_ONCE = {"sqlite": 10, "postgresql": 100}
"""Rows of one kind that are worked on in one transaction. On SQLite requests wait meanwhile."""

STEPS_AT_ONCE = 20
"""Moments that one test clock passes before the other work has its turn."""

ROUNDS_FOR_OTHERS = 3
"""Rounds of the event loop between two batches: a request that arrives takes about so many."""

IDLE_SECONDS = 1.0
"""How long the worker rests when nothing was due and nobody woke it."""

FIRST_TRIES_WITHIN = 60
"""Seconds (of the system) that a test clock waits at most for the first tries of webhooks."""

OUTCOME_LEASE = 30
POISON_SECONDS = 3600
"""How far a row that cannot be worked on is pushed ahead."""


@dataclass(slots=True)
class Worker:
    """The loop. ``outbound`` sends webhooks, ``mailer`` mails; without one mails wait."""

    door: Door
    outbound: Outbound
    mailer: Mailer | None = None
    events_kept: int = ANSWERS_KEPT
    """Seconds that events are kept; at least as long as the answers of requests."""

    indexing: Indexing = field(init=False)
    forgetting: Forgetting = field(init=False)

    def __post_init__(self) -> None:
        """Index and forget through the same door."""
        self.indexing = Indexing(self.door)
        self.forgetting = Forgetting(self.door, self.events_kept)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set. A round that fails is reported; the next one comes anyway."""
        async with asyncio.TaskGroup() as both:
            both.create_task(_keep_on(self.tick, self.door.wake, stop))
            both.create_task(_keep_on(self.outbound.turn, self.outbound.wake, stop))
            both.create_task(_keep_on(self.indexing.turn, self.indexing.wake, stop))
            both.create_task(_keep_on(self.forgetting.turn, self.forgetting.wake, stop))
            if self.mailer is not None:
                both.create_task(_keep_on(self.mailer.turn, self.mailer.wake, stop))
        await self.outbound.close()
        if self.mailer is not None:
            await self.mailer.close()

    async def drain(self) -> int:
        """Work until nothing is due any more; return how much there was. For tests and clocks.

        Then everything is in the search index too.
        """
        total = 0
        while done := await self.tick() + await self.outbound.deliver() + await self._mail():
            total += done
        await self.indexing.all()
        while await self.forgetting.turn():
            pass
        return total

    async def _mail(self) -> int:
        return await self.mailer.deliver() if self.mailer is not None else 0

    async def tick(self) -> int:
        """Do one round of each kind; return how many rows were worked on."""
        now = self.door.engine.now()
        look = await self.door.read(lambda connection: due.look(connection, now))
        kinds = (
            (look.attempts, self._attempts),
            (look.rows, self._due),
            (look.clocks, self._clocks),
        )
        done = 0
        for there, work in kinds:
            if there:
                done += await work()
                await _let_others()
        return done

    @property
    def _at_once(self) -> int:
        return AT_ONCE[self.door.engine.database.dialect]

    # ── charges without an outcome ─────────────────────────────────────────────────────────────

    async def _attempts(self) -> int:
        engine = self.door.engine
        now = engine.now()

        def claim() -> list[tuple[Order, Answer]]:
            connection = engine.database.connection()
            if not due.any_attempt_due(connection, now):
                return []
            with transaction(connection):
                claimed = due.attempts_due(connection, now, self._at_once, OUTCOME_LEASE)
            return [engine.unanswered(connection, world, id) for world, id in claimed]

        found = await self.door.run(claim)
        await self._finish([order for order, _ in found], [answer for _, answer in found])
        return len(found)

    # ── due rows ───────────────────────────────────────────────────────────────────────────────

    async def _due(self) -> int:
        engine = self.door.engine
        now = engine.now()

        def work() -> tuple[list[Order], list[Answer]]:
            if not due.any_due(engine.database.connection(), now):
                return [], []
            return engine.batch_of(lambda connection: self._due_orders(connection, now))

        orders, answers = await self.door.run(work)
        await self._finish(orders, answers)
        await self._push_failures(orders, answers, now)
        return len(orders)

    def _due_orders(self, connection: Connection, now: int) -> list[Order]:
        worlds: dict[int, World] = {}
        orders = []
        for row in due.all_due(connection, now, self._at_once):
            if row.world not in worlds:
                worlds[row.world] = world_of(connection, row.world)
            orders.append(_order(worlds[row.world], row))
        return orders

    async def _finish(self, orders: list[Order], answers: list[Answer]) -> None:
        """Put the charges to the processor, then record their outcomes in one transaction."""
        await _let_others()
        charges = [
            (order, answer.charge)
            for order, answer in zip(orders, answers, strict=True)
            if answer.charge is not None
        ]
        # Every worker locks the customers in the same order, so none waits for another in a ring.
        charges.sort(key=lambda each: (each[0].world.id, each[1].customer_id or ""))
        settlements = [await self.door.settled(order, attempt) for order, attempt in charges]
        if settlements:
            answers = [*answers, *await self.door.submit_all(settlements)]
        self.door.tell(answers)

    async def _push_failures(self, orders: list[Order], answers: list[Answer], now: int) -> None:
        failed = [o for o, a in zip(orders, answers, strict=True) if a.status >= 400]
        for order, answer in zip(orders, answers, strict=True):
            if answer.status >= 400:
                log.error("due row refused", id=order.id, answer=answer.body.decode())
        if not failed:
            return

        def push() -> None:
            connection = self.door.engine.database.connection()
            with transaction(connection):
                for order in failed:
                    until = now + POISON_SECONDS
                    kind = _KINDS[type(order.command)]
                    due.push_ahead(connection, order.world.id, order.id or "", now, until, kind)

        await self.door.run(push)

    # ── test clocks ────────────────────────────────────────────────────────────────────────────

    async def _clocks(self) -> int:
        found = await self.door.read(advancing_clocks)
        done = 0
        for world_id, clock_id in found:
            world = await self.door.read(lambda c, w=world_id: world_of(c, w))  # type: ignore[misc]
            done += await self._walk(world, clock_id)
        return done

    async def _walk(self, world: World, clock_id: str) -> int:
        """Take the clock on through due moments, in order; return how many steps it took."""
        for done in range(STEPS_AT_ONCE):
            if not await self._step(world, clock_id):
                return done
        return STEPS_AT_ONCE

    async def _step(self, world: World, clock_id: str) -> bool:
        """Move the clock to its next due moment and act there, or let it arrive; False when neither.

        It does not leave a moment before every webhook that a draft awaits was tried once: an endpoint
        that answers at once acknowledges at the moment of the draft's creation.
        """
        now = self.door.engine.now()
        target: int | None = None

        def orders_at(connection: Connection) -> list[Order]:
            nonlocal target
            session = Session(connection, world)
            held = hold_for_step(session, clock_id)
            if held is None:
                return []
            until, present = held
            found = due.next_on_clock(session, clock_id, until, self._at_once)
            moment = found[0].at if found else until
            if moment > present and deliveries.untried(session, clock_id, now - FIRST_TRIES_WITHIN):
                return []  # whoever sends them wakes this loop when they were tried
            target = until
            if not found:
                return [Order(world, commands.ArriveClock(), clock_id)]
            move = Order(world, commands.MoveClock(moment), clock_id)
            return [move, *(_order(world, row) for row in found)]

        orders, answers = await self.door.run(lambda: self.door.engine.batch_of(orders_at))
        await self._finish(orders, answers)
        if target is None:
            return False
        if answers[0].status >= 400:
            log.error("test clock refused", clock=clock_id, answer=answers[0].body.decode())
            return False
        await self._push_failures(orders[1:], answers[1:], target)
        return True


_COMMANDS: dict[str, Callable[[], object]] = {
    due.INVOICE: commands.Advance,
    due.SUBSCRIPTION: commands.AdvanceSubscription,
}
_KINDS = {commands.Advance: due.INVOICE, commands.AdvanceSubscription: due.SUBSCRIPTION}


def _order(world: World, row: due.Due) -> Order:
    return Order(world, _COMMANDS[row.kind](), row.id)


async def _let_others() -> None:
    """Let requests have their turn: on SQLite nothing else in the worker gives the event loop back."""
    for _ in range(ROUNDS_FOR_OTHERS):
        await asyncio.sleep(0)


async def _keep_on(
    work: Callable[[], Awaitable[int]], wake: asyncio.Event, stop: asyncio.Event
) -> None:
    """Work round by round until ``stop`` is set, and rest when a round found nothing or failed."""
    while not stop.is_set():
        wake.clear()
        try:
            done = await work()
        except (StoreUnavailable, Contention) as reason:
            log.warning("database unavailable", reason=str(reason))
            done = 0
        except Exception:
            # What is due must not wait until a person has read the report.
            log.exception("round failed")
            done = 0
        if not done:
            await _rest(wake, stop)


async def _rest(wake: asyncio.Event, stop: asyncio.Event) -> None:
    """Sleep until there is something to do, or for a moment."""
    waits = [asyncio.create_task(event.wait()) for event in (wake, stop)]
    await asyncio.wait(waits, timeout=IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
