"""The customer's credit balance: an append-only list of movements, each with the balance after it."""

from dataclasses import dataclass, field

from seikyu.engine.billing.decision import Context


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """One movement of a customer's balance.

    ``amount`` and ``ending_balance`` in minor units of ``currency``: negative is in the customer's favour.
    ``type`` is Stripe's: ``adjustment``, ``applied_to_invoice``, ``unapplied_from_invoice``,
    ``invoice_too_small``, …
    """

    id: str
    created: int
    customer_id: str
    type: str
    amount: int
    ending_balance: int
    currency: str
    invoice_id: str | None = None
    description: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    version: int = 0
    credit_note_id: str | None = None


def adjusted(
    customer_id: str,
    currency: str,
    amount: int,
    ending_balance: int,
    context: Context,
    *,
    type: str = "adjustment",
    invoice_id: str | None = None,
    credit_note_id: str | None = None,
) -> BalanceTransaction:
    """Record a movement of ``amount`` minor units that leaves ``ending_balance``."""
    return BalanceTransaction(
        id=context.mint("cbtxn"),
        created=context.now,
        customer_id=customer_id,
        type=type,
        amount=amount,
        ending_balance=ending_balance,
        currency=currency,
        invoice_id=invoice_id,
        credit_note_id=credit_note_id,
    )
