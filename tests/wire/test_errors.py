"""Errors have Stripe's shape and words, and give nothing away."""

from typing import Any

import orjson
import pytest

from seikyu.engine.billing import refusals
from seikyu.engine.billing.refusals import (
    CardDeclined,
    InvoiceNotEditable,
    ObjectMissing,
    ParameterMissing,
    PaymentInProgress,
)
from seikyu.engine.wire import errors


def body(error: errors.WireError) -> dict[str, Any]:
    """The error object as a caller receives it."""
    answer: dict[str, dict[str, Any]] = orjson.loads(errors.render(error, "req_1"))
    assert list(answer) == ["error"]
    return answer["error"]


def test_an_unknown_parameter_is_named() -> None:
    assert body(errors.unknown_parameters(["foo"])) == {
        "code": "parameter_unknown",
        "doc_url": "https://stripe.com/docs/error-codes/parameter-unknown",
        "message": "Received unknown parameter: foo",
        "param": "foo",
        "type": "invalid_request_error",
    }


def test_several_unknown_parameters_are_all_named() -> None:
    assert body(errors.unknown_parameters(["foo", "bar"]))["message"] == (
        "Received unknown parameters: foo, bar"
    )


def test_a_missing_parameter_is_named() -> None:
    answer = body(errors.missing_parameter("customer"))
    assert answer["message"] == "Missing required param: customer."
    assert (answer["code"], answer["param"]) == ("parameter_missing", "customer")


def test_an_empty_text_is_explained() -> None:
    assert body(errors.empty_parameter("amount"))["message"] == (
        "You passed an empty string for 'amount'. We assume empty values are an attempt to unset a "
        "parameter; however 'amount' cannot be unset. You should remove 'amount' from your request "
        "or supply a non-empty value."
    )


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        (["a"], "must be a"),
        (["a", "b"], "must be one of a or b"),
        (["a", "b", "c"], "must be one of a, b, or c"),
    ],
)
def test_choices_are_listed(choices: list[str], words: str) -> None:
    error = errors.invalid_choice("lines[0][tax_behavior]", choices)
    assert error.message == f"Invalid lines[0][tax_behavior]: {words}"
    assert error.param == "lines[0][tax_behavior]"


def test_an_unknown_id_in_the_address_is_404() -> None:
    error = errors.resource_missing("invoice", "in_x")
    assert (error.status, error.param) == (404, "invoice")
    assert error.message == "No such invoice: 'in_x'"


def test_an_unknown_id_in_a_parameter_is_400() -> None:
    error = errors.resource_missing("payment_method", "pm_x", "default_payment_method")
    assert (error.status, error.param) == (400, "default_payment_method")
    assert error.message == "No such PaymentMethod: 'pm_x'"


def test_a_wrong_key_is_shown_only_in_part() -> None:
    error = errors.invalid_api_key("sk_test_" + "a" * 44 + "wxyz")
    assert error.status == 401
    assert error.message == "Invalid API Key provided: sk_test_" + "*" * 30 + "wxyz"


@pytest.mark.parametrize("key", ["", "secret", "sk_test_", "short_key_1", "sk_live_1234567"])
def test_a_short_key_is_hardly_shown_at_all(key: str) -> None:
    hidden = errors.redacted(key)
    assert len(hidden) == len(key)
    assert hidden.count("*") >= len(key) - 4


def test_our_own_fault_shows_only_the_request_id() -> None:
    assert body(errors.internal()) == {
        "message": "An unknown error occurred. It is recorded under the request id req_1.",
        "type": "api_error",
    }


def test_an_object_inside_an_error_is_embedded_as_it_was_rendered() -> None:
    error = errors.WireError(402, "no", type="card_error", extra={"payment_intent": b'{"id":"pi"}'})
    assert body(error)["payment_intent"] == {"id": "pi"}


def test_a_decline_is_a_card_error() -> None:
    refusal = CardDeclined("Your card was declined.", decline_code="generic_decline", charge="ch_1")
    error = errors.from_refusal(refusal)
    assert error.status == 402
    assert body(error) == {
        "charge": "ch_1",
        "code": "card_declined",
        "decline_code": "generic_decline",
        "doc_url": "https://stripe.com/docs/error-codes/card-declined",
        "message": "Your card was declined.",
        "type": "card_error",
    }


@pytest.mark.parametrize(
    ("refusal", "status", "code", "param"),
    [
        (ObjectMissing("invoice", "in_1"), 404, "resource_missing", "id"),
        (ObjectMissing("price", "price_1", "lines[0][price]"), 400, "resource_missing", None),
        (ParameterMissing("customer"), 400, "parameter_missing", "customer"),
        (InvoiceNotEditable("This invoice is open."), 400, "invoice_not_editable", None),
        (PaymentInProgress("Wait."), 429, "lock_timeout", None),
    ],
)
def test_refusals_have_their_status(
    refusal: Any, status: int, code: str, param: str | None
) -> None:
    error = errors.from_refusal(refusal)
    assert (error.status, error.code) == (status, code)
    assert error.param == (param or refusal.param)
    assert error.type == "invalid_request_error"


def test_an_unknown_address_names_method_and_path() -> None:
    error = errors.unrecognized_url("POST", "/v1/foo")
    assert (error.status, error.message) == (404, "Unrecognized request URL (POST: /v1/foo).")
    assert "trailing slash" in errors.unrecognized_url("GET", "/v1/invoices/").message


def test_what_may_be_repeated_says_so() -> None:
    assert errors.idempotency_key_in_use("k").should_retry is True
    assert errors.locked().should_retry is True
    assert errors.internal().should_retry is None


def test_every_refusal_has_a_status_and_keeps_its_words() -> None:
    kinds = [each for each in vars(refusals).values() if isinstance(each, type)]
    assert len(kinds) > 20
    for kind in kinds:
        if kind is ObjectMissing:
            continue
        error = errors.from_refusal(kind("customer"))
        assert error.status in (400, 402, 404, 409, 429)
        assert "customer" in error.message
        assert (error.status == 402) == issubclass(kind, CardDeclined)
