"""An engine that answers over HTTP, with one account, for the scenarios told from outside."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.conftest import SQLITE_AND_POSTGRES
from tests.postgres import PostgresServer
from tests.servers import Installation, Server

# Webhook targets on private addresses are refused by default; the receivers of tests are on loopback.
TO_LOOPBACK = {"SEIKYU_WEBHOOK_ALLOW_PRIVATE": "1"}


@dataclass(frozen=True)
class Engine:
    """A running engine and the test key of its one account."""

    server: Server
    key: str
    installation: Installation

    @property
    def base(self) -> str:
        """Its address without a trailing slash."""
        return self.server.base


@pytest.fixture(scope="module", params=SQLITE_AND_POSTGRES)
def serving(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Installation, Server]]:
    """An engine on SQLite and then on PostgreSQL, for all tests of a file."""
    folder = tmp_path_factory.mktemp("scenarios")
    if request.param == "sqlite":
        yield from _served(Installation(folder, extra=TO_LOOPBACK))
        return
    databases: PostgresServer = request.getfixturevalue("postgres_server")
    name = databases.create_database()
    yield from _served(Installation(folder, databases.database_url(name), TO_LOOPBACK))
    databases.drop_database(name)


@pytest.fixture(scope="module")
def serving_sqlite(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Installation, Server]]:
    """An engine on SQLite alone, for all tests of a file."""
    yield from _served(Installation(tmp_path_factory.mktemp("scenarios"), extra=TO_LOOPBACK))


@pytest.fixture
def engine(serving: tuple[Installation, Server]) -> Iterator[Engine]:
    """A new account of the engine on both databases. It may not have printed a traceback."""
    yield from _with_account(*serving)


@pytest.fixture
def sqlite_engine(serving_sqlite: tuple[Installation, Server]) -> Iterator[Engine]:
    """A new account of the engine on SQLite. It may not have printed a traceback."""
    yield from _with_account(*serving_sqlite)


def _served(installation: Installation) -> Iterator[tuple[Installation, Server]]:
    installation.create_account()
    yield installation, installation.serve()
    installation.close()


def _with_account(installation: Installation, server: Server) -> Iterator[Engine]:
    keys = installation.answer("engine", "create-account", "株式会社サンプル", "--json")
    yield Engine(server, keys["test_secret_key"], installation)
    assert "Traceback (most recent call last)" not in server.stderr()
