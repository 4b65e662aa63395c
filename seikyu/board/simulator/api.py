"""The operations of board's API that the product uses, as handlers of the simulated board.

A handler gets a request that has passed the gate (app.py) and whose body is already read. What a
handler answers, its error shapes included, is what board documents.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from seikyu.board.simulator import filters
from seikyu.board.simulator.sandbox import Sandbox
from seikyu.board.simulator.shapes import CLIENT_GROUPS, GROUPS
from seikyu.board.simulator.state import Body
from seikyu.board.words import InvoiceStatus

BAD_CREDENTIALS = "APIキーまたはAPIトークンが無効です。"
NOT_FOUND = "対象のデータが見つかりませんでした。"
_REJECTED = "パラメータが正しくありません。"
# What a client may be created with; board ignores the rest.
_CLIENT_FIELDS = (
    "name", "name_disp", "zip", "pref", "address1", "address2", "tel", "fax", "title", "note",
    "payment_term_id", "to", "cc", "invoice_system_number", "custom_no", "currency", "tags",
)  # fmt: skip

FieldComplaint = tuple[str, str, str]


def failure(status: int, message: str) -> JSONResponse:
    """Return an error without fields."""
    return JSONResponse({"message": message}, status_code=status)


def list_clients(sandbox: Sandbox, request: Request) -> Response:
    """顧客リスト取得."""
    return _listed(sandbox, request, "clients", CLIENT_GROUPS, sandbox.shapes.client)


def get_client(sandbox: Sandbox, request: Request) -> Response:
    """顧客取得: always with every field."""
    body = sandbox.records.get("clients", request.path_params["id"])
    if body is None:
        return failure(404, NOT_FOUND)
    return JSONResponse(sandbox.shapes.client(body, "large"))


def create_client(sandbox: Sandbox, request: Request) -> Response:
    """顧客登録. board has no idempotency keys: the same call twice makes two clients."""
    given = _json_object(request)
    if given is None:
        return failure(400, _REJECTED)
    complaints = _client_complaints(given)
    if complaints:
        return rejection(sandbox, complaints)
    fields = {name: given[name] for name in _CLIENT_FIELDS if name in given}
    body = sandbox.records.add("clients", fields, sandbox.now())
    return JSONResponse(sandbox.shapes.client(body, "large"), status_code=201)


def list_projects(sandbox: Sandbox, request: Request) -> Response:
    """案件リスト取得."""
    return _listed(sandbox, request, "projects", GROUPS, sandbox.shapes.project)


def get_project(sandbox: Sandbox, request: Request) -> Response:
    """案件取得."""
    body = sandbox.records.get("projects", request.path_params["id"])
    if body is None:
        return failure(404, NOT_FOUND)
    group = filters.first_values(request.query_params.multi_items()).get("response_group", "small")
    if group not in GROUPS:
        return rejection(sandbox, [_unreadable("response_group")])
    return JSONResponse(sandbox.shapes.project(body, group))


def list_invoices(sandbox: Sandbox, request: Request) -> Response:
    """請求リスト取得."""

    def shape(body: Body, group: str) -> Body:
        carries = sandbox.behaviour.invoice_payment_method
        return sandbox.shapes.invoice(body, group, with_payment_method=carries)

    return _listed(sandbox, request, "invoices", GROUPS, shape)


def set_invoice_status(sandbox: Sandbox, request: Request) -> Response:
    """請求ステータス更新: sets the status and nothing else, neither a day nor an amount."""
    invoice_id = request.path_params["id"]
    if sandbox.records.get("invoices", invoice_id) is None:
        return failure(404, NOT_FOUND)
    given = _json_object(request)
    if given is None:
        return failure(400, _REJECTED)
    status = given.get("invoice_status")
    if status not in set(InvoiceStatus):
        code, word = ("blank", "入力") if status is None else ("inclusion", "正しく指定")
        text = f"請求ステータスを{word}してください。"
        return rejection(sandbox, [("invoice_status", code, text)])
    fields = {"invoice_status": status}
    body = sandbox.records.change("invoices", invoice_id, fields, sandbox.now())
    if sandbox.behaviour.patch_answer == 204:
        return Response(status_code=204)
    return JSONResponse(sandbox.shapes.invoice(body, "small"))


def get_document(sandbox: Sandbox, request: Request) -> Response:
    """請求書取得, by 請求書ID."""
    body = sandbox.records.invoice_of_document(request.path_params["id"])
    if body is None:
        return failure(404, NOT_FOUND)
    return JSONResponse(sandbox.shapes.document(body))


def list_payment_terms(sandbox: Sandbox, request: Request) -> Response:
    """支払条件リスト取得."""

    def shape(body: Body, _group: str) -> Body:
        return sandbox.shapes.payment_term(body)

    return _listed(sandbox, request, "payment_terms", None, shape)


def rejection(sandbox: Sandbox, complaints: Sequence[FieldComplaint]) -> JSONResponse:
    """Return 422 with the complaints as a list of objects, or as a map of field to texts."""
    errors: object = [
        {"field": field, "code": code, "description": text} for field, code, text in complaints
    ]
    if sandbox.behaviour.errors_as == "map":
        errors = {field: [text] for field, _code, text in complaints}
    return JSONResponse({"message": _REJECTED, "errors": errors}, status_code=422)


def _listed(
    sandbox: Sandbox,
    request: Request,
    kind: str,
    groups: Sequence[str] | None,
    shape: Callable[[Body, str], Body],
) -> Response:
    query = filters.first_values(request.query_params.multi_items())
    group = query.get("response_group") or "small"
    if groups is not None and group not in groups:
        return rejection(sandbox, [_unreadable("response_group")])
    try:
        page, per_page = filters.page_of(query)
        chosen = filters.select(sandbox.records, kind, query)
    except filters.BadParameter as bad:
        return rejection(sandbox, [_unreadable(bad.name)])
    shown = chosen[(page - 1) * per_page : page * per_page]
    headers = {
        "X-Total-Count": str(len(chosen)),
        "X-Page": str(page),
        "X-Per-Page": str(per_page),
    }
    return JSONResponse([shape(body, group) for body in shown], headers=headers)


def _client_complaints(given: Mapping[str, object]) -> list[FieldComplaint]:
    complaints = [
        (field, "blank", f"{label}を入力してください。")
        for field, label in (("name", "顧客名"), ("name_disp", "顧客名（表示用）"))
        if not str(given.get(field) or "").strip()
    ]
    for field, label in (("to", "メールアドレス（TO）"), ("cc", "メールアドレス（CC）")):
        addresses = str(given.get(field) or "")
        if addresses and not all("@" in part.strip(" ")[1:-1] for part in addresses.split(",")):
            complaints.append((field, "invalid", f"{label}は不正な値です。"))
    return complaints


def _unreadable(name: str) -> FieldComplaint:
    return (name, "invalid", f"{name}は不正な値です。")


def _json_object(request: Request) -> Mapping[str, object] | None:
    body: bytes = request._body  # noqa: SLF001 - read by the gate, so nothing is awaited here
    try:
        given = json.loads(body)
    except ValueError:
        return None
    return given if isinstance(given, dict) else None
