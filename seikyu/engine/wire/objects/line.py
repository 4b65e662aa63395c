"""Lines: one record, shown as an invoice item and, once it is on an invoice, as a line item too.

``quantity`` is cut to a whole number, as Stripe documents it; ``quantity_decimal`` is exact.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from seikyu.engine.billing.discount import discountable
from seikyu.engine.billing.line import Line
from seikyu.engine.wire.objects.discount import amounts
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.numbers import plain
from seikyu.engine.wire.objects.taxes import tax_rate, taxes

NO_PRORATION: dict[str, Any] = {"credited_items": None, "discount_amounts": []}

PAGE = 10
"""How many lines an invoice shows of itself; the rest is read from its ``lines`` list."""


def invoice_item(line: Line, frame: Frame) -> dict[str, Any]:
    """Return the line as what the customer is to be billed for."""
    details = line.details.get
    return {
        "id": line.id,
        "object": "invoiceitem",
        "amount": line.amount,
        "currency": line.currency,
        "customer": line.customer_id,
        "customer_account": None,
        "date": line.created,
        "description": line.description,
        "discountable": discountable(line),
        "discounts": [discount.id for discount in line.discounts],
        "frozen_fields": [],
        "invoicing_rules": [],
        "net_amount": None if discountable(line) else line.amount,
        "proration_details": NO_PRORATION,
        "invoice": line.invoice_id,
        "livemode": frame.livemode,
        "metadata": details("metadata") or {},
        "parent": _item_parent(line),
        "period": {"end": line.period_end, "start": line.period_start},
        "pricing": _pricing(line),
        "proration": line.proration,
        "quantity": int(line.quantity),
        "quantity_decimal": plain(line.quantity),
        "tax_rates": [tax_rate(rate, frame) for rate in line.tax_rates],
        "test_clock": details("test_clock"),
    }


def line_item(line: Line, frame: Frame) -> dict[str, Any]:
    """Return the line as a part of its invoice."""
    details = line.details.get
    return {
        "id": line.line_id,
        "object": "line_item",
        "amount": line.amount,
        "currency": line.currency,
        "description": line.description,
        "discount_amounts": amounts(line.discount_amounts),
        "discountable": discountable(line),
        "discounts": [discount.id for discount in line.discounts],
        "invoice": line.invoice_id,
        "livemode": frame.livemode,
        "metadata": details("metadata") or {},
        "parent": _parent(line),
        "period": {"end": line.period_end, "start": line.period_start},
        "pretax_credit_amounts": [],
        "pricing": _pricing(line),
        "quantity": int(line.quantity),
        "quantity_decimal": plain(line.quantity),
        "subscription": line.subscription_id,
        "subtotal": line.amount,
        "taxes": taxes(line.taxes),
    }


def _item_parent(line: Line) -> dict[str, Any] | None:
    if line.subscription_id is None:
        return None
    return {
        "subscription_details": {
            "subscription": line.subscription_id,
            "subscription_item": line.subscription_item_id,
        },
        "type": "subscription_details",
    }


def _parent(line: Line) -> dict[str, Any]:
    """What made the line: an invoice item, or an item of a subscription (a proration is both)."""
    facts = {
        "proration": line.proration,
        "proration_details": {"credited_items": None},
        "subscription": line.subscription_id,
    }
    if line.subscription_item_id is None:
        return {
            "invoice_item_details": {"invoice_item": line.id, **facts},
            "subscription_item_details": None,
            "type": "invoice_item_details",
        }
    return {
        "invoice_item_details": None,
        "subscription_item_details": {
            "invoice_item": line.id if line.proration else None,
            **facts,
            "subscription_item": line.subscription_item_id,
        },
        "type": "subscription_item_details",
    }


def line_page(lines: Sequence[Line], invoice_id: str, frame: Frame, *, most: int = PAGE) -> bytes:
    """Return the list that an invoice shows of its lines: the first ten (``most``), in order."""
    return orjson.dumps(
        {
            "object": "list",
            "data": [line_item(line, frame) for line in lines[:most]],
            "has_more": len(lines) > most,
            "total_count": len(lines),
            "url": f"/v1/invoices/{invoice_id}/lines",
        }
    )


def _pricing(line: Line) -> dict[str, Any] | None:
    """Return what one unit costs; None when only the amount of several units is known."""
    if line.price_id is not None:
        return {
            "price_details": {"price": line.price_id, "product": line.product_id},
            "type": "price_details",
            "unit_amount_decimal": None if line.unit_amount is None else plain(line.unit_amount),
        }
    if line.unit_amount is not None:
        return _without_price(plain(line.unit_amount))
    if line.quantity == 1:
        return _without_price(str(line.amount))
    return None


def _without_price(unit_amount: str) -> dict[str, Any]:
    """Say what a unit costs where no price of the catalogue says so."""
    return {"price_details": None, "type": "price_details", "unit_amount_decimal": unit_amount}
