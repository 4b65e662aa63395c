"""A session: one world's records within one transaction.

Reading by id, saving with a version check, deleting, and keeping the bodies that were shown.
Aggregates have their queries in their own files; they all pass through here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ARRAY, Integer, String, bindparam, delete, func, select

from seikyu.engine.billing.account import Account
from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Record
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.payment_intent import InvoicePayment
from seikyu.engine.billing.settings import SETTINGS, Settings, default_settings
from seikyu.engine.billing.subscription import Subscription, SubscriptionItem
from seikyu.engine.store.database import Connection, Contention, Row
from seikyu.engine.store.mapping import Codec
from seikyu.engine.store.statement import Insertion, Revision, Statement
from seikyu.engine.store.tables import TABLES, bodies, customers, invoices

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class World:
    """One of an account's two worlds. ``id`` leads every key."""

    id: int
    account: Account
    livemode: bool


FIXED: dict[type, frozenset[str]] = {
    Attempt: frozenset(
        {"intent_id", "customer_id", "method_id", "processor_ref", "amount", "currency"}
        | {"off_session", "subject_id", "invoice_id", "scheduled", "authenticated"}
        | {"request_key", "refund_id"}
    ),
    Invoice: frozenset(
        {"customer_id", "hosted_key", "clock_id", "billing_reason", "subscription_id"}
    ),
    InvoicePayment: frozenset({"invoice_id", "intent_id", "currency", "is_default"}),
    Line: frozenset({"customer_id", "subscription_id", "subscription_item_id", "proration"}),
    Subscription: frozenset({"customer_id", "currency", "clock_id", "start_date"}),
    SubscriptionItem: frozenset({"subscription_id"}),
}
"""What never changes once a record is stored: updates leave it, and the indexes on it, alone."""


class _Records:
    """The statements for one record class."""

    def __init__(self, record: type) -> None:
        table = TABLES[record]
        columns = [table.c[name] for name in Codec(record).names]
        self.codec = Codec(record)
        self.columns = columns
        self.table = table
        mine = (table.c.world_id == bindparam("world"), table.c.id == bindparam("of_id"))
        self.get = Statement(select(*columns).where(*mine))
        self.lock = Statement(select(*columns).where(*mine).with_for_update())
        self.insert = Insertion(table, {"world_id": "world", **{c.name: c.name for c in columns}})
        fixed = {"id", "created", *FIXED.get(record, ())}
        self.fixed = fixed
        self.update = Revision(table, [c for c in columns if c.name not in fixed])
        self.delete = Statement(delete(table).where(*mine))


RECORDS = {record: _Records(record) for record in TABLES}

_KEEP = Insertion(
    bodies,
    {
        "world_id": "world",
        **{name: name for name in ("object_id", "version", "body", "created")},
    },
)

LOCK_BY_INVOICE = Statement(
    select(customers.c.id)
    .where(
        customers.c.world_id == bindparam("world"),
        customers.c.id
        == select(invoices.c.customer_id)
        .where(invoices.c.world_id == bindparam("world"), invoices.c.id == bindparam("of_id"))
        .scalar_subquery(),
    )
    .with_for_update()
)

_SHOW = Statement(
    select(bodies.c.body)
    .where(
        bodies.c.world_id == bindparam("world"),
        bodies.c.object_id == bindparam("object_id"),
    )
    .order_by(bodies.c.version.desc())
    .limit(1)
)

_WANTED = (
    func.unnest(bindparam("worlds", type_=ARRAY(Integer)), bindparam("ids", type_=ARRAY(String)))
    .table_valued("world_id", "object_id", with_ordinality="place")
    .render_derived("wanted")
)
_SHOW_MANY = Statement(
    select(
        select(bodies.c.body)
        .where(bodies.c.world_id == _WANTED.c.world_id, bodies.c.object_id == _WANTED.c.object_id)
        .order_by(bodies.c.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    .select_from(_WANTED)
    .order_by(_WANTED.c.place)
)


def shown_together(connection: Connection, wanted: Sequence[tuple[int, str]]) -> list[bytes | None]:
    """Return what is shown of objects given by world and id, in order; None where there is none.

    On PostgreSQL one query; a query on SQLite costs too little for that to be worth anything.
    """
    if connection.dialect == "sqlite":
        one_by_one = (connection.rows(_SHOW, world=w, object_id=id) for w, id in wanted)
        return [rows[0][0] if rows else None for rows in one_by_one]
    worlds, ids = [world for world, _ in wanted], [id for _, id in wanted]
    return [row[0] for row in connection.rows(_SHOW_MANY, worlds=worlds, ids=ids)]


class Session:
    """One world, one connection, inside somebody else's transaction.

    Changes are gathered and made together by ``flush``: on PostgreSQL in one exchange.
    """

    __slots__ = ("_writes", "connection", "world")

    def __init__(self, connection: Connection, world: World) -> None:
        """The transaction is the caller's."""
        self.connection = connection
        self.world = world
        self._writes: list[tuple[Statement, dict[str, Any], str | None]] = []

    def get(self, record: type[R], id: str | None) -> R | None:
        """Return the record, or None."""
        if id is None:
            return None
        kind = RECORDS[record]
        rows = self.connection.rows(kind.get, world=self.world.id, of_id=id)
        return kind.codec.decode(rows[0]) if rows else None

    def settings(self) -> Settings:
        """Return the world's settings as they are now; the defaults when none were ever set."""
        return self.get(Settings, SETTINGS) or default_settings(self.world.account)

    def lock(self, id: str | None) -> Customer | None:
        """Return the customer and hold it until the transaction ends: money moves one at a time.

        On SQLite the transaction itself is the lock.
        """
        return self.locked(Customer, id)

    def locked(self, record: type[R], id: str | None) -> R | None:
        """Return the record and hold it until the transaction ends, or None.

        Whoever locks several does so in one order: the customer, coupons, promotion codes, by id.
        """
        if id is None:
            return None
        kind = RECORDS[record]
        statement = kind.get if self.connection.dialect == "sqlite" else kind.lock
        rows = self.connection.rows(statement, world=self.world.id, of_id=id)
        return kind.codec.decode(rows[0]) if rows else None

    def lock_by_invoice(self, invoice_id: str) -> None:
        """Hold the customer of the invoice, before the invoice itself is read."""
        if self.connection.dialect != "sqlite":
            self.connection.rows(LOCK_BY_INVOICE, world=self.world.id, of_id=invoice_id)

    def all(self, record: type[R], statement: Statement, **values: Any) -> tuple[R, ...]:
        """Return the records of a query that selects ``columns(record)``."""
        decode = RECORDS[record].codec.decode
        return tuple(decode(row) for row in self.rows(statement, **values))

    def rows(self, statement: Statement, **values: Any) -> list[Row]:
        """Run a query of this world (its world parameter is ``world``)."""
        return self.connection.rows(statement, world=self.world.id, **values)

    def run(self, statement: Statement, **values: Any) -> None:
        """Make a change in this world with the next ``flush``."""
        self._writes.append((statement, {"world": self.world.id, **values}, None))

    def save(self, record: Record, version: int) -> None:
        """Store the record as ``version`` with the next ``flush``."""
        kind = RECORDS[type(record)]
        values = kind.codec.encode(record)
        values["world"] = self.world.id
        values["version"] = version
        if record.version == 0:
            self._writes.append((kind.insert, values, None))
            return
        values["was"] = record.version
        values["of_id"] = record.id
        for name in kind.fixed:
            del values[name]
        self._writes.append((kind.update, values, record.id))

    def delete(self, record: Record) -> None:
        """Remove the record's row with the next ``flush``; what events showed of it stays."""
        self.run(RECORDS[type(record)].delete, of_id=record.id)

    def keep(self, object_id: str, version: int, body: bytes, created: int) -> None:
        """Keep what is shown of an object from this version on, with the next ``flush``.

        ``created`` in Unix seconds of the system's clock: what was superseded long ago is forgotten.
        """
        self.run(_KEEP, object_id=object_id, version=version, body=body, created=created)

    def flush(self) -> None:
        """Make the changes, together. Raises Contention when a record was changed meanwhile."""
        writes, self._writes = self._writes, []
        touched = self.connection.run_together([(one, values) for one, values, _ in writes])
        for (_, _, changed), count in zip(writes, touched, strict=True):
            if changed is not None and count == 0:
                raise Contention(f"{changed} was changed by somebody else meanwhile.")

    def show(self, object_id: str) -> bytes | None:
        """Return what is shown of an object now, or None when there is no such object."""
        rows = self.connection.rows(_SHOW, world=self.world.id, object_id=object_id)
        return rows[0][0] if rows else None


def columns(record: type) -> list[Any]:
    """Return the columns to select for ``Session.all``, in the codec's order."""
    return RECORDS[record].columns
