"""Webhook endpoints: which events they listen to, and their life."""

from dataclasses import replace
from typing import Any

import pytest

from seikyu.engine.billing import webhook_endpoint as endpoints
from seikyu.engine.billing.refusals import EndpointIsDisabled, NobodyListens
from seikyu.engine.billing.webhook_endpoint import (
    CreateEndpoint,
    DeleteEndpoint,
    DisableEndpoint,
    EndpointBook,
    EventBook,
    Resend,
    ResendEvent,
    RollSecret,
    UpdateEndpoint,
    WebhookEndpoint,
    listens,
    resend,
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


def test_a_new_secret_and_the_former_one_overlap_for_as_long_as_was_asked() -> None:
    world = World()
    endpoint = {"url": "https://example.com/hook", "enabled_events": ["*"]}
    made = run(world, CreateEndpoint(endpoint))
    rolled = run(world, RollSecret(600), made)
    assert rolled.secret != made.secret
    assert rolled.secrets(world.now) == (rolled.secret, made.secret)
    assert rolled.secrets(world.now + 599) == (rolled.secret, made.secret)
    assert rolled.secrets(world.now + 600) == (rolled.secret,)
    again = run(world, RollSecret(600), rolled)
    assert again.secrets(world.now) == (again.secret, rolled.secret)
    leaked = run(world, RollSecret(0), again)
    assert leaked.secrets(world.now) == (leaked.secret,)


def target(id: str, status: str = "enabled", *events: str) -> WebhookEndpoint:
    """An endpoint that listens to these events."""
    return WebhookEndpoint(id, 0, "https://example.com", "whsec_1", 1, status, events)


def resent_to(book: EventBook) -> tuple[str, ...]:
    """Whom an event is sent to again."""
    (again,) = resend(book, ResendEvent(), World().context()).saves
    assert isinstance(again, Resend)
    assert again.id == "evt_1"
    return again.endpoints


def test_an_event_is_sent_again_to_those_it_concerns() -> None:
    listener, former, stranger = (
        target("we_1", "enabled", "invoice.*"),
        target("we_2", "enabled", "customer.created"),
        target("we_3", "enabled", "product.created"),
    )
    everybody = (listener, former, stranger)
    book = EventBook("evt_1", "invoice.paid", everybody, frozenset({"we_2", "we_9"}))
    assert resent_to(book) == ("we_1", "we_2")
    assert resent_to(replace(book, named=stranger)) == ("we_3",)
    with pytest.raises(EndpointIsDisabled, match="we_4 is disabled"):
        resent_to(replace(book, named=target("we_4", "disabled", "*")))
    with pytest.raises(
        NobodyListens, match=r"No enabled webhook endpoint listens to invoice\.paid"
    ):
        resent_to(EventBook("evt_1", "invoice.paid", (stranger,)))
