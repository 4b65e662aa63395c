"""Databases with very many rows that time must act on, or just not: copies of rows that the engine wrote.

*Drafts* are due for as long as the past hour: a customer with a card each, with the draft's line, bodies
and events. *Quiet invoices* have nothing due for weeks: half of them open, e-mailed and with a due
time ahead (so the index of due times is full of them), half charged and paid. Of these only the tables stand
there that the worker looks into for due work, and what they refer to.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import select

from bench.preload import Filled, Pattern, Rows, all_rows, columns_in_order, filled, writer
from bench.server import engine_at
from seikyu.engine.billing import customer as customers
from seikyu.engine.billing import invoice as invoices
from seikyu.engine.billing import webhook_endpoint as endpoints
from seikyu.engine.execute import Engine, Order
from seikyu.engine.store.session import World
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import invoices as invoices_table

BACK_SECONDS = 7200
AT_ONCE = 1_000
TARGET = "https://hooks.example.com/seikyu"
DRAFTED = ("customers", "payment_methods", "invoices", "lines", "bodies", "events")
QUIET = ("payment_intents", "invoices", "invoice_payments", "attempts", "deliveries", "mails")
LINE = invoices.AddLines(({"description": "保守費用", "amount": 10_000, "quantity": 1},))
CUSTOMER = {
    "name": "株式会社サンプル商事",
    "email": "billing@example.co.jp",
    "payment_method": "pm_card_visa",
    "invoice_settings": {"default_payment_method": "pm_card_visa"},
    "metadata": {"board_client": "1042"},
}

_HOSTED_KEY = Statement(select(invoices_table.c.hosted_key, invoices_table.c.id))


def due_drafts(url: str, wanted: int) -> Filled:
    """Make an account with an endpoint for every event, and drafts that an hour ago became due.

    Each is for a customer of its own, to be charged.
    """
    stored = filled(url, 0, 0)
    engine = engine_at(url)
    past = replace(engine, now=lambda: engine.now() - BACK_SECONDS)
    rows, fixed = _written(engine, DRAFTED, lambda: _a_draft(past, stored.world))
    _copy(url, engine, [(Pattern(rows, fixed), "D")], (), wanted - 1)
    # Only now: the drafts do not wait for anybody to acknowledge them.
    made = endpoints.CreateEndpoint({"url": TARGET, "enabled_events": ["*"]})
    _done(engine, stored.world, made)
    engine.database.close()
    return stored


def quiet_invoices(url: str, wanted: int) -> Filled:
    """Make an account with an endpoint, and invoices of which none is due."""
    stored = filled(url, 1, 0)
    engine = engine_at(url)
    made = endpoints.CreateEndpoint({"url": TARGET, "enabled_events": ["*"]})
    same = (stored.customers[0], stored.cards[0], _done(engine, stored.world, made)["id"])
    patterns = []
    for sign, lead in (("O", _an_open_one), ("P", _a_paid_one)):
        rows, fixed = _written(engine, QUIET, lambda lead=lead: lead(engine, stored))  # type: ignore[misc]
        patterns.append((Pattern(_settled(rows), (*fixed, *same)), sign))
    _nothing_waits(engine)
    _copy(url, engine, patterns, same, wanted - 2)
    engine.database.close()
    return stored


# ── what is copied ─────────────────────────────────────────────────────────────────────────────


def _a_draft(past: Engine, world: World) -> tuple[str, ...]:
    card = past.processor.card("pm_card_visa")
    customer = _done(past, world, customers.CreateCustomer(CUSTOMER, card))
    given = {
        "customer": customer["id"],
        "collection_method": "charge_automatically",
        "auto_advance": True,
    }
    draft = _done(past, world, invoices.CreateInvoice(given))
    _done(past, world, LINE, draft["id"])
    return customer["invoice_prefix"], _hosted_key(past, draft["id"])


def _an_open_one(engine: Engine, stored: Filled) -> tuple[str, ...]:
    given = {"collection_method": "send_invoice", "days_until_due": 30}
    return _finalized(engine, stored, given, auto_advance=True)


def _a_paid_one(engine: Engine, stored: Filled) -> tuple[str, ...]:
    given = {"collection_method": "charge_automatically"}
    return _finalized(engine, stored, given, auto_advance=False, pay=True)


def _finalized(
    engine: Engine, stored: Filled, given: dict[str, Any], *, auto_advance: bool, pay: bool = False
) -> tuple[str, ...]:
    (customer,) = stored.customers
    id = _done(engine, stored.world, invoices.CreateInvoice({**given, "customer": customer}))["id"]
    _done(engine, stored.world, LINE, id)
    final = invoices.FinalizeInvoice(auto_advance=auto_advance)
    number = _done(engine, stored.world, final, id)["number"]
    if pay:
        _done(engine, stored.world, invoices.PayInvoice(), id)
    return number, _hosted_key(engine, id)


def _settled(rows: Rows) -> Rows:
    """Let every delivery and mail of the pattern be done with."""
    for name in ("deliveries", "mails"):
        at = columns_in_order(name).index("next_attempt_at")
        rows[name] = [(*row[:at], None, *row[at + 1 :]) for row in rows[name]]
    return rows


def _nothing_waits(engine: Engine) -> None:
    """Let what the patterns themselves left be done with too."""
    connection = engine.database.connection()
    for name in ("deliveries", "mails"):
        connection.command(f"UPDATE {name} SET next_attempt_at = NULL")


def _done(engine: Engine, world: World, command: object, id: str | None = None) -> dict[str, Any]:
    order = Order(world, command, id)
    (answer,) = engine.batch([order])
    if answer.charge is not None:
        (answer,) = engine.batch([engine.settlement(order, answer.charge)])
    if answer.status != 200:
        raise RuntimeError(answer.body.decode())
    shown: dict[str, Any] = orjson.loads(answer.body)
    return shown


def _hosted_key(engine: Engine, id: str) -> str:
    rows = engine.database.connection().rows(_HOSTED_KEY)
    return str(next(key for key, of in rows if of == id))


def _written(
    engine: Engine, names: Sequence[str], lead: Callable[[], tuple[str, ...]]
) -> tuple[Rows, tuple[str, ...]]:
    """Return the rows that ``lead`` wrote into the tables, and the texts that differ in each copy."""
    before = {name: set(rows) for name, rows in all_rows(engine.database.url).items()}
    fixed = lead()
    after = all_rows(engine.database.url)
    return {name: [r for r in after[name] if r not in before[name]] for name in names}, fixed


def _copy(
    url: str,
    engine: Engine,
    patterns: Sequence[tuple[Pattern, str]],
    same: Sequence[str],
    wanted: int,
) -> None:
    """Write copies of the patterns in turn, each with a number (or prefix) and a key of its own.

    Of their other texts the last ones, ``same``, stay what they are.
    """
    mint = engine.minter.mint
    names = list(dict.fromkeys(n for pattern, _ in patterns for n in pattern.tables))
    with writer(url) as write:
        for start in range(0, wanted, AT_ONCE):
            rows: Rows = {name: [] for name in names}
            for number in range(start, min(start + AT_ONCE, wanted)):
                pattern, sign = patterns[number % len(patterns)]
                own = (f"{sign}{number:07d}", engine.minter.text(48))
                pattern.copy((*own, *same), mint, rows)
            write(rows)
