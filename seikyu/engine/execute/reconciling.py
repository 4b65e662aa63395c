"""Where cash balances are reconciled: behind every decision that brings money or finalizes an invoice.

No rule needs to think of it, and nothing else is looked up when there is nothing to reconcile. What is
paid is part of the same transaction: a transfer and what it paid are stored together or not at all.
"""

from collections.abc import Iterator
from typing import Any

from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.bank_statement import StatementBook
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.cash_reconciling import Latest, calls_for, incoming
from seikyu.engine.billing.cash_reconciling import reconciled as rule
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Context, Decision
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.payment_intent import PaymentIntent
from seikyu.engine.execute.cash_loading import page_of
from seikyu.engine.store import cash
from seikyu.engine.store.session import Session


def reconciled(
    session: Session, book: Any, decision: Decision, context: Context
) -> tuple[Decision, tuple[Book, ...]]:
    """Return the decision with what money pays by itself, and the pages that were read for that."""
    read: list[Book] = []
    for payer, now in _payers(book, context):
        assert payer.customer is not None
        if not calls_for(decision, payer.customer.id):
            continue
        comes = bool(incoming(decision, payer.customer.id))
        if not comes and (payer.cash is None or not any(payer.cash.available.values())):
            continue
        decision = _dealt(session, payer, decision, replace(context, now=now), read)
    return decision, tuple(read)


def _payers(book: Any, context: Context) -> Iterator[tuple[Book, int]]:
    """Each customer whose money may have moved, once, with their time."""
    if isinstance(book, Book) and book.customer is not None:
        yield book, context.now
    elif isinstance(book, StatementBook):
        if book.payer is not None:
            yield book.payer, context.now
        seen: set[str] = set()
        for deposit in book.deposits:
            payer = deposit.payer
            if payer is None or payer.customer is None or payer.customer.id in seen:
                continue
            seen.add(payer.customer.id)
            yield payer, deposit.now


def _dealt(
    session: Session, payer: Book, decision: Decision, context: Context, read: list[Book]
) -> Decision:
    assert payer.customer is not None
    waiting = cash.waiting_of(session, payer.customer.id)
    charge = decision.charge
    if isinstance(charge, Attempt):
        waiting = replace(waiting, busy=waiting.busy | {charge.intent_id})

    def page(item: Invoice | PaymentIntent, latest: Latest) -> Book:
        found = page_of(session, payer, item, latest)
        read.append(found)
        return found

    return rule(payer, decision, waiting, page, context)
