"""Receives Stripe's webhooks: verified, stored once, answered at once, looked into afterwards.

An event is taken as "look at this invoice" and nothing more: what it says about the invoice is not
believed, since events may be late, repeated, or out of order. Answering comes before looking, or a
slow board would make Stripe repeat the event. What was stored and not looked into (the process was
killed, board did not answer) waits in the inbox for the next event, run or sweep.
"""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import stripe
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seikyu.connector.connection import Connection
from seikyu.connector.failures import EXPECTED, OF_ONE_INVOICE_IN_BOARD, failure_of
from seikyu.connector.stamping import fetch_lost, stamp_all
from seikyu.connector.store import Received, StoreUnavailable
from seikyu.connector.stripe_side import received

PATH = "/connector/webhooks/stripe"
TOLERANCE_SECONDS = 300
LARGEST_BODY = 1_048_576


def routes(connection: Connection) -> list[Route]:
    """Return the receiver's route; it answers 200, or 400/413/503 with a plain reason."""
    receiver = _Receiver(connection)
    return [Route(PATH, receiver.receive, methods=["POST"])]


def app(connection: Connection) -> Starlette:
    """Return the receiver as an application of its own."""
    return Starlette(routes=routes(connection))


def process_inbox(connection: Connection) -> int:
    """Look into every waiting event and return how many were; raises what ended it early.

    Several events about one invoice, or one payment, are one look (payments: ``stamping``). An event
    about an invoice that is not ours, or about no invoice, is done without a look.
    """
    waiting = connection.inbox.waiting()
    by_invoice: dict[str | None, list[str]] = {}
    for event in waiting:
        by_invoice.setdefault(event.stripe_invoice_id, []).append(event.event_id)
    with connection.writing_statuses():
        stamp_all(connection, waiting)
        rules = connection.rules()
        follower = connection.follower()
        for stripe_id, event_ids in by_invoice.items():
            link = connection.links.of_stripe_invoice(stripe_id) if stripe_id else None
            if link is not None:
                try:
                    # What board refuses is not noted as seen: every run looks again, and reports it.
                    with suppress(*OF_ONE_INVOICE_IN_BOARD):
                        follower.settle(link.board_invoice_id, rules)
                except EXPECTED as error:
                    connection.inbox.failed(event_ids, failure_of(error).en)
                    raise
            connection.inbox.processed(event_ids, connection.now())
    return len(waiting)


def sweep(connection: Connection) -> int:
    """Look at everything that may have changed, so that a lost webhook loses nothing.

    Returns how many invoices were looked at closely; raises what ended it early.
    """
    fetch_lost(connection)
    process_inbox(connection)
    rules = connection.rules()
    board = connection.board()
    follower = connection.follower(board)
    looked = 0
    for board_invoice_id, invoice in follower.sweep().items():
        link = connection.links.of_invoices([board_invoice_id]).get(board_invoice_id)
        if link is None or (link.seen_status, link.seen_paid) == (
            invoice.status,
            invoice.amount_paid,
        ):
            continue
        with connection.writing_statuses(), suppress(*OF_ONE_INVOICE_IN_BOARD):
            follower.settle(board_invoice_id, rules)
        looked += 1
    return looked


class Sweeper:
    """Sweeps every so often in a thread of its own, from `start` to `stop`.

    An expected error is handed to `on_error` as a sentence and the next sweep is waited for: the
    other side may be back by then.
    """

    def __init__(
        self, connection: Connection, every_seconds: int, on_error: Callable[[str], None]
    ) -> None:
        """Prepare; nothing is swept yet."""
        self._connection, self._every, self._on_error = connection, every_seconds, on_error
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="connector-sweep", daemon=True)

    def start(self) -> None:
        """Begin with a sweep at once: events may have come while nobody listened."""
        self._thread.start()

    def stop(self) -> None:
        """End after the sweep that is going on."""
        self._stopped.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._stopped.is_set():
            try:
                sweep(self._connection)
            except EXPECTED as error:
                self._on_error(failure_of(error).en)
            self._stopped.wait(self._every)


class _Receiver:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def receive(self, request: Request) -> Response:
        """Verify, store, answer; look afterwards."""
        secret = self._connection.settings.webhook_secret
        if secret is None:
            return _refused("STRIPE_WEBHOOK_SECRET is not set, so no webhook can be verified.", 503)
        body = await _limited_body(request)
        if body is None:
            return _refused(f"The body is larger than {LARGEST_BODY} bytes.", 413)
        try:
            event = _verified(body, request.headers.get("stripe-signature"), secret)
        except (stripe.SignatureVerificationError, ValueError) as error:
            return _refused(str(error) or "The signature cannot be verified.", 400)
        try:
            is_new = await run_in_threadpool(
                self._connection.inbox.put, event, self._connection.now()
            )
        except StoreUnavailable:
            return _refused("The event cannot be stored right now; send it again later.", 503)
        looking = BackgroundTask(self._look) if is_new else None
        return JSONResponse({"received": True, "new": is_new}, background=looking)

    def _look(self) -> None:
        try:
            process_inbox(self._connection)
        except EXPECTED:
            # Kept with the event in the inbox; the next event or sweep tries again.
            return


async def _limited_body(request: Request) -> bytes | None:
    """Return the body; None, without reading on, once it is too large."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _verified(body: bytes, signature: str | None, secret: str) -> Received:
    """Return the event, if its signature is Stripe's and not old; raises ValueError otherwise."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise ValueError("The body is not UTF-8.") from None
    stripe.WebhookSignature.verify_header(text, signature, secret, TOLERANCE_SECONDS)
    event: Any = json.loads(text)
    try:
        return received(event)
    except (KeyError, TypeError):
        raise ValueError("The body is not an event.") from None


def _refused(why: str, status: int) -> JSONResponse:
    return JSONResponse({"error": why}, status_code=status)
