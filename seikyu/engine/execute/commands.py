"""The commands that time itself gives; everybody else's come from ``wire.commands``."""

from seikyu.engine.billing.acknowledging import Acknowledge
from seikyu.engine.billing.advancing import Advance
from seikyu.engine.billing.subscription import AdvanceSubscription
from seikyu.engine.billing.test_clock import ArriveClock, MoveClock
from seikyu.engine.billing.webhook_endpoint import DisableEndpoint

__all__ = [
    "Acknowledge",
    "Advance",
    "AdvanceSubscription",
    "ArriveClock",
    "DisableEndpoint",
    "MoveClock",
]
