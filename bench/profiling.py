"""Where the time goes: a profile of the server process, its threads included, as a list of costs."""

import cProfile
import pstats
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

PROJECT = str(Path(__file__).resolve().parents[1])


class Profiling:
    """Profiles what runs inside a ``with``, and writes the profile to a file. Without a file: nothing."""

    def __init__(self, path: Path | None, *, own_time: bool = False) -> None:
        """``own_time`` counts the processor's time of each thread, not the waiting of many threads."""
        self._path = path
        self._own_time = own_time
        self._profiles: list[cProfile.Profile] = []

    def __enter__(self) -> None:
        if self._path is not None:
            threading.setprofile(self._start_in_thread)
            self._start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._path is None:
            return
        threading.setprofile(None)
        self._profiles[0].disable()
        stats = pstats.Stats(self._profiles[0])
        for profile in self._profiles[1:]:
            stats.add(profile)
        stats.dump_stats(self._path)

    def _start(self) -> None:
        profile = cProfile.Profile(time.thread_time) if self._own_time else cProfile.Profile()
        self._profiles.append(profile)
        profile.enable()

    def _start_in_thread(self, _frame: Any, _event: str, _argument: Any) -> None:
        """Called at the first call in a new thread: from then on the profiler itself is."""
        self._start()


@dataclass(frozen=True)
class Cost:
    """What one function takes by itself: ``share`` of all the time, ``calls`` a unit of work."""

    function: str
    share: float
    microseconds: float
    calls: float


def costs(path: Path, units: int, most: int) -> list[Cost]:
    """Return the functions that take the most time by themselves.

    What is written in C is told apart by its caller: a COMMIT is not a SELECT. Waiting for requests
    and importing are left out.
    """
    stats: dict[Any, Any] = pstats.Stats(str(path)).stats  # type: ignore[attr-defined]
    own: dict[str, tuple[int, float]] = {}
    for where, (_, calls, seconds, _, callers) in stats.items():
        if where[0] != "~" or not callers:
            own[_named(where)] = calls, seconds
            continue
        for caller, (_, called, taken, _) in callers.items():
            own[f"{_named(where)} ← {_named(caller)}"] = called, taken
    counted = {name: cost for name, cost in own.items() if not IDLE.search(name)}
    total = sum(seconds for _, seconds in counted.values())
    first = sorted(counted.items(), key=lambda entry: -entry[1][1])[:most]
    return [
        Cost(name, seconds / total, seconds / units * 1_000_000, calls / units)
        for name, (calls, seconds) in first
    ]


IDLE = re.compile(
    r"asyncio/runners|pydantic/(_internal|fields)|_connect_gen|core_schema|inspect\.py|typing|dataclasses|enum\.py|<frozen"
    r"|select\.epoll|'acquire' of|threading\.py|thread\.py:|importlib|builtins\.compile"
    r"|builtins\.exec|builtins\.__import__|'close' of 'sqlite3|marshal|alembic|sqlalchemy"
)


def _named(where: tuple[str, int, str]) -> str:
    path, line, function = where
    if path == "~":
        return function.strip("<>").removeprefix("built-in method ").removeprefix("method ")
    short = path.removeprefix(PROJECT + "/").rpartition("site-packages/")[2]
    return f"{short}:{line} {function}"
