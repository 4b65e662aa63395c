"""Unapplied payments: a customer's money that came and is on no invoice.

The ledger keeps them: a payment whose account holds something after a decision is unapplied from then
on, one whose account was emptied is not any more. Which invoices each could go to is asked when it is
read. Source: Stripe, "Find unapplied payments".
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unapplied:
    """A payment that waits. ``amount`` in minor units of ``currency``; ``created``: since when.

    ``invoice_id`` is the invoice that it was taken off, None for one that was never on any.
    """

    id: str
    created: int
    intent_id: str
    customer_id: str
    amount: int
    currency: str
    invoice_id: str | None = None
    version: int = 0


def unapplied_id(intent_id: str) -> str:
    """Return the id of what is unapplied of a payment: one payment is at most once on the list."""
    return f"una_{intent_id.removeprefix('pi_')}"
