"""Kinds of payment methods, and the parameter hashes that belong to each.

Stripe has about 60 kinds. Cards are served, bank transfers to a cash balance and konbini are known
to the models; the hash of any other kind is refused by name.
"""

from typing import Literal

from seikyu.engine.wire.params.kinds import (
    Boolean,
    Clearable,
    Count,
    Many,
    Text,
    Timestamp,
    Unserved,
    Unset,
    Word,
)
from seikyu.engine.wire.params.model import Params

PaymentMethodType = Literal[
    "acss_debit", "affirm", "afterpay_clearpay", "alipay", "alma", "amazon_pay",
    "au_becs_debit", "bacs_debit", "bancontact", "billie", "bizum", "blik", "boleto", "card",
    "cashapp", "crypto", "custom", "customer_balance", "eps", "fpx", "giropay", "grabpay",
    "ideal", "kakao_pay", "klarna", "konbini", "kr_card", "link", "mb_way", "mobilepay",
    "multibanco", "naver_pay", "nz_bank_account", "oxxo", "p24", "pay_by_bank", "payco",
    "paynow", "paypal", "paypay", "payto", "pix", "promptpay", "revolut_pay", "samsung_pay",
    "satispay", "scalapay", "sepa_debit", "sequra", "sofort", "sunbit", "swish", "twint", "upi",
    "us_bank_account", "wechat_pay", "zip",
]  # fmt: skip
"""``type`` of a payment method."""

InvoicePaymentMethodType = Literal[
    "ach_credit_transfer", "ach_debit", "acss_debit", "affirm", "alipay", "amazon_pay",
    "au_becs_debit", "bacs_debit", "bancontact", "billie", "blik", "boleto", "card", "cashapp",
    "crypto", "custom", "customer_balance", "eps", "fpx", "giropay", "grabpay", "ideal",
    "jp_credit_transfer", "kakao_pay", "klarna", "konbini", "kr_card", "link", "mb_way",
    "multibanco", "naver_pay", "nz_bank_account", "p24", "pay_by_bank", "payco", "paynow",
    "paypal", "payto", "pix", "promptpay", "revolut_pay", "satispay", "sepa_credit_transfer",
    "sepa_debit", "sequra", "sofort", "swish", "twint", "upi", "us_bank_account", "wechat_pay",
]  # fmt: skip
"""What ``payment_settings[payment_method_types]`` of an invoice may name."""


class Empty(Params):
    """A hash without parameters, which only says that it is there."""


class OtherKinds(Params):
    """The hashes of the kinds that are not served."""

    acss_debit: Unserved = None
    affirm: Unserved = None
    afterpay_clearpay: Unserved = None
    alipay: Unserved = None
    alma: Unserved = None
    amazon_pay: Unserved = None
    au_becs_debit: Unserved = None
    bacs_debit: Unserved = None
    bancontact: Unserved = None
    billie: Unserved = None
    bizum: Unserved = None
    blik: Unserved = None
    boleto: Unserved = None
    card_present: Unserved = None
    cashapp: Unserved = None
    crypto: Unserved = None
    custom: Unserved = None
    eps: Unserved = None
    fpx: Unserved = None
    giropay: Unserved = None
    grabpay: Unserved = None
    ideal: Unserved = None
    interac_present: Unserved = None
    kakao_pay: Unserved = None
    klarna: Unserved = None
    kr_card: Unserved = None
    link: Unserved = None
    mb_way: Unserved = None
    mobilepay: Unserved = None
    multibanco: Unserved = None
    naver_pay: Unserved = None
    nz_bank_account: Unserved = None
    oxxo: Unserved = None
    p24: Unserved = None
    pay_by_bank: Unserved = None
    payco: Unserved = None
    paynow: Unserved = None
    paypal: Unserved = None
    paypay: Unserved = None
    payto: Unserved = None
    pix: Unserved = None
    promptpay: Unserved = None
    revolut_pay: Unserved = None
    samsung_pay: Unserved = None
    satispay: Unserved = None
    scalapay: Unserved = None
    sepa_debit: Unserved = None
    sequra: Unserved = None
    sofort: Unserved = None
    sunbit: Unserved = None
    swish: Unserved = None
    twint: Unserved = None
    upi: Unserved = None
    us_bank_account: Unserved = None
    wechat_pay: Unserved = None
    zip: Unserved = None


class InstallmentPlan(Params):
    """A plan of instalments of a card, as the card's issuer offers them."""

    type: Literal["bonus", "fixed_count", "revolving"]
    count: Count | None = None
    interval: Literal["month"] | None = None


class Installments(Params):
    """Whether a card may be charged in instalments."""

    enabled: Boolean | None = None
    plan: Clearable[InstallmentPlan] = None


class InvoiceCardOptions(Params):
    """How an invoice charges cards."""

    installments: Installments | None = None
    request_three_d_secure: Literal["any", "automatic", "challenge"] | None = None


class EuBankTransfer(Params):
    """The country whose bank account customers shall see."""

    country: Word


class InvoiceBankTransfer(Params):
    """The kind of bank transfer that fills a cash balance."""

    eu_bank_transfer: EuBankTransfer | None = None
    type: Word | None = None


class InvoiceCustomerBalanceOptions(Params):
    """How an invoice is paid from a cash balance."""

    bank_transfer: InvoiceBankTransfer | None = None
    funding_type: Word | None = None


class InvoicePaymentMethodOptions(OtherKinds):
    """``payment_settings[payment_method_options]`` of an invoice."""

    card: Clearable[InvoiceCardOptions] = None
    customer_balance: Clearable[InvoiceCustomerBalanceOptions] = None
    konbini: Clearable[Empty] = None


class IntentCardOptions(Params):
    """How a payment intent charges cards."""

    capture_method: Unset = None
    cvc_token: Unserved = None
    installments: Installments | None = None
    mandate_options: Unserved = None
    moto: Unserved = None
    network: Word | None = None
    request_extended_authorization: Literal["if_available", "never"] | None = None
    request_incremental_authorization: Literal["if_available", "never"] | None = None
    request_multicapture: Literal["if_available", "never"] | None = None
    request_overcapture: Literal["if_available", "never"] | None = None
    request_three_d_secure: Literal["any", "automatic", "challenge"] | None = None
    require_cvc_recollection: Boolean | None = None
    setup_credential_usage: Literal["installment", "recurring", "unscheduled"] | None = None
    setup_future_usage: Clearable[Literal["none", "off_session", "on_session"]] = None
    statement_descriptor_suffix_kana: Text = None
    statement_descriptor_suffix_kanji: Text = None
    stored_credential_usage: Literal["installment", "recurring", "unscheduled"] | None = None
    three_d_secure: Unserved = None


class IntentBankTransfer(Params):
    """The kind of bank transfer that fills a cash balance."""

    type: Literal[
        "eu_bank_transfer",
        "gb_bank_transfer",
        "jp_bank_transfer",
        "mx_bank_transfer",
        "us_bank_transfer",
    ]
    eu_bank_transfer: EuBankTransfer | None = None
    requested_address_types: (
        Many[Literal["aba", "iban", "sepa", "sort_code", "spei", "swift", "zengin"]] | None
    ) = None


class IntentCustomerBalanceOptions(Params):
    """How a payment intent is paid from a cash balance."""

    bank_transfer: IntentBankTransfer | None = None
    funding_type: Literal["bank_transfer"] | None = None
    setup_future_usage: Literal["none"] | None = None


class KonbiniOptions(Params):
    """How a payment intent is paid in a convenience store."""

    confirmation_number: Text = None
    expires_after_days: Clearable[Count] = None
    expires_at: Clearable[Timestamp] = None
    product_description: Text = None
    setup_future_usage: Literal["none"] | None = None


class IntentPaymentMethodOptions(OtherKinds):
    """``payment_method_options`` of a payment intent."""

    card: Clearable[IntentCardOptions] = None
    customer_balance: Clearable[IntentCustomerBalanceOptions] = None
    konbini: Clearable[KonbiniOptions] = None
