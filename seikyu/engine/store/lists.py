"""Lists: which objects, newest first, as the bytes they are shown with.

Ids sort by age, so every list is one range of one index: (world, filter, id). Nothing is sorted, counted
or skipped, and a page costs the same whatever the table holds. A list of a time (``created``) is in the
order of that time where an index has it: (world, created, id). On test clocks that is the clock's time.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, and_, bindparam, select, tuple_

from seikyu.engine.store.session import Session
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import (
    balance_transactions,
    bank_statement_lines,
    bank_statements,
    bodies,
    cash_movements,
    charges,
    coupons,
    credit_notes,
    customers,
    invoice_payments,
    invoices,
    lines,
    payment_intents,
    payment_methods,
    payment_plans,
    portal_configurations,
    prices,
    products,
    promotion_codes,
    refunds,
    subscription_items,
    subscriptions,
    tax_rates,
    test_clocks,
    webhook_endpoints,
)

LISTED: dict[str, tuple[Table, dict[str, str]]] = {
    "billing_portal.configuration": (
        portal_configurations,
        {"active": "active", "is_default": "is_default"},
    ),
    "charge": (charges, {"customer": "customer_id", "payment_intent": "payment_intent_id"}),
    "coupon": (coupons, {}),
    "credit_note": (credit_notes, {"customer": "customer_id", "invoice": "invoice_id"}),
    "customer": (customers, {"email": "email", "test_clock": "clock_id"}),
    "customer_balance_transaction": (
        balance_transactions,
        {"customer": "customer_id", "invoice": "invoice_id"},
    ),
    "customer_cash_balance_transaction": (cash_movements, {"customer": "customer_id"}),
    "invoice": (
        invoices,
        {
            "customer": "customer_id",
            "status": "status",
            "collection_method": "collection_method",
            "subscription": "subscription_id",
        },
    ),
    "invoice_payment": (
        invoice_payments,
        {"invoice": "invoice_id", "status": "status", "payment_intent": "intent_id"},
    ),
    "invoiceitem": (lines, {"customer": "customer_id", "invoice": "invoice_id"}),
    "payment_intent": (payment_intents, {"customer": "customer_id"}),
    "payment_method": (payment_methods, {"customer": "customer_id", "type": "type"}),
    "payment_plan": (payment_plans, {"invoice": "invoice_id"}),
    "price": (
        prices,
        {"product": "product_id", "active": "active", "currency": "currency", "type": "type"},
    ),
    "seikyu.bank_statement": (bank_statements, {}),
    "seikyu.bank_statement_line": (
        bank_statement_lines,
        {"customer": "customer_id", "statement": "statement_id", "status": "status"},
    ),
    "refund": (refunds, {"charge": "charge_id", "payment_intent": "intent_id"}),
    "promotion_code": (
        promotion_codes,
        {
            "active": "active",
            "code": "code_key",
            "coupon": "coupon_id",
            "customer": "customer_id",
        },
    ),
    "product": (products, {"active": "active"}),
    "subscription": (
        subscriptions,
        {
            "customer": "customer_id",
            "status": "status",
            "collection_method": "collection_method",
            "test_clock": "clock_id",
        },
    ),
    "subscription_item": (subscription_items, {"subscription": "subscription_id"}),
    "tax_rate": (tax_rates, {"active": "active", "inclusive": "inclusive"}),
    "test_helpers.test_clock": (test_clocks, {}),
    "webhook_endpoint": (webhook_endpoints, {}),
}
"""Object type → its table, and the columns behind Stripe's filters."""

RANGES = {"gt": "__gt__", "gte": "__ge__", "lt": "__lt__", "lte": "__le__"}
RANGED = ("created", "due_date", "current_period_start", "current_period_end")


_BILLS_PRICE = subscriptions.c.id.in_(
    select(subscription_items.c.subscription_id).where(
        subscription_items.c.world_id == bindparam("world"),
        subscription_items.c.price_id == bindparam("v_price_of_item"),
    )
)


@lru_cache(maxsize=1000)
def _statement(
    object_type: str, equal: tuple[str, ...], ranged: tuple[tuple[str, str], ...], cursor: str
) -> Statement:
    table, filters = LISTED[object_type]
    shown = and_(
        bodies.c.world_id == table.c.world_id,
        bodies.c.object_id == table.c.id,
        bodies.c.version == table.c.version,
    )
    conditions: list[Any] = [table.c.world_id == bindparam("world")]
    if "deleted" in table.c:
        conditions.append(table.c.deleted.is_(False))
    for name in equal:
        if name == "pending":
            conditions.append(table.c.invoice_id.is_(None))
        elif name == "not_pending":
            conditions.append(table.c.invoice_id.is_not(None))
        elif name == "not_canceled":
            conditions.append(table.c.status != "canceled")
        elif name == "price_of_item":
            conditions.append(_BILLS_PRICE)
        elif name.startswith("one_of_"):
            column = table.c[name.removeprefix("one_of_")]
            conditions.append(column.in_([bindparam(f"v_{name}_{n}") for n in range(10)]))
        else:
            conditions.append(table.c[filters[name]] == bindparam(f"v_{name}"))
    for name, side in ranged:
        column = table.c[name]
        conditions.append(getattr(column, RANGES[side])(bindparam(f"r_{name}_{side}")))
    by_time = any(name == "created" for name, _ in ranged) and _has_times(table)
    place: Any = table.c.id
    start: Any = bindparam("cursor")
    order: tuple[Any, ...] = (table.c.id,)
    if by_time:
        order = (table.c.created, table.c.id)
        place = tuple_(*order)
        start = tuple_(_created_of_cursor(table), bindparam("cursor"))
    query = select(bodies.c.body).select_from(table).join(bodies, shown).where(*conditions)
    if cursor == "after":
        query = query.where(place < start)
    if cursor == "before":
        query = query.where(place > start).order_by(*order)
    else:
        query = query.order_by(*(column.desc() for column in order))
    return Statement(query.limit(bindparam("most")))


def _has_times(table: Table) -> bool:
    """Say whether an index lists the table's rows by ``created``."""
    return any(
        [column.name for column in index.columns] == ["world_id", "created", "id"]
        for index in table.indexes
    )


def _created_of_cursor(table: Table) -> Any:
    row = table.alias("row_of_cursor")
    mine = (row.c.world_id == bindparam("world"), row.c.id == bindparam("cursor"))
    return select(row.c.created).where(*mine).scalar_subquery()


def page(
    session: Session,
    object_type: str,
    given: Mapping[str, Any],
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
) -> tuple[list[bytes], bool]:
    """Return up to ``limit`` objects, newest first, and whether there are more that way.

    ``given``: Stripe's filters by name; ranges as ``{"gte": …}`` of Unix seconds.
    """
    equal: list[str] = []
    ranged: list[tuple[str, str]] = []
    values: dict[str, Any] = {"most": limit + 1}
    for name, value in given.items():
        if value is None:
            continue
        if name in RANGED:
            ranged += [(name, side) for side in value]
            values |= {f"r_{name}_{side}": moment for side, moment in value.items()}
        elif name == "pending":
            equal.append("pending" if value else "not_pending")
        elif name == "not_canceled":
            equal.append(name)
        elif name.startswith("one_of_"):
            equal.append(name)
            padded = [*value, *[value[0]] * (10 - len(value))] if value else [""] * 10
            values |= {f"v_{name}_{n}": one for n, one in enumerate(padded)}
        else:
            equal.append(name)
            values[f"v_{name}"] = value
    cursor = "after" if after else "before" if before else ""
    if cursor:
        values["cursor"] = after or before
    statement = _statement(object_type, tuple(equal), tuple(ranged), cursor)
    rows = session.rows(statement, **values)
    found = [row[0] for row in rows[:limit]]
    return (found[::-1] if cursor == "before" else found), len(rows) > limit


# ── lines of one invoice: in their own order, not by age ───────────────────────────────────────

_ON_INVOICE = (
    select(bodies.c.body)
    .select_from(lines)
    .join(
        bodies,
        and_(
            bodies.c.world_id == lines.c.world_id,
            bodies.c.object_id == lines.c.line_id,
            bodies.c.version == lines.c.version,
        ),
    )
    .where(
        lines.c.world_id == bindparam("world"),
        lines.c.invoice_id == bindparam("invoice_id"),
    )
    .limit(bindparam("most"))
)
_LINES = Statement(
    _ON_INVOICE.where(lines.c.position > bindparam("after")).order_by(lines.c.position)
)
_LINES_BACK = Statement(
    _ON_INVOICE.where(lines.c.position < bindparam("before")).order_by(lines.c.position.desc())
)
_POSITION = Statement(
    select(lines.c.position).where(
        lines.c.world_id == bindparam("world"),
        lines.c.invoice_id == bindparam("invoice_id"),
        lines.c.line_id == bindparam("line_id"),
    )
)


def position(session: Session, invoice_id: str, line_id: str) -> int | None:
    """Return where the line stands on the invoice, or None when it is not on it."""
    rows = session.rows(_POSITION, invoice_id=invoice_id, line_id=line_id)
    return int(rows[0][0]) if rows else None


def lines_page(
    session: Session,
    invoice_id: str,
    *,
    limit: int,
    after: int | None = None,
    before: int | None = None,
) -> tuple[list[bytes], bool]:
    """Return up to ``limit`` lines in order, after or before a position, and whether more follow."""
    if before is not None:
        rows = session.rows(_LINES_BACK, invoice_id=invoice_id, before=before, most=limit + 1)
        return [row[0] for row in rows[:limit]][::-1], len(rows) > limit
    rows = session.rows(
        _LINES,
        invoice_id=invoice_id,
        after=0 if after is None else after,
        most=limit + 1,
    )
    return [row[0] for row in rows[:limit]], len(rows) > limit
