"""Forecasting: what will happen to an invoice by itself if nobody pays, step by step.

The very rules that act are run forward on a copy: time is set to the invoice's next moment, ``advance``
decides, a charge that it begins is answered with a decline, and so on until no moment is left. Nothing
is said here about schedules, so the forecast cannot disagree with what then happens.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from seikyu.engine.billing.advancing import advance, carried, declined_for_good
from seikyu.engine.billing.attempt import Attempt, Outcome
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Context, Decision
from seikyu.engine.billing.due import next_action, retimed
from seikyu.engine.billing.invoice import DRAFT, Invoice
from seikyu.engine.billing.mail import Mail
from seikyu.engine.billing.payment_intent import InvoicePayment, PaymentIntent
from seikyu.engine.billing.settings import DAY, overridden, retry_offsets
from seikyu.engine.billing.settling import settle

DECLINE = Outcome("declined", "forecast", "card_declined", "generic_decline")
"""How every charge is assumed to end."""

MOST_MOMENTS = 100
"""More than any schedule has."""

FINALIZE, SEND, CHARGE, RETRY, SKIP, REMIND, FALL_DUE = (
    "finalize",
    "send",
    "charge",
    "retry",
    "skip_retry",
    "remind",
    "fall_due",
)
FAIL = "fail_to_finalize"

SAID = {
    "invoice.finalized": FINALIZE,
    "invoice.finalization_failed": FAIL,
    "invoice.sent": SEND,
    "invoice.overdue": REMIND,
    "invoice.will_be_due": REMIND,
    "invoice.paid": "paid",
    "invoice.marked_uncollectible": "mark_uncollectible",
    "customer.subscription.deleted": "cancel_subscription",
}
"""Event → the step that it announces. Other events are parts of these."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that time does, at ``at`` (Unix seconds, the customer's time).

    ``attempt`` and ``of`` count retries. ``days`` of a reminder are relative to the due date.
    ``mail`` is the kind of mail that goes out with it.
    """

    at: int
    action: str
    attempt: int | None = None
    of: int | None = None
    days: int | None = None
    mail: str | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """The steps in order, and how the invoice stands after the last of them."""

    invoice: Invoice
    as_of: int
    steps: tuple[Step, ...]
    ends: Invoice


def forecast(book: Book, context: Context) -> Forecast:
    """Run the book's invoice forward from ``context.now``, nobody paying. Stores and mints nothing."""
    invoice = book.invoice
    assert invoice is not None
    numbers = count(1)
    unreal = replace(context, mint=lambda prefix: f"{prefix}_forecast{next(numbers)}")
    steps: list[Step] = []
    now = context.now
    book = replace(book, in_flight=None)
    for _ in range(MOST_MOMENTS):
        assert book.invoice is not None
        at = next_action(book.invoice, book.settings)
        if at is None:
            break
        now = max(now, at)
        decided, book = _pass(book, replace(unreal, now=now, system_now=now))
        steps += decided
    assert book.invoice is not None
    return Forecast(invoice, context.now, tuple(steps), book.invoice)


def _pass(book: Book, context: Context) -> tuple[list[Step], Book]:
    """Let one moment pass; return what happened in it, and the book as it leaves it."""
    before = book.invoice
    assert before is not None
    skips = before.status != DRAFT and declined_for_good(book)
    decision = retimed(advance(book, context), book.settings)
    steps = list(_steps(book, decision, context.now))
    tried: str | None = None
    if decision.charge is not None:
        assert isinstance(decision.charge, Attempt)
        asked = replace(book, attempt=decision.charge, intent=book.expected)
        decision = retimed(settle(asked, DECLINE, context), book.settings)
        tried = RETRY if before.attempted else CHARGE
    elif any(said.type == "invoice.payment_failed" for said in decision.announcements):
        tried = RETRY if before.attempted else CHARGE
    elif before.status != DRAFT and before.collection_method == "charge_automatically":
        tried = SKIP if skips else None
    if tried is not None:
        steps = [_attempt(book, before, tried, decision, context.now)]
        steps += _steps(book, replace(decision, saves=()), context.now)
    return steps, _following(book, decision)


def _attempt(book: Book, before: Invoice, action: str, decision: Decision, at: int) -> Step:
    """Number the charge: the first one, then the k-th of n retries."""
    mail = next((x.kind for x in decision.saves if isinstance(x, Mail)), None)
    if action == CHARGE:
        return Step(at, CHARGE, mail=mail)
    settings = overridden(book.settings, before.details.get("collection_settings"))
    offsets = retry_offsets(settings.retries)
    since_first = at - (before.first_attempt_at or at)
    number = sum(offset <= since_first for offset in offsets)
    return Step(at, action, attempt=number, of=len(offsets), mail=mail)


def _steps(book: Book, decision: Decision, at: int) -> Iterator[Step]:
    """Read the steps off the events; the mails say what goes out with them."""
    mails = {mail.kind: mail for mail in decision.saves if isinstance(mail, Mail)}
    delinquent = book.customer is not None and book.customer.delinquent
    mailed = book.invoice is not None and book.invoice.collection_method == "send_invoice"
    for said in decision.announcements:
        action = SAID.get(said.type)
        if action == REMIND:
            mail = mails.get("reminder")
            yield Step(at, REMIND, days=_days(book, at), mail=mail.kind if mail else None)
        elif action is not None:
            mail = mails.get("invoice") if action == SEND else None
            yield Step(at, action, mail=mail.kind if mail else None)
        elif said.type == "customer.updated" and mailed and not delinquent:
            yield Step(at, FALL_DUE)
        elif said.type == "customer.subscription.updated":
            yield Step(at, f"subscription_{getattr(said.record, 'status', '')}")


def _days(book: Book, at: int) -> int | None:
    invoice = book.invoice
    if invoice is None or invoice.due_date is None:
        return None
    # To the nearest day: where clocks are changed, some days have 23 or 25 hours.
    return (at - invoice.due_date + DAY // 2) // DAY


def _following(book: Book, decision: Decision) -> Book:
    """Return the book for the next moment: finalizing makes the payment that is then charged."""
    book = carried(book, decision)
    for record in decision.saves:
        if isinstance(record, PaymentIntent):
            book = replace(book, expected=record)
        elif isinstance(record, InvoicePayment):
            others = tuple(p for p in book.payments if p.id != record.id)
            book = replace(book, payments=(*others, record))
    return book
