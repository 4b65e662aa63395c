"""Makes board's records for the tests of the connector, each a valid one unless told otherwise."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from seikyu.board.documents import ClientRef, DocumentLine, Invoice, InvoiceDocument
from seikyu.board.words import InvoiceStatus, LineKind, OrderStatus, PaymentMethod
from seikyu.connector.conditions import Case, Mode, Rules
from seikyu.connector.facts import (
    ClientFacts,
    CustomerFinding,
    CustomerKind,
    Link,
    LinkState,
    ProjectFacts,
    StripeInvoice,
)
from seikyu.connector.reasons import TOKYO

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=TOKYO)
TODAY = date(2026, 3, 10)
RULES = Rules(mode=Mode.CHARGE, today=TODAY, window_start=datetime(2026, 3, 9, tzinfo=TOKYO))


def line(
    description: str = "保守料",
    price: int | None = 100_000,
    *,
    rate: str = "10",
    included: bool = False,
    quantity: str | None = "1",
    unit: str | None = None,
    unit_price: str | None = None,
    kind: LineKind = LineKind.NORMAL,
    section: str | None = None,
    number: int = 1,
) -> DocumentLine:
    """A line; a note is one without price and quantity."""
    return DocumentLine(
        no=number,
        kind=kind,
        description=description,
        detail_date=None,
        quantity=None if quantity is None else Decimal(quantity),
        unit=unit,
        unit_price=None if unit_price is None else Decimal(unit_price),
        price=price,
        tax_rate=Decimal(rate),
        tax_included=included,
        tax_withholding=False,
        reduced_tax_rate=rate == "8",
        section_description=section,
        section_subtotal=None,
    )


def document(
    *lines: DocumentLine, total: int = 100_000, tax: int = 10_000, withholding: int = 0
) -> InvoiceDocument:
    """A document of one line of 100,000 yen + 10 %."""
    return InvoiceDocument(
        id=9_001,
        message=None,
        total=total,
        tax=tax,
        tax_withholding=withholding,
        currency="JPY",
        invoice_date=date(2026, 2, 28),
        payment_limit_date=date(2026, 4, 30),
        lines=lines or (line(),),
    )


def invoice(**changes: Any) -> Invoice:
    """A 請求 that meets every condition on TODAY."""
    made = Invoice(
        id=11,
        project_id=5,
        project_no=105,
        management_no=None,
        name="保守",
        client=ClientRef(7, "株式会社サンプル", "株式会社サンプル", None),
        contact=None,
        total=100_000,
        tax=10_000,
        currency="JPY",
        invoice_date=date(2026, 2, 28),
        payment_limit_date=date(2026, 4, 30),
        order_status=OrderStatus.ORDERED,
        invoice_status=InvoiceStatus.INVOICED,
        payment_method=PaymentMethod.CREDIT_CARD,
        paid_date=None,
        tags=(),
        locked=False,
        created_at=NOON,
        updated_at=NOON,
        document=document(),
    )
    return replace(made, **changes)


CLIENT = ClientFacts(7, "株式会社サンプル", ("keiri@example.jp",), None)
PROJECT = ProjectFacts(5, 105, "保守", (), PaymentMethod.CREDIT_CARD, None)
CARD = CustomerFinding(CustomerKind.LINKED, "cus_1", has_default_card=True)


def case(**changes: Any) -> Case:
    """A case that is sendable: the invoice, its client, its project, a customer with a card."""
    return replace(Case(invoice(), PROJECT, CLIENT, None, None, CARD), **changes)


def sent(**changes: Any) -> Link:
    """A link whose invoice is in Stripe, open, over 110,000 yen."""
    made = Link(
        board_invoice_id=11,
        state=LinkState.SENT,
        stripe_invoice_id="in_1",
        amount=110_000,
        board_status=InvoiceStatus.INVOICED,
        seen_status="open",
    )
    return replace(made, **changes)


def stripe_invoice(status: str = "open", paid: int = 0, **changes: Any) -> StripeInvoice:
    """What Stripe says of that invoice."""
    made = StripeInvoice(
        id="in_1",
        status=status,
        total=110_000,
        amount_due=110_000,
        amount_paid=paid,
        amount_remaining=110_000 - paid,
    )
    return replace(made, **changes)
