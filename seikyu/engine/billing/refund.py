"""Refunds: giving money of a succeeded payment back to the card that paid, all of it or a part.

A refund has two halves with the processor between them, as a charge has: it is stored as ``pending``
with an attempt, and the answer makes it ``succeeded`` or ``failed``. While it is on its way nothing else
may happen to its payment. A refund never changes the invoice that was paid: what that invoice says of
its payments stays true, and a re-opening would be un-applying. A payment that was refunded, even in
part, cannot be applied any more. Source: Stripe, "Refunds" and "Applying payments to invoices".
"""

from dataclasses import dataclass

from seikyu.engine.billing.attempt import OUTCOME_DUE_AFTER, Attempt, Outcome
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import free
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.payment_intent import Charge, PaymentIntent
from seikyu.engine.billing.refund_record import Refund
from seikyu.engine.billing.refusals import RefundNotPossible

__all__ = ["CreateRefund", "Refund", "UpdateRefund", "decide", "settle_refund"]


@dataclass(frozen=True, slots=True)
class CreateRefund:
    """Give money back; without an amount all that was not given back yet."""

    given: Given
    request_key: str | None = None


@dataclass(frozen=True, slots=True)
class UpdateRefund:
    """Change its metadata; nothing else of a refund can change."""

    given: Given


def decide(book: Book, command: object, context: Context) -> Decision:
    """Decide a command on a refund. Raises RefundNotPossible, PaymentInProgress."""
    if isinstance(command, CreateRefund):
        return _create(book, command, context)
    assert isinstance(command, UpdateRefund)
    before = book.refund
    assert before is not None
    metadata = merged(before.metadata, command.given.get("metadata", {}))
    after = replace(before, metadata=metadata)
    if after == before:
        return Decision(before)
    return Decision(after, (after,), announcements=(Announcement("refund.updated", after, before),))


def _create(book: Book, command: CreateRefund, context: Context) -> Decision:
    intent, charge = book.intent, book.charge
    assert intent is not None
    if charge is None or charge.status != "succeeded":
        raise RefundNotPossible(
            f"The payment {intent.id} does not have a successful charge to refund.",
            "payment_intent",
        )
    free(book)
    given = command.given
    refund = Refund(
        id=context.mint("re"),
        created=context.now,
        amount=refundable(charge, given.get("amount")),
        currency=charge.currency,
        charge_id=charge.id,
        intent_id=intent.id,
        customer_id=charge.customer_id,
        reason=given.get("reason"),
        instructions_email=given.get("instructions_email"),
        metadata=merged({}, given.get("metadata", {})),
    )
    attempt = giving_back(refund, charge, context, command.request_key)
    return Decision(refund, (refund, attempt), charge=attempt)


def giving_back(
    refund: Refund, charge: Charge, context: Context, request_key: str | None
) -> Attempt:
    """Return the attempt to be stored before the processor is asked for the refund."""
    return Attempt(
        id=context.mint("att"),
        created=context.now,
        intent_id=charge.payment_intent_id,
        customer_id=charge.customer_id,
        method_id=charge.payment_method_id,
        processor_ref=charge.processor_charge,
        amount=refund.amount,
        currency=refund.currency,
        off_session=True,
        subject_id=refund.id,
        request_key=request_key,
        next_action_at=context.system_now + OUTCOME_DUE_AFTER,
        refund_id=refund.id,
    )


def refundable(charge: Charge, amount: int | None) -> int:
    """Return what is given back, in minor units. Raises RefundNotPossible when it is not there."""
    left = charge.amount - charge.amount_refunded
    if left == 0:
        raise RefundNotPossible(
            f"Charge {charge.id} has already been refunded.", code="charge_already_refunded"
        )
    if amount is not None and amount > left:
        raise RefundNotPossible(
            f"Refund amount ({amount} {charge.currency}) is greater than unrefunded amount on charge "
            f"({left} {charge.currency}).",
            "amount",
        )
    return left if amount is None else amount


def settle_refund(book: Book, attempt: Attempt, outcome: Outcome, context: Context) -> Decision:
    """Record the processor's answer to a refund, once."""
    del context
    before, charge, intent = book.refund, book.charge, book.intent
    assert before is not None
    assert charge is not None
    assert intent is not None
    done = replace(attempt, status=outcome.status, next_action_at=None)
    if outcome.status != "succeeded":
        failed = replace(before, status="failed", failure_reason=outcome.code or "unknown")
        return Decision(
            failed,
            (done, failed),
            announcements=(
                Announcement("refund.created", failed),
                Announcement("refund.failed", failed),
            ),
        )
    refund = replace(before, status="succeeded", reference=outcome.reference)
    given_back = given_back_of(charge, intent, refund.amount)
    return Decision(
        refund,
        (done, refund, *given_back),
        announcements=(
            Announcement("refund.created", refund),
            Announcement("charge.refunded", given_back[0]),
        ),
    )


def given_back_of(
    charge: Charge, intent: PaymentIntent, amount: int
) -> tuple[Charge, PaymentIntent]:
    """Return charge and payment with ``amount`` more minor units given back."""
    return (
        replace(charge, amount_refunded=charge.amount_refunded + amount),
        replace(intent, amount_refunded=intent.amount_refunded + amount),
    )
