"""`python -m bench`: what Seikyu costs, as ratios taken in one run beside their floors.

The server runs on one core, this process, which is the load generator, on another; PostgreSQL is not
pinned. See docs/internals/performance.md for what is measured and why.
"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from bench import figures, machine, parts
from bench.advancing import advancing
from bench.databases import Place, SqlitePlace, folder_for_run, postgres_place
from bench.load import LoadFailed
from bench.month_end import month_end
from bench.papers import papers
from bench.profiles import profiles
from bench.reconciling import reconciling
from bench.searching import searching
from bench.sweep import sweep
from tests.postgres import ServerUnavailable

PARTS = {
    "reads": parts.reads,
    "writes": parts.writes,
    "lives": parts.lives,
    "advance": advancing,
    "month_end": month_end,
    "sweep": sweep,
    "pdf": papers,
    "search": searching,
    "reconcile": reconciling,
}
FULL = {
    "rounds": 5,
    "seconds": 2.0,
    "warm_seconds": 0.5,
    "sizes": (0, 10_000, 100_000),
    "due": 2_000,
    "month_end": 100_000,
    "stored": 1_000_000,
}
QUICK = {
    "rounds": 2,
    "seconds": 0.7,
    "warm_seconds": 0.2,
    "sizes": (0, 2_000),
    "due": 300,
    "month_end": 2_000,
    "stored": 20_000,
}


def main() -> int:
    """Measure what the command line asks for; return the exit status."""
    given = _arguments()
    console = Console(width=None if sys.stdout.isatty() else 150)
    with ExitStack() as stack:
        folder = stack.enter_context(folder_for_run(given.dir))
        about = machine.described(folder)
        for name, value in about.items():
            console.print(f"{name}: {value}")
        # PostgreSQL is started before anything is pinned: its processes would inherit the core.
        places = _places(given.databases, folder, stack, console)
        server_core, load_core = machine.cores()
        machine.pin(load_core)
        plan = _plan(given, server_core)
        try:
            for place in places:
                about[place.name] = place.settings()
                console.print(f"{place.name}: {about[place.name]}")
                if given.profile:
                    profiles(plan, place, folder, console)
                    continue
                for name in given.parts:
                    console.print(f"… {place.name}: {name}")
                    PARTS[name](plan, place)
        except LoadFailed as reason:
            console.print(f"The load generator stopped: {reason}")
            return 1
    if not given.profile:
        figures.show(plan.figures, console)
    if given.json:
        figures.write_json(given.json, about, plan.figures, command=sys.argv[1:])
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute, for a first look")
    parser.add_argument("--parts", type=_words, default=list(PARTS), help=",".join(PARTS))
    parser.add_argument(
        "--databases", type=_words, default=["sqlite", "postgresql"], help="sqlite,postgresql"
    )
    parser.add_argument("--rounds", type=int, help="turns of each measurement")
    parser.add_argument("--seconds", type=float, help="length of each measurement")
    parser.add_argument("--sizes", type=_numbers, help="stored invoices, as 0,10000,100000")
    parser.add_argument("--due", type=int, help="due drafts for the worker")
    parser.add_argument("--month-end", type=int, help="invoices due in the same hour")
    parser.add_argument("--stored", type=int, help="stored invoices of which none is due")
    parser.add_argument("--dir", type=Path, help="where to put databases (default ./data)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--profile", action="store_true", help="print where the time goes instead")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    return given


def _words(text: str) -> list[str]:
    return text.split(",")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


def _plan(given: argparse.Namespace, server_core: int | None) -> parts.Plan:
    chosen = dict(QUICK if given.quick else FULL)
    for name in ("rounds", "seconds", "sizes", "due", "month_end", "stored"):
        if getattr(given, name) is not None:
            chosen[name] = getattr(given, name)
    return parts.Plan(**chosen, server_core=server_core)  # type: ignore[arg-type]


def _places(wanted: list[str], folder: Path, stack: ExitStack, console: Console) -> list[Place]:
    places: list[Place] = []
    if "sqlite" in wanted:
        places.append(SqlitePlace(folder))
    if "postgresql" in wanted:
        try:
            places.append(stack.enter_context(postgres_place(folder)))
        except ServerUnavailable as reason:
            console.print(f"PostgreSQL is left out: {reason}")
    return places


if __name__ == "__main__":
    sys.exit(main())
