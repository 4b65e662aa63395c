"""Targets of webhooks that cannot be used: each is a clear outcome on record, and the others get theirs."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.api.room import WEBHOOK_SECONDS, Caller, Room
from tests.api.test_deliveries import listed, listening
from tests.receivers import WebhookReceiver
from tests.servers import free_port


@pytest.fixture
def sdk(room: Room, api: Caller) -> stripe.StripeClient:
    """The official SDK with the key of a new account."""
    return stripe.StripeClient(api.key, base_addresses={"api": room.base})


@contextmanager
def secured(folder: Path) -> Iterator[str]:
    """A receiver over TLS whose certificate nobody signed but itself; its address."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()

    class Quiet(HTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Nothing: who does not trust the certificate hangs up."""

    server = Quiet(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"https://localhost:{server.server_address[1]}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def answering(answer: bytes, pause: float = 0) -> Iterator[str]:
    """A receiver that says these bytes, one by one where it takes its time, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def talk() -> None:
            with suppress(OSError):
                while not ended.is_set():
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(65_536)
                        _say(connection, answer, pause)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _say(connection: socket.socket, answer: bytes, pause: float) -> None:
    if not pause:
        connection.sendall(answer)
        return
    for byte in answer:
        connection.sendall(bytes([byte]))
        time.sleep(pause)


def outcome_beside_a_good_one(
    room: Room, sdk: stripe.StripeClient, url: str
) -> tuple[int | None, str | None]:
    """Send an event to the address and to a good receiver, which must get it; return the outcome."""
    with WebhookReceiver() as good:
        bad = listening(sdk, url)
        listening(sdk, good.url)
        sdk.v1.customers.create({})
        began = time.monotonic()
        room.drain()
        assert time.monotonic() - began < WEBHOOK_SECONDS + 2
        assert [each.type for each in good.deliveries] == ["customer.created"]
    (told,) = listed(sdk, webhook_endpoint=bad.id)
    assert (told["status"], told["attempts"]) == ("pending", 1)
    assert told["next_attempt_at"] == room.time.now + 5
    sdk.v1.webhook_endpoints.delete(bad.id)
    return told["last_status_code"], told["last_error"]


def test_a_certificate_that_nobody_vouches_for_is_an_outcome(
    room: Room, sdk: stripe.StripeClient, tmp_path: Path
) -> None:
    with secured(tmp_path) as url:
        status, error = outcome_beside_a_good_one(room, sdk, url)
    assert status is None
    assert error is not None
    assert error.startswith("no secure connection (TLS): ")
    assert "self-signed certificate" in error


def test_tls_asked_of_one_that_speaks_plainly_is_an_outcome(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        _, error = outcome_beside_a_good_one(room, sdk, url.replace("http://", "https://"))
    assert error is not None
    assert error.startswith("no secure connection (TLS): ")


def test_a_name_without_an_address_is_an_outcome(room: Room, sdk: stripe.StripeClient) -> None:
    _, error = outcome_beside_a_good_one(room, sdk, "https://no-such-host.invalid/hook")
    assert error is not None
    assert error.startswith("the name cannot be looked up: ")


def test_a_closed_port_is_an_outcome(room: Room, sdk: stripe.StripeClient) -> None:
    _, error = outcome_beside_a_good_one(room, sdk, f"http://127.0.0.1:{free_port()}/")
    assert error is not None
    assert error.startswith("no connection: ")


def test_what_is_no_http_is_an_outcome(room: Room, sdk: stripe.StripeClient) -> None:
    with answering(b"SSH-2.0-sample\r\n") as url:
        status, error = outcome_beside_a_good_one(room, sdk, url)
    assert status is None
    assert error is not None
    assert error.startswith("no answer in HTTP: ")


def test_an_answer_that_drips_is_given_up_after_the_time_out(
    room: Room, sdk: stripe.StripeClient
) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nx-sample: " + b"x" * 200, pause=0.05) as url:
        assert outcome_beside_a_good_one(room, sdk, url) == (None, "no answer within 1 s")


def test_a_redirect_says_what_to_do(room: Room, sdk: stripe.StripeClient) -> None:
    moved = b"HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
    with answering(moved) as url:
        assert outcome_beside_a_good_one(room, sdk, url) == (
            301,
            "It answered with a redirect; none is followed. Register the final address.",
        )
