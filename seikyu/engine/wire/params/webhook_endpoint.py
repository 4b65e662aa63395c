"""Parameters of ``/v1/webhook_endpoints``."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import PlainValidator

from seikyu.engine.wire.params.filters import Paging
from seikyu.engine.wire.params.kinds import (
    Boolean,
    Expand,
    Many,
    NeedsConnect,
    Text,
    Word,
    full_text,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import refused

_EVENT_NAMES = re.compile(r"\*|[a-z0-9_]+(\.[a-z0-9_]+)*\.(\*|[a-z0-9_]+)")


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
    if not _EVENT_NAMES.fullmatch(text):
        raise refused("Invalid event: write invoice.paid, invoice.* or *")
    return text


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
