"""Test clocks that are on their way.

A step of a clock holds the clock's row until it is done: of several workers one takes it, the others
pass by. While a charge of one of its customers is under way a clock stands still, whoever began it: what
the outcome leads to belongs to this moment, not to a later one.
"""

from sqlalchemy import bindparam, exists, select, text

from seikyu.engine.store.database import Connection
from seikyu.engine.store.session import Session
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import attempts, customers, test_clocks

_IS_ADVANCING = text("test_clocks.status = 'advancing'")  # written out, for the partial index
# From the few charges under way to their customers, never from all customers of the clock.
_CHARGING = exists().where(
    attempts.c.world_id == test_clocks.c.world_id,
    text("attempts.status = 'processing'"),
    customers.c.world_id == attempts.c.world_id,
    customers.c.id == attempts.c.customer_id,
    customers.c.clock_id == test_clocks.c.id,
)
_ADVANCING = Statement(select(test_clocks.c.world_id, test_clocks.c.id).where(_IS_ADVANCING))
_HOLD = Statement(
    select(test_clocks.c.target, test_clocks.c.frozen_time)
    .where(
        test_clocks.c.world_id == bindparam("world"),
        test_clocks.c.id == bindparam("clock_id"),
        _IS_ADVANCING,
        ~_CHARGING,
    )
    .with_for_update(of=test_clocks, skip_locked=True)
)


def advancing_clocks(connection: Connection) -> list[tuple[int, str]]:
    """Return (world, clock) of every clock that is advancing."""
    return [(row[0], row[1]) for row in connection.rows(_ADVANCING)]


def hold_for_step(session: Session, clock_id: str) -> tuple[int, int] | None:
    """Hold the clock until the transaction ends; return its target and its present (Unix seconds).

    None when it cannot be moved now: it is gone or has arrived, another worker holds it, or a charge of
    one of its customers is under way.
    """
    rows = session.rows(_HOLD, clock_id=clock_id)
    return (rows[0][0], rows[0][1]) if rows else None
