"""Starts Seikyu's programs as a user does, each in a process of its own, and stops them again.

An `Installation` is a data directory, a database and the environment that names both. Through it a
test runs commands to their end (`seikyu`), starts servers (`serve`, `start`) and kills them in the middle
of their work. Nothing is imported from the programs: what these tests see is what a customer sees.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

READY_SECONDS = 30
STOP_SECONDS = 15
COMMAND_SECONDS = 120

# What a program under test inherits; everything else is given by the test, so that a developer's
# own STRIPE_API_KEY can never reach one.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")


class ServerDied(AssertionError):
    """A program ended, or never answered; the message holds the end of its standard error."""


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Server:
    """One running program. `base` is its address without a trailing slash."""

    base: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.base.rsplit(":", 1)[1])

    def stderr(self) -> str:
        """Everything it has written to standard error, and to standard output, until now."""
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """End it without any warning, as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end, as Ctrl-C and a service manager do. Returns its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
                raise ServerDied(f"it ignored SIGTERM for {STOP_SECONDS} s{self._tail()}") from None
        return self.process.returncode

    def wait_until_ready(self, is_ready: Callable[[], bool]) -> None:
        """Wait until `is_ready` says so. Raises ServerDied when it ends or stays silent."""
        deadline = time.monotonic() + READY_SECONDS
        while not is_ready():
            if self.process.poll() is not None:
                raise ServerDied(f"it ended with status {self.process.returncode}{self._tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerDied(f"it was not ready after {READY_SECONDS} s{self._tail()}")
            time.sleep(0.03)

    def answers(self, path: str) -> bool:
        """Whether a GET of this path is answered with 200 now."""
        try:
            return httpx2.get(self.base + path, timeout=5).status_code == 200
        except httpx2.TransportError:
            return False

    def listens(self) -> bool:
        """Whether its port takes connections now."""
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _tail(self) -> str:
        return f"; the end of its output:\n{self.stderr()[-4000:]}"


@dataclass
class Installation:
    """A data directory and a database of one test, and the programs started on them."""

    data_dir: Path
    database_url: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)
    _servers: list[Server] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What the programs are started with."""
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        environment["PYTHONUNBUFFERED"] = "1"
        environment["SEIKYU_DATA_DIR"] = str(self.data_dir)
        if self.database_url is not None:
            environment["SEIKYU_DATABASE_URL"] = self.database_url
        return environment | dict(self.extra)

    def seikyu(
        self, *arguments: str, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; the caller judges its exit status."""
        return subprocess.run(
            [sys.executable, "-m", "seikyu", *arguments],
            env=self.environment | dict(env or {}),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )

    def answer(self, *arguments: str) -> dict[str, Any]:
        """Run one command that must succeed, and return the JSON object it printed."""
        done = self.seikyu(*arguments)
        assert done.returncode == 0, f"seikyu {' '.join(arguments)}: {done.stderr[-4000:]}"
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def create_account(self, name: str = "株式会社サンプル") -> dict[str, Any]:
        """Migrate, then create an account; returns its keys."""
        done = self.seikyu("migrate")
        assert done.returncode == 0, done.stderr[-4000:]
        return self.answer("engine", "create-account", name, "--json")

    def serve(self, *arguments: str, port: int | None = None, **env: str) -> Server:
        """Start the engine and wait until it is healthy; `port` restarts one at its old address."""
        port = port or free_port()
        server = self.start("serve", "--port", str(port), *arguments, port=port, **env)
        server.wait_until_ready(lambda: server.answers("/healthz"))
        return server

    def sandbox_board(self, *arguments: str, port: int | None = None, **env: str) -> Server:
        """Start the board simulator and wait until it listens."""
        port = port or free_port()
        command = ("sandbox", "board", "--port", str(port), *arguments)
        server = self.start(*command, port=port, **env)
        server.wait_until_ready(server.listens)
        return server

    def start(self, *arguments: str, port: int = 0, **env: str) -> Server:
        """Start any long-running command, without waiting for anything."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        log = self.data_dir / f"{'-'.join(arguments[:2])}-{len(self._servers)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "seikyu", *arguments],
                env=self.environment | env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        server = Server(f"http://127.0.0.1:{port}", process, log)
        self._servers.append(server)
        return server

    def close(self) -> None:
        """End whatever is still running. Only these processes, by their own ids."""
        for server in self._servers:
            if server.process.poll() is None:
                server.process.terminate()
        for server in self._servers:
            try:
                server.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
