"""How an invoice and its lines look, value by value."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import orjson

from seikyu.engine.wire.objects import line_page, previous_attributes, shown
from tests.wire.objects.samples import FRAME, INVOICE, LINE

RATE = {
    "id": "txr_1",
    "object": "tax_rate",
    "active": True,
    "country": "JP",
    "created": 1_760_000_001,
    "description": None,
    "display_name": "消費税",
    "effective_percentage": 10,
    "flat_amount": None,
    "inclusive": False,
    "jurisdiction": None,
    "jurisdiction_level": None,
    "livemode": False,
    "metadata": {},
    "percentage": 10,
    "rate_type": "percentage",
    "state": None,
    "tax_type": "jct",
}
TAX = {
    "amount": 240,
    "tax_behavior": "exclusive",
    "tax_rate_details": {"tax_rate": "txr_1"},
    "taxability_reason": "standard_rated",
    "taxable_amount": 2400,
    "type": "tax_rate_details",
}
LINE_ITEM = {
    "id": "il_1",
    "object": "line_item",
    "amount": 3000,
    "currency": "jpy",
    "description": "保守",
    "discount_amounts": [{"amount": 100, "discount": "di_2"}, {"amount": 500, "discount": "di_1"}],
    "discountable": True,
    "discounts": ["di_2"],
    "invoice": "in_1",
    "livemode": False,
    "metadata": {"board": "7"},
    "parent": {
        "invoice_item_details": {
            "invoice_item": "ii_1",
            "proration": False,
            "proration_details": {"credited_items": None},
            "subscription": None,
        },
        "subscription_item_details": None,
        "type": "invoice_item_details",
    },
    "period": {"end": 1_760_000_006, "start": 1_760_000_005},
    "pretax_credit_amounts": [],
    "pricing": {
        "price_details": {"price": "price_1", "product": "prod_1"},
        "type": "price_details",
        "unit_amount_decimal": "1200",
    },
    "quantity": 2,
    "quantity_decimal": "2.5",
    "subscription": None,
    "subtotal": 3000,
    "taxes": [TAX],
}
INVOICE_ITEM = {
    "id": "ii_1",
    "object": "invoiceitem",
    "amount": 3000,
    "currency": "jpy",
    "customer": "cus_1",
    "customer_account": None,
    "date": 1_760_000_005,
    "description": "保守",
    "discountable": True,
    "discounts": ["di_2"],
    "frozen_fields": [],
    "invoice": "in_1",
    "invoicing_rules": [],
    "livemode": False,
    "metadata": {"board": "7"},
    "net_amount": None,
    "parent": None,
    "period": {"end": 1_760_000_006, "start": 1_760_000_005},
    "pricing": LINE_ITEM["pricing"],
    "proration": False,
    "proration_details": {"credited_items": None, "discount_amounts": []},
    "quantity": 2,
    "quantity_decimal": "2.5",
    "tax_rates": [RATE],
    "test_clock": None,
}
NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
OPEN_INVOICE = {
    "id": "in_1",
    "object": "invoice",
    "account_country": "JP",
    "account_name": "株式会社サンプル",
    "account_tax_ids": None,
    "amount_due": 2640,
    "amount_overpaid": 0,
    "amount_paid": 0,
    "amount_paid_off_stripe": 0,
    "amount_remaining": 2640,
    "amount_shipping": 0,
    "application": None,
    "attempt_count": 0,
    "attempted": False,
    "auto_advance": False,
    "automatic_tax": {
        "disabled_reason": None,
        "enabled": False,
        "liability": None,
        "provider": None,
        "status": None,
    },
    "automatically_finalizes_at": None,
    "billing_reason": "manual",
    "collection_method": "send_invoice",
    "created": 1_760_000_007,
    "currency": "jpy",
    "custom_fields": [{"name": "件名", "value": "保守"}],
    "customer": "cus_1",
    "customer_account": None,
    "customer_address": {**NO_ADDRESS, "country": "JP", "postal_code": "100-0001"},
    "customer_email": "keiri@example.jp",
    "customer_name": "見本商事",
    "customer_phone": None,
    "customer_shipping": {
        "address": {**NO_ADDRESS, "city": "大阪"},
        "carrier": None,
        "name": "見本商事",
        "phone": None,
        "tracking_number": None,
    },
    "customer_tax_exempt": "none",
    "customer_tax_ids": [],
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [RATE],
    "description": None,
    "discounts": ["di_1"],
    "due_date": 1_762_592_008,
    "effective_at": 1_760_000_008,
    "ending_balance": 0,
    "footer": None,
    "from_invoice": {"action": "revision", "invoice": "in_0"},
    "hosted_invoice_url": "https://pay.example.jp/i/hosted1",
    "invoice_pdf": "https://pay.example.jp/i/hosted1/pdf",
    "issuer": {"type": "self"},
    "last_finalization_error": {
        "advice_code": None,
        "charge": None,
        "code": None,
        "decline_code": None,
        "doc_url": None,
        "message": "…",
        "network_advice_code": None,
        "network_decline_code": None,
        "param": None,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_type": None,
        "request_log_url": None,
        "setup_intent": None,
        "source": None,
        "type": "invalid_request_error",
    },
    "latest_revision": None,
    "lines": {
        "object": "list",
        "data": [LINE_ITEM],
        "has_more": False,
        "total_count": 1,
        "url": "/v1/invoices/in_1/lines",
    },
    "livemode": False,
    "metadata": {"board_id": "42"},
    "next_payment_attempt": None,
    "number": "SAMPLE-0001",
    "on_behalf_of": None,
    "parent": None,
    "payment_settings": {
        "default_mandate": None,
        "payment_method_options": {
            "acss_debit": None,
            "bancontact": None,
            "billie": None,
            "blik": None,
            "card": {"installments": None, "request_three_d_secure": None},
            "customer_balance": {"bank_transfer": None, "funding_type": None},
            "konbini": None,
            "payto": None,
            "pix": None,
            "sepa_debit": None,
            "upi": None,
            "us_bank_account": None,
        },
        "payment_method_types": None,
    },
    "period_end": 1_760_000_007,
    "period_start": 1_760_000_007,
    "post_payment_credit_notes_amount": 0,
    "pre_payment_credit_notes_amount": 0,
    "receipt_number": None,
    "rendering": {
        "amount_tax_display": None,
        "pdf": {"page_size": None},
        "template": None,
        "template_version": None,
    },
    "shipping_cost": None,
    "status_details": None,
    "threshold_reason": None,
    "shipping_details": {
        "address": NO_ADDRESS,
        "carrier": None,
        "name": "見本商事",
        "phone": None,
        "tracking_number": None,
    },
    "starting_balance": 0,
    "statement_descriptor": None,
    "status": "open",
    "status_transitions": {
        "finalized_at": 1_760_000_008,
        "marked_uncollectible_at": None,
        "paid_at": None,
        "voided_at": None,
    },
    "subtotal": 2900,
    "subtotal_excluding_tax": 2900,
    "test_clock": "clock_1",
    "total": 2640,
    "total_discount_amounts": [
        {"amount": 100, "discount": "di_2"},
        {"amount": 500, "discount": "di_1"},
    ],
    "total_excluding_tax": 2400,
    "total_pretax_credit_amounts": [],
    "total_taxes": [TAX],
    "webhooks_delivered_at": 1_760_000_007,
}


def rendered(record: Any) -> Any:
    """Return the record's first object, parsed."""
    return orjson.loads(shown(record, FRAME)[0][1])


def test_an_open_invoice_shows_all_of_this() -> None:
    assert rendered(INVOICE) == OPEN_INVOICE


def test_a_draft_has_no_page_and_no_lines_yet() -> None:
    draft = rendered(replace(INVOICE, status="draft", lines_page=b"", revises_id=None, details={}))
    assert (draft["hosted_invoice_url"], draft["invoice_pdf"]) == (None, None)
    assert draft["webhooks_delivered_at"] is None
    assert draft["from_invoice"] is None
    assert draft["issuer"] == {"type": "self"}
    assert draft["rendering"] is None
    assert draft["metadata"] == {}
    assert draft["payment_settings"] == {
        "default_mandate": None,
        "payment_method_options": None,
        "payment_method_types": None,
    }
    assert draft["lines"] == {
        "object": "list",
        "data": [],
        "has_more": False,
        "total_count": 0,
        "url": "/v1/invoices/in_1/lines",
    }


def test_a_line_on_an_invoice_is_shown_as_two_objects() -> None:
    (item_id, item), (line_id, line) = shown(LINE, FRAME)
    assert (item_id, orjson.loads(item)) == ("ii_1", INVOICE_ITEM)
    assert (line_id, orjson.loads(line)) == ("il_1", LINE_ITEM)


def test_a_pending_line_is_an_invoice_item_only() -> None:
    pending = replace(LINE, line_id=None, invoice_id=None)
    assert [id for id, _ in shown(pending, FRAME)] == ["ii_1"]
    assert rendered(pending)["invoice"] is None


def test_an_amount_for_one_unit_is_the_price_of_the_unit() -> None:
    flat = replace(LINE, price_id=None, product_id=None, unit_amount=None, quantity=Decimal(1))
    assert rendered(flat)["pricing"] == {
        "price_details": None,
        "type": "price_details",
        "unit_amount_decimal": "3000",
    }
    half = replace(flat, unit_amount=Decimal("0.50"))
    assert rendered(half)["pricing"]["unit_amount_decimal"] == "0.5"
    several = replace(flat, quantity=Decimal(3))
    assert rendered(several)["pricing"] is None


def test_a_quantity_is_cut_to_a_whole_number_not_rounded() -> None:
    line = rendered(replace(LINE, quantity=Decimal("2.99")))
    assert (line["quantity"], line["quantity_decimal"]) == (2, "2.99")


def test_an_invoice_shows_its_first_ten_lines() -> None:
    lines = [replace(LINE, line_id=f"il_{n}") for n in range(1, 12)]
    page = orjson.loads(line_page(lines, "in_1", FRAME))
    assert [line["id"] for line in page["data"]] == [f"il_{n}" for n in range(1, 11)]
    assert (page["has_more"], page["total_count"]) == (True, 11)
    page = orjson.loads(line_page(lines[:10], "in_1", FRAME))
    assert (page["has_more"], page["total_count"]) == (False, 10)


def test_previous_attributes_hold_what_changed_and_nothing_else() -> None:
    paid = replace(
        INVOICE,
        status="paid",
        paid_at=1_760_000_020,
        amount_paid=2640,
        amount_remaining=0,
        details={**INVOICE.details, "metadata": {"paid": "yes"}},
    )
    assert orjson.loads(previous_attributes(INVOICE, paid, FRAME)) == {
        "status": "open",
        "status_transitions": {"paid_at": None},
        "amount_paid": 0,
        "amount_remaining": 2640,
        "metadata": {"board_id": "42", "paid": None},
    }
    assert previous_attributes(INVOICE, INVOICE, FRAME) == b"{}"


def test_previous_attributes_hold_the_lines_as_they_were() -> None:
    longer = replace(INVOICE, lines_page=line_page([LINE, LINE], "in_1", FRAME))
    previous = orjson.loads(previous_attributes(INVOICE, longer, FRAME))
    assert previous == {"lines": OPEN_INVOICE["lines"]}
