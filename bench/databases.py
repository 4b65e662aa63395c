"""The databases of one run: SQLite files, and a PostgreSQL server that really writes to disk.

Both keep an answered request through a power cut: SQLite as the engine opens it (WAL,
synchronous=FULL), PostgreSQL with fsync and synchronous_commit on. The server is the one that
SEIKYU_TEST_POSTGRES_URL names, or a private one as the tests make it, with durable settings.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests import postgres

DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
ROOM = {"shared_buffers": "512MB", "max_wal_size": "4GB"}
"""What anybody sets on a server of their own; the defaults are those of a small machine."""


class SqlitePlace:
    """A folder of SQLite files."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def database(self, name: str) -> str:
        """Return the address of an empty database."""
        return f"sqlite:///{self.folder / name}.db"

    def remove(self, url: str) -> None:
        """Remove a database that is done with."""
        path = Path(url.removeprefix("sqlite:///"))
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()

    def settings(self) -> str:
        """Say how durable it is."""
        return "WAL, synchronous=FULL"

    def bytes_of(self, url: str) -> int:
        """Return how much room the database takes."""
        path = Path(url.removeprefix("sqlite:///"))
        return sum(p.stat().st_size for p in path.parent.glob(f"{path.name}*"))


class PostgresPlace:
    """A PostgreSQL server."""

    name = "PostgreSQL"

    def __init__(self, server: postgres.PostgresServer) -> None:
        self._server = server
        self._made: list[str] = []

    def database(self, name: str) -> str:
        """Return the address of an empty database."""
        del name
        made = self._server.create_database()
        self._made.append(made)
        return self._server.database_url(made)

    def remove(self, url: str) -> None:
        """Remove a database that is done with."""
        name = url.rpartition("/")[2]
        self._made.remove(name)
        self._server.drop_database(name)

    def settings(self) -> str:
        """Say how durable it is, as the server itself says."""
        with psycopg.connect(f"{self._server.url}/postgres") as connection:
            shown = {
                name: (connection.execute(f"SHOW {name}").fetchone() or ("?",))[0]
                for name in ("server_version", *DURABLE, *ROOM)
            }
        return ", ".join(f"{name}={value}" for name, value in shown.items())

    def bytes_of(self, url: str) -> int:
        """Return how much room the database takes."""
        with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        return int(row[0]) if row else 0

    def close(self) -> None:
        """Remove what was made."""
        for name in self._made:
            self._server.drop_database(name)


Place = SqlitePlace | PostgresPlace


@contextmanager
def folder_for_run(given: Path | None) -> Iterator[Path]:
    """A folder of this run alone, on a disk: /tmp is memory on many machines, and syncs nothing."""
    parent = given or Path("data")
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=parent.resolve()))
    folder.chmod(0o755)  # PostgreSQL runs as another user where this one is root
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_place(folder: Path) -> Iterator[PostgresPlace]:
    """A PostgreSQL server for this run. Raises tests.postgres.ServerUnavailable."""
    if url := os.environ.get("SEIKYU_TEST_POSTGRES_URL"):
        with _cleaned(PostgresPlace(postgres.PostgresServer(url))) as place:
            yield place
        return
    # The tests' cluster does not sync; this process is not a test, so it may say otherwise.
    postgres.SETTINGS.update(DURABLE | ROOM)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        cluster = postgres.PrivateCluster()
    finally:
        tempfile.tempdir = before
    try:
        yield PostgresPlace(cluster.start())
    finally:
        cluster.stop()


@contextmanager
def _cleaned(place: PostgresPlace) -> Iterator[PostgresPlace]:
    try:
        yield place
    finally:
        place.close()
