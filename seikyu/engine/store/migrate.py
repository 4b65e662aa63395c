"""Creates the tables of the engine's database, and brings them to what this version needs.

Alembic's scripts are the one way to a database, also to an empty one, so what is tested is what runs.
Several processes may start at once: the first takes a lock (on SQLite the write lock, on PostgreSQL an
advisory one), the others wait and find nothing left to do. A migration happens as a whole or not at all.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, String, Table, create_engine, event, inspect, select, text
from sqlalchemy import Connection as SqlConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from seikyu.engine.store.database import Connection, StoreUnavailable, make_folder
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.statistics import teach_planner
from seikyu.engine.store.tables import metadata

SCRIPTS = Path(__file__).parent / "migrations"
VERSION_TABLE = "engine_alembic_version"
"""Named for the engine, since the connector may keep its tables in the same database."""

WAIT_SECONDS = 60
"""How long one process waits for the migration of another."""

POLL_SECONDS = 0.05

# Any number, as long as nothing else takes this advisory lock.
ADVISORY_LOCK = 7_332_401_002

_VERSION = Statement(
    select(Table(VERSION_TABLE, MetaData(), Column("version_num", String)).c.version_num)
)


def upgrade(database_url: str) -> None:
    """Bring the database to the newest version; harmless to repeat. Raises StoreUnavailable."""
    script = ScriptDirectory(str(SCRIPTS))

    def steps(revision: Any, _context: Any) -> Any:
        return script._upgrade_revs("head", revision)  # noqa: SLF001 (as alembic's own command does)

    with _locked(database_url) as connection:
        _refuse_unknown(_stored(connection))
        with EnvironmentContext(_config(), script, fn=steps) as environment:
            environment.configure(
                connection=connection, target_metadata=metadata, version_table=VERSION_TABLE
            )
            environment.run_migrations()
        if connection.dialect.name == "sqlite":
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            teach_planner(raw)


def is_current(database_url: str) -> bool:
    """Say whether the database is at this version. Raises StoreUnavailable.

    A database of a later version is unusable, not merely behind: StoreUnavailable says so.
    """
    with _connected(database_url) as connection:
        stored = _stored(connection)
    _refuse_unknown(stored)
    return stored == newest()


def version_of(connection: Connection) -> str | None:
    """Return the version of a database that was migrated, at the price of one small query."""
    rows = connection.rows(_VERSION)
    return str(rows[0][0]) if rows else None


def newest() -> str:
    """Return the version that this program needs."""
    head = ScriptDirectory(str(SCRIPTS)).get_current_head()
    assert head is not None
    return head


def _raw(connection: SqlConnection) -> sqlite3.Connection:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config


def _stored(connection: SqlConnection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608


def _refuse_unknown(stored: str | None) -> None:
    """An older program must not write to a newer database."""
    known = {script.revision for script in ScriptDirectory(str(SCRIPTS)).walk_revisions()}
    if stored is not None and stored not in known:
        raise StoreUnavailable(
            f"The database was migrated by a later version of Seikyu (to {stored}); "
            "use that version, or restore a backup."
        )


# ── connections: with SQLAlchemy, since Alembic works on nothing else ──────────────────────────


@contextmanager
def _connected(url: str) -> Iterator[SqlConnection]:
    """Connect; what the database refuses becomes StoreUnavailable."""
    is_sqlite = url.startswith("sqlite:")
    if is_sqlite:
        make_folder(Path(url.removeprefix("sqlite:///")))
    else:
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    options = {} if is_sqlite else {"connect_timeout": 5}
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=options)
        if is_sqlite:
            event.listen(engine, "connect", _take_over_transactions)
        with engine.connect() as connection:
            yield connection
    except (DBAPIError, sqlite3.Error) as error:
        raise StoreUnavailable(_in_words(error, is_sqlite=is_sqlite)) from error


def _take_over_transactions(raw: sqlite3.Connection, _record: Any) -> None:
    """Stop the driver from beginning transactions of its own, which would begin too late."""
    raw.isolation_level = None
    raw.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")


@contextmanager
def _locked(url: str) -> Iterator[SqlConnection]:
    """Connect within one transaction that only one process at a time can be in."""
    with _connected(url) as connection:
        if connection.dialect.name == "sqlite":
            _switch_to_wal(connection)
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
        yield connection
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
        connection.commit()


def _switch_to_wal(connection: SqlConnection) -> None:
    """Switch the file to write-ahead logging; SQLite does not wait for others here, so we do."""
    deadline = WAIT_SECONDS / POLL_SECONDS
    for attempt in range(int(deadline)):
        try:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        except DBAPIError as error:
            if "locked" not in str(error.orig) or attempt + 1 == int(deadline):
                raise
            time.sleep(POLL_SECONDS)
        else:
            return


def _in_words(error: Exception, *, is_sqlite: bool) -> str:
    said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    if "locked" in said:
        hint = "Another program holds it; end that program or wait, then try again."
    elif "readonly" in said or "read-only" in said:
        hint = "Give this user the right to write the file and its folder."
    elif is_sqlite:
        hint = "Check SEIKYU_DATA_DIR or SEIKYU_DATABASE_URL, and that the disk is not full."
    else:
        hint = "Check SEIKYU_DATABASE_URL, and that the server runs."
    return f"The database cannot be migrated: {said}. {hint}"
