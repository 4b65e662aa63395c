"""Payment intents on the wire."""

from typing import Any

from seikyu.engine.billing.payment_intent import PaymentIntent
from seikyu.engine.wire.objects.failure import wire_error
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.method_options import intent_options
from seikyu.engine.wire.objects.people import shipping

ALWAYS: dict[str, Any] = {
    "amount_capturable": 0,
    "application": None,
    "application_fee_amount": None,
    "customer_account": None,
    "excluded_payment_method_types": None,
    "hooks": None,
    "managed_payments": None,
    "on_behalf_of": None,
    "payment_details": None,
    "payment_method_configuration_details": None,
    "payment_record": None,
    "presentment_details": None,
    "processing": None,
    "review": None,
    "source": None,
    "transfer_data": None,
    "transfer_group": None,
}
"""Fields of what this engine does not have: separate capture, Connect, reviews, sources."""

NO_AMOUNT_DETAILS: dict[str, Any] = {
    "discount_amount": None,
    "error": None,
    "line_items": None,
    "shipping": None,
    "tax": None,
    "tip": {"amount": None},
}


def payment_intent(intent: PaymentIntent, frame: Frame) -> dict[str, Any]:
    """Return the payment intent. Amounts in minor units of its currency, times in Unix seconds."""
    details = intent.details.get
    allowed = details("allowed_payment_method_types")
    return {
        "id": intent.id,
        "object": "payment_intent",
        **ALWAYS,
        "allowed_payment_method_types": allowed,
        "amount": intent.amount,
        "amount_details": NO_AMOUNT_DETAILS,
        "amount_received": intent.amount_received,
        "automatic_payment_methods": _automatic(details("automatic_payment_methods")),
        "canceled_at": intent.canceled_at,
        "cancellation_reason": intent.cancellation_reason,
        "capture_method": details("capture_method") or "automatic_async",
        "client_secret": intent.client_secret,
        "confirmation_method": details("confirmation_method") or "automatic",
        "created": intent.created,
        "currency": intent.currency,
        "customer": intent.customer_id,
        "description": details("description"),
        "last_payment_error": wire_error(intent.last_error, frame),
        "latest_charge": intent.latest_charge,
        "livemode": frame.livemode,
        "metadata": details("metadata") or {},
        "next_action": intent.next_action,
        "payment_method": intent.payment_method_id,
        "payment_method_options": intent_options(details("payment_method_options")),
        "payment_method_types": details("payment_method_types") or allowed or ["card"],
        "receipt_email": details("receipt_email"),
        "setup_future_usage": details("setup_future_usage"),
        "shipping": shipping(details("shipping")),
        "statement_descriptor": details("statement_descriptor"),
        "statement_descriptor_suffix": details("statement_descriptor_suffix"),
        "status": intent.status,
    }


def _automatic(given: dict[str, Any] | None) -> dict[str, Any] | None:
    if given is None or not given.get("enabled"):
        return given
    return {"allow_redirects": "always", **given}
