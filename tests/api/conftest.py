"""Rooms for the tests of the API: one engine for all tests of a file, an account for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.room import START, Caller, Room, running_room
from tests.conftest import SQLITE_AND_POSTGRES


@pytest.fixture(scope="module", params=SQLITE_AND_POSTGRES)
def shared_room(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Room]:
    """An engine on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("room")
        with running_room(f"sqlite:///{folder / 'seikyu.db'}") as room:
            yield room
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create_database()
    with running_room(server.database_url(name)) as room:
        yield room
    server.drop_database(name)


@pytest.fixture
def room(shared_room: Room) -> Room:
    """The file's engine, its time back at the start."""
    shared_room.time.now = START
    return shared_room


@pytest.fixture
def api(room: Room) -> Iterator[Caller]:
    """Somebody with the key of a new account, of which nobody else sees anything."""
    caller = room.account()
    yield caller
    caller.client.close()
