"""What time must act on: due rows and unanswered attempts, of all worlds and of one test clock.

Due rows are invoices and subscriptions. At the same moment invoices come before subscriptions: what a
period owes is settled before the next one begins. Each look takes one range of one index.

On PostgreSQL a claim locks the *customers* of what it takes and skips those that somebody holds, the
same lock in the same order as every other decision about money, so nothing can deadlock.

A row whose charge is under way is not due: what comes next follows from the outcome. Otherwise whoever
works on what is due would find it again and again, without a pause.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Table,
    and_,
    bindparam,
    exists,
    literal_column,
    or_,
    select,
    text,
    update,
)

from seikyu.engine.store.database import Connection
from seikyu.engine.store.session import Session
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import attempts, customers, invoices, subscriptions, test_clocks

INVOICE, SUBSCRIPTION = "invoice", "subscription"

ONE: Any = literal_column("1")

# The condition on attempts is written out, or the partial index is not used.
_PROCESSING = text("attempts.status = 'processing'")
_CHARGING = {
    INVOICE: exists().where(
        attempts.c.world_id == invoices.c.world_id,
        attempts.c.intent_id == invoices.c.intent_id,
        _PROCESSING,
    ),
    SUBSCRIPTION: exists().where(
        invoices.c.world_id == subscriptions.c.world_id,
        invoices.c.id == subscriptions.c.latest_invoice_id,
        attempts.c.world_id == invoices.c.world_id,
        attempts.c.intent_id == invoices.c.intent_id,
        _PROCESSING,
    ),
}


@dataclass(frozen=True, slots=True)
class Due:
    """A row that time must act on. ``at``: since when (Unix seconds). ``kind``: which table it is in."""

    kind: str
    world: int
    id: str
    at: int
    customer_id: str


@dataclass(frozen=True, slots=True)
class Look:
    """What time must act on: charges without an outcome, due rows, test clocks on their way."""

    attempts: bool
    rows: bool
    clocks: bool


class _Queries:
    """The statements about the due rows of one table."""

    def __init__(self, kind: str, table: Table) -> None:
        charging = _CHARGING[kind]
        now = table.c.next_action_at <= bindparam("now")
        here: Any = (table.c.clock_id.is_(None), now, ~charging)
        columns = (table.c.world_id, table.c.id, table.c.next_action_at, table.c.customer_id)
        order = (table.c.clock_id, table.c.next_action_at)
        self.kind = kind
        # Sorted as the index is: PostgreSQL expects a third of all rows to be due, and would rather
        # look at all of them until one is.
        first = select(table.c.id).where(*here).order_by(*order).limit(ONE)
        self.any = Statement(first)
        self.is_due = first.scalar_subquery().is_not(None)
        self.claim = Statement(
            select(*columns)
            .join(
                customers,
                and_(
                    customers.c.world_id == table.c.world_id,
                    customers.c.id == table.c.customer_id,
                ),
            )
            .where(*here)
            .order_by(*order)
            .limit(bindparam("most"))
            .with_for_update(of=customers, skip_locked=True),
            prepare=False,
        )
        self.on_clock = Statement(
            select(*columns)
            .where(
                table.c.world_id == bindparam("world"),
                table.c.clock_id == bindparam("clock_id"),
                table.c.next_action_at <= bindparam("until"),
                ~charging,
            )
            .order_by(table.c.next_action_at, table.c.id)
            .limit(bindparam("most"))
        )
        self.push = Statement(
            update(table)
            .values(next_action_at=bindparam("until"))
            .where(table.c.world_id == bindparam("of_world"), table.c.id == bindparam("of_id"), now)
        )

    def rows(self, rows: Any) -> list[Due]:
        """Return the rows of ``claim`` or ``on_clock``."""
        return [Due(self.kind, *row) for row in rows]


_KINDS = {
    INVOICE: _Queries(INVOICE, invoices),
    SUBSCRIPTION: _Queries(SUBSCRIPTION, subscriptions),
}
"""In the order in which they come at the same moment."""

_FIRST_ATTEMPT = (
    select(attempts.c.id)
    .where(attempts.c.next_action_at <= bindparam("now"))
    .order_by(attempts.c.next_action_at)
    .limit(ONE)
)
_ANY_ATTEMPT = Statement(_FIRST_ATTEMPT)
_ATTEMPTS = Statement(
    select(attempts.c.world_id, attempts.c.id)
    .where(attempts.c.next_action_at <= bindparam("now"))
    .order_by(attempts.c.next_action_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LEASE = Statement(
    update(attempts)
    .values(next_action_at=bindparam("until"))
    .where(attempts.c.world_id == bindparam("of_world"), attempts.c.id == bindparam("of_id"))
)
_ASK_NOW = Statement(
    update(attempts).values(next_action_at=0).where(attempts.c.next_action_at.is_not(None))
)
_WAKE = Statement(
    update(invoices)
    .values(next_action_at=0)
    .where(
        invoices.c.world_id == bindparam("world"),
        or_(invoices.c.status == "draft", invoices.c.status == "open"),
        invoices.c.auto_advance,
    )
)


_LOOK = Statement(
    select(
        _FIRST_ATTEMPT.scalar_subquery().is_not(None),
        or_(*(kind.is_due for kind in _KINDS.values())),
        exists().where(text("test_clocks.status = 'advancing'")).select_from(test_clocks),
    )
)


def look(connection: Connection, now: int) -> Look:
    """Say in one query what there is to do, without locking anything."""
    return Look(*map(bool, connection.rows(_LOOK, now=now)[0]))


def any_due(connection: Connection, now: int) -> bool:
    """Say whether a row is due, without locking anything."""
    return any(connection.rows(kind.any, now=now) for kind in _KINDS.values())


def all_due(connection: Connection, now: int, most: int) -> list[Due]:
    """Claim up to ``most`` rows of each kind that are due at ``now``, earliest first.

    At one moment invoices come first, and the older before the newer.
    """
    found: list[Due] = []
    for kind in _KINDS.values():
        rows = kind.rows(connection.rows(kind.claim, now=now, most=most))
        found += sorted(rows, key=lambda due: due.id)
    return sorted(found, key=lambda due: due.at)


def any_attempt_due(connection: Connection, now: int) -> bool:
    """Say whether a charge without an outcome waits, without locking anything."""
    return bool(connection.rows(_ANY_ATTEMPT, now=now))


def attempts_due(connection: Connection, now: int, most: int, lease: int) -> list[tuple[int, str]]:
    """Claim (world, attempt) of charges without an outcome, for ``lease`` seconds."""
    rows = connection.rows(_ATTEMPTS, now=now, most=most)
    for world, id in rows:
        connection.run(_LEASE, {"until": now + lease, "of_world": world, "of_id": id})
    return [(row[0], row[1]) for row in rows]


def ask_all_attempts_now(connection: Connection) -> int:
    """Make every unanswered attempt due: asking again is harmless, the processor knows the key."""
    return connection.run(_ASK_NOW, {})


def push_ahead(
    connection: Connection, world: int, id: str, now: int, until: int, kind: str = INVOICE
) -> None:
    """Move a row that cannot be worked on out of the way, if it is still due at ``now``.

    What was paid or voided meanwhile is not due any more, and must not become so again.
    """
    push = _KINDS[kind].push
    connection.run(push, {"until": until, "of_world": world, "of_id": id, "now": now})


def wake_all(session: Session) -> None:
    """Make every advancing invoice of the world due: what comes next for it must be computed anew.

    Whoever works on them finds that nothing is to be done yet, and stores when. On a test clock that
    happens when the clock moves next.
    """
    session.run(_WAKE)


def next_on_clock(session: Session, clock_id: str, until: int, most: int) -> list[Due]:
    """Return up to ``most`` rows of one kind that are due on the clock first, all at one moment.

    They stand in the order in which customers are locked, not to wait for anybody in a ring.
    """
    first: list[Due] = []
    for kind in _KINDS.values():
        found = kind.rows(session.rows(kind.on_clock, clock_id=clock_id, until=until, most=most))
        if found and (not first or found[0].at < first[0].at):
            first = found
    moment = [due for due in first if due.at == first[0].at]
    return sorted(moment, key=lambda due: (due.customer_id, due.id))
