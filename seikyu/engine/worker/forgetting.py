"""Forgetting: answers of idempotent requests, and events that are older than they are kept.

Once an hour a sweep begins and goes through the worlds in small batches, each a transaction of its own,
with the other work in between. It may end anywhere: what is left is found by the next.
"""

import asyncio
from dataclasses import dataclass, field

from seikyu.engine.execute import Door
from seikyu.engine.store import forgetting, journal
from seikyu.engine.store.database import transaction
from seikyu.engine.wire.ids import PREFIXES, first_of

DAY = 86_400
ANSWERS_KEPT = 30 * DAY
"""Seconds that answers of idempotent requests are kept."""

EVERY = 3600
"""Seconds between the beginnings of two sweeps."""

EVENTS_AT_ONCE = 100
WORLDS_AT_ONCE = 100


@dataclass(slots=True)
class Forgetting:
    """Drops what is no longer kept. ``events_kept`` in seconds; answers are not kept for longer.

    Bodies are shared by both, and go with the events: so these must be kept as long as the answers.
    """

    door: Door
    events_kept: int = 30 * DAY
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _began: int = 0
    _world: int | None = None
    """The last world that is done with; None while no sweep is under way."""

    def __post_init__(self) -> None:
        """Refuse to forget what stored answers still show."""
        assert self.events_kept >= ANSWERS_KEPT

    async def turn(self) -> int:
        """Do one batch; return how much was dropped or passed, 0 when there is nothing to do."""
        now = self.door.engine.now()
        if self._world is None:
            if 0 <= now - self._began < EVERY:
                return 0
            self._began, self._world = now, 0
        return await self.door.run(self._batch)

    def _batch(self) -> int:
        connection = self.door.engine.database.connection()
        with transaction(connection):
            answers = journal.forget_before(connection, self._began - ANSWERS_KEPT)
            if answers == journal.FORGOTTEN_AT_ONCE:
                return answers
            limit = self._began - self.events_kept
            before = first_of(PREFIXES["event"], limit)
            found = forgetting.worlds_after(connection, self._world or 0, WORLDS_AT_ONCE)
            for world in found:
                gone = forgetting.forget_events(connection, world, before, limit, EVENTS_AT_ONCE)
                if gone:
                    return gone  # this world again: it may have more
                self._world = world
        if len(found) < WORLDS_AT_ONCE:
            self._world = None
        return len(found)
