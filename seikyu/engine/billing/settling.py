"""Settling: what the processor's answer to an attempt changes.

Here an outcome becomes record: the charge, the payment intent, the payment on the invoice, the invoice.
Money that came is always recorded, whatever else is under way.
"""

from typing import Any

from seikyu.engine.billing import standing
from seikyu.engine.billing.advancing import exhausted
from seikyu.engine.billing.attempt import Attempt, Outcome
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import (
    attempted,
    collected,
    default_in_step,
    paid_up,
    unpaid,
)
from seikyu.engine.billing.covering import covered
from seikyu.engine.billing.decision import (
    Announcement,
    Context,
    Decision,
    Record,
    merged_decisions,
)
from seikyu.engine.billing.due import timed
from seikyu.engine.billing.invoice import PAID, Invoice
from seikyu.engine.billing.mail import mailed
from seikyu.engine.billing.payment_intent import (
    Charge,
    InvoicePayment,
    PaymentIntent,
    charged_for,
)
from seikyu.engine.billing.payment_method import PaymentMethod, as_it_is, attached
from seikyu.engine.billing.plan import expected
from seikyu.engine.billing.refusals import (
    ActionRequired,
    CardDeclined,
)


def settle(book: Book, outcome: Outcome, context: Context) -> Decision:
    """Record the outcome of the book's attempt, once: a second answer changes nothing.

    Answers with the object whose payment was asked for: the invoice or the payment intent.
    """
    attempt, intent = book.attempt, book.intent
    assert attempt is not None
    assert intent is not None
    if attempt.status != "processing":
        invoice = book.invoice
        asked = invoice if invoice is not None and invoice.id == attempt.subject_id else intent
        return Decision(book.subject or asked)
    done = replace(attempt, status=outcome.status, next_action_at=None)
    rule = {"succeeded": _succeeded, "declined": _declined, "requires_action": _needs_customer}
    decision = rule[outcome.status](book, attempt, intent, outcome, context)
    answer = next((x for x in reversed(decision.saves) if x.id == attempt.subject_id), intent)
    decision = replace(decision, answer=answer, saves=(done, *decision.saves))
    return standing.answered(book, decision)


def _succeeded(
    book: Book, attempt: Attempt, intent: PaymentIntent, outcome: Outcome, context: Context
) -> Decision:
    charge = _new_charge(book, attempt, intent, outcome, context)
    after = replace(
        intent,
        status="succeeded",
        payment_method_id=attempt.method_id,
        latest_charge=charge.id,
        amount_received=attempt.amount,
        last_error=None,
        next_action=None,
    )
    kept, news = _kept_for_later(book, after)
    money = Decision(
        after,
        (charge, after, *kept),
        announcements=(
            Announcement("charge.succeeded", charge),
            Announcement("payment_intent.succeeded", after),
            *news,
        ),
    )
    payment = next((p for p in book.payments if p.intent_id == intent.id), None)
    if book.invoice is None or payment is None or payment.status != "open":
        return money
    return merged_decisions(money, credit(book, book.invoice, payment, after, context))


def _kept_for_later(
    book: Book, intent: PaymentIntent
) -> tuple[tuple[Record, ...], tuple[Announcement, ...]]:
    """``setup_future_usage``: a card that paid once becomes the customer's, for the next time."""
    method = book.method
    wanted = intent.details.get("setup_future_usage") and intent.customer_id
    if not wanted or method is None or method.customer_id is not None or method.detached:
        return (), ()
    own = attached(method, str(intent.customer_id))
    return (own,), (Announcement("payment_method.attached", own),)


def credit(
    book: Book, before: Invoice, payment: InvoicePayment, intent: PaymentIntent, context: Context
) -> Decision:
    """Credit a payment that has come to the invoice that expects it."""
    received = replace(
        payment, status="paid", amount_paid=intent.amount_received, paid_at=context.now
    )
    money = covered(book, before, intent.amount_received, context)
    book, after = money.book, money.invoice
    if payment.is_default and not before.attempted:
        after = attempted(after, context, scheduled=False)
    saves: list[Record] = [received, *money.saves]
    announcements: list[Announcement] = []
    if not payment.is_default or after.amount_remaining:
        # This payment is no longer open: what ends or changes the open ones must not see it as such.
        others = tuple(p for p in book.payments if p.id != payment.id)
        more, announcements, after = default_in_step(
            replace(book, payments=(*others, received)), after, context, settling=True
        )
        saves += more
    people, news = paid_up(book, after, context)
    receipt = mailed("receipt", after, book.customer, book.settings, context)
    return Decision(
        after,
        (*saves, after, *people, *receipt),
        announcements=(
            *announcements,
            Announcement("invoice_payment.paid", received),
            *money.news,
            *collected(before, after),
            *news,
        ),
    )


def _declined(
    book: Book, attempt: Attempt, intent: PaymentIntent, outcome: Outcome, context: Context
) -> Decision:
    charge = _new_charge(book, attempt, intent, outcome, context)
    refusal = CardDeclined(
        outcome.message or "Your card was declined.",
        code=outcome.code or "card_declined",
        decline_code=outcome.decline_code,
        charge=charge.id,
        intent=intent.id,
        method=attempt.method_id,
    )
    after = replace(
        intent,
        status="requires_payment_method",
        payment_method_id=None,
        latest_charge=charge.id,
        last_error=_error(refusal, book.method),
        next_action=None,
    )
    failed = Decision(
        after,
        (charge, after),
        announcements=(
            Announcement("charge.failed", charge),
            Announcement("payment_intent.payment_failed", after),
        ),
        refusal=refusal,
    )
    return _on_invoice(book, attempt, failed, "invoice.payment_failed", context)


def _needs_customer(
    book: Book, attempt: Attempt, intent: PaymentIntent, outcome: Outcome, context: Context
) -> Decision:
    if attempt.off_session and book.invoice is None:
        refused = replace(outcome, code="authentication_required")
        refused = replace(refused, decline_code="authentication_required")
        return _declined(book, attempt, intent, refused, context)
    after = replace(
        intent,
        status="requires_action",
        payment_method_id=attempt.method_id,
        next_action={
            "type": "use_stripe_sdk",
            "use_stripe_sdk": {"type": "three_d_secure_redirect"},
        },
    )
    asked = Decision(
        after,
        (after,),
        announcements=(Announcement("payment_intent.requires_action", after),),
    )
    if book.invoice is None:
        return asked
    # Whoever asked for the invoice to be paid is refused: it is not paid. Whoever confirmed the
    # payment itself goes on with its next_action, so that is no error (Stripe: both).
    refusal = ActionRequired(
        "Payment for this invoice requires additional user action before it can be completed "
        "successfully. The hosted invoice page or the payment intent's client secret lets the "
        "customer authenticate.",
        code="invoice_payment_intent_requires_action",
        intent=intent.id,
        method=attempt.method_id,
    )
    if attempt.subject_id != intent.id:
        asked = replace(asked, refusal=refusal)
    return _on_invoice(book, attempt, asked, "invoice.payment_action_required", context)


def _on_invoice(
    book: Book, attempt: Attempt, decision: Decision, event: str, context: Context
) -> Decision:
    """Add what a charge that brought no money means for its invoice."""
    before = book.invoice
    if before is None or attempt.invoice_id is None:
        return decision
    if decision.answer.id == before.intent_id:
        decision, before = _in_step(book, before, decision, context)
    if before.status == PAID:
        return decision
    after = attempted(before, context, scheduled=attempt.scheduled)
    people: tuple[Record, ...] = ()
    news: tuple[Announcement, ...] = ()
    if after.collection_method == "charge_automatically":
        people, news = standing.failed(book, context)
    told: tuple[Record, ...] = ()
    if attempt.scheduled:
        people, news = unpaid(book, context)
        kind = "payment_failed" if event == "invoice.payment_failed" else "action_required"
        shown = timed(after, book.settings)
        told = mailed(kind, shown, book.customer, book.settings, context)
    failed = merged_decisions(
        decision,
        Decision(
            after,
            (after, *people, *told),
            announcements=(
                Announcement(event, after),
                Announcement("invoice.updated", after, before),
                *news,
            ),
            refusal=decision.refusal,
        ),
    )
    return exhausted(book, failed, context) if attempt.scheduled else failed


def _in_step(
    book: Book, invoice: Invoice, decision: Decision, context: Context
) -> tuple[Decision, Invoice]:
    """Make the expected payment what remains: other money may have come while it was on its way."""
    intent = decision.answer
    assert isinstance(intent, PaymentIntent)
    if intent.amount == expected(invoice.plan, invoice.amount_remaining):
        return decision, invoice
    free = replace(book, expected=intent, in_flight=None)
    saves, announcements, invoice = default_in_step(free, invoice, context)
    more = Decision(intent, tuple(saves), announcements=tuple(announcements))
    return replace(merged_decisions(decision, more), refusal=decision.refusal), invoice


def _error(refusal: CardDeclined, method: PaymentMethod | None) -> dict[str, Any]:
    """Return the payment intent's ``last_payment_error``, with the method as it failed."""
    return {
        "type": "card_error",
        "code": refusal.code,
        "decline_code": refusal.decline_code,
        "message": refusal.message,
        "charge": refusal.charge,
        "payment_method": as_it_is(method),
    }


def _new_charge(
    book: Book, attempt: Attempt, intent: PaymentIntent, outcome: Outcome, context: Context
) -> Charge:
    failed = outcome.status != "succeeded"
    method = book.method
    details = {
        **charged_for(intent, book.invoice),
        "card": method.card if method else {},
        "billing_details": (method.details.get("billing_details") or {}) if method else {},
        "authenticated": attempt.authenticated,
    }
    return Charge(
        id=context.mint("ch"),
        created=context.now,
        amount=attempt.amount,
        currency=attempt.currency,
        status="failed" if failed else "succeeded",
        payment_intent_id=intent.id,
        payment_method_id=attempt.method_id,
        processor_charge=outcome.reference,
        customer_id=attempt.customer_id,
        failure_code=outcome.code if failed else None,
        failure_message=outcome.message if failed else None,
        decline_code=outcome.decline_code if failed else None,
        details=details,
    )
