"""A mail server with behaviour: it takes mail, refuses, hangs, drops the line, speaks TLS, asks for a login.

It runs in a thread, on a loopback port, for the length of a `with` block. What it answers is a function of
the step of the conversation and of what was said in it; whatever it took is in `received`.
"""

import asyncio
import base64
import contextlib
import email
import email.policy
import ssl
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Self

HANG = "hang"
"""Say nothing, and keep the line."""

DROP = "drop"
"""Hang up."""

Behaviour = Callable[[str, str], str | None]
"""(step, what was said) → the answer, HANG, DROP, or None for what a kind server says.

Steps: connect, EHLO, STARTTLS, AUTH, MAIL, RCPT, DATA, middle (of the message), end (of it).
"""

KIND = {
    "connect": "220 mail.example.jp ready",
    "STARTTLS": "220 go on",
    "AUTH": "235 welcome",
    "MAIL": "250 sender ok",
    "RCPT": "250 recipient ok",
    "DATA": "354 go on",
    "end": "250 2.0.0 Ok: queued",
    "QUIT": "221 bye",
    "RSET": "250 ok",
    "NOOP": "250 ok",
}


@dataclass(frozen=True)
class Received:
    """One message that was taken: the envelope and the content."""

    sender: str
    recipient: str
    content: bytes
    encrypted: bool
    user: str | None

    @property
    def message(self) -> EmailMessage:
        """The content, parsed as readers do."""
        parsed = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class MailServer:
    """The server. `behaviour` may be changed at any time; `context` makes it speak TLS."""

    behaviour: Behaviour = lambda step, said: None
    context: ssl.SSLContext | None = None
    tls_at_once: bool = False
    received: list[Received] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Listen."""
        self._loop = asyncio.new_event_loop()
        started = threading.Event()

        async def serve() -> None:
            self._stop = asyncio.Event()
            tls = self.context if self.tls_at_once else None
            server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=tls)
            self.port: int = server.sockets[0].getsockname()[1]
            started.set()
            await self._stop.wait()
            server.close()

        def run() -> None:
            with contextlib.suppress(asyncio.CancelledError):
                self._loop.run_until_complete(serve())
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert started.wait(5)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hang up on everybody."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(_HungUp, ConnectionError, asyncio.IncompleteReadError):
            await _Conversation(self, reader, writer).run()
        writer.close()


class _HungUp(Exception):
    """The server has had enough."""


class _Conversation:
    def __init__(
        self, server: MailServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.sender = self.recipient = ""
        self.encrypted = server.tls_at_once
        self.user: str | None = None

    async def run(self) -> None:
        await self._answer("connect", "")
        while True:
            line = (await self.reader.readuntil(b"\r\n")).decode().rstrip()
            self.server.said.append(line)
            verb = line.split(" ")[0].upper()
            if not await self._step(verb, line) or verb == "QUIT":
                return

    async def _step(self, verb: str, line: str) -> bool:
        if verb == "EHLO":
            await self._greet(line)
            return True
        if verb == "MAIL":
            self.sender = line.partition("<")[2].partition(">")[0]
        if verb == "RCPT":
            self.recipient = line.partition("<")[2].partition(">")[0]
        answer = await self._answer(verb, line)
        if answer[0] in "23" and verb == "STARTTLS":
            assert self.server.context is not None
            await self.writer.start_tls(self.server.context)
            self.encrypted = True
        if answer[0] == "2" and verb == "AUTH":
            self.user = base64.b64decode(line.split(" ")[2]).split(b"\0")[1].decode()
        if answer[0] == "3" and verb == "DATA":
            await self._message()
        return True

    async def _greet(self, line: str) -> None:
        own = self.server.behaviour("EHLO", line)
        offers = ["mail.example.jp", "SIZE 20000000"]
        if self.server.context is not None and not self.encrypted:
            offers.append("STARTTLS")
        offers.append("AUTH PLAIN")
        await self._say(own or "\r\n".join([*(f"250-{o}" for o in offers), "250 HELP"]))

    async def _message(self) -> None:
        if self.server.behaviour("middle", "") == DROP:
            await self.reader.read(100)
            raise _HungUp
        lines = []
        while (line := await self.reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        answer = await self._answer("end", "")
        if answer.startswith("2"):
            self.server.received.append(
                Received(self.sender, self.recipient, b"".join(lines), self.encrypted, self.user)
            )

    async def _answer(self, step: str, said: str) -> str:
        answer = self.server.behaviour(step, said) or KIND.get(step, "502 unknown")
        await self._say(answer)
        return answer

    async def _say(self, answer: str) -> None:
        if answer == DROP:
            raise _HungUp
        if answer == HANG:
            await asyncio.sleep(3600)
        self.writer.write(f"{answer}\r\n".encode())
        await self.writer.drain()


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for 127.0.0.1; return the server's context and one that trusts it."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=str(cert))
