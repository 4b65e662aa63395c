"""board's three limits, each answered 429 with its own message.

Per second and per day are counted per API key; a call refused by one of them is not counted for
the day. Unanswered lists are counted for the whole key too. A limit that is None is switched off,
which is how the sandbox lets people try things quickly.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from seikyu.board.budget import fingerprint
from seikyu.board.simulator.state import Records

TOO_MANY_REQUESTS = "Too Many Requests"
LIMIT_EXCEEDED = "Limit Exceeded"
TOO_MANY_LISTS = "リスト取得系APIの同時リクエスト数の上限を超えています"


@dataclass(slots=True)
class Limits:
    """The values of the limits, as board documents them; None switches one off."""

    per_second: int | None = 3
    per_day: int | None = 3_000
    open_lists: int | None = 4
    answer_bytes: int = 10_000_000


class LimitReached(Exception):
    """The call is over a limit; `message` is what board answers."""

    def __init__(self, message: str) -> None:
        """Keep board's message."""
        self.message = message
        super().__init__(message)


class Throttle:
    """Counts the calls of one key against the limits."""

    def __init__(self, limits: Limits, records: Records, key: str) -> None:
        """Count in `records`, so that the day's count survives a restart in durable mode."""
        self.limits = limits
        self._records, self._key = records, fingerprint(key)
        self._recent: deque[datetime] = deque()
        self._open_lists = 0

    def admit(self, now: datetime) -> None:
        """Count a call; raises LimitReached."""
        while self._recent and not timedelta(0) <= now - self._recent[0] < timedelta(seconds=1):
            self._recent.popleft()
        if self.limits.per_second is not None and len(self._recent) >= self.limits.per_second:
            raise LimitReached(TOO_MANY_REQUESTS)
        if self.limits.per_day is not None and self.used(now) >= self.limits.per_day:
            raise LimitReached(LIMIT_EXCEEDED)
        self._recent.append(now)
        self._records.count_call(self._key, now.astimezone(UTC).date())

    def used(self, now: datetime) -> int:
        """Return the calls of the UTC day."""
        return self._records.calls_used(self._key, now.astimezone(UTC).date())

    @contextmanager
    def open_list(self) -> Iterator[None]:
        """Hold a place among the unanswered lists; raises LimitReached."""
        if self.limits.open_lists is not None and self._open_lists >= self.limits.open_lists:
            raise LimitReached(TOO_MANY_LISTS)
        self._open_lists += 1
        try:
            yield
        finally:
            self._open_lists -= 1
