"""Fetching ahead: what many invoices or charges will ask for, in a few queries for all of them.

The rows are told to a `Together` as the answers of exactly the queries that loading makes one by one. What
is not fetched here (revised invoices, subscriptions' items) is asked for when it is needed, and only costs
more. Customers are held first, in the order of their ids, and everything is read after that.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ARRAY, Column, String, any_, bindparam, func, literal_column, select

from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.cash import CashBalance, cash_id
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.payment_intent import InvoicePayment, PaymentIntent
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.settings import Settings
from seikyu.engine.billing.subscription import Subscription
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.store import invoices as queries
from seikyu.engine.store import journal
from seikyu.engine.store.database import Connection, Row
from seikyu.engine.store.session import LOCK_BY_INVOICE, RECORDS, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import attempts, invoice_payments, invoices
from seikyu.engine.store.together import Together


class _Many:
    """A query for the rows in which a column is one of many values, on either database."""

    def __init__(
        self,
        selected: Sequence[Any],
        column: Column[Any],
        *more: Any,
        order: Any = (),
        lock: bool = False,
    ) -> None:
        here = (column.table.c.world_id == bindparam("world"), *more)
        values = func.json_each(bindparam("values")).table_valued("value")
        listed = any_(bindparam("values", type_=ARRAY(String)))
        query = select(*selected).where(*here).order_by(*order)
        own = query.where(column == listed)
        self._sqlite = Statement(query.where(column.in_(select(values.c.value))))
        self._postgresql = Statement(own.with_for_update() if lock else own, prepare=False)

    def rows(self, connection: Connection, world: int, values: Iterable[str | None]) -> list[Row]:
        wanted = sorted({value for value in values if value is not None})
        if not wanted:
            return []
        if connection.dialect == "sqlite":
            return connection.rows(self._sqlite, world=world, values=_json(wanted))
        return connection.rows(self._postgresql, world=world, values=wanted)


def _json(values: list[str]) -> str:
    return "[" + ",".join(f'"{value}"' for value in values) + "]"


class _Records:
    """Records of one class by their ids."""

    def __init__(self, record: type) -> None:
        kind = RECORDS[record]
        self.get = kind.get
        self.lock = kind.lock
        self.names = kind.codec.names
        of = kind.table.c.id
        self._some = _Many(kind.columns, of)
        self._held = _Many(kind.columns, of, order=(of,), lock=True)

    def told(
        self, together: Together, world: int, ids: Iterable[str | None], *, held: bool = False
    ) -> "list[_Seen]":
        """Fetch the records and tell them; return those that exist. ``held``: until the end."""
        wanted = {id for id in ids if id is not None}
        query = self._held if held else self._some
        found = {row[0]: row for row in query.rows(together.connection, world, wanted)}
        for id in wanted:
            rows = [found[id]] if id in found else []
            together.know(self.get, rows, world=world, of_id=id)
            if held:
                together.know(self.lock, rows, world=world, of_id=id)
        return [_Seen(self.names, row) for row in found.values()]


class _Seen:
    """A row as it came, for the few values of it that say what to fetch next."""

    __slots__ = ("_names", "_row")

    def __init__(self, names: list[str], row: Row) -> None:
        self._names = names
        self._row = row

    def __getitem__(self, name: str) -> Any:
        return self._row[self._names.index(name)]


class _Listed:
    """The answers of a query that lists the records of another object."""

    def __init__(
        self, query: Statement, parameter: str, record: type, column: Column[Any], *more: Any
    ) -> None:
        kind = RECORDS[record]
        self._query = query
        self._parameter = parameter
        self._names = kind.codec.names
        self._place = self._names.index(column.name)
        self._many = _Many(columns(record), column, *more, order=(kind.table.c.id,))

    def told(self, together: Together, world: int, owners: Iterable[str | None]) -> list[_Seen]:
        """Fetch the lists of all owners and tell them; return what is in them."""
        lists: dict[str, list[Row]] = {owner: [] for owner in owners if owner is not None}
        rows = self._many.rows(together.connection, world, lists)
        for row in rows:
            lists[row[self._place]].append(row)
        for owner, own in lists.items():
            together.know(self._query, own, **{"world": world, self._parameter: owner})
        return [_Seen(self._names, row) for row in rows]


_CUSTOMERS = _Records(Customer)
_INVOICES = _Records(Invoice)
_INTENTS = _Records(PaymentIntent)
_ATTEMPTS = _Records(Attempt)
_METHODS = _Records(PaymentMethod)
_SUBSCRIPTIONS = _Records(Subscription)
_CLOCKS = _Records(TestClock)
_CASH = _Records(CashBalance)
_PAYMENTS = _Listed(queries.PAYMENTS, "invoice_id", InvoicePayment, invoice_payments.c.invoice_id)
_APPLICATIONS = _Listed(
    queries.APPLICATIONS,
    "intent_id",
    InvoicePayment,
    invoice_payments.c.intent_id,
    invoice_payments.c.status != "canceled",
)
_IN_FLIGHT = _Listed(
    queries.IN_FLIGHT,
    "intent_id",
    Attempt,
    attempts.c.intent_id,
    attempts.c.status == literal_column("'processing'"),
)
_DRAFTS = _Listed(
    queries.DRAFTS, "customer_id", Invoice, invoices.c.customer_id, invoices.c.status == "draft"
)
_OWNERS = {
    Invoice: _Many((invoices.c.id, invoices.c.customer_id), invoices.c.id),
    Attempt: _Many((attempts.c.id, attempts.c.customer_id), attempts.c.id),
}


def payers(connection: Connection, record: type, world: int, ids: Sequence[str]) -> dict[str, str]:
    """Return the customers of invoices or attempts, by their ids; none for what has none."""
    rows = _OWNERS[record].rows(connection, world, ids)
    return {id: customer for id, customer in rows if customer is not None}


def lasting(together: Together) -> None:
    """Let settings and endpoints be read once: neither invoices nor charges change them."""
    together.keep(RECORDS[Settings].get)
    together.keep(journal.ENDPOINTS)


def invoices_ahead(
    together: Together, world: int, ids: Sequence[str], customers: Iterable[str]
) -> None:
    """Hold the customers; fetch what `Advance` of each of the invoices reads."""
    payers = _with_customers(together, world, customers)
    found = _INVOICES.told(together, world, ids)
    for invoice in found:
        together.know(LOCK_BY_INVOICE, [], world=world, of_id=invoice["id"])
    subscriptions = _SUBSCRIPTIONS.told(together, world, (i["subscription_id"] for i in found))
    defaults = [each["default_payment_method"] for each in (*payers, *found, *subscriptions)]
    _METHODS.told(together, world, defaults)
    payments = _PAYMENTS.told(
        together, world, (i["id"] for i in found if i["finalized_at"] is not None)
    )
    intents = {i["intent_id"] for i in found}
    _INTENTS.told(together, world, intents)
    waiting = (p["intent_id"] for p in payments if p["status"] == "open")
    _IN_FLIGHT.told(together, world, waiting)
    # What a customer's other drafts show follows the balance, and the currency of the first invoice.
    moved = (c["id"] for c in payers if c["currency"] is None or c["balance"])
    _DRAFTS.told(together, world, moved)
    _CASH.told(together, world, (cash_id(c["id"]) for c in payers))


def attempts_ahead(
    together: Together, world: int, ids: Sequence[str], customers: Iterable[str]
) -> None:
    """Hold the customers; fetch what `Settle` of each of the attempts reads."""
    _with_customers(together, world, customers)
    found = _ATTEMPTS.told(together, world, ids)
    _INTENTS.told(together, world, (each["intent_id"] for each in found))
    _METHODS.told(together, world, (each["method_id"] for each in found))
    applied = _APPLICATIONS.told(together, world, (each["intent_id"] for each in found))
    billed = _INVOICES.told(together, world, (each["invoice_id"] for each in applied))
    _PAYMENTS.told(together, world, (invoice["id"] for invoice in billed))
    _SUBSCRIPTIONS.told(together, world, (invoice["subscription_id"] for invoice in billed))


def _with_customers(together: Together, world: int, customers: Iterable[str]) -> list[_Seen]:
    found = _CUSTOMERS.told(together, world, customers, held=True)
    _CLOCKS.told(together, world, (customer["clock_id"] for customer in found))
    return found
