"""Payments: what may be done to a payment intent in which status, and what an outcome changes.

``settle`` is where the processor's answer becomes record: the charge, the payment intent, the payment
on the invoice, the invoice. Source: Stripe, "The Payment Intents API" (life of an intent).
"""

from dataclasses import dataclass
from typing import Any

from seikyu.engine.billing.attempt import Attempt, Outcome
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import (
    attempted,
    begin,
    collected,
    credited,
    default_in_step,
    free,
    paid_up,
    usable,
)
from seikyu.engine.billing.currency import LARGEST_AMOUNT, minimum_charge
from seikyu.engine.billing.customer import with_delinquency
from seikyu.engine.billing.decision import (
    Announcement,
    Context,
    Decision,
    Given,
    Record,
    merged_decisions,
)
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.payment_intent import (
    Charge,
    InvoicePayment,
    PaymentIntent,
    new_intent,
)
from seikyu.engine.billing.payment_method import Card, PaymentMethod, attached, on_file
from seikyu.engine.billing.refusals import (
    ActionRequired,
    AmountTooLarge,
    AmountTooSmall,
    CardDeclined,
    IntentStateForbids,
    NotServed,
    ParameterMissing,
)

PLAIN = (
    "description", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor",
    "statement_descriptor_suffix", "payment_method_types", "allowed_payment_method_types",
    "automatic_payment_methods", "payment_method_options", "capture_method", "confirmation_method",
)  # fmt: skip

BEFORE_CHARGE = ("requires_payment_method", "requires_confirmation", "requires_action")


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
class Settle:
    """Take the processor's answer to the attempt of the book."""

    outcome: Outcome


def decide(book: Book, command: object, context: Context) -> Decision:
    """Decide a command on a payment intent. Raises the refusals named in each rule."""
    if isinstance(command, CreateIntent):
        return _create(book, command, context)
    if isinstance(command, Settle):
        return settle(book, command.outcome, context)
    assert book.intent is not None
    if isinstance(command, UpdateIntent):
        return _update(book, book.intent, command, context)
    if isinstance(command, ConfirmIntent):
        return _confirm(book, book.intent, command, context)
    assert isinstance(command, CancelIntent)
    return _cancel(book, book.intent, command, context)


def _check_amount(amount: int, currency: str) -> None:
    if amount > LARGEST_AMOUNT:
        raise AmountTooLarge(f"Amounts have at most 12 digits; this is {amount}.", "amount")
    least = minimum_charge(currency)
    if amount < least:
        raise AmountTooSmall(
            f"Amount must be at least {least} in {currency}'s smallest unit.", "amount"
        )


def _create(book: Book, command: CreateIntent, context: Context) -> Decision:
    given = command.given
    _check_amount(given["amount"], given["currency"])
    customer_id = book.customer.id if book.customer else None
    intent = new_intent(given["amount"], given["currency"], customer_id, context)
    intent, method, saves = _with(book, intent, given, command.card, context)
    created = Decision(
        intent,
        (*saves, intent),
        announcements=(Announcement("payment_intent.created", intent),),
    )
    if not given.get("confirm"):
        return created
    confirm = ConfirmIntent(given, request_key=command.request_key)
    confirmed = _charge(intent, method, confirm, context)
    return merged_decisions(created, confirmed)


def _with(
    book: Book, intent: PaymentIntent, given: Given, card: Card | None, context: Context
) -> tuple[PaymentIntent, PaymentMethod | None, list[Record]]:
    if given.get("capture_method") == "manual":
        raise NotServed(
            "Separate capture (capture_method=manual) is not served by this version of Seikyu.",
            "capture_method",
        )
    details: dict[str, Any] = {
        **intent.details,
        **{key: given[key] for key in PLAIN if key in given},
    }
    details["metadata"] = merged(details.get("metadata") or {}, given.get("metadata", {}))
    saves: list[Record] = []
    method = book.method
    if card is not None:
        method = on_file(card, context)
        saves.append(method)
    changed = replace(intent, details=details)
    if method is not None and (card is not None or given.get("payment_method") is not None):
        usable(method, intent.customer_id)
        status = "requires_confirmation" if intent.status in BEFORE_CHARGE else intent.status
        changed = replace(changed, payment_method_id=method.id, status=status, next_action=None)
    return changed, method, saves


def _update(book: Book, before: PaymentIntent, command: UpdateIntent, context: Context) -> Decision:
    given = command.given
    frozen = set(given) - {"metadata", "description", "receipt_email"}
    if before.status not in BEFORE_CHARGE and frozen:
        raise IntentStateForbids(
            f"This PaymentIntent's {min(frozen)} could not be updated because it has a "
            f"status of {before.status}.",
            min(frozen),
        )
    free(book)
    amount = given.get("amount", before.amount)
    currency = given.get("currency", before.currency)
    if (amount, currency) != (before.amount, before.currency):
        if before.invoice_id is not None or any(p.status == "open" for p in book.payments):
            raise IntentStateForbids(
                "The amount and currency of an invoice's payment cannot be changed while it is "
                "expected there.",
                "amount",
            )
        _check_amount(amount, currency)
    customer_id = before.customer_id
    if before.customer_id is None and given.get("customer") and book.customer is not None:
        customer_id = book.customer.id
    intent = replace(before, amount=amount, currency=currency, customer_id=customer_id)
    after, _, saves = _with(book, intent, given, command.card, context)
    return Decision(after, (*saves, after)) if after != before else Decision(before)


def _confirm(
    book: Book, before: PaymentIntent, command: ConfirmIntent, context: Context
) -> Decision:
    if before.status not in BEFORE_CHARGE:
        raise IntentStateForbids(
            f"You cannot confirm this PaymentIntent because it has a status of {before.status}. "
            "Only a PaymentIntent with one of the following statuses may be confirmed: "
            "requires_confirmation, requires_action, requires_payment_method.",
        )
    free(book)
    intent, method, saves = _with(book, before, command.given, command.card, context)
    if intent != before:
        saves.append(intent)
    decision = _charge(intent, method, command, context)
    return replace(decision, saves=(*saves, *decision.saves))


def _charge(
    intent: PaymentIntent,
    method: PaymentMethod | None,
    command: ConfirmIntent,
    context: Context,
) -> Decision:
    if method is None:
        raise ParameterMissing("payment_method")
    attempt = begin(
        intent,
        usable(method, intent.customer_id),
        context,
        invoice_id=intent.invoice_id,
        off_session=bool(command.given.get("off_session")),
        authenticated=command.authenticated,
        request_key=command.request_key,
    )
    return Decision(intent, (attempt,), charge=attempt)


def _cancel(book: Book, before: PaymentIntent, command: CancelIntent, context: Context) -> Decision:
    if before.status not in BEFORE_CHARGE:
        raise IntentStateForbids(
            f"You cannot cancel this PaymentIntent because it has a status of {before.status}. "
            "Only a PaymentIntent with one of the following statuses may be canceled: "
            "requires_payment_method, requires_confirmation, requires_action.",
        )
    if before.invoice_id is not None:
        raise IntentStateForbids(
            "This PaymentIntent is the payment of an invoice; void the invoice instead."
        )
    free(book)
    after = replace(
        before,
        status="canceled",
        canceled_at=context.now,
        cancellation_reason=command.given.get("cancellation_reason"),
        next_action=None,
    )
    expected = (
        replace(payment, status="canceled", canceled_at=context.now)
        for payment in book.payments
        if payment.status == "open"
    )
    return Decision(
        after,
        (after, *expected),
        announcements=(Announcement("payment_intent.canceled", after),),
    )


# ── outcomes ───────────────────────────────────────────────────────────────────────────────────


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
        return Decision(asked)
    done = replace(attempt, status=outcome.status, next_action_at=None)
    rule = {"succeeded": _succeeded, "declined": _declined, "requires_action": _needs_customer}
    decision = rule[outcome.status](book, attempt, intent, outcome, context)
    answer = next((x for x in reversed(decision.saves) if x.id == attempt.subject_id), intent)
    return replace(decision, answer=answer, saves=(done, *decision.saves))


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
    return merged_decisions(money, _credit(book, book.invoice, payment, after, context))


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


def _credit(
    book: Book, before: Invoice, payment: InvoicePayment, intent: PaymentIntent, context: Context
) -> Decision:
    received = replace(
        payment, status="paid", amount_paid=intent.amount_received, paid_at=context.now
    )
    after = credited(before, intent.amount_received, context.now)
    if payment.is_default and not before.attempted:
        after = attempted(after, scheduled=False)
    saves: list[Record] = [received]
    announcements: list[Announcement] = []
    if not payment.is_default:
        # This payment is no longer open: what ends or changes the open ones must not see it as such.
        others = tuple(p for p in book.payments if p.id != payment.id)
        more, announcements, after = default_in_step(
            replace(book, payments=(*others, received)), after, context, settling=True
        )
        saves += more
    people, news = paid_up(book, after)
    return Decision(
        after,
        (*saves, after, *people),
        announcements=(
            *announcements,
            Announcement("invoice_payment.paid", received),
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
        last_error=_error(refusal, attempt),
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
    return _on_invoice(book, attempt, failed, "invoice.payment_failed")


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
    return _on_invoice(book, attempt, asked, "invoice.payment_action_required")


def _on_invoice(book: Book, attempt: Attempt, decision: Decision, event: str) -> Decision:
    """Add what a charge that brought no money means for its invoice."""
    before = book.invoice
    if before is None or attempt.invoice_id is None:
        return decision
    after = attempted(before, scheduled=attempt.scheduled)
    failing = book.customer if attempt.scheduled else None
    people, news = with_delinquency(failing, delinquent=True)
    return merged_decisions(
        decision,
        Decision(
            after,
            (after, *people),
            announcements=(
                Announcement(event, after),
                Announcement("invoice.updated", after, before),
                *news,
            ),
            refusal=decision.refusal,
        ),
    )


def _error(refusal: CardDeclined, attempt: Attempt) -> dict[str, Any]:
    """Return the payment intent's ``last_payment_error`` (the method is shown by its id)."""
    return {
        "type": "card_error",
        "code": refusal.code,
        "decline_code": refusal.decline_code,
        "message": refusal.message,
        "charge": refusal.charge,
        "payment_method": attempt.method_id,
    }


def _new_charge(
    book: Book, attempt: Attempt, intent: PaymentIntent, outcome: Outcome, context: Context
) -> Charge:
    failed = outcome.status != "succeeded"
    method = book.method
    details = {
        "card": method.card if method else {},
        "billing_details": (method.details.get("billing_details") or {}) if method else {},
        "description": intent.details.get("description"),
        "metadata": intent.details.get("metadata") or {},
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
