"""Test clocks on the wire."""

from typing import Any

from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.wire.objects.frame import Frame


def test_clock(clock: TestClock, frame: Frame) -> dict[str, Any]:
    """Return the clock; where it is going is shown only while it is on its way."""
    going = clock.status == "advancing"
    return {
        "id": clock.id,
        "object": "test_helpers.test_clock",
        "created": clock.created,
        "deletes_after": clock.deletes_after,
        "frozen_time": clock.frozen_time,
        "livemode": frame.livemode,
        "name": clock.name,
        "status": clock.status,
        "status_details": {"advancing": {"target_frozen_time": clock.target} if going else None},
    }
