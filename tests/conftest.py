"""Fixtures that any test may ask for: databases, installations, a browser, Node.

Each is the real thing. What the machine lacks is skipped with its reason, or fails where
`SEIKYU_REQUIRE_ALL=1` (see `requirements.py`). `database_url` and `installation` run a test twice,
on SQLite and on PostgreSQL.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.postgres import PostgresServer, PrivateCluster, ServerUnavailable
from tests.requirements import CHROMIUM_NAMES, program, unavailable
from tests.servers import Installation

SQLITE_AND_POSTGRES = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))

# Without these Chromium calls its maker's servers at every start, and as root refuses to start.
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

NODE_SOURCES = Path(__file__).parent / "node"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The PostgreSQL server of this run."""
    if url := os.environ.get("SEIKYU_TEST_POSTGRES_URL"):
        yield PostgresServer(url)
        return
    try:
        cluster = PrivateCluster()
    except ServerUnavailable as reason:
        unavailable(str(reason))
    try:
        yield cluster.start()
    except ServerUnavailable as reason:
        unavailable(str(reason))
    finally:
        cluster.stop()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database of this test alone."""
    name = postgres_server.create_database()
    yield postgres_server.database_url(name)
    postgres_server.drop_database(name)


@pytest.fixture(params=SQLITE_AND_POSTGRES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of this test alone: a SQLite file, then a PostgreSQL database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'seikyu.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=SQLITE_AND_POSTGRES)
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """Seikyu as a user has it, on SQLite and then on PostgreSQL; its servers end with the test."""
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    made = Installation(tmp_path / "data", url)
    yield made
    made.close()


@pytest.fixture
def sqlite_installation(tmp_path: Path) -> Iterator[Installation]:
    """Seikyu on SQLite, for tests whose subject does not depend on the database."""
    made = Installation(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium."""
    found = program(*CHROMIUM_NAMES)
    if found is None:
        unavailable("there is no Chromium on PATH (Debian: apt-get install chromium)")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless Chromium. Module-wide only: while it runs, the main thread has an event loop."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium, headless=True, args=list(CHROMIUM_FLAGS)
        )
        yield launched
        launched.close()


@dataclass(frozen=True)
class NodeProject:
    """The scripts of tests/node with what they need installed beside them."""

    node: str
    directory: Path

    def run(self, script: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run one script to its end with these environment variables beside PATH."""
        return subprocess.run(
            [self.node, script],
            cwd=self.directory,
            env={"PATH": os.environ["PATH"]} | env,
            capture_output=True,
            text=True,
            timeout=180,
        )


@pytest.fixture(scope="session")
def node(pytestconfig: pytest.Config) -> NodeProject:
    """Node.js with the official SDK, installed once for each state of the lock file."""
    runtime, npm = program("node", "nodejs"), program("npm")
    if runtime is None or npm is None:
        unavailable("there is no node and npm on PATH (Debian: apt-get install nodejs npm)")
    lock = hashlib.sha256((NODE_SOURCES / "package-lock.json").read_bytes()).hexdigest()[:12]
    assert pytestconfig.cache is not None
    directory = pytestconfig.cache.mkdir(f"node-{lock}").resolve()
    for source in NODE_SOURCES.iterdir():
        if source.is_file():
            shutil.copy(source, directory)
    ready = directory / "installed"
    if not ready.exists():
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            unavailable(f"npm could not install the SDK: {done.stderr.strip()[-1000:]}")
        ready.touch()
    return NodeProject(runtime, directory)
