"""Reconciling a transfer with 5,000 open items, beside sorting the items by age, which nobody can do without.

There is no database in it, so the figures stand once, however many databases are measured.
"""

import random
import time
from collections.abc import Callable
from functools import partial

from bench.databases import Place
from bench.figures import compared
from bench.load import Rate
from bench.parts import Plan
from seikyu.engine.billing.reconciling import INVOICE, Money, OpenItem, Policy, reconcile

ITEMS = 5_000
NOWHERE = "no database"
SORTING = f"sorting {ITEMS:,} items by age"


def reconciling(plan: Plan, place: Place) -> None:
    """Measure each case in turns with its floor, unless another database's turn has done so."""
    del place
    if any(figure.what.startswith("reconcile") for figure in plan.figures):
        return
    for what, (amounts, total) in _cases().items():
        items = _items(amounts)
        money = Money(total, "jpy")
        ours, floor = [], []
        for _ in range(plan.rounds):
            ours.append(_rate(partial(reconcile, money, items, Policy(), 0)))
            floor.append(_rate(partial(sorted, items, key=_age)))
        plan.figures.append(compared(NOWHERE, what, ours, floor, floor_is=SORTING))


def _cases() -> dict[str, tuple[list[int], int]]:
    """What is measured → amounts in yen and the transfer: two everyday piles, and the worst ones known."""
    dice = random.Random(7)
    prices = [110 * dice.randint(10, 3_000) for _ in range(80)]
    listed = [dice.choice(prices) for _ in range(ITEMS)]
    usage = [dice.randint(1_000, 999_999) for _ in range(ITEMS)]
    large = [dice.randint(10**9, 10**10) for _ in range(ITEMS)]
    return {
        "reconcile, 5 of 5,000 from a price list": (listed, sum(dice.sample(listed, 5))),
        "reconcile, 5 of 5,000 by usage": (usage, sum(dice.sample(usage, 5))),
        "reconcile, no group of 5,000 equal": ([11_000] * ITEMS, 66_000),
        "reconcile, 5,000 even and an odd transfer": ([2 * yen for yen in usage], 3_000_001),
        "reconcile, 3 of 5,000 of ten digits": (large, sum(dice.sample(large, 3))),
        "reconcile, given up: 5 of 5,000 of ten digits": (large, sum(dice.sample(large, 5)) + 1),
    }


def _items(amounts: list[int]) -> list[OpenItem]:
    items = [
        OpenItem(f"in_{number:05}", INVOICE, amount, "jpy", number, "open")
        for number, amount in enumerate(amounts)
    ]
    random.Random(1).shuffle(items)
    return items


def _age(item: OpenItem) -> tuple[int, str]:
    return item.since, item.id


def _rate(work: Callable[[], object]) -> Rate:
    """Do it for a twentieth of a second at least."""
    started = time.perf_counter()
    done = 0
    while (taken := time.perf_counter() - started) < 0.05:
        work()
        done += 1
    return Rate(done / taken, 1.0)
