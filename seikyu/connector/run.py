"""A run: import → plan → apply → report. A run is a row, so it can be watched and looked up.

Two runs of a connection never overlap, across processes: a run holds the connection's lock, which
its death gives back. Who asks for a run while one is going on joins it and gets its report.
A run that is killed leaves links that say how far each invoice came; the next run goes on from
there (see sending.py). `preview` plans with the same code and writes nothing.
"""

import secrets
import time
from dataclasses import replace

from seikyu.connector.applying import Applier, item_of
from seikyu.connector.connection import Connection
from seikyu.connector.failures import EXPECTED, failure_of
from seikyu.connector.planning import OnStep, Step, make_plan
from seikyu.connector.reasons import TOKYO
from seikyu.connector.report import Report
from seikyu.connector.store import LockIsHeld, RunRow, RunState, held

JOIN_POLL_SECONDS = 0.3


def run(connection: Connection, *, requested_by: str, on_step: OnStep | None = None) -> Report:
    """Run once and return the report, or join the run that is going on and return its report."""
    joined: str | None = None
    while True:
        try:
            with held(connection.database, f"{connection.id}-run"):
                other = connection.runs.get(joined) if joined else None
                if other is not None and other.state.ended:
                    return _report(connection, other)
                return _Run(connection, requested_by, on_step or _ignore).carry_out()
        except LockIsHeld:
            latest = connection.runs.latest()
            if latest is not None and not latest.state.ended:
                joined = latest.id
                if on_step:
                    on_step(Step(latest.state, latest.done, latest.total or None))
            time.sleep(JOIN_POLL_SECONDS)


def preview(connection: Connection, *, on_step: OnStep | None = None) -> Report:
    """Plan as a run would, and report; writes nothing to board, to Stripe or to the run's memory."""
    began_at = connection.now()
    board = connection.board()
    before = connection.board_client.usage().used
    row = RunRow("preview", RunState.DONE, "preview", began_at)
    try:
        planned = make_plan(
            connection, board, connection.customers(), on_step or _ignore, keep=False
        )
    except EXPECTED as error:
        return replace(_failed(connection, row, error), dry_run=True)
    items = [*planned.malformed, *(item_of(task) for task in planned.tasks)]
    used = connection.board_client.usage().used - before
    row = replace(row, ended_at=connection.now(), total=len(items), board_calls=used)
    row = replace(row, window_start=planned.rules.window_start)
    return Report(row, tuple(items), connection.board_client.usage(), dry_run=True)


class _Run:
    """One run of one connection, from its row's first state to its last."""

    def __init__(self, connection: Connection, requested_by: str, on_step: OnStep) -> None:
        self._connection, self._on_step = connection, on_step
        self._used_before = connection.board_client.usage().used
        now = connection.now()
        stamp = f"{now.astimezone(TOKYO):%Y%m%d%H%M%S}"
        id = f"run_{stamp}_{secrets.token_hex(4)}"
        self._row = RunRow(id, RunState.QUEUED, requested_by, now)

    def carry_out(self) -> Report:
        """Go through the phases; whatever ends them early is on the row and in the report."""
        runs = self._connection.runs
        runs.begin(self._row)
        try:
            self._phases()
        except EXPECTED as error:
            failed = _failed(self._connection, self._row, error)
            self._row = replace(failed.run, board_calls=self._calls())
            runs.save(self._row)
        return _report(self._connection, self._row)

    def _phases(self) -> None:
        connection = self._connection
        self._to(RunState.IMPORTING)
        board, customers = connection.board(), connection.customers()
        planned = make_plan(connection, board, customers, self._on_step, keep=True)
        items = [*planned.malformed, *(item_of(task) for task in planned.tasks)]
        connection.runs.add_items(self._row.id, items)
        self._row = replace(self._row, window_start=planned.rules.window_start, total=len(items))
        self._to(RunState.APPLYING)
        applier = Applier(
            connection,
            connection.follower(board),
            connection.sender(customers, planned.rules, self._row.id),
            planned.rules,
        )
        done = {item.board_invoice_id for item in planned.malformed}
        for task, item in applier.apply(planned.tasks):
            if item != item_of(task):
                connection.runs.save_item(self._row.id, item)
            done.add(item.board_invoice_id)
            self._row = replace(self._row, done=len(done))
            self._on_step(Step(RunState.APPLYING, len(done), len(items)))
        board.complete(self._row.began_at)
        self._end(RunState.DONE)

    def _to(self, state: RunState) -> None:
        self._row = replace(self._row, state=state)
        self._connection.runs.save(self._row)
        self._on_step(Step(state, 0, self._row.total or None))

    def _end(self, state: RunState) -> None:
        ended_at = self._connection.now()
        self._row = replace(self._row, state=state, ended_at=ended_at, board_calls=self._calls())
        self._connection.runs.save(self._row)

    def _calls(self) -> int:
        return self._connection.board_client.usage().used - self._used_before


def _failed(connection: Connection, row: RunRow, error: Exception) -> Report:
    failure = failure_of(error)
    ended = replace(
        row,
        state=RunState.STOPPED if failure.stops else RunState.FAILED,
        ended_at=connection.now(),
        error_kind=failure.kind.value,
        error_ja=failure.ja,
        error_en=failure.en,
    )
    return Report(ended, (), connection.board_client.usage())


def _report(connection: Connection, row: RunRow) -> Report:
    items = tuple(connection.runs.items(row.id))
    return Report(row, items, connection.board_client.usage())


def _ignore(_step: Step) -> None:
    """Nobody is watching."""
