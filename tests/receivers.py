"""Peers on the other side of the wire: a receiver of webhooks, and a network that loses answers."""

import http.client
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import orjson


@dataclass(frozen=True)
class Delivery:
    """One webhook as it arrived: the very bytes, which the signature covers, and the headers."""

    payload: bytes
    headers: Mapping[str, str]

    @property
    def signature(self) -> str:
        """The header that the SDK's verifier takes."""
        return self.headers["stripe-signature"]

    @property
    def type(self) -> str:
        """The event's type, read without verifying anything."""
        kind: str = orjson.loads(self.payload)["type"]
        return kind


class _Server(ThreadingHTTPServer):
    """Takes as many connections at once as a real server does; the library's five are few."""

    daemon_threads = True
    request_queue_size = 128


class _Running:
    """A small HTTP server on a loopback port, in a thread, for the length of a `with` block."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def base(self) -> str:
        """Its address, without a trailing slash."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class WebhookReceiver(_Running):
    """Takes webhooks and keeps them. `status` says with what it answers the n-th delivery (from 0)."""

    def __init__(self, status: Callable[[int], int] = lambda n: 200) -> None:
        deliveries: list[Delivery] = []
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                payload = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                with lock:
                    answer = status(len(deliveries))
                    deliveries.append(Delivery(payload, headers))
                self.send_response(answer)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the test reads `deliveries`."""

        super().__init__(Handler)
        self.deliveries = deliveries

    @property
    def url(self) -> str:
        """Where webhooks are to be sent."""
        return f"{self.base}/webhooks"

    def wait_for(self, type: str, seconds: int = 20) -> Delivery:
        """The first delivery of this event type; an AssertionError lists what came instead."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for delivery in list(self.deliveries):
                if delivery.type == type:
                    return delivery
            time.sleep(0.02)
        raise AssertionError(f"no {type}; received {[each.type for each in self.deliveries]}")


class LossyNetwork(_Running):
    """Stands between a client and a server, and loses the first `losses` answers to POST requests.

    Each request reaches the server and is carried out; only its answer is thrown away and the
    connection cut. This is the case for which idempotency keys exist.
    """

    def __init__(self, server: str, losses: int) -> None:
        target = urlsplit(server)
        carried: list[str] = []
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._forward()

            def do_GET(self) -> None:
                self._forward()

            def _forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                onward = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
                onward.request(self.command, self.path, body, dict(self.headers.items()))
                answer = onward.getresponse()
                content = answer.read()
                onward.close()
                with lock:
                    carried.append(f"{self.command} {self.path}")
                    lost = self.command == "POST" and len(carried) <= losses
                if lost:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the test reads `carried`."""

        super().__init__(Handler)
        self.carried = carried
