"""What a database refuses is told in words that help, and contention is told apart from failure."""

import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, insert, select, text

from seikyu.engine.store import database as databases
from seikyu.engine.store import migrate
from seikyu.engine.store.database import (
    Contention,
    Database,
    LockTimeout,
    OutcomeUnknown,
    PostgresDatabase,
    StoreUnavailable,
    open_database,
    transaction,
)
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import accounts

NOBODY = 65_534

ADD = Statement(
    insert(accounts).values(
        id=bindparam("id"), name="サンプル", country="JP", default_currency="jpy", created=1
    )
)
NAMES = Statement(select(accounts.c.id).order_by(accounts.c.id))


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of an ordinary user, and the rights of one: root may write to read-only files too."""
    folder = Path(tempfile.mkdtemp(prefix="seikyu-store-"))
    if os.geteuid() != 0:
        yield folder
        return
    os.chown(folder, NOBODY, NOBODY)
    os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        os.seteuid(0)


def ids(database: Database) -> list[str]:
    """The ids of all accounts."""
    return [row[0] for row in database.connection().rows(NAMES)]


def test_a_transaction_happens_as_a_whole_or_not_at_all(database: Database) -> None:
    connection = database.connection()
    with transaction(connection):
        connection.run(ADD, {"id": "acct_1"})
    with pytest.raises(ZeroDivisionError), transaction(connection):
        connection.run(ADD, {"id": "acct_2"})
        raise ZeroDivisionError
    assert ids(database) == ["acct_1"]


def test_a_savepoint_is_undone_alone(database: Database) -> None:
    connection = database.connection()
    with transaction(connection):
        connection.run(ADD, {"id": "acct_1"})
        connection.command("SAVEPOINT one")
        connection.run(ADD, {"id": "acct_2"})
        connection.command("ROLLBACK TO SAVEPOINT one")
        connection.command("RELEASE SAVEPOINT one")
        connection.run(ADD, {"id": "acct_3"})
    assert ids(database) == ["acct_1", "acct_3"]


def test_every_thread_has_a_connection_of_its_own(database: Database) -> None:
    seen = [database.connection()]
    thread = threading.Thread(target=lambda: seen.append(database.connection()))
    thread.start()
    thread.join()
    assert seen[0] is database.connection()
    assert seen[0] is not seen[1]


def test_what_is_committed_is_there_after_reopening(database_url: str) -> None:
    migrate.upgrade(database_url)
    first = open_database(database_url)
    with transaction(first.connection()):
        first.connection().run(ADD, {"id": "acct_1"})
    first.close()
    again = open_database(database_url)
    assert ids(again) == ["acct_1"]
    again.close()


# ── SQLite ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A migrated SQLite file."""
    made = tmp_path / "seikyu.db"
    migrate.upgrade(f"sqlite:///{made}")
    return made


def test_a_commit_is_on_disk_before_it_is_answered(file: Path) -> None:
    connection = open_database(f"sqlite:///{file}").connection()
    pragmas = {
        name: connection.rows(Statement(text(f"PRAGMA {name}")))[0][0]
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_file_locked_by_another_process_is_contention(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "BUSY_MILLISECONDS", 50)
    database = open_database(f"sqlite:///{file}")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with (
        pytest.raises(Contention, match="locked by another process"),
        transaction(database.connection()),
    ):
        pass
    other.execute("ROLLBACK")
    with transaction(database.connection()):
        database.connection().run(ADD, {"id": "acct_1"})
    assert ids(database) == ["acct_1"]
    other.close()
    database.close()


def test_readers_do_not_wait_for_a_writer(file: Path) -> None:
    database = open_database(f"sqlite:///{file}")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert ids(database) == []
    other.close()
    database.close()


def test_a_read_only_file_says_what_to_do(unprivileged: Path) -> None:
    file = unprivileged / "seikyu.db"
    migrate.upgrade(f"sqlite:///{file}")
    file.chmod(0o444)
    database = open_database(f"sqlite:///{file}")
    with pytest.raises(StoreUnavailable) as failure, transaction(database.connection()):
        database.connection().run(ADD, {"id": "acct_1"})
    assert str(failure.value) == (
        f"The database {file} is read-only; give this user the right to write it and its folder."
    )
    database.close()


def test_a_folder_without_rights_says_what_to_do(unprivileged: Path) -> None:
    unprivileged.chmod(0o555)
    with pytest.raises(
        StoreUnavailable, match="Set SEIKYU_DATA_DIR to a folder that this user may"
    ):
        open_database(f"sqlite:///{unprivileged}/data/seikyu.db")
    with pytest.raises(StoreUnavailable, match="unable to open database file"):
        open_database(f"sqlite:///{unprivileged}/seikyu.db").connection()


def test_a_file_that_was_never_migrated_says_what_to_run(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/seikyu.db")
    with pytest.raises(StoreUnavailable, match="run: seikyu migrate"):
        ids(database)
    database.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "seikyu.db").write_text("not a database " * 1000)
    with pytest.raises(StoreUnavailable, match="file is not a database"):
        open_database(f"sqlite:///{tmp_path}/seikyu.db").connection()


@pytest.fixture
def full_disk(file: Path) -> Iterator[Database]:
    """A file that cannot grow any more; SQLite then says what it says on a full disk."""
    database = open_database(f"sqlite:///{file}")
    pages = database.connection().rows(Statement(text("PRAGMA page_count")))[0][0]
    database.connection().command(f"PRAGMA max_page_count = {pages}")
    yield database
    database.close()


LARGE = Statement(
    insert(accounts).values(
        id=bindparam("id"),
        name="サンプル" * 50_000,
        country="JP",
        default_currency="jpy",
        created=1,
    )
)


def test_a_full_disk_says_what_to_do_and_everything_goes_on_once_there_is_room(
    full_disk: Database, file: Path
) -> None:
    connection = full_disk.connection()
    with pytest.raises(StoreUnavailable) as failure, transaction(connection):
        connection.run(ADD, {"id": "acct_1"})
        connection.run(LARGE, {"id": "acct_2"})
    assert str(failure.value) == (f"The disk that holds {file} is full; make room and try again.")
    assert ids(full_disk) == []
    connection.command("PRAGMA max_page_count = 100000")
    with transaction(connection):
        connection.run(LARGE, {"id": "acct_1"})
    assert ids(full_disk) == ["acct_1"]


def test_a_commit_that_fails_is_undone_and_says_why(file: Path) -> None:
    """A deferred foreign key is looked at by the commit itself."""
    database = open_database(f"sqlite:///{file}")
    connection = database.connection()
    connection.command("CREATE TABLE towns (id INTEGER PRIMARY KEY)")
    connection.command(
        "CREATE TABLE streets (town INTEGER REFERENCES towns (id) DEFERRABLE INITIALLY DEFERRED)"
    )
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"), transaction(connection):
        connection.command("INSERT INTO streets VALUES (1)")
    with transaction(connection):
        connection.run(ADD, {"id": "acct_1"})
    assert ids(database) == ["acct_1"]
    assert connection.rows(Statement(text("SELECT town FROM streets"))) == []
    database.close()


def test_an_unknown_scheme_is_named_and_the_password_is_not() -> None:
    with pytest.raises(StoreUnavailable) as failure:
        open_database("mysql://root:geheim@host/name")
    assert "unknown scheme 'mysql'" in str(failure.value)
    assert "geheim" not in str(failure.value)


# ── PostgreSQL ─────────────────────────────────────────────────────────────────────────────────


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    database = open_database("postgresql+psycopg://seikyu:geheim@127.0.0.1:9/seikyu")
    with pytest.raises(StoreUnavailable) as failure:
        database.connection()
    assert "does not answer" in str(failure.value)
    assert "geheim" not in str(failure.value)


@pytest.mark.postgres
def test_a_lost_connection_is_unavailable_once_and_opened_anew(postgres_url: str) -> None:
    migrate.upgrade(postgres_url)
    database = open_database(postgres_url)
    assert isinstance(database, PostgresDatabase)
    pid = database.connection().rows(Statement(text("SELECT pg_backend_pid()")))[0][0]
    admin = open_database(postgres_url)
    admin.connection().rows(Statement(text(f"SELECT pg_terminate_backend({int(pid)})")))
    with pytest.raises(StoreUnavailable, match="server failed"):
        ids(database)
    assert ids(database) == []
    database.close()
    admin.close()


@pytest.mark.postgres
def test_a_connection_lost_during_a_transaction_says_that_it_was_lost(postgres_url: str) -> None:
    """Before the commit nothing is stored; during the commit nobody knows."""
    migrate.upgrade(postgres_url)
    database = open_database(postgres_url)
    admin = open_database(postgres_url)

    def lose() -> None:
        pid = database.connection().rows(Statement(text("SELECT pg_backend_pid()")))[0][0]
        admin.connection().rows(Statement(text(f"SELECT pg_terminate_backend({int(pid)})")))

    with pytest.raises(StoreUnavailable) as failure, transaction(database.connection()):
        lose()
        database.connection().run(ADD, {"id": "acct_1"})
    assert not isinstance(failure.value, OutcomeUnknown)
    connection = database.connection()
    with pytest.raises(OutcomeUnknown, match="lost during a commit"), transaction(connection):
        connection.run(ADD, {"id": "acct_2"})
        lose()
    assert ids(database) == []
    database.close()
    admin.close()


@pytest.mark.postgres
def test_a_deadlock_is_contention(postgres_url: str) -> None:
    """Two transactions lock two rows in opposite orders; the server ends one of them."""
    migrate.upgrade(postgres_url)
    database = open_database(postgres_url)
    with transaction(database.connection()):
        for id in ("acct_1", "acct_2"):
            database.connection().run(ADD, {"id": id})
    both_hold = threading.Barrier(2)
    said: list[str] = []

    def lock(first: str, second: str) -> None:
        connection = database.connection()
        lock = Statement(
            select(accounts.c.id).where(accounts.c.id == bindparam("of_id")).with_for_update()
        )
        try:
            with transaction(connection):
                connection.rows(lock, of_id=first)
                both_hold.wait(timeout=10)
                connection.rows(lock, of_id=second)
            said.append("done")
        except Contention:
            said.append("contention")

    threads = [
        threading.Thread(target=lock, args=pair)
        for pair in (("acct_1", "acct_2"), ("acct_2", "acct_1"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["contention", "done"]
    database.close()


def settings_of(database: Database) -> dict[str, str]:
    """The limits of a connection, as the server says them."""
    return {
        name: database.connection().rows(Statement(text(f"SHOW {name}")))[0][0]
        for name in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    }


@pytest.mark.postgres
def test_whatever_is_stuck_is_ended_by_the_server(postgres_url: str) -> None:
    database = open_database(postgres_url)
    assert settings_of(database) == {
        "lock_timeout": "5s",
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "1min",
    }
    database.close()


@pytest.mark.postgres
def test_the_address_may_set_other_limits(postgres_url: str) -> None:
    separator = "&" if "?" in postgres_url else "?"
    database = open_database(f"{postgres_url}{separator}options=-c%20lock_timeout%3D100")
    assert settings_of(database) == {
        "lock_timeout": "100ms",
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "1min",
    }
    migrate.upgrade(postgres_url)
    other = open_database(postgres_url)
    everything = Statement(text("LOCK TABLE accounts"))
    with transaction(other.connection()):
        other.connection().run(everything, {})
        with pytest.raises(LockTimeout, match="lock timeout"), transaction(database.connection()):
            database.connection().run(ADD, {"id": "acct_1"})
    database.close()
    other.close()


@pytest.mark.postgres
def test_a_transaction_that_idles_is_ended_and_said_to_be_lost(postgres_url: str) -> None:
    separator = "&" if "?" in postgres_url else "?"
    idle = "options=-c%20idle_in_transaction_session_timeout%3D50"
    database = open_database(f"{postgres_url}{separator}{idle}")
    connection = database.connection()
    with pytest.raises(StoreUnavailable, match="idle-in-transaction"), transaction(connection):
        threading.Event().wait(0.5)
        connection.rows(NAMES)
    assert database.connection() is not connection
    database.close()
