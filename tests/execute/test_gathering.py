"""Reads that arrive together share a query, and each hears its own answer."""

import asyncio
from collections.abc import Sequence

import pytest

from seikyu.engine.execute.gathering import Bodies, Gathering, Wanted
from seikyu.engine.store import migrate
from seikyu.engine.store.database import StoreUnavailable, open_database, transaction
from seikyu.engine.store.session import _KEEP, shown_together


class Shelf:
    """Objects that can be asked for; remembers the size of every query."""

    def __init__(self, bodies: dict[Wanted, bytes]) -> None:
        self.bodies = bodies
        self.queries: list[int] = []
        self.is_down = False

    async def fetch(self, wanted: Sequence[Wanted]) -> Bodies:
        self.queries.append(len(wanted))
        await asyncio.sleep(0.001)
        if self.is_down:
            raise StoreUnavailable("the server went away")
        return [self.bodies.get(one) for one in wanted]


def test_reads_that_arrive_together_share_a_query() -> None:
    shelf = Shelf({(1, f"in_{n}"): b"%d" % n for n in range(8)})

    async def all_at_once() -> list[bytes | None]:
        reads = Gathering(shelf.fetch)
        return await asyncio.gather(*(reads.body((1, f"in_{n}")) for n in range(9)))

    assert asyncio.run(all_at_once()) == [b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", None]
    assert shelf.queries == [9]


def test_a_reader_alone_does_not_wait_for_others() -> None:
    shelf = Shelf({(1, "in_1"): b"one"})

    async def one_after_another() -> None:
        reads = Gathering(shelf.fetch)
        for _ in range(3):
            assert await reads.body((1, "in_1")) == b"one"

    asyncio.run(one_after_another())
    assert shelf.queries == [1, 1, 1]


def test_a_query_that_fails_fails_its_readers_and_nobody_later() -> None:
    shelf = Shelf({(1, "in_1"): b"one"})

    async def down_then_up() -> None:
        reads = Gathering(shelf.fetch)
        shelf.is_down = True
        failed = await asyncio.gather(
            reads.body((1, "in_1")), reads.body((1, "in_2")), return_exceptions=True
        )
        assert [type(reason) for reason in failed] == [StoreUnavailable, StoreUnavailable]
        shelf.is_down = False
        assert await reads.body((1, "in_1")) == b"one"

    asyncio.run(down_then_up())


def test_a_reader_that_gives_up_leaves_the_others_their_answers() -> None:
    shelf = Shelf({(1, "in_1"): b"one", (1, "in_2"): b"two"})

    async def one_gives_up() -> bytes | None:
        reads = Gathering(shelf.fetch)
        impatient = asyncio.create_task(reads.body((1, "in_1")))
        patient = asyncio.create_task(reads.body((1, "in_2")))
        await asyncio.sleep(0)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        return await patient

    assert asyncio.run(one_gives_up()) == b"two"


def test_one_query_gives_each_object_its_newest_body_in_its_own_world(database_url: str) -> None:
    migrate.upgrade(database_url)
    database = open_database(database_url)
    connection = database.connection()
    kept = [
        (1, "in_a", 1, b"old"),
        (1, "in_a", 2, b"new"),
        (2, "in_a", 1, b"live"),
        (1, "in_b", 1, b"b"),
    ]
    with transaction(connection):
        for world, id, version, body in kept:
            values = {
                "world": world,
                "object_id": id,
                "version": version,
                "body": body,
                "created": 0,
            }
            connection.run(_KEEP, values)
    wanted = [(1, "in_b"), (1, "in_a"), (2, "in_a"), (2, "in_b"), (1, "in_a")]
    assert shown_together(connection, wanted) == [b"b", b"new", b"live", None, b"new"]
    database.close()
