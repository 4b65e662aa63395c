"""Charges on the wire: one answer of the processor each."""

from typing import Any

from seikyu.engine.billing.cash import CUSTOMER_BALANCE
from seikyu.engine.billing.payment_intent import Charge
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.payment_method import UNCHECKED
from seikyu.engine.wire.objects.people import billing_details, shipping

ALWAYS: dict[str, Any] = {
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "authorization_code": None,
    "balance_transaction": None,
    "disputed": False,
    "failure_balance_transaction": None,
    "fraud_details": {"stripe_report": None, "user_report": None},
    "level3": None,
    "on_behalf_of": None,
    "presentment_details": None,
    "radar_options": None,
    "receipt_number": None,
    "review": None,
    "source": None,
    "source_transfer": None,
    "transfer": None,
    "transfer_data": None,
    "transfer_group": None,
}
"""Fields of what this engine does not have: disputes, Connect, Radar, Stripe's own balance."""

NOT_ASSESSED: dict[str, Any] = {
    "advice_code": None,
    "network_advice_code": None,
    "network_decline_code": None,
    "risk_level": "not_assessed",
    "risk_score": None,
    "rule": None,
}
"""What an outcome does not say: there is no Radar here, and processors give no codes of networks."""

CARD_ALWAYS: dict[str, Any] = {
    "authorization_code": None,
    "capture_before": None,
    "description": None,
    "electronic_commerce_indicator": None,
    "extended_authorization": {"status": "disabled"},
    "iin": None,
    "incremental_authorization": {"status": "unavailable"},
    "installments": None,
    "issuer": None,
    "mandate": None,
    "moto": None,
    "multicapture": {"status": "unavailable"},
    "network_token": {"used": False},
    "network_transaction_id": None,
    "regulated_status": None,
    "setup_credential_usage": None,
    "stored_credential_usage": None,
    "transaction_link_id": None,
    "wallet": None,
}
"""What is the same of every card: it is charged at once and in full, and its network says no more."""

CODE_FAILED: dict[str, Any] = {**UNCHECKED, "cvc_check": "fail"}

AUTHENTICATED: dict[str, Any] = {
    "authentication_flow": "challenge",
    "electronic_commerce_indicator": None,
    "exemption_indicator": None,
    "exemption_indicator_applied": None,
    "result": "authenticated",
    "result_reason": None,
    "transaction_id": None,
    "version": None,
}
"""3-D Secure, when the customer passed its challenge before this charge."""


def charge(charge: Charge, frame: Frame) -> dict[str, Any]:
    """Return the charge. Amounts in minor units of its currency."""
    paid = charge.status == "succeeded"
    details = charge.details.get
    return {
        "id": charge.id,
        "object": "charge",
        **ALWAYS,
        "amount": charge.amount,
        "amount_captured": charge.amount if paid else 0,
        "amount_refunded": charge.amount_refunded,
        "billing_details": billing_details(details("billing_details")),
        "calculated_statement_descriptor": details("statement_descriptor"),
        "captured": paid,
        "created": charge.created,
        "currency": charge.currency,
        "customer": charge.customer_id,
        "description": details("description"),
        "failure_code": charge.failure_code,
        "failure_message": charge.failure_message,
        "livemode": frame.livemode,
        "metadata": details("metadata") or {},
        "outcome": _outcome(charge, paid),
        "paid": paid,
        "payment_intent": charge.payment_intent_id,
        "payment_method": charge.payment_method_id,
        "payment_method_details": _method(charge, paid),
        "receipt_email": details("receipt_email"),
        "receipt_url": _receipt(charge, paid, frame),
        "refunded": 0 < charge.amount == charge.amount_refunded,
        "shipping": shipping(details("shipping")),
        "statement_descriptor": details("statement_descriptor"),
        "statement_descriptor_suffix": details("statement_descriptor_suffix"),
        "status": charge.status,
    }


def _method(charge: Charge, paid: bool) -> dict[str, Any]:
    if charge.details.get("type") == CUSTOMER_BALANCE:
        return {CUSTOMER_BALANCE: {}, "type": CUSTOMER_BALANCE}
    return {"card": _card(charge, paid), "type": "card"}


def _receipt(charge: Charge, paid: bool, frame: Frame) -> str | None:
    """Return where the receipt is: it is the invoice's, and is there once the invoice is paid."""
    key = charge.details.get("invoice_hosted_key")
    return f"{frame.public_url}/i/{key}/receipt" if paid and key is not None else None


def _outcome(charge: Charge, paid: bool) -> dict[str, Any]:
    return {
        **NOT_ASSESSED,
        "network_status": "approved_by_network" if paid else "declined_by_network",
        "reason": None if paid else charge.decline_code or charge.failure_code,
        "seller_message": "Payment complete." if paid else charge.failure_message,
        "type": "authorized" if paid else "issuer_declined",
    }


def _card(charge: Charge, paid: bool) -> dict[str, Any]:
    """Return the card as it was when it was charged."""
    card = (charge.details.get("card") or {}).get
    return {
        **CARD_ALWAYS,
        "amount_authorized": charge.amount if paid else None,
        "brand": card("brand"),
        "checks": CODE_FAILED if charge.failure_code == "incorrect_cvc" else UNCHECKED,
        "country": card("country"),
        "exp_month": card("exp_month"),
        "exp_year": card("exp_year"),
        "fingerprint": card("fingerprint"),
        "funding": card("funding"),
        "last4": card("last4"),
        "network": card("brand"),
        "overcapture": {
            "maximum_amount_capturable": charge.amount,
            "status": "unavailable",
        },
        "three_d_secure": AUTHENTICATED if charge.details.get("authenticated") else None,
    }
