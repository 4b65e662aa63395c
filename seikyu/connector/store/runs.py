"""The runs of a connection and what each did with every invoice."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select, update

from seikyu.connector.reasons import Kind, Reason
from seikyu.connector.store.database import (
    Database,
    moment,
    optional_moment,
    optional_unix,
    unix,
)
from seikyu.connector.store.tables import run_items, runs


class RunState(StrEnum):
    """The life of a run: the first four while it runs, then one of the last three for good."""

    QUEUED = "queued"
    IMPORTING = "importing"
    PLANNING = "planning"
    APPLYING = "applying"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether the run will not change any more."""
        return self in (RunState.DONE, RunState.STOPPED, RunState.FAILED)


class Outcome(StrEnum):
    """What became of one invoice in a run."""

    PLANNED = "planned"
    SENT = "sent"
    WRITTEN = "written"
    WITHDRAWN = "withdrawn"
    SKIPPED = "skipped"
    NEEDS_HUMAN = "needs_human"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run. `error_kind` and the sentences say why it stopped or failed."""

    id: str
    state: RunState
    requested_by: str
    began_at: datetime
    ended_at: datetime | None = None
    window_start: datetime | None = None
    done: int = 0
    total: int = 0
    board_calls: int = 0
    error_kind: str | None = None
    error_ja: str | None = None
    error_en: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One invoice in a run. `amount` in minor units of `currency`.

    `mode` is how the invoice is collected, or was to be: charge, email or draft; None while nothing
    says that it is collected at all.
    """

    board_invoice_id: int
    operation: str
    outcome: Outcome
    reasons: tuple[Reason, ...]
    name: str
    client_name: str
    project_no: int | None
    amount: int
    currency: str
    stripe_invoice_id: str | None = None
    hosted_url: str | None = None
    mode: str | None = None


class Runs:
    """The runs of one connection."""

    def __init__(self, database: Database, connection_id: str) -> None:
        """Read and write the runs of this connection."""
        self._database, self._id = database, connection_id

    def begin(self, run: RunRow) -> None:
        """Insert a run, and close the ones that were killed before they could close themselves.

        Called only while the connection's run lock is held: nobody else can be running.
        """
        open_states = [state.value for state in RunState if not state.ended]
        with self._database.transaction() as connection:
            connection.execute(
                update(runs)
                .where(runs.c.connection_id == self._id, runs.c.state.in_(open_states))
                .values(
                    state=RunState.STOPPED.value,
                    error_kind="killed",
                    error_ja="実行中に強制終了されました。次の実行が続きを行います。",
                    error_en="It was killed while it ran. The next run goes on from there.",
                )
            )
            connection.execute(insert(runs).values(connection_id=self._id, **_run_values(run)))

    def save(self, run: RunRow) -> None:
        """Replace a run's row."""
        with self._database.transaction() as connection:
            connection.execute(update(runs).where(runs.c.id == run.id).values(**_run_values(run)))

    def latest(self) -> RunRow | None:
        """Return the run that began last, whether or not it has ended."""
        query = (
            select(runs)
            .where(runs.c.connection_id == self._id)
            .order_by(runs.c.began_at.desc(), runs.c.id.desc())
            .limit(1)
        )
        with self._database.transaction() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _run(row)

    def get(self, run_id: str) -> RunRow | None:
        """Return a run by its id."""
        with self._database.transaction() as connection:
            row = connection.execute(select(runs).where(runs.c.id == run_id)).mappings().first()
        return None if row is None else _run(row)

    def count(self) -> int:
        """Return how many runs there were."""
        query = select(func.count()).where(runs.c.connection_id == self._id)
        with self._database.transaction() as connection:
            return connection.scalar(query) or 0

    def add_items(self, run_id: str, items: Sequence[Item]) -> None:
        """Insert the plan of a run."""
        rows = [
            {"run_id": run_id, "position": position, **_item_values(item)}
            for position, item in enumerate(items)
        ]
        if rows:
            with self._database.transaction() as connection:
                connection.execute(insert(run_items), rows)

    def save_item(self, run_id: str, item: Item) -> None:
        """Replace one item of a run."""
        with self._database.transaction() as connection:
            connection.execute(
                update(run_items)
                .where(
                    run_items.c.run_id == run_id,
                    run_items.c.board_invoice_id == item.board_invoice_id,
                )
                .values(**_item_values(item))
            )

    def items(self, run_id: str) -> list[Item]:
        """Return the items of a run in the order of its plan."""
        query = select(run_items).where(run_items.c.run_id == run_id).order_by(run_items.c.position)
        with self._database.transaction() as connection:
            return [_item(row) for row in connection.execute(query).mappings()]


def _run_values(run: RunRow) -> dict[str, Any]:
    return {
        "id": run.id,
        "state": run.state.value,
        "requested_by": run.requested_by,
        "began_at": unix(run.began_at),
        "ended_at": optional_unix(run.ended_at),
        "window_start": optional_unix(run.window_start),
        "done": run.done,
        "total": run.total,
        "board_calls": run.board_calls,
        "error_kind": run.error_kind,
        "error_ja": run.error_ja,
        "error_en": run.error_en,
    }


def _run(row: Any) -> RunRow:
    return RunRow(
        id=row["id"],
        state=RunState(row["state"]),
        requested_by=row["requested_by"],
        began_at=moment(row["began_at"]),
        ended_at=optional_moment(row["ended_at"]),
        window_start=optional_moment(row["window_start"]),
        done=row["done"],
        total=row["total"],
        board_calls=row["board_calls"],
        error_kind=row["error_kind"],
        error_ja=row["error_ja"],
        error_en=row["error_en"],
    )


def _item_values(item: Item) -> dict[str, Any]:
    return {
        "board_invoice_id": item.board_invoice_id,
        "operation": item.operation,
        "outcome": item.outcome.value,
        "reasons": _reasons_as_json(item.reasons),
        "name": item.name,
        "client_name": item.client_name,
        "project_no": item.project_no,
        "amount": item.amount,
        "currency": item.currency,
        "stripe_invoice_id": item.stripe_invoice_id,
        "hosted_url": item.hosted_url,
        "mode": item.mode,
    }


def _item(row: Any) -> Item:
    return Item(
        board_invoice_id=row["board_invoice_id"],
        operation=row["operation"],
        outcome=Outcome(row["outcome"]),
        reasons=tuple(
            Reason(reason["name"], reason["ja"], reason["en"], Kind(reason["kind"]))
            for reason in row["reasons"]
        ),
        name=row["name"],
        client_name=row["client_name"],
        project_no=row["project_no"],
        amount=row["amount"],
        currency=row["currency"],
        stripe_invoice_id=row["stripe_invoice_id"],
        hosted_url=row["hosted_url"],
        mode=row["mode"],
    )


def _reasons_as_json(given: Iterable[Reason]) -> list[dict[str, str]]:
    return [
        {"name": reason.name, "ja": reason.ja, "en": reason.en, "kind": reason.kind.value}
        for reason in given
    ]
