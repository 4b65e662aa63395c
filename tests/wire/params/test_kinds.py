"""Values are taken exactly as documented, and faults are named in Stripe's words."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from seikyu.engine.wire.errors import WireError
from seikyu.engine.wire.params.customer import CustomerCreate, CustomerList, CustomerUpdate
from seikyu.engine.wire.params.invoice import InvoiceCreate, InvoiceList, InvoiceUpdate
from seikyu.engine.wire.params.invoice_item import InvoiceItemCreate
from seikyu.engine.wire.params.line import InvoiceAddLines, LineUpdate
from seikyu.engine.wire.params.model import Params, given, parse
from seikyu.engine.wire.params.payment_intent import PaymentIntentConfirm, PaymentIntentCreate
from seikyu.engine.wire.params.price import PriceCreate
from seikyu.engine.wire.params.tax_rate import TaxRateCreate


def refusal(model: type[Params], raw: dict[str, Any]) -> WireError:
    """The error that the parameters are answered with."""
    with pytest.raises(WireError) as caught:
        parse(model, raw)
    assert caught.value.status == 400
    assert caught.value.type == "invalid_request_error"
    return caught.value


# ── What was given ──────────────────────────────────────────────────────────────────────────────


def test_what_was_not_given_is_absent() -> None:
    params = parse(InvoiceCreate, {"customer": "cus_1", "days_until_due": "30"})
    assert given(params) == {"customer": "cus_1", "days_until_due": 30}
    assert params.description is None
    assert "description" not in params.model_fields_set


def test_an_empty_text_unsets() -> None:
    params = parse(
        InvoiceUpdate,
        {"description": "", "number": "", "default_tax_rates": "", "due_date": "", "metadata": ""},
    )
    assert given(params) == {
        "description": None,
        "number": None,
        "default_tax_rates": None,
        "due_date": None,
        "metadata": None,
    }


def test_a_whole_invoice_is_typed() -> None:
    params = parse(
        InvoiceCreate,
        {
            "auto_advance": "true",
            "automatic_tax": {"enabled": "false"},
            "collection_method": "send_invoice",
            "currency": "JPY",
            "custom_fields": [{"name": "案件番号", "value": "A-1"}],
            "customer": "cus_1",
            "due_date": "1774969200",
            "issuer": {"type": "self"},
            "metadata": {"board_invoice_id": "12"},
            "payment_settings": {
                "payment_method_types": ["card", "customer_balance"],
                "payment_method_options": {"card": {"request_three_d_secure": "any"}},
            },
            "shipping_details": {"address": {"country": "JP"}, "name": "見本 太郎", "phone": ""},
            "expand": ["customer"],
        },
    )
    assert given(params) == {
        "auto_advance": True,
        "automatic_tax": {"enabled": False},
        "collection_method": "send_invoice",
        "currency": "jpy",
        "custom_fields": [{"name": "案件番号", "value": "A-1"}],
        "customer": "cus_1",
        "due_date": 1774969200,
        "issuer": {"type": "self"},
        "metadata": {"board_invoice_id": "12"},
        "payment_settings": {
            "payment_method_types": ["card", "customer_balance"],
            "payment_method_options": {"card": {"request_three_d_secure": "any"}},
        },
        "shipping_details": {"address": {"country": "JP"}, "name": "見本 太郎", "phone": None},
        "expand": ["customer"],
    }


def test_lines_with_exact_taxes_are_typed() -> None:
    raw = {
        "amount": "10000",
        "quantity_decimal": "1.5",
        "tax_amounts": {
            "3": {
                "amount": "1000",
                "taxable_amount": "10000",
                "tax_rate_data": {
                    "display_name": "消費税",
                    "inclusive": "false",
                    "percentage": "10",
                    "tax_type": "jct",
                },
            }
        },
    }
    assert given(parse(InvoiceAddLines, {"lines": [raw]}))["lines"] == [
        {
            "amount": 10_000,
            "quantity_decimal": Decimal("1.5"),
            "tax_amounts": [
                {
                    "amount": 1000,
                    "taxable_amount": 10_000,
                    "tax_rate_data": {
                        "display_name": "消費税",
                        "inclusive": False,
                        "percentage": Decimal(10),
                        "tax_type": "jct",
                    },
                }
            ],
        }
    ]


def test_payment_plans_have_their_shape() -> None:
    amounts = [
        {"amount": "2000", "days_until_due": "30", "description": "Payment 1"},
        {"amount": "3000", "due_date": "1677514200", "description": "Payment 2"},
    ]
    assert given(parse(InvoiceCreate, {"amounts_due": amounts}))["amounts_due"] == [
        {"amount": 2000, "days_until_due": 30, "description": "Payment 1"},
        {"amount": 3000, "due_date": 1677514200, "description": "Payment 2"},
    ]


def test_a_parameter_named_like_a_method_keeps_its_name() -> None:
    assert given(parse(CustomerCreate, {"validate": "true"})) == {"validate": True}


def test_the_older_name_of_a_price_is_passed_on_under_the_present_one() -> None:
    raw = {"customer": "cus_1", "invoice": "in_1", "price": "price_1", "currency": "usd"}
    assert given(parse(InvoiceItemCreate, raw)) == {
        "customer": "cus_1",
        "invoice": "in_1",
        "pricing": {"price": "price_1"},
        "currency": "usd",
    }
    assert raw["price"] == "price_1"
    both = {"price": "price_1", "pricing": {"price": "price_2"}}
    assert refusal(InvoiceItemCreate, both).param == "price"


# ── Faults of names ─────────────────────────────────────────────────────────────────────────────


def test_an_unknown_parameter_is_named_before_other_faults() -> None:
    error = refusal(InvoiceCreate, {"due_dat": "1", "days_until_due": "x"})
    assert error.message == "Received unknown parameter: due_dat. Did you mean due_date?"
    assert (error.code, error.param) == ("parameter_unknown", "due_dat")


def test_an_unknown_parameter_deep_inside_is_named_in_brackets() -> None:
    error = refusal(InvoiceAddLines, {"lines": [{}, {"period": {"begin": "1"}}]})
    assert error.message == "Received unknown parameter: lines[1][period][begin]"


def test_a_missing_parameter_is_named_in_brackets() -> None:
    error = refusal(InvoiceAddLines, {"lines": [{"period": {"start": "1"}}]})
    assert error.message == "Missing required param: lines[0][period][end]."
    assert (error.code, error.param) == ("parameter_missing", "lines[0][period][end]")
    assert refusal(PaymentIntentCreate, {"currency": "jpy"}).param == "amount"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"on_behalf_of": "acct_1"},
         "The parameter on_behalf_of is not supported by Seikyu: it needs Stripe Connect."),
        ({"transfer_data": {"destination": "acct_1"}},
         "The parameter transfer_data is not supported by Seikyu: it needs Stripe Connect."),
        ({"application_fee_amount": "5"},
         ("The parameter application_fee_amount is not supported by Seikyu: it needs Stripe "
         "Connect.")),
        ({"issuer": {"type": "account", "account": "acct_1"}},
         ("The parameter issuer[type] is not supported by Seikyu: another account as issuer needs "
         "Stripe Connect.")),
        ({"automatic_tax": {"enabled": "true"}},
         ("The parameter automatic_tax[enabled] is not supported by Seikyu: taxes come from tax "
         "rates or exact tax amounts.")),
        ({"default_source": "src_1"},
         "The parameter default_source is not supported by Seikyu: use payment methods instead."),
        ({"payment_settings": {"payment_method_options": {"pix": {}}}},
         "The parameter payment_settings[payment_method_options][pix] is not supported by Seikyu."),
    ],
)  # fmt: skip
def test_what_is_not_served_is_said_by_name(raw: dict[str, Any], message: str) -> None:
    error = refusal(InvoiceCreate, raw)
    assert error.message == message
    assert error.code == "parameter_unknown"


# ── Faults of values ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "value", ["abc", "1_000", "1.0", "1e3", " 1", "1 ", "+1", "１０", "0x10", "--1", "9" * 20]
)
def test_whole_numbers_are_decimal_digits(value: str) -> None:
    error = refusal(InvoiceCreate, {"days_until_due": value})
    assert error.message == f"Invalid integer: {value}"
    assert (error.code, error.param) == ("parameter_invalid_integer", "days_until_due")


@pytest.mark.parametrize("value", ["1", "yes", "True", "TRUE", "on"])
def test_booleans_are_two_words(value: str) -> None:
    error = refusal(InvoiceCreate, {"auto_advance": value})
    assert error.message == f"Invalid boolean: {value}"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("-1", "must be greater than or equal to 0 (it currently is '-1')"),
        ("1000000000000", "must be less than or equal to 999999999999"),
    ],
)
def test_amounts_have_at_most_twelve_digits(value: str, words: str) -> None:
    error = refusal(PaymentIntentCreate, {"amount": value, "currency": "jpy"})
    assert words in error.message
    assert error.code == "parameter_invalid_integer"


@pytest.mark.parametrize(
    ("value", "number"),
    [("0.123456789012", "0.123456789012"), ("-5", "-5"), (".5", "0.5"), ("100.", "100")],
)
def test_exact_amounts_have_up_to_twelve_places(value: str, number: str) -> None:
    params = parse(PriceCreate, {"currency": "usd", "unit_amount_decimal": value})
    assert params.unit_amount_decimal == Decimal(number)


@pytest.mark.parametrize("value", ["1e5", "NaN", "Infinity", "1,5", "0.1234567890123", "-", "１"])
def test_other_decimals_are_refused(value: str) -> None:
    error = refusal(PriceCreate, {"currency": "usd", "unit_amount_decimal": value})
    assert error.message.startswith(f"Invalid decimal: {value}")


@pytest.mark.parametrize("value", ["100.1", "-1", "8.12345"])
def test_percentages_are_between_0_and_100_with_four_places(value: str) -> None:
    raw = {"display_name": "消費税", "inclusive": "false", "percentage": value}
    assert refusal(TaxRateCreate, raw).param == "percentage"


def test_a_currency_is_known_and_lower_case() -> None:
    assert parse(InvoiceCreate, {"currency": "JpY"}).currency == "jpy"
    error = refusal(InvoiceCreate, {"currency": "jpp"})
    assert error.message.startswith("Invalid currency: jpp. Supported currencies: aed, afn,")


def test_choices_are_listed_when_none_of_them_was_made() -> None:
    error = refusal(InvoiceCreate, {"collection_method": "carrier_pigeon"})
    assert error.message == (
        "Invalid collection_method: must be one of charge_automatically or send_invoice"
    )
    assert error.param == "collection_method"


@pytest.mark.parametrize(
    ("model", "raw", "param"),
    [
        (InvoiceCreate, {"customer": ""}, "customer"),
        (InvoiceCreate, {"auto_advance": ""}, "auto_advance"),
        (InvoiceCreate, {"currency": ""}, "currency"),
        (InvoiceCreate, {"collection_method": ""}, "collection_method"),
        (InvoiceCreate, {"rendering": ""}, "rendering"),
        (InvoiceCreate, {"expand": ""}, "expand"),
        (LineUpdate, {"quantity": ""}, "quantity"),
        (CustomerCreate, {"shipping": {"name": "", "address": {}}}, "shipping[name]"),
        (PaymentIntentConfirm, {"off_session": ""}, "off_session"),
    ],
)
def test_what_cannot_be_unset_says_so(model: type[Params], raw: dict[str, Any], param: str) -> None:
    error = refusal(model, raw)
    assert error.code == "parameter_invalid_empty"
    assert error.message.startswith(f"You passed an empty string for '{param}'.")


@pytest.mark.parametrize(
    ("raw", "message", "param"),
    [
        ({"customer": {"a": "1"}}, "Invalid string", "customer"),
        ({"days_until_due": ["1"]}, "Invalid integer", "days_until_due"),
        ({"auto_advance": {"a": "1"}}, "Invalid boolean", "auto_advance"),
        ({"expand": "customer"}, "Invalid array", "expand"),
        ({"expand": {"a": "customer"}}, "Invalid array", "expand"),
        ({"rendering": "a4"}, "Invalid object", "rendering"),
        ({"rendering": ["a4"]}, "Invalid object", "rendering"),
        ({"custom_fields": ["a"]}, "Invalid object", "custom_fields[0]"),
        ({"metadata": "x"}, "Invalid object", "metadata"),
        ({"description": ["a"]}, "Invalid string", "description"),
    ],
)
def test_a_value_of_the_wrong_shape_is_named(raw: dict[str, Any], message: str, param: str) -> None:
    error = refusal(InvoiceCreate, raw)
    assert (error.message, error.param) == (message, param)


def test_arrays_have_a_largest_size() -> None:
    fields = [{"name": "a", "value": "b"}] * 5
    assert refusal(InvoiceCreate, {"custom_fields": fields}).message == (
        "Invalid array: at most 4 elements are accepted."
    )
    assert refusal(InvoiceAddLines, {"lines": [{}] * 251}).param == "lines"
    assert len(parse(InvoiceAddLines, {"lines": [{}] * 250}).lines) == 250


def test_texts_have_a_largest_size() -> None:
    error = refusal(InvoiceCreate, {"description": "あ" * 5001})
    assert error.message.endswith("must be at most 5000 characters")
    assert parse(InvoiceCreate, {"description": "あ" * 5000}).description == "あ" * 5000


def test_off_session_is_a_boolean_or_a_word() -> None:
    assert parse(PaymentIntentConfirm, {"off_session": "true"}).off_session is True
    assert parse(PaymentIntentConfirm, {"off_session": "recurring"}).off_session == "recurring"
    assert "one_off" in refusal(PaymentIntentConfirm, {"off_session": "x"}).message


@pytest.mark.parametrize("value", ["x", "@example.com", "a@", "a b@example.com"])
def test_an_address_without_two_sides_is_no_email(value: str) -> None:
    error = refusal(CustomerUpdate, {"email": value})
    assert (error.code, error.param) == ("email_invalid", "email")
    assert parse(CustomerUpdate, {"email": "keiri@example.jp"}).email == "keiri@example.jp"


@pytest.mark.parametrize("value", ["AB", "abc", "A-1", "A" * 13])
def test_an_invoice_prefix_has_3_to_12_capitals_or_digits(value: str) -> None:
    assert refusal(CustomerUpdate, {"invoice_prefix": value}).param == "invoice_prefix"
    assert parse(CustomerUpdate, {"invoice_prefix": "SMP001"}).invoice_prefix == "SMP001"


# ── Lists ───────────────────────────────────────────────────────────────────────────────────────


def test_a_list_has_ten_objects_unless_asked() -> None:
    assert parse(InvoiceList, {}).limit == 10
    assert parse(InvoiceList, {"limit": "100"}).limit == 100


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("101", "This value must be less than or equal to 100 (it currently is '101')."),
        ("0", "This value must be greater than or equal to 1 (it currently is '0')."),
        ("ten", "Invalid integer: ten"),
    ],
)
def test_a_page_has_1_to_100_objects(limit: str, message: str) -> None:
    error = refusal(InvoiceList, {"limit": limit})
    assert (error.message, error.param) == (message, "limit")
    assert error.code == "parameter_invalid_integer"


def test_a_page_goes_in_one_direction() -> None:
    error = refusal(InvoiceList, {"starting_after": "in_1", "ending_before": "in_2"})
    assert error.code == "parameters_exclusive"
    assert error.message == (
        "You may only specify one of these parameters: starting_after, ending_before."
    )


def test_a_range_is_limits_or_one_moment() -> None:
    params = parse(InvoiceList, {"created": {"gte": "5", "lt": "9"}, "due_date": "7"})
    assert given(params) == {"created": {"gte": 5, "lt": 9}, "due_date": {"gte": 7, "lte": 7}}
    assert refusal(InvoiceList, {"created": "now"}).param == "created"
    assert refusal(InvoiceList, {"created": {"gte": "now"}}).param == "created[gte]"
    assert refusal(CustomerList, {"created": {"ge": "1"}}).code == "parameter_unknown"


# ── Metadata ────────────────────────────────────────────────────────────────────────────────────


def test_metadata_keys_may_be_numbers() -> None:
    assert parse(InvoiceCreate, {"metadata": ["a", "b"]}).metadata == {"0": "a", "1": "b"}


def test_an_empty_value_deletes_a_key() -> None:
    assert parse(InvoiceUpdate, {"metadata": {"a": ""}}).metadata == {"a": ""}


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({str(n): "x" for n in range(51)}, "Metadata can have up to 50 keys, but you've set 51."),
        ({"k" * 41: "x"},
         ("Metadata keys can have up to 40 characters, but you passed in a key that is 41 "
         f"characters. Invalid key: {'k' * 41}")),
        ({"a": "v" * 501},
         ("Metadata values can have up to 500 characters, but you passed in a value that is 501 "
         f"characters. Invalid value: {'v' * 50}…")),
        ({"a": {"b": "c"}}, "Metadata values must be strings, but the value of 'a' is not one."),
        ({"": "c"}, "Metadata keys must not be empty or have square brackets. Invalid key: ''"),
    ],
)  # fmt: skip
def test_metadata_has_limits(metadata: dict[str, Any], message: str) -> None:
    error = refusal(CustomerUpdate, {"metadata": metadata})
    assert (error.message, error.param) == (message, "metadata")


def test_metadata_may_fill_its_limits() -> None:
    metadata = {f"{n:040}": "v" * 500 for n in range(50)}
    assert parse(CustomerUpdate, {"metadata": metadata}).metadata == metadata


# ── Anything at all ─────────────────────────────────────────────────────────────────────────────

_JUNK = st.recursive(
    st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@examples(st.dictionaries(st.sampled_from([*InvoiceCreate.model_fields, "foo"]), _JUNK, max_size=4))
def test_anything_is_parsed_or_refused_with_its_name(raw: dict[str, Any]) -> None:
    try:
        params = parse(InvoiceCreate, raw)
    except WireError as error:
        assert error.status == 400
        assert error.message
        assert error.param is not None
        assert error.param.split("[")[0] in raw
    else:
        assert set(given(params)) == set(raw)
