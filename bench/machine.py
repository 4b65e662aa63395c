"""The machine under the figures: its cores, what a durable write costs on its disk, a process's memory.

A ratio says little without these. Pinning is of Linux; elsewhere nothing is pinned, and the
report says so.
"""

import os
import platform
import statistics
import time
from pathlib import Path

CAN_PIN = hasattr(os, "sched_setaffinity")


def cores() -> tuple[int | None, int | None]:
    """Return the core of the server and the core of the load generator; None where not to be pinned."""
    if not CAN_PIN:
        return None, None
    free = sorted(os.sched_getaffinity(0))
    return (free[0], free[1]) if len(free) > 1 else (None, None)


def pin(core: int | None) -> None:
    """Keep this process, and what it starts from now on, on one core."""
    if core is not None:
        os.sched_setaffinity(0, {core})


def unpin() -> None:
    """Let this process run on every core again."""
    if CAN_PIN:
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def sync_microseconds(folder: Path, times: int = 200) -> int:
    """Return the median time to write 4 KiB durably in the folder."""
    path = folder / "sync-probe"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    taken = []
    try:
        for number in range(times):
            started = time.perf_counter()
            os.pwrite(descriptor, b"x" * 4096, number % 32 * 4096)
            os.fsync(descriptor)
            taken.append(time.perf_counter() - started)
    finally:
        os.close(descriptor)
        path.unlink()
    return round(statistics.median(taken) * 1_000_000)


def resident_mebibytes(process_id: int) -> float | None:
    """Return the memory that the process holds now, None where the system does not say."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return None
    found = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(found[0].split()[1]) / 1024 if found else None


def described(folder: Path) -> dict[str, object]:
    """Return what a reader needs to know of the machine."""
    server, load = cores()
    return {
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "server on core": "not pinned" if server is None else server,
        "load generator on core": "not pinned" if load is None else load,
        "PostgreSQL on core": "not pinned",
        "durable write of 4 KiB (median)": f"{sync_microseconds(folder)} µs",
        "other work waiting (load average, 1 min)": f"{os.getloadavg()[0]:.2f}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")
