"""Figures: what was measured beside its floor, the ratio, the aim, and whether it was reached.

Ours and the floor are measured in turns; the ratio is the median of the ratios of the turns, so that
what the machine does besides falls on both. The spread is that of the turns.
"""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.load import Rate

Turns = dict[str, list[Rate]]


@dataclass(frozen=True)
class Figure:
    """One line of the report. ``ours`` and ``floor`` in ``unit``; ``aim`` is about ``ratio``, or,
    where there is no floor, about ``ours``."""

    database: str
    what: str
    ours: float
    unit: str = "/s"
    floor: float | None = None
    floor_is: str = ""
    ratio: float | None = None
    spread: tuple[float, float] | None = None
    aim: str = ""
    reached: bool | None = None
    retries: int = 0


def in_turns(rounds: int, runs: Mapping[str, Callable[[], Rate]]) -> Turns:
    """Run each of the measurements once a round, in order."""
    turns: Turns = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            turns[name].append(run())
    return turns


def median(rates: Sequence[Rate]) -> float:
    """Return the median of the rates."""
    return statistics.median(rate.per_second for rate in rates)


def compared(
    database: str,
    what: str,
    ours: Sequence[Rate],
    floor: Sequence[Rate],
    *,
    floor_is: str,
    at_least: float | None = None,
    weight: float = 1.0,
) -> Figure:
    """Return the figure of a ratio. ``weight``: how many units of the floor one of ours counts."""
    ratios = [o.per_second * weight / f.per_second for o, f in zip(ours, floor, strict=True)]
    ratio = statistics.median(ratios)
    return Figure(
        database,
        what,
        median(ours),
        floor=median(floor),
        floor_is=floor_is,
        ratio=ratio,
        spread=(min(ratios), max(ratios)),
        aim="" if at_least is None else f"≥ {at_least:g}",
        reached=None if at_least is None else ratio >= at_least,
        retries=sum(rate.retries for rate in ours),
    )


def show(figures: Sequence[Figure], console: Console) -> None:
    """Print the figures as one table."""
    table = Table(title="Ours beside the floor, in turns (medians)")
    for name in ("database", "what", "ours", "floor", "ratio", "spread", "aim", "reached"):
        table.add_column(name, justify="left" if name in ("database", "what") else "right")
    for figure in figures:
        table.add_row(
            figure.database,
            figure.what,
            f"{_number(figure.ours)} {figure.unit}",
            "" if figure.floor is None else f"{_number(figure.floor)} {figure.unit}",
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            "" if figure.spread is None else f"{figure.spread[0]:.2f}–{figure.spread[1]:.2f}",
            figure.aim,
            {True: "yes", False: "no", None: ""}[figure.reached],
        )
    console.print(table)
    for figure in figures:
        if figure.retries:
            console.print(
                f"{figure.database}, {figure.what}: asked to repeat {figure.retries} times"
            )


def write_json(
    path: Path, machine: dict[str, object], figures: Sequence[Figure], **more: Any
) -> None:
    """Write everything to a file."""
    found = {"machine": machine, "figures": [asdict(figure) for figure in figures], **more}
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")


def _number(value: float) -> str:
    digits = 0 if value >= 100 else 1 if value >= 1 else 2
    return f"{value:,.{digits}f}"
