"""Charges on the wire: one answer of the processor each."""

from typing import Any

from seikyu.engine.billing.payment_intent import Charge
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.payment_method import UNCHECKED
from seikyu.engine.wire.objects.people import billing_details

ALWAYS: dict[str, Any] = {
    "application": None,
    "application_fee": None,
    "application_fee_amount": None,
    "balance_transaction": None,
    "calculated_statement_descriptor": None,
    "disputed": False,
    "failure_balance_transaction": None,
    "fraud_details": {},
    "on_behalf_of": None,
    "receipt_email": None,
    "receipt_number": None,
    "receipt_url": None,
    "review": None,
    "shipping": None,
    "source": None,
    "source_transfer": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "transfer_data": None,
    "transfer_group": None,
}
"""Fields of what this engine does not have: disputes, Connect, receipts, Stripe's own balance."""


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
        "payment_method_details": {"card": _card(charge, paid), "type": "card"},
        "refunded": 0 < charge.amount == charge.amount_refunded,
        "status": charge.status,
    }


def _outcome(charge: Charge, paid: bool) -> dict[str, Any]:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "approved_by_network" if paid else "declined_by_network",
        "reason": None if paid else charge.decline_code or charge.failure_code,
        "seller_message": "Payment complete." if paid else charge.failure_message,
        "type": "authorized" if paid else "issuer_declined",
    }


def _card(charge: Charge, paid: bool) -> dict[str, Any]:
    """Return the card as it was when it was charged."""
    card = (charge.details.get("card") or {}).get
    return {
        "amount_authorized": charge.amount if paid else None,
        "authorization_code": None,
        "brand": card("brand"),
        "checks": UNCHECKED,
        "country": card("country"),
        "electronic_commerce_indicator": None,
        "exp_month": card("exp_month"),
        "exp_year": card("exp_year"),
        "fingerprint": card("fingerprint"),
        "funding": card("funding"),
        "installments": None,
        "last4": card("last4"),
        "mandate": None,
        "network": card("brand"),
        "network_transaction_id": None,
        "regulated_status": None,
        "three_d_secure": None,
        "transaction_link_id": None,
        "wallet": None,
    }
