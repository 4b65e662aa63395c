"""The API as one ASGI callable: find the operation, know the world, read or write, answer.

A request passes here: routing → key → parameters → (store: read | door: write) → expansion → answer.
Whatever goes wrong leaves as one of Stripe's errors; what was not foreseen is logged under the request
id, and the caller hears no more than that.
"""

from collections.abc import Callable
from typing import Any

import structlog

from seikyu.engine import execute
from seikyu.engine.api import reading
from seikyu.engine.api.expansion import expanded
from seikyu.engine.api.keys import Keys, check_account, check_permission
from seikyu.engine.api.operations import SERVED, Served, Shower
from seikyu.engine.api.reading import Asking
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
from seikyu.engine.execute.door import Door
from seikyu.engine.store.database import Connection, Contention, OutcomeUnknown, StoreUnavailable
from seikyu.engine.store.session import Session, World
from seikyu.engine.wire import errors
from seikyu.engine.wire.commands import BUILDERS, asked
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
        served = SERVED[operation]
        check_permission(opened, authorization or b"", served.permission, method)
        if served.searches:
            query: bytes = scope["query_string"]
            return 200, await search(self._door, world, served.object_type, path, query, headers)
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
        served = SERVED[operation]
        object_type, in_list, read = served.object_type, served.in_list, served.read
        assert read is not None
        query: bytes = scope["query_string"]
        if served.kept and not query:
            reading.check_id(object_type, ids[0])
            return reading.existing(await self._door.shown(world, ids[0]), object_type, ids[0])
        params = parse(OPERATIONS[operation], decode(b"", query))
        values, limit = given(params), getattr(params, "limit", 1)
        expansion = plan(values.get("expand") or (), object_type, in_list=in_list)
        engine, url = self._door.engine, scope["path"]

        def work(connection: Connection) -> bytes:
            session, now = Session(connection, world), engine.now()
            body = read(
                Asking(session, object_type, ids, values, url, limit, now, engine.public_url)
            )
            body = as_of(body, object_type, now)
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
        served = SERVED[operation]
        object_type = served.object_type
        expansion = plan(values.get("expand") or (), object_type)
        show = served.preview(values)
        if show is not None:
            return 200, await self._preview(world, show, served, values, expansion)
        assert operation in BUILDERS
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

    async def _preview(
        self, world: World, show: Shower, served: Served, values: dict[str, Any], expansion: Plan
    ) -> bytes:
        """Show what would come; nothing is stored."""
        values = {name: value for name, value in values.items() if name != "expand"}

        def work(connection: Connection) -> bytes:
            session, type = Session(connection, world), served.object_type
            body, unsaved = show(session, values, self._door.engine)
            return (
                expanded(session, body, type, expansion, in_list=False, unsaved=unsaved)
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


def _hint(headers: list[tuple[bytes, bytes]], retry: bool | None) -> None:
    """Tell SDKs whether to repeat, where it is not plain from the status."""
    if retry is not None:
        headers.append((b"stripe-should-retry", b"true" if retry else b"false"))
