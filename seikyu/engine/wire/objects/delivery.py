"""Deliveries on the wire: ``seikyu.delivery``, an object of ours in Stripe's manner.

Its id joins those of the event and the endpoint. It is rendered when it is read, for sending changes it
without a command: no version is kept.
"""

from typing import Protocol

import orjson

from seikyu.engine.wire.objects.frame import Frame

PREFIX = "dlv"


class Told(Protocol):
    """What is told of a delivery. Times in Unix seconds of the system's clock."""

    @property
    def event_id(self) -> str:
        """The event."""

    @property
    def endpoint_id(self) -> str:
        """The endpoint that it is owed to."""

    @property
    def type(self) -> str:
        """The type of the event."""

    @property
    def created(self) -> int:
        """Since when it is owed."""

    @property
    def status(self) -> str:
        """pending, delivered, failed or dropped."""

    @property
    def attempts(self) -> int:
        """How often it was tried."""

    @property
    def last_outcome(self) -> str | None:
        """The status that was answered, or why there was none."""

    @property
    def last_attempt_at(self) -> int | None:
        """When it was tried last."""

    @property
    def next_attempt_at(self) -> int | None:
        """When it is tried next."""

    @property
    def delivered_at(self) -> int | None:
        """When it was taken."""


def delivery_body(told: Told, frame: Frame) -> bytes:
    """Return the delivery as JSON."""
    status_code, error = in_words(told.last_outcome)
    return orjson.dumps(
        {
            "id": delivery_id(told.event_id, told.endpoint_id),
            "object": "seikyu.delivery",
            "attempts": told.attempts,
            "created": told.created,
            "delivered_at": told.delivered_at,
            "event": told.event_id,
            "event_type": told.type,
            "last_attempt_at": told.last_attempt_at,
            "last_error": error,
            "last_status_code": status_code,
            "livemode": frame.livemode,
            "next_attempt_at": told.next_attempt_at,
            "status": told.status,
            "webhook_endpoint": told.endpoint_id,
        }
    )


def in_words(outcome: str | None) -> tuple[int | None, str | None]:
    """Return the status that was answered, and what was wrong; None where there is nothing to say."""
    if outcome is None:
        return None, None
    if not (len(outcome) == 3 and outcome.isdigit()):
        return None, outcome
    status = int(outcome)
    if 200 <= status < 300:
        return status, None
    if 300 <= status < 400:
        return status, "It answered with a redirect; none is followed. Register the final address."
    return status, f"It answered with status {status}; any 2xx is success."


def delivery_id(event_id: str, endpoint_id: str) -> str:
    """Return ``dlv_<event>_<endpoint>``, of both the part after the prefix."""
    return f"{PREFIX}_{event_id.partition('_')[2]}_{endpoint_id.partition('_')[2]}"


def named_by(delivery_id: str) -> tuple[str, str] | None:
    """Return the event and the endpoint that a delivery's id names, None when it is none."""
    parts = delivery_id.split("_")
    if len(parts) != 3 or parts[0] != PREFIX or not all(parts):
        return None
    return f"evt_{parts[1]}", f"we_{parts[2]}"
