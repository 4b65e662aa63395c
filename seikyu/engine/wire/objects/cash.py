"""Cash balances, their movements and the accounts to transfer money to, on the wire."""

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from seikyu.engine.billing.cash import (
    APPLIED,
    FUNDED,
    REFUNDED,
    UNAPPLIED,
    CashBalance,
    CashMovement,
)
from seikyu.engine.billing.cash_instructions import JAPANESE_TRANSFER, Instructions
from seikyu.engine.billing.reconciling import MERCHANT_DEFAULT, Preview, effective_mode
from seikyu.engine.wire.objects.frame import Frame

SENDERS: dict[str, tuple[str, ...]] = {
    "jp_bank_transfer": ("sender_bank", "sender_branch", "sender_name"),
    "us_bank_transfer": ("network", "sender_name"),
    "eu_bank_transfer": ("bic", "iban_last4", "sender_name"),
    "gb_bank_transfer": ("account_number_last4", "sender_name", "sort_code"),
    "mx_bank_transfer": (),
}
"""Type of a transfer → what Stripe tells of its sender."""


def cash_balance(cash: CashBalance, frame: Frame) -> dict[str, Any]:
    """Return the balance: minor units by currency, null while nothing ever came."""
    return {
        "object": "cash_balance",
        "available": cash.available or None,
        "customer": cash.customer_id,
        "customer_account": None,
        "livemode": frame.livemode,
        "settings": {
            "reconciliation_mode": effective_mode(cash.reconciliation_mode, cash.default_mode),
            "using_merchant_default": cash.reconciliation_mode == MERCHANT_DEFAULT,
        },
    }


def cash_movement(movement: CashMovement, frame: Frame) -> dict[str, Any]:
    """Return the movement, with the one hash that belongs to its type."""
    return {
        "id": movement.id,
        "object": "customer_cash_balance_transaction",
        "created": movement.created,
        "currency": movement.currency,
        "customer": movement.customer_id,
        "customer_account": None,
        "ending_balance": movement.ending_balance,
        "livemode": frame.livemode,
        "net_amount": movement.net_amount,
        "type": movement.type,
        **_of_type(movement),
    }


def _of_type(movement: CashMovement) -> dict[str, Any]:
    kind = movement.type
    if kind == FUNDED:
        details = movement.details.get
        transfer = details("type") or JAPANESE_TRANSFER
        sender = {name: details(name) for name in SENDERS[transfer]}
        told = {"reference": details("reference"), "type": transfer}
        return {kind: {"bank_transfer": {**told, transfer: sender} if sender else told}}
    if kind in (APPLIED, UNAPPLIED):
        return {kind: {"payment_intent": movement.intent_id}}
    if kind == REFUNDED:
        return {kind: {"refund": movement.refund_id}}
    return {}


def instructions_body(told: Instructions, frame: Frame) -> bytes:
    """Return the funding instructions as JSON; they have no id."""
    return orjson.dumps(
        {
            "object": "funding_instructions",
            "bank_transfer": {
                "country": told.country,
                "financial_addresses": [
                    {"supported_networks": ["zengin"], "type": "zengin", "zengin": told.address}
                ],
                "type": JAPANESE_TRANSFER,
            },
            "currency": told.currency,
            "funding_type": "bank_transfer",
            "livemode": frame.livemode,
        }
    )


def preview_body(preview: Preview, customer_id: str, currency: str, amount: int) -> bytes:
    """Return what reconciling ``amount`` would do, as JSON: an object of ours."""
    names = ("id", "kind", "owed", "applied", "still_owed", "reason", "sentence")
    return orjson.dumps(
        {
            "object": "seikyu.reconciliation_preview",
            "customer": customer_id,
            "currency": currency,
            "amount": amount,
            "applied": preview.applied,
            "remaining": preview.remaining,
            "items": _fields(preview.lines, names),
            "notes": list(preview.notes),
        }
    )


def _fields(records: Iterable[Any], names: tuple[str, ...]) -> list[dict[str, Any]]:
    get: Callable[[Any, str], Any] = getattr
    return [{name: get(record, name) for name in names} for record in records]
