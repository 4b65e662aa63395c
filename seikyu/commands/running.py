"""Several servers in one process, each in a thread with an event loop of its own.

The main thread stays free to tell a story and to hear Ctrl-C; what it started ends with it.
"""

import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from seikyu.commands.failures import CannotStart
from seikyu.commands.listening import listen, server

HOST = "127.0.0.1"
START_SECONDS = 20
POLL_SECONDS = 0.02


class Running:
    """One server in a thread. `base` is its address without a trailing slash."""

    def __init__(self, name: str, port: int) -> None:
        """Take the port, or any free one where it is used already; nothing is served yet."""
        self.name, self.wanted = name, port
        try:
            self._socket = listen(HOST, port)
        except CannotStart:
            self._socket = listen(HOST, 0)
        self.port: int = self._socket.getsockname()[1]
        self.base = f"http://{HOST}:{self.port}"

    @property
    def moved(self) -> bool:
        """Whether the port is another one than was wanted."""
        return self.port != self.wanted

    def start(self, app: Callable[..., Awaitable[Any]], **options: Any) -> None:
        """Serve the application. Raises CannotStart when it does not come up."""
        self._server = server(app, **options)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name=self.name, daemon=True
        )
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise CannotStart(f"The {self.name} did not start; see the log above.")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End it: requests under way are finished, then the thread ends. Harmless to repeat."""
        if hasattr(self, "_server"):
            self._server.should_exit = True
            self._thread.join()
        self._socket.close()
