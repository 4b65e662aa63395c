"""What prices have in common wherever they are described."""

from typing import Literal

from seikyu.engine.wire.params.kinds import Charge, Positive
from seikyu.engine.wire.params.model import Params

TaxBehavior = Literal["exclusive", "inclusive", "unspecified"]
Interval = Literal["day", "week", "month", "year"]
UnitAmount = Charge
"""Minor units of the price's currency for one unit."""


class Recurring(Params):
    """How often a price is billed."""

    interval: Interval
    interval_count: Positive | None = None
