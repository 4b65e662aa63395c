"""What it costs to find nothing to do: the worker's look for due work beside very many stored invoices.

The look is the worker's own, all of it: charges without an outcome, due invoices and subscriptions,
test clocks, deliveries, mails. None of the stored invoices is due, but half of them have a due time ahead.
"""

import asyncio
import statistics
import time

from bench.databases import Place
from bench.figures import Figure
from bench.parts import Plan
from bench.piles import quiet_invoices
from bench.server import engine_at
from seikyu.engine.execute import Door
from seikyu.engine.store import migrate
from seikyu.engine.worker import Mailer, Outbound, Worker

LOOKS = 500
WARM = 20
LONGEST = 1.0
"""Milliseconds that a look may take."""


def sweep(plan: Plan, place: Place) -> None:
    """Measure the look in an empty database and beside what is stored."""
    empty = place.database("sweep-empty")
    migrate.upgrade(empty)
    nothing = asyncio.run(_look(empty))
    full = place.database("sweep-full")
    quiet_invoices(full, plan.stored)
    taken = asyncio.run(_look(full))
    place.remove(full)
    plan.figures.append(
        Figure(
            place.name,
            f"a look for due work, {plan.stored:,} stored invoices (median of {LOOKS})",
            taken,
            unit="ms",
            floor=nothing,
            floor_is="the same look in an empty database",
            ratio=taken / nothing,
            aim=f"≤ {LONGEST:g} ms",
            reached=taken <= LONGEST,
        )
    )


async def _look(url: str) -> float:
    """Return the milliseconds of the median look. Raises RuntimeError when something was due."""
    engine = engine_at(url)
    door = Door(engine)
    outbound = Outbound(door, timeout_seconds=10, allow_private=False)
    mailer = Mailer(door, None)
    worker = Worker(door, outbound, mailer)
    taken = []
    for _ in range(WARM + LOOKS):
        started = time.perf_counter()
        done = await worker.tick() + await outbound.turn() + await mailer.turn()
        taken.append(time.perf_counter() - started)
        if done:
            raise RuntimeError(f"{done} rows were due")
    await worker.outbound.close()
    await mailer.close()
    door.close()
    engine.database.close()
    return statistics.median(taken[WARM:]) * 1000
