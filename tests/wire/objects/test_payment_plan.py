"""A payment plan has exactly the fields of Stripe's private preview, and its states in Stripe's words."""

from decimal import Decimal
from typing import Any

import orjson
import pytest

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.payment_plan import PaymentPlan
from seikyu.engine.billing.plan import Instalment
from seikyu.engine.wire.objects import shown
from tests.wire.objects.samples import FRAME

DEPOSIT = Instalment(
    1_000, "前金", due_date=1_760_100_000, amount_paid=1_000, paid_at=1_760_000_500, id="ppi_1"
)
REST = Instalment(
    4_000,
    due_date=1_760_200_000,
    past_due=True,
    id="ppi_2",
    percentage=Decimal("80.0"),
    interval="month",
    interval_count=1,
)
PLAN = PaymentPlan(
    "pplan_1",
    1_760_000_000,
    "in_1",
    "cus_1",
    "jpy",
    instalments=(DEPOSIT, REST),
    metadata={"order": "7"},
)


def rendered(plan: PaymentPlan) -> dict[str, Any]:
    ((_, body),) = shown(plan, FRAME)
    answer: dict[str, Any] = orjson.loads(body)
    return answer


def test_every_field_of_the_preview_is_there_and_no_other() -> None:
    assert rendered(PLAN) == {
        "id": "pplan_1",
        "object": "payment_plan",
        "collects_on": [{"type": "invoice_details", "invoice_details": {"invoice": "in_1"}}],
        "created": 1_760_000_000,
        "installments": [
            {
                "id": "ppi_1",
                "amount_due": 1_000,
                "amount_paid": 1_000,
                "amount_forgiven": 0,
                "currency": "jpy",
                "description": "前金",
                "due_date": 1_760_100_000,
                "paid_at": 1_760_000_500,
                "status": "paid",
            },
            {
                "id": "ppi_2",
                "amount_due": 4_000,
                "amount_paid": 0,
                "amount_forgiven": 0,
                "currency": "jpy",
                "description": None,
                "due_date": 1_760_200_000,
                "paid_at": None,
                "status": "past_due",
            },
        ],
        "livemode": FRAME.livemode,
        "metadata": {"order": "7"},
        "schedule": {
            "type": "amounts_due",
            "amounts_due": {
                "amounts": [
                    {
                        "id": "ppi_1",
                        "type": "fixed_amount",
                        "description": "前金",
                        "fixed_amount": {"amount": 1_000, "currency": "jpy"},
                        "percentage": None,
                        "due_date": {
                            "type": "absolute",
                            "absolute": 1_760_100_000,
                            "relative": None,
                        },
                    },
                    {
                        "id": "ppi_2",
                        "type": "percentage",
                        "description": None,
                        "fixed_amount": None,
                        "percentage": 80,
                        "due_date": {
                            "type": "relative",
                            "absolute": None,
                            "relative": {"count": 1, "interval": "month"},
                        },
                    },
                ]
            },
        },
    }


@pytest.mark.parametrize(
    ("canceled", "statuses"),
    [(False, ["paid", "past_due"]), (True, ["paid", "canceled"])],
)
def test_what_was_not_paid_of_a_void_invoice_is_canceled(
    canceled: bool, statuses: list[str]
) -> None:
    shown_plan = rendered(replace(PLAN, canceled=canceled))
    assert [part["status"] for part in shown_plan["installments"]] == statuses
