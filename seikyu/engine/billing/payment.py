"""Payments: the commands on a payment intent, by the table in ``payment_intent``.

What an outcome of the processor changes stands in ``settling.py``.
Source: Stripe, "The Payment Intents API" (life of an intent).
"""

from dataclasses import dataclass
from typing import Any

from seikyu.engine.billing.attempt import Attempt, Outcome
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.cash import CUSTOMER_BALANCE
from seikyu.engine.billing.cash_paying import (
    confirmed,
    given_up,
    still_needing,
    transfer_method,
)
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import (
    begin,
    free,
    usable,
)
from seikyu.engine.billing.currency import LARGEST_AMOUNT, minimum_charge
from seikyu.engine.billing.decision import (
    Announcement,
    Context,
    Decision,
    Given,
    Record,
    merged_decisions,
)
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.payment_intent import (
    BEFORE_CHARGE,
    CANCELED,
    REQUIRES_CONFIRMATION,
    CancelIntent,
    ConfirmIntent,
    CreateIntent,
    PaymentIntent,
    UpdateIntent,
    allowed,
    new_intent,
)
from seikyu.engine.billing.payment_method import Card, PaymentMethod, on_file
from seikyu.engine.billing.refund import settle_refund
from seikyu.engine.billing.refusals import (
    AmountTooLarge,
    AmountTooSmall,
    IntentStateForbids,
    NotServed,
    ParameterMissing,
    PaymentMethodUnusable,
)
from seikyu.engine.billing.settling import settle

PLAIN = (
    "description", "receipt_email", "setup_future_usage", "shipping", "statement_descriptor",
    "statement_descriptor_suffix", "payment_method_types", "allowed_payment_method_types",
    "automatic_payment_methods", "payment_method_options", "capture_method", "confirmation_method",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settle:
    """Take the processor's answer to the attempt of the book."""

    outcome: Outcome


def decide(book: Book, command: object, context: Context) -> Decision:
    """Decide a command on a payment intent. Raises the refusals named in each rule."""
    if isinstance(command, CreateIntent):
        return _create(book, command, context)
    if isinstance(command, Settle):
        if book.refund is not None and book.attempt is not None:
            return _settled_refund(book, book.attempt, command.outcome, context)
        return settle(book, command.outcome, context)
    assert book.intent is not None
    if isinstance(command, UpdateIntent):
        return _update(book, book.intent, command, context)
    if isinstance(command, ConfirmIntent):
        return _confirm(book, book.intent, command, context)
    assert isinstance(command, CancelIntent)
    return _cancel(book, book.intent, command, context)


def _settled_refund(book: Book, attempt: Attempt, outcome: Outcome, context: Context) -> Decision:
    assert book.refund is not None
    note = book.credit.note if book.credit else None
    if attempt.status != "processing":
        return Decision(note or book.refund)
    decision = settle_refund(book, attempt, outcome, context)
    return decision if note is None else replace(decision, answer=note)


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
    return merged_decisions(created, _charge(book, intent, method, confirm, context))


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
        method = on_file(card, context, given.get("payment_method_data"))
        saves.append(method)
    data = given.get("payment_method_data") or {}
    if data.get("type") == CUSTOMER_BALANCE:
        method = transfer_method(context)
        saves.append(method)
    changed = replace(intent, details=details)
    if method is not None and (saves or given.get("payment_method") is not None):
        usable(method, intent.customer_id)
        status = REQUIRES_CONFIRMATION if intent.status in BEFORE_CHARGE else intent.status
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
        if before.amount_funded:
            raise IntentStateForbids(
                "The amount and currency of a payment for which money of the cash balance is held "
                "cannot be changed.",
                "amount",
            )
        _check_amount(amount, currency)
    customer_id = before.customer_id
    if before.customer_id is None and given.get("customer") and book.customer is not None:
        customer_id = book.customer.id
    intent = replace(before, amount=amount, currency=currency, customer_id=customer_id)
    after, _, saves = _with(book, intent, given, command.card, context)
    after = replace(after, next_action=still_needing(after))
    return Decision(after, (*saves, after)) if after != before else Decision(before)


def _confirm(
    book: Book, before: PaymentIntent, command: ConfirmIntent, context: Context
) -> Decision:
    allowed(before.status, ConfirmIntent)
    free(book)
    intent, method, saves = _with(book, before, command.given, command.card, context)
    if intent != before:
        saves.append(intent)
    decision = _charge(book, intent, method, command, context)
    return replace(decision, saves=(*saves, *decision.saves))


def _charge(
    book: Book,
    intent: PaymentIntent,
    method: PaymentMethod | None,
    command: ConfirmIntent,
    context: Context,
) -> Decision:
    if method is None:
        raise ParameterMissing("payment_method")
    for param in ("payment_method_types", "allowed_payment_method_types"):
        types = intent.details.get(param)
        if types and method.type not in types:
            raise PaymentMethodUnusable(
                f"The PaymentMethod provided ({method.type}) is not allowed for this PaymentIntent: "
                f"its {param} are {', '.join(types)}.",
                "payment_method",
            )
    if method.type == CUSTOMER_BALANCE:
        return confirmed(book, intent, method, context)
    if intent.amount_funded:
        raise IntentStateForbids(
            "Money of the cash balance is held for this PaymentIntent already; it cannot be charged to "
            "a card. Cancel it, and the money goes back to the balance."
        )
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
    allowed(before.status, CancelIntent)
    if before.invoice_id is not None:
        raise IntentStateForbids(
            "This PaymentIntent is the payment of an invoice; void the invoice instead."
        )
    free(book)
    before, returned, news = given_up(book, before, context)
    after = replace(
        before,
        status=CANCELED,
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
        (after, *expected, *returned),
        announcements=(Announcement("payment_intent.canceled", after), *news),
    )
