"""Keys open worlds, and are kept so that whoever reads the database cannot use them."""

from pathlib import Path

from seikyu.engine.billing.account import Account
from seikyu.engine.store import migrate
from seikyu.engine.store.database import Database, open_database
from seikyu.engine.store.keys import create_account, hashed, opened_by, world_of
from seikyu.engine.store.session import World
from tests.store.conftest import ACCOUNT, LIVE, SECRET

PUBLISHABLE = "pk_test_" + "2" * 48


def test_a_key_opens_its_world_and_no_other(database: Database, world: World) -> None:
    connection = database.connection()
    live = opened_by(connection, LIVE)
    assert live is not None
    assert (world.account, world.livemode) == (ACCOUNT, False)
    assert (live.world.account, live.world.livemode) == (ACCOUNT, True)
    assert (live.kind, live.revoked) == ("secret", False)
    assert world.id != live.world.id
    assert world_of(connection, world.id) == world


def test_an_unknown_key_opens_nothing(database: Database, world: World) -> None:
    assert world.id
    for key in ("", "sk_test_", SECRET[:-1], SECRET + "4", hashed(SECRET), SECRET.upper()):
        assert opened_by(database.connection(), key) is None


def test_accounts_have_worlds_of_their_own(database: Database, world: World) -> None:
    other = Account("acct_2", "株式会社サンプル二", "JP", "jpy", 1_767_225_600)
    keys = {(False, "secret"): "sk_test_other", (False, "publishable"): PUBLISHABLE}
    create_account(database.connection(), other, keys)
    opened = opened_by(database.connection(), "sk_test_other")
    shown = opened_by(database.connection(), PUBLISHABLE)
    assert opened is not None
    assert shown is not None
    assert opened.world.account == other
    assert opened.world.id != world.id
    assert (shown.kind, shown.world) == ("publishable", opened.world)


def test_a_key_is_nowhere_in_the_files_of_the_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/seikyu.db"
    migrate.upgrade(url)
    database = open_database(url)
    create_account(database.connection(), ACCOUNT, {(False, "secret"): SECRET})
    files = [file for file in tmp_path.iterdir() if file.is_file()]
    written = b"".join(file.read_bytes() for file in files)
    assert ACCOUNT.id.encode() in written
    assert hashed(SECRET).encode() in written
    assert SECRET.encode() not in written
    assert SECRET.removeprefix("sk_test_").encode() not in written
    database.close()
