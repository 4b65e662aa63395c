"""Who asks: the API key of a request, looked up once in a while.

Keys come as ``Authorization: Bearer sk_…`` or as the user of HTTP Basic. What a key opens is kept for
a few seconds, so that a revoked key stops soon and a busy one costs no query.
"""

import base64
import binascii
from collections.abc import Callable

from seikyu.engine.execute.door import Door
from seikyu.engine.store.keys import Opened, opened_by
from seikyu.engine.wire.errors import (
    account_out_of_reach,
    expired_api_key,
    invalid_api_key,
    no_api_key,
    permission_missing,
    secret_key_required,
)

KEPT_SECONDS = 5
MOST_KEPT = 10_000


class Keys:
    """The keys seen lately."""

    def __init__(self, door: Door, monotonic: Callable[[], float]) -> None:
        """``monotonic`` is a clock in seconds that never goes back."""
        self._door = door
        self._monotonic = monotonic
        self._kept: dict[bytes, tuple[Opened, float]] = {}

    async def opened(self, header: bytes | None) -> Opened:
        """Return what the ``Authorization`` header opens. Raises WireError (401, 403)."""
        if header is None:
            raise no_api_key()
        kept = self._kept.get(header)
        if kept is not None and kept[1] > self._monotonic():
            return kept[0]
        key = key_in(header)
        opened = await self._door.read(lambda connection: opened_by(connection, key))
        if opened is None:
            raise invalid_api_key(key)
        if opened.revoked:
            raise expired_api_key(key)
        if opened.kind == "publishable":
            raise secret_key_required()
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[header] = (opened, self._monotonic() + KEPT_SECONDS)
        return opened


def check_account(opened: Opened, header: bytes, account: bytes | None) -> None:
    """Raise WireError 403 when ``Stripe-Account`` names another account than the key's own."""
    if account and account.decode("latin-1") != opened.world.account.id:
        raise account_out_of_reach(key_in(header), account.decode("latin-1"))


def check_permission(opened: Opened, header: bytes, object_type: str, method: str) -> None:
    """Raise WireError 403 when a restricted key may not do this. Writing includes reading."""
    if opened.permissions is None:
        return
    noun = object_type.rpartition(".")[2]
    needed = f"{noun}_read" if method == "GET" else f"{noun}_write"
    if needed not in opened.permissions and f"{noun}_write" not in opened.permissions:
        raise permission_missing(key_in(header), opened.world.account.id, f"rak_{needed}")


def key_in(header: bytes) -> str:
    """Return the key in an ``Authorization`` header. Raises WireError when there is none."""
    scheme, _, value = header.decode("latin-1").partition(" ")
    value = value.strip()
    if scheme.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode("utf-8").partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            raise no_api_key() from None
    elif scheme.lower() != "bearer":
        raise no_api_key()
    if not value:
        raise no_api_key()
    return value
