"""Mails to customers: which are owed, to whom, in which language. What they say is written elsewhere.

A rule that decides something of which the customer is told puts the mails of ``mailed`` into what its
decision saves. So a mail is owed exactly when the change it speaks of is stored. Sending it is
bookkeeping, as with webhooks: it changes ``status`` and what stands below it, and decides nothing.

In live mode a mail waits until it is sent, failed or dropped (its invoice moved on meanwhile). In test
mode it is captured at once and never sent; it shows the invoice as it was in the mail's own moment,
which under a test clock may be long past when somebody reads it.
Source: Stripe, "Send customer emails".
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seikyu.engine.billing.decision import Context, Decision
from seikyu.engine.billing.due import timed
from seikyu.engine.billing.refusals import ObjectMissing

if TYPE_CHECKING:
    from seikyu.engine.billing.customer import Customer
    from seikyu.engine.billing.invoice import Invoice
    from seikyu.engine.billing.settings import Settings

SWITCHES = {
    "invoice": "finalized_invoice",
    "receipt": "receipt",
    "payment_failed": "failed_payment",
    "action_required": "action_required",
    "reminder": "reminders",
}
"""Kind of mail → the setting that switches it on."""

KINDS = tuple(SWITCHES)
STATUSES = WAITING, SENT, CAPTURED, FAILED, DROPPED = (
    "waiting",
    "sent",
    "captured",
    "failed",
    "dropped",
)

LOCALES = ("ja", "en")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one recipient.

    ``created`` is in the customer's time (their test clock's); ``next_attempt_at`` and ``sent_at`` are
    the system's, in Unix seconds. ``locale`` None: the language of the issuer's country. ``days``: of a
    reminder, relative to the due date; negative is before it. ``facts`` is the invoice at ``created``.
    ``next_attempt_at`` None: nothing is to be done about it any more.
    """

    id: str
    created: int
    kind: str
    customer_id: str
    recipient: str
    version: int = 0
    invoice_id: str | None = None
    payment_intent_id: str | None = None
    locale: str | None = None
    days: int | None = None
    resend_of: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    status: str = WAITING
    next_attempt_at: int | None = None
    attempts: int = 0
    last_outcome: str | None = None
    sent_at: int | None = None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    attachments: tuple[str, ...] = ()


FACTS = (
    "status", "number", "amount_due", "amount_paid", "amount_remaining", "due_date", "paid_at",
    "next_payment_attempt",
)  # fmt: skip
"""What a mail remembers of its invoice, besides the instalments of its plan."""


@dataclass(frozen=True, slots=True)
class ResendMail:
    """Send a mail once more, as a mail of its own; ``recipient`` when it is to go elsewhere."""

    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class MailBook:
    """The mail at issue; ``customer`` and ``invoice`` as they are now."""

    mail: Mail | None = None
    customer: "Customer | None" = None
    invoice: "Invoice | None" = None


def mailed(
    kind: str,
    invoice: "Invoice",
    customer: "Customer | None",
    settings: "Settings",
    context: Context,
    *,
    days: int | None = None,
    asked: bool = False,
) -> tuple[Mail, ...]:
    """Return the mail that is owed, or nothing: switched off in the settings, or no address is known.

    ``kind`` is one of KINDS; ``days`` only of a reminder, negative before the due date. ``asked``: a
    person asked for this very mail, so the switch does not count. ``invoice`` is as it is *after* the
    change. The address is the customer's present one, else the one that the invoice shows.
    """
    assert kind in SWITCHES
    switched_on = asked or getattr(settings.mails, SWITCHES[kind])
    recipient = recipient_of(invoice, customer)
    if not switched_on or recipient is None:
        return ()
    invoice = timed(invoice, settings)  # a failure says when it is tried again
    mail = Mail(
        id=context.mint("mail"),
        created=context.now,
        kind=kind,
        customer_id=invoice.customer_id,
        recipient=recipient,
        invoice_id=invoice.id,
        payment_intent_id=invoice.intent_id,
        locale=locale_for(customer, settings.mails.language),
        days=days,
        facts=facts_of(invoice),
        status=WAITING if context.livemode else CAPTURED,
        next_attempt_at=context.system_now,
    )
    return (mail,)


def facts_of(invoice: "Invoice") -> dict[str, Any]:
    """Return what a mail remembers of the invoice as it is; ``plan`` only when it has one."""
    facts: dict[str, Any] = {name: getattr(invoice, name) for name in FACTS}
    if invoice.plan:
        facts["plan"] = [
            {
                "amount": part.amount,
                "amount_remaining": part.amount_remaining,
                "description": part.description,
                "due_date": part.due_date,
                "status": part.status,
            }
            for part in sorted(invoice.plan, key=lambda part: part.due_date or 0)
        ]
    return facts


def recipient_of(invoice: "Invoice", customer: "Customer | None") -> str | None:
    """Return where mails about the invoice go: a corrected address helps mails about older invoices."""
    present = customer.email if customer is not None and not customer.deleted else None
    return present or invoice.snapshot.get("email") or None


def locale_for(customer: "Customer | None", language: str) -> str | None:
    """Return the language: the one that is set for all, else the customer's first that we speak.

    None, where neither says anything, is the language of the issuer's country.
    """
    if language in LOCALES:
        return language
    preferred = (customer.details.get("preferred_locales") or ()) if customer else ()
    spoken = (tag.lower().replace("_", "-").split("-")[0] for tag in preferred)
    return next((tag for tag in spoken if tag in LOCALES), None)


def decide(book: MailBook, command: object, context: Context) -> Decision:
    """Decide a command on a mail. Raises ObjectMissing."""
    assert isinstance(command, ResendMail)
    first, invoice = book.mail, book.invoice
    if first is None:
        raise ObjectMissing("seikyu.mail", "")
    facts = first.facts if invoice is None else facts_of(invoice)
    again = Mail(
        id=context.mint("mail"),
        created=context.now,
        kind=first.kind,
        customer_id=first.customer_id,
        recipient=command.recipient or first.recipient,
        invoice_id=first.invoice_id,
        payment_intent_id=first.payment_intent_id,
        locale=first.locale,
        days=first.days,
        resend_of=first.resend_of or first.id,
        facts=facts,
        status=WAITING if context.livemode else CAPTURED,
        next_attempt_at=context.system_now,
    )
    return Decision(again, (again,))


def outdated(kind: str, status: str, amount_paid: int) -> str | None:
    """Say why a mail must not be sent any more, when its invoice has moved on; None: it may be sent.

    ``status`` and ``amount_paid`` are the invoice's as they are when the mail would go.
    """
    if kind == "receipt":
        return None if amount_paid > 0 else "no payment is applied to the invoice any more"
    if kind == "invoice":
        return "the invoice is void" if status == "void" else None
    return None if status == "open" else f"the invoice is not open any more: it is {status}"
