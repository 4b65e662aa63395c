"""Tax rates, and the taxes that lines and invoices show.

A percentage is a JSON number that is written from the decimal, digit by digit: no float is involved.
"""

from collections.abc import Iterable
from typing import Any

from seikyu.engine.billing.catalogue import TaxRate
from seikyu.engine.billing.tax import LineTax
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.numbers import json_number


def tax_rate(rate: TaxRate, frame: Frame) -> dict[str, Any]:
    """Return the rate. The effective percentage is the nominal one: no tax service changes it."""
    details = rate.details.get
    percentage = json_number(rate.percentage)
    return {
        "id": rate.id,
        "object": "tax_rate",
        "active": rate.active,
        "country": details("country"),
        "created": rate.created,
        "description": details("description"),
        "display_name": rate.display_name,
        "effective_percentage": percentage,
        "flat_amount": None,
        "inclusive": rate.inclusive,
        "jurisdiction": details("jurisdiction"),
        "jurisdiction_level": details("jurisdiction_level"),
        "livemode": frame.livemode,
        "metadata": details("metadata") or {},
        "percentage": percentage,
        "rate_type": "percentage",
        "state": details("state"),
        "tax_type": details("tax_type"),
    }


def taxes(computed: Iterable[LineTax]) -> list[dict[str, Any]]:
    """Return the taxes of a line, or the sums of an invoice. Minor units of its currency."""
    return [
        {
            "amount": tax.amount,
            "tax_behavior": "inclusive" if tax.inclusive else "exclusive",
            "tax_rate_details": {"tax_rate": tax.rate_id},
            "taxability_reason": tax.taxability_reason,
            "taxable_amount": tax.taxable_amount,
            "type": "tax_rate_details",
        }
        for tax in computed
    ]
