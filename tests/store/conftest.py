"""A migrated database with one account, on SQLite and then on PostgreSQL."""

from collections.abc import Iterator

import pytest

from seikyu.engine.billing.account import Account
from seikyu.engine.store import migrate
from seikyu.engine.store.database import Database, open_database
from seikyu.engine.store.keys import create_account, opened_by
from seikyu.engine.store.session import World

SECRET = "sk_test_" + "4" * 48
LIVE = "sk_live_" + "8" * 48
ACCOUNT = Account("acct_1", "株式会社サンプル", "JP", "jpy", 1_767_225_600, "T1234567890123")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database with the tables in it."""
    migrate.upgrade(database_url)
    opened = open_database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def world(database: Database) -> World:
    """The test world of the one account."""
    keys = {(False, "secret"): SECRET, (True, "secret"): LIVE}
    create_account(database.connection(), ACCOUNT, keys)
    opened = opened_by(database.connection(), SECRET)
    assert opened is not None
    return opened.world
