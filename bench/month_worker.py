"""A worker in a process of its own, until nothing is due any more.

``python -m bench.month_worker --database URL`` says ``ready``, waits for a line, works, and prints what it
did as one JSON object: rows that it claimed, and its memory at the start, in the middle of its time and at
the end. It does what the served worker's loop does; sending webhooks and indexing for search are left out.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import machine
from bench.profiling import Profiling
from bench.server import engine_at
from seikyu.engine.execute import Door, Engine
from seikyu.engine.store import due
from seikyu.engine.worker.loop import Worker
from seikyu.engine.worker.outbound import Outbound

SAMPLED_EVERY = 0.1
OTHERS_FINISH_SECONDS = 0.002
"""How long it waits before looking again when others hold all that is due."""


@dataclass(frozen=True)
class Worked:
    """What one worker did: rows, seconds, and its memory in MiB (None where the system does not say)."""

    done: int
    seconds: float
    start: float | None
    middle: float | None
    end: float | None


def main() -> None:
    """Work when told to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--profile", type=Path)
    given = parser.parse_args()
    machine.unpin()
    engine = engine_at(given.database)
    with Profiling(given.profile, own_time=engine.database.dialect == "postgresql"):
        worked = asyncio.run(_worked(engine))
    print(json.dumps(asdict(worked)), flush=True)
    engine.database.close()


async def _worked(engine: Engine) -> Worked:
    door = Door(engine)
    worker = Worker(door, Outbound(door, timeout_seconds=10, allow_private=False))
    await door.read(lambda connection: due.any_due(connection, 0))
    print("ready", flush=True)
    sys.stdin.readline()
    started = sampled_at = time.perf_counter()
    memory = [_memory()]
    done = 0
    while True:
        now = time.perf_counter()
        if now - sampled_at >= SAMPLED_EVERY:
            memory.append(_memory())
            sampled_at = now
        worked = await worker.tick()
        done += worked
        if worked:
            continue
        if not await door.read(lambda connection: _anything(connection, engine.now())):
            break
        await asyncio.sleep(OTHERS_FINISH_SECONDS)
    taken = time.perf_counter() - started
    memory.append(_memory())
    door.close()
    return Worked(done, taken, memory[0], memory[len(memory) // 2], memory[-1])


def _anything(connection: object, now: int) -> bool:
    return due.any_due(connection, now) or due.any_attempt_due(connection, now + 3600)  # type: ignore[arg-type]


def _memory() -> float | None:
    return machine.resident_mebibytes(os.getpid())


if __name__ == "__main__":
    main()
