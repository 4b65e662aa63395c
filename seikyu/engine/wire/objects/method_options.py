"""Options of each kind of payment method, as payment intents, invoices and subscriptions show them.

A payment intent shows the hash of each kind that was given, and always the one of cards; the others show
every kind, null where nothing was given. Inside a hash every field is there.
"""

from collections.abc import Mapping
from typing import Any

Hash = Mapping[str, Any]

INTENT_CARD: dict[str, Any] = {
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
OF_INTENT: dict[str, dict[str, Any]] = {
    "card": INTENT_CARD,
    "customer_balance": dict.fromkeys(("bank_transfer", "funding_type", "setup_future_usage")),
    "konbini": dict.fromkeys(
        (
            "confirmation_number", "expires_after_days", "expires_at", "product_description",
            "setup_future_usage",
        )
    ),
}  # fmt: skip
"""Kind → its fields in a payment intent, for the kinds whose parameters are taken."""

ONLY_CARDS: dict[str, Any] = {"card": INTENT_CARD}

OF_INVOICE: dict[str, dict[str, Any]] = {
    "card": dict.fromkeys(("installments", "request_three_d_secure")),
    "customer_balance": dict.fromkeys(("bank_transfer", "funding_type")),
    "konbini": {},
}
OF_SUBSCRIPTION: dict[str, dict[str, Any]] = {
    **OF_INVOICE,
    "card": dict.fromkeys(("mandate_options", "network", "request_three_d_secure")),
}
NONE_GIVEN: dict[str, Any] = dict.fromkeys(
    (
        "acss_debit", "bancontact", "billie", "blik", "card", "customer_balance", "konbini", "payto",
        "pix", "sepa_debit", "upi", "us_bank_account",
    )
)  # fmt: skip


def intent_options(given: Hash | None) -> dict[str, Any]:
    """Return the options of a payment intent."""
    if not given:
        return ONLY_CARDS
    kinds = {"card": given.get("card"), **given}
    shown = {kind: _filled(OF_INTENT[kind], options) for kind, options in kinds.items()}
    transfer = (shown.get("customer_balance") or {}).get("bank_transfer")
    if transfer is not None:
        shown["customer_balance"]["bank_transfer"] = {
            "eu_bank_transfer": transfer.get("eu_bank_transfer"),
            "requested_address_types": transfer.get("requested_address_types"),
            "type": transfer.get("type"),
        }
    return shown


def invoice_options(given: Hash | None) -> dict[str, Any] | None:
    """Return the options of an invoice, None when there are none."""
    return _every_kind(given, OF_INVOICE)


def subscription_options(given: Hash | None) -> dict[str, Any] | None:
    """Return the options of a subscription, None when there are none."""
    return _every_kind(given, OF_SUBSCRIPTION)


def _every_kind(given: Hash | None, fields: Mapping[str, Hash]) -> dict[str, Any] | None:
    if given is None:
        return None
    shown = {
        kind: None if options is None else _filled(fields[kind], options)
        for kind, options in given.items()
    }
    card, balance = shown.get("card"), shown.get("customer_balance")
    if card is not None and card.get("installments") is not None:
        card["installments"] = {"enabled": card["installments"]["enabled"]}
    if balance is not None and balance["bank_transfer"] is not None:
        transfer = balance["bank_transfer"]
        balance["bank_transfer"] = {
            "eu_bank_transfer": transfer.get("eu_bank_transfer"),
            "type": transfer.get("type"),
        }
    return {**NONE_GIVEN, **shown}


def _filled(empty: Hash, given: Hash | None) -> dict[str, Any]:
    """Return the hash with every field and no other: what was given, or what it is without."""
    get = (given or {}).get
    shown = {name: get(name, default) for name, default in empty.items()}
    if shown.get("installments") is not None:
        shown["installments"] = _installments(shown["installments"])
    return shown


def _installments(given: Hash) -> dict[str, Any]:
    plan = given.get("plan")
    return {
        "available_plans": None,
        "enabled": bool(given.get("enabled")),
        "plan": None
        if plan is None
        else {name: plan.get(name) for name in ("count", "interval", "type")},
    }
