"""Parameters of ``/v1/test_helpers/test_clocks``. Times in Unix seconds."""

from seikyu.engine.wire.params.filters import Paging
from seikyu.engine.wire.params.kinds import Expand, ShortText, Timestamp, Unserved


class TestClockCreate(Expand):
    """``POST /v1/test_helpers/test_clocks``."""

    __test__ = False

    frozen_time: Timestamp
    customer: Unserved = None
    name: ShortText = None


class TestClockAdvance(Expand):
    """``POST /v1/test_helpers/test_clocks/{id}/advance``."""

    __test__ = False

    frozen_time: Timestamp


class TestClockList(Paging):
    """``GET /v1/test_helpers/test_clocks``."""

    __test__ = False
