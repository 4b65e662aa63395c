"""Webhook endpoints on the wire. The secret is shown once, in the answer to the creation."""

from typing import Any

import orjson

from seikyu.engine.billing.webhook_endpoint import WebhookEndpoint
from seikyu.engine.wire.objects.frame import Frame


def webhook_endpoint(endpoint: WebhookEndpoint, frame: Frame) -> dict[str, Any]:
    """Return the endpoint without its secret."""
    return {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "api_version": endpoint.api_version,
        "application": None,
        "created": endpoint.created,
        "description": endpoint.details.get("description"),
        "enabled_events": endpoint.enabled_events,
        "livemode": frame.livemode,
        "metadata": endpoint.details.get("metadata") or {},
        "status": endpoint.status,
        "url": endpoint.url,
    }


def endpoint_with_secret(endpoint: WebhookEndpoint, frame: Frame) -> bytes:
    """Return the answer to the creation, the only place where the secret is shown."""
    return orjson.dumps({**webhook_endpoint(endpoint, frame), "secret": endpoint.secret})
