"""Parameters of cash balances, of funding them, and of what reconciling would do."""

from typing import Literal

from seikyu.engine.wire.params.filters import Paging
from seikyu.engine.wire.params.kinds import Charge, Currency, Expand, Many, Positive, ShortText
from seikyu.engine.wire.params.model import Params
from seikyu.engine.wire.params.payment_kinds import EuBankTransfer


class CashSettings(Params):
    """How the customer's money is reconciled."""

    reconciliation_mode: Literal["automatic", "manual", "merchant_default"] | None = None


class CashBalanceUpdate(Expand):
    """``POST /v1/customers/{id}/cash_balance``."""

    settings: CashSettings | None = None


class CashMovementList(Paging):
    """``GET /v1/customers/{id}/cash_balance_transactions``."""


class InstructedTransfer(Params):
    """The kind of bank transfer that is asked about."""

    type: Literal[
        "eu_bank_transfer",
        "gb_bank_transfer",
        "jp_bank_transfer",
        "mx_bank_transfer",
        "us_bank_transfer",
    ]
    eu_bank_transfer: EuBankTransfer | None = None
    requested_address_types: Many[Literal["iban", "sort_code", "spei", "zengin"]] | None = None


class FundingInstructionsCreate(Expand):
    """``POST /v1/customers/{id}/funding_instructions``."""

    bank_transfer: InstructedTransfer
    currency: Currency
    funding_type: Literal["bank_transfer"]


class FundCashBalance(Expand):
    """``POST /v1/test_helpers/customers/{id}/fund_cash_balance``. Minor units of ``currency``."""

    amount: Positive
    currency: Currency
    reference: ShortText = None


class ApplyCustomerBalance(Expand):
    """``POST /v1/payment_intents/{id}/apply_customer_balance``. Minor units of ``currency``."""

    amount: Positive | None = None
    currency: Currency | None = None


class ReconciliationPreview(Params):
    """``GET /v1/customers/{id}/cash_balance/reconciliation_preview``, an address of ours.

    ``amount`` (minor units) of money that might come; without it what is in the balance now.
    """

    amount: Charge | None = None
    currency: Currency | None = None
    language: Literal["en", "ja"] | None = None
    reference: ShortText = None
