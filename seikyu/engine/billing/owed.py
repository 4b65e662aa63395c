"""What an invoice comes to for its customer: the total, and the balance that is applied to it.

A negative balance is credit and pays first, a positive one is owed on top. The balance is money of the
customer's currency and counts in invoices of that currency only.
Source: Stripe, "Customer credit balance" and "Status transitions" (amounts below the minimum charge).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.currency import minimum_charge
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.plan import resolved
from seikyu.engine.billing.refusals import CurrencyDiffers

if TYPE_CHECKING:
    from seikyu.engine.billing.customer import Customer


@dataclass(frozen=True, slots=True)
class Owed:
    """What finalizing comes to, in minor units: ``due`` now, and the balance before and after."""

    due: int
    starting_balance: int
    ending_balance: int
    too_small: bool = False


def owed(total: int, balance: int, currency: str) -> Owed:
    """Return what is due for ``total`` when the customer's balance is ``balance`` (minor units).

    A negative balance is the customer's credit and pays first; a positive one is owed on top.
    """
    due = total + balance
    if due <= 0:
        return Owed(0, balance, due)
    if due < minimum_charge(currency):
        return Owed(0, balance, due, too_small=True)
    return Owed(due, balance, 0)


def owed_by(customer: "Customer", invoice: Invoice) -> Owed:
    """Return what is due. The balance is money of the customer's currency and counts in it only.

    Raises CurrencyDiffers when something would have to be carried in a balance of another currency.
    """
    if customer.currency in (None, invoice.currency):
        return owed(invoice.total, customer.balance, invoice.currency)
    money = owed(invoice.total, 0, invoice.currency)
    if money.ending_balance:
        raise CurrencyDiffers(
            f"{money.ending_balance} {invoice.currency} would be carried in the customer's balance, "
            f"which is kept in {customer.currency}. Invoices in {invoice.currency} must come to "
            f"nothing or to at least {minimum_charge(invoice.currency)}.",
            "currency",
        )
    return money


def unbalanced(customer: "Customer", invoice: Invoice) -> Owed:
    """Return what is due of an invoice that nobody is to pay: all of it, however little, no balance.

    What it gives back (a negative total) is the customer's all the same. Source: Stripe, "Pause payment
    collection": what is voided does not use the customer's credit.
    """
    return owed_by(customer, invoice) if invoice.total <= 0 else Owed(invoice.total, 0, 0)


def expecting(invoice: Invoice, customer: "Customer | None") -> Invoice:
    """Return the draft with what it would come to with the balance that the customer has now."""
    balance = 0
    if customer is not None and customer.currency in (None, invoice.currency):
        balance = customer.balance
    due = owed(invoice.total, balance, invoice.currency).due
    plan = resolved(invoice.plan, due)
    return replace(
        invoice, starting_balance=balance, amount_due=due, amount_remaining=due, plan=plan
    )
