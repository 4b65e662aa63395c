"""Keeps the calls of one API key under board's limit per second.

Three calls may start at once, then each waits until the third last is a little more than a second
old: whether board counts in fixed or in sliding seconds, three is never passed. The little more
absorbs the jitter of the network. Time is read and spent through the two callables given, which
must belong together (a clock that stands still makes the waits grow).
"""

import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

CALLS_PER_SECOND = 3
_WINDOW = timedelta(milliseconds=1_050)


class Pace:
    """A gate that lets at most three calls through per second; safe for several threads."""

    def __init__(self, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        """Start with no call made."""
        self._now, self._sleep = now, sleep
        self._started: deque[datetime] = deque(maxlen=CALLS_PER_SECOND)
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next call may start.

        The lock is held while waiting, so that waiting callers go one after the other.
        """
        with self._lock:
            now = self._now()
            if self._started and now < self._started[-1]:
                # The clock was set back; old times would make us wait for it to catch up.
                self._started.clear()
            if len(self._started) == CALLS_PER_SECOND:
                due = self._started[0] + _WINDOW
                if due > now:
                    self._sleep((due - now).total_seconds())
                    now = max(due, self._now())
            self._started.append(now)
