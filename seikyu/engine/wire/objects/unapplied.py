"""Unapplied payments on the wire: an object of ours, made when it is read."""

from collections.abc import Sequence

import orjson

from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.unapplied import Unapplied
from seikyu.engine.wire.objects.frame import Frame

DAY = 86_400


def unapplied_payment(
    payment: Unapplied, candidates: Sequence[Invoice], now: int, frame: Frame
) -> bytes:
    """Return the payment and the invoices it could go to. Minor units; ``now`` in Unix seconds."""
    return orjson.dumps(
        {
            "id": payment.id,
            "object": "seikyu.unapplied_payment",
            "age_days": max(now - payment.created, 0) // DAY,
            "amount": payment.amount,
            "candidates": [
                {
                    "amount_remaining": invoice.amount_remaining,
                    "due_date": invoice.due_date,
                    "exact": invoice.amount_remaining == payment.amount,
                    "invoice": invoice.id,
                    "number": invoice.number,
                    "status": invoice.status,
                }
                for invoice in candidates
            ],
            "currency": payment.currency,
            "customer": payment.customer_id,
            "livemode": frame.livemode,
            "payment_intent": payment.intent_id,
            "since": payment.created,
            "unapplied_from": payment.invoice_id,
        }
    )
