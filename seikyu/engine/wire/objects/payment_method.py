"""Payment methods on the wire: cards, by brand and last four digits, never by number."""

from typing import Any

from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.people import billing_details

UNCHECKED: dict[str, Any] = {
    "address_line1_check": None,
    "address_postal_code_check": None,
    "cvc_check": None,
}
"""What the bank said about address and security code: processors do not tell us."""


def payment_method(method: PaymentMethod, frame: Frame) -> dict[str, Any]:
    """Return the card on file."""
    card, details = method.card.get, method.details.get
    brand = card("brand")
    return {
        "id": method.id,
        "object": "payment_method",
        "allow_redisplay": details("allow_redisplay") or "unspecified",
        "billing_details": billing_details(details("billing_details")),
        "card": {
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
            "networks": {"available": [brand], "preferred": details("preferred_network")},
            "regulated_status": None,
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": method.created,
        "customer": method.customer_id,
        "customer_account": None,
        "livemode": frame.livemode,
        "metadata": details("metadata") or {},
        "radar_options": None,
        "type": method.type,
    }
