"""Webhook endpoints: where events are sent, which ones, signed with which secret."""

from dataclasses import dataclass, field
from typing import Any

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Context, Decision, Given
from seikyu.engine.billing.metadata import merged


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """A target. ``enabled_events`` may hold ``*`` and ``invoice.*``. ``status``: enabled, disabled."""

    id: str
    created: int
    url: str
    secret: str
    version: int = 0
    status: str = "enabled"
    enabled_events: tuple[str, ...] = ()
    api_version: str | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndpointBook:
    """The endpoint at issue, if it exists."""

    endpoint: WebhookEndpoint | None = None


@dataclass(frozen=True, slots=True)
class CreateEndpoint:
    """Register a target; its secret is answered once."""

    given: Given


@dataclass(frozen=True, slots=True)
class UpdateEndpoint:
    """Change what was given."""

    given: Given


@dataclass(frozen=True, slots=True)
class DeleteEndpoint:
    """Send nothing to it any more."""


@dataclass(frozen=True, slots=True)
class DisableEndpoint:
    """Three days without an answer: stop sending."""


def listens(enabled_events: tuple[str, ...], type: str) -> bool:
    """Say whether the filter lets an event of this type through."""
    return any(
        pattern in ("*", type) or (pattern.endswith(".*") and type.startswith(pattern[:-1]))
        for pattern in enabled_events
    )


def decide(book: EndpointBook, command: object, context: Context) -> Decision:
    """Decide a command on a webhook endpoint. Endpoints announce no events of their own."""
    if isinstance(command, CreateEndpoint):
        given = command.given
        endpoint = WebhookEndpoint(
            id=context.mint("we"),
            created=context.now,
            url=given["url"],
            secret=f"whsec_{context.token()}",
            enabled_events=tuple(given["enabled_events"]),
            api_version=given.get("api_version"),
            details={
                "description": given.get("description"),
                "metadata": merged({}, given.get("metadata", {})),
            },
        )
        return Decision(endpoint, (endpoint,))
    before = book.endpoint
    assert before is not None
    if isinstance(command, DeleteEndpoint):
        return Decision(before, deletes=(before,))
    if isinstance(command, DisableEndpoint):
        after = replace(before, status="disabled")
    else:
        assert isinstance(command, UpdateEndpoint)
        after = _updated(before, command.given)
    return Decision(after, (after,)) if after != before else Decision(before)


def _updated(before: WebhookEndpoint, given: Given) -> WebhookEndpoint:
    details = dict(before.details)
    if "description" in given:
        details["description"] = given["description"]
    if "metadata" in given:
        details["metadata"] = merged(details.get("metadata") or {}, given["metadata"])
    status = before.status
    if given.get("disabled") is not None:
        status = "disabled" if given["disabled"] else "enabled"
    return replace(
        before,
        url=given.get("url") or before.url,
        enabled_events=tuple(given.get("enabled_events") or before.enabled_events),
        status=status,
        details=details,
    )
