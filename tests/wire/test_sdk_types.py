"""The reader of the SDK's types finds every kind of fault, so that a test that finds none says something."""

from typing import Any

import orjson
import pytest
import stripe

from seikyu.engine.wire.objects import shown
from tests.wire.objects.samples import COUPON, FRAME, INTENT, INVOICE, METHOD, PRICE, PROMOTION
from tests.wire.sdk_rules import RULES
from tests.wire.sdk_types import (
    Rules,
    faults,
    fields_of,
    nullable,
    previous_faults,
    variants,
    words,
)


def invoice() -> dict[str, Any]:
    """Return a sound invoice."""
    body: dict[str, Any] = orjson.loads(shown(INVOICE, FRAME)[0][1])
    return body


def changed(**fields: Any) -> list[str]:
    """Return the faults of the invoice with these fields instead."""
    return faults({**invoice(), **fields}, RULES)


def test_a_sound_object_has_no_faults() -> None:
    assert faults(invoice(), RULES) == []


def test_a_missing_field_is_found() -> None:
    body = invoice()
    del body["footer"]
    del body["lines"]["data"][0]["period"]["end"]
    assert sorted(faults(body, RULES)) == [
        "invoice.footer: missing",
        "line_item.period.end: missing",
    ]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"invented": 1}, "invoice.invented: not a field of Invoice"),
        ({"total": "3300"}, "invoice.total: '3300' is no int"),
        ({"total": True}, "invoice.total: True is no int"),
        ({"total": 3300.0}, "invoice.total: 3300.0 is no int"),
        ({"total": None}, "invoice.total: null, which the SDK does not allow"),
        ({"attempted": 1}, "invoice.attempted: 1 is no bool"),
        ({"footer": 1}, "invoice.footer: 1 is no str"),
        ({"custom_fields": {}}, "invoice.custom_fields: {} is no list"),
        ({"metadata": {"a": 1}}, "invoice.metadata[a]: 1 is no text"),
        ({"metadata": []}, "invoice.metadata: [] is no hash"),
        ({"customer": "in_1"}, "invoice.customer: 'in_1' is no id of a customer"),
        ({"status_transitions": []}, "invoice.status_transitions: [] is no hash"),
        ({"object": "bill"}, "no object of Stripe's: {"),
        ({"deleted": False}, "invoice.deleted: False is not one of (True,)"),
    ],
)
def test_each_fault_is_found(fields: dict[str, Any], fault: str) -> None:
    (found,) = changed(**fields)
    assert found.startswith(fault)


def test_of_a_deleted_object_nothing_is_left() -> None:
    assert faults({"id": "in_1", "object": "invoice", "deleted": True}, RULES) == []
    (found,) = faults({"number": "S-1", "object": "invoice", "deleted": True}, RULES)
    assert found == "invoice: a deleted object has id, object, deleted, and no more"


def test_a_word_that_the_sdk_does_not_list_is_found() -> None:
    (found,) = changed(status="finalized")
    assert found.startswith("invoice.status: 'finalized' is not one of ('draft', 'open', ")


def test_an_object_of_another_kind_is_found() -> None:
    (found,) = changed(customer={"id": "pm_1", "object": "payment_method"})
    assert found == "invoice.customer: 'payment_method' is no customer"


def test_an_id_where_the_sdk_has_an_object_is_found() -> None:
    body = orjson.loads(shown(INTENT, FRAME)[0][1])
    body["last_payment_error"]["payment_method"] = "pm_1"
    (fault,) = faults(body, RULES)
    assert fault.endswith("payment_method: an id where the SDK has a whole payment_method")


def test_a_decimal_is_a_text_of_digits() -> None:
    body = orjson.loads(shown(PRICE, FRAME)[0][1])
    for wrong in (1200, "1e3", "", "1,200"):
        assert len(faults({**body, "unit_amount_decimal": wrong}, RULES)) == 1, wrong


def test_only_the_rules_allow_a_field_to_be_missing() -> None:
    assert "invoice.payments: missing" in faults(invoice(), Rules(ours=RULES.ours))


def test_the_hash_of_the_type_that_is_there_may_not_be_missing() -> None:
    body = orjson.loads(shown(METHOD, FRAME)[0][1])
    assert "sepa_debit" not in body
    del body["card"]
    assert faults(body, RULES) == ["payment_method.card: missing"]


def test_null_is_found_where_the_sdk_breaks_on_it() -> None:
    code = orjson.loads(shown(PROMOTION, FRAME)[0][1])
    assert faults(code, RULES) == []
    code["restrictions"]["currency_options"] = None
    path = "promotion_code.restrictions.currency_options"
    assert faults(code, RULES) == [f"{path}: null, which the SDK cannot read"]


def test_hashes_under_free_names_are_looked_into() -> None:
    coupon = orjson.loads(shown(COUPON, FRAME)[0][1])
    coupon["currency_options"] = {"usd": {"amount_off": "4"}}
    assert faults(coupon, RULES) == ["coupon.currency_options[].amount_off: '4' is no int"]


def test_lists_are_looked_into() -> None:
    line = {"id": "il_1", "object": "line_item"}
    page = {"object": "list", "data": [line], "has_more": False, "url": "/v1/x"}
    assert "line_item.amount: missing" in faults(page, RULES)
    assert faults({"object": "list", "data": []}, RULES) == [
        "list.has_more: missing",
        "list.url: missing",
        "list: has_more or url of another type",
    ]


def test_events_are_looked_into() -> None:
    event = {"object": "event", "data": {"object": {"object": "invoice"}}}
    assert "event.data.object of invoice.total: missing" in faults(event, RULES)


def test_previous_attributes_are_held_against_the_object_too() -> None:
    assert previous_faults({"status": "draft", "number": None}, "invoice") == []
    assert previous_faults({"status_transitions": {"paid_at": None}}, "invoice") == []
    assert previous_faults({"state": 1}, "invoice") == ["invoice.state: not a field of Invoice"]
    assert previous_faults({"total": "1"}, "invoice") == ["invoice.total: '1' is no int"]
    assert previous_faults({}, "invoice") == ["invoice: no previous attributes"]
    assert previous_faults({"status_transitions": {"x": 1}}, "invoice") == [
        "invoice.status_transitions.x: not a field of Invoice.StatusTransitions"
    ]


def test_names_for_type_checkers_only_are_understood() -> None:
    fields = fields_of(stripe.Invoice)
    assert stripe.Customer in fields["customer"].__args__
    assert not nullable(fields["total"])
    assert nullable(fields["due_date"])
    assert words(fields["collection_method"]) == ("charge_automatically", "send_invoice")


def test_variants_are_the_hashes_that_the_type_names() -> None:
    assert "konbini" in variants(stripe.PaymentMethod)
    assert "billing_details" not in variants(stripe.PaymentMethod)
    assert "card" in variants(stripe.Charge.PaymentMethodDetails)
    assert variants(stripe.Charge.Outcome) == frozenset()
