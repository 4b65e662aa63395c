"""The mail server: one message handed over, or the reason why not.

What the server says about this recipient or this message with a 5xx is final for it. All else may be
better later: no connection, no answer in time, a 4xx, and whatever is refused before a recipient was
named (a login, our own address), for that is no fault of the message and must not spoil a day of them.
Source: RFC 5321, section 4.2.1.
"""

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from typing import Literal

import aiosmtplib
from aiosmtplib import SMTPResponseException

TIMEOUT_SECONDS = 45
"""For the whole of one message, whatever the server does meanwhile."""

LEAVING_SECONDS = 1

Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. ``tls``: encrypted from the first byte; ``starttls``: or else nothing is sent.

    ``context`` says which certificates are trusted; the system's when there is none.
    """

    host: str
    port: int
    security: Security
    sender: str
    user: str | None = None
    password: str | None = None
    context: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        """Without the password."""
        return f"Server({self.host}:{self.port}, {self.security})"


class NotNow(Exception):
    """The message was not taken; it may be another time. The text is the outcome."""


class Never(Exception):
    """The message was refused for good. The text is the outcome."""


async def hand_over(
    server: Server,
    sender: str,
    recipient: str,
    message: bytes,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> str:
    """Give the message to the server; return its answer. Raises NotNow, Never."""
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security == "tls",
        start_tls=False,
        tls_context=server.context,
        local_hostname=sender.rpartition("@")[2],
        timeout=timeout_seconds,
    )
    try:
        async with asyncio.timeout(timeout_seconds):
            await _greet(client, server, sender)
            answer = await _deliver(client, recipient, message)
    except TimeoutError:
        raise NotNow(f"no answer within {timeout_seconds:g} s") from None
    except SMTPResponseException as refused:
        raise NotNow(_told(refused)) from None
    except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as reason:
        raise NotNow(f"{type(reason).__name__}: {reason}"[:300]) from None
    else:
        await _take_leave(client)
        return answer
    finally:
        client.close()


async def _greet(client: aiosmtplib.SMTP, server: Server, sender: str) -> None:
    await client.connect()
    if server.security == "starttls":
        await client.starttls(tls_context=server.context)
    if server.user is not None:
        await client.login(server.user, server.password or "")
    await client.mail(sender)


async def _deliver(client: aiosmtplib.SMTP, recipient: str, message: bytes) -> str:
    try:
        await client.rcpt(recipient)
        answer = await client.data(message)
    except SMTPResponseException as refused:
        if 500 <= refused.code < 600:
            raise Never(_told(refused)) from None
        raise
    return one_line(f"{answer.code} {answer.message}")


async def _take_leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye; a server that took the message and then fails must not make it look unsent."""
    with contextlib.suppress(TimeoutError, aiosmtplib.SMTPException, OSError):
        async with asyncio.timeout(LEAVING_SECONDS):
            await client.quit()


def _told(refused: SMTPResponseException) -> str:
    return one_line(f"{refused.code} {refused.message}")


def one_line(text: str) -> str:
    """Return what a server said as one short line."""
    return " ".join(text.split())[:300]
