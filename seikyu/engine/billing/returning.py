"""Refunds that a cash balance takes part in: into it, and out of it to the customer's bank.

A payment that was made from the cash balance is given back to it, at once; from there the money can pay
something else. Money of the balance itself goes back to the customer's bank: it leaves the balance when
that is asked for, the refund is pending until somebody says that the bank has carried it out, and it comes
back when it is canceled before. Everything else is a card's (``refund.py``).
Source: Stripe, "Refund customer balance payments".
"""

from dataclasses import dataclass

from seikyu.engine.billing import refund as of_cards
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.cash import (
    CUSTOMER_BALANCE,
    REFUNDED,
    RETURN_CANCELED,
    RETURNING,
    cash_of,
    moved,
)
from seikyu.engine.billing.cash_instructions import TRANSFERS
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import alive
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.payment_intent import Charge
from seikyu.engine.billing.refund import CreateRefund, given_back_of, refundable
from seikyu.engine.billing.refund_record import Refund
from seikyu.engine.billing.refusals import (
    NotServed,
    ParameterMissing,
    ParametersExclude,
    RefundNotPossible,
)


@dataclass(frozen=True, slots=True)
class CompleteReturn:
    """The bank has sent the money: the refund succeeded."""

    given: Given


@dataclass(frozen=True, slots=True)
class CancelReturn:
    """The money was not sent: it comes back to the balance."""

    given: Given


def decide(book: Book, command: object, context: Context) -> Decision:
    """Decide a command on a refund. Raises RefundNotPossible, CashBalanceInsufficient, NotServed."""
    if isinstance(command, CreateRefund):
        if command.given.get("origin") is not None:
            return _to_bank(book, command.given, context)
        if book.charge is not None and from_balance(book.charge):
            return _to_balance(book, book.charge, command.given, context)
    if isinstance(command, CompleteReturn):
        return _completed(_pending(book))
    if isinstance(command, CancelReturn):
        return _canceled(book, _pending(book), context)
    return of_cards.decide(book, command, context)


def from_balance(charge: Charge) -> bool:
    """Say whether the charge took its money from a cash balance."""
    return charge.details.get("type") == CUSTOMER_BALANCE


def _to_balance(book: Book, charge: Charge, given: Given, context: Context) -> Decision:
    intent = book.intent
    assert intent is not None
    if charge.status != "succeeded" or book.customer is None:
        raise RefundNotPossible(
            f"The payment {intent.id} does not have a successful charge to refund.",
            "payment_intent",
        )
    alive(book.customer)
    refund = Refund(
        id=context.mint("re"),
        created=context.now,
        amount=refundable(charge, given.get("amount")),
        currency=charge.currency,
        status="succeeded",
        charge_id=charge.id,
        intent_id=intent.id,
        customer_id=charge.customer_id,
        reason=given.get("reason"),
        destination=CUSTOMER_BALANCE,
        instructions_email=given.get("instructions_email"),
        metadata=merged({}, given.get("metadata", {})),
    )
    cash, movement = moved(
        cash_of(book, context),
        REFUNDED,
        refund.amount,
        refund.currency,
        context,
        refund_id=refund.id,
    )
    given_back = given_back_of(charge, intent, refund.amount)
    return Decision(
        refund,
        (refund, *given_back, cash, movement),
        announcements=(
            Announcement("refund.created", refund),
            Announcement("charge.refunded", given_back[0]),
            Announcement("customer_cash_balance_transaction.created", movement),
        ),
    )


def _to_bank(book: Book, given: Given, context: Context) -> Decision:
    for named in ("payment_intent", "charge"):
        if given.get(named):
            raise ParametersExclude(
                f"You may only specify one of these parameters: origin, {named}.", named
            )
    for needed in ("customer", "currency", "amount"):
        if given.get(needed) is None:
            raise ParameterMissing(needed)
    customer = alive(book.customer)
    kind = TRANSFERS.get(given["currency"])
    if kind is None:
        raise NotServed(f"There are no bank transfers in {given['currency']}.", "currency")
    refund = Refund(
        id=context.mint("re"),
        created=context.now,
        amount=given["amount"],
        currency=given["currency"],
        intent_id=None,
        customer_id=customer.id,
        reason=given.get("reason"),
        destination=kind,
        instructions_email=given.get("instructions_email"),
        metadata=merged({}, given.get("metadata", {})),
    )
    cash, movement = moved(
        cash_of(book, context),
        RETURNING,
        -refund.amount,
        refund.currency,
        context,
        refund_id=refund.id,
    )
    return Decision(
        refund,
        (refund, cash, movement),
        announcements=(
            Announcement("refund.created", refund),
            Announcement("customer_cash_balance_transaction.created", movement),
        ),
    )


def _pending(book: Book) -> Refund:
    """Return the book's refund when it is on its way to a bank. Raises RefundNotPossible."""
    refund = book.refund
    assert refund is not None
    if refund.intent_id is not None:
        raise RefundNotPossible(
            "Only refunds of a cash balance (origin=customer_balance) wait for a bank; this one is of a "
            "payment."
        )
    if refund.status != "pending":
        raise RefundNotPossible(
            f"The refund has a status of {refund.status}; only a pending one can change."
        )
    return refund


def _completed(before: Refund) -> Decision:
    after = replace(before, status="succeeded")
    return Decision(after, (after,), announcements=(Announcement("refund.updated", after, before),))


def _canceled(book: Book, before: Refund, context: Context) -> Decision:
    after = replace(before, status="canceled")
    cash, movement = moved(
        cash_of(book, context),
        RETURN_CANCELED,
        before.amount,
        before.currency,
        context,
        refund_id=before.id,
    )
    return Decision(
        after,
        (after, cash, movement),
        announcements=(
            Announcement("refund.updated", after, before),
            Announcement("customer_cash_balance_transaction.created", movement),
        ),
    )
