"""Errors that objects keep: why the last payment failed, why an invoice could not be finalized.

They have the fields of an answer that is an error, and every one of them: an object has no fields that
come and go. The payment method stands in them as a whole, as it was when the payment failed.
"""

from typing import Any

from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.wire.errors import doc_url
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.payment_method import payment_method

NOTHING: dict[str, Any] = dict.fromkeys(
    (
        "advice_code", "charge", "code", "decline_code", "doc_url", "message", "network_advice_code",
        "network_decline_code", "param", "payment_intent", "payment_method", "payment_method_type",
        "request_log_url", "setup_intent", "source", "type",
    )
)  # fmt: skip


def wire_error(kept: dict[str, Any] | None, frame: Frame) -> dict[str, Any] | None:
    """Return the error with all its fields, or None when there is none.

    ``payment_method`` of the record is the state of the method at that moment, or its id where only
    that is known; an id is not shown, because Stripe has no id there.
    """
    if kept is None:
        return None
    shown = {**NOTHING, **kept}
    shown["doc_url"] = doc_url(shown["code"])
    method = shown["payment_method"]
    if isinstance(method, dict):
        shown["payment_method"] = payment_method(PaymentMethod(**method), frame)
        shown["payment_method_type"] = method["type"]
    else:
        shown["payment_method"] = None
    return shown
