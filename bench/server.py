"""The server under test and the floor, each in a process of its own with the same server settings.

Run as ``python -m bench.server ours|floor``, started by `Running`. Ours is put together by
`seikyu serve` itself, its worker included; the floor is served with the same settings.
"""

import argparse
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench import machine
from bench.floor import Floor
from bench.profiling import Profiling
from seikyu.commands import installation
from seikyu.commands.listening import listen, server
from seikyu.commands.serve import serve
from seikyu.engine.execute import Engine
from seikyu.engine.store.database import open_database

READY_SECONDS = 20


def engine_at(url: str) -> Engine:
    """Return the engine on a database, as it is when served."""
    return installation.engine_on(open_database(url), "http://127.0.0.1:8420")


@dataclass
class Running:
    """A server in a process of its own."""

    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(
        cls, what: str, url: str | None, core: int | None, profile: Path | None = None
    ) -> "Running":
        """Start ``ours`` or ``floor`` on a database, pinned to a core; wait until it listens."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        command = [sys.executable, "-m", "bench.server", what, "--port", str(port)]
        for name, value in (("--database", url), ("--core", core), ("--profile", profile)):
            command += [] if value is None else [name, str(value)]
        running = cls(port, subprocess.Popen(command))
        running._wait()
        return running

    def stop(self) -> None:
        """End it, and wait for that."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not start")
            time.sleep(0.05)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("ours", "floor"))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database")
    parser.add_argument("--core", type=int)
    parser.add_argument("--profile", type=Path)
    given = parser.parse_args()
    machine.pin(given.core)
    threaded = str(given.database).startswith("postgresql")
    with Profiling(given.profile, own_time=threaded):
        if given.what == "ours":
            os.environ["SEIKYU_DATABASE_URL"] = given.database
            serve(port=given.port)
        else:
            taken = listen("127.0.0.1", given.port)
            server(Floor(given.database), lifespan="off").run(sockets=[taken])


if __name__ == "__main__":
    main()
