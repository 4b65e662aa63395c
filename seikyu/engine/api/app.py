"""The API as one ASGI callable: find the operation, know the world, read or write, answer.

A request passes here: routing → key → parameters → (store: read | door: write) → expansion → answer.
Whatever goes wrong leaves as one of Stripe's errors; what was not foreseen is logged under the request
id, and the caller hears no more than that.
"""

from collections.abc import Callable
from typing import Any

import structlog

from seikyu.engine import execute
from seikyu.engine.api import credit_notes, reading, unapplied
from seikyu.engine.api.credit_notes import CREDITS
from seikyu.engine.api.expansion import expanded
from seikyu.engine.api.keys import Keys, check_account, check_permission
from seikyu.engine.api.request import (
    HungUp,
    Receive,
    Scope,
    Send,
    answer,
    body_of,
    check_form,
    header,
)
from seikyu.engine.api.routing import find
from seikyu.engine.api.searching import search
from seikyu.engine.execute.cash_reading import reconciliation_shown
from seikyu.engine.execute.door import Door
from seikyu.engine.execute.previewing import preview_shown
from seikyu.engine.execute.statement_loading import statement_shown
from seikyu.engine.store.database import Connection, Contention, OutcomeUnknown, StoreUnavailable
from seikyu.engine.store.session import Session, World
from seikyu.engine.wire import errors
from seikyu.engine.wire.commands import BUILDERS, asked, statement_import
from seikyu.engine.wire.errors import WireError
from seikyu.engine.wire.expand import Plan, plan
from seikyu.engine.wire.forms import decode
from seikyu.engine.wire.idempotency import check_key, fingerprint
from seikyu.engine.wire.objects.discount import as_of
from seikyu.engine.wire.objects.event import API_VERSION
from seikyu.engine.wire.params.model import given, parse
from seikyu.engine.wire.params.operations import OPERATIONS

log = structlog.get_logger("seikyu.api")

REPLAYED = (b"idempotent-replayed", b"true")
VERSION = API_VERSION.encode()


class Api:
    """``/v1``. One per process."""

    def __init__(self, door: Door, monotonic: Callable[[], float]) -> None:
        """``monotonic`` is a clock in seconds that never goes back."""
        self._door = door
        self._keys = Keys(door, monotonic)
        self._request_id = door.engine.minter.request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request_id = self._request_id()
        headers = [
            (b"request-id", request_id.encode()),
            (b"stripe-version", header(scope, b"stripe-version") or VERSION),
        ]
        try:
            status, body = await self._answered(scope, receive, request_id, headers)
        except HungUp:
            return
        except Exception as reason:  # noqa: BLE001 (whatever it is, the caller gets an answer)
            error = _as_wire_error(reason, request_id, scope["path"])
            status, body = error.status, errors.render(error, request_id)
            _hint(headers, error.should_retry)
        await answer(send, status, body, headers)

    async def _answered(
        self, scope: Scope, receive: Receive, request_id: str, headers: list[tuple[bytes, bytes]]
    ) -> tuple[int, bytes]:
        method: str = scope["method"]
        path: str = scope["path"]
        authorization = header(scope, b"authorization")
        opened = await self._keys.opened(authorization)
        world = opened.world
        check_account(opened, authorization or b"", header(scope, b"stripe-account"))
        found = find(method, path)
        if found is None:
            raise errors.unrecognized_url(method, path)
        operation, ids = found
        check_permission(opened, authorization or b"", _permission_noun(operation), method)
        if operation in SEARCHES:
            query: bytes = scope["query_string"]
            object_type, _ = _shape(operation)
            return 200, await search(self._door, world, object_type, path, query, headers)
        if method == "GET":
            return 200, await self._read(scope, world, operation, ids)
        check_form(scope)
        params = decode(await body_of(receive), scope["query_string"])
        key = header(scope, b"idempotency-key") if method == "POST" else None
        text = key.decode("latin-1") if key else None
        if text is not None:
            check_key(text)
            headers.append((b"idempotency-key", key or b""))
        origin = execute.Origin(request_id, text, fingerprint(method, path, params), path)
        return await self._write(world, operation, ids, params, origin, headers)

    # ── reads ──────────────────────────────────────────────────────────────────────────────────

    async def _read(
        self, scope: Scope, world: World, operation: str, ids: tuple[str, ...]
    ) -> bytes:
        query: bytes = scope["query_string"]
        collection, is_one = _collection(operation)
        if not query and is_one and reading.TYPES.get(collection) in reading.KEPT_RENDERED:
            object_type = reading.TYPES[collection]
            reading.check_id(object_type, ids[0])
            return reading.existing(await self._door.shown(world, ids[0]), object_type, ids[0])
        params = parse(OPERATIONS[operation], decode(b"", query))
        if operation == FORECAST:
            now = self._door.engine.now()
            return await self._door.read(
                lambda connection: reading.forecast(Session(connection, world), ids[0], now)
            )
        values = given(params)
        if operation in UNAPPLIED:
            now = self._door.engine.now()
            asked_for = {**values, "limit": getattr(params, "limit", 1)}
            url: str = scope["path"]
            return await self._door.read(
                lambda connection: _unapplied(Session(connection, world), ids, asked_for, url, now)
            )
        if operation == CASH_PREVIEW:
            now = self._door.engine.now()
            return await self._door.read(
                lambda connection: reconciliation_shown(
                    Session(connection, world), ids[0], values, now
                )
            )
        limit: int = getattr(params, "limit", 1)
        path: str = scope["path"]
        object_type, in_list = _shape(operation)
        expansion = plan(values.get("expand") or (), object_type, in_list=in_list)

        def work(connection: Connection) -> bytes:
            session = Session(connection, world)
            if operation in CREDITS:
                now, to = self._door.engine.now(), self._door.engine.public_url
                body = credit_notes.found(session, operation, ids, values, path, limit, now, to)
            else:
                body = _found(session, operation, object_type, ids, path, values, limit)
            body = as_of(body, object_type, self._door.engine.now())
            return (
                expanded(session, body, object_type, expansion, in_list=in_list)
                if expansion
                else body
            )

        return await self._door.read(work)

    # ── writes ─────────────────────────────────────────────────────────────────────────────────

    async def _write(
        self,
        world: World,
        operation: str,
        ids: tuple[str, ...],
        params: dict[str, Any],
        origin: execute.Origin,
        headers: list[tuple[bytes, bytes]],
    ) -> tuple[int, bytes]:
        values = given(parse(OPERATIONS[operation], params))
        if operation == PREVIEW:
            return 200, await self._preview(world, values)
        if operation == STATEMENTS and values.get("preview"):
            return 200, await self._statement_preview(world, values)
        assert operation in BUILDERS
        object_type, _ = _shape(operation)
        expansion = plan(values.get("expand") or (), object_type)
        ask = asked(operation, values, ids, origin.key)
        order = execute.Order(world, ask.command, ask.id, origin, ask.view)
        done = await self._door.perform(order)
        if done.replayed:
            headers.append(REPLAYED)
        _hint(headers, done.should_retry)
        if not expansion or done.status != 200:
            return done.status, done.body
        return done.status, await self._door.read(
            lambda connection: _expanded_answer(
                Session(connection, world), done.body, object_type, expansion
            )
        )


    async def _statement_preview(self, world: World, values: dict[str, Any]) -> bytes:
        """Show what importing a file would come to; nothing is stored."""
        command, engine = statement_import(values), self._door.engine
        return await self._door.read(
            lambda connection: statement_shown(
                Session(connection, world), command, engine.now(), engine.minter.mint
            )
        )

    async def _preview(self, world: World, values: dict[str, Any]) -> bytes:
        """Show the invoice that would come; nothing is stored, so no key is remembered either."""
        expansion = plan(values.pop("expand", ()), "invoice")
        engine = self._door.engine

        def work(connection: Connection) -> bytes:
            session = Session(connection, world)
            body, unsaved = preview_shown(session, values, engine.now(), engine.minter.mint)
            return (
                expanded(session, body, "invoice", expansion, in_list=False, unsaved=unsaved)
                if expansion
                else body
            )

        return await self._door.read(work)


def _as_wire_error(reason: Exception, request_id: str, path: str) -> WireError:
    """Translate what went wrong; what was not foreseen goes to the log and not to the caller."""
    if isinstance(reason, WireError):
        return reason
    if isinstance(reason, Contention):
        return errors.locked()
    if isinstance(reason, StoreUnavailable):
        log.error("database unavailable", request=request_id, reason=str(reason))
        unknown = isinstance(reason, OutcomeUnknown)
        return errors.outcome_unknown() if unknown else errors.unavailable()
    log.error("request failed", request=request_id, path=path, exc_info=reason)
    return errors.internal()


def _expanded_answer(session: Session, body: bytes, object_type: str, expansion: Plan) -> bytes:
    return expanded(session, body, object_type, expansion, in_list=False)


def _unapplied(
    session: Session, ids: tuple[str, ...], values: dict[str, Any], path: str, now: int
) -> bytes:
    if ids:
        return unapplied.one(session, ids[0], now)
    return unapplied.listed(session, values, path, now)


def _hint(headers: list[tuple[bytes, bytes]], retry: bool | None) -> None:
    """Tell SDKs whether to repeat, where it is not plain from the status."""
    if retry is not None:
        headers.append((b"stripe-should-retry", b"true" if retry else b"false"))


def _collection(operation: str) -> tuple[str, bool]:
    """Return the collection of an operation's path, and whether the path ends with one id of it."""
    return _COLLECTIONS[operation]


def _parse_collection(operation: str) -> tuple[str, bool]:
    path = operation.split(" /v1/")[1]
    first, brace, rest = path.partition("/{")
    return first, bool(brace) and "/" not in rest


_COLLECTIONS = {operation: _parse_collection(operation) for operation in OPERATIONS}

UNAPPLIED = frozenset(
    {"GET /v1/seikyu/unapplied_payments", "GET /v1/seikyu/unapplied_payments/{id}"}
)
FORECAST = "GET /v1/invoices/{id}/forecast"
PREVIEW = "POST /v1/invoices/create_preview"
SETTINGS = "GET /v1/seikyu/settings"
SEARCHES = frozenset(each for each in OPERATIONS if each.endswith("/search"))
LINE_LIST = "GET /v1/invoices/{id}/lines"
CASH_BALANCE = "/v1/customers/{id}/cash_balance"
CASH_PREVIEW = f"GET {CASH_BALANCE}/reconciliation_preview"
STATEMENTS = "POST /v1/seikyu/bank_statements"
SHAPES = {
    f"GET {CASH_BALANCE}": "cash_balance",
    f"POST {CASH_BALANCE}": "cash_balance",
    CASH_PREVIEW: "cash_balance",
    "POST /v1/customers/{id}/funding_instructions": "funding_instructions",
    "POST /v1/test_helpers/customers/{id}/fund_cash_balance": "customer_cash_balance_transaction",
}
"""Operations whose path does not end with what they answer with."""

OF_CUSTOMERS = {
    "/v1/customers/{id}/cash_balance_transactions": "customer_cash_balance_transaction",
    "/v1/customers/{id}/balance_transactions": "customer_balance_transaction",
    "/v1/customers/{id}/payment_methods": "payment_method",
}
"""Lists inside a customer, and the types of what is in them."""


def _of_customer(operation: str) -> str | None:
    """Return the type of what the operation finds inside a customer, None for all other operations."""
    path = operation.split(" ")[1]
    inside = path if path in OF_CUSTOMERS else path.rpartition("/")[0]
    return OF_CUSTOMERS.get(inside)


PART_OF = {"credit_note_line_item": "credit_note", "line_item": "invoice"}


def _permission_noun(operation: str) -> str:
    """Return what a restricted key must be permitted: lines are part of their invoice."""
    object_type, _ = _shape(operation)
    return PART_OF.get(object_type, object_type)


def _shape(operation: str) -> tuple[str, bool]:
    """Return the object type that an operation answers with, and whether it answers a list."""
    if operation in ("GET /v1/account", "GET /v1/accounts/{id}"):
        return "account", False
    if operation in SHAPES:
        return SHAPES[operation], False
    if operation == SETTINGS:
        return "seikyu.settings", False
    if operation == LINE_LIST:
        return "line_item", True
    if operation in CREDITS:
        return credit_notes.shape(operation)
    inside = _of_customer(operation)
    if inside is not None:
        return inside, operation.startswith("GET") and operation.split(" ")[1] in OF_CUSTOMERS
    if "/lines/" in operation:
        return "line_item", False
    collection = _COLLECTIONS[operation][0].removesuffix("/search").removesuffix("/create_preview")
    return reading.TYPES[collection], operation.startswith("GET") and "{" not in operation


def _found(
    session: Session,
    operation: str,
    object_type: str,
    ids: tuple[str, ...],
    path: str,
    values: dict[str, Any],
    limit: int,
) -> bytes:
    if object_type == "account":
        return reading.account(session, ids[0] if ids else None)
    if operation == SETTINGS:
        return reading.settings(session)
    if operation == f"GET {CASH_BALANCE}":
        return reading.cash_balance(session, ids[0])
    if operation == LINE_LIST:
        return reading.invoice_lines(session, ids[0], path, values, limit)
    if _of_customer(operation) is not None:
        if len(ids) > 1:
            return reading.of_customer(session, object_type, *ids)
        reading.retrieved(session, "customer", ids[0])
        values = {**values, "customer": ids[0]}
    elif ids:
        return reading.retrieved(session, object_type, ids[0])
    return reading.listed(session, object_type, path, values, limit)
