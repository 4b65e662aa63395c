"""The account on the wire: the issuer, as far as the engine knows it."""

from typing import Any

from seikyu.engine.billing.account import Account
from seikyu.engine.wire.objects.frame import Frame

NO_PROFILE: dict[str, Any] = dict.fromkeys(
    (
        "mcc", "minority_owned_business_designation", "specified_commercial_transactions_act_url",
        "support_address", "support_email", "support_phone", "support_url", "url",
    )
)  # fmt: skip


def account(account: Account, frame: Frame) -> dict[str, Any]:
    """Return the account. It is ready for business: nobody else has to enable it."""
    del frame
    return {
        "id": account.id,
        "object": "account",
        "business_profile": {**NO_PROFILE, "name": account.name},
        "charges_enabled": True,
        "country": account.country,
        "created": account.created,
        "default_currency": account.default_currency,
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }
