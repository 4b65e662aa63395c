"""Opens the connector's database, migrates it, and gives out transactions.

SQLite by default (WAL, synchronous=FULL: what was committed survives a power cut), PostgreSQL when
its address is given. Whatever the database itself refuses (locked, read-only, not there, not
migrated) becomes `StoreUnavailable` with a sentence that says what to do.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from seikyu.connector.store.tables import metadata

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "connector_alembic_version"
BUSY_TIMEOUT_MS = 10_000
DRIVERS = ("sqlite", "postgresql+psycopg")
# Any number, as long as nothing else takes this advisory lock.
MIGRATION_LOCK = 7_332_401_001


class StoreUnavailable(Exception):
    """The database cannot be used; the message says why and what to do."""


class Database:
    """One database of the connector. Safe for several threads and processes."""

    def __init__(self, url: str) -> None:
        """Prepare the database at a SQLAlchemy URL (`sqlite:///…` or `postgresql+psycopg://…`).

        Raises StoreUnavailable for another address, or a folder that cannot be made.
        """
        self.url = _parsed(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database:
            folder = Path(self.url.database).parent
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreUnavailable(
                    f"The data folder {folder} cannot be made: {error.strerror}. Choose another one "
                    "with SEIKYU_DATA_DIR."
                ) from None
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection whose work is committed at the end, or not done at all."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except (DBAPIError, sqlite3.Error) as error:
            # The bare class comes from preparing a new connection, which SQLAlchemy does not wrap.
            raise StoreUnavailable(_in_words(error, self.url.render_as_string())) from None

    def migrate(self) -> None:
        """Create the tables or bring them to the newest version. Harmless to repeat."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        script = ScriptDirectory(str(MIGRATIONS))

        def upgrade(revision: Any, _context: Any) -> Any:
            return script._upgrade_revs("head", revision)  # noqa: SLF001 -- as alembic's own command does

        with self.transaction() as connection:
            if not self.is_sqlite:
                # Two processes that start at once would both create the first table.
                connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
            with EnvironmentContext(config, script, fn=upgrade, as_sql=False) as environment:
                environment.configure(
                    connection=connection, target_metadata=metadata, version_table=VERSION_TABLE
                )
                environment.run_migrations()

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def upsert(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, keep: bool = False
) -> int:
    """Insert rows, replacing the ones with the same primary key (or keeping them, with `keep`).

    Returns how many rows were written, where the database says so.
    """
    if not rows:
        return 0
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    keys = [column.name for column in table.primary_key.columns]
    if keep:
        final = statement.on_conflict_do_nothing(index_elements=keys)
    else:
        changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        final = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    if len(rows) == 1:
        one = final.values(**rows[0])
        return connection.execute(one, execution_options={"preserve_rowcount": True}).rowcount
    connection.execute(final, [dict(row) for row in rows])
    return len(rows)


def unix(moment: datetime) -> int:
    """Return Unix seconds of an aware moment."""
    return int(moment.timestamp())


def optional_unix(moment: datetime | None) -> int | None:
    """Return Unix seconds, or None."""
    return None if moment is None else unix(moment)


def moment(seconds: int) -> datetime:
    """Return the moment of Unix seconds, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def optional_moment(seconds: int | None) -> datetime | None:
    """Return the moment of Unix seconds, or None."""
    return None if seconds is None else moment(seconds)


def _parsed(url: str) -> URL:
    """Return the address in parts; a refusal does not quote it, since it may hold a password."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername not in DRIVERS:
        raise StoreUnavailable(
            "SEIKYU_DATABASE_URL cannot be used: it must begin with "
            + " or ".join(f"{driver}://" for driver in DRIVERS)
        )
    return parsed


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        # The driver's own transactions begin too late; ours begin below.
        raw.isolation_level = None
        cursor = raw.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Taking the write lock at once makes two writers wait for each other, instead of one
        # failing in the middle because it read before it wanted to write.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: str) -> Engine:
    return create_engine(url, pool_pre_ping=True, pool_size=5, max_overflow=5)


def _in_words(error: Exception, where: str) -> str:
    said = str(getattr(error, "orig", error)).strip().splitlines()[0]
    if "locked" in said:
        hint = "Another program holds it; end that program or wait, then try again."
    elif "readonly" in said or "read-only" in said:
        hint = "Allow this user to write to the file and its directory."
    elif "no such table" in said or "does not exist" in said:
        hint = "Run `seikyu migrate` first."
    else:
        hint = "Check that it exists, that it is reachable, and that the disk is not full."
    return f"The connector's database {where} cannot be used: {said}. {hint}"
