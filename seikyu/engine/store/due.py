"""What time must act on: due invoices and unanswered attempts, of all worlds and of one test clock.

On PostgreSQL a claim locks the *customers* of what it takes and skips those that somebody holds, the
same lock in the same order as every other decision about money, so nothing can deadlock.

An invoice whose charge is under way is not due: what comes next follows from the outcome. Otherwise
whoever works on what is due would find it again and again, without a pause.
"""

from sqlalchemy import and_, bindparam, exists, func, or_, select, text, update

from seikyu.engine.store.database import Connection
from seikyu.engine.store.session import Session
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import attempts, customers, invoices

_CHARGING = exists().where(
    attempts.c.world_id == invoices.c.world_id,
    attempts.c.intent_id == invoices.c.intent_id,
    text("attempts.status = 'processing'"),  # written out, or the partial index is not used
)
_ANY_INVOICE = Statement(
    select(invoices.c.id)
    .where(invoices.c.clock_id.is_(None), invoices.c.next_action_at <= bindparam("now"), ~_CHARGING)
    .limit(1)
)
_INVOICES = Statement(
    select(invoices.c.world_id, invoices.c.id, invoices.c.next_action_at)
    .join(
        customers,
        and_(
            customers.c.world_id == invoices.c.world_id,
            customers.c.id == invoices.c.customer_id,
        ),
    )
    .where(invoices.c.clock_id.is_(None), invoices.c.next_action_at <= bindparam("now"), ~_CHARGING)
    .order_by(invoices.c.next_action_at)
    .limit(bindparam("most"))
    .with_for_update(of=customers, skip_locked=True)
)
_ANY_ATTEMPT = Statement(
    select(attempts.c.id).where(attempts.c.next_action_at <= bindparam("now")).limit(1)
)
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
_PUSH = Statement(
    update(invoices)
    .values(next_action_at=bindparam("until"))
    .where(
        invoices.c.world_id == bindparam("of_world"),
        invoices.c.id == bindparam("of_id"),
        invoices.c.next_action_at <= bindparam("now"),
    )
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
_NEXT = Statement(
    select(func.min(invoices.c.next_action_at)).where(
        invoices.c.clock_id.is_(None), invoices.c.next_action_at.is_not(None)
    )
)
_ON_CLOCK = Statement(
    select(invoices.c.id, invoices.c.next_action_at)
    .where(
        invoices.c.world_id == bindparam("world"),
        invoices.c.clock_id == bindparam("clock_id"),
        invoices.c.next_action_at <= bindparam("until"),
        ~_CHARGING,
    )
    .order_by(invoices.c.next_action_at, invoices.c.id)
    .limit(1)
)


def any_invoice_due(connection: Connection, now: int) -> bool:
    """Say whether an invoice is due, without locking anything."""
    return bool(connection.rows(_ANY_INVOICE, now=now))


def invoices_due(connection: Connection, now: int, most: int) -> list[tuple[int, str, int]]:
    """Return (world, invoice, due time) of invoices that are due at ``now``, earliest first."""
    return [(row[0], row[1], row[2]) for row in connection.rows(_INVOICES, now=now, most=most)]


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


def push_ahead(connection: Connection, world: int, invoice_id: str, now: int, until: int) -> None:
    """Move a row that cannot be worked on out of the way, if it is still due at ``now``.

    What was paid or voided meanwhile is not due any more, and must not become so again.
    """
    connection.run(_PUSH, {"until": until, "of_world": world, "of_id": invoice_id, "now": now})


def wake_all(session: Session) -> None:
    """Make every advancing invoice of the world due: what comes next for it must be computed anew.

    Whoever works on them finds that nothing is to be done yet, and stores when. On a test clock that
    happens when the clock moves next.
    """
    session.run(_WAKE)


def next_due(connection: Connection) -> int | None:
    """Return when the next invoice is due (Unix seconds), if any."""
    found: int | None = connection.rows(_NEXT)[0][0]
    return found


def next_on_clock(session: Session, clock_id: str, until: int) -> tuple[str, int] | None:
    """Return (invoice, due time) of the earliest that is due on the clock up to ``until``."""
    rows = session.rows(_ON_CLOCK, clock_id=clock_id, until=until)
    return (rows[0][0], rows[0][1]) if rows else None
