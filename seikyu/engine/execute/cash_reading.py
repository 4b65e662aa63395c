"""Reading cash balances: as they are now, and what reconciling some money would do."""

from collections.abc import Mapping
from typing import Any

from seikyu.engine.billing.cash import CashBalance, available, cash_id, mode_of
from seikyu.engine.billing.cash_reconciling import items_of, matched
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.reconciling import Money, Policy, explained
from seikyu.engine.billing.reconciling_reasons import ENGLISH
from seikyu.engine.billing.refusals import ObjectMissing
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.store import cash
from seikyu.engine.store.session import Session
from seikyu.engine.wire.errors import from_refusal
from seikyu.engine.wire.objects import Frame, preview_body, shown


def balance_shown(session: Session, customer_id: str) -> bytes:
    """Return the customer's cash balance; an empty one when there never was anything."""
    known = cash.balance(session, customer_id)
    if known is None:
        known = CashBalance(cash_id(customer_id), 0, customer_id)
    known = replace(known, default_mode=session.settings().reconciliation)
    frame = Frame(session.world.account, session.world.livemode, "")
    ((_, body),) = shown(known, frame)
    return body


def reconciliation_shown(
    session: Session, customer_id: str, given: Mapping[str, Any], now: int
) -> bytes:
    """Return what the customer's balance, or ``amount`` more, would pay by itself, with reasons.

    ``now``: Unix seconds, the system's. Nothing is changed. Raises WireError for an unknown customer.
    """
    customer = session.get(Customer, customer_id)
    if customer is None or customer.deleted:
        raise from_refusal(ObjectMissing("customer", customer_id))
    clock = session.get(TestClock, customer.clock_id)
    balance = cash.balance(session, customer_id)
    account = session.world.account
    currency = given.get("currency") or account.default_currency
    came = given.get("amount")
    money = Money(available(balance, currency) + (came or 0), currency, given.get("reference"))
    mode = mode_of(balance, session.settings().reconciliation)
    items = items_of(cash.waiting_of(session, customer_id), currency, {})
    found = matched(
        items,
        money,
        came,
        Policy(mode=mode, country=account.country),
        now if clock is None else clock.frozen_time,
    )
    preview = explained(found, given.get("language") or ENGLISH)
    return preview_body(preview, customer_id, currency, money.amount)
