"""The account on the wire: the issuer, as far as the engine knows it."""

from typing import Any

from seikyu.engine.billing.account import Account
from seikyu.engine.wire.objects.frame import Frame

NO_PROFILE: dict[str, Any] = dict.fromkeys(
    (
        "annual_revenue", "estimated_worker_count", "mcc",
        "minority_owned_business_designation", "monthly_estimated_revenue", "product_description",
        "specified_commercial_transactions_act_url", "support_address", "support_email",
        "support_phone", "support_url", "url",
    )
)  # fmt: skip

NOTHING_DUE: dict[str, Any] = {
    "alternatives": [],
    "current_deadline": None,
    "currently_due": [],
    "disabled_reason": None,
    "errors": [],
    "eventually_due": [],
    "past_due": [],
    "pending_verification": [],
}
"""What has yet to be proved to whoever runs the engine: nothing, it is one's own."""

NO_SETTINGS: dict[str, Any] = {
    "bacs_debit_payments": None,
    "branding": dict.fromkeys(("icon", "logo", "primary_color", "secondary_color")),
    "card_issuing": None,
    "card_payments": {
        "decline_on": {"avs_failure": False, "cvc_failure": False},
        **dict.fromkeys(
            (
                "statement_descriptor_prefix",
                "statement_descriptor_prefix_kana",
                "statement_descriptor_prefix_kanji",
            )
        ),
    },
    "invoices": {"default_account_tax_ids": None, "hosted_payment_method_save": "never"},
    "payments": dict.fromkeys(
        (
            "statement_descriptor",
            "statement_descriptor_kana",
            "statement_descriptor_kanji",
            "statement_descriptor_prefix_kana",
            "statement_descriptor_prefix_kanji",
        )
    ),
    "payouts": None,
    "paypay_payments": None,
    "sepa_debit_payments": None,
    "treasury": None,
}

ALWAYS: dict[str, Any] = {
    "business_type": None,
    "capabilities": {"card_payments": "active"},
    "charges_enabled": True,
    "company": None,
    "controller": {
        "fees": None,
        "is_controller": None,
        "losses": None,
        "requirement_collection": None,
        "stripe_dashboard": None,
        "type": "account",
    },
    "details_submitted": True,
    "email": None,
    "future_requirements": NOTHING_DUE,
    "groups": None,
    "individual": None,
    "metadata": {},
    "payouts_enabled": True,
    "requirements": NOTHING_DUE,
    "tos_acceptance": dict.fromkeys(("date", "ip", "service_agreement", "user_agent")),
    "type": "standard",
}
"""The account is ready for business: nobody else has to enable it."""


def account(account: Account, frame: Frame) -> dict[str, Any]:
    """Return the account."""
    del frame
    return {
        "id": account.id,
        "object": "account",
        **ALWAYS,
        "business_profile": {**NO_PROFILE, "name": account.name},
        "country": account.country,
        "created": account.created,
        "default_currency": account.default_currency,
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{account.id}/external_accounts",
        },
        "settings": {
            **NO_SETTINGS,
            "dashboard": {"display_name": account.name, "timezone": None},
        },
    }
