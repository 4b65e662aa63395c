"""The simulated board as one ASGI application: board's API under /v1, its sandbox beside it.

Every API call passes the same gate, in this order: the API key, the limits, the token, the token's
permission, ordered trouble, the content type; only then does its handler run. Outside /v1 lie the
control endpoints (/_sandbox/…, for tests and demonstrations) and the pages for a person (/).
The clock is a parameter: tests set it, a sandbox passes the real one.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from seikyu.board.simulator import api, control, page
from seikyu.board.simulator.faults import STATUS_KINDS, Fault, Faults
from seikyu.board.simulator.limits import LimitReached, Limits, Throttle
from seikyu.board.simulator.sandbox import API_KEY, API_TOKEN, Behaviour, Sandbox, Seen
from seikyu.board.simulator.shapes import Shapes
from seikyu.board.simulator.state import Records
from seikyu.board.words import Operation


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation of board's API."""

    method: str
    path: str
    operation: Operation
    handle: Callable[[Sandbox, Request], Response]


ENDPOINTS = (
    Endpoint("GET", "/clients", Operation.LIST_CLIENTS, api.list_clients),
    Endpoint("POST", "/clients", Operation.CREATE_CLIENT, api.create_client),
    Endpoint("GET", "/clients/{id:int}", Operation.GET_CLIENT, api.get_client),
    Endpoint("GET", "/projects", Operation.LIST_PROJECTS, api.list_projects),
    Endpoint("GET", "/projects/{id:int}", Operation.GET_PROJECT, api.get_project),
    Endpoint("GET", "/invoices", Operation.LIST_INVOICES, api.list_invoices),
    Endpoint(
        "PATCH",
        "/invoices/invoice_status/{id:int}",
        Operation.SET_INVOICE_STATUS,
        api.set_invoice_status,
    ),
    Endpoint(
        "GET", "/documents/invoices/{id:int}", Operation.GET_INVOICE_DOCUMENT, api.get_document
    ),
    Endpoint("GET", "/payment_terms", Operation.LIST_PAYMENT_TERMS, api.list_payment_terms),
)
_LIMITED_LISTS = {
    Operation.LIST_PROJECTS: "project_no_eq",
    Operation.LIST_INVOICES: "project_project_no_eq",
}


def create_app(
    seed: Mapping[str, object],
    *,
    now: Callable[[], datetime],
    file: Path | None = None,
    limits: Limits | None = None,
    behaviour: Behaviour | None = None,
    api_key: str = API_KEY,
    tokens: Mapping[str, frozenset[Operation]] | None = None,
) -> Starlette:
    """Return the application; `app.state.sandbox` is its Sandbox.

    `now` returns an aware date-time. With `file` the records survive the process, and the seed is
    used only when the file has none. `tokens` maps each token to what it may do; without it one
    token, API_TOKEN, may do everything. Raises UnusableSeed.
    """
    records = Records(seed, file)
    everything = {API_TOKEN: frozenset(Operation)}
    sandbox = Sandbox(
        records=records,
        throttle=Throttle(limits or Limits(), records, api_key),
        faults=Faults(),
        behaviour=behaviour or Behaviour(),
        shapes=Shapes(records),
        api_key=api_key,
        tokens=dict(everything if tokens is None else tokens),
        now=now,
    )
    app = Starlette(
        routes=[
            *(_route(sandbox, endpoint) for endpoint in ENDPOINTS),
            *control.routes(sandbox),
            *page.routes(sandbox),
        ],
        exception_handlers={404: _not_found, 405: _not_found},
    )
    app.state.sandbox = sandbox
    return app


def _not_found(_request: Request, _error: Exception) -> Response:
    return api.failure(404, "対象のデータが見つかりませんでした。")


def _route(sandbox: Sandbox, endpoint: Endpoint) -> Route:
    async def answer(request: Request) -> Response:
        response = await _gate(sandbox, endpoint, request)
        # Stamped by the clock that writes updated_at, as one machine would.
        response.headers["Date"] = format_datetime(sandbox.now().astimezone(UTC), usegmt=True)
        path = request.url.path.removeprefix("/v1")
        sandbox.seen.append(Seen(request.method, path, request.url.query, response.status_code))
        return response

    return Route(f"/v1{endpoint.path}", answer, methods=[endpoint.method])


async def _gate(sandbox: Sandbox, endpoint: Endpoint, request: Request) -> Response:
    refused = _refuse_stranger(sandbox, endpoint, request)
    if refused:
        return refused
    # The body is read first, so that the handlers need not wait for anything.
    await request.body()
    operation = endpoint.operation
    limited = operation in _LIMITED_LISTS and not request.query_params.get(
        _LIMITED_LISTS[operation]
    )
    try:
        with sandbox.throttle.open_list() if limited else nullcontext():
            path = request.url.path.removeprefix("/v1")
            fault = sandbox.faults.next_for(request.method, path)
            return await _carry_out(sandbox, endpoint, request, fault)
    except LimitReached as reached:
        return api.failure(429, reached.message)


def _refuse_stranger(sandbox: Sandbox, endpoint: Endpoint, request: Request) -> Response | None:
    """Return the refusal that key, limits, token or permission demand, or None."""
    if request.headers.get("x-api-key") != sandbox.api_key:
        return api.failure(401, api.BAD_CREDENTIALS)
    try:
        sandbox.throttle.admit(sandbox.now())
    except LimitReached as reached:
        return api.failure(429, reached.message)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token not in sandbox.tokens:
        return api.failure(401, api.BAD_CREDENTIALS)
    if endpoint.operation not in sandbox.tokens[token]:
        return api.failure(403, "許可されていません。")
    return None


async def _carry_out(
    sandbox: Sandbox, endpoint: Endpoint, request: Request, fault: Fault | None
) -> Response:
    if fault is None:
        return _handled(sandbox, endpoint, request)
    if fault.kind == "edit":
        control.edit(sandbox, fault.edit)
        return _handled(sandbox, endpoint, request)
    response = _handled(sandbox, endpoint, request) if fault.after else None
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
        return response or _handled(sandbox, endpoint, request)
    if fault.kind == "dropped":
        return _BrokenResponse()
    if fault.kind == "garbage":
        return Response("<html><body>Gateway</body></html>", media_type="text/html")
    status, message = STATUS_KINDS[fault.kind]
    return api.failure(status, message)


def _handled(sandbox: Sandbox, endpoint: Endpoint, request: Request) -> Response:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "GET" and media_type != "application/json":
        return api.failure(415, "Content-Typeはapplication/jsonを指定してください。")
    response = endpoint.handle(sandbox, request)
    if len(response.body) > sandbox.throttle.limits.answer_bytes:
        return api.failure(500, "Internal Server Error")
    return response


class _BrokenResponse(Response):
    """An answer that stops in the middle: the server closes the connection."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Promise more than is sent."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"[", "more_body": True})
