"""Databases with many invoices in them, quickly: one real life, copied with ids of its own.

The life is led through the engine (draft, line, finalized, paid, with its bodies, events and
idempotency records); every row that it wrote is the pattern. A copy is the pattern with fresh ids,
another customer and number, in every column, bodies included, so each copied row is as large and as
well indexed as one that the engine wrote itself.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson
import psycopg
from sqlalchemy import select

from bench.server import engine_at
from seikyu.engine.billing import customer as customers
from seikyu.engine.billing import invoice as invoices
from seikyu.engine.billing.account import Account
from seikyu.engine.execute import Engine, Order, Origin
from seikyu.engine.store import migrate
from seikyu.engine.store.database import open_database
from seikyu.engine.store.keys import create_account, opened_by
from seikyu.engine.store.session import World
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import metadata

ID = re.compile(r"(?<![0-9A-Za-z])[a-z]+_[0-9A-Za-z]{24}(?![0-9A-Za-z])")
PATTERN_KEY = "pattern-key-00000"
APART = "\x1f"
AT_ONCE = 1_000
COPIED = (
    *("invoices", "lines", "payment_intents", "charges", "invoice_payments", "attempts"),
    *("bodies", "events", "idempotency"),
)
"""What a life writes beside the customer's own row; what is referred to comes first."""

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Filled:
    """A database ready to be measured. ``customers`` have a card that pays."""

    url: str
    key: str
    world: World
    customers: list[str]
    cards: list[str]
    prefixes: list[str]


def filled(url: str, customer_count: int, invoice_count: int) -> Filled:
    """Make the tables, an account, its customers with a card each, and paid invoices.

    The customers' sequence numbers stay where they are: what is copied belongs to other customers
    than those that the measurements bill.
    """
    migrate.upgrade(url)
    engine = engine_at(url)
    try:
        billed = _account(engine, url, customer_count)
        if invoice_count:
            others = with_customers(engine, billed, max(10, invoice_count // 100))
            _copy_lives(engine, others, invoice_count)
    finally:
        engine.database.close()
    return billed


def _account(engine: Engine, url: str, customer_count: int) -> Filled:
    mint = engine.minter
    secret = mint.secret_key(livemode=False)
    own = Account(mint.mint("acct"), "株式会社サンプル", "JP", "jpy", engine.now())
    connection = engine.database.connection()
    create_account(connection, own, {(False, "secret"): secret})
    opened = opened_by(connection, secret)
    assert opened is not None
    return with_customers(engine, Filled(url, secret, opened.world, [], [], []), customer_count)


def with_customers(engine: Engine, place: Filled, wanted: int) -> Filled:
    """Return the place with new customers, each with a card that pays."""
    given = {
        "name": "株式会社サンプル商事",
        "email": "billing@example.co.jp",
        "payment_method": "pm_card_visa",
        "invoice_settings": {"default_payment_method": "pm_card_visa"},
        "metadata": {"board_client": "1042"},
    }
    card = engine.processor.card("pm_card_visa")
    order = Order(place.world, customers.CreateCustomer(given, card))
    made: list[bytes] = []
    while len(made) < wanted:
        answers = engine.batch([order] * min(100, wanted - len(made)))
        made += [answer.body for answer in answers if answer.status == 200]
        refused = [answer.body.decode() for answer in answers if answer.status not in (200, 429)]
        if refused:
            raise RuntimeError(refused[0])
    shown = [orjson.loads(body) for body in made]
    return replace(
        place,
        customers=[customer["id"] for customer in shown],
        cards=[customer["invoice_settings"]["default_payment_method"] for customer in shown],
        prefixes=[customer["invoice_prefix"] for customer in shown],
    )


# ── one life, and its copies ───────────────────────────────────────────────────────────────────

Written = Callable[[Rows], None]


class Pattern:
    """The rows of one life, as one text that is cut at everything that must differ in a copy."""

    def __init__(self, rows: Rows, fixed: Sequence[str]) -> None:
        """``fixed`` are the texts that `copy` is given others for, in that order."""
        self.tables = list(rows)
        self._cells: list[tuple[str, int, list[Any]]] = []
        joined = []
        for table, written in rows.items():
            for row in written:
                texts = [value for value in row if isinstance(value, str | bytes)]
                joined += [t.decode() if isinstance(t, bytes) else t for t in texts]
                self._cells.append((table, len(texts), list(row)))
        text = APART.join(joined)
        differing = "|".join(re.escape(word) for word in fixed) + "|" + ID.pattern
        pieces = re.split(f"({differing})", text)
        self._texts = pieces[::2]
        words = list(dict.fromkeys([*fixed, *pieces[1::2]]))
        self._words = [words.index(word) for word in pieces[1::2]]
        self._prefixes = [word.partition("_")[0] for word in words[len(fixed) :]]

    def copy(self, others: Sequence[str], mint: Callable[[str], str], into: Rows) -> None:
        """Add the rows of a copy, with ``others`` in place of the fixed texts and fresh ids."""
        words = [*others, *map(mint, self._prefixes)]
        joined = [self._texts[0]]
        for word, text in zip(self._words, self._texts[1:], strict=True):
            joined += (words[word], text)
        texts = "".join(joined).split(APART)
        taken = 0
        for table, count, row in self._cells:
            fresh = iter(texts[taken : taken + count])
            taken += count
            into[table].append(tuple(_again(value, fresh) for value in row))


def _again(value: Any, fresh: Iterator[str]) -> Any:
    if isinstance(value, bytes):
        return next(fresh).encode()
    return next(fresh) if isinstance(value, str) else value


def _copy_lives(engine: Engine, place: Filled, wanted: int) -> None:
    before = all_rows(place.url)
    hosted, customer, card = _live(engine, place)
    after = all_rows(place.url)
    lived = {name: [r for r in after[name] if r not in set(before[name])] for name in COPIED}
    # The customer's own bodies are no part of the pattern: each customer has many of these lives.
    lived["bodies"] = [row for row in lived["bodies"] if row[1] != customer]
    fixed = (customer, card, f"{place.prefixes[0]}-0001", PATTERN_KEY, hosted)
    pattern = Pattern(lived, fixed)
    mint = engine.minter.mint
    with writer(place.url) as write:
        for start in range(0, wanted, AT_ONCE):
            rows: Rows = {name: [] for name in COPIED}
            for number in range(start, min(start + AT_ONCE, wanted)):
                lap, at = divmod(number, len(place.customers))
                sequence = f"{place.prefixes[at]}-{lap + 2:04d}"
                others = (
                    place.customers[at],
                    place.cards[at],
                    sequence,
                    f"copied-key-{number:09d}",
                )
                pattern.copy((*others, engine.minter.text(48)), mint, rows)
            write(rows)


def _live(engine: Engine, place: Filled) -> tuple[str, str, str]:
    """Lead the first customer's first invoice through its life; return its hosted key, the customer
    and the card."""

    def done(command: object, id: str | None, step: str) -> dict[str, Any]:
        origin = Origin("req_0123456789abcd", f"{PATTERN_KEY}-{step}", b"f" * 16, "/v1/invoices")
        order = Order(place.world, command, id, origin)
        (answer,) = engine.batch([order])
        if answer.charge is not None:
            (answer,) = engine.batch([engine.settlement(order, answer.charge)])
        if answer.status != 200:
            raise RuntimeError(answer.body.decode())
        shown: dict[str, Any] = orjson.loads(answer.body)
        return shown

    new = {"customer": place.customers[0], "collection_method": "charge_automatically"}
    line = {"description": "保守費用", "amount": 10_000, "quantity": 1}
    id = done(invoices.CreateInvoice(new), None, "new")["id"]
    done(invoices.AddLines((line,)), id, "line")
    done(invoices.FinalizeInvoice(auto_advance=False), id, "final")
    paid = done(invoices.PayInvoice(request_key=f"{PATTERN_KEY}-pay"), id, "pay")
    hosted = paid["hosted_invoice_url"].rpartition("/i/")[2]
    return hosted, place.customers[0], place.cards[0]


# ── rows out and in ────────────────────────────────────────────────────────────────────────────


def all_rows(url: str) -> Rows:
    """Return every row of every table."""
    connection = open_database(url)
    try:
        return {
            name: connection.connection().rows(Statement(select(table)))
            for name, table in metadata.tables.items()
        }
    finally:
        connection.close()


@contextmanager
def writer(url: str) -> Iterator[Written]:
    """A function that inserts rows of many tables, as fast as the database takes them."""
    if url.startswith("sqlite"):
        raw = sqlite3.connect(url.removeprefix("sqlite:///"))
        raw.execute("PRAGMA synchronous = OFF")
        yield lambda rows: _insert(raw, rows)
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()
        return
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        yield lambda rows: _copy(connection, rows)
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")
        connection.execute("CHECKPOINT")


def _insert(raw: sqlite3.Connection, rows: Rows) -> None:
    with raw:
        for name, written in rows.items():
            if written:
                marks = ", ".join("?" * len(written[0]))
                raw.executemany(f"INSERT INTO {columns_of(name)} VALUES ({marks})", written)


def _copy(connection: psycopg.Connection[Any], rows: Rows) -> None:
    with connection.cursor() as cursor:
        for name, written in rows.items():
            with cursor.copy(f"COPY {columns_of(name)} FROM STDIN") as copy:
                for row in written:
                    copy.write_row(row)
    connection.commit()


def columns_of(name: str) -> str:
    """Return the table with its columns in our order; migrations append, so a database has its own."""
    return f"{name} ({listed(name)})"


def listed(name: str) -> str:
    """Return the columns of a table in our order, as SQL."""
    return ", ".join(f'"{column}"' for column in columns_in_order(name))


def columns_in_order(name: str) -> list[str]:
    """Return the names of a table's columns in our order."""
    return [column.name for column in metadata.tables[name].columns]
