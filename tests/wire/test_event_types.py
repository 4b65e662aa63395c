"""Names of events: those of the official SDK, and what patterns stand for."""

import pytest

from seikyu.engine.wire.event_types import EVENT_TYPES, matches, named_by
from tests.tidy.invoicing import known_events


def test_the_names_are_those_of_the_sdk_and_of_the_previews_that_are_served() -> None:
    assert known_events() - {"*"} == EVENT_TYPES


@pytest.mark.parametrize(
    ("pattern", "known"),
    [
        ("*", True),
        ("invoice.paid", True),
        ("issuing_card.created", True),
        ("invoice.*", True),
        ("customer.subscription.*", True),
        ("invoice.payed", False),
        ("invoice", False),
        ("invoice.", False),
        ("invo*", False),
        ("nothing.*", False),
        (".*", False),
        ("", False),
    ],
)
def test_what_can_be_listened_to(pattern: str, known: bool) -> None:
    assert matches(pattern) is known


def test_a_pattern_stands_for_the_names_that_begin_so() -> None:
    assert named_by("product.*") == ("product.created", "product.deleted", "product.updated")
    assert named_by("customer.subscription.p*") == (
        "customer.subscription.paused",
        "customer.subscription.pending_update_applied",
        "customer.subscription.pending_update_expired",
    )
    assert named_by("invoice.paid") == ("invoice.paid",)
    assert named_by("nothing.*") == ()
