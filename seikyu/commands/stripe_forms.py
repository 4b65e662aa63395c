"""A small client of the Stripe API for the sandbox, as plain as `curl`.

What the sandbox prepares (customers, cards, a webhook endpoint) is done through the public door, like
everything else; each step first looks whether it was done before.
"""

from collections.abc import Mapping
from typing import Any

import httpx2

from seikyu.commands.failures import CannotStart

TIMEOUT_SECONDS = 30
DECIDED = "sandbox-"
"""Idempotency keys of the sandbox begin so; a repeat after a crash creates nothing twice."""


class StripeForms:
    """One account of a Stripe API, by its secret key."""

    def __init__(self, base: str, key: str) -> None:
        """`base` is the address without a trailing slash and without /v1."""
        self._client = httpx2.Client(base_url=base, auth=(key, ""), timeout=TIMEOUT_SECONDS)

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Read an object or a list. Raises CannotStart with the API's own words."""
        return self._answer(self._client.get(path, params=query))

    def post(self, path: str, form: Mapping[str, str], once: str | None = None) -> dict[str, Any]:
        """Create or change something; `once` makes a repeat harmless. Raises CannotStart."""
        headers = {"Idempotency-Key": DECIDED + once} if once else {}
        return self._answer(self._client.post(path, data=dict(form), headers=headers))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _answer(self, response: httpx2.Response) -> dict[str, Any]:
        answer: dict[str, Any] = response.json()
        if response.status_code != httpx2.codes.OK:
            what = f"{response.request.method} {response.request.url.path}"
            raise CannotStart(f"{what}: {answer['error']['message']}")
        return answer
