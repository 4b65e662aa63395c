"""Payment methods on the wire: cards, by brand and last four digits, never by number."""

from typing import Any

from seikyu.engine.billing.payment_method import TRANSFER, PaymentMethod
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.people import billing_details

UNCHECKED: dict[str, Any] = {
    "address_line1_check": None,
    "address_postal_code_check": None,
    "cvc_check": None,
}
"""What the bank said about address and security code: processors do not tell us."""


def payment_method(method: PaymentMethod, frame: Frame) -> dict[str, Any]:
    """Return the card on file, or the method that pays one payment from a cash balance."""
    kind = {"customer_balance": {}} if method.type == TRANSFER else {"card": _card(method)}
    details = method.details.get
    return {
        "id": method.id,
        "object": "payment_method",
        "allow_redisplay": details("allow_redisplay") or "unspecified",
        "billing_details": billing_details(details("billing_details")),
        **kind,
        "created": method.created,
        "customer": method.customer_id,
        "customer_account": None,
        "livemode": frame.livemode,
        "metadata": details("metadata") or {},
        "radar_options": None,
        "type": method.type,
    }


def _card(method: PaymentMethod) -> dict[str, Any]:
    card = method.card.get
    brand = card("brand")
    return {
        "brand": brand,
        "checks": UNCHECKED,
        "country": card("country"),
        "description": None,
        "display_brand": brand,
        "exp_month": card("exp_month"),
        "exp_year": card("exp_year"),
        "fingerprint": card("fingerprint"),
        "funding": card("funding"),
        "generated_from": None,
        "iin": None,
        "issuer": None,
        "last4": card("last4"),
        "networks": {"available": [brand], "preferred": method.details.get("preferred_network")},
        "regulated_status": None,
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
