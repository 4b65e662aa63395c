"""Every object that is served has every field of the SDK's type, with a value that the type allows.

What is looked at is every answer of a story in which every operation of Stripe's is used. An operation or a
kind of object that nobody added to the story fails here, so that none is served unseen.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from seikyu.engine.wire.objects import OBJECT_TYPES
from seikyu.engine.wire.params.operations import OPERATIONS
from tests.api.compatibility import REFUSED
from tests.api.measure import Field, measured
from tests.api.reasons import reason, unused
from tests.api.recording import Recording
from tests.api.room import running_room
from tests.api.sdk_requests import is_stripes
from tests.api.story import tell
from tests.wire.sdk_rules import EXPANDED, RULES, WHY_ABSENT
from tests.wire.sdk_types import class_of, faults, previous_faults

Objects = list[dict[str, Any]]

STATUSES = {
    "invoice": {"draft", "open", "paid", "uncollectible", "void"},
    "invoice_payment": {"canceled", "open", "paid"},
    "charge": {"failed", "succeeded"},
    "payment_intent": {
        "canceled", "requires_action", "requires_confirmation", "requires_payment_method",
        "succeeded",
    },
    "test_helpers.test_clock": {"advancing", "ready"},
    "webhook_endpoint": {"disabled", "enabled"},
}  # fmt: skip
"""Statuses in which each kind of object must have been seen. A test processor answers at once, so nobody is
shown a payment that is `processing`; separate capture is not served."""


PREVIEWS = {"payment_plan"}
"""Objects of Stripe's private previews, without a type in the SDK: tests of their own hold them."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    """Everything that was asked and answered in the story."""
    folder: Path = tmp_path_factory.mktemp("story")
    with running_room(f"sqlite:///{folder / 'seikyu.db'}") as room:
        yield tell(room)


@pytest.fixture(scope="module")
def objects(told: Recording) -> Objects:
    """Every object of Stripe's that was served."""
    return list(told.objects())


@pytest.fixture(scope="module")
def fields(objects: Objects) -> list[Field]:
    """What each field of each object was."""
    return measured(objects)


def test_every_answer_has_every_field_of_the_sdk_and_no_other(told: Recording) -> None:
    found: dict[str, str] = {}
    for operation, body in told.answers():
        for fault in faults(body, RULES):
            found.setdefault(fault, operation)
    assert found == {}


def test_every_operation_is_used_in_the_story(told: Recording) -> None:
    used = {operation for operation, _ in told.answers()}
    stripes = {each for each in OPERATIONS if is_stripes(each)}
    assert stripes - used == REFUSED.keys()


def test_every_kind_of_object_is_served_in_the_story(objects: Objects) -> None:
    seen = {each["object"] for each in objects}
    shown = {noun for noun in OBJECT_TYPES.values() if "seikyu" not in noun} - PREVIEWS
    assert (shown | {"event", "line_item"}) - seen == set()


def test_objects_are_deleted_in_the_story_wherever_one_can_be(told: Recording) -> None:
    gone = {operation for operation, body in told.answers() if body.get("deleted")}
    deleting = {each for each in OPERATIONS if each.startswith("DELETE")}
    assert deleting - gone == {"DELETE /v1/subscriptions/{id}"}  # it is canceled and stays


@pytest.mark.parametrize("noun", sorted(STATUSES))
def test_every_status_is_seen(noun: str, objects: Objects) -> None:
    seen = {each.get("status") for each in objects if each["object"] == noun}
    assert seen - {None} == STATUSES[noun]


def test_what_is_expanded_is_there(objects: Objects) -> None:
    for sdk, absent in WHY_ABSENT.items():
        for name, why in absent.items():
            if why == EXPANDED:
                noun = vars(getattr(stripe, sdk))["OBJECT_NAME"]
                assert any(name in each for each in objects if each["object"] == noun), name


def test_previous_attributes_name_fields_that_the_object_has(objects: Objects) -> None:
    changes = [each for each in objects if each["object"] == "event" if _is_change(each)]
    assert len({each["type"] for each in changes}) >= 6
    for event in changes:
        now = event["data"]["object"]
        before = event["data"]["previous_attributes"]
        assert previous_faults(before, now["object"]) == [], event["type"]
        assert all(now.get(name) != value for name, value in before.items()), event["type"]


def _is_change(event: dict[str, Any]) -> bool:
    has = "previous_attributes" in event["data"]
    assert has == event["type"].endswith(".updated"), event["type"]
    return has


def test_every_field_that_is_never_filled_has_a_reason(fields: list[Field]) -> None:
    null = {each.path for each in fields if each.state == "null"}
    assert {path for path in null if reason(path) is None} == set()
    assert unused(null) == []


def test_every_field_that_is_left_out_or_ours_is_explained(fields: list[Field]) -> None:
    unexplained = [
        each.path for each in fields if each.state in ("absent", "ours") and not each.why
    ]
    assert unexplained == []


def test_the_sdk_itself_reads_every_answer(told: Recording) -> None:
    """It makes its own objects of them: decimals become decimals, hashes the classes that it declares."""
    for _, body in told.answers():
        known = class_of(body["object"])
        read = stripe.convert_to_stripe_object(body)
        assert isinstance(read, known)
