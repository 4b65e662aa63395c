"""The record of a refund; the rules stand in ``refund``."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back. ``amount`` in minor units of ``currency``.

    ``status``: pending, succeeded, failed or canceled. ``destination``: card, customer_balance when it
    went to the customer's cash balance, or a bank transfer for money of that balance (no payment then).
    ``reference`` is the processor's own.
    """

    id: str
    created: int
    amount: int
    currency: str
    intent_id: str | None
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
