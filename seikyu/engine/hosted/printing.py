"""Papers over HTTP: a sheet is set on a thread of its own, so that pages and API go on meanwhile."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import quote

from starlette.responses import Response

from seikyu.engine.documents.press import Press
from seikyu.engine.documents.sheet import Sheet

MOST_WAITING = 64
"""Sheets that may wait for the press: seconds of its work. Whoever comes then is asked to come again."""

HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
"""Those of the pages, but for rules on what a page may load: viewers of PDFs trip over them."""


class TooManyWaiting(Exception):
    """More papers are asked for than can be set in good time."""


class Printer:
    """The press of this process with its thread; both begin with the first paper."""

    def __init__(self) -> None:
        """One thread: the press sets one sheet at a time anyway."""
        self._thread = ThreadPoolExecutor(1, "papers")
        self._press: Press | None = None
        self._waiting = 0

    async def pdf(self, sheet: Sheet, name: str) -> Response:
        """Return the sheet as a PDF called ``name``. Raises TooManyWaiting."""
        if self._waiting >= MOST_WAITING:
            raise TooManyWaiting
        self._waiting += 1
        try:
            work = partial(self._set, sheet)
            content = await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._waiting -= 1
        own = {"Content-Disposition": disposition(name), "Content-Language": sheet.language}
        return Response(content, 200, {**own, **HEADERS}, "application/pdf")

    def _set(self, sheet: Sheet) -> bytes:
        if self._press is None:
            self._press = Press()
        return self._press.set(sheet)


def disposition(name: str) -> str:
    """Return the header that names a file which is shown, not saved (RFC 6266).

    An invoice number is what the issuer made it, so the plain name keeps letters and digits only.
    """
    plain = re.sub(r"[^0-9A-Za-z._-]", "_", name)
    header = f'inline; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"
