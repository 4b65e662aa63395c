"""The cash balance: money that a customer sent and that belongs to no payment yet.

It differs from the credit balance (``balance.py``), which is a promise of the account's: this is money,
kept by currency, that comes with a bank transfer and goes to payments. Each movement is a record that is
never changed, with the balance after it and its place among the customer's movements. A balance is never
negative. Source: Stripe, "Customer balance" and its CustomerCashBalanceTransactions.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.currency import LARGEST_AMOUNT, minimum_charge
from seikyu.engine.billing.decision import Context
from seikyu.engine.billing.reconciling import MERCHANT_DEFAULT, effective_mode
from seikyu.engine.billing.refusals import (
    AmountTooLarge,
    AmountTooSmall,
    CashBalanceInsufficient,
    CustomerHasCash,
)

if TYPE_CHECKING:
    from seikyu.engine.billing.book import Book

CUSTOMER_BALANCE = "customer_balance"
"""Stripe's name for paying from the cash balance: a type of payment method."""

FUNDED, REVERSED = "funded", "funding_reversed"
APPLIED, UNAPPLIED = "applied_to_payment", "unapplied_from_payment"
REFUNDED = "refunded_from_payment"
RETURNING, RETURN_CANCELED = "return_initiated", "return_canceled"

MOVEMENTS = (
    FUNDED, REVERSED, APPLIED, UNAPPLIED, REFUNDED, RETURNING, RETURN_CANCELED,
    "adjusted_for_overdraft", "transferred_to_balance",
)  # fmt: skip
"""Every type that Stripe names. The last two come from money that Stripe itself holds: never here."""

COMING = (FUNDED, UNAPPLIED, REFUNDED, RETURN_CANCELED)
"""Movements that bring money, which automatic reconciliation then deals with."""


@dataclass(frozen=True, slots=True)
class CashBalance:
    """A customer's money by currency, minor units. One record a customer, once there is anything to say.

    ``reconciliation_mode``: automatic, manual or merchant_default; ``default_mode`` is what the account
    had set when this was last saved. ``movements`` counts them. ``virtual_branch`` and ``virtual_number``
    are the bank account that only this customer was told, once somebody asked for it.
    """

    id: str
    created: int
    customer_id: str
    version: int = 0
    reconciliation_mode: str = MERCHANT_DEFAULT
    default_mode: str = "automatic"
    movements: int = 0
    virtual_branch: str | None = None
    virtual_number: str | None = None
    available: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CashMovement:
    """One movement. ``net_amount`` is positive for money that comes. Minor units of ``currency``.

    ``place`` counts the customer's movements from 1. ``line_id`` is the line of a bank statement.
    ``details``: what the bank told about a transfer (``reference``, ``sender_name``, …).
    """

    id: str
    created: int
    customer_id: str
    place: int
    type: str
    currency: str
    net_amount: int
    ending_balance: int
    version: int = 0
    intent_id: str | None = None
    refund_id: str | None = None
    line_id: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


def cash_id(customer_id: str) -> str:
    """Return the id under which a customer's cash balance is kept; Stripe shows none."""
    return f"cash_{customer_id}"


def cash_of(book: "Book", context: Context) -> CashBalance:
    """Return the customer's cash balance, a new empty one when there is none yet."""
    customer = book.customer
    assert customer is not None
    default = book.settings.reconciliation
    if book.cash is not None:
        return replace(book.cash, default_mode=default)
    return CashBalance(cash_id(customer.id), context.now, customer.id, default_mode=default)


def with_mode(
    cash: CashBalance | None, customer_id: str, given: dict[str, Any] | None, now: int
) -> tuple[CashBalance, ...]:
    """Return the balance to save for ``cash_balance`` among a customer's parameters; none for no change."""
    mode = ((given or {}).get("settings") or {}).get("reconciliation_mode")
    if mode is None:
        return ()
    before = cash or CashBalance(cash_id(customer_id), now, customer_id)
    after = replace(before, reconciliation_mode=mode)
    return () if after == cash else (after,)


def available(cash: CashBalance | None, currency: str) -> int:
    """Return what there is in the currency, in minor units."""
    return 0 if cash is None else cash.available.get(currency, 0)


def check_least(cash: CashBalance | None, currency: str, *, too_small: bool) -> None:
    """Raise AmountTooSmall for an invoice below the minimum charge of a customer with such money.

    Nothing is carried in the credit balance while there is money that could pay it.
    Source: Stripe, "Invoice amounts below the minimum".
    """
    if too_small and available(cash, currency):
        raise AmountTooSmall(
            f"The amount due is below the least that can be charged ({minimum_charge(currency)} "
            f"{currency}), and the customer has a cash balance of {available(cash, currency)} "
            f"{currency}: such an invoice cannot be finalized. Use the balance up, or bill more.",
        )


def check_no_cash(customer_id: str, cash: CashBalance | None) -> None:
    """Raise CustomerHasCash while money of the customer is here."""
    left = {c: amount for c, amount in (cash.available if cash else {}).items() if amount}
    if left:
        told = ", ".join(f"{amount} {currency}" for currency, amount in sorted(left.items()))
        raise CustomerHasCash(
            f"The customer {customer_id} cannot be deleted: {told} of their money is in the cash "
            "balance. Return it first (refunds with origin=customer_balance), or apply it."
        )


def mode_of(cash: CashBalance | None, merchant: str) -> str:
    """Return automatic or manual, as it holds for the customer. ``merchant``: the account's setting."""
    own = MERCHANT_DEFAULT if cash is None else cash.reconciliation_mode
    return effective_mode(own, merchant)


def moved(
    cash: CashBalance,
    type: str,
    net_amount: int,
    currency: str,
    context: Context,
    *,
    intent_id: str | None = None,
    refund_id: str | None = None,
    line_id: str | None = None,
    details: dict[str, Any] | None = None,
) -> tuple[CashBalance, CashMovement]:
    """Return the balance after a movement of ``net_amount`` minor units, and the movement.

    Raises CashBalanceInsufficient and AmountTooLarge (12 digits).
    """
    ending = available(cash, currency) + net_amount
    if ending < 0:
        raise CashBalanceInsufficient(
            f"The customer's cash balance has {available(cash, currency)} {currency}, less than the "
            f"{-net_amount} {currency} that are asked for.",
            "amount",
        )
    if ending > LARGEST_AMOUNT:
        raise AmountTooLarge(f"Balances have at most 12 digits; this is {ending}.", "amount")
    movement = CashMovement(
        id=context.mint("ccsbtxn"),
        created=context.now,
        customer_id=cash.customer_id,
        place=cash.movements + 1,
        type=type,
        currency=currency,
        net_amount=net_amount,
        ending_balance=ending,
        intent_id=intent_id,
        refund_id=refund_id,
        line_id=line_id,
        details=details or {},
    )
    after = replace(cash, movements=movement.place, available={**cash.available, currency: ending})
    return after, movement
