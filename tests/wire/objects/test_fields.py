"""Every record is rendered with the fields that the official SDK says it has, and no others.

What is held against the SDK over HTTP, in every state, is in `tests/api/test_fields.py`; here stands one
sample of each record, as full as the engine makes it, so that a renderer's mistake is found at once.
"""

from typing import Any

import orjson
import pytest
import stripe

from seikyu.engine.wire.objects import (
    OBJECT_TYPES,
    deleted,
    endpoint_with_secret,
    event_body,
    shown,
)
from seikyu.engine.wire.objects.line import line_item
from tests.wire.objects.samples import ENDPOINT, FRAME, LINE, PREVIEWS, SAMPLES
from tests.wire.sdk_rules import RULES
from tests.wire.sdk_types import class_of, faults, fields_of


def rendered(record: Any) -> dict[str, Any]:
    """Return the object that the record is shown as."""
    body: dict[str, Any] = orjson.loads(shown(record, FRAME)[0][1])
    return body


@pytest.mark.parametrize("record", SAMPLES, ids=lambda record: record.id)
def test_every_field_of_the_sdk_is_rendered_and_no_other(record: Any) -> None:
    assert faults(rendered(record), RULES) == []


def test_a_line_item_has_every_field_too() -> None:
    body = orjson.loads(orjson.dumps(line_item(LINE, FRAME)))
    assert faults(body, RULES) == []
    assert body.keys() == fields_of(stripe.InvoiceLineItem).keys()


def test_an_event_has_every_field_too() -> None:
    body = event_body(
        id="evt_1",
        created=1_760_000_000,
        livemode=False,
        type="invoiceitem.created",
        object=shown(LINE, FRAME)[0][1],
        previous=b'{"amount":1}',
        request_id="req_1",
        idempotency_key="key",
        pending_webhooks=1,
    )
    event = orjson.loads(body)
    assert faults(event, RULES) == []
    assert event.keys() == fields_of(stripe.Event).keys()


def test_every_rendered_record_is_tested_here() -> None:
    stripes = {record for record, noun in OBJECT_TYPES.items() if not noun.startswith("seikyu.")}
    previews = {record for record, noun in OBJECT_TYPES.items() if noun in PREVIEWS}
    assert {type(record) for record in SAMPLES} == stripes - previews


@pytest.mark.parametrize("record", SAMPLES, ids=lambda record: record.id)
def test_objects_bear_the_names_that_the_sdk_knows(record: Any) -> None:
    noun = OBJECT_TYPES[type(record)]
    assert vars(class_of(noun))["OBJECT_NAME"] == noun
    ((id, body), *_) = shown(record, FRAME)
    assert (id, orjson.loads(body)["object"]) == (record.id, noun)
    assert orjson.loads(deleted(record)) == {"id": record.id, "object": noun, "deleted": True}


def test_the_secret_of_an_endpoint_is_only_in_the_answer_to_its_creation() -> None:
    assert b"whsec_sample" not in shown(ENDPOINT, FRAME)[0][1]
    body = orjson.loads(endpoint_with_secret(ENDPOINT, FRAME))
    assert body["secret"] == "whsec_sample"
    assert fields_of(stripe.WebhookEndpoint).keys() - body.keys() == {"deleted"}
