"""What `serve` answers with: one small ASGI callable before the programs.

`/v1/…` is the first thing looked at and goes to the API as it came, since it is the hot path: no
framework and no middleware stands before it. The rest is few and small.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson

from seikyu import __version__

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Program = Callable[[Scope, Receive, Send], Awaitable[None]]
Readiness = Callable[[], Awaitable[str | None]]

WELCOME = {
    "name": "Seikyu",
    "version": __version__,
    "what": "Invoicing and collections that speak Stripe's API.",
    "api": "/v1",
    "documentation": "docs/ in the source, beginning with docs/start/README.md",
}


class Web:
    """Routes requests to the programs. `started` and `stopped` run at the server's begin and end."""

    def __init__(
        self,
        api: Program,
        hosted: Program,
        why_not_ready: Readiness,
        started: Callable[[], Awaitable[None]],
        stopped: Callable[[], Awaitable[None]],
    ) -> None:
        """`why_not_ready` returns the reason why requests cannot be served now, or None."""
        self._api = api
        self._hosted = hosted
        self._why_not_ready = why_not_ready
        self._started, self._stopped = started, stopped

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live through the server's life."""
        if scope["type"] == "http":
            path: str = scope["path"]
            if path.startswith("/v1/"):
                await self._api(scope, receive, send)
            elif path.startswith(("/i/", "/p/", "/hosted/")):
                await self._hosted(scope, receive, send)
            else:
                await self._other(path, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _other(self, path: str, send: Send) -> None:
        if path == "/":
            await _answer(send, 200, WELCOME)
        elif path == "/healthz":
            await _answer(send, 200, {"status": "alive"})
        elif path == "/readyz":
            why_not = await self._why_not_ready()
            if why_not is None:
                await _answer(send, 200, {"status": "ready"})
            else:
                await _answer(send, 503, {"status": "not ready", "reason": why_not})
        else:
            await _answer(send, 404, {"status": "not found", "path": path})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await self._started()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stopped()
        await send({"type": "lifespan.shutdown.complete"})


async def _answer(send: Send, status: int, content: dict[str, str]) -> None:
    body = orjson.dumps(content)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
