"""Funding a cash balance, how it is reconciled, and where money is to be sent.

In test mode money comes by a test helper; in live mode from the lines of bank statements
(``bank_statement.py``). What the money then pays is decided by ``cash_reconciling``.
"""

from dataclasses import dataclass

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.cash import FUNDED, cash_of, moved
from seikyu.engine.billing.cash_instructions import TRANSFERS, instructed
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import alive
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given
from seikyu.engine.billing.refusals import FundingIsForTests, NotServed


@dataclass(frozen=True, slots=True)
class FundBalance:
    """A transfer came, in a test: ``amount`` minor units of ``currency``, with a ``reference``."""

    given: Given


@dataclass(frozen=True, slots=True)
class UpdateCashBalance:
    """Change how the customer's money is reconciled."""

    given: Given


@dataclass(frozen=True, slots=True)
class GiveInstructions:
    """Say where the customer is to send money."""

    given: Given


def decide(book: Book, command: object, context: Context) -> Decision:
    """Decide a command on a cash balance. Raises FundingIsForTests, NotServed, NoBankAccount."""
    alive(book.customer)
    if isinstance(command, FundBalance):
        return _fund(book, command.given, context)
    if isinstance(command, UpdateCashBalance):
        return _update(book, command.given, context)
    assert isinstance(command, GiveInstructions)
    return _instruct(book, command.given, context)


def _fund(book: Book, given: Given, context: Context) -> Decision:
    if context.livemode:
        raise FundingIsForTests(
            "A cash balance is funded by a test helper in test mode only. In live mode import the "
            "bank's statement (/v1/seikyu/bank_statements)."
        )
    kind = TRANSFERS.get(given["currency"])
    if kind is None:
        raise NotServed(
            f"There are no bank transfers in {given['currency']}; there are in "
            f"{', '.join(sorted(TRANSFERS))}.",
            "currency",
        )
    assert book.customer is not None
    details = {
        "type": kind,
        "reference": given.get("reference"),
        "sender_name": book.customer.details.get("name"),
    }
    cash, movement = moved(
        cash_of(book, context), FUNDED, given["amount"], given["currency"], context, details=details
    )
    return Decision(
        movement,
        (cash, movement),
        announcements=(Announcement("customer_cash_balance_transaction.created", movement),),
    )


def _update(book: Book, given: Given, context: Context) -> Decision:
    before = cash_of(book, context)
    mode = (given.get("settings") or {}).get("reconciliation_mode", before.reconciliation_mode)
    after = replace(before, reconciliation_mode=mode)
    return Decision(after) if after == book.cash else Decision(after, (after,))


def _instruct(book: Book, given: Given, context: Context) -> Decision:
    kind = given["bank_transfer"]["type"]
    if kind != "jp_bank_transfer":
        raise NotServed(
            f"Transfers of type {kind} are not served; jp_bank_transfer is.", "bank_transfer[type]"
        )
    before = cash_of(book, context)
    cash, told = instructed(book, before, given["currency"], livemode=context.livemode)
    return Decision(told, () if cash == book.cash else (cash,))
