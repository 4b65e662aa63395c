"""Previews through the official SDK: what they show is what then really comes, to the last yen."""

from typing import Any

import pytest
import stripe

from tests.scenarios.conftest import Engine
from tests.scenarios.test_discounts import coupon, customer, draft
from tests.scenarios.test_python_sdk import client

AMOUNTS = (
    "amount_due", "amount_remaining", "currency", "customer", "customer_name", "starting_balance",
    "status", "subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax",
    "collection_method", "billing_reason", "period_start", "period_end",
)  # fmt: skip
OF_LINES = (
    "amount", "subtotal", "description", "quantity", "period", "discountable", "pricing", "currency",
)  # fmt: skip


def shown(invoice: stripe.Invoice) -> dict[str, Any]:
    """Everything about amounts that does not bear an id of its own."""
    whole = invoice.to_dict()
    return {
        **{name: whole[name] for name in AMOUNTS},
        "discounts": [one["amount"] for one in whole["total_discount_amounts"]],
        "taxes": [(one["amount"], one["taxable_amount"]) for one in whole["total_taxes"]],
        "lines": [
            {
                **{name: line[name] for name in OF_LINES},
                "discounts": [one["amount"] for one in line["discount_amounts"]],
                "taxes": [one["amount"] for one in line["taxes"]],
            }
            for line in whole["lines"]["data"]
        ],
    }


def preview(sdk: stripe.StripeClient, **given: Any) -> stripe.Invoice:
    return sdk.v1.invoices.create_preview(given)  # type: ignore[arg-type]


def now_on(sdk: stripe.StripeClient) -> tuple[str, str]:
    """A clock at 1 March 2026 and a customer on it with a card."""
    clock = sdk.v1.test_helpers.test_clocks.create({"frozen_time": 1_772_323_200})
    made = sdk.v1.customers.create({"name": "株式会社サンプル", "test_clock": clock.id})
    method = sdk.v1.payment_methods.attach("pm_card_visa", {"customer": made.id})
    sdk.v1.customers.update(made.id, {"invoice_settings": {"default_payment_method": method.id}})
    return made.id, clock.id


def monthly(sdk: stripe.StripeClient, amount: int) -> str:
    product = sdk.v1.products.create({"name": "保守"})
    price = sdk.v1.prices.create(
        {
            "product": product.id,
            "currency": "jpy",
            "unit_amount": amount,
            "recurring": {"interval": "month"},
        }
    )
    return price.id


def advanced(sdk: stripe.StripeClient, clock: str, to: int) -> None:
    sdk.v1.test_helpers.test_clocks.advance(clock, {"frozen_time": to})
    for _ in range(200):
        if sdk.v1.test_helpers.test_clocks.retrieve(clock).status == "ready":
            return
    raise AssertionError("the clock did not arrive")


def test_a_preview_of_items_is_the_invoice_that_then_comes(engine: Engine) -> None:
    """Three lines, tax, credit and two discounts: 6,980 to pay, before and after."""
    sdk = client(engine)
    whom, _ = now_on(sdk)
    tax = sdk.v1.tax_rates.create({"display_name": "消費税", "percentage": 10, "inclusive": False})
    ten = coupon(sdk, percent_off=10)
    sdk.v1.customers.balance_transactions.create(whom, {"amount": -1_000, "currency": "jpy"})
    items: list[dict[str, Any]] = [
        {"amount": 5_000, "currency": "jpy", "description": "制作費", "tax_rates": [tax.id]},
        {"unit_amount_decimal": "333.5", "quantity": 3, "currency": "jpy", "tax_rates": [tax.id]},
    ]
    sdk.v1.invoice_items.create(
        {"customer": whom, "amount": 2_000, "currency": "jpy", "tax_rates": [tax.id]}
    )
    before = preview(sdk, customer=whom, invoice_items=items, discounts=[{"coupon": ten.id}])
    assert before.id is not None
    assert before.id.startswith("upcoming_in_")
    assert (before.number, before.hosted_invoice_url) == (None, None)
    assert (before.subtotal, before.total, before.amount_due) == (8_001, 7_921, 6_921)
    assert sdk.v1.invoices.list({"customer": whom}).data == []
    assert sdk.v1.coupons.retrieve(ten.id).times_redeemed == 0
    assert len(sdk.v1.invoice_items.list({"customer": whom}).data) == 1

    for item in items:
        sdk.v1.invoice_items.create({"customer": whom, **item})  # type: ignore[arg-type]
    real = sdk.v1.invoices.create(
        {
            "customer": whom,
            "discounts": [{"coupon": ten.id}],
            "pending_invoice_items_behavior": "include",
        }
    )
    assert shown(before) == shown(real)
    fixed = sdk.v1.invoices.finalize_invoice(real.id)
    assert fixed.amount_due == before.amount_due


def test_a_preview_shows_all_its_lines_and_its_discounts_expanded(engine: Engine) -> None:
    sdk = client(engine)
    half = coupon(sdk, percent_off=50)
    items = [{"amount": n, "currency": "jpy"} for n in range(1, 13)]
    made = preview(
        sdk,
        customer_details={"tax_exempt": "none"},
        currency="jpy",
        invoice_items=items,
        discounts=[{"coupon": half.id}],
        expand=["discounts.source.coupon"],
    )
    assert (made.customer, made.total) == (None, 39)
    assert [line.amount for line in made.lines.data] == list(range(1, 13))
    assert (made.lines.has_more, len(list(made.lines.auto_paging_iter()))) == (False, 12)
    (discount,) = made.discounts
    assert isinstance(discount, stripe.Discount)
    assert isinstance(discount.source.coupon, stripe.Coupon)
    assert discount.source.coupon.percent_off == 50


def test_an_item_that_waits_can_be_seen_otherwise(engine: Engine) -> None:
    sdk = client(engine)
    whom = customer(sdk)
    item = sdk.v1.invoice_items.create({"customer": whom, "amount": 1_000, "currency": "jpy"})
    seen = preview(sdk, customer=whom, invoice_items=[{"invoiceitem": item.id, "amount": 400}])
    assert seen.total == 400
    assert sdk.v1.invoice_items.retrieve(item.id).amount == 1_000
    with pytest.raises(stripe.InvalidRequestError) as missing:
        preview(sdk, customer=whom, invoice_items=[{"invoiceitem": "ii_none", "amount": 1}])
    assert missing.value.param == "invoice_items[0][invoiceitem]"


def test_nothing_to_come_is_said(engine: Engine) -> None:
    sdk = client(engine)
    whom = customer(sdk)
    with pytest.raises(stripe.InvalidRequestError) as nothing:
        preview(sdk, customer=whom)
    assert (nothing.value.http_status, nothing.value.code) == (404, "invoice_upcoming_none")
    with pytest.raises(stripe.InvalidRequestError) as missing:
        preview(sdk, customer="cus_none")
    assert (missing.value.http_status, missing.value.param) == (400, "customer")
    with pytest.raises(stripe.InvalidRequestError, match="schedule is not supported"):
        preview(sdk, customer=whom, schedule="sub_sched_1")


def test_the_next_invoice_of_a_subscription_is_seen_before_it_comes(engine: Engine) -> None:
    """1,200 a month less 25 % of its own coupon, and 300 that waits: 1,200 on 1 April."""
    sdk = client(engine)
    whom, clock = now_on(sdk)
    quarter = coupon(sdk, percent_off=25, duration="forever")
    subscription = sdk.v1.subscriptions.create(
        {
            "customer": whom,
            "items": [{"price": monthly(sdk, 1_200)}],
            "discounts": [{"coupon": quarter.id}],
        }
    )
    sdk.v1.invoice_items.create(
        {"customer": whom, "amount": 400, "currency": "jpy", "description": "臨時"}
    )
    before = preview(sdk, subscription=subscription.id)
    assert shown(before) == shown(preview(sdk, customer=whom))
    assert (before.subtotal, before.total) == (1_600, 1_200)
    assert preview(sdk, customer=whom, preview_mode="recurring").total == 900
    assert preview(sdk, subscription=subscription.id, discounts="").total == 1_600
    april = 1_772_323_200 + 31 * 86_400
    assert before.created == april
    advanced(sdk, clock, april + 60)
    (real, _first) = sdk.v1.invoices.list({"customer": whom}).data
    assert shown(before) == shown(real)


def test_the_first_invoice_of_a_subscription_is_seen_before_it_begins(engine: Engine) -> None:
    sdk = client(engine)
    whom, _ = now_on(sdk)
    half = coupon(sdk, percent_off=50)
    price = monthly(sdk, 980)
    before = preview(
        sdk,
        customer=whom,
        subscription_details={"items": [{"price": price, "quantity": 2}]},
        discounts=[{"coupon": half.id}],
    )
    assert sdk.v1.subscriptions.list({"customer": whom}).data == []
    sdk.v1.subscriptions.create(
        {
            "customer": whom,
            "items": [{"price": price, "quantity": 2}],
            "discounts": [{"coupon": half.id}],
        }
    )
    (real,) = sdk.v1.invoices.list({"customer": whom}).data
    seen, came = shown(before), shown(real)
    assert (seen.pop("status"), came.pop("status")) == ("draft", "paid")
    assert (seen.pop("amount_remaining"), came.pop("amount_remaining")) == (980, 0)
    assert seen == came


def test_a_change_is_seen_before_it_is_made(engine: Engine) -> None:
    """From one to three on 1 March: two more are owed for the whole month, on 1 April with the next."""
    sdk = client(engine)
    whom, clock = now_on(sdk)
    subscription = sdk.v1.subscriptions.create(
        {"customer": whom, "items": [{"price": monthly(sdk, 1_000)}]}
    )
    item = subscription["items"].data[0].id
    change: dict[str, Any] = {"items": [{"id": item, "quantity": 3}]}
    waits = preview(sdk, subscription=subscription.id, subscription_details=change)
    assert [line.amount for line in waits.lines.data] == [-1_000, 3_000, 3_000]
    at_once = preview(
        sdk,
        subscription=subscription.id,
        subscription_details={**change, "proration_behavior": "always_invoice"},
    )
    assert at_once.total == 2_000
    assert sdk.v1.subscriptions.retrieve(subscription.id)["items"].data[0].quantity == 1
    sdk.v1.subscriptions.update(subscription.id, change)  # type: ignore[arg-type]
    advanced(sdk, clock, 1_772_323_200 + 31 * 86_400 + 60)
    (real, _first) = sdk.v1.invoices.list({"customer": whom}).data
    assert shown(waits) == shown(real)


def test_a_subscription_that_ends_has_nothing_to_come(engine: Engine) -> None:
    sdk = client(engine)
    whom, _ = now_on(sdk)
    subscription = sdk.v1.subscriptions.create(
        {"customer": whom, "items": [{"price": monthly(sdk, 1_000)}]}
    )
    sdk.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    with pytest.raises(stripe.InvalidRequestError) as nothing:
        preview(sdk, subscription=subscription.id)
    assert nothing.value.code == "invoice_upcoming_none"
    kept = preview(
        sdk, subscription=subscription.id, subscription_details={"cancel_at_period_end": False}
    )
    assert kept.total == 1_000
    assert draft(sdk, whom, 10).total == 10
