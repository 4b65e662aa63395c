"""The customer's pages: ``/i/{hosted_key}``, its payment form and the authentication of a card.

Whoever has the address may see and pay the invoice: the key in it is the only credential, and is never
logged. Paying goes through the one door, on session, under the form's token as idempotency key. So a form
sent twice pays once, and is answered twice with the same answer; a form from another window meets the
state of the invoice itself. Every answer that money moved on is a redirect to the page, which then says
what is true.
"""

import hashlib
import re
import traceback
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from seikyu.engine.execute import Door, Order, Origin
from seikyu.engine.hosted.answers import (
    FormTooLarge,
    form_body,
    link,
    locale_of,
    notice,
    page,
    see_other,
    stylesheet,
)
from seikyu.engine.hosted.card_form import TOKEN_LENGTH, CardForm, read_card_form, read_token
from seikyu.engine.hosted.outcome import (
    Declined,
    Elsewhere,
    Forbidden,
    Outcome,
    Unavailable,
    outcome_of,
)
from seikyu.engine.hosted.papers import has_receipt, invoice_sheet, paper_locale, receipt_sheet
from seikyu.engine.hosted.printing import Printer, TooManyWaiting
from seikyu.engine.hosted.view import InvoiceView, is_payable
from seikyu.engine.hosted.words import WORDS, declined
from seikyu.engine.store.database import Contention, StoreUnavailable
from seikyu.engine.store.hosted import HostedInvoice, hosted_invoice
from seikyu.engine.wire import hosted as commands
from seikyu.engine.wire.commands import Asked

log = structlog.get_logger("seikyu.hosted")

KEY = re.compile(r"[0-9A-Za-z]{32,64}", re.ASCII)
MOST_FIELDS = 20
LATER = {"Retry-After": "5"}

Endpoint = Callable[[Request], Awaitable[Response]]


def create_hosted(door: Door) -> Starlette:
    """Return the pages as an ASGI app; it answers ``/i/…`` and ``/hosted/…``.

    ``door`` is the process's own, so that pages and API share commits and threads.
    """
    pages = Pages(door)
    read, both = ["GET", "HEAD"], ["GET", "HEAD", "POST"]
    invoice = pages.guarded(pages.show, pages.pay)
    challenge = pages.guarded(pages.challenge, pages.answer_challenge)
    routes = [
        Route("/i/{key}", invoice, methods=both),
        Route("/i/{key}/authenticate", challenge, methods=both),
        Route("/i/{key}/pdf", pages.guarded(pages.paper, pages.paper), methods=read),
        Route("/i/{key}/receipt", pages.guarded(pages.receipt, pages.receipt), methods=read),
        Route("/hosted/page.css", lambda _request: stylesheet(), methods=read),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _said_by_routing})
    app.router.redirect_slashes = False
    return app


class NoSuchPage(Exception):
    """No invoice has this key, or it is a draft, which nobody outside may see."""


class Pages:
    """The endpoints."""

    def __init__(self, door: Door) -> None:
        """Everything that changes goes through ``door``."""
        self._door = door
        self._minter = door.engine.minter
        self._printer = Printer()

    # ── the invoice ────────────────────────────────────────────────────────────────────────────

    async def show(self, request: Request) -> Response:
        """The invoice as it is now."""
        return self._invoice(request, await self._found(request))

    async def pay(self, request: Request) -> Response:
        """Charge the card of the form."""
        given = await _fields(request)
        invoice = await self._found(request)
        if not is_payable(invoice):
            return see_other(request, invoice.key)
        form = read_card_form(given, self._door.engine.now())
        if form.errors:
            return self._invoice(request, invoice, 422, form)
        key = f"hosted_page_{form.token}"
        asked = commands.pay(
            invoice.id,
            key,
            number=form.number,
            exp_month=form.exp_month,
            exp_year=form.exp_year,
            cvc=form.cvc,
        )
        # What is stored of the form must not help to guess a number: only what is stored anyway.
        sent = f"{form.token} {form.number[-4:]} {form.exp_month} {form.exp_year}"
        outcome = await self._performed(invoice, asked, request, key, sent)
        return await self._after(request, outcome, invoice)

    # ── 3-D Secure ─────────────────────────────────────────────────────────────────────────────

    async def challenge(self, request: Request) -> Response:
        """The page on which the customer shows who they are. Test cards: who they want to be."""
        invoice = await self._found(request)
        if invoice.awaiting is None or not is_payable(invoice):
            return see_other(request, invoice.key)
        view = InvoiceView(invoice, locale_of(request))
        token = self._minter.text(TOKEN_LENGTH)
        card = view.card(invoice.awaiting)
        return page(
            request,
            "authenticate.html",
            view=view,
            token=token,
            card=card,
            action=link(request, invoice.key, "/authenticate"),
            back=link(request, invoice.key),
        )

    async def answer_challenge(self, request: Request) -> Response:
        """Go on with the payment, or give the card up."""
        given = await _fields(request)
        invoice = await self._found(request)
        token, intent_id = read_token(given), invoice.intent_id
        if token is None or intent_id is None or invoice.awaiting is None:
            return see_other(request, invoice.key)
        passed = given.get("result") == "authenticated"
        key = f"hosted_page_{token}"
        asked = (
            commands.authenticated(intent_id, key)
            if passed
            else commands.not_authenticated(intent_id)
        )
        outcome = await self._performed(invoice, asked, request, key, f"{token} {passed}")
        return await self._after(request, outcome, invoice)

    # ── on paper ───────────────────────────────────────────────────────────────────────────────

    async def paper(self, request: Request) -> Response:
        """The invoice as a PDF, as it is now."""
        invoice = await self._found(request)
        locale = paper_locale(request.query_params.get("locale"), invoice.world.account.country)
        page_url = f"{self._door.engine.public_url}/i/{invoice.key}"
        sheet = invoice_sheet(invoice, locale, page_url)
        return await self._printer.pdf(sheet, f"Invoice-{invoice.number}.pdf")

    async def receipt(self, request: Request) -> Response:
        """The receipt as a PDF; an invoice that has none yet shows its page instead."""
        invoice = await self._found(request)
        if not has_receipt(invoice):
            return see_other(request, invoice.key)
        locale = paper_locale(request.query_params.get("locale"), invoice.world.account.country)
        sheet = receipt_sheet(invoice, locale)
        return await self._printer.pdf(sheet, f"Receipt-{invoice.number}.pdf")

    # ── what they share ────────────────────────────────────────────────────────────────────────

    async def _found(self, request: Request) -> HostedInvoice:
        key: str = request.path_params["key"]
        if not KEY.fullmatch(key):
            raise NoSuchPage
        now = self._door.engine.now()
        found = await self._door.read(lambda connection: hosted_invoice(connection, key, now))
        if found is None:
            raise NoSuchPage
        return found

    async def _performed(
        self, invoice: HostedInvoice, asked: Asked, request: Request, key: str, sent: str
    ) -> Outcome:
        fingerprint = hashlib.blake2b(sent.encode(), digest_size=16).digest()
        # The path without the page's own key: it is stored beside the answer and shown in errors.
        path = f"/i/{invoice.id}{request.url.path.removeprefix(f'/i/{invoice.key}')}"
        origin = Origin(self._minter.request_id(), key, fingerprint, path)
        try:
            answer = await self._door.perform(Order(invoice.world, asked.command, asked.id, origin))
        except (StoreUnavailable, Contention) as reason:
            _log_unavailable(reason)
            return Unavailable()
        return outcome_of(answer)

    async def _after(self, request: Request, outcome: Outcome, invoice: HostedInvoice) -> Response:
        """Answer a payment: on to the page that tells the truth, or the page again with a reason."""
        words = WORDS[locale_of(request)]
        if isinstance(outcome, Elsewhere):
            return see_other(request, invoice.key, "/authenticate" if outcome.challenge else "")
        if isinstance(outcome, Unavailable):
            return notice(request, "unknown", 503, LATER)
        invoice = await self._found(request)
        if isinstance(outcome, Declined):
            alert = declined(words, outcome.code, outcome.decline_code)
            return self._invoice(request, invoice, 402, alert=alert)
        assert isinstance(outcome, Forbidden)
        if not is_payable(invoice):
            return see_other(request, invoice.key)
        alert = words["error_form_used" if outcome.form_used else "no_card_payments"]
        return self._invoice(request, invoice, 409 if outcome.form_used else 400, alert=alert)

    def _invoice(
        self,
        request: Request,
        invoice: HostedInvoice,
        status: int = 200,
        form: CardForm | None = None,
        alert: str = "",
    ) -> Response:
        view = InvoiceView(invoice, locale_of(request))
        errors = {name: view.words[said] for name, said in form.errors.items()} if form else {}
        if errors:
            alert = errors.get("form", view.words["error_nothing_charged"])
        elif not alert and view.takes_cards and invoice.last_failure is not None:
            alert = declined(view.words, *invoice.last_failure)
        return page(
            request,
            "invoice.html",
            status,
            view=view,
            token=self._minter.text(TOKEN_LENGTH),
            errors=errors,
            expiry=form.expiry if form and "expiry" not in errors else "",
            alert=alert,
            action=link(request, invoice.key),
            challenge=link(request, invoice.key, "/authenticate"),
            has_receipt=has_receipt(invoice),
        )

    def guarded(self, shows: Endpoint, takes: Endpoint) -> Endpoint:
        """Join the two halves of a page; whatever goes wrong in them becomes a page too."""

        async def answer(request: Request) -> Response:
            try:
                return await (takes if request.method == "POST" else shows)(request)
            except NoSuchPage:
                return notice(request, "not_found", 404)
            except FormTooLarge:
                return notice(request, "too_large", 413)
            except (StoreUnavailable, Contention) as reason:
                _log_unavailable(reason)
                return notice(request, "unavailable", 503, LATER)
            except TooManyWaiting:
                return notice(request, "unavailable", 503, LATER)
            except Exception as reason:  # noqa: BLE001 (whatever it is, the customer gets a page)
                return self._reported(request, reason)

        return answer

    def _reported(self, request: Request, reason: Exception) -> Response:
        """Log what was not foreseen: the trace without local variables, which may hold a card."""
        number = self._minter.request_id()
        trace = "".join(traceback.format_exception(reason))
        log.error("hosted page failed", request=number, trace=trace)
        return notice(request, "failed", 500, reference=number)


def _log_unavailable(reason: Exception) -> None:
    log.error("database unavailable", reason=str(reason))


async def _said_by_routing(request: Request, reason: Exception) -> Response:
    """No such address, or an address that does not take this method."""
    assert isinstance(reason, HTTPException)
    if reason.status_code == 405:
        allow = {"Allow": (reason.headers or {}).get("Allow", "GET, HEAD")}
        return notice(request, "method", 405, allow)
    return notice(request, "not_found", 404)


async def _fields(request: Request) -> dict[str, str]:
    """Return the fields of the form; what is no form has none."""
    body = await form_body(request)
    try:
        pairs = parse_qsl(body.decode("ascii", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return dict(pairs)
