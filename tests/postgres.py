"""A real PostgreSQL for the tests: the server that is named, or a private one made for this run.

`SEIKYU_TEST_POSTGRES_URL` names a server whose user may create databases. Without it a private
cluster is made with `initdb` in a temporary directory, listens on the loopback address only, asks for a
password drawn for this run, and is removed at the end. PostgreSQL refuses to run as root, so as root
it runs as the user `postgres` or `nobody`.

Each test gets a database of its own, so no test can see the rows of another.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

USER = "seikyu"
START_SECONDS = 60
# The tests that need durability kill Seikyu, not the database server: syncing every commit of every
# test to disk would only make the run slower.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


class ServerUnavailable(Exception):
    """No PostgreSQL can be had on this machine; the message says why."""


class PostgresServer:
    """A server on which tests make their own databases. `url` names no driver and no database."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("postgresql+psycopg://", "postgresql://", 1).rstrip("/")

    def create_database(self) -> str:
        """Make an empty database and return its name."""
        name = f"seikyu_test_{secrets.token_hex(6)}"
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, ending whatever connections a killed program left open."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def database_url(self, name: str) -> str:
        """The address of a database, as SEIKYU_DATABASE_URL takes it."""
        return f"{self.url.replace('postgresql://', 'postgresql+psycopg://', 1)}/{name}"

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            connection.execute(statement)


class PrivateCluster:
    """A PostgreSQL server of this test run alone. Raises ServerUnavailable where none can be made."""

    def __init__(self) -> None:
        self._binaries = _find_binaries()
        self._account = _unprivileged_account()
        self._directory = Path(tempfile.mkdtemp(prefix="seikyu-postgres-"))
        self._data = self._directory / "data"
        self._log = self._directory / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> PostgresServer:
        """Make the cluster, start its server and wait until it answers."""
        password = secrets.token_hex(16)
        self._make(password)
        port = _free_port()
        command = [str(self._binaries / "postgres"), "-D", str(self._data), "-p", str(port)]
        command += ["-k", str(self._directory)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self._directory, **self._identity()
            )
        server = PostgresServer(f"postgresql://{USER}:{password}@127.0.0.1:{port}")
        self._wait_until_it_answers(server)
        return server

    def stop(self) -> None:
        """Stop the server and remove everything it wrote."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # a "fast" shutdown: clients are disconnected
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _make(self, password: str) -> None:
        password_file = self._directory / "password"
        password_file.write_text(password)
        if self._account is not None:
            for path in (self._directory, password_file):
                os.chown(path, self._account.pw_uid, self._account.pw_gid)
        command = [str(self._binaries / "initdb"), "-D", str(self._data), "-U", USER]
        command += ["--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync"]
        command += ["--encoding=UTF8", "--locale=C"]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=self._directory, **self._identity()
        )
        if done.returncode != 0:
            raise ServerUnavailable(f"initdb failed: {done.stderr.strip()}")

    def _identity(self) -> dict[str, Any]:
        """As whom the server's programs run: another user where this process is root."""
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _wait_until_it_answers(self, server: PostgresServer) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(f"{server.url}/postgres", connect_timeout=2).close()
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise ServerUnavailable(
                        f"the private server did not start:\n{self._log.read_text()[-2000:]}"
                    ) from None
                time.sleep(0.05)
            else:
                return


def _find_binaries() -> Path:
    """Where `initdb` and `postgres` are: the newest of Debian's directories, else beside PATH's."""
    candidates = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"),
        key=lambda path: int(path.parent.name) if path.parent.name.isdigit() else 0,
        reverse=True,
    )
    if found := shutil.which("initdb"):
        candidates.append(Path(found).resolve().parent)
    for directory in candidates:
        if (directory / "initdb").exists() and (directory / "postgres").exists():
            return directory
    raise ServerUnavailable("there is no initdb (Debian: apt-get install postgresql)")


def _unprivileged_account() -> pwd.struct_passwd | None:
    """Whom to run as: nobody else, unless this process is root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ServerUnavailable("PostgreSQL refuses to run as root, and no other user exists")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
