"""The sandbox's control endpoints, /_sandbox/…: what a person or a disaster would do to board.

For tests and demonstrations only; nothing of this exists in the real board. Bodies are JSON and
must be declared so, which keeps other web pages in the same browser from calling these by a form.
"""

import dataclasses
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seikyu.board.simulator.faults import Fault, UnknownFault
from seikyu.board.simulator.limits import Limits
from seikyu.board.simulator.sandbox import Behaviour, Sandbox
from seikyu.board.simulator.state import KINDS, UnusableSeed
from seikyu.board.words import Operation


class NotUnderstood(Exception):
    """A control request that cannot be carried out; the message says why. Answered 400."""


Values = TypeVar("Values", Limits, Behaviour)
Action = Callable[[Sandbox, Request, Mapping[str, object]], object]


def routes(sandbox: Sandbox) -> list[Route]:
    """Return the control endpoints."""
    actions: tuple[tuple[str, str, Action], ...] = (
        ("GET", "/state", _state),
        ("GET", "/requests", _requests),
        ("DELETE", "/requests", _forget_requests),
        ("GET", "/faults", _faults),
        ("POST", "/faults", _order_fault),
        ("DELETE", "/faults", _clear_faults),
        ("PATCH", "/settings", _settings),
        ("POST", "/records/{kind}", _add),
        ("PATCH", "/records/{kind}/{id:int}", _change),
        ("DELETE", "/records/{kind}/{id:int}", _remove),
    )
    return [
        Route(f"/_sandbox{path}", _endpoint(sandbox, action), methods=[method])
        for method, path, action in actions
    ]


def edit(sandbox: Sandbox, order: Mapping[str, object]) -> object:
    """Change a record ({kind, id, fields}), or add one when no id is given.

    Raises NotUnderstood for an unknown kind, a record that does not exist, or fields that would
    leave the record pointing to nothing.
    """
    kind, record_id, fields = order.get("kind"), order.get("id"), order.get("fields")
    if kind not in KINDS or not isinstance(fields, Mapping):
        raise NotUnderstood(f"kind must be one of {', '.join(KINDS)}, and fields an object")
    try:
        if record_id is None:
            return sandbox.records.add(str(kind), fields, sandbox.now())
        return sandbox.records.change(str(kind), int(str(record_id)), fields, sandbox.now())
    except KeyError:
        raise NotUnderstood(f"{kind} has no record {record_id}") from None
    except (UnusableSeed, ValueError) as error:
        raise NotUnderstood(str(error)) from None


def _endpoint(sandbox: Sandbox, action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(action(sandbox, request, await _given(request)))
        except (NotUnderstood, UnknownFault) as error:
            return JSONResponse({"message": str(error)}, status_code=400)

    return answer


async def _given(request: Request) -> Mapping[str, object]:
    if request.method == "GET":
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise NotUnderstood("send Content-Type: application/json")
    try:
        given = json.loads(await request.body() or b"{}")
    except ValueError:
        raise NotUnderstood("the body is not JSON") from None
    if not isinstance(given, dict):
        raise NotUnderstood("the body is not a JSON object")
    return given


def _state(sandbox: Sandbox, _request: Request, _given: Mapping[str, object]) -> object:
    return {
        "company": sandbox.records.company,
        "now": sandbox.now().isoformat(),
        "counts": {kind: sandbox.records.count(kind) for kind in KINDS},
        "calls_today": sandbox.throttle.used(sandbox.now()),
        "limits": dataclasses.asdict(sandbox.throttle.limits),
        "behaviour": dataclasses.asdict(sandbox.behaviour),
        "cards": sandbox.records.cards,
    }


def _requests(sandbox: Sandbox, _request: Request, _given: Mapping[str, object]) -> object:
    return [dataclasses.asdict(seen) for seen in sandbox.seen]


def _forget_requests(sandbox: Sandbox, _request: Request, _given: Mapping[str, object]) -> object:
    sandbox.seen.clear()
    return []


def _faults(sandbox: Sandbox, _request: Request, _given: Mapping[str, object]) -> object:
    return [dataclasses.asdict(fault) for fault in sandbox.faults.pending()]


def _order_fault(sandbox: Sandbox, request: Request, given: Mapping[str, object]) -> object:
    types: dict[str, type | tuple[type, ...]] = {
        "times": int,
        "skip": int,
        "after": bool,
        "seconds": (int, float),
        "edit": dict,
    }
    for name, value in given.items():
        if not isinstance(value, types.get(name, str)):
            raise NotUnderstood(f"{name} has the wrong type")
    try:
        fault = Fault(**given)  # type: ignore[arg-type]
    except TypeError as error:
        raise NotUnderstood(f"a fault is not described so: {error}") from None
    kind, record_id = fault.edit.get("kind"), fault.edit.get("id")
    if fault.kind == "edit" and (kind not in KINDS or not _exists(sandbox, kind, record_id)):
        raise NotUnderstood(f"{kind} has no record {record_id}")
    sandbox.faults.order(fault)
    return _faults(sandbox, request, given)


def _exists(sandbox: Sandbox, kind: object, record_id: object) -> bool:
    known = isinstance(record_id, int) and sandbox.records.get(str(kind), record_id) is not None
    return record_id is None or known


def _clear_faults(sandbox: Sandbox, _request: Request, _given: Mapping[str, object]) -> object:
    sandbox.faults.clear()
    return []


def _settings(sandbox: Sandbox, request: Request, given: Mapping[str, object]) -> object:
    """Change limits, behaviour and tokens: all of what is given, or nothing."""
    unknown = given.keys() - {"limits", "behaviour", "tokens"}
    if unknown:
        raise NotUnderstood(f"unknown settings: {', '.join(sorted(unknown))}")
    limits = _replaced(sandbox.throttle.limits, given.get("limits", {}))
    behaviour = _replaced(sandbox.behaviour, given.get("behaviour", {}))
    if behaviour.patch_answer not in (200, 204) or behaviour.errors_as not in ("list", "map"):
        raise NotUnderstood("patch_answer is 200 or 204, errors_as is list or map")
    tokens = _tokens(given["tokens"]) if "tokens" in given else sandbox.tokens
    sandbox.throttle.limits, sandbox.behaviour, sandbox.tokens = limits, behaviour, tokens
    return _state(sandbox, request, given)


def _replaced(values: Values, changes: object) -> Values:
    if not isinstance(changes, Mapping):
        raise NotUnderstood("limits and behaviour are objects")
    for name, value in changes.items():
        old = getattr(values, str(name), None)
        # The limits of numbers of calls may be null, which switches them off.
        may_be_none = str(name).startswith(("per_", "open_")) and value is None
        if old is None and not hasattr(values, str(name)):
            raise NotUnderstood(f"{name} is unknown")
        if not may_be_none and type(value) is not (int if old is None else type(old)):
            raise NotUnderstood(f"{name} has the wrong type")
    return dataclasses.replace(values, **changes)


def _tokens(given: object) -> dict[str, frozenset[Operation]]:
    if not isinstance(given, Mapping):
        raise NotUnderstood("tokens map each token to a list of operations")
    try:
        return {str(token): frozenset(map(Operation, may)) for token, may in given.items()}
    except (TypeError, ValueError) as error:
        raise NotUnderstood(str(error)) from None


def _add(sandbox: Sandbox, request: Request, given: Mapping[str, object]) -> object:
    return edit(sandbox, {"kind": request.path_params["kind"], "fields": given})


def _change(sandbox: Sandbox, request: Request, given: Mapping[str, object]) -> object:
    return edit(sandbox, {**request.path_params, "fields": given})


def _remove(sandbox: Sandbox, request: Request, _given: Mapping[str, object]) -> object:
    kind, record_id = request.path_params["kind"], request.path_params["id"]
    if kind not in KINDS or sandbox.records.get(kind, record_id) is None:
        raise NotUnderstood(f"{kind} has no record {record_id}")
    if kind != "invoices":
        raise NotUnderstood("only invoices can be removed; the rest is referred to")
    sandbox.records.remove(kind, record_id)
    return {}
