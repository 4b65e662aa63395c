"""The customer's pages: ``/i/{hosted_key}``, its payment form, its papers; and the portal.

Whoever has the address may see and pay the invoice: the key in it is the only credential, and is never
logged. Paying goes through the one door, on session, under the form's token as idempotency key. So a form
sent twice pays once, and is answered twice with the same answer; a form from another window meets the
state of the invoice itself. Every answer that money moved on is a redirect to the page, which then says
what is true. An address that is over opens nothing, papers included.
"""

import re

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from seikyu.engine.execute import Door
from seikyu.engine.hosted.answers import link, locale_of, notice, page, see_other, stylesheet
from seikyu.engine.hosted.card_form import TOKEN_LENGTH, CardForm, read_card_form, read_token
from seikyu.engine.hosted.front import LATER, Front, NoSuchPage, fields, said_by_routing
from seikyu.engine.hosted.outcome import (
    Declined,
    Elsewhere,
    Forbidden,
    Outcome,
    Unavailable,
    outcome_of,
)
from seikyu.engine.hosted.papers import (
    credit_note_sheet,
    has_receipt,
    invoice_sheet,
    paper_locale,
    payment_receipt_sheet,
    receipt_sheet,
)
from seikyu.engine.hosted.portal_app import portal_routes
from seikyu.engine.hosted.printing import Printer
from seikyu.engine.hosted.view import InvoiceView, is_over, is_payable
from seikyu.engine.hosted.words import WORDS, declined
from seikyu.engine.store.hosted import HostedInvoice, hosted_invoice
from seikyu.engine.store.hosted_notes import hosted_credit
from seikyu.engine.wire import hosted as commands
from seikyu.engine.wire.commands import Asked

KEY = re.compile(r"[0-9A-Za-z]{32,64}", re.ASCII)


def create_hosted(door: Door) -> Starlette:
    """Return the pages as an ASGI app; it answers ``/i/…``, ``/p/…`` and ``/hosted/…``.

    ``door`` is the process's own, so that pages and API share commits and threads.
    """
    front = Front(door)
    pages = Pages(front)
    read, both = ["GET", "HEAD"], ["GET", "HEAD", "POST"]
    guarded = front.guarded
    routes = [
        Route("/i/{key}", guarded(pages.show, pages.pay), methods=both),
        Route(
            "/i/{key}/authenticate",
            guarded(pages.challenge, pages.answer_challenge),
            methods=both,
        ),
        Route("/i/{key}/pdf", guarded(pages.paper), methods=read),
        Route("/i/{key}/receipt", guarded(pages.receipt), methods=read),
        Route("/i/{key}/credit_notes/{note}", guarded(pages.credit_note), methods=read),
        Route("/i/{key}/receipts/{payment}", guarded(pages.part_receipt), methods=read),
        *portal_routes(front),
        Route("/hosted/page.css", lambda _request: stylesheet(), methods=read),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: said_by_routing})
    app.router.redirect_slashes = False
    return app


class Pages:
    """The endpoints of one invoice."""

    def __init__(self, front: Front) -> None:
        """The press is started with the first paper."""
        self._front = front
        self._minter = front.minter
        self._printer = Printer()

    # ── the invoice ────────────────────────────────────────────────────────────────────────────

    async def show(self, request: Request) -> Response:
        """The invoice as it is now."""
        invoice = await self._found(request)
        return _expired(request, invoice) if is_over(invoice) else self._invoice(request, invoice)

    async def pay(self, request: Request) -> Response:
        """Charge the card of the form."""
        given = await fields(request)
        invoice = await self._found(request)
        if is_over(invoice):
            return _expired(request, invoice)
        if not is_payable(invoice):
            return see_other(request, invoice.key)
        form = read_card_form(given, self._front.door.engine.now())
        if form.errors:
            return self._invoice(request, invoice, 422, form)
        key = f"hosted_page_{form.token}"
        amount = _chosen(given, invoice)
        asked = commands.pay(invoice.id, key, **form.card(), amount=amount)
        remembered = f"{form.remembered} {amount}"
        outcome = await self._performed(invoice, asked, request, key, remembered)
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
        given = await fields(request)
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
        if is_over(invoice):
            return _expired(request, invoice)
        page_url = f"{self._front.door.engine.public_url}/i/{invoice.key}"
        sheet = invoice_sheet(invoice, _paper_locale(request, invoice), page_url)
        return await self._printer.pdf(sheet, f"Invoice-{invoice.number}.pdf")

    async def receipt(self, request: Request) -> Response:
        """The receipt as a PDF; an invoice that has none yet shows its page instead."""
        invoice = await self._found(request)
        if is_over(invoice):
            return _expired(request, invoice)
        if not has_receipt(invoice):
            return see_other(request, invoice.key)
        sheet = receipt_sheet(invoice, _paper_locale(request, invoice))
        return await self._printer.pdf(sheet, f"Receipt-{invoice.number}.pdf")

    async def part_receipt(self, request: Request) -> Response:
        """The receipt of one payment as a PDF."""
        invoice = await self._found(request)
        if is_over(invoice):
            return _expired(request, invoice)
        wanted = request.path_params["payment"]
        for place, payment in enumerate(invoice.payments, 1):
            if payment.id == wanted:
                locale = _paper_locale(request, invoice)
                sheet = payment_receipt_sheet(invoice, payment, locale)
                return await self._printer.pdf(sheet, f"Receipt-{invoice.number}-{place}.pdf")
        raise NoSuchPage

    async def credit_note(self, request: Request) -> Response:
        """A credit note of the invoice as a PDF."""
        invoice = await self._found(request)
        if is_over(invoice):
            return _expired(request, invoice)
        wanted: str = request.path_params["note"]
        credit = await self._front.door.read(
            lambda connection: hosted_credit(connection, invoice, wanted)
        )
        if credit is None:
            raise NoSuchPage
        sheet = credit_note_sheet(invoice, credit, _paper_locale(request, invoice))
        return await self._printer.pdf(sheet, f"CreditNote-{credit.number}.pdf")

    # ── what they share ────────────────────────────────────────────────────────────────────────

    async def _found(self, request: Request) -> HostedInvoice:
        key: str = request.path_params["key"]
        if not KEY.fullmatch(key):
            raise NoSuchPage
        door = self._front.door
        now = door.engine.now()
        found = await door.read(lambda connection: hosted_invoice(connection, key, now))
        if found is None:
            raise NoSuchPage
        return found

    async def _performed(
        self, invoice: HostedInvoice, asked: Asked, request: Request, key: str, sent: str
    ) -> Outcome:
        path = f"/i/{invoice.id}{request.url.path.removeprefix(f'/i/{invoice.key}')}"
        answer = await self._front.perform(invoice.world, asked, key, sent, path)
        return Unavailable() if answer is None else outcome_of(answer)

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


def _chosen(given: dict[str, str], invoice: HostedInvoice) -> int | None:
    """Return what was chosen to be paid of a payment plan; None for what is due next."""
    for amount in invoice.payable_amounts:
        if invoice.plan and given.get("amount") == str(amount):
            return amount
    return None


def _paper_locale(request: Request, invoice: HostedInvoice) -> str:
    asked = request.query_params.get("locale")
    return paper_locale(asked, invoice.world.account.country)


def _expired(request: Request, invoice: HostedInvoice) -> Response:
    """Say that the address is over and whom to ask; nothing of what the invoice says is told."""
    view = InvoiceView(invoice, locale_of(request))
    return page(request, "expired.html", 410, view=view)
