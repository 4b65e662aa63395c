"""Refunds on the wire."""

from typing import Any

from seikyu.engine.billing.cash import CUSTOMER_BALANCE
from seikyu.engine.billing.refund_record import Refund
from seikyu.engine.wire.objects.frame import Frame

ALWAYS: dict[str, Any] = {
    "balance_transaction": None,
    "customer_account": None,
    "failure_balance_transaction": None,
    "next_action": None,
    "presentment_details": None,
    "receipt_number": None,
    "source_transfer_reversal": None,
    "transfer_reversal": None,
}
"""Fields of what this engine does not have: Stripe's own balance, Connect."""


def refund(refund: Refund, frame: Frame) -> dict[str, Any]:
    """Return the refund. Minor units of its currency."""
    del frame
    return {
        "id": refund.id,
        "object": "refund",
        **ALWAYS,
        "amount": refund.amount,
        "charge": refund.charge_id,
        "created": refund.created,
        "currency": refund.currency,
        "customer": refund.customer_id,
        "description": None,
        "destination_details": _destination(refund),
        "failure_reason": refund.failure_reason,
        "instructions_email": refund.instructions_email,
        "metadata": refund.metadata,
        "payment_intent": refund.intent_id,
        "payment_method": None,
        "pending_reason": "processing" if refund.status == "pending" else None,
        "reason": refund.reason,
        "status": refund.status,
    }


def _destination(refund: Refund) -> dict[str, Any]:
    if refund.destination.endswith("_bank_transfer"):
        status = "available" if refund.reference else "unavailable"
        if refund.status == "pending":
            status = "pending"
        told = {"reference": refund.reference, "reference_status": status}
        return {"type": refund.destination, refund.destination: told}
    if refund.destination == CUSTOMER_BALANCE:
        return {"type": "customer_cash_balance", "customer_cash_balance": {}}
    return {
        "type": "card",
        "card": {
            "reference": refund.reference,
            "reference_status": "available" if refund.reference else "pending",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        },
    }
