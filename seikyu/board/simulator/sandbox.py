"""What one simulated board consists of, and the switches for what is unverified about the real one.

The parts know nothing of each other; the API, the control endpoints and the pages all work on this.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from seikyu.board.simulator.faults import Faults
from seikyu.board.simulator.limits import Throttle
from seikyu.board.simulator.shapes import Shapes
from seikyu.board.simulator.state import Records
from seikyu.board.words import Operation

API_KEY = "sandbox-board-key"
API_TOKEN = "sandbox-board-token"  # noqa: S105 - the sandbox's published token


@dataclass(slots=True)
class Behaviour:
    """What is unverified about the real board, switchable to either answer."""

    patch_answer: int = 200  # or 204
    errors_as: str = "list"  # or "map"
    invoice_payment_method: bool = True  # whether 請求 in large and all carry payment_method_kbn


@dataclass(frozen=True, slots=True)
class Seen:
    """One call that came in, as the control endpoint lists it."""

    method: str
    path: str
    query: str
    status: int


@dataclass(slots=True)
class Sandbox:
    """Everything one simulated board consists of."""

    records: Records
    throttle: Throttle
    faults: Faults
    behaviour: Behaviour
    shapes: Shapes
    api_key: str
    tokens: dict[str, frozenset[Operation]]
    now: Callable[[], datetime]
    seen: deque[Seen] = field(default_factory=lambda: deque(maxlen=10_000))
