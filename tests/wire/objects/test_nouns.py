"""How payments, customers, the catalogue and the rest look where it matters."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import orjson

from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.wire.objects import shown
from seikyu.engine.wire.objects.numbers import plain
from tests.wire.objects.samples import (
    CHARGE,
    CLOCK,
    CUSTOMER,
    FRAME,
    INTENT,
    METHOD,
    PAYMENT,
    PRICE,
    PRODUCT,
    TAX_RATE,
)


def rendered(record: Any) -> Any:
    """Return the record's first object, parsed."""
    return orjson.loads(shown(record, FRAME)[0][1])


def test_decimals_are_written_plainly() -> None:
    written = [plain(Decimal(x)) for x in ("12", "0.50", "1.2E+3", "10.0", "-0.0", "1E-12", "100")]
    assert written == ["12", "0.5", "1200", "10", "0", "0.000000000001", "100"]


def test_a_percentage_is_a_number_with_the_digits_it_was_given() -> None:
    (_, body), *_ = shown(replace(TAX_RATE, percentage=Decimal("8.8750")), FRAME)
    assert b'"effective_percentage":8.875,' in body
    assert b'"percentage":8.875,' in body


def test_a_payment_intent_before_any_charge() -> None:
    intent = rendered(replace(INTENT, last_error=None, latest_charge=None, details={}))
    assert intent["last_payment_error"] is None
    assert intent["payment_method_types"] == ["card"]
    assert intent["automatic_payment_methods"] is None
    assert intent["client_secret"] == "pi_1_secret_sample"
    assert intent["payment_method_options"] == {
        "card": {
            "capture_method": None,
            "installments": None,
            "mandate_options": None,
            "network": None,
            "request_extended_authorization": None,
            "request_incremental_authorization": None,
            "request_multicapture": None,
            "request_overcapture": None,
            "request_three_d_secure": "automatic",
            "require_cvc_recollection": None,
            "setup_credential_usage": None,
            "setup_future_usage": None,
            "statement_descriptor_suffix_kana": None,
            "statement_descriptor_suffix_kanji": None,
            "stored_credential_usage": None,
        }
    }


def test_a_payment_intent_says_why_the_last_charge_failed() -> None:
    assert rendered(INTENT)["last_payment_error"] == {
        "advice_code": None,
        "charge": "ch_1",
        "code": "card_declined",
        "decline_code": None,
        "doc_url": "https://stripe.com/docs/error-codes/card-declined",
        "message": "Your card was declined.",
        "network_advice_code": None,
        "network_decline_code": None,
        "param": None,
        "payment_intent": None,
        "payment_method": rendered(METHOD),
        "payment_method_type": "card",
        "request_log_url": None,
        "setup_intent": None,
        "source": None,
        "type": "card_error",
    }


def test_the_method_in_an_error_is_the_one_that_failed_not_what_became_of_it() -> None:
    changed = replace(METHOD, card={**METHOD.card, "exp_year": 2040})
    error = rendered(INTENT)["last_payment_error"]
    assert error["payment_method"]["card"]["exp_year"] == 2034
    assert rendered(changed)["card"]["exp_year"] == 2040


def test_an_error_that_only_knows_the_id_of_its_method_shows_none() -> None:
    old = replace(INTENT, last_error={"type": "card_error", "payment_method": "pm_1"})
    assert rendered(old)["last_payment_error"]["payment_method"] is None


def test_both_names_of_the_allowed_kinds_are_understood() -> None:
    newer = rendered(replace(INTENT, details={"allowed_payment_method_types": ["card"]}))
    assert (newer["allowed_payment_method_types"], newer["payment_method_types"]) == (
        ["card"],
        ["card"],
    )


def test_a_charge_that_succeeded_is_paid_and_captured() -> None:
    charge = rendered(CHARGE)
    assert (charge["paid"], charge["captured"], charge["amount_captured"]) == (True, True, 3300)
    assert (charge["refunded"], charge["amount_refunded"]) == (False, 0)
    assert charge["outcome"]["type"] == "authorized"
    assert charge["payment_method_details"]["card"]["last4"] == "4242"
    assert charge["billing_details"]["name"] == "見本 太郎"


def test_a_charge_that_failed_says_why() -> None:
    failed = replace(
        CHARGE,
        status="failed",
        failure_code="card_declined",
        failure_message="Your card has insufficient funds.",
        decline_code="insufficient_funds",
    )
    charge = rendered(failed)
    assert (charge["paid"], charge["captured"], charge["amount_captured"]) == (False, False, 0)
    assert charge["outcome"] == {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network",
        "reason": "insufficient_funds",
        "risk_level": "not_assessed",
        "risk_score": None,
        "rule": None,
        "seller_message": "Your card has insufficient funds.",
        "type": "issuer_declined",
    }


def test_a_wrong_security_code_is_a_check_that_failed() -> None:
    failed = rendered(replace(CHARGE, status="failed", failure_code="incorrect_cvc"))
    checks = failed["payment_method_details"]["card"]["checks"]
    assert checks == {
        "address_line1_check": None,
        "address_postal_code_check": None,
        "cvc_check": "fail",
    }


def test_a_charge_says_what_its_payment_said() -> None:
    details = {
        "receipt_email": "keiri@example.jp",
        "shipping": {"name": "見本商事"},
        "statement_descriptor": "SAMPLE",
        "authenticated": True,
        "invoice_hosted_key": "hosted1",
    }
    charge = rendered(replace(CHARGE, details=details))
    assert charge["receipt_email"] == "keiri@example.jp"
    assert charge["shipping"]["name"] == "見本商事"
    assert charge["calculated_statement_descriptor"] == "SAMPLE"
    assert charge["receipt_url"] == "https://pay.example.jp/i/hosted1/receipt"
    assert charge["payment_method_details"]["card"]["three_d_secure"]["result"] == "authenticated"
    failed = rendered(replace(CHARGE, details=details, status="failed"))
    assert failed["receipt_url"] is None


def test_a_charge_is_refunded_when_all_of_it_went_back() -> None:
    assert rendered(replace(CHARGE, amount_refunded=3299))["refunded"] is False
    assert rendered(replace(CHARGE, amount_refunded=3300))["refunded"] is True


def test_a_card_on_file_shows_brand_and_last_digits() -> None:
    card = rendered(METHOD)["card"]
    assert (card["brand"], card["display_brand"], card["last4"]) == ("visa", "visa", "4242")
    assert (card["exp_month"], card["exp_year"]) == (12, 2034)
    assert card["networks"] == {"available": ["visa"], "preferred": None}
    assert rendered(METHOD)["billing_details"]["address"] == {
        "city": None,
        "country": None,
        "line1": None,
        "line2": None,
        "postal_code": None,
        "state": None,
    }


def test_a_payment_of_an_invoice() -> None:
    assert rendered(PAYMENT) == {
        "id": "inpay_1",
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": 3300,
        "created": 1_760_000_011,
        "currency": "jpy",
        "invoice": "in_1",
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": "pi_1", "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


def test_a_customer_shows_how_it_is_invoiced() -> None:
    customer = rendered(CUSTOMER)
    assert (customer["invoice_prefix"], customer["next_invoice_sequence"]) == ("SAMPLE", 2)
    assert (customer["balance"], customer["tax_exempt"]) == (-500, "none")
    assert customer["preferred_locales"] == []
    assert customer["invoice_settings"] == {
        "custom_fields": None,
        "default_payment_method": "pm_1",
        "footer": None,
        "rendering_options": {"amount_tax_display": None, "template": "inrtem_1"},
    }


def test_what_is_deleted_says_only_that() -> None:
    assert rendered(replace(CUSTOMER, deleted=True)) == {
        "id": "cus_1",
        "object": "customer",
        "deleted": True,
    }
    assert rendered(replace(PRODUCT, deleted=True)) == {
        "id": "prod_1",
        "object": "product",
        "deleted": True,
    }


def test_a_price_with_a_fraction_has_no_whole_amount() -> None:
    price = rendered(PRICE)
    assert (price["unit_amount"], price["unit_amount_decimal"]) == (1200, "1200")
    assert price["recurring"] == {
        "interval": "month",
        "interval_count": 1,
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }
    price = rendered(replace(PRICE, unit_amount=Decimal("0.125")))
    assert (price["unit_amount"], price["unit_amount_decimal"]) == (None, "0.125")


def test_the_size_of_a_package_is_in_numbers() -> None:
    (_, body), *_ = shown(PRODUCT, FRAME)
    assert b'"package_dimensions":{"height":1.5,"length":20,"weight":0.1,"width":3}' in body


def test_a_clock_says_where_it_goes_only_while_it_goes() -> None:
    assert rendered(CLOCK)["status_details"] == {"advancing": {"target_frozen_time": 1_760_100_000}}
    assert rendered(replace(CLOCK, status="ready", target=None))["status_details"] == {
        "advancing": None
    }


def test_nobody_is_shown_an_attempt() -> None:
    attempt = Attempt(
        "att_1", 1_760_000_000, "pi_1", "cus_1", "pm_1", "sample", 3300, "jpy", True, "pi_1"
    )
    assert shown(attempt, FRAME) == ()
