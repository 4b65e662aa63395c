"""The customer portal: ``/p/session/{portal_key}``, with a customer's invoices, cards and details.

The key in the address is what lets the customer in; it is never logged, works for an hour after it was
first opened, and there is no cookie. What changes something is a form of ours: it holds the session's own
token, so another site can neither make one nor send one, and a browser that says it comes from another
site is not listened to. Everything is read and changed for the session's customer and nobody else.
"""

import hmac
import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from seikyu.engine.execute import Answer
from seikyu.engine.hosted.answers import SAID, local, locale_of, notice, page, root, sent_on
from seikyu.engine.hosted.card_form import TOKEN_LENGTH, CardForm, read_card_form
from seikyu.engine.hosted.details_form import DetailsForm, details_form
from seikyu.engine.hosted.front import LATER, Front, NoSuchPage, fields
from seikyu.engine.hosted.outcome import Declined, Forbidden, outcome_of
from seikyu.engine.hosted.portal_view import PortalView
from seikyu.engine.hosted.words import declined
from seikyu.engine.store.portal import (
    OwnCard,
    OwnSubscription,
    PortalVisit,
    own_cards,
    own_invoice,
    own_invoices,
    own_subscriptions,
    visit,
)
from seikyu.engine.wire import hosted as commands
from seikyu.engine.wire.commands import Asked

KEY = re.compile(r"[0-9A-Za-z]{32,64}", re.ASCII)
ID = re.compile(r"[0-9A-Za-z_]{3,64}", re.ASCII)
PAPERS = ("pdf", "receipt")

Shows = Callable[[Request, PortalVisit], Awaitable[Response]]
Takes = Callable[[Request, PortalVisit, dict[str, str]], Awaitable[Response]]


def portal_routes(front: Front) -> list[Route]:
    """Return the routes of the portal."""
    portal = Portal(front)
    both, read, write = ["GET", "HEAD", "POST"], ["GET", "HEAD"], ["POST"]
    at = "/p/session/{key}"
    shown = [
        ("", portal.home, None, read),
        ("/invoices/{id}", portal.invoice, None, read),
        ("/cards", portal.card_form, portal.add_card, both),
        ("/cards/{id}/default", None, portal.make_default, write),
        ("/cards/{id}/remove", portal.confirm_removal, portal.remove_card, both),
        (
            "/subscriptions/{id}/cancel",
            portal.confirm_cancellation,
            portal.cancel_subscription,
            both,
        ),
        ("/details", portal.details, portal.change_details, both),
    ]
    return [
        Route(f"{at}{path}", front.guarded(portal.inside(shows, takes)), methods=methods)
        for path, shows, takes, methods in shown
    ]


class Portal:
    """The endpoints."""

    def __init__(self, front: Front) -> None:
        """Everything that changes goes through the front's door."""
        self._front = front
        self._door = front.door

    def inside(
        self, shows: Shows | None, takes: Takes | None
    ) -> Callable[[Request], Awaitable[Response]]:
        """Let nobody in but the session's customer, while the session lasts."""

        async def answer(request: Request) -> Response:
            sent = await fields(request) if request.method == "POST" else None
            who = await self._visit(request)
            if self._door.engine.now() >= who.ends_at:
                return notice(request, "portal_expired", 410)
            if sent is not None:
                assert takes is not None
                if not _is_ours(request, who, sent):
                    return notice(request, "forbidden", 403)
                return await takes(request, who, sent)
            assert shows is not None
            return await shows(request, await self._opened(request, who))

        return answer

    # ── home, and the way to an invoice ────────────────────────────────────────────────────────

    async def home(self, request: Request, who: PortalVisit) -> Response:
        """Everything at a glance."""
        older = request.query_params.get("older")
        older = older if older is not None and ID.fullmatch(older) else None
        view = PortalView(who, locale_of(request))
        invoices, cards, subscriptions = await self._door.read(
            lambda connection: (
                own_invoices(connection, who, older) if who.shows_invoices else None,
                own_cards(connection, who) if who.changes_cards else (),
                own_subscriptions(connection, who) if who.cancels else (),
            )
        )
        return page(
            request,
            "portal.html",
            view=view,
            home=local(request, view.home),
            owed=[view.invoice(each) for each in invoices.owed] if invoices else [],
            sums=view.sums(invoices) if invoices else [],
            past=[view.invoice(each) for each in invoices.past] if invoices else [],
            older=invoices.past[-1].id if invoices and invoices.older else None,
            is_first=older is None,
            cards=[view.card(each) for each in cards],
            subscriptions=[view.subscription(each) for each in subscriptions],
        )

    async def invoice(self, request: Request, who: PortalVisit) -> Response:
        """Lead to the page of an invoice, or to a paper of it; its address works again from now on."""
        if not who.shows_invoices:
            raise NoSuchPage
        wanted = _id(request)
        found = await self._door.read(lambda connection: own_invoice(connection, who, wanted))
        if found is None:
            raise NoSuchPage
        await self._perform(who, commands.renew_link(found.id), request)
        paper = request.query_params.get("paper")
        beneath = f"/{paper}" if paper in PAPERS else ""
        return sent_on(f"{root(request)}i/{found.key}{beneath}?locale={locale_of(request)}")

    # ── cards ──────────────────────────────────────────────────────────────────────────────────

    async def card_form(self, request: Request, who: PortalVisit) -> Response:
        """The form for another card."""
        return self._card_form(request, who)

    async def add_card(self, request: Request, who: PortalVisit, sent: dict[str, str]) -> Response:
        """Put the card of the form on file."""
        _check(who.changes_cards)
        form = read_card_form(sent, self._door.engine.now())
        if form.errors:
            return self._card_form(request, who, 422, form)
        as_default = sent.get("as_default") == "yes"
        asked = commands.add_card(who.customer_id, **form.card(), as_default=as_default)
        key = f"portal_{form.token}"
        remembered = f"{form.remembered} {as_default}"
        answer = await self._perform(who, asked, request, key, remembered)
        if answer is None:
            return notice(request, "unavailable", 503, LATER)
        if answer.status == 200:
            return self._home(request, who)
        return self._refused_card(request, who, answer)

    def _refused_card(self, request: Request, who: PortalVisit, answer: Answer) -> Response:
        words = SAID[locale_of(request)]
        outcome = outcome_of(answer)
        if isinstance(outcome, Declined):
            alert = declined(words, outcome.code, outcome.decline_code)
            return self._card_form(request, who, 402, alert=alert)
        if isinstance(outcome, Forbidden) and not outcome.form_used:
            issuer = PortalView(who, locale_of(request)).issuer
            alert = words["cards_unavailable"].format(issuer=issuer)
            return self._card_form(request, who, 400, alert=alert)
        return self._card_form(request, who, 409, alert=words["error_form_used"])

    async def make_default(
        self, request: Request, who: PortalVisit, sent: dict[str, str]
    ) -> Response:
        """Charge this card from now on."""
        del sent
        _check(who.changes_cards)
        card, _ = await self._card(request, who)
        await self._perform(who, commands.make_default(who.customer_id, card.id), request)
        return self._home(request, who)

    async def confirm_removal(self, request: Request, who: PortalVisit) -> Response:
        """Ask before a card is removed."""
        return await self._removal(request, who)

    async def remove_card(
        self, request: Request, who: PortalVisit, sent: dict[str, str]
    ) -> Response:
        """Take the card off."""
        del sent
        _check(who.changes_cards)
        card, _ = await self._card(request, who)
        asked = commands.remove_card(who.customer_id, card.id)
        answer = await self._perform(who, asked, request)
        if answer is None:
            return notice(request, "unavailable", 503, LATER)
        if answer.status == 200:
            return self._home(request, who)
        return await self._removal(request, who, 409)

    async def _removal(self, request: Request, who: PortalVisit, status: int = 200) -> Response:
        _check(who.changes_cards)
        card, others = await self._card(request, who)
        view = PortalView(who, locale_of(request))
        following = others[0] if others and card.id == who.default_card else None
        return page(
            request,
            "portal_remove.html",
            status,
            view=view,
            card=view.card_name(card),
            following=view.card_name(following) if following else "",
            refused=status != 200,
            action=local(request, f"{view.home}/cards/{card.id}/remove"),
            home=local(request, view.home),
        )

    async def _card(
        self, request: Request, who: PortalVisit
    ) -> tuple[OwnCard, tuple[OwnCard, ...]]:
        """Return the card of the address, which is the customer's own, and the others, newest first."""
        wanted = _id(request)
        cards = await self._door.read(lambda connection: own_cards(connection, who))
        for card in cards:
            if card.id == wanted:
                others = (each for each in cards if each.id != wanted)
                return card, tuple(sorted(others, key=lambda each: each.id, reverse=True))
        raise NoSuchPage

    def _card_form(
        self,
        request: Request,
        who: PortalVisit,
        status: int = 200,
        form: CardForm | None = None,
        alert: str = "",
    ) -> Response:
        _check(who.changes_cards)
        view = PortalView(who, locale_of(request))
        errors = {name: view.words[said] for name, said in form.errors.items()} if form else {}
        if errors:
            alert = errors.get("form", view.words["error_nothing_saved"])
        return page(
            request,
            "portal_card.html",
            status,
            view=view,
            token=self._front.minter.text(TOKEN_LENGTH),
            errors=errors,
            expiry=form.expiry if form and "expiry" not in errors else "",
            alert=alert,
            action=local(request, f"{view.home}/cards"),
            home=local(request, view.home),
        )

    # ── subscriptions ──────────────────────────────────────────────────────────────────────────

    async def confirm_cancellation(self, request: Request, who: PortalVisit) -> Response:
        """Ask before a subscription is canceled, and say until when it can be used."""
        found = await self._subscription(request, who)
        view = PortalView(who, locale_of(request))
        return page(
            request,
            "portal_cancel.html",
            view=view,
            subscription=view.subscription(found),
            until=view.day(found.renews_at),
            at_once=who.cancels == "immediately",
            action=local(request, f"{view.home}/subscriptions/{found.id}/cancel"),
            home=local(request, view.home),
        )

    async def cancel_subscription(
        self, request: Request, who: PortalVisit, sent: dict[str, str]
    ) -> Response:
        """Cancel it, as the portal's configuration says."""
        del sent
        found = await self._subscription(request, who)
        asked = commands.cancel_subscription(found.id, at_once=who.cancels == "immediately")
        answer = await self._perform(who, asked, request)
        if answer is None or answer.status != 200:
            return notice(request, "unavailable", 503, LATER)
        return self._home(request, who)

    async def _subscription(self, request: Request, who: PortalVisit) -> OwnSubscription:
        """Return the subscription of the address: the customer's own, and not ending already."""
        _check(who.cancels is not None)
        wanted = _id(request)
        found = await self._door.read(lambda connection: own_subscriptions(connection, who))
        for one in found:
            if one.id == wanted and one.ends_at is None:
                return one
        raise NoSuchPage

    # ── the customer's own details ─────────────────────────────────────────────────────────────

    async def details(self, request: Request, who: PortalVisit) -> Response:
        """The form with what is known."""
        _check(bool(who.changeable))
        return self._details(request, who, details_form(who))

    async def change_details(
        self, request: Request, who: PortalVisit, sent: dict[str, str]
    ) -> Response:
        """Keep what was typed."""
        _check(bool(who.changeable))
        form = details_form(who, sent)
        if form.wrong:
            return self._details(request, who, form, 422)
        asked = commands.change_details(who.customer_id, form.given)
        answer = await self._perform(who, asked, request)
        if answer is None or answer.status != 200:
            return notice(request, "unavailable", 503, LATER)
        return self._home(request, who)

    def _details(
        self, request: Request, who: PortalVisit, form: DetailsForm, status: int = 200
    ) -> Response:
        view = PortalView(who, locale_of(request))
        return page(
            request,
            "portal_details.html",
            status,
            view=view,
            form=form,
            action=local(request, f"{view.home}/details"),
            home=local(request, view.home),
        )

    # ── what they share ────────────────────────────────────────────────────────────────────────

    async def _visit(self, request: Request) -> PortalVisit:
        key: str = request.path_params["key"]
        if not KEY.fullmatch(key):
            raise NoSuchPage
        now = self._door.engine.now()
        found = await self._door.read(lambda connection: visit(connection, key, now))
        if found is None:
            raise NoSuchPage
        request.scope["seikyu.locale"] = (found.locale or "").split("-")[0]
        return found

    async def _opened(self, request: Request, who: PortalVisit) -> PortalVisit:
        """Begin the session's hour with the first page that is shown."""
        if who.opened or request.method == "HEAD":
            return who
        await self._perform(who, commands.open_portal(who.session_id), request)
        return await self._visit(request)

    async def _perform(
        self,
        who: PortalVisit,
        asked: Asked,
        request: Request,
        key: str | None = None,
        sent: str = "",
    ) -> Answer | None:
        beneath = request.url.path.removeprefix(f"/p/session/{who.key}")
        path = f"/p/session/{who.session_id}{beneath}"
        return await self._front.perform(who.world, asked, key, sent, path)

    def _home(self, request: Request, who: PortalVisit) -> Response:
        return sent_on(local(request, f"p/session/{who.key}"))


def _is_ours(request: Request, who: PortalVisit, sent: dict[str, Any]) -> bool:
    """Say whether the form is one that a page of this session gave out."""
    if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return False
    given = str(sent.get("session_token", ""))
    return hmac.compare_digest(given.encode(), who.form_token.encode())


def _id(request: Request) -> str:
    wanted: str = request.path_params["id"]
    if not ID.fullmatch(wanted):
        raise NoSuchPage
    return wanted


def _check(offered: bool) -> None:
    """What the portal's configuration does not offer has no page."""
    if not offered:
        raise NoSuchPage
