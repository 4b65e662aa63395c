"""The book: all that a decision about money of one customer may read, loaded before it decides."""

from dataclasses import dataclass, field

from seikyu.engine.billing.account import Account
from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.cash import CashBalance
from seikyu.engine.billing.credit_note import CreditFacts
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Line, Shelf
from seikyu.engine.billing.numbering import Sequence
from seikyu.engine.billing.payment_intent import Charge, InvoicePayment, PaymentIntent
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.payment_plan import PaymentPlan
from seikyu.engine.billing.refund_record import Refund
from seikyu.engine.billing.settings import Settings
from seikyu.engine.billing.subscription import Subscription, SubscriptionItem
from seikyu.engine.billing.unapplied import Unapplied


@dataclass(frozen=True, slots=True)
class Book:
    """One customer's page: what a loader did not need stays empty.

    ``intent`` is the payment at issue, ``expected`` the invoice's default payment.
    ``method`` is the payment method named, else the one that would be charged.
    ``pending`` are lines that wait for an invoice; ``lines`` those of the invoice, in order.
    ``original`` is the invoice that a revision replaces. ``payments`` are those of the invoice.
    """

    account: Account
    settings: Settings = field(default_factory=Settings)
    customer: Customer | None = None
    invoice: Invoice | None = None
    lines: tuple[Line, ...] = ()
    pending: tuple[Line, ...] = ()
    shelf: Shelf = field(default_factory=Shelf)
    payments: tuple[InvoicePayment, ...] = ()
    intent: PaymentIntent | None = None
    expected: PaymentIntent | None = None
    method: PaymentMethod | None = None
    attempt: Attempt | None = None
    in_flight: Attempt | None = None
    """The charge of ``intent`` or ``expected`` that has no outcome yet."""

    number_owner: str | None = None
    """Whose the given ``number`` is: the id of an invoice, or of the customer with its prefix."""

    refund: Refund | None = None
    charge: Charge | None = None
    """The charge that is or was to be refunded."""

    waiting: Unapplied | None = None
    """What of the payment to be refunded is on no invoice, if anything."""

    applied: PaymentIntent | None = None
    """The payment to be applied to the invoice or taken off it."""

    sequence: Sequence | None = None
    """The account's counter of invoice numbers, when the account counts and something is finalized."""

    original: Invoice | None = None
    original_lines: tuple[Line, ...] = ()
    original_intent: PaymentIntent | None = None
    original_payments: tuple[InvoicePayment, ...] = ()
    elsewhere: InvoicePayment | None = None
    """Where ``applied`` is applied already, if anywhere."""

    subscription: Subscription | None = None
    """The subscription at issue, or the one that the invoice bills."""

    items: tuple[SubscriptionItem, ...] = ()
    """What the subscription bills, oldest first."""

    subject: Subscription | SubscriptionItem | None = None
    """What is answered with once the attempt has its outcome, when a subscription asked for the charge."""

    cash: CashBalance | None = None
    """The customer's cash balance, for what moves or needs it."""

    last_virtual: int | None = None
    """The highest virtual account that a customer was given, when another may be."""

    payment_plan: PaymentPlan | None = None
    """The payment plan of the invoice, for what changes it by its own address."""

    unpaid: tuple[Invoice, ...] = ()
    """The subscription's drafts and open invoices, for a command that ends it."""

    credit: CreditFacts | None = None
    """Credit notes and what they stand on, for a command that credits or may have to."""
