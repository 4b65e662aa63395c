"""The month end: very many invoices due in the same hour are finalized, charged and announced.

Each is a draft of a customer of its own. Workers in processes of their own do it: one on SQLite, one and
then two on PostgreSQL, beside a bulk insert of the rows that they wrote. A webhook endpoint listens to every
event, so a delivery is written for each; sending them is somebody else's work. The memory of a worker is
taken at the start, in the middle of its time and at its end, and is flat when it does not grow in the
second half.
"""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psycopg

from bench.bulk import inserted
from bench.databases import Place
from bench.figures import Figure, compared
from bench.load import Rate
from bench.month_worker import Worked
from bench.parts import Plan
from bench.piles import due_drafts
from bench.preload import listed
from seikyu.engine.store.tables import metadata

PIECE = 5_000
"""Rows that are read, or inserted for the floor, at once."""

GROWS_AT_MOST = 1.1
BY_ALL = "SELECT count(*) FROM invoices WHERE status = 'paid'"
SAID = "SELECT count(*) FROM events WHERE type IN ('invoice.finalized', 'invoice.paid')"
OWED = "SELECT count(*) FROM deliveries"

Row = tuple[Any, ...]


def month_end(plan: Plan, place: Place) -> None:
    """Measure one worker beside its floor and, on PostgreSQL, two beside one."""
    alone = _month(plan, place, 1, floor=True)
    if place.name == "PostgreSQL":
        both = _month(plan, place, 2, floor=False)
        plan.figures.append(
            compared(
                place.name,
                "  the same by two workers",
                [both],
                [alone],
                floor_is="one worker",
                at_least=1.7,
            )
        )


def _month(plan: Plan, place: Place, workers: int, *, floor: bool) -> Rate:
    url = place.database(f"month-{workers}")
    due_drafts(url, plan.month_end)
    before = _hashes(url) if floor else {}
    seconds, worked = _work(url, workers)
    _check(url, plan.month_end)
    ours = Rate(plan.month_end / seconds, 1.0)
    if floor:
        counted: list[int] = []
        fresh = place.database("month-floor")
        taken = inserted(fresh, _changed(url, before, counted))
        place.remove(fresh)
        plan.figures.append(
            compared(
                place.name,
                f"month end, {plan.month_end:,} invoices ({sum(counted) / plan.month_end:.1f} rows each)",
                [ours],
                [Rate(plan.month_end / taken, 1.0)],
                floor_is="bulk insert of the same rows",
                at_least=0.25,
            )
        )
    plan.figures += [
        figure
        for number, each in enumerate(worked, 1)
        for figure in _memory(place, number, workers, each)
    ]
    place.remove(url)
    return ours


# ── the workers ────────────────────────────────────────────────────────────────────────────────


def _work(url: str, workers: int) -> tuple[float, list[Worked]]:
    """Let the workers do it all; return the seconds until the last was done, and what each did."""
    command = [sys.executable, "-m", "bench.month_worker", "--database", url]
    at_work = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    try:
        for process in at_work:
            _line(process.stdout)
        started = time.perf_counter()
        for process in at_work:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [Worked(**json.loads(_line(process.stdout))) for process in at_work]
        return time.perf_counter() - started, told
    finally:
        for process in at_work:
            process.kill()
            process.wait()


def _line(stream: IO[str] | None) -> str:
    assert stream is not None
    while line := stream.readline():
        if line.startswith(("ready", "{")):
            return line
    raise RuntimeError("a worker ended before its time")


def _memory(place: Place, number: int, workers: int, worked: Worked) -> Iterator[Figure]:
    if worked.start is None or worked.middle is None or worked.end is None:
        return
    of = f"worker {number} of {workers} ({worked.done:,} rows)"
    yield Figure(place.name, f"  memory of {of}, at the start", worked.start, unit="MiB")
    yield Figure(place.name, "    in the middle", worked.middle, unit="MiB")
    yield Figure(
        place.name,
        "    at the end",
        worked.end,
        unit="MiB",
        floor=worked.middle,
        floor_is="its memory in the middle",
        ratio=worked.end / worked.middle,
        aim=f"≤ {GROWS_AT_MOST:g}",
        reached=worked.end <= worked.middle * GROWS_AT_MOST,
    )


def _check(url: str, wanted: int) -> None:
    """Everything must have been paid and announced, and owed to the endpoint."""
    paid, said, owed = (_number(url, query) for query in (BY_ALL, SAID, OWED))
    if (paid, said) != (wanted, 2 * wanted) or owed < said:
        raise RuntimeError(f"of {wanted} invoices {paid} were paid; {said} events, {owed} owed")


# ── the rows ───────────────────────────────────────────────────────────────────────────────────


def _hashes(url: str) -> dict[str, set[int]]:
    """Return a hash of each row there is: the rows themselves would not fit into memory."""
    known: dict[str, set[int]] = {name: set() for name in metadata.tables}
    for name, found in known.items():
        for rows in _read(url, name):
            found.update(map(hash, rows))
    return known


def _changed(
    url: str, before: dict[str, set[int]], counted: list[int]
) -> Iterator[tuple[str, list[Row]]]:
    """Return the rows that are new or changed, table by table, and count them."""
    for name, known in before.items():
        for rows in _read(url, name):
            fresh = [row for row in rows if hash(row) not in known]
            counted.append(len(fresh))
            yield name, fresh


def _read(url: str, name: str) -> Iterator[list[Row]]:
    query = f"SELECT {listed(name)} FROM {name}"
    if url.startswith("sqlite"):
        raw = sqlite3.connect(Path(url.removeprefix("sqlite:///")))
        cursor = raw.execute(query)
        while rows := cursor.fetchmany(PIECE):
            yield rows
        raw.close()
        return
    with (
        psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection,
        connection.cursor("rows", binary=True) as named,
    ):
        named.execute(query)
        while rows := named.fetchmany(PIECE):
            yield rows


def _number(url: str, query: str) -> int:
    if url.startswith("sqlite"):
        raw = sqlite3.connect(Path(url.removeprefix("sqlite:///")))
        ((found,),) = raw.execute(query).fetchall()
        raw.close()
        return int(found)
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        ((found,),) = connection.execute(query).fetchall()
        return int(found)
