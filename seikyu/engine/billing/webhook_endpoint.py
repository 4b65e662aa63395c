"""Webhook endpoints: where events are sent, which ones, signed with which secret.

A secret is replaced without a gap: for as long as was asked, both the new and the former one sign, so a
receiver may take up the new one at any moment in between. An event that was announced may be sent again
by hand, to one endpoint or to all that it concerns.
"""

from dataclasses import dataclass, field
from typing import Any

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Context, Decision, Given
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.refusals import EndpointIsDisabled, NobodyListens

SECRET_OVERLAPS = 86_400
"""Seconds for which a replaced secret goes on signing when nothing else is asked; also the most."""


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """A target. ``enabled_events`` may hold ``*`` and ``invoice.*``. ``status``: enabled, disabled.

    ``former_secret`` signs besides ``secret`` until ``former_secret_ends_at`` (Unix seconds).
    """

    id: str
    created: int
    url: str
    secret: str
    version: int = 0
    status: str = "enabled"
    enabled_events: tuple[str, ...] = ()
    api_version: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    former_secret: str | None = None
    former_secret_ends_at: int | None = None

    def secrets(self, now: int) -> tuple[str, ...]:
        """Return the secrets that sign at ``now`` (Unix seconds), the present one first."""
        if self.former_secret is None or (self.former_secret_ends_at or 0) <= now:
            return (self.secret,)
        return self.secret, self.former_secret


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


@dataclass(frozen=True, slots=True)
class RollSecret:
    """Make a new secret; the present one goes on signing for ``expires_in`` seconds."""

    expires_in: int = SECRET_OVERLAPS


@dataclass(frozen=True, slots=True)
class ResendEvent:
    """Send an event again: to the endpoint named, or to every enabled one that it concerns."""

    webhook_endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Resend:
    """An event (``id``) that is owed again to ``endpoints``. The store keeps that as deliveries."""

    id: str
    endpoints: tuple[str, ...]
    version: int = 0


@dataclass(frozen=True, slots=True)
class EventBook:
    """An event, the enabled endpoints, those it was ever owed to, and the one that was named."""

    id: str
    type: str
    enabled: tuple[WebhookEndpoint, ...] = ()
    owed_to: frozenset[str] = frozenset()
    named: WebhookEndpoint | None = None


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
    elif isinstance(command, RollSecret):
        after = _rolled(before, command.expires_in, context)
    else:
        assert isinstance(command, UpdateEndpoint)
        after = _updated(before, command.given)
    return Decision(after, (after,)) if after != before else Decision(before)


def resend(book: EventBook, command: object, context: Context) -> Decision:
    """Decide ResendEvent. Raises EndpointIsDisabled, NobodyListens.

    An endpoint that is named gets the event even when it does not listen to its type.
    """
    del command, context
    if book.named is not None:
        if book.named.status != "enabled":
            raise EndpointIsDisabled(
                f"The webhook endpoint {book.named.id} is disabled; enable it (disabled=false) first.",
                "webhook_endpoint",
            )
        targets: tuple[str, ...] = (book.named.id,)
    else:
        targets = tuple(
            endpoint.id
            for endpoint in book.enabled
            if endpoint.id in book.owed_to or listens(endpoint.enabled_events, book.type)
        )
    if not targets:
        raise NobodyListens(
            f"No enabled webhook endpoint listens to {book.type}; name one (webhook_endpoint)."
        )
    again = Resend(book.id, targets)
    return Decision(again, (again,))


def _rolled(before: WebhookEndpoint, expires_in: int, context: Context) -> WebhookEndpoint:
    """Of three secrets the oldest ends at once: two are what a receiver is asked to try."""
    lasts = expires_in > 0
    return replace(
        before,
        secret=f"whsec_{context.token()}",
        former_secret=before.secret if lasts else None,
        former_secret_ends_at=context.system_now + expires_in if lasts else None,
    )


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
