"""An engine that answers over HTTP, with one account, for the scenarios told from outside."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

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


def start_engine(installation: Installation) -> Engine:
    """Create an account and serve it."""
    installation.extra = {**installation.extra, **TO_LOOPBACK}
    keys = installation.create_account()
    return Engine(installation.serve(), keys["test_secret_key"], installation)


@pytest.fixture
def engine(installation: Installation) -> Iterator[Engine]:
    """The engine on SQLite and then on PostgreSQL. It may not have printed a traceback."""
    running = start_engine(installation)
    yield running
    assert "Traceback (most recent call last)" not in running.server.stderr()


@pytest.fixture
def sqlite_engine(sqlite_installation: Installation) -> Iterator[Engine]:
    """The engine on SQLite alone. It may not have printed a traceback."""
    running = start_engine(sqlite_installation)
    yield running
    assert "Traceback (most recent call last)" not in running.server.stderr()
