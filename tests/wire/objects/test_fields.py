"""Every object has the fields that the official SDK says it has, and no others.

The SDK's annotations say which fields an object has, how they nest, and which are never null.
"""

import typing
from typing import Any

import orjson
import pytest
import stripe
from stripe import test_helpers

from seikyu.engine.wire.objects import (
    OBJECT_TYPES,
    deleted,
    endpoint_with_secret,
    event_body,
    shown,
)
from seikyu.engine.wire.objects.line import line_item
from tests.wire.objects.samples import (
    ACCOUNT,
    CHARGE,
    CLOCK,
    COUPON,
    CUSTOMER,
    DISCOUNT,
    ENDPOINT,
    FRAME,
    INTENT,
    INVOICE,
    LINE,
    METHOD,
    MOVEMENT,
    PAYMENT,
    PORTAL,
    PORTAL_SESSION,
    PRICE,
    PRODUCT,
    PROMOTION,
    TAX_RATE,
)

SAMPLES: list[tuple[Any, type]] = [
    (ACCOUNT, stripe.Account),
    (CHARGE, stripe.Charge),
    (CLOCK, test_helpers.TestClock),
    (COUPON, stripe.Coupon),
    (CUSTOMER, stripe.Customer),
    (DISCOUNT, stripe.Discount),
    (ENDPOINT, stripe.WebhookEndpoint),
    (INTENT, stripe.PaymentIntent),
    (INVOICE, stripe.Invoice),
    (LINE, stripe.InvoiceItem),
    (METHOD, stripe.PaymentMethod),
    (PORTAL, stripe.billing_portal.Configuration),
    (PORTAL_SESSION, stripe.billing_portal.Session),
    (MOVEMENT, stripe.CustomerBalanceTransaction),
    (PAYMENT, stripe.InvoicePayment),
    (PRICE, stripe.Price),
    (PRODUCT, stripe.Product),
    (PROMOTION, stripe.PromotionCode),
    (TAX_RATE, stripe.TaxRate),
]

ONLY_WHEN_EXPANDED = {
    "invoice": {"confirmation_secret", "payments"},
    "customer": {"cash_balance", "sources", "subscriptions", "tax", "tax_ids"},
    "charge": {"refunds"},
    "price": {"currency_options", "tiers"},
}

UNKNOWN_HERE = {
    "account": {
        "business_type", "capabilities", "company", "controller",
        "external_accounts", "future_requirements", "groups", "individual", "requirements",
        "settings", "tos_acceptance",
    },
    "charge": {
        "authorization_code", "level3", "presentment_details", "radar_options", "transfer",
    },
    "customer": {"invoice_credit_balance"},
    "invoice": {"status_details", "threshold_reason"},
    "invoiceitem": {"frozen_fields", "invoicing_rules", "net_amount", "proration_details"},
    "payment_intent": {"hooks", "payment_details", "presentment_details"},
    "webhook_endpoint": {"secret"},
}  # fmt: skip
"""Optional fields of features that the engine does not have; the secret is shown once."""


def annotated(sdk: type) -> dict[str, Any]:
    """Return the annotations of the class, without what is no field."""
    return {k: v for k, v in sdk.__annotations__.items() if k != "OBJECT_NAME"}


def other_kinds_than_cards() -> set[str]:
    """Return the kinds of payment methods besides cards: each has a hash in its own objects only."""
    literal, _ = typing.get_args(stripe.PaymentMethod.__annotations__["type"])
    return set(typing.get_args(literal)) - {"card"}


def hash_class(annotation: Any) -> type | None:
    """Return the class of a nested hash, None for values and references."""
    for part in (annotation, *typing.get_args(annotation)):
        if isinstance(part, type) and issubclass(part, stripe.StripeObject):
            return None if "OBJECT_NAME" in part.__annotations__ else part
    return None


def list_element(annotation: Any) -> Any:
    """Return what an array holds, None when it is none."""
    for part in (annotation, *typing.get_args(annotation)):
        if typing.get_origin(part) is list:
            return typing.get_args(part)[0]
    return None


def faults(shown_as: dict[str, Any], sdk: type, path: str) -> list[str]:
    """Return what is missing, null against the annotation, or invented; nested hashes included."""
    found = [f"invented {path}.{name}" for name in shown_as.keys() - annotated(sdk).keys()]
    for name, annotation in annotated(sdk).items():
        value = shown_as.get(name)
        here = f"{path}.{name}"
        if type(None) not in typing.get_args(annotation) and value is None:
            found.append(f"missing {here}")
        nested, element = hash_class(annotation), list_element(annotation)
        if isinstance(value, dict) and nested is not None:
            found += faults(value, nested, here)
        element_class = hash_class(element) if element is not None else None
        if isinstance(value, list) and element_class is not None:
            for entry in value:
                found += faults(entry, element_class, here)
    return found


@pytest.mark.parametrize(("record", "sdk"), SAMPLES, ids=lambda x: getattr(x, "id", ""))
def test_every_field_of_the_sdk_is_rendered_and_no_other(record: Any, sdk: type) -> None:
    rendered = orjson.loads(shown(record, FRAME)[0][1])
    noun = rendered["object"]
    assert faults(rendered, sdk, noun) == []
    left_out = ONLY_WHEN_EXPANDED.get(noun, set()) | UNKNOWN_HERE.get(noun, set())
    if record is METHOD:
        left_out = other_kinds_than_cards() | {"radar_options"}
    assert annotated(sdk).keys() - rendered.keys() - {"deleted"} == left_out


def test_a_line_item_has_every_field_too() -> None:
    rendered = line_item(LINE, FRAME)
    assert faults(rendered, stripe.InvoiceLineItem, "line_item") == []
    assert annotated(stripe.InvoiceLineItem).keys() == rendered.keys()


def test_an_event_has_every_field_too() -> None:
    body = event_body(
        id="evt_1",
        created=1_760_000_000,
        livemode=False,
        type="invoice.updated",
        object=b'{"id":"in_1"}',
        previous=b'{"status":"draft"}',
        request_id="req_1",
        idempotency_key="key",
        pending_webhooks=1,
    )
    rendered = orjson.loads(body)
    assert faults(rendered, stripe.Event, "event") == []
    assert annotated(stripe.Event).keys() - rendered.keys() == {"account", "context"}


def test_every_rendered_record_is_tested_here() -> None:
    assert {type(record) for record, _ in SAMPLES} == set(OBJECT_TYPES)


@pytest.mark.parametrize(("record", "sdk"), SAMPLES, ids=lambda x: getattr(x, "id", ""))
def test_objects_bear_the_names_that_the_sdk_knows(record: Any, sdk: Any) -> None:
    assert OBJECT_TYPES[type(record)] == sdk.OBJECT_NAME
    ((id, body), *_) = shown(record, FRAME)
    assert (id, orjson.loads(body)["object"]) == (record.id, sdk.OBJECT_NAME)
    assert orjson.loads(deleted(record)) == {
        "id": record.id,
        "object": sdk.OBJECT_NAME,
        "deleted": True,
    }


def test_the_secret_of_an_endpoint_is_only_in_the_answer_to_its_creation() -> None:
    assert b"whsec_sample" not in shown(ENDPOINT, FRAME)[0][1]
    rendered = orjson.loads(endpoint_with_secret(ENDPOINT, FRAME))
    assert rendered["secret"] == "whsec_sample"
    assert annotated(stripe.WebhookEndpoint).keys() - rendered.keys() == {"deleted"}
