"""Loading for bank statements: the file is read, known lines are left out, payers are looked for.

All payers are locked in the order of their ids before their balances are read, so two imports never wait
for each other in turn. A customer in kanji alone cannot be found by a bank's kana: ``metadata[name_kana]``
holds names in kana (several are parted by commas), and a name under which a person has assigned a line
before is known from then on.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from seikyu.engine.billing.bank_statement import (
    AssignLine,
    BankStatement,
    BankStatementLine,
    Deposit,
    ImportStatement,
    StatementBook,
    UnassignLine,
)
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.refusals import CustomerIsDeleted, ObjectMissing, StatementNotTaken
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.execute.cash_loading import page_of_customer, with_cash
from seikyu.engine.statements import (
    Payer,
    Statement,
    StatementLine,
    StatementRefused,
    certain,
    payer_matches,
    read_statement,
    unseen,
)
from seikyu.engine.statements.kana import name_key
from seikyu.engine.store import statement_lines
from seikyu.engine.store.session import Session
from seikyu.engine.wire.errors import from_refusal
from seikyu.engine.wire.objects import Frame, statement_preview

JAPAN = timedelta(hours=9)

MOST_CANDIDATES = 5

KANA_NAMES = "name_kana"
"""The key of a customer's metadata under which its names in kana stand."""

Mint = Callable[[str], str]


def of_statement(session: Session, id: str | None, command: Any) -> StatementBook:
    """Load for the commands of ``billing.bank_statement``. Raises StatementNotTaken."""
    assert not isinstance(command, ImportStatement), "see of_import"
    line = _line(session, id)
    named = command.customer if isinstance(command, AssignLine) else line.customer_id
    customer = session.lock(named)
    line = _line(session, id)
    if isinstance(command, AssignLine) and (customer is None or customer.deleted):
        raise CustomerIsDeleted(f"No such customer: '{named}'", "customer")
    if isinstance(command, UnassignLine) and line.customer_id != named:
        customer = None
    payer = None if customer is None else with_cash(session, page_of_customer(session, customer))
    return StatementBook(line=line, payer=payer)


def of_import(session: Session, command: ImportStatement, now: int, mint: Mint) -> StatementBook:
    """Load for ImportStatement. ``now``: Unix seconds, the system's. Raises StatementNotTaken."""
    statement, deposits = _read(session, command, now, mint)
    payers = sorted({line.customer_id for line in deposits if line.customer_id is not None})
    pages = {id: _page(session, id) for id in payers}
    return StatementBook(
        statement=statement,
        deposits=tuple(_deposit(session, line, pages, now) for line in deposits),
    )


def statement_shown(session: Session, command: ImportStatement, now: int, mint: Mint) -> bytes:
    """Return what importing the file would come to; nothing is stored. Raises WireError."""
    try:
        statement, lines = _read(session, command, now, mint)
    except StatementNotTaken as refusal:
        raise from_refusal(refusal) from None
    frame = Frame(session.world.account, session.world.livemode, "")
    return statement_preview(statement, lines, frame)


def _line(session: Session, id: str | None) -> BankStatementLine:
    found = session.get(BankStatementLine, id)
    if found is None:
        raise ObjectMissing("bank statement line", id or "")
    return found


def _page(session: Session, customer_id: str) -> Book:
    customer = session.lock(customer_id)
    assert customer is not None
    return with_cash(session, page_of_customer(session, customer))


def _deposit(
    session: Session, line: BankStatementLine, pages: dict[str, Book], now: int
) -> Deposit:
    page = pages.get(line.customer_id or "")
    if page is None or page.customer is None or page.customer.deleted:
        return Deposit(replace(line, customer_id=None, reason=None))
    clock = session.get(TestClock, page.customer.clock_id)
    return Deposit(line, page, now if clock is None else clock.frozen_time)


def _read(
    session: Session, command: ImportStatement, now: int, mint: Mint
) -> tuple[BankStatement, list[BankStatementLine]]:
    """Return the statement and its new lines; a line whose payer is certain names the customer."""
    if session.world.account.default_currency != "jpy":
        raise StatementNotTaken("Bank statements are served for accounts in jpy.", "file")
    today = (datetime.fromtimestamp(now, UTC) + JAPAN).date()
    try:
        read = read_statement(command.data, today=today, columns=command.columns)
    except StatementRefused as refused:
        raise StatementNotTaken(refused.sentence(), "file") from None
    fresh, before = unseen(read.lines, _known(session, read))
    known = _Payers(session)
    id = mint("bst")
    lines = [_new_line(id, line, known, now, mint) for line in fresh]
    skipped = [
        {
            "line_number": each.line_number,
            "reason": each.reason,
            "message": each.sentence("en"),
            "amount": each.amount,
        }
        for each in sorted((*read.skipped, *before), key=lambda each: each.line_number)
    ]
    statement = BankStatement(
        id=id,
        created=now,
        format=read.format,
        encoding=read.encoding,
        fingerprint=hashlib.sha256(command.data).hexdigest()[:32],
        total=sum(line.amount for line in lines),
        imported=len(lines),
        matched=sum(line.customer_id is not None for line in lines),
        skipped=tuple(skipped),
    )
    return statement, lines


def _known(session: Session, read: Statement) -> frozenset[str]:
    days = [line.date.isoformat() for line in read.lines]
    if not days:
        return frozenset()
    return statement_lines.known_fingerprints(session, min(days), max(days))


def _new_line(
    statement_id: str, line: StatementLine, known: "_Payers", now: int, mint: Mint
) -> BankStatementLine:
    matches = payer_matches(line.payer_kana, known.worth_asking(line), line.payer_code)
    sure = certain(matches)
    return BankStatementLine(
        id=mint("bsl"),
        created=now,
        statement_id=statement_id,
        line_number=line.line_number,
        booked_on=line.date.isoformat(),
        amount=line.amount,
        currency="jpy",
        fingerprint=line.fingerprint,
        payer_kana=line.payer_kana,
        payer_name=line.payer_name,
        payer_code=line.payer_code,
        reference=line.reference,
        account=line.account,
        customer_id=None if sure is None else sure.customer,
        reason=None if sure is None else sure.reason,
        candidates=tuple(
            {"customer": each.customer, "score": each.score, "reason": each.reason}
            for each in matches[:MOST_CANDIDATES]
        ),
    )


class _Payers:
    """Everybody who may pay, found by what their names begin and end with.

    Comparing every line with everybody would take minutes for a large account. Two names that are alike
    in any way that ``payer_matches`` knows share their first or their last three letters.
    """

    def __init__(self, session: Session) -> None:
        """Read the customers of the world, their virtual accounts and the names they once paid by."""
        numbers = statement_lines.virtual_accounts(session)
        learned: dict[str, list[str]] = defaultdict(list)
        for customer_id, kana in statement_lines.names_learned(session):
            learned[customer_id].append(kana)
        self._ends: dict[str, list[Payer]] = defaultdict(list)
        self._numbered: list[Payer] = []
        for customer in statement_lines.all_customers(session):
            accounts = _accounts(numbers.get(customer.id))
            payer = Payer(customer.id, (*names_of(customer), *learned[customer.id]), accounts)
            if accounts:
                self._numbered.append(payer)
            for end in {end for name in payer.names for end in _ends(name)}:
                self._ends[end].append(payer)

    def worth_asking(self, line: StatementLine) -> list[Payer]:
        """Return those whom the line may be from, each once."""
        found = {
            payer.customer: payer for end in _ends(line.payer_kana) for payer in self._ends[end]
        }
        if line.payer_code:
            found |= {payer.customer: payer for payer in self._numbered}
        return list(found.values())


def _ends(name: str) -> tuple[str, ...]:
    """Return how the name begins, with and without a number before it, and how it ends."""
    key, _ = name_key(name)
    bare = key.lstrip("0123456789")
    return tuple({f"^{key[:3]}", f"^{bare[:3]}", f"{key[-3:]}$"})


def names_of(customer: Customer) -> Iterator[str]:
    """Yield every name that the customer says it has."""
    details = customer.details
    for key in ("name", "business_name", "individual_name"):
        if details.get(key):
            yield details[key]
    kana = (details.get("metadata") or {}).get(KANA_NAMES) or ""
    yield from (name.strip() for name in kana.replace("、", ",").split(",") if name.strip())


def _accounts(number: tuple[str, str] | None) -> tuple[str, ...]:
    """A bank may write the number with its branch before it, or alone."""
    return () if number is None else (f"{number[0]}{number[1]}", number[1])
