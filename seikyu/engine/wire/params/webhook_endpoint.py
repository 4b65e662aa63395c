"""Parameters of ``/v1/webhook_endpoints``."""

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import PlainValidator
from pydantic_core import PydanticKnownError

from seikyu.engine.billing.webhook_endpoint import SECRET_OVERLAPS
from seikyu.engine.wire.event_types import EVENT_TYPES, matches
from seikyu.engine.wire.params.filters import Paging
from seikyu.engine.wire.params.kinds import (
    Boolean,
    Expand,
    Many,
    NeedsConnect,
    Text,
    Word,
    full_text,
    integers,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import refused

_EXPECTED = ", ".join(f"'{name}'" for name in ("*", *sorted(EVENT_TYPES)))
"""Every name, as pydantic lists choices. Families are not in it: they are ours."""


def _address(value: Any) -> str:
    """An address of the web; where it leads, and whether that may be reached, sending will tell."""
    text = full_text(value)
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        (parts.hostname or "").encode("idna")  # as it is looked up
    except ValueError:  # a port that is no number, brackets without address, a label of 70 letters
        usable = False
    if not usable or not text.isprintable() or " " in text:
        raise refused("Not a valid URL", "url_invalid")
    return text


def _events(value: Any) -> str:
    """One event, a family of them, or all: ``invoice.paid``, ``invoice.*``, ``*``.

    Names that this engine never announces are taken: the same endpoints are set up at Stripe.
    """
    text = full_text(value)
    if matches(text):
        return text
    raise PydanticKnownError("literal_error", {"expected": _EXPECTED})


Overlap = Annotated[int, PlainValidator(integers(0, SECRET_OVERLAPS))]
"""For how long a replaced secret goes on signing, in seconds."""
Address = Annotated[str, PlainValidator(_address)]
Events = Annotated[str, PlainValidator(_events)]


class WebhookEndpointCreate(Expand):
    """``POST /v1/webhook_endpoints``."""

    enabled_events: Many[Events]
    url: Address
    api_version: Word | None = None
    connect: NeedsConnect = None
    description: Text = None
    metadata: Metadata = None


class WebhookEndpointUpdate(Expand):
    """``POST /v1/webhook_endpoints/{id}``."""

    description: Text = None
    disabled: Boolean | None = None
    enabled_events: Many[Events] | None = None
    metadata: Metadata = None
    url: Address | None = None


class WebhookEndpointList(Paging):
    """``GET /v1/webhook_endpoints``."""


class WebhookEndpointRollSecret(Expand):
    """``POST /v1/webhook_endpoints/{id}/roll_secret``, ours: Stripe has it in the Dashboard only.

    ``expires_in`` in seconds.
    """

    expires_in: Overlap | None = None


class DeliveryList(Paging):
    """``GET /v1/seikyu/deliveries``, ours: Stripe shows them in the Dashboard only."""

    event: Word | None = None
    status: Literal["pending", "delivered", "failed", "dropped"] | None = None
    webhook_endpoint: Word | None = None
