"""Credit notes: the record and the commands. What one comes to and what it does stand elsewhere.

A credit note takes something off an invoice that was finalized, in writing. What is still owed is let go
first (the pre-payment part); what was paid already is given back (the post-payment part): to the card, to
the customer's balance, or outside. It is numbered after its invoice and never changed, but for what is said
about it; voided it stays on record. Rules: ``issuing``; amounts and taxes: ``credit_lines``.
Source: Stripe, "Credit notes".
"""

from dataclasses import dataclass, field
from decimal import Decimal

from seikyu.engine.billing.catalogue import TaxRate
from seikyu.engine.billing.decision import Given
from seikyu.engine.billing.discount import DiscountAmount
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.payment_intent import Charge, PaymentIntent
from seikyu.engine.billing.refund_record import Refund
from seikyu.engine.billing.tax import LineTax

ISSUED, VOIDED = STATUSES = ("issued", "void")
PRE_PAYMENT, POST_PAYMENT, MIXED = ("pre_payment", "post_payment", "mixed")


@dataclass(frozen=True, slots=True)
class CreditLine:
    """One line of a credit note. ``amount`` in minor units, before discounts and exclusive tax.

    ``line_id`` is the invoice's line that is credited; None for one that was written by hand.
    """

    id: str
    amount: int
    line_id: str | None = None
    description: str | None = None
    quantity: int | None = None
    unit_amount: Decimal | None = None
    tax_rates: tuple[TaxRate, ...] = ()
    taxes: tuple[LineTax, ...] = ()
    discount_amounts: tuple[DiscountAmount, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """What its discounts leave of it: what is taxed."""
        return self.amount - sum(taken.amount for taken in self.discount_amounts)


@dataclass(frozen=True, slots=True)
class NoteRefund:
    """How much of a refund belongs to the credit note, in minor units."""

    refund_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class CreditNote:
    """A credit note. Amounts in minor units of ``currency``; times in Unix seconds.

    ``amount`` is all of it, tax included: ``pre_payment_amount`` was let go, ``post_payment_amount`` given
    back: ``refunds``, ``credit_amount`` (to the customer's balance) and ``out_of_band_amount`` together.
    ``origin`` says what made it when nobody asked for it: ``shortfall``.
    ``let_go`` is what each instalment of a payment plan was reduced by, in the plan's order.
    ``hosted_key`` is the invoice's, under whose address the paper is found.
    """

    id: str
    created: int
    number: str
    invoice_id: str
    customer_id: str
    currency: str
    hosted_key: str
    version: int = 0
    status: str = ISSUED
    amount: int = 0
    subtotal: int = 0
    pre_payment_amount: int = 0
    post_payment_amount: int = 0
    credit_amount: int = 0
    out_of_band_amount: int = 0
    effective_at: int | None = None
    voided_at: int | None = None
    reason: str | None = None
    memo: str | None = None
    email_type: str = "credit_note"
    origin: str | None = None
    balance_transaction_id: str | None = None
    lines: tuple[CreditLine, ...] = ()
    refunds: tuple[NoteRefund, ...] = ()
    total_taxes: tuple[LineTax, ...] = ()
    discount_amounts: tuple[DiscountAmount, ...] = ()
    let_go: tuple[int, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """Stripe's word for how it divides."""
        if not self.post_payment_amount:
            return PRE_PAYMENT
        return MIXED if self.pre_payment_amount else POST_PAYMENT


@dataclass(frozen=True, slots=True)
class PaidBy:
    """A payment that the invoice was paid by. ``busy``: it is being refunded, without an outcome yet."""

    intent: PaymentIntent
    charge: Charge | None
    busy: bool = False


@dataclass(frozen=True, slots=True)
class CreditFacts:
    """What the book knows when something is credited: the rest of it stays empty otherwise.

    ``note`` is the credit note at issue. ``notes`` are all of the invoice, voided ones too, oldest first;
    ``lines`` the invoice's, in order. ``paid_by`` are its payments, oldest first, and ``refunds`` theirs.
    """

    note: CreditNote | None = None
    notes: tuple[CreditNote, ...] = ()
    lines: tuple[Line, ...] = ()
    paid_by: tuple[PaidBy, ...] = ()
    refunds: tuple[Refund, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateCreditNote:
    """Issue a credit note. ``request_key`` is the key of the request that waits for its refund."""

    given: Given
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateCreditNote:
    """Change what is said about it: memo and metadata."""

    given: Given


@dataclass(frozen=True, slots=True)
class VoidCreditNote:
    """Let it not count any more, while its invoice is owed."""
