"""What an invoice comes to: the discounts of its lines, their taxes, and the sums of both.

1. Discounts first (``discount.py``), then taxes of what they left (``tax.py``).
2. ``subtotal`` is after the lines' own discounts and before the invoice's; ``total`` is after all
   discounts and with exclusive taxes. Source: Stripe's descriptions of these fields.
"""

from collections.abc import Sequence

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.currency import LARGEST_AMOUNT
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.discount import left_of, with_discounts
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.owed import expecting
from seikyu.engine.billing.refusals import AmountTooLarge
from seikyu.engine.billing.tax import per_rate, with_taxes


def totalled(
    invoice: Invoice, lines: Sequence[Line], customer: Customer | None, rounding: str = "down"
) -> tuple[tuple[Line, ...], Invoice]:
    """Return all lines with discounts and taxes, and the invoice with the sums. Raises AmountTooLarge.

    ``rounding`` of taxes is the account's (``tax.ROUNDINGS``). The lines page is emptied: whoever
    stores the invoice renders it anew.
    """
    discounted, taken = with_discounts(lines, invoice.discounts, invoice.currency)
    lines = with_taxes(discounted, invoice.default_rates, rounding)
    taxes = per_rate(lines)
    subtotal = sum(_before_invoice_discounts(line) for line in lines)
    total = sum(left_of(line) for line in lines) + sum(t.amount for t in taxes if not t.inclusive)
    if max(abs(total), abs(subtotal)) > LARGEST_AMOUNT:
        raise AmountTooLarge(f"Invoices have at most 12 digits; this is {total}.", "amount")
    summed = replace(
        invoice,
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal - _inside(invoice, lines, rounding),
        total=total,
        total_excluding_tax=total - sum(tax.amount for tax in taxes),
        total_taxes=taxes,
        total_discounts=taken,
        line_count=len(lines),
        lines_page=b"",
    )
    return lines, expecting(summed, customer)


def _before_invoice_discounts(line: Line) -> int:
    return left_of(line, line.discounts)


def _inside(invoice: Invoice, lines: Sequence[Line], rounding: str) -> int:
    """Return the tax inside the subtotal: an invoice's discounts take their share of it only later."""
    if invoice.discounts and any(tax.inclusive for line in lines for tax in line.taxes):
        lines = with_taxes(lines, invoice.default_rates, rounding, _before_invoice_discounts)
    return sum(tax.amount for line in lines for tax in line.taxes if tax.inclusive)
