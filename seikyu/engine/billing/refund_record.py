"""The record of a refund; the rules stand in ``refund``."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back. ``amount`` in minor units of ``currency``.

    ``status``: pending, succeeded or failed. ``destination``: card, or customer_balance when it went to
    the customer's cash balance. ``reference`` is the processor's own.
    """

    id: str
    created: int
    amount: int
    currency: str
    intent_id: str
    version: int = 0
    status: str = "pending"
    charge_id: str | None = None
    customer_id: str | None = None
    reason: str | None = None
    destination: str = "card"
    instructions_email: str | None = None
    failure_reason: str | None = None
    reference: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
