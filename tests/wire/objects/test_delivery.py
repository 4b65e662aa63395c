"""Deliveries on the wire: ids that join two, and outcomes in words."""

import pytest

from seikyu.engine.wire.objects.delivery import delivery_id, in_words, named_by


def test_the_id_joins_those_of_the_event_and_the_endpoint() -> None:
    joined = delivery_id("evt_0Abc", "we_1Def")
    assert joined == "dlv_0Abc_1Def"
    assert named_by(joined) == ("evt_0Abc", "we_1Def")


@pytest.mark.parametrize("id", ["", "dlv_0Abc", "dlv__1Def", "evt_0Abc_1Def", "dlv_a_b_c"])
def test_what_joins_nothing_names_nothing(id: str) -> None:
    assert named_by(id) is None


@pytest.mark.parametrize(
    ("outcome", "status", "error"),
    [
        (None, None, None),
        ("200", 200, None),
        ("204", 204, None),
        (
            "308",
            308,
            "It answered with a redirect; none is followed. Register the final address.",
        ),
        ("404", 404, "It answered with status 404; any 2xx is success."),
        ("no answer within 10 s", None, "no answer within 10 s"),
    ],
)
def test_outcomes_are_told_in_words(
    outcome: str | None, status: int | None, error: str | None
) -> None:
    assert in_words(outcome) == (status, error)
