"""Invoices: the record, the commands, and the table of what each status allows.

An invoice starts as a draft, is fixed and numbered by finalization (open), and ends as paid or void;
uncollectible is open without hope. TABLE says for every status and every command either which
statuses may follow and which events announce it, or which refusal answers. ``decide`` looks a
command up there first; the rules behind each move stand in ``drafting``, ``finalizing`` and
``collecting``. Source: Stripe, "Status transitions and finalization".
"""

from dataclasses import dataclass, field
from typing import Any

from seikyu.engine.billing.card_details import CardDetails
from seikyu.engine.billing.catalogue import TaxRate
from seikyu.engine.billing.changing import ADDED
from seikyu.engine.billing.decision import Given
from seikyu.engine.billing.discount import Discount, DiscountAmount
from seikyu.engine.billing.payment_method import Card
from seikyu.engine.billing.plan import Instalment
from seikyu.engine.billing.refusals import (
    FieldIsFrozen,
    InvoiceAlreadyPaid,
    InvoiceNotPayable,
    InvoiceNotSendable,
    InvoiceNotUncollectible,
    InvoiceNotVoidable,
    LinesAreFrozen,
    OnlyDraftsCanBeDeleted,
    OnlyDraftsCanBeFinalized,
    PaymentNotApplicable,
    PaymentNotApplied,
    PlanNotAllowed,
    Refusal,
)
from seikyu.engine.billing.tax import LineTax
from seikyu.engine.billing.transitions import Forbidden, Move, Row, Table, move_of

DRAFT, OPEN, PAID, UNCOLLECTIBLE, VOID = STATUSES = (
    "draft",
    "open",
    "paid",
    "uncollectible",
    "void",
)


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice. Amounts in minor units of ``currency``; times in Unix seconds.

    ``snapshot`` is the customer as of finalization (while draft: as of the last save).
    ``lines_page`` is the first page of lines as the wire shows it: opaque to the rules.
    ``next_action_at`` is when time must act on the invoice (``due.py``), in the customer's time.
    ``first_attempt_at`` anchors the retries. Moments up to ``acted_until`` are over, whether they were
    acted on or passed while the invoice did not advance: none of them is made up for.
    ``awaits_webhooks``: an endpoint listened when the draft was made, and ``acknowledged_at`` is when
    the last of them had answered.
    ``days_until_due`` counts from finalization. ``hosted_key`` opens the hosted page.
    """

    id: str
    created: int
    customer_id: str
    currency: str
    hosted_key: str
    version: int = 0
    status: str = DRAFT
    number: str | None = None
    collection_method: str = "charge_automatically"
    auto_advance: bool = False
    billing_reason: str = "manual"
    subtotal: int = 0
    subtotal_excluding_tax: int = 0
    total: int = 0
    total_excluding_tax: int = 0
    amount_due: int = 0
    amount_paid: int = 0
    amount_remaining: int = 0
    amount_overpaid: int = 0
    amount_paid_off_stripe: int = 0
    pre_payment_credit_notes_amount: int = field(default=0, metadata=ADDED)
    post_payment_credit_notes_amount: int = field(default=0, metadata=ADDED)
    starting_balance: int = 0
    ending_balance: int | None = None
    attempt_count: int = 0
    attempted: bool = False
    next_payment_attempt: int | None = None
    due_date: int | None = None
    days_until_due: int | None = None
    automatically_finalizes_at: int | None = None
    effective_at: int | None = None
    period_start: int = 0
    period_end: int = 0
    finalized_at: int | None = None
    paid_at: int | None = None
    voided_at: int | None = None
    marked_uncollectible_at: int | None = None
    default_payment_method: str | None = None
    intent_id: str | None = None
    clock_id: str | None = None
    next_action_at: int | None = None
    first_attempt_at: int | None = None
    acted_until: int | None = None
    awaits_webhooks: bool = field(default=False, metadata=ADDED)
    acknowledged_at: int | None = None
    revises_id: str | None = None
    latest_revision: str | None = None
    plan: tuple[Instalment, ...] = field(default=(), metadata=ADDED)
    subscription_id: str | None = None
    line_count: int = 0
    lines_page: bytes = b""
    default_rates: tuple[TaxRate, ...] = ()
    total_taxes: tuple[LineTax, ...] = ()
    discounts: tuple[Discount, ...] = field(default=(), metadata=ADDED)
    total_discounts: tuple[DiscountAmount, ...] = field(default=(), metadata=ADDED)
    snapshot: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreateInvoice:
    """Make a draft, with the customer's pending lines when asked."""

    given: Given


@dataclass(frozen=True, slots=True)
class UpdateInvoice:
    """Change what was given; what is open allows little."""

    given: Given


@dataclass(frozen=True, slots=True)
class DeleteInvoice:
    """Throw a draft away, for good."""


@dataclass(frozen=True, slots=True)
class AddLines:
    """Add lines to a draft; ``given`` is one entry a line."""

    given: tuple[Given, ...]
    invoice_metadata: Given | None = None


@dataclass(frozen=True, slots=True)
class UpdateLines:
    """Change lines of a draft, each entry with its ``id``. One entry answers with the line itself."""

    given: tuple[Given, ...]
    invoice_metadata: Given | None = None
    answers_line: bool = False


@dataclass(frozen=True, slots=True)
class RemoveLines:
    """Take lines off a draft: each entry ``id`` and ``behavior`` (delete or unassign)."""

    given: tuple[Given, ...]
    invoice_metadata: Given | None = None


@dataclass(frozen=True, slots=True)
class FinalizeInvoice:
    """Fix lines, amounts and customer, assign the number, create the default payment."""

    auto_advance: bool | None = None
    automatic: bool = False
    collects: bool = True
    """False: it will be given up at once, so the customer's balance has no part in it."""


@dataclass(frozen=True, slots=True)
class SendInvoice:
    """Mail the invoice; a draft is finalized first."""


@dataclass(frozen=True, slots=True)
class PayInvoice:
    """Charge a card for what remains; a draft is finalized first.

    ``card`` came as a test token, or as ``card_details`` that a customer typed in. ``amount`` (minor
    units) pays several instalments of a plan at once; without it the next one, or all that remains.
    """

    payment_method: str | None = None
    card: Card | None = None
    card_details: CardDetails | None = None
    off_session: bool = True
    scheduled: bool = False
    request_key: str | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class MarkPaidOutOfBand:
    """The money came outside; nothing is charged."""


@dataclass(frozen=True, slots=True)
class VoidInvoice:
    """Cancel the invoice; its number stays."""


@dataclass(frozen=True, slots=True)
class MarkUncollectible:
    """Give the debt up as bad."""


@dataclass(frozen=True, slots=True)
class AttachPayment:
    """Apply a payment to the invoice."""

    payment_intent: str


@dataclass(frozen=True, slots=True)
class DetachPayment:
    """Un-apply a payment from the invoice."""

    payment_intent: str


@dataclass(frozen=True, slots=True)
class CreatePaymentPlan:
    """Split what is due into instalments, as Stripe's payment plans do (``payment_planning.py``)."""

    given: Given


@dataclass(frozen=True, slots=True)
class UpdatePaymentPlan:
    """Change the instalments of which nothing was paid yet. ``plan_id`` is how the plan was addressed."""

    given: Given
    plan_id: str


def _row(**by_status: Move | Forbidden) -> Row:
    assert set(by_status) == set(STATUSES)
    return by_status


def _final(
    refusal: type[Refusal], what: str, possible: str = "Nothing more can change it."
) -> Forbidden:
    return Forbidden(refusal, f"{what} {possible}")


_EDITED = Move((DRAFT,), ("invoice.updated",))
_FROZEN_LINES = Forbidden(
    LinesAreFrozen,
    "This invoice is {status}: its lines are fixed. Only drafts take changes of lines; "
    "make a revision (from_invoice) or a credit note instead.",
)
_COLLECTED = (
    "invoice_payment.paid",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice.updated",
)
_FINALIZED = ("invoice.finalized", "invoice.updated")
_NO_PLAN = {
    "paid": Forbidden(PlanNotAllowed, "This invoice is paid; nothing of it is left to be split."),
    "uncollectible": Forbidden(
        PlanNotAllowed,
        "This invoice is uncollectible: its payment plan stays as it is. It can still be paid.",
    ),
    "void": Forbidden(PlanNotAllowed, "This invoice is void: nothing is owed on it."),
}
_ALREADY_PAID = Forbidden(InvoiceAlreadyPaid, "Invoice is already paid.")
_VOID_IS_FINAL = "This invoice is void and stays so."

TABLE: Table = {
    UpdateInvoice: _row(
        draft=_EDITED,
        open=Move((OPEN,), ("invoice.updated",)),
        paid=Move((PAID,), ("invoice.updated",)),
        uncollectible=Move((UNCOLLECTIBLE,), ("invoice.updated",)),
        void=_final(FieldIsFrozen, _VOID_IS_FINAL),
    ),
    DeleteInvoice: _row(
        draft=Move((), ("invoice.deleted",)),
        **{
            status: Forbidden(
                OnlyDraftsCanBeDeleted,
                "You can only delete draft invoices; this one is {status}. "
                "Open and uncollectible invoices can be voided.",
            )
            for status in STATUSES[1:]
        },
    ),
    AddLines: _row(draft=_EDITED, **dict.fromkeys(STATUSES[1:], _FROZEN_LINES)),
    UpdateLines: _row(draft=_EDITED, **dict.fromkeys(STATUSES[1:], _FROZEN_LINES)),
    RemoveLines: _row(draft=_EDITED, **dict.fromkeys(STATUSES[1:], _FROZEN_LINES)),
    FinalizeInvoice: _row(
        draft=Move((OPEN, PAID), _FINALIZED),
        **{
            status: Forbidden(
                OnlyDraftsCanBeFinalized,
                "This invoice is already finalized, you can't re-finalize a non-draft invoice "
                "(it is {status}).",
            )
            for status in STATUSES[1:]
        },
    ),
    SendInvoice: _row(
        draft=Move((OPEN, PAID), (*_FINALIZED, "invoice.sent")),
        open=Move((OPEN,), ("invoice.sent",)),
        paid=_final(InvoiceNotSendable, "This invoice is paid.", "It need not be sent any more."),
        uncollectible=_final(
            InvoiceNotSendable,
            "This invoice is uncollectible.",
            "It is not sent any more; it can still be paid or voided.",
        ),
        void=_final(InvoiceNotSendable, _VOID_IS_FINAL, "It cannot be sent."),
    ),
    PayInvoice: _row(
        draft=Move((OPEN, PAID), (*_FINALIZED, *_COLLECTED)),
        open=Move((OPEN, PAID), _COLLECTED),
        paid=_ALREADY_PAID,
        uncollectible=Move((UNCOLLECTIBLE, PAID), _COLLECTED),
        void=_final(InvoiceNotPayable, _VOID_IS_FINAL, "It cannot be paid."),
    ),
    MarkPaidOutOfBand: _row(
        draft=Move((PAID,), (*_FINALIZED, "invoice.paid", "invoice.updated")),
        open=Move((PAID,), ("invoice.paid", "invoice.updated")),
        paid=_ALREADY_PAID,
        uncollectible=Move((PAID,), ("invoice.paid", "invoice.updated")),
        void=_final(InvoiceNotPayable, _VOID_IS_FINAL, "It cannot be paid."),
    ),
    VoidInvoice: _row(
        draft=Forbidden(
            InvoiceNotVoidable, "You cannot void a draft invoice; delete it, or finalize it first."
        ),
        open=Move((VOID,), ("invoice.voided", "invoice.updated")),
        paid=Forbidden(
            InvoiceNotVoidable,
            "You cannot void a paid invoice; refund its payments or issue a credit note instead.",
        ),
        uncollectible=Move((VOID,), ("invoice.voided", "invoice.updated")),
        void=_final(InvoiceNotVoidable, _VOID_IS_FINAL),
    ),
    MarkUncollectible: _row(
        draft=Forbidden(
            InvoiceNotUncollectible,
            "Only open invoices can be marked uncollectible; this one is a draft. Finalize it first.",
        ),
        open=Move((UNCOLLECTIBLE,), ("invoice.marked_uncollectible", "invoice.updated")),
        paid=Forbidden(InvoiceNotUncollectible, "This invoice is paid; nothing is owed on it."),
        uncollectible=Forbidden(
            InvoiceNotUncollectible,
            "This invoice is uncollectible already. It can still be paid or voided.",
        ),
        void=_final(InvoiceNotUncollectible, _VOID_IS_FINAL),
    ),
    AttachPayment: _row(
        draft=Forbidden(
            PaymentNotApplicable,
            "Payments cannot be applied to a draft invoice; finalize it first.",
        ),
        open=Move((OPEN, PAID), _COLLECTED),
        paid=Forbidden(PaymentNotApplicable, "This invoice is paid; nothing is owed on it."),
        uncollectible=Move((UNCOLLECTIBLE, PAID), _COLLECTED),
        void=_final(PaymentNotApplicable, _VOID_IS_FINAL, "No payment can be applied to it."),
    ),
    DetachPayment: _row(
        draft=Forbidden(PaymentNotApplied, "No payment is applied to a draft invoice."),
        open=Move((OPEN,), ("invoice_payment.detached", "invoice.updated")),
        paid=Move((OPEN, PAID), ("invoice_payment.detached", "invoice.updated")),
        uncollectible=Move((UNCOLLECTIBLE,), ("invoice_payment.detached", "invoice.updated")),
        void=_final(PaymentNotApplied, _VOID_IS_FINAL, "Its payments cannot be moved."),
    ),
    CreatePaymentPlan: _row(draft=_EDITED, open=Move((OPEN,), ("invoice.updated",)), **_NO_PLAN),
    UpdatePaymentPlan: _row(draft=_EDITED, open=Move((OPEN,), ("invoice.updated",)), **_NO_PLAN),
}
"""What each status answers to each command. Creating is not in it: there is no status yet.

An edge names the events of its whole course, in order, when a charge it needs succeeds. Besides them:

- payments announce themselves before what they do to the invoice (``payment_intent.*``, ``charge.*``);
- an invoice that advances by itself and is mailed is sent when it is finalized: ``invoice.sent`` comes
  after the events of finalizing, where the account has such mails switched on;
- a draft of which nothing is left to collect is paid by finalizing: ``invoice.paid`` and
  ``invoice.payment_succeeded`` then stand between ``invoice.finalized`` and ``invoice.updated``, and
  a command that finalizes it first in order to collect has nothing more to do;
- a charge that fails announces ``invoice.payment_failed`` or ``invoice.payment_action_required``
  in the place of the events of money, and a payment still on its way announces nothing yet;
- a payment that covers a part announces no ``invoice.paid`` and no ``invoice.payment_succeeded``;
- what changes nothing announces nothing.
"""


def allowed(status: str, command: type) -> Move:
    """Return the move that ``command`` may make in ``status``, or raise the refusal of TABLE."""
    return move_of(TABLE, status, command)
