"""What the paper of a credit note reads: the note as plain values, beside the invoice that it credits."""

from dataclasses import dataclass
from decimal import Decimal

from seikyu.engine.billing.credit_note import ISSUED, CreditLine, CreditNote
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.store import invoices
from seikyu.engine.store.database import Connection
from seikyu.engine.store.hosted import HostedInvoice, HostedLine, HostedTax, told_rates, told_taxes
from seikyu.engine.store.session import Session


@dataclass(frozen=True, slots=True)
class HostedCredit:
    """A credit note as its paper needs it. Minor units of the invoice's currency, times in Unix seconds.

    Lines without a description credit the invoice as a whole. ``refunded`` went back by the way the money
    had come, ``credited`` to the customer's balance, ``outside`` otherwise; ``let_go`` was still owed.
    """

    number: str
    issued_at: int
    voided_at: int | None
    memo: str | None
    reason: str | None
    subtotal: int
    discount: int
    amount: int
    let_go: int
    refunded: int
    credited: int
    outside: int
    lines: tuple[HostedLine, ...]
    taxes: tuple[HostedTax, ...]


def hosted_credit(connection: Connection, invoice: HostedInvoice, id: str) -> HostedCredit | None:
    """Return the credit note of the invoice with this id, None when it has none such."""
    session = Session(connection, invoice.world)
    note, credited = session.get(CreditNote, id), session.get(Invoice, invoice.id)
    if note is None or credited is None or note.invoice_id != invoice.id:
        return None
    rates = told_rates(session, credited, invoices.lines_of(session, invoice.id))
    rates |= {rate.id: rate for line in note.lines for rate in line.tax_rates}
    own = {discount.id for discount in credited.discounts}
    return HostedCredit(
        number=note.number,
        issued_at=note.effective_at or note.created,
        voided_at=None if note.status == ISSUED else note.voided_at,
        memo=note.memo,
        reason=note.reason,
        subtotal=note.subtotal,
        discount=sum(each.amount for each in note.discount_amounts if each.discount_id in own),
        amount=note.amount,
        let_go=note.pre_payment_amount,
        refunded=sum(each.amount for each in note.refunds),
        credited=note.credit_amount,
        outside=note.out_of_band_amount,
        lines=tuple(
            _line(line, {id: rate.percentage for id, rate in rates.items()}) for line in note.lines
        ),
        taxes=told_taxes(note.total_taxes, rates),
    )


def _line(line: CreditLine, percentages: dict[str, Decimal]) -> HostedLine:
    return HostedLine(
        description=line.description or "",
        quantity=Decimal(line.quantity or 1),
        unit_amount=line.unit_amount,
        amount=line.amount,
        percentages=tuple(
            percentages[tax.rate_id] for tax in line.taxes if tax.rate_id in percentages
        ),
        period=(0, 0),
    )
