"""What each operation answers with, and how it is read: the one table of the API.

Most of it stands in the path. A collection holds objects of one type; ``GET`` of it is a list of them, and
``GET`` of an id in it is that object. So COLLECTIONS, which names the types, is enough for most operations.
What reads differently has a line in OBJECTS or LISTS; what is written and yet stores nothing, in PREVIEWS.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from seikyu.engine.api import credit_notes, reading, unapplied
from seikyu.engine.api.reading import Reader
from seikyu.engine.execute import Engine
from seikyu.engine.execute.previewing import preview_shown
from seikyu.engine.execute.statement_loading import statement_shown
from seikyu.engine.store.session import Session
from seikyu.engine.wire.commands import statement_import
from seikyu.engine.wire.params.operations import OPERATIONS

COLLECTIONS = {
    "account": "account",
    "accounts": "account",
    "billing_portal/configurations": "billing_portal.configuration",
    "billing_portal/sessions": "billing_portal.session",
    "charges": "charge",
    "coupons": "coupon",
    "credit_notes": "credit_note",
    "credit_notes/preview/lines": "credit_note_line_item",
    "credit_notes/{id}/lines": "credit_note_line_item",
    "customers": "customer",
    "customers/{id}/balance_transactions": "customer_balance_transaction",
    "customers/{id}/cash_balance": "cash_balance",
    "customers/{id}/cash_balance_transactions": "customer_cash_balance_transaction",
    "customers/{id}/funding_instructions": "funding_instructions",
    "customers/{id}/payment_methods": "payment_method",
    "events": "event",
    "invoice_payments": "invoice_payment",
    "invoiceitems": "invoiceitem",
    "invoices": "invoice",
    "invoices/{id}/lines": "line_item",
    "payment_intents": "payment_intent",
    "payment_methods": "payment_method",
    "payment_plans": "payment_plan",
    "prices": "price",
    "products": "product",
    "promotion_codes": "promotion_code",
    "refunds": "refund",
    "seikyu/bank_statement_lines": "seikyu.bank_statement_line",
    "seikyu/bank_statements": "seikyu.bank_statement",
    "seikyu/deliveries": "seikyu.delivery",
    "seikyu/mails": "seikyu.mail",
    "seikyu/refunds": "refund",
    "seikyu/settings": "seikyu.settings",
    "seikyu/unapplied_payments": "seikyu.unapplied_payment",
    "subscription_items": "subscription_item",
    "subscriptions": "subscription",
    "tax_rates": "tax_rate",
    "test_helpers/customers/{id}/fund_cash_balance": "customer_cash_balance_transaction",
    "test_helpers/test_clocks": "test_helpers.test_clock",
    "webhook_endpoints": "webhook_endpoint",
}
"""Where a path begins → the type of what the operation is about. The longest that fits is meant."""

OBJECTS: dict[str, Reader] = {
    "GET /v1/account": reading.account,
    "GET /v1/accounts/{id}": reading.account,
    "GET /v1/credit_notes/preview": credit_notes.preview,
    "GET /v1/customers/{id}/cash_balance": reading.cash_balance,
    "GET /v1/customers/{id}/cash_balance/reconciliation_preview": reading.reconciliation,
    "GET /v1/invoices/{id}/forecast": reading.forecast,
    "GET /v1/seikyu/settings": reading.settings,
    "GET /v1/seikyu/unapplied_payments/{id}": unapplied.one,
}
"""Reads of one object that is not shown as it was rendered last, or not found by its own id."""

LISTS: dict[str, Reader] = {
    "GET /v1/credit_notes/preview/lines": credit_notes.preview_lines,
    "GET /v1/credit_notes/{id}/lines": credit_notes.lines,
    "GET /v1/invoices/{id}/lines": reading.invoice_lines,
    "GET /v1/seikyu/unapplied_payments": unapplied.page,
}
"""Lists with an order or an origin of their own."""

Shower = Callable[[Session, dict[str, Any], Engine], tuple[bytes, Mapping[str, bytes]]]
"""Returns what would come, and by id the objects in it that are not stored."""


def _invoice(
    session: Session, values: dict[str, Any], engine: Engine
) -> tuple[bytes, Mapping[str, bytes]]:
    return preview_shown(session, values, engine.now(), engine.minter.mint)


def _statement(
    session: Session, values: dict[str, Any], engine: Engine
) -> tuple[bytes, Mapping[str, bytes]]:
    command = statement_import(values)
    return statement_shown(session, command, engine.now(), engine.minter.mint), {}


PREVIEWS: dict[str, tuple[Shower, str | None]] = {
    "POST /v1/invoices/create_preview": (_invoice, None),
    "POST /v1/seikyu/bank_statements": (_statement, "preview"),
}
"""What a ``POST`` shows without storing it; where there is a parameter's name, only when that is true.

Nothing is stored, so no idempotency key is remembered either.
"""

PART_OF = {"credit_note_line_item": "credit_note", "line_item": "invoice"}
"""Types that a restricted key is permitted together with another."""

RENDERED_WHEN_READ = frozenset(
    {
        "coupon",
        "event",
        "promotion_code",
        "seikyu.delivery",
        "seikyu.mail",
        "seikyu.unapplied_payment",
    }
)
"""Types that change without a command: what is kept rendered of them, if anything, is not all."""


@dataclass(frozen=True, slots=True)
class Served:
    """What the API knows of an operation beside its parameters."""

    object_type: str
    in_list: bool = False
    read: Reader | None = None
    searches: bool = False
    show: Shower | None = None
    shows_if: str | None = None

    @property
    def permission(self) -> str:
        """The noun that a restricted key must be permitted to read or to write."""
        return PART_OF.get(self.object_type, self.object_type)

    @property
    def kept(self) -> bool:
        """Whether the answer is, to the byte, what was rendered when the object last changed."""
        return self.read is reading.one and self.object_type not in RENDERED_WHEN_READ

    def preview(self, values: Mapping[str, Any]) -> Shower | None:
        """Return what shows the outcome, when the request asks to see it and not to have it."""
        return self.show if self.shows_if is None or values.get(self.shows_if) else None


def _served(operation: str) -> Served:
    method, path = operation.split(" /v1/")
    collection = _collection(path)
    object_type = COLLECTIONS[collection]
    if path.endswith("/search"):
        return Served(object_type, in_list=True, searches=True)
    if method != "GET":
        show, condition = PREVIEWS.get(operation, (None, None))
        return Served(object_type, show=show, shows_if=condition)
    if operation in OBJECTS:
        return Served(object_type, read=OBJECTS[operation])
    if operation in LISTS:
        return Served(object_type, in_list=True, read=LISTS[operation])
    inside = collection.startswith("customers/{id}/")
    if path == collection:
        return Served(
            object_type, in_list=True, read=reading.page_of_customer if inside else reading.page
        )
    return Served(object_type, read=reading.one_of_customer if inside else reading.one)


def _collection(path: str) -> str:
    """Return the longest beginning of the path that is a collection. Raises KeyError without one."""
    beginning = path
    while beginning not in COLLECTIONS:
        beginning, slash, _ = beginning.rpartition("/")
        if not slash:
            raise KeyError(path)
    return beginning


SERVED = {operation: _served(operation) for operation in OPERATIONS}
