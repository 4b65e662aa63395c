"""What all pages do around their own work: read a form, ask the door, turn a failure into a page."""

import hashlib
import traceback
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from seikyu.engine.execute import Answer, Door, Order, Origin
from seikyu.engine.hosted.answers import FormTooLarge, form_body, notice
from seikyu.engine.hosted.printing import TooManyWaiting
from seikyu.engine.store.database import Contention, StoreUnavailable
from seikyu.engine.store.session import World
from seikyu.engine.wire.commands import Asked

log = structlog.get_logger("seikyu.hosted")

MOST_FIELDS = 20
LATER = {"Retry-After": "5"}

Endpoint = Callable[[Request], Awaitable[Response]]


class NoSuchPage(Exception):
    """Nothing is at this address for whoever asks."""


class Front:
    """The door and the minter of this process, as pages use them."""

    def __init__(self, door: Door) -> None:
        """Everything that changes goes through ``door``."""
        self.door = door
        self.minter = door.engine.minter

    async def perform(
        self, world: World, asked: Asked, key: str | None, sent: str, path: str
    ) -> Answer | None:
        """Carry out what a form asks for; None when nobody can say now what became of it.

        ``key`` is the idempotency key, ``sent`` what the form said (without secrets), ``path`` where it
        was sent to (without the key of the page: it is stored beside the answer and shown in errors).
        """
        fingerprint = hashlib.blake2b(sent.encode(), digest_size=16).digest()
        origin = Origin(self.minter.request_id(), key, fingerprint, path)
        try:
            return await self.door.perform(Order(world, asked.command, asked.id, origin))
        except (StoreUnavailable, Contention) as reason:
            _log_unavailable(reason)
            return None

    def guarded(self, shows: Endpoint, takes: Endpoint | None = None) -> Endpoint:
        """Join the two halves of a page; whatever goes wrong in them becomes a page too."""

        async def answer(request: Request) -> Response:
            half = takes if takes is not None and request.method == "POST" else shows
            try:
                return await half(request)
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
        number = self.minter.request_id()
        trace = "".join(traceback.format_exception(reason))
        log.error("hosted page failed", request=number, trace=trace)
        return notice(request, "failed", 500, reference=number)


def _log_unavailable(reason: Exception) -> None:
    log.error("database unavailable", reason=str(reason))


async def said_by_routing(request: Request, reason: Exception) -> Response:
    """No such address, or an address that does not take this method."""
    assert isinstance(reason, HTTPException)
    if reason.status_code == 405:
        allow = {"Allow": (reason.headers or {}).get("Allow", "GET, HEAD")}
        return notice(request, "method", 405, allow)
    return notice(request, "not_found", 404)


async def fields(request: Request) -> dict[str, str]:
    """Return the fields of the form; what is no form has none. Raises FormTooLarge."""
    body = await form_body(request)
    try:
        pairs = parse_qsl(
            body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        return {}
    return dict(pairs)
