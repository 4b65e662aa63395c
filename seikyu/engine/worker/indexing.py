"""The worker's part in search: it indexes what waits, a little at a time.

Searching does not wait for it (``api/searching.py`` indexes what it needs); the worker sees to it that there
is seldom anything left to do, and that nothing waits for ever. It goes from world to world, and rests when
it has taken all: what changes several times in a moment is then indexed once.
"""

import asyncio
from dataclasses import dataclass, field

from seikyu.engine.execute.door import Door
from seikyu.engine.execute.indexing import AT_ONCE, index
from seikyu.engine.store.search_index import next_world

ROUNDS_FOR_OTHERS = 3
"""Rounds of the event loop between two batches: a request that arrives takes about so many."""


@dataclass(slots=True)
class Indexing:
    """One worker's. ``wake`` is never set: nobody is in a hurry."""

    door: Door
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _world: int = 0

    async def turn(self) -> int:
        """Index a batch of the next world; return 0 when there is time to rest."""
        taken = await self._batch()
        return taken if taken == self._most else 0

    async def all(self) -> int:
        """Index until nothing waits; return how many versions did. For tests, and to start afresh."""
        total = 0
        while taken := await self._batch(patiently=True):
            total += taken
        return total

    @property
    def _most(self) -> int:
        return AT_ONCE[self.door.engine.database.dialect]

    async def _batch(self, *, patiently: bool = False) -> int:
        database = self.door.engine.database

        def work() -> int:
            connection = database.connection()
            world = next_world(connection, self._world)
            if world is None:
                world = next_world(connection, 0)
            if world is None:
                return 0
            self._world = world
            return index(connection, world, self._most, patiently=patiently)

        if await self.door.read(lambda connection: next_world(connection, 0)) is None:
            return 0
        taken = await self.door.run(work)
        for _ in range(ROUNDS_FOR_OTHERS):
            await asyncio.sleep(0)
        return taken
