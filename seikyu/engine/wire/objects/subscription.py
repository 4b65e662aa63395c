"""Subscriptions and their items on the wire.

The list of items was rendered when they changed, and is put in as it is. Stripe shows the period of each
item; here all items of a subscription have the same one (its "classic" billing mode).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from seikyu.engine.billing.subscription import Subscription, SubscriptionItem
from seikyu.engine.wire.objects.catalogue import price
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.method_options import subscription_options
from seikyu.engine.wire.objects.taxes import tax_rate

ALWAYS: dict[str, Any] = {
    "application": None,
    "application_fee_percent": None,
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
    "billing_mode": {"flexible": None, "type": "classic", "updated_at": None},
    "billing_schedules": [],
    "billing_thresholds": None,
    "customer_account": None,
    "default_source": None,
    "managed_payments": None,
    "next_pending_invoice_item_invoice": None,
    "on_behalf_of": None,
    "pending_invoice_item_interval": None,
    "pending_setup_intent": None,
    "pending_update": None,
    "presentment_details": None,
    "schedule": None,
    "status_details": None,
    "transfer_data": None,
}
"""Fields of what this engine does not have: schedules, thresholds, mixed intervals, Connect."""

CONFIG = ("day_of_month", "hour", "minute", "month", "second")

NO_INVOICE_SETTINGS: dict[str, Any] = {
    "account_tax_ids": None,
    "custom_fields": None,
    "description": None,
    "footer": None,
    "issuer": {"type": "self"},
}

NO_PAYMENT_SETTINGS: dict[str, Any] = {
    "payment_method_options": None,
    "payment_method_types": None,
    "save_default_payment_method": "off",
}


def subscription(subscription: Subscription, frame: Frame) -> dict[str, Any]:
    """Return the subscription. Times in Unix seconds."""
    details = subscription.details.get
    return {
        "id": subscription.id,
        "object": "subscription",
        **ALWAYS,
        "billing_cycle_anchor": subscription.billing_cycle_anchor,
        "billing_cycle_anchor_config": _config(details("billing_cycle_anchor_config")),
        "cancel_at": subscription.cancel_at,
        "cancel_at_period_end": subscription.cancel_at_period_end,
        "canceled_at": subscription.canceled_at,
        "cancellation_details": _cancellation(details("cancellation_details")),
        "collection_method": subscription.collection_method,
        "created": subscription.created,
        "currency": subscription.currency,
        "customer": subscription.customer_id,
        "days_until_due": subscription.days_until_due,
        "default_payment_method": subscription.default_payment_method,
        "default_tax_rates": [tax_rate(rate, frame) for rate in subscription.default_rates],
        "description": details("description"),
        "discounts": [discount.id for discount in subscription.discounts],
        "ended_at": subscription.ended_at,
        "invoice_settings": {**NO_INVOICE_SETTINGS, **(details("invoice_settings") or {})},
        "items": _items(subscription),
        "latest_invoice": subscription.latest_invoice_id,
        "livemode": frame.livemode,
        "metadata": details("metadata") or {},
        "pause_collection": _pause(subscription),
        "payment_settings": _payment_settings(details("payment_settings")),
        "start_date": subscription.start_date,
        "status": subscription.status,
        "test_clock": subscription.clock_id,
        "trial_end": subscription.trial_end,
        "trial_settings": {
            "end_behavior": {
                "billing_cycle_anchor": None,
                "missing_payment_method": subscription.missing_payment_method,
            }
        },
        "trial_start": subscription.trial_start,
    }


def subscription_item(item: SubscriptionItem, frame: Frame) -> dict[str, Any]:
    """Return the item. Its price is shown as it was when the item last changed."""
    return {
        "id": item.id,
        "object": "subscription_item",
        "billed_until": None,
        "billing_thresholds": None,
        "created": item.created,
        "current_period_end": item.current_period_end,
        "current_period_start": item.current_period_start,
        "current_trial": None,
        "discounts": [],
        "metadata": item.details.get("metadata") or {},
        "plan": _plan(item, frame),
        "price": price(item.price, frame),
        "quantity": item.quantity,
        "subscription": item.subscription_id,
        "tax_rates": [tax_rate(rate, frame) for rate in item.tax_rates],
    }


def item_page(items: Sequence[SubscriptionItem], subscription_id: str, frame: Frame) -> bytes:
    """Return the list that a subscription shows of its items: all of them."""
    return orjson.dumps(_list(subscription_id, [subscription_item(item, frame) for item in items]))


def _items(subscription: Subscription) -> Any:
    if subscription.items_page:
        return orjson.Fragment(subscription.items_page)
    return _list(subscription.id, [])


def _list(subscription_id: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "object": "list",
        "data": items,
        "has_more": False,
        "url": f"/v1/subscription_items?subscription={subscription_id}",
    }


def _plan(item: SubscriptionItem, frame: Frame) -> dict[str, Any]:
    """The older form of the price, which Stripe still shows beside it."""
    shown = price(item.price, frame)
    recurring = shown["recurring"] or {}
    return {
        "id": item.price_id,
        "object": "plan",
        "active": shown["active"],
        "amount": shown["unit_amount"],
        "amount_decimal": shown["unit_amount_decimal"],
        "billing_scheme": shown["billing_scheme"],
        "created": shown["created"],
        "currency": shown["currency"],
        "interval": recurring.get("interval"),
        "interval_count": recurring.get("interval_count"),
        "livemode": frame.livemode,
        "metadata": shown["metadata"],
        "meter": None,
        "nickname": shown["nickname"],
        "product": shown["product"],
        "tiers": None,
        "tiers_mode": None,
        "transform_usage": shown["transform_quantity"],
        "trial_period_days": recurring.get("trial_period_days"),
        "usage_type": recurring.get("usage_type"),
    }


def _payment_settings(given: Mapping[str, Any] | None) -> dict[str, Any]:
    settings = {**NO_PAYMENT_SETTINGS, **(given or {})}
    options = subscription_options(settings["payment_method_options"])
    return {**settings, "payment_method_options": options}


def _config(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if given is None else {name: given.get(name) for name in CONFIG}


def _cancellation(given: Mapping[str, Any] | None) -> dict[str, Any]:
    said = given or {}
    return {
        "comment": said.get("comment"),
        "feedback": said.get("feedback"),
        "feedback_option": None,
        "reason": said.get("reason"),
    }


def _pause(subscription: Subscription) -> dict[str, Any] | None:
    if subscription.pause_behavior is None:
        return None
    return {
        "behavior": subscription.pause_behavior,
        "resumes_at": subscription.pause_resumes_at,
    }
