"""Credit notes and their lines on the wire."""

from collections.abc import Sequence
from typing import Any

from seikyu.engine.billing.credit_note import CreditLine, CreditNote
from seikyu.engine.wire.objects.discount import amounts
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.numbers import plain
from seikyu.engine.wire.objects.taxes import tax_rate, taxes

PAGE = 10
"""How many lines a credit note shows; the others are in its list of lines."""


def credit_note(note: CreditNote, frame: Frame) -> dict[str, Any]:
    """Return the credit note. Amounts in minor units of its currency, times in Unix seconds."""
    off = sum(taken.amount for taken in note.discount_amounts)
    inside = sum(tax.amount for tax in note.total_taxes if tax.inclusive)
    return {
        "id": note.id,
        "object": "credit_note",
        "amount": note.amount,
        "amount_shipping": 0,
        "created": note.created,
        "currency": note.currency,
        "customer": note.customer_id,
        "customer_account": None,
        "customer_balance_transaction": note.balance_transaction_id,
        "discount_amount": off,
        "discount_amounts": amounts(note.discount_amounts),
        "effective_at": note.effective_at,
        "invoice": note.invoice_id,
        "lines": _lines(note, frame),
        "livemode": frame.livemode,
        "memo": note.memo,
        "metadata": note.metadata,
        "number": note.number,
        "out_of_band_amount": note.out_of_band_amount or None,
        "pdf": f"{frame.public_url}/i/{note.hosted_key}/credit_notes/{note.id}",
        "post_payment_amount": note.post_payment_amount,
        "pre_payment_amount": note.pre_payment_amount,
        "pretax_credit_amounts": [],
        "reason": note.reason,
        "refunds": [
            {
                "amount_refunded": each.amount,
                "payment_record_refund": None,
                "refund": each.refund_id,
                "type": "refund",
            }
            for each in note.refunds
        ],
        "shipping_cost": None,
        "status": note.status,
        "subtotal": note.subtotal,
        "subtotal_excluding_tax": note.subtotal - inside,
        "total": note.amount,
        "total_excluding_tax": note.amount - sum(tax.amount for tax in note.total_taxes),
        "total_taxes": taxes(note.total_taxes),
        "type": note.type,
        "voided_at": note.voided_at,
    }


def _lines(note: CreditNote, frame: Frame) -> dict[str, Any]:
    return {
        "object": "list",
        "data": [credit_line(line, frame) for line in note.lines[:PAGE]],
        "has_more": len(note.lines) > PAGE,
        "url": f"/v1/credit_notes/{note.id}/lines",
    }


def credit_lines(lines: Sequence[CreditLine], frame: Frame) -> list[dict[str, Any]]:
    """Return the lines, in order."""
    return [credit_line(line, frame) for line in lines]


def credit_line(line: CreditLine, frame: Frame) -> dict[str, Any]:
    """Return one line. Minor units; ``invoice_line_item`` is there only where it credits one."""
    unit = line.unit_amount
    whole = unit is not None and unit == unit.to_integral_value()
    credited = {} if line.line_id is None else {"invoice_line_item": line.line_id}
    return {
        "id": line.id,
        "object": "credit_note_line_item",
        "amount": line.amount,
        "description": line.description,
        "discount_amount": sum(taken.amount for taken in line.discount_amounts),
        "discount_amounts": amounts(line.discount_amounts),
        **credited,
        "livemode": frame.livemode,
        "metadata": line.metadata,
        "pretax_credit_amounts": [],
        "quantity": line.quantity,
        "tax_rates": [tax_rate(rate, frame) for rate in line.tax_rates],
        "taxes": taxes(line.taxes),
        "type": "custom_line_item" if line.line_id is None else "invoice_line_item",
        "unit_amount": int(unit) if unit is not None and whole else None,
        "unit_amount_decimal": None if unit is None else plain(unit),
    }
