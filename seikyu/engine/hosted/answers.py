"""Answers to a browser: pages from templates, redirects and the stylesheet, each with strict headers.

A page may load this program's stylesheet and nothing else; it runs no script, is shown in no frame,
tells no other site its address (which is the customer's key), and is kept by no cache.
"""

import hashlib
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from seikyu.engine.hosted import language
from seikyu.engine.hosted.portal_words import PORTAL_WORDS
from seikyu.engine.hosted.words import WORDS

LARGEST_FORM = 16 * 1024
"""Bytes. A filled-in form has a few hundred."""

DRAINED = 64 * 1024 * 1024
"""Bytes of a too large body that are still taken, so that the sender hears the answer."""

STYLESHEET = resources.files("seikyu.engine.hosted").joinpath("page.css").read_bytes()
STYLE_VERSION = hashlib.sha256(STYLESHEET).hexdigest()[:12]

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

TEMPLATES = Environment(
    loader=PackageLoader("seikyu.engine.hosted", "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


SAID = {locale: {**WORDS[locale], **PORTAL_WORDS[locale]} for locale in language.LOCALES}
"""Every text of every page."""


class FormTooLarge(Exception):
    """More was sent than any form of ours has."""


def locale_of(request: Request) -> str:
    """Return the language that this request is answered in.

    Asked for in the address, else by whoever made the portal session, else by the browser.
    """
    asked = request.query_params.get("locale")
    if asked not in language.LOCALES:
        asked = request.scope.get("seikyu.locale")
    return language.chosen(asked, request.headers.get("accept-language"))


def root(request: Request) -> str:
    """Return the way up to the root of the site, whatever path a proxy puts before it."""
    path: str = request.scope["path"]
    return "../" * (path.count("/") - 1)


def page(
    request: Request,
    template: str,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Response:
    """Render a page in the request's language. Links in it are relative to the root of the site."""
    locale = locale_of(request)
    html = TEMPLATES.get_template(template).render(
        words=SAID[locale],
        locale=locale,
        other_locale=next(other for other in language.LOCALES if other != locale),
        root=root(request),
        style_version=STYLE_VERSION,
        **values,
    )
    own = {"Content-Language": locale, "Vary": "Accept-Language", **HEADERS, **(headers or {})}
    return Response(html, status, own, "text/html; charset=utf-8")


def notice(
    request: Request,
    what: str,
    status: int,
    headers: dict[str, str] | None = None,
    **blanks: str,
) -> Response:
    """Render a page that only says something: ``what`` names its title and text in the words."""
    words = SAID[locale_of(request)]
    title, text = words[f"{what}_title"], words[f"{what}_text"].format(**blanks)
    return page(request, "notice.html", status, headers, title=title, text=text)


def link(request: Request, key: str, beneath: str = "") -> str:
    """Return the relative address of an invoice's page, keeping a language that was asked for."""
    return local(request, f"i/{key}{beneath}")


def local(request: Request, path: str) -> str:
    """Return the relative address of a page of ours, keeping a language that was asked for."""
    locale = request.query_params.get("locale")
    query = f"?locale={locale}" if locale in language.LOCALES else ""
    return f"{root(request)}{path}{query}"


def see_other(request: Request, key: str, beneath: str = "") -> Response:
    """Send the browser on with GET, to an invoice's page or to the page ``beneath`` it."""
    return sent_on(link(request, key, beneath))


def sent_on(address: str) -> Response:
    """Send the browser on with GET to an address of ours."""
    return RedirectResponse(address, 303, HEADERS)


def stylesheet() -> Response:
    """The stylesheet. Its address changes with its content, so it may be kept for long."""
    kept = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
    return Response(STYLESHEET, 200, kept, "text/css; charset=utf-8")


async def form_body(request: Request) -> bytes:
    """Return the body of a form. Raises FormTooLarge after taking a too large one to its end."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size <= LARGEST_FORM:
            parts.append(part)
        elif size > DRAINED:
            break
    if size > LARGEST_FORM:
        raise FormTooLarge
    return b"".join(parts)
