"""Connections at driver level: SQLite (WAL, every commit on disk) and PostgreSQL (psycopg).

A Connection runs Statements. ``Database.connection()`` is the calling thread's own, opened on first
use and opened anew after it was lost. Driver errors become StoreUnavailable, which says what a person
can do, or Contention, after which the same work may simply be tried again.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import errors as pg_errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus

from seikyu.engine.store import many
from seikyu.engine.store.statement import Insertion, Revision, Statement

Row = tuple[Any, ...]

BUSY_MILLISECONDS = 3000
"""How long a SQLite writer waits for another process, where nobody else waits for this one."""


class StoreUnavailable(Exception):
    """The database cannot be used now; the message says why and what to do."""


class OutcomeUnknown(StoreUnavailable):
    """The connection was lost while it committed: the change is stored as a whole, or not at all."""


class Contention(Exception):
    """Somebody else was in the way (a lock, a deadlock, a serialization failure): try again."""


class LockTimeout(Contention):
    """A lock was waited for until it was too long; whoever asked has waited enough."""


class Conflict(Contention):
    """A row breaks a rule of the tables that another row made; trying again shows that other row.

    ``column`` is what must be unique and was not, as ``invoices.number``; None for any other rule.
    """

    def __init__(self, message: str, column: str | None = None) -> None:
        """Keep both."""
        super().__init__(message)
        self.column = column


class Connection(Protocol):
    """One connection; not to be shared between threads."""

    dialect: str

    def rows(self, statement: Statement, **values: Any) -> list[Row]:
        """Run a query, return all rows."""

    def run(self, statement: Statement, values: dict[str, Any]) -> int:
        """Run a change, return how many rows it touched."""

    def run_together(self, writes: Sequence[tuple[Statement, dict[str, Any]]]) -> list[int]:
        """Run changes in order, return how many rows each touched."""

    def insert_many(self, insertion: Insertion, rows: Sequence[dict[str, Any]]) -> None:
        """Insert all rows. Raises Conflict when one of them breaks a rule of the tables."""

    def revise_many(self, revision: Revision, rows: Sequence[dict[str, Any]]) -> int:
        """Change records of different ids; return how many were still as they had been read."""

    def command(self, sql: str) -> None:
        """Run a command without values: BEGIN, SAVEPOINT, COMMIT …"""

    def roll_back(self) -> None:
        """Undo the transaction, if there still is one: a full disk or a lost server ends it too."""

    def close(self) -> None:
        """Give the connection back."""


class Database(Protocol):
    """A place where everything is stored."""

    dialect: str
    url: str

    def connection(self) -> Connection:
        """Return this thread's connection."""

    def close(self) -> None:
        """Close every connection."""


def open_database(url: str) -> "SqliteDatabase | PostgresDatabase":
    """Return the database of an address: ``sqlite:///path`` or ``postgresql+psycopg://…``.

    Raises StoreUnavailable for any other address.
    """
    if url.startswith("sqlite:///"):
        return SqliteDatabase(url)
    if url.startswith(("postgresql://", "postgresql+psycopg://")):
        return PostgresDatabase(url)
    scheme = url.partition(":")[0]
    raise StoreUnavailable(
        f"SEIKYU_DATABASE_URL has the unknown scheme {scheme!r}; "
        "use sqlite:///path or postgresql+psycopg://user@host/name."
    )


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Commit what the block does, or nothing of it. Raises what went wrong first.

    Raises OutcomeUnknown when the server was lost in the middle of the commit.
    """
    connection.command("BEGIN IMMEDIATE" if connection.dialect == "sqlite" else "BEGIN")
    try:
        yield
        connection.command("COMMIT")
    except BaseException:
        connection.roll_back()
        raise


# ── SQLite ─────────────────────────────────────────────────────────────────────────────────────


class SqliteConnection:
    """A connection to a SQLite file."""

    dialect = "sqlite"

    def __init__(self, path: str, busy_milliseconds: int) -> None:
        """Open the file. Raises StoreUnavailable when it cannot be opened."""
        try:
            self._raw = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, cached_statements=512
            )
            self._cursor = self._raw.cursor()
            for pragma in (
                f"busy_timeout = {busy_milliseconds}",
                "journal_mode = WAL",
                "synchronous = FULL",
                "foreign_keys = ON",
                "cache_size = -32000",
                "wal_autocheckpoint = 4000",
            ):
                self._cursor.execute(f"PRAGMA {pragma}")
        except sqlite3.Error as error:
            raise _sqlite_failure(error, path) from error
        self._path = path

    def rows(self, statement: Statement, **values: Any) -> list[Row]:
        """Run a query, return all rows."""
        try:
            return self._cursor.execute(
                statement.text("sqlite"), statement.values(values)
            ).fetchall()
        except sqlite3.OperationalError as error:
            raise _sqlite_failure(error, self._path) from error

    def run(self, statement: Statement, values: dict[str, Any]) -> int:
        """Run a change, return how many rows it touched."""
        try:
            return self._cursor.execute(statement.text("sqlite"), statement.values(values)).rowcount
        except sqlite3.OperationalError as error:
            raise _sqlite_failure(error, self._path) from error

    def run_together(self, writes: Sequence[tuple[Statement, dict[str, Any]]]) -> list[int]:
        """Run changes in order, return how many rows each touched."""
        execute = self._cursor.execute
        try:
            return [
                execute(statement.text("sqlite"), statement.values(values)).rowcount
                for statement, values in writes
            ]
        except sqlite3.OperationalError as error:
            raise _sqlite_failure(error, self._path) from error
        except sqlite3.IntegrityError as error:
            raise Conflict(str(error), _sqlite_column(str(error))) from error

    def insert_many(self, insertion: Insertion, rows: Sequence[dict[str, Any]]) -> None:
        """Insert all rows."""
        self._many(many.insertion_text(insertion), [insertion.row(row) for row in rows])

    def revise_many(self, revision: Revision, rows: Sequence[dict[str, Any]]) -> int:
        """Change records of different ids; return how many were still as they had been read."""
        return self._many(revision.text("sqlite"), rows)

    def _many(self, text: str, rows: Sequence[Any]) -> int:
        try:
            return self._cursor.executemany(text, rows).rowcount
        except sqlite3.OperationalError as error:
            raise _sqlite_failure(error, self._path) from error
        except sqlite3.IntegrityError as error:
            raise Conflict(str(error), _sqlite_column(str(error))) from error

    def command(self, sql: str) -> None:
        """Run a command without values."""
        try:
            self._cursor.execute(sql)
        except sqlite3.OperationalError as error:
            raise _sqlite_failure(error, self._path) from error

    def roll_back(self) -> None:
        """Undo the transaction, if there still is one: on a full disk the driver has done so."""
        if self._raw.in_transaction:
            self.command("ROLLBACK")

    def close(self) -> None:
        """Close the file."""
        self._raw.close()


def _sqlite_failure(error: sqlite3.Error, path: str) -> StoreUnavailable | Contention:
    text = str(error)
    if "locked" in text or "busy" in text:
        return Contention(f"The database {path} is locked by another process.")
    if "readonly" in text:
        return StoreUnavailable(
            f"The database {path} is read-only; give this user the right to write it and its folder."
        )
    if "full" in text:
        return StoreUnavailable(f"The disk that holds {path} is full; make room and try again.")
    if "no such table" in text or "no such column" in text:
        return StoreUnavailable(
            f"The database {path} lacks what this version needs ({text}); run: seikyu migrate"
        )
    return StoreUnavailable(f"The database {path} cannot be used: {text}.")


def _sqlite_column(text: str) -> str | None:
    """Return the last column that SQLite names in ``UNIQUE constraint failed: a.b, a.c``."""
    if not text.startswith("UNIQUE constraint failed: "):
        return None
    return text.rpartition(" ")[2]


def make_folder(file: Path) -> None:
    """Make the folder of a SQLite file. Raises StoreUnavailable when that cannot be done."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"The folder {file.parent} cannot be made: {error.strerror}. "
            "Set SEIKYU_DATA_DIR to a folder that this user may write."
        ) from error


class SqliteDatabase:
    """One SQLite file."""

    dialect = "sqlite"

    def __init__(self, url: str) -> None:
        """``url`` is ``sqlite:///relative`` or ``sqlite:////absolute``; the folder is made.

        Raises StoreUnavailable when it cannot be.
        """
        self.url = url
        self.path = url.removeprefix("sqlite:///")
        self._busy_milliseconds = BUSY_MILLISECONDS
        self._local = threading.local()
        self._all: list[SqliteConnection] = []
        make_folder(Path(self.path))

    def connection(self) -> SqliteConnection:
        """Return this thread's connection."""
        connection: SqliteConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = SqliteConnection(
                self.path, self._busy_milliseconds
            )
            self._all.append(connection)
        return connection

    def wait_at_most(self, milliseconds: int) -> None:
        """Wait no longer than this for another process, on every connection from now on."""
        self._busy_milliseconds = milliseconds
        for connection in self._all:
            connection.command(f"PRAGMA busy_timeout = {milliseconds}")

    def close(self) -> None:
        """Close every connection."""
        for connection in self._all:
            connection.close()
        self._all.clear()
        self._local = threading.local()


# ── PostgreSQL ─────────────────────────────────────────────────────────────────────────────────


class PostgresConnection:
    """A connection to a PostgreSQL server; statements are prepared by the driver."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        """Connect. Raises StoreUnavailable when the server does not answer."""
        try:
            self._raw = psycopg.connect(
                _with_limits(url.replace("postgresql+psycopg://", "postgresql://")),
                autocommit=True,
                prepare_threshold=1,
            )
        except psycopg.Error as error:
            raise StoreUnavailable(
                f"The PostgreSQL server does not answer: {str(error).strip()}"
            ) from error
        self._raw.prepared_max = 500
        self._cursor = self._raw.cursor(binary=True)

    @property
    def broken(self) -> bool:
        """Whether the connection was lost."""
        return self._raw.closed or self._raw.broken

    def rows(self, statement: Statement, **values: Any) -> list[Row]:
        """Run a query, return all rows."""
        try:
            text, given = statement.text("postgresql"), statement.values(values)
            return self._cursor.execute(text, given, prepare=statement.prepare).fetchall()
        except FAILURES as error:
            raise _postgres_failure(error) from error

    def run(self, statement: Statement, values: dict[str, Any]) -> int:
        """Run a change, return how many rows it touched."""
        try:
            self._cursor.execute(statement.text("postgresql"), statement.values(values))
        except FAILURES as error:
            raise _postgres_failure(error) from error
        return self._cursor.rowcount

    def run_together(self, writes: Sequence[tuple[Statement, dict[str, Any]]]) -> list[int]:
        """Run changes in order in one exchange, return how many rows each touched."""
        try:
            if len(writes) == 1:
                return [self.run(*writes[0])]
            with self._raw.pipeline():
                cursors = [
                    self._raw.execute(statement.text("postgresql"), statement.values(values))
                    for statement, values in writes
                ]
            return [cursor.rowcount for cursor in cursors]
        except FAILURES as error:
            raise _postgres_failure(error) from error
        except psycopg.IntegrityError as error:
            raise Conflict(str(error).strip(), _postgres_column(error)) from error

    def insert_many(self, insertion: Insertion, rows: Sequence[dict[str, Any]]) -> None:
        """Insert all rows."""
        try:
            with self._cursor.copy(many.copy_text(insertion)) as copy:
                copy.set_types(many.copy_types(insertion))
                for row in rows:
                    copy.write_row(insertion.row(row))
        except FAILURES as error:
            raise _postgres_failure(error) from error
        except psycopg.IntegrityError as error:
            raise Conflict(str(error).strip(), _postgres_column(error)) from error

    def revise_many(self, revision: Revision, rows: Sequence[dict[str, Any]]) -> int:
        """Change records of different ids; return how many were still as they had been read."""
        try:
            values = {"rows": many.revision_rows(revision, rows)}
            # Planned anew each time, as `Statement.prepare` explains.
            return self._cursor.execute(
                many.revision_text(revision), values, prepare=False
            ).rowcount
        except FAILURES as error:
            raise _postgres_failure(error) from error
        except psycopg.IntegrityError as error:
            raise Conflict(str(error).strip(), _postgres_column(error)) from error

    def command(self, sql: str) -> None:
        """Run a command without values. Raises OutcomeUnknown for a COMMIT without an answer."""
        try:
            self._cursor.execute(sql)
        except FAILURES as error:
            if sql == "COMMIT" and self.broken:
                raise OutcomeUnknown(
                    f"The PostgreSQL server was lost during a commit: {str(error).strip()}"
                ) from error
            raise _postgres_failure(error) from error

    def roll_back(self) -> None:
        """Undo the transaction; a connection that cannot even do that is given up."""
        if self._raw.info.transaction_status in _OVER:
            return
        try:
            self._cursor.execute("ROLLBACK")
        except psycopg.Error:
            self._raw.close()

    def close(self) -> None:
        """Close the connection."""
        self._raw.close()


LIMITS = {
    "lock_timeout": 5_000,
    "statement_timeout": 30_000,
    "idle_in_transaction_session_timeout": 60_000,
}
"""Milliseconds after which the server ends what is stuck, so that it holds up nobody else."""

SIGNS_OF_LIFE = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
"""Seconds and counts after which a server that is silent counts as lost: after about a minute."""


def _with_limits(url: str) -> str:
    """Return the address with our limits; what the address itself says about them wins."""
    given: dict[str, Any] = {**SIGNS_OF_LIFE, **conninfo_to_dict(url)}
    limits = " ".join(f"-c {name}={value}" for name, value in LIMITS.items())
    options = f"{limits} {given.pop('options', '')}".strip()
    return make_conninfo("", options=options, **given)


_OVER = (TransactionStatus.IDLE, TransactionStatus.UNKNOWN)

FAILURES = (psycopg.OperationalError, pg_errors.IdleInTransactionSessionTimeout)
"""What the driver raises when the server does not do what it is told; all else is our own bug."""

CONTENTION = (pg_errors.DeadlockDetected, pg_errors.SerializationFailure)


def _postgres_failure(error: psycopg.Error) -> StoreUnavailable | Contention:
    if isinstance(error, pg_errors.LockNotAvailable):
        return LockTimeout(str(error).strip())
    if isinstance(error, CONTENTION):
        return Contention(str(error).strip())
    return StoreUnavailable(f"The PostgreSQL server failed: {str(error).strip()}")


def _postgres_column(error: psycopg.IntegrityError) -> str | None:
    """Return the last column of ``Key (world_id, number)=(1, A-1) already exists.``"""
    if not isinstance(error, pg_errors.UniqueViolation):
        return None
    columns = (error.diag.message_detail or "").partition(")=(")[0].partition("(")[2]
    return f"{error.diag.table_name}.{columns.rpartition(' ')[2]}"


class PostgresDatabase:
    """One PostgreSQL database."""

    dialect = "postgresql"

    def __init__(self, url: str) -> None:
        """``url`` is ``postgresql+psycopg://user:password@host:port/name``."""
        self.url = url
        self._local = threading.local()
        self._all: list[PostgresConnection] = []

    def connection(self) -> PostgresConnection:
        """Return this thread's connection; a lost one is opened anew."""
        connection: PostgresConnection | None = getattr(self._local, "connection", None)
        if connection is None or connection.broken:
            connection = self._local.connection = PostgresConnection(self.url)
            self._all.append(connection)
        return connection

    def close(self) -> None:
        """Close every connection."""
        for connection in self._all:
            connection.close()
        self._all.clear()
        self._local = threading.local()
