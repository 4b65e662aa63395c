"""The life of a worker inside a process: begun, kept going, ended in order."""

import asyncio
import contextlib

import structlog

from seikyu.engine.worker import Worker

log = structlog.get_logger("seikyu.worker")

PAUSE_SECONDS = 5
STOP_SECONDS = 10
"""How long a delivery under way may take after the end was asked for; then it is repeated later."""


async def keep_working(worker: Worker, stop: asyncio.Event) -> None:
    """Work until `stop` is set. A bug in one round is reported, and the next round comes anyway."""
    log.debug("working")
    while not stop.is_set():
        try:
            await worker.run(stop)
        except Exception:
            # What is due must not wait until a person has read the report.
            log.exception("worker failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), PAUSE_SECONDS)


async def finish(task: asyncio.Task[None]) -> None:
    """Wait until a stopped worker has ended, but not forever."""
    done, _ = await asyncio.wait([task], timeout=STOP_SECONDS)
    if not done:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
