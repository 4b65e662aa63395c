"""One HTTP request as ASGI brings it, and the answer as ASGI takes it. No framework: this is the hot path."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from seikyu.engine.wire.errors import WireError, too_large

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes of a form that are read; 250 lines with everything filled in are a tenth of it."""

DRAINED = 64 * 1024 * 1024
"""Bytes of a too large body that are still taken, so that the sender hears the answer."""


class HungUp(Exception):
    """The sender ended the connection in the middle of its request; nobody waits for an answer."""


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return a request header; ``name`` in lower case."""
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    for key, value in headers:
        if key == name:
            return value
    return None


async def body_of(receive: Receive) -> bytes:
    """Return the whole body. Raises WireError 413 after reading a too large one to its end.

    Raises HungUp when the sender is gone before the end: half a form must never be carried out.
    """
    message = await _part(receive)
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body
    parts, size = [body], len(body)
    while message.get("more_body") and size <= DRAINED:
        message = await _part(receive)
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= LARGEST_BODY:
            parts.append(part)
    if size > LARGEST_BODY:
        raise too_large(LARGEST_BODY)
    return b"".join(parts)


async def _part(receive: Receive) -> MutableMapping[str, Any]:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise HungUp
    return message


async def answer(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    """Send a JSON answer."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(body)),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


def check_form(scope: Scope) -> None:
    """Raise WireError when a body is announced that is no form; Stripe's most common mistake."""
    kind = header(scope, b"content-type")
    if kind is not None and kind.startswith(b"application/json"):
        raise WireError(
            400,
            "Invalid request (check that your POST content type is "
            "application/x-www-form-urlencoded). If you have questions, see the documentation of "
            "the API you are calling.",
        )
