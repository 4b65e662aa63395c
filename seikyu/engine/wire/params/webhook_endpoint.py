"""Parameters of ``/v1/webhook_endpoints``."""

from seikyu.engine.wire.params.filters import Paging
from seikyu.engine.wire.params.kinds import (
    Boolean,
    Expand,
    FullText,
    Many,
    NeedsConnect,
    Text,
    Word,
)
from seikyu.engine.wire.params.metadata import Metadata


class WebhookEndpointCreate(Expand):
    """``POST /v1/webhook_endpoints``."""

    enabled_events: Many[Word]
    url: FullText
    api_version: Word | None = None
    connect: NeedsConnect = None
    description: Text = None
    metadata: Metadata = None


class WebhookEndpointUpdate(Expand):
    """``POST /v1/webhook_endpoints/{id}``."""

    description: Text = None
    disabled: Boolean | None = None
    enabled_events: Many[Word] | None = None
    metadata: Metadata = None
    url: FullText | None = None


class WebhookEndpointList(Paging):
    """``GET /v1/webhook_endpoints``."""
