"""Webhook endpoints: which events they listen to, and their life."""

from typing import Any

import pytest

from seikyu.engine.billing import webhook_endpoint as endpoints
from seikyu.engine.billing.webhook_endpoint import (
    CreateEndpoint,
    DeleteEndpoint,
    DisableEndpoint,
    EndpointBook,
    UpdateEndpoint,
    WebhookEndpoint,
    listens,
)
from tests.billing.world import World


@pytest.mark.parametrize(
    ("enabled", "type", "heard"),
    [
        (("*",), "invoice.paid", True),
        (("invoice.paid",), "invoice.paid", True),
        (("invoice.paid",), "invoice.paid_late", False),
        (("invoice.*",), "invoice.paid", True),
        (("invoice.*",), "invoice_payment.paid", False),
        (("invoice.*",), "invoice", False),
        (("test_helpers.*",), "test_helpers.test_clock.ready", True),
        (("charge.failed", "invoice.*"), "invoice.voided", True),
        (("charge.failed",), "charge.succeeded", False),
        ((), "invoice.paid", False),
    ],
)
def test_filters_let_through_what_they_name(
    enabled: tuple[str, ...], type: str, heard: bool
) -> None:
    assert listens(enabled, type) is heard


def run(world: World, command: object, endpoint: WebhookEndpoint | None = None) -> Any:
    """Decide a command on an endpoint; return what the world then knows of it."""
    decision = endpoints.decide(EndpointBook(endpoint), command, world.context())
    world.keep(decision)
    assert decision.announcements == ()
    return world.records.get(decision.answer.id)


def test_the_life_of_an_endpoint() -> None:
    world = World()
    made = run(
        world,
        CreateEndpoint({"url": "https://example.com/hook", "enabled_events": ["invoice.*"]}),
    )
    assert made.secret.startswith("whsec_")
    assert len(made.secret) == 54
    assert (made.status, made.enabled_events) == ("enabled", ("invoice.*",))
    changed = run(
        world,
        UpdateEndpoint({"enabled_events": ["*"], "description": "sample", "disabled": True}),
        made,
    )
    assert (changed.enabled_events, changed.status) == (("*",), "disabled")
    assert changed.secret == made.secret
    assert run(world, UpdateEndpoint({"disabled": False}), changed).status == "enabled"
    assert run(world, DisableEndpoint(), made).status == "disabled"
    assert run(world, DeleteEndpoint(), made) is None
