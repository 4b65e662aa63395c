"""The payments of an invoice on the wire."""

from typing import Any

from seikyu.engine.billing.payment_intent import InvoicePayment
from seikyu.engine.wire.objects.frame import Frame


def invoice_payment(payment: InvoicePayment, frame: Frame) -> dict[str, Any]:
    """Return the payment as it is applied to its invoice. Amounts in minor units."""
    return {
        "id": payment.id,
        "object": "invoice_payment",
        "amount_paid": payment.amount_paid,
        "amount_requested": payment.amount_requested,
        "created": payment.created,
        "currency": payment.currency,
        "invoice": payment.invoice_id,
        "is_default": payment.is_default,
        "livemode": frame.livemode,
        "payment": {"payment_intent": payment.intent_id, "type": "payment_intent"},
        "status": payment.status,
        "status_transitions": {
            "canceled_at": payment.canceled_at,
            "paid_at": payment.paid_at,
        },
    }
