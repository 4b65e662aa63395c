"""The pages of the simulated board: its records, and changing a 請求ステータス as a person would.

Server-rendered, Japanese first, no scripts, a strict Content-Security-Policy. A form is accepted
only from these pages themselves, so that no other site in the same browser can change anything.
"""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from seikyu.board.simulator import filters
from seikyu.board.simulator.sandbox import Sandbox
from seikyu.board.simulator.state import Body
from seikyu.board.words import InvoiceStatus

_HERE = Path(__file__).parent
_PER_PAGE = 50
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_templates = Environment(loader=FileSystemLoader(_HERE), autoescape=True)
Page = Callable[[Sandbox, Request], Awaitable[Response]]


def routes(sandbox: Sandbox) -> list[Route]:
    """Return the pages."""

    def bound(page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return await page(sandbox, request)

        return answer

    return [
        Route("/", bound(_invoices), methods=["GET"]),
        Route("/projects", bound(_projects), methods=["GET"]),
        Route("/clients", bound(_clients), methods=["GET"]),
        Route("/invoices/{id:int}", bound(_invoice), methods=["GET"]),
        Route("/invoices/{id:int}/status", bound(_set_status), methods=["POST"]),
        Route("/page.css", bound(_css), methods=["GET"]),
    ]


async def _invoices(sandbox: Sandbox, request: Request) -> Response:
    status = request.query_params.get("status", "")
    chosen = filters.select(sandbox.records, "invoices", {"invoice_status_in[]": status})
    shown, page, pages = _page(chosen, request)
    rows = [sandbox.shapes.invoice(body, "all") for body in shown]
    return _rendered(
        sandbox,
        "invoices",
        rows=rows,
        statuses=list(InvoiceStatus),
        status=status,
        page=page,
        pages=pages,
        count=len(chosen),
    )


async def _projects(sandbox: Sandbox, request: Request) -> Response:
    chosen = filters.select(
        sandbox.records, "projects", {"include_lost_flg": "1", "include_archive_flg": "1"}
    )
    shown, page, pages = _page(chosen, request)
    rows = [sandbox.shapes.project(body, "large") for body in shown]
    return _rendered(sandbox, "projects", rows=rows, page=page, pages=pages, count=len(chosen))


async def _clients(sandbox: Sandbox, request: Request) -> Response:
    chosen = filters.select(sandbox.records, "clients", {"include_archive_flg": "1"})
    shown, page, pages = _page(chosen, request)
    rows = [sandbox.shapes.client(body, "large") for body in shown]
    return _rendered(sandbox, "clients", rows=rows, page=page, pages=pages, count=len(chosen))


async def _invoice(sandbox: Sandbox, request: Request) -> Response:
    body = sandbox.records.get("invoices", request.path_params["id"])
    if body is None:
        return HTMLResponse("この請求は存在しません。", status_code=404, headers=_HEADERS)
    row = sandbox.shapes.invoice(body, "all")
    return _rendered(sandbox, "invoice", row=row, statuses=list(InvoiceStatus), count=1)


async def _set_status(sandbox: Sandbox, request: Request) -> Response:
    origin = request.headers.get("origin", "")
    if urlsplit(origin).netloc != request.headers.get("host", ""):
        return HTMLResponse("この画面から操作してください。", status_code=403, headers=_HEADERS)
    form = parse_qs((await request.body()).decode("utf-8", "replace"))
    invoice_id = request.path_params["id"]
    status = (form.get("invoice_status") or [""])[0]
    if status not in {str(int(known)) for known in InvoiceStatus}:
        return HTMLResponse("請求ステータスが不正です。", status_code=422, headers=_HEADERS)
    if sandbox.records.get("invoices", invoice_id) is None:
        return HTMLResponse("この請求は存在しません。", status_code=404, headers=_HEADERS)
    sandbox.records.change("invoices", invoice_id, {"invoice_status": int(status)}, sandbox.now())
    return RedirectResponse(f"/invoices/{invoice_id}", status_code=303, headers=_HEADERS)


async def _css(_sandbox: Sandbox, _request: Request) -> Response:
    return Response((_HERE / "page.css").read_text("utf-8"), media_type="text/css")


def _page(chosen: list[Body], request: Request) -> tuple[list[Body], int, int]:
    """Return the records of the page asked for, its number, and the number of pages."""
    pages = max(1, -(-len(chosen) // _PER_PAGE))
    asked = request.query_params.get("page", "1")
    page = min(pages, max(1, int(asked))) if asked.isdecimal() and len(asked) < 10 else 1
    return chosen[(page - 1) * _PER_PAGE : page * _PER_PAGE], page, pages


def _rendered(sandbox: Sandbox, view: str, **values: object) -> Response:
    text = _templates.get_template("page.html").render(
        view=view,
        company=sandbox.records.company,
        calls=sandbox.throttle.used(sandbox.now()),
        per_day=sandbox.throttle.limits.per_day,
        payable=_payable,
        yen=_yen,
        **values,
    )
    return HTMLResponse(text, headers=_HEADERS)


def _payable(row: dict[str, dict[str, str]]) -> Decimal:
    document = row["invoice"]
    withheld = Decimal(document["tax_withholding"])
    return Decimal(document["total"]) + Decimal(document["tax"]) - withheld


def _yen(amount: object) -> str:
    number = Decimal(str(amount))
    return f"{number:,.0f}" if number == number.to_integral_value() else f"{number:,}"
