"""Time: run what is due; deliver webhooks and mails."""

from seikyu.engine.worker.loop import Worker
from seikyu.engine.worker.mails import Mailer
from seikyu.engine.worker.outbound import Outbound
from seikyu.engine.worker.post import Server

__all__ = ["Mailer", "Outbound", "Server", "Worker"]
