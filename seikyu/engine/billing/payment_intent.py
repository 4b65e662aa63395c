"""Payment intents and charges: the records, the commands, and the table of what each status allows.

An intent waits for a way to pay, then for its confirmation; a charge makes it ``succeeded``, or sends it
back to wait for another card, or lets it wait for the customer (3-D Secure, a bank transfer). While a charge
is on its way the intent keeps its status and is locked by the attempt instead (``attempt``): no rule here
brings about ``processing``, which is Stripe's for ways to pay that take days. The rules stand in ``payment``
(commands), ``settling`` (outcomes), ``cash_paying`` (cash balances) and ``authentication``.
Source: Stripe, "The Payment Intents API" (life of an intent).
"""

from dataclasses import dataclass, field
from typing import Any

from seikyu.engine.billing.changing import ADDED
from seikyu.engine.billing.decision import Context, Given
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.payment_method import Card
from seikyu.engine.billing.plan import expected
from seikyu.engine.billing.refusals import IntentStateForbids
from seikyu.engine.billing.transitions import Forbidden, Move, Row, Table, move_of

(
    REQUIRES_PAYMENT_METHOD,
    REQUIRES_CONFIRMATION,
    REQUIRES_ACTION,
    PROCESSING,
    SUCCEEDED,
    CANCELED,
) = STATUSES = (
    "requires_payment_method",
    "requires_confirmation",
    "requires_action",
    "processing",
    "succeeded",
    "canceled",
)

BEFORE_CHARGE = (REQUIRES_PAYMENT_METHOD, REQUIRES_CONFIRMATION, REQUIRES_ACTION)
"""Statuses in which no money has moved, and some still can."""


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A payment to be made. Amounts in minor units of ``currency``; times in Unix seconds.

    ``status`` is one of STATUSES. ``invoice_id`` is the invoice whose default payment this is; other
    invoices are found through InvoicePayment.
    """

    id: str
    created: int
    amount: int
    currency: str
    client_secret: str
    version: int = 0
    status: str = REQUIRES_PAYMENT_METHOD
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


# ── commands ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class CreateIntent:
    """Create a payment intent; confirm it at once when asked."""

    given: Given
    card: Card | None = None
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateIntent:
    """Change what was given, before the charge."""

    given: Given
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class ConfirmIntent:
    """Charge. ``authenticated`` says that the customer passed 3-D Secure."""

    given: Given
    card: Card | None = None
    authenticated: bool = False
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class CancelIntent:
    """End the payment, before money moved."""

    given: Given
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class ApplyBalance:
    """Take money of the cash balance for it, by hand; without an amount all that it still needs."""

    given: Given


@dataclass(frozen=True, slots=True)
class FailAuthentication:
    """The customer failed 3-D Secure, or called it off."""


# ── statuses × commands ────────────────────────────────────────────────────────────────────────


def _before_charge(move: Move, sentence: str) -> Row:
    """Allow the move while no money has moved, and nothing afterwards."""
    over = Forbidden(IntentStateForbids, sentence)
    return {status: move if status in BEFORE_CHARGE else over for status in STATUSES}


AWAITS_NO_BALANCE = (
    "You cannot apply a cash balance to this PaymentIntent because it has a status of {status}. "
    "It must be confirmed with a payment method of type customer_balance, "
    "or be the payment that an open invoice expects."
)
_PAID = ("charge.succeeded", "payment_intent.succeeded")

TABLE: Table = {
    UpdateIntent: {
        REQUIRES_PAYMENT_METHOD: Move((REQUIRES_PAYMENT_METHOD, REQUIRES_CONFIRMATION), ()),
        REQUIRES_CONFIRMATION: Move((REQUIRES_CONFIRMATION,), ()),
        REQUIRES_ACTION: Move((REQUIRES_ACTION, REQUIRES_CONFIRMATION), ()),
        **{status: Move((status,), ()) for status in (PROCESSING, SUCCEEDED, CANCELED)},
    },
    ConfirmIntent: _before_charge(
        Move((SUCCEEDED, REQUIRES_PAYMENT_METHOD, REQUIRES_ACTION), _PAID),
        "You cannot confirm this PaymentIntent because it has a status of {status}. "
        "Only a PaymentIntent with one of the following statuses may be confirmed: "
        "requires_confirmation, requires_action, requires_payment_method.",
    ),
    CancelIntent: _before_charge(
        Move((CANCELED,), ("payment_intent.canceled",)),
        "You cannot cancel this PaymentIntent because it has a status of {status}. "
        "Only a PaymentIntent with one of the following statuses may be canceled: "
        "requires_payment_method, requires_confirmation, requires_action.",
    ),
    ApplyBalance: {
        **{
            status: Move((SUCCEEDED, status), ("customer_cash_balance_transaction.created", *_PAID))
            for status in BEFORE_CHARGE
        },
        **{
            status: Forbidden(IntentStateForbids, AWAITS_NO_BALANCE)
            for status in (PROCESSING, SUCCEEDED, CANCELED)
        },
    },
    FailAuthentication: {
        **{
            status: Forbidden(
                IntentStateForbids,
                "This PaymentIntent awaits no authentication: it has a status of {status}, not "
                "requires_action.",
            )
            for status in STATUSES
        },
        REQUIRES_ACTION: Move((REQUIRES_PAYMENT_METHOD,), ("payment_intent.payment_failed",)),
    },
}
"""What each status answers to each command. Creating is not in it: there is no status yet.

The events are those of a charge that succeeds. One that is declined announces ``charge.failed`` and
``payment_intent.payment_failed``; one that needs the customer, ``payment_intent.requires_action``; money of
the cash balance that does not cover it, ``payment_intent.partially_funded``. What fields forbid besides: once
a charge was made only texts and metadata change, an invoice's payment is canceled with its invoice only, and
the cash balance pays for what waits for it (``next_action``) or for what an invoice expects.
"""

MOVES: dict[str, dict[str, str]] = {
    "its invoice is paid in another way, or void": dict.fromkeys(BEFORE_CHARGE, CANCELED),
    "its invoice comes to owe another amount": {REQUIRES_ACTION: REQUIRES_PAYMENT_METHOD},
    "money of the cash balance covers it": dict.fromkeys(BEFORE_CHARGE, SUCCEEDED),
}
"""What happens → from which status to which, without a command on the intent."""


def allowed(status: str, command: type) -> Move:
    """Return the move that ``command`` may make in ``status``, or raise the refusal of TABLE."""
    return move_of(TABLE, status, command)


# ── what new ones look like ────────────────────────────────────────────────────────────────────


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
