"""Time: run what is due; deliver webhooks."""

from seikyu.engine.worker.loop import Worker
from seikyu.engine.worker.outbound import Outbound

__all__ = ["Outbound", "Worker"]
