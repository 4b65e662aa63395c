"""Queries of bank statements: which lines are known, and who may pay by which names."""

from sqlalchemy import bindparam, literal_column, select

from seikyu.engine.billing.customer import Customer
from seikyu.engine.store.session import Session, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import bank_statement_lines, cash_balances, customers

_KNOWN = Statement(
    select(bank_statement_lines.c.fingerprint).where(
        bank_statement_lines.c.world_id == bindparam("world"),
        bank_statement_lines.c.booked_on >= bindparam("first"),
        bank_statement_lines.c.booked_on <= bindparam("last"),
    )
)
_CUSTOMERS = Statement(
    select(*columns(Customer)).where(
        customers.c.world_id == bindparam("world"), customers.c.deleted.is_(False)
    )
)
_NUMBERS = Statement(
    select(
        cash_balances.c.customer_id,
        cash_balances.c.virtual_branch,
        cash_balances.c.virtual_number,
    ).where(
        cash_balances.c.world_id == bindparam("world"), cash_balances.c.virtual_number.is_not(None)
    )
)
_BY_HAND = Statement(
    select(bank_statement_lines.c.customer_id, bank_statement_lines.c.payer_kana)
    .where(
        bank_statement_lines.c.world_id == bindparam("world"),
        bank_statement_lines.c.status == literal_column("'matched'"),
        bank_statement_lines.c.reason == literal_column("'by_hand'"),
    )
    .distinct()
)


def known_fingerprints(session: Session, first: str, last: str) -> frozenset[str]:
    """Return the fingerprints of the lines that were booked from ``first`` to ``last`` (2026-03-10)."""
    rows = session.rows(_KNOWN, first=first, last=last)
    return frozenset(str(row[0]) for row in rows)


def all_customers(session: Session) -> tuple[Customer, ...]:
    """Return everybody who may pay."""
    return session.all(Customer, _CUSTOMERS)


def virtual_accounts(session: Session) -> dict[str, tuple[str, str]]:
    """Return branch and number of the virtual account of each customer who was given one."""
    return {str(row[0]): (str(row[1]), str(row[2])) for row in session.rows(_NUMBERS)}


def names_learned(session: Session) -> list[tuple[str, str]]:
    """Return (customer, payer) of lines that a person assigned: who once paid under a name."""
    return [(str(row[0]), str(row[1])) for row in session.rows(_BY_HAND)]
