"""Payment plans in Stripe's shape: how they were scheduled, and how each instalment stands.

The shape is that of a private preview of Stripe's. An instalment of which credit notes let something go
shows what is left of it as its amount; ``amount_forgiven`` stays 0.
"""

from typing import Any

from seikyu.engine.billing.payment_plan import PaymentPlan
from seikyu.engine.billing.plan import Instalment
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.numbers import json_number


def payment_plan(record: PaymentPlan, frame: Frame) -> dict[str, Any]:
    """Return the plan as it is shown."""
    return {
        "id": record.id,
        "object": "payment_plan",
        "collects_on": [
            {"type": "invoice_details", "invoice_details": {"invoice": record.invoice_id}}
        ],
        "created": record.created,
        "installments": [_instalment(part, record) for part in record.instalments],
        "livemode": frame.livemode,
        "metadata": record.metadata,
        "schedule": {
            "type": "amounts_due",
            "amounts_due": {
                "amounts": [_scheduled(part, record.currency) for part in record.instalments]
            },
        },
    }


def _instalment(part: Instalment, plan: PaymentPlan) -> dict[str, Any]:
    status = "canceled" if plan.canceled and part.amount_remaining else part.status
    return {
        "id": part.id,
        "amount_due": part.amount,
        "amount_paid": part.amount_paid,
        "amount_forgiven": 0,
        "currency": plan.currency,
        "description": part.description,
        "due_date": part.due_date,
        "paid_at": part.paid_at,
        "status": status,
    }


def _scheduled(part: Instalment, currency: str) -> dict[str, Any]:
    fixed = {"amount": part.amount, "currency": currency}
    told = part.percentage is not None
    return {
        "id": part.id,
        "type": "percentage" if told else "fixed_amount",
        "description": part.description,
        "fixed_amount": None if told else fixed,
        "percentage": None if part.percentage is None else json_number(part.percentage),
        "due_date": _date(part),
    }


def _date(part: Instalment) -> dict[str, Any]:
    if part.days_until_due is None and part.interval is None:
        return {"type": "absolute", "absolute": part.due_date, "relative": None}
    count, interval = part.interval_count, part.interval
    relative = {
        "count": part.days_until_due if count is None else count,
        "interval": interval or "day",
    }
    return {"type": "relative", "absolute": None, "relative": relative}
