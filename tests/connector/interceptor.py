"""Stands between the connector and one of its two sides, and lets a test interfere on the way.

Every request is counted and passed on. At a chosen one the test may kill the sender (before the
request is passed on, or after it was carried out and before it is answered), or change the answer.
"""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2

HOP_HEADERS = frozenset(
    {"host", "connection", "transfer-encoding", "content-length", "accept-encoding"}
)
BACK_HEADERS = frozenset({"content-type", "x-total-count", "x-page", "x-per-page", "date"})

Change = Callable[[str, str, bytes], bytes]


class Interceptor:
    """A proxy to `target`; `seen` lists what passed as (method, path)."""

    def __init__(self, target: str, gate: "Gate") -> None:
        self.seen: list[tuple[str, str]] = []
        self.change: Change | None = None
        self._gate, self._target = gate, target
        self._http = httpx2.Client(timeout=30)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self) -> None:
                outer._pass_on(self)

            # The names that the standard library calls.
            do_GET = do_POST = do_PATCH = do_DELETE = pass_on  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._http.close()

    def _pass_on(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0))
        self.seen.append((handler.command, handler.path.split("?")[0]))
        headers = {k: v for k, v in handler.headers.items() if k.lower() not in HOP_HEADERS}
        if not self._gate.may_pass("before"):
            return
        answer = self._http.request(
            handler.command, self._target + handler.path, content=body, headers=headers
        )
        if not self._gate.may_pass("after"):
            return
        content = answer.content
        if self.change is not None:
            content = self.change(handler.command, handler.path, content)
        handler.send_response(answer.status_code)
        for name, value in answer.headers.items():
            if name.lower() in BACK_HEADERS or name.lower().startswith(
                ("request", "stripe", "idem")
            ):
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)


class Gate:
    """Counts the requests of all interceptors; at the chosen one the sender is killed."""

    def __init__(self) -> None:
        self.count = 0
        self.kill_at: tuple[int, str] | None = None
        self.kill: Callable[[], None] = lambda: None
        self._lock = threading.Lock()

    def may_pass(self, moment: str) -> bool:
        """Count a request when it comes in; False when its sender is dead now."""
        with self._lock:
            self.count += moment == "before"
            if self.kill_at == (self.count, moment):
                self.kill()
                return False
            return True
