"""One sample record of each noun, as full as the engine makes it, and the frame they stand in."""

from decimal import Decimal
from typing import Any

from seikyu.engine.billing.account import Account
from seikyu.engine.billing.balance import BalanceTransaction
from seikyu.engine.billing.cash import CashBalance, CashMovement
from seikyu.engine.billing.catalogue import Price, Product, TaxRate
from seikyu.engine.billing.coupon import Coupon
from seikyu.engine.billing.credit_note import CreditLine, CreditNote, NoteRefund
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.discount import Discount, DiscountAmount
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.payment_intent import Charge, InvoicePayment, PaymentIntent
from seikyu.engine.billing.payment_method import PaymentMethod, as_it_is
from seikyu.engine.billing.portal import USUAL_FEATURES, PortalConfiguration, PortalSession
from seikyu.engine.billing.promotion_code import PromotionCode
from seikyu.engine.billing.refund_record import Refund
from seikyu.engine.billing.subscription import Subscription, SubscriptionItem
from seikyu.engine.billing.tax import LineTax
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.billing.webhook_endpoint import WebhookEndpoint
from seikyu.engine.wire.objects import Frame, item_page, line_page

ACCOUNT = Account("acct_1", "株式会社サンプル", "JP", "jpy", 1_760_000_000)
FRAME = Frame(ACCOUNT, livemode=False, public_url="https://pay.example.jp")

CARD = {
    "brand": "visa",
    "last4": "4242",
    "exp_month": 12,
    "exp_year": 2034,
    "fingerprint": "sample",
    "country": "US",
    "funding": "credit",
}
METHOD = PaymentMethod(
    "pm_1", 1_760_000_013, "sample", customer_id="cus_1", card=CARD, details={"metadata": {}}
)
TAX_RATE = TaxRate(
    "txr_1",
    1_760_000_001,
    "消費税",
    Decimal("10.0"),
    inclusive=False,
    details={"country": "JP", "tax_type": "jct", "metadata": {}},
)
PRODUCT = Product(
    "prod_1",
    1_760_000_002,
    1_760_000_003,
    "保守",
    details={
        "package_dimensions": {
            "height": "1.50",
            "length": Decimal(20),
            "weight": "0.1",
            "width": "3",
        },
        "tax_details": {"tax_code": "txcd_10000000"},
        "marketing_features": [{"name": "24時間"}],
    },
)
PRICE = Price(
    "price_1",
    1_760_000_004,
    "prod_1",
    "jpy",
    Decimal(1200),
    type="recurring",
    details={"recurring": {"interval": "month"}},
)
ITEM = SubscriptionItem(
    "si_1",
    1_760_000_020,
    "sub_1",
    "price_1",
    PRICE,
    quantity=3,
    current_period_start=1_760_000_020,
    current_period_end=1_762_678_420,
    tax_rates=(TAX_RATE,),
    details={"metadata": {"seat": "1"}},
)
SUBSCRIPTION = Subscription(
    "sub_1",
    1_760_000_020,
    "cus_1",
    "jpy",
    status="active",
    billing_cycle_anchor=1_760_000_020,
    current_period_start=1_760_000_020,
    current_period_end=1_762_678_420,
    start_date=1_760_000_020,
    pause_behavior="void",
    default_payment_method="pm_1",
    latest_invoice_id="in_1",
    default_rates=(TAX_RATE,),
    items_page=item_page((ITEM,), "sub_1", FRAME),
    details={
        "metadata": {"plan": "gold"},
        "cancellation_details": {"reason": "cancellation_requested"},
        "billing_cycle_anchor_config": {"day_of_month": 31},
    },
)
COUPON = Coupon(
    "co_spring",
    1_760_000_004,
    "repeating",
    duration_in_months=3,
    currency="jpy",
    amounts={"jpy": 500, "usd": 400},
    products=("prod_1",),
    max_redemptions=10,
    times_redeemed=1,
    redeem_by=1_790_000_000,
    name="春の割引",
    details={"metadata": {"a": "1"}},
)
PERCENT_COUPON = Coupon("co_half", 1_760_000_004, "once", percent_off=Decimal("12.5"))
PROMOTION = PromotionCode(
    "promo_1",
    1_760_000_004,
    "SPRING26",
    "spring26",
    "co_spring",
    customer_id="cus_1",
    expires_at=1_780_000_000,
    max_redemptions=5,
    times_redeemed=1,
    first_time=True,
    minimum_currency="jpy",
    minimums={"jpy": 3000, "usd": 2000},
    details={"metadata": {"a": "1"}},
)
DISCOUNT = Discount(
    "di_1",
    1_760_000_005,
    "co_spring",
    "repeating",
    customer_id="cus_1",
    promotion_code_id="promo_1",
    end=1_768_000_000,
    invoice_id="in_1",
    amounts={"jpy": 500, "usd": 400},
)
LINE_DISCOUNT = Discount(
    "di_2",
    1_760_000_005,
    "co_half",
    "once",
    customer_id="cus_1",
    item_id="ii_1",
    amounts={"jpy": 100},
)
LINE = Line(
    "ii_1",
    1_760_000_005,
    "cus_1",
    "jpy",
    3000,
    line_id="il_1",
    invoice_id="in_1",
    position=1,
    description="保守",
    quantity=Decimal("2.50"),
    unit_amount=Decimal("1.2E+3"),
    price_id="price_1",
    product_id="prod_1",
    period_start=1_760_000_005,
    period_end=1_760_000_006,
    tax_rates=(TAX_RATE,),
    taxes=(LineTax(240, 2400, "txr_1", inclusive=False),),
    discounts=(LINE_DISCOUNT,),
    discount_amounts=(DiscountAmount(100, "di_2"), DiscountAmount(500, "di_1")),
    details={"metadata": {"board": "7"}},
)
INVOICE = Invoice(
    "in_1",
    1_760_000_007,
    "cus_1",
    "jpy",
    "hosted1",
    status="open",
    number="SAMPLE-0001",
    collection_method="send_invoice",
    subtotal=2900,
    subtotal_excluding_tax=2900,
    total=2640,
    total_excluding_tax=2400,
    amount_due=2640,
    amount_remaining=2640,
    discounts=(DISCOUNT,),
    total_discounts=(DiscountAmount(100, "di_2"), DiscountAmount(500, "di_1")),
    ending_balance=0,
    due_date=1_762_592_008,
    effective_at=1_760_000_008,
    period_start=1_760_000_007,
    period_end=1_760_000_007,
    finalized_at=1_760_000_008,
    intent_id="pi_1",
    clock_id="clock_1",
    revises_id="in_0",
    line_count=1,
    lines_page=line_page([LINE], "in_1", FRAME),
    default_rates=(TAX_RATE,),
    total_taxes=LINE.taxes,
    snapshot={
        "name": "見本商事",
        "email": "keiri@example.jp",
        "address": {"country": "JP", "postal_code": "100-0001"},
        "shipping": {"name": "見本商事", "address": {"city": "大阪"}},
        "tax_exempt": "none",
    },
    details={
        "metadata": {"board_id": "42"},
        "custom_fields": [{"name": "件名", "value": "保守"}],
        "issuer": {"type": "self"},
        "payment_settings": {"payment_method_options": {"card": {}, "customer_balance": {}}},
        "rendering": {"pdf": {}},
        "shipping_details": {"name": "見本商事", "address": {}},
        "last_finalization_error": {"type": "invalid_request_error", "message": "…"},
    },
)
INTENT = PaymentIntent(
    "pi_1",
    1_760_000_009,
    3300,
    "jpy",
    "pi_1_secret_sample",
    customer_id="cus_1",
    invoice_id="in_1",
    latest_charge="ch_1",
    last_error={
        "type": "card_error",
        "code": "card_declined",
        "decline_code": None,
        "message": "Your card was declined.",
        "charge": "ch_1",
        "payment_method": as_it_is(METHOD),
    },
    next_action={"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}},
    details={
        "description": "Payment for Invoice SAMPLE-0001",
        "automatic_payment_methods": {"enabled": True},
        "shipping": {"name": "見本商事", "address": {}},
    },
)
CHARGE = Charge(
    "ch_1",
    1_760_000_010,
    3300,
    "jpy",
    "succeeded",
    "pi_1",
    "pm_1",
    "sample",
    customer_id="cus_1",
    details={"card": CARD, "billing_details": {"name": "見本 太郎"}},
)
PAYMENT = InvoicePayment(
    "inpay_1", 1_760_000_011, "in_1", "pi_1", 3300, "jpy", is_default=True, status="open"
)
CUSTOMER = Customer(
    "cus_1",
    1_760_000_012,
    "SAMPLE",
    email="keiri@example.jp",
    balance=-500,
    currency="jpy",
    next_invoice_sequence=2,
    default_payment_method="pm_1",
    details={
        "name": "見本商事",
        "business_name": "見本商事",
        "individual_name": "見本 太郎",
        "address": {"country": "JP"},
        "shipping": {"name": "見本商事", "address": {}},
        "rendering_options": {"template": "inrtem_1"},
    },
)
MOVEMENT = BalanceTransaction("cbtxn_1", 1_760_000_014, "cus_1", "adjustment", -500, -500, "jpy")
ENDPOINT = WebhookEndpoint(
    "we_1",
    1_760_000_015,
    "https://hooks.example.jp/",
    "whsec_sample",
    enabled_events=("invoice.*",),
)
CLOCK = TestClock(
    "clock_1", 1_760_000_016, 1_760_000_000, 1_762_592_016, status="advancing", target=1_760_100_000
)
PORTAL = PortalConfiguration(
    "bpc_1",
    1_760_000_017,
    1_760_000_018,
    is_default=True,
    name="見本",
    features=USUAL_FEATURES,
    details={"business_profile": {"headline": "見本商事"}, "metadata": {}},
)
PORTAL_SESSION = PortalSession(
    "bps_1",
    1_760_000_019,
    "cus_1",
    "bpc_1",
    "sample_key",
    "sample_token",
    return_url="https://example.jp/",
    locale="ja",
)

REFUND = Refund(
    "re_1",
    1_760_000_020,
    300,
    "jpy",
    "pi_1",
    status="succeeded",
    charge_id="ch_1",
    customer_id="cus_1",
    reason="duplicate",
    reference="sample",
)

CASH = CashBalance("cash_cus_1", 1_760_000_000, "cus_1", movements=1, available={"jpy": 5_000})
CASH_MOVEMENT = CashMovement(
    "ccsbtxn_1",
    1_760_000_000,
    "cus_1",
    1,
    "funded",
    "jpy",
    5_000,
    5_000,
    details={"type": "jp_bank_transfer", "reference": "sample", "sender_name": "サンプル"},
)

CREDIT_NOTE = CreditNote(
    "cn_1",
    1_760_000_021,
    "SAMPLE-0001-CN-01",
    "in_1",
    "cus_1",
    "jpy",
    "sample_key",
    amount=1_100,
    subtotal=1_000,
    post_payment_amount=1_100,
    credit_amount=300,
    out_of_band_amount=300,
    effective_at=1_760_000_021,
    reason="duplicate",
    memo="お詫び",
    balance_transaction_id="cbtxn_1",
    lines=(
        CreditLine(
            "cnli_1",
            1_000,
            "il_1",
            "制作費",
            2,
            Decimal("500.5"),
            (TAX_RATE,),
            (LineTax(100, 1_000, "txr_1", inclusive=False),),
            (DiscountAmount(0, "di_1"),),
        ),
    ),
    refunds=(NoteRefund("re_1", 500),),
    total_taxes=(LineTax(100, 1_000, "txr_1", inclusive=False),),
    discount_amounts=(DiscountAmount(0, "di_1"),),
)

PREVIEWS = frozenset({"payment_plan"})
"""Objects of Stripe's private previews, which the SDK does not know; each has a test of its own."""

SAMPLES: tuple[Any, ...] = (
    ACCOUNT, CASH, CASH_MOVEMENT, CHARGE,
    CLOCK, COUPON, CREDIT_NOTE, CUSTOMER, DISCOUNT, ENDPOINT, INTENT, INVOICE, LINE, METHOD,
    MOVEMENT, PAYMENT, PORTAL, PORTAL_SESSION, PRICE, PRODUCT, PROMOTION, REFUND, SUBSCRIPTION,
    ITEM, TAX_RATE,
)  # fmt: skip
"""Every record of the engine that is shown as an object."""
