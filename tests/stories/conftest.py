"""Rooms for the stories: an engine on each database, and a teller with an account of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.room import START, Room, running_room
from tests.conftest import SQLITE_AND_POSTGRES
from tests.stories.story import Story


@pytest.fixture(scope="module", params=SQLITE_AND_POSTGRES)
def room_of_stories(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Room]:
    """An engine on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("stories")
        with running_room(f"sqlite:///{folder / 'seikyu.db'}") as room:
            yield room
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create_database()
    with running_room(server.database_url(name)) as room:
        yield room
    server.drop_database(name)


@pytest.fixture
def story(room_of_stories: Room) -> Iterator[Story]:
    """A story of its own account, which begins on 1 January 2026 at midnight in Tokyo."""
    room_of_stories.time.now = START
    told = Story(room_of_stories)
    yield told
    told.caller.client.close()
