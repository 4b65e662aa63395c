"""Bank statements: files of a bank whose deposits fund cash balances, each line once.

A file is imported as a whole or not at all. A line whose payer is certainly one customer funds that
customer's cash balance at once; any other waits until a person says whose it is, or that it is nobody's.
What a person said can be taken back while the money is still there. Nothing of a line ever changes but
whose it is. Who may be the payer is found outside these rules, which get it as a value.
"""

from dataclasses import dataclass
from typing import Any

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.cash import FUNDED, REVERSED, CashBalance, CashMovement, cash_of, moved
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import alive
from seikyu.engine.billing.decision import Announcement, Context, Decision, Record
from seikyu.engine.billing.refusals import LineIsSettled

WAITING, MATCHED, IGNORED = "waiting", "matched", "ignored"
LINE_STATUSES = (WAITING, MATCHED, IGNORED)

BY_HAND = "by_hand"
"""Why a line is a customer's, when a person said so."""


@dataclass(frozen=True, slots=True)
class BankStatement:
    """One imported file. ``format`` and ``encoding`` as it was read; ``total`` of its deposits in yen.

    ``skipped``: lines that are no deposits or were imported before, each with number, reason, amount.
    """

    id: str
    created: int
    format: str
    encoding: str
    fingerprint: str
    total: int
    imported: int
    matched: int
    version: int = 0
    skipped: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class BankStatementLine:
    """A deposit. ``amount`` in minor units of ``currency``; ``booked_on`` as 2026-03-10, Japan's day.

    ``fingerprint`` is unique in a world. ``candidates``: who may have paid, with score and reason.
    ``movement_id`` is the movement that funded a cash balance with it.
    """

    id: str
    created: int
    statement_id: str
    line_number: int
    booked_on: str
    amount: int
    currency: str
    fingerprint: str
    payer_kana: str
    payer_name: str
    payer_code: str
    reference: str
    account: str
    version: int = 0
    status: str = WAITING
    customer_id: str | None = None
    movement_id: str | None = None
    reason: str | None = None
    candidates: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Deposit:
    """A line to be imported, and the page of the customer who certainly paid it, if that is known.

    ``now`` is that customer's time in Unix seconds.
    """

    line: BankStatementLine
    payer: Book | None = None
    now: int = 0


@dataclass(frozen=True, slots=True)
class StatementBook:
    """What a decision on statements may read.

    For an import ``statement`` and ``deposits``, as they would be; else the ``line``, and in ``payer``
    the customer's page whose it is or becomes.
    """

    statement: BankStatement | None = None
    deposits: tuple[Deposit, ...] = ()
    line: BankStatementLine | None = None
    payer: Book | None = None

    @property
    def customer(self) -> Any:
        """Whose time it is when one line is decided on."""
        return None if self.payer is None else self.payer.customer


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """Take a file in. ``columns``: role → name of the column, for a CSV file of a bank not known."""

    data: bytes
    columns: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class AssignLine:
    """Say whose a line is; it funds that customer's cash balance."""

    customer: str


@dataclass(frozen=True, slots=True)
class UnassignLine:
    """Take that back: the money leaves the cash balance, and the line waits again."""


@dataclass(frozen=True, slots=True)
class IgnoreLine:
    """Say that a line is no customer's money."""


def decide(book: StatementBook, command: object, context: Context) -> Decision:
    """Decide a command on statements. Raises LineIsSettled, CashBalanceInsufficient."""
    if isinstance(command, ImportStatement):
        return _import(book, context)
    line = book.line
    assert line is not None
    if isinstance(command, AssignLine):
        return _assign(book, line, context)
    if isinstance(command, UnassignLine):
        return _unassign(book, line, context)
    assert isinstance(command, IgnoreLine)
    if line.status == MATCHED:
        raise LineIsSettled(
            f"This line funded the cash balance of {line.customer_id}; unassign it first."
        )
    after = replace(line, status=IGNORED)
    return Decision(after, (after,) if after != line else ())


def _import(book: StatementBook, context: Context) -> Decision:
    assert book.statement is not None
    balances: dict[str, CashBalance] = {}
    saves: list[Record] = []
    news: list[Announcement] = []
    for deposit in book.deposits:
        line, payer = deposit.line, deposit.payer
        if payer is None or payer.customer is None:
            saves.append(line)
            continue
        customer = payer.customer
        page = replace(payer, cash=balances.get(customer.id, payer.cash))
        own = replace(context, now=deposit.now)
        line, cash, movement = _funded(page, replace(line, customer_id=customer.id), own)
        balances[customer.id] = cash
        saves += [line, cash, movement]
        news.append(Announcement("customer_cash_balance_transaction.created", movement))
    return Decision(book.statement, (book.statement, *saves), announcements=tuple(news))


def _funded(
    page: Book, line: BankStatementLine, context: Context
) -> tuple[BankStatementLine, CashBalance, CashMovement]:
    details = {
        "type": "jp_bank_transfer",
        "reference": line.reference or None,
        "sender_name": line.payer_name,
    }
    cash, movement = moved(
        cash_of(page, context),
        FUNDED,
        line.amount,
        line.currency,
        context,
        line_id=line.id,
        details=details,
    )
    return replace(line, status=MATCHED, movement_id=movement.id), cash, movement


def _assign(book: StatementBook, line: BankStatementLine, context: Context) -> Decision:
    payer = book.payer
    assert payer is not None
    customer = alive(payer.customer)
    if line.status == MATCHED:
        raise LineIsSettled(
            f"This line funded the cash balance of {line.customer_id} already; unassign it first."
        )
    named = replace(line, customer_id=customer.id, reason=BY_HAND)
    after, cash, movement = _funded(payer, named, context)
    return Decision(
        after,
        (after, cash, movement),
        announcements=(Announcement("customer_cash_balance_transaction.created", movement),),
    )


def _unassign(book: StatementBook, line: BankStatementLine, context: Context) -> Decision:
    if line.status != MATCHED or book.payer is None:
        raise LineIsSettled(f"This line is {line.status}: there is nothing to take back.")
    cash, movement = moved(
        cash_of(book.payer, context),
        REVERSED,
        -line.amount,
        line.currency,
        context,
        line_id=line.id,
    )
    after = replace(line, status=WAITING, customer_id=None, movement_id=None, reason=None)
    return Decision(
        after,
        (after, cash, movement),
        announcements=(Announcement("customer_cash_balance_transaction.created", movement),),
    )
