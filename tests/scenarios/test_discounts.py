"""Coupons and promotion codes through the official SDK: what they take off, and who may redeem them."""

import pytest
import stripe

from tests.scenarios.conftest import Engine
from tests.scenarios.test_python_sdk import client, customer_with_card


def coupon(sdk: stripe.StripeClient, **given: object) -> stripe.Coupon:
    return sdk.v1.coupons.create({"duration": "once", **given})  # type: ignore[arg-type]


def customer(sdk: stripe.StripeClient, **given: object) -> str:
    made = sdk.v1.customers.create({"name": "株式会社サンプル", **given})  # type: ignore[arg-type]
    return made.id


def draft(sdk: stripe.StripeClient, whom: str, *amounts: int, **given: object) -> stripe.Invoice:
    made = sdk.v1.invoices.create({"customer": whom, "currency": "jpy", **given})  # type: ignore[arg-type]
    lines = [{"amount": amount, "description": "制作費"} for amount in amounts]
    return sdk.v1.invoices.add_lines(made.id, {"lines": lines}) if lines else made  # type: ignore[typeddict-item]


def events(sdk: stripe.StripeClient) -> list[str]:
    return [str(event.type) for event in sdk.v1.events.list({"limit": 100}).data][::-1]


def test_a_percentage_and_an_amount_are_stacked_in_the_order_given(engine: Engine) -> None:
    """10,000 − 10 % = 9,000; − 500 = 8,500. The other way round it would be 8,550."""
    sdk = client(engine)
    whom = customer(sdk)
    ten = coupon(sdk, percent_off=10, name="春の割引")
    five = coupon(sdk, amount_off=500, currency="jpy")
    made = draft(sdk, whom, 7_000, 3_000, discounts=[{"coupon": ten.id}, {"coupon": five.id}])
    assert (made.subtotal, made.total, made.amount_due) == (10_000, 8_500, 8_500)
    assert [d.amount for d in made.total_discount_amounts or ()] == [1_000, 500]
    shares = [[d.amount for d in line.discount_amounts or ()] for line in made.lines.data]
    assert shares == [[700, 350], [300, 150]]

    turned = sdk.v1.invoices.update(
        made.id, {"discounts": [{"coupon": five.id}, {"coupon": ten.id}]}
    )
    assert turned.total == 8_550
    assert sdk.v1.coupons.retrieve(ten.id).times_redeemed == 1  # kept, not redeemed again

    fixed = sdk.v1.invoices.finalize_invoice(made.id, {"expand": ["discounts.source.coupon"]})
    assert (fixed.status, fixed.amount_due) == ("open", 8_550)
    first, second = fixed.discounts
    assert isinstance(first, stripe.Discount)
    assert isinstance(second, stripe.Discount)
    assert isinstance(second.source.coupon, stripe.Coupon)
    assert (second.source.coupon.name, second.source.coupon.percent_off) == ("春の割引", 10.0)
    assert (first.invoice, first.customer, first.end) == (made.id, whom, None)


def test_a_line_is_discounted_before_its_invoice(engine: Engine) -> None:
    """20 % of the line of 5,000 leaves 4,000; 10 % of 9,000 is 900; tax is of what is left: 810."""
    sdk = client(engine)
    whom = customer(sdk)
    line, whole = coupon(sdk, percent_off=20), coupon(sdk, percent_off=10)
    tax = sdk.v1.tax_rates.create({"display_name": "消費税", "percentage": 10, "inclusive": False})
    made = sdk.v1.invoices.create(
        {
            "customer": whom,
            "currency": "jpy",
            "discounts": [{"coupon": whole.id}],
            "default_tax_rates": [tax.id],
        }
    )
    item = sdk.v1.invoice_items.create(
        {"customer": whom, "invoice": made.id, "amount": 5_000, "discounts": [{"coupon": line.id}]}
    )
    made = sdk.v1.invoices.add_lines(made.id, {"lines": [{"amount": 5_000}]})
    assert (made.subtotal, made.total_excluding_tax, made.total) == (9_000, 8_100, 8_910)
    assert [t.amount for t in made.total_taxes or ()] == [810]
    assert [t.taxable_amount for t in made.total_taxes or ()] == [8_100]
    assert [d.amount for d in made.total_discount_amounts or ()] == [1_000, 900]
    first = made.lines.data[0]
    assert (first.amount, first.subtotal) == (5_000, 5_000)
    assert first.discounts == item.discounts
    assert len(item.discounts or ()) == 1


def test_a_promotion_code_is_found_and_redeemed_whatever_its_case(engine: Engine) -> None:
    sdk = client(engine)
    whom = customer(sdk)
    half = coupon(sdk, percent_off=50)
    code = sdk.v1.promotion_codes.create(
        {
            "promotion": {"type": "coupon", "coupon": half.id},
            "code": "Haru-26",
            "max_redemptions": 1,
            "restrictions": {"minimum_amount": 3_000, "minimum_amount_currency": "jpy"},
        }
    )
    (found,) = sdk.v1.promotion_codes.list({"code": "HARU-26"}).data
    assert (found.id, found.active, found.promotion.coupon) == (code.id, True, half.id)
    with pytest.raises(stripe.InvalidRequestError) as taken:
        sdk.v1.promotion_codes.create(
            {"promotion": {"type": "coupon", "coupon": half.id}, "code": "haru-26"}
        )
    assert (taken.value.code, taken.value.param) == ("resource_already_exists", "code")

    small = draft(sdk, whom, 2_999)
    with pytest.raises(stripe.InvalidRequestError, match="at least 3000 jpy"):
        sdk.v1.invoices.update(small.id, {"discounts": [{"promotion_code": code.id}]})
    large = draft(sdk, whom, 3_000)
    large = sdk.v1.invoices.update(large.id, {"discounts": [{"promotion_code": code.id}]})
    assert large.total == 1_500
    used = sdk.v1.promotion_codes.retrieve(code.id)
    assert (used.times_redeemed, used.active) == (1, False)
    with pytest.raises(stripe.InvalidRequestError) as over:
        sdk.v1.invoices.update(
            draft(sdk, whom, 5_000).id, {"discounts": [{"promotion_code": code.id}]}
        )
    assert over.value.param == "discounts[0][promotion_code]"


def test_a_code_for_first_transactions_is_refused_to_who_has_paid(engine: Engine) -> None:
    sdk = client(engine)
    payer = customer_with_card(sdk).id
    code = sdk.v1.promotion_codes.create(
        {
            "promotion": {"type": "coupon", "coupon": coupon(sdk, percent_off=5).id},
            "restrictions": {"first_time_transaction": True},
        }
    )
    assert len(code.code) == 8
    first = draft(sdk, payer, 1_000, discounts=[{"promotion_code": code.id}])
    assert sdk.v1.invoices.pay(first.id).amount_paid == 950
    with pytest.raises(stripe.InvalidRequestError, match="prior transactions"):
        draft(sdk, payer, 1_000, discounts=[{"promotion_code": code.id}])


def test_a_customers_discount_is_on_every_invoice_until_it_is_taken_off(engine: Engine) -> None:
    sdk = client(engine)
    forever = coupon(sdk, percent_off=15, duration="forever")
    whom = customer(sdk, coupon=forever.id)
    known = sdk.v1.customers.retrieve(whom)
    assert known.discount is not None
    assert (known.discount.customer, known.discount.invoice) == (whom, None)
    assert draft(sdk, whom, 1_000).total == 850
    assert draft(sdk, whom, 1_000, discounts="").total == 1_000
    gone = sdk.v1.customers.delete_discount(whom)
    assert (gone.object, gone.deleted) == ("discount", True)
    assert sdk.v1.customers.retrieve(whom).discount is None
    assert draft(sdk, whom, 1_000).total == 1_000
    assert [e for e in events(sdk) if "discount" in e or "coupon" in e] == [
        "coupon.created",
        "customer.discount.created",
        "customer.discount.deleted",
    ]
    with pytest.raises(stripe.InvalidRequestError, match="has no discount"):
        sdk.v1.customers.delete_discount(whom)


def test_a_customers_discount_for_once_is_spent_by_the_next_draft(engine: Engine) -> None:
    sdk = client(engine)
    whom = customer(sdk, coupon=coupon(sdk, amount_off=300, currency="jpy").id)
    first = draft(sdk, whom, 1_000)
    assert (first.total, draft(sdk, whom, 1_000).total) == (700, 1_000)
    assert sdk.v1.customers.retrieve(whom).discount is None
    sdk.v1.invoices.delete(first.id)
    assert sdk.v1.customers.retrieve(whom).discount is not None
    assert draft(sdk, whom, 1_000).total == 700


def test_a_coupon_that_is_deleted_keeps_its_discounts_and_is_redeemed_no_more(
    engine: Engine,
) -> None:
    sdk = client(engine)
    whom = customer(sdk)
    own = coupon(sdk, id="HARU", percent_off=12.5)
    made = draft(sdk, whom, 999, discounts=[{"coupon": "HARU"}])
    assert made.total == 874  # 124.875 is rounded to 125
    assert (own.id, own.percent_off, own.valid) == ("HARU", 12.5, True)
    assert sdk.v1.coupons.delete("HARU").deleted is True
    with pytest.raises(stripe.InvalidRequestError) as missing:
        sdk.v1.coupons.retrieve("HARU")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError) as over:
        draft(sdk, whom, discounts=[{"coupon": "HARU"}])
    assert (over.value.code, over.value.param) == ("resource_missing", "discounts[0][coupon]")
    made = sdk.v1.invoices.add_lines(made.id, {"lines": [{"amount": 1}]})
    assert made.total == 875
    with pytest.raises(stripe.InvalidRequestError) as again:
        coupon(sdk, id="HARU", percent_off=1)
    assert again.value.code == "resource_already_exists"


def test_a_coupon_is_redeemed_as_often_as_it_says(engine: Engine) -> None:
    sdk = client(engine)
    whom = customer(sdk)
    two = coupon(sdk, percent_off=10, max_redemptions=2)
    for _ in range(2):
        draft(sdk, whom, discounts=[{"coupon": two.id}])
    assert sdk.v1.coupons.retrieve(two.id).valid is False
    with pytest.raises(stripe.InvalidRequestError) as over:
        draft(sdk, whom, discounts=[{"coupon": two.id}])
    assert over.value.code == "coupon_expired"


def test_an_amount_has_a_currency(engine: Engine) -> None:
    sdk = client(engine)
    whom = customer(sdk)
    yen = coupon(sdk, amount_off=500, currency="jpy", currency_options={"eur": {"amount_off": 4}})
    assert draft(sdk, whom, 600, currency="eur", discounts=[{"coupon": yen.id}]).total == 596
    with pytest.raises(stripe.InvalidRequestError, match="no amount in usd"):
        draft(sdk, whom, currency="usd", discounts=[{"coupon": yen.id}])


def test_a_coupon_for_a_product_leaves_other_lines_alone(engine: Engine) -> None:
    sdk = client(engine)
    whom = customer(sdk)
    product = sdk.v1.products.create({"name": "保守"})
    price = sdk.v1.prices.create({"product": product.id, "currency": "jpy", "unit_amount": 1_000})
    special = coupon(sdk, percent_off=50, applies_to={"products": [product.id]})
    made = draft(sdk, whom, 1_000, discounts=[{"coupon": special.id}])
    made = sdk.v1.invoices.add_lines(made.id, {"lines": [{"pricing": {"price": price.id}}]})
    assert (made.subtotal, made.total) == (2_000, 1_500)
    assert [len(line.discount_amounts or ()) for line in made.lines.data] == [0, 1]


def test_a_revision_keeps_the_discounts(engine: Engine) -> None:
    sdk = client(engine)
    whom = customer(sdk)
    ten = coupon(sdk, percent_off=10)
    sent = draft(sdk, whom, 10_000, discounts=[{"coupon": ten.id}])
    sdk.v1.invoices.finalize_invoice(sent.id)
    revision = sdk.v1.invoices.create({"from_invoice": {"action": "revision", "invoice": sent.id}})
    assert (revision.total, revision.discounts) == (9_000, sent.discounts)
    revision = sdk.v1.invoices.add_lines(revision.id, {"lines": [{"amount": 1_000}]})
    assert revision.total == 9_900
    assert sdk.v1.coupons.retrieve(ten.id).times_redeemed == 1
