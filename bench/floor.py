"""The floors: the least that a server on the same machine can do for the same answer.

A bare ASGI callable under the same server settings as ours: constant bytes, and a durable transaction
of three rows for each request. It decodes nothing, checks nothing and knows nobody.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import psycopg

from seikyu.engine.execute.door import WRITERS

ROW = b'{"id":"cus_0123456789abcdefghijklmn","object":"customer","livemode":false}' * 4
"""What each row holds beside its key: about 300 bytes."""

TABLE = "CREATE TABLE bare (id BIGINT PRIMARY KEY, body {blob} NOT NULL)"
INSERT = "INSERT INTO bare (id, body) VALUES ({mark}, {mark})"


class Floor:
    """``GET /bytes/N`` answers N bytes; ``POST /three`` stores three rows, then answers."""

    def __init__(self, url: str | None) -> None:
        """``url``: the database of the transactions, if they are wanted."""
        self._bodies: dict[str, bytes] = {}
        self._store = None if url is None else _store(url)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if scope["method"] == "POST":
            assert self._store is not None
            await receive()
            await self._store()
            path = "/bytes/300"
        body = self._bodies.get(path)
        if body is None:
            body = self._bodies[path] = b"x" * int(path.rpartition("/")[2])
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _store(url: str) -> Callable[[], Any]:
    return _sqlite(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else _postgres(url)


def _sqlite(path: str) -> Callable[[], Any]:
    """Inline in the event loop, one commit a request: what a straightforward program does."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 4000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(TABLE.format(blob="BLOB"))
    insert = INSERT.format(mark="?")
    numbers = count()

    async def store() -> None:
        connection.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            connection.execute(insert, (next(numbers), ROW))
        connection.execute("COMMIT")

    return store


def _postgres(url: str) -> Callable[[], Any]:
    """In as many threads as ours, a connection each, statements prepared by the driver."""
    address = url.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address, autocommit=True) as first:
        first.execute(TABLE.format(blob="BYTEA"))
    insert = INSERT.format(mark="%s")
    numbers = count()
    threads = ThreadPoolExecutor(WRITERS)
    local = threading.local()

    def work() -> None:
        if not hasattr(local, "cursor"):
            raw = psycopg.connect(address, autocommit=True, prepare_threshold=1)
            local.cursor = raw.cursor(binary=True)
        local.cursor.execute("BEGIN")
        for _ in range(3):
            local.cursor.execute(insert, (next(numbers), ROW))
        local.cursor.execute("COMMIT")

    async def store() -> None:
        await asyncio.get_running_loop().run_in_executor(threads, work)

    return store
