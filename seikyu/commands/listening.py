"""Listening on a port: taken before anything else is started, and given back quietly at the end."""

import os
import signal
import socket
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

import uvicorn

from seikyu.commands.failures import CannotStart

BACKLOG = 2048
DRAIN_SECONDS = 10
"""How long requests under way may take after the end was asked for."""


class Server(uvicorn.Server):
    """Ends with status 0 when it is asked to end, where uvicorn's own dies of the signal."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Let requests under way finish; a second Ctrl-C does not."""
        del frame
        again: bool = self.should_exit
        self.force_exit = again and sig == signal.SIGINT
        self.should_exit: bool = True


def server(app: Callable[..., Awaitable[Any]], **options: Any) -> Server:
    """Return a server of an ASGI application, one process, without a log of requests."""
    return Server(
        uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=DRAIN_SECONDS,
            **options,
        )
    )


def listen(host: str, port: int) -> socket.socket:
    """Take a port; 0 is any free one. Raises CannotStart when it cannot be had."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        # The system's own words: Python adds the address to them, which the sentence has already.
        number = error.errno or 0
        reason = os.strerror(number).lower() if number > 0 else str(error)
        raise CannotStart(
            f"Port {port} of {host} cannot be had: {reason}. "
            "End what uses it, or choose another with --port."
        ) from None
