"""The count of calls of the day, per API key.

board allows a number of calls per key and UTC day and tells nobody how many are left, so we count
ourselves. The count must outlive the process and be shared by all that use the key, so it is a
small protocol: the connector keeps it in its store, tests and one-off tools keep it in memory.
A key is known here only by its fingerprint, so a stored count does not give the key away.
"""

import hashlib
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

DAILY_LIMIT = 3_000


class Budget(Protocol):
    """Where the calls of each key and UTC day are counted. Every method must be atomic."""

    def spend(self, key: str, day: date, at_most: int) -> bool:
        """Count one more call, unless `at_most` are counted already: then return False."""
        ...

    def used(self, key: str, day: date) -> int:
        """Return how many calls are counted for the day."""
        ...

    def raise_to(self, key: str, day: date, used: int) -> None:
        """Correct the count upwards: board says that more was used than we know of."""
        ...


class MemoryBudget:
    """Counts in memory: lost with the process, shared by the threads of one."""

    def __init__(self) -> None:
        """Start with nothing used."""
        self._used: dict[tuple[str, date], int] = {}
        self._lock = threading.Lock()

    def spend(self, key: str, day: date, at_most: int) -> bool:
        """See Budget."""
        with self._lock:
            used = self._used.get((key, day), 0)
            if used >= at_most:
                return False
            self._used[key, day] = used + 1
            return True

    def used(self, key: str, day: date) -> int:
        """See Budget."""
        with self._lock:
            return self._used.get((key, day), 0)

    def raise_to(self, key: str, day: date, used: int) -> None:
        """See Budget."""
        with self._lock:
            self._used[key, day] = max(used, self._used.get((key, day), 0))


def fingerprint(api_key: str) -> str:
    """Return a name for an API key that does not reveal it (SHA-256, 16 hex digits)."""
    return hashlib.sha256(api_key.encode()).hexdigest()[:16]


def utc_day(now: datetime) -> date:
    """Return the day board counts in: its count resets at 00:00 UTC, 09:00 in Japan."""
    return now.astimezone(UTC).date()


def next_reset(now: datetime) -> datetime:
    """Return the next 00:00 UTC after `now`."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)
