"""A running shop for all tests of a file, on SQLite and on PostgreSQL; an issuer for each test."""

from collections.abc import Iterator

import pytest

from tests.conftest import SQLITE_AND_POSTGRES
from tests.hosted.shop import START, Issuer, Shop, Visitor, running_shop


@pytest.fixture(scope="module", params=SQLITE_AND_POSTGRES)
def shared_shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """An engine with its pages."""
    if request.param == "sqlite":
        with running_shop(f"sqlite:///{tmp_path_factory.mktemp('shop') / 'seikyu.db'}") as shop:
            yield shop
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create_database()
    with running_shop(server.database_url(name)) as shop:
        yield shop
    server.drop_database(name)


@pytest.fixture
def shop(shared_shop: Shop) -> Shop:
    """The file's engine, its time back at the start."""
    shared_shop.time.now = START
    return shared_shop


@pytest.fixture
def issuer(shop: Shop) -> Iterator[Issuer]:
    """A Japanese issuer."""
    opened = shop.issuer()
    yield opened
    opened.client.close()


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    """A customer who reads Japanese."""
    opened = Visitor()
    yield opened
    opened.client.close()


@pytest.fixture
def english() -> Iterator[Visitor]:
    """A customer who reads English."""
    opened = Visitor(language="en-GB,en;q=0.9,ja;q=0.5")
    yield opened
    opened.client.close()
