"""The only reader of the system clock in the engine."""

import time


def now() -> int:
    """Return the present in Unix seconds."""
    return int(time.time())


def now_us() -> int:
    """Return the present in Unix microseconds."""
    return time.time_ns() // 1000


def monotonic() -> float:
    """Return a time that never goes back, in seconds, for measuring how long something took."""
    return time.monotonic()
