"""Payment intents and charges: the records, and what a new one looks like.

Who may confirm, cancel or change one in which status is decided in ``payment.py``.
"""

from dataclasses import dataclass, field
from typing import Any

from seikyu.engine.billing.changing import ADDED
from seikyu.engine.billing.decision import Context
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.plan import expected


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A payment to be made. Amounts in minor units of ``currency``; times in Unix seconds.

    ``status``: requires_payment_method, requires_confirmation, requires_action, processing,
    succeeded, canceled. ``invoice_id`` is the invoice whose default payment this is; other
    invoices are found through InvoicePayment.
    """

    id: str
    created: int
    amount: int
    currency: str
    client_secret: str
    version: int = 0
    status: str = "requires_payment_method"
    customer_id: str | None = None
    invoice_id: str | None = None
    payment_method_id: str | None = None
    latest_charge: str | None = None
    amount_received: int = 0
    amount_refunded: int = field(default=0, metadata=ADDED)
    amount_funded: int = field(default=0, metadata=ADDED)
    """Held for it from the cash balance while more must come."""

    canceled_at: int | None = None
    cancellation_reason: str | None = None
    last_error: dict[str, Any] | None = None
    next_action: dict[str, Any] | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Charge:
    """One answer of the processor. ``status``: succeeded or failed. Amount in minor units."""

    id: str
    created: int
    amount: int
    currency: str
    status: str
    payment_intent_id: str
    payment_method_id: str
    processor_charge: str
    version: int = 0
    customer_id: str | None = None
    amount_refunded: int = 0
    failure_code: str | None = None
    failure_message: str | None = None
    decline_code: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InvoicePayment:
    """A payment on an invoice. ``status``: open, paid or canceled. Amounts in minor units."""

    id: str
    created: int
    invoice_id: str
    intent_id: str
    amount_requested: int
    currency: str
    version: int = 0
    amount_paid: int | None = None
    status: str = "open"
    is_default: bool = False
    paid_at: int | None = None
    canceled_at: int | None = None


def new_intent(
    amount: int,
    currency: str,
    customer_id: str | None,
    context: Context,
    *,
    invoice_id: str | None = None,
    details: dict[str, Any] | None = None,
) -> PaymentIntent:
    """Return an unsaved payment intent over ``amount`` minor units of ``currency``."""
    id = context.mint("pi")
    return PaymentIntent(
        id=id,
        created=context.now,
        amount=amount,
        currency=currency,
        client_secret=f"{id}_secret_{context.token()[:25]}",
        customer_id=customer_id,
        invoice_id=invoice_id,
        details=details or {},
    )


COPIED = (
    "description", "receipt_email", "shipping", "statement_descriptor",
    "statement_descriptor_suffix",
)  # fmt: skip
"""What a charge takes over from its payment intent, as it is at that moment."""


def charged_for(intent: PaymentIntent, invoice: Invoice | None) -> dict[str, Any]:
    """Return the details of a charge that say what it is for; no more of them than there are."""
    details = {name: intent.details[name] for name in COPIED if intent.details.get(name)}
    details["metadata"] = intent.details.get("metadata") or {}
    if invoice is not None:
        details["invoice_hosted_key"] = invoice.hosted_key
    return details


def default_payment(invoice: Invoice, context: Context) -> tuple[PaymentIntent, InvoicePayment]:
    """Return the payment that the invoice expects: all that remains, or a plan's next instalment."""
    amount = expected(invoice.plan, invoice.amount_remaining)
    intent = new_intent(
        amount,
        invoice.currency,
        invoice.customer_id,
        context,
        invoice_id=invoice.id,
        details={"description": f"Payment for Invoice {invoice.number}"},
    )
    payment = InvoicePayment(
        id=context.mint("inpay"),
        created=context.now,
        invoice_id=invoice.id,
        intent_id=intent.id,
        amount_requested=amount,
        currency=invoice.currency,
        is_default=True,
    )
    return intent, payment
