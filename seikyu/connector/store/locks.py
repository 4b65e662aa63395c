"""Locks between processes whose holder's death is noticed at once.

A run of a connection must not overlap with another one, whoever started it, and a killed run must
not leave the connection locked. So the lock is not a row: on SQLite it is a lock on a file beside
the database, on PostgreSQL an advisory lock of a database session. The operating system, or the
database server, gives both back when the holder is gone.
"""

import fcntl
import hashlib
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from seikyu.connector.store.database import Database, StoreUnavailable

POLL_SECONDS = 0.1


class LockIsHeld(Exception):
    """Somebody else holds the lock right now."""


@contextmanager
def held(database: Database, name: str) -> Iterator[None]:
    """Hold the lock for the length of the block; raises LockIsHeld when somebody else does."""
    with _file_lock(database, name) if database.is_sqlite else _session_lock(database, name):
        yield


@contextmanager
def awaited(database: Database, name: str) -> Iterator[None]:
    """Hold the lock for the length of the block, waiting for it as long as it takes."""
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(held(database, name))
                break
            except LockIsHeld:
                time.sleep(POLL_SECONDS)
        yield


@contextmanager
def _file_lock(database: Database, name: str) -> Iterator[None]:
    path = Path(f"{database.url.database}.{name}.lock")
    try:
        file = path.open("w")
    except OSError as error:
        raise StoreUnavailable(
            f"The lock file {path} cannot be written: {error.strerror}."
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockIsHeld(name) from None
        yield


@contextmanager
def _session_lock(database: Database, name: str) -> Iterator[None]:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    try:
        connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    except DBAPIError as error:
        raise StoreUnavailable(
            f"The connector's database cannot be reached: {error.orig}"
        ) from None
    with connection:
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:n)"), {"n": number}):
            raise LockIsHeld(name)
        try:
            yield
        finally:
            # A session that broke has given its lock back already.
            with suppress(DBAPIError):
                connection.execute(text("SELECT pg_advisory_unlock(:n)"), {"n": number})
