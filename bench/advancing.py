"""Time's own work: due drafts finalized by the worker, beside a bulk insert of the same rows.

The drafts are made by an engine whose clock stands two hours back, so to the worker they are due. What
the worker writes is found by comparing all rows before and after; the floor inserts exactly these,
with ``executemany``, in one transaction, without foreign keys.
"""

import asyncio
import time
from dataclasses import replace
from typing import Any

import orjson

from bench.bulk import inserted
from bench.databases import Place
from bench.figures import compared
from bench.load import Rate
from bench.parts import Plan
from bench.preload import Filled, Rows, all_rows, filled
from bench.server import engine_at
from seikyu.engine.billing import invoice as invoices
from seikyu.engine.execute import Door, Engine, Order
from seikyu.engine.store.tables import invoices as invoices_table
from seikyu.engine.worker.loop import Worker
from seikyu.engine.worker.outbound import Outbound

BACK_SECONDS = 7200
CUSTOMERS = 50
AT_ONCE = 100
"""Drafts that are made in one transaction; not measured."""

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "due drafts finalized": ("open", {"collection_method": "send_invoice", "days_until_due": 30}),
    "due drafts finalized and charged": ("paid", {"collection_method": "charge_automatically"}),
}
"""What is measured → the status that every invoice must then have, and how the drafts are made."""


def advancing(plan: Plan, place: Place) -> None:
    """Measure both kinds of due drafts, in turns with their floors."""
    for what, (status, given) in KINDS.items():
        ours, floor = [], []
        for number in range(max(2, plan.rounds // 2)):
            name = f"advance-{len(plan.figures)}-{number}"
            stored = filled(place.database(name), CUSTOMERS, 0)
            _make_due(stored, given, plan.due)
            before = all_rows(stored.url)
            taken = asyncio.run(_worked(stored.url))
            after = all_rows(stored.url)
            _check(after, status, plan.due)
            written = _written(before, after)
            ours.append(Rate(plan.due / taken, 1.0))
            taken = inserted(place.database(f"{name}-floor"), written.items())
            floor.append(Rate(plan.due / taken, 1.0))
        rows = sum(map(len, written.values())) / plan.due
        figure = compared(
            place.name,
            f"{what} ({rows:.1f} rows each)",
            ours,
            floor,
            floor_is="bulk insert of the same rows",
            at_least=0.25,
        )
        plan.figures.append(figure)


def _make_due(stored: Filled, given: dict[str, Any], wanted: int) -> None:
    engine = engine_at(stored.url)
    past = replace(engine, now=lambda: engine.now() - BACK_SECONDS)
    for start in range(0, wanted, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, wanted))
        ids = _performed(past, [_draft(stored, given, number) for number in numbers])
        line = invoices.AddLines(({"description": "保守費用", "amount": 10_000, "quantity": 1},))
        _performed(past, [Order(stored.world, line, id) for id in ids])
    engine.database.close()


def _draft(stored: Filled, given: dict[str, Any], number: int) -> Order:
    customer = stored.customers[number % CUSTOMERS]
    return Order(
        stored.world, invoices.CreateInvoice({**given, "customer": customer, "auto_advance": True})
    )


def _performed(engine: Engine, orders: list[Order]) -> list[str]:
    answers = engine.batch(orders)
    for answer in answers:
        if answer.status != 200:
            raise RuntimeError(answer.body.decode())
    return [orjson.loads(answer.body)["id"] for answer in answers]


async def _worked(url: str) -> float:
    """Let the worker do all that is due; return the seconds."""
    engine = engine_at(url)
    door = Door(engine)
    worker = Worker(door, Outbound(door, timeout_seconds=10, allow_private=False))
    await door.run(lambda: None)
    started = time.perf_counter()
    while await worker.tick():
        pass
    taken = time.perf_counter() - started
    door.close()
    engine.database.close()
    return taken


def _check(rows: Rows, status: str, wanted: int) -> None:
    at = list(invoices_table.columns.keys()).index("status")
    found = [row[at] for row in rows["invoices"]]
    if found != [status] * wanted:
        raise RuntimeError(f"not every invoice is {status}: {sorted(set(found))}")


def _written(before: Rows, after: Rows) -> Rows:
    changed = {}
    for name, rows in after.items():
        known = set(before[name])
        changed[name] = [row for row in rows if row not in known]
    return changed
