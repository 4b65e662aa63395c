"""Movements of a customer's credit balance that somebody makes by hand.

A movement is never changed or taken back; only what is said about it (description, metadata) can be.
Source: Stripe's CustomerBalanceTransactions.
"""

from dataclasses import dataclass

from seikyu.engine.billing.balance import BalanceTransaction, adjusted
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.currency import LARGEST_AMOUNT
from seikyu.engine.billing.customer import Customer, alive
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.refusals import AmountTooLarge, CurrencyDiffers


@dataclass(frozen=True, slots=True)
class BalanceBook:
    """What a decision on a customer's balance may read."""

    customer: Customer | None
    movement: BalanceTransaction | None = None


@dataclass(frozen=True, slots=True)
class MoveBalance:
    """Move the balance by ``amount`` minor units; negative is in the customer's favour."""

    customer_id: str
    given: Given


@dataclass(frozen=True, slots=True)
class DescribeMovement:
    """Change what is said about a movement."""

    customer_id: str
    given: Given


def decide(book: BalanceBook, command: object, context: Context) -> Decision:
    """Decide a command on a customer's balance. Raises CurrencyDiffers, AmountTooLarge."""
    if isinstance(command, MoveBalance):
        return _move(alive(book.customer), command.given, context)
    assert isinstance(command, DescribeMovement)
    before = book.movement
    assert before is not None
    given = command.given
    after = replace(
        before,
        description=given.get("description", before.description),
        metadata=merged(before.metadata, given.get("metadata", {})),
    )
    return Decision(before) if after == before else Decision(after, (after,))


def _move(before: Customer, given: Given, context: Context) -> Decision:
    currency, amount = given["currency"], given["amount"]
    if before.currency not in (None, currency):
        raise CurrencyDiffers(
            f"The customer's balance is kept in {before.currency}; it cannot be moved in {currency}.",
            "currency",
        )
    balance = before.balance + amount
    if abs(balance) > LARGEST_AMOUNT:
        raise AmountTooLarge(f"Balances have at most 12 digits; this is {balance}.", "amount")
    movement = replace(
        adjusted(before.id, currency, amount, balance, context),
        description=given.get("description"),
        metadata=merged({}, given.get("metadata", {})),
    )
    after = replace(before, balance=balance, currency=currency)
    return Decision(
        movement,
        (after, movement),
        announcements=(Announcement("customer.updated", after, before),),
    )
