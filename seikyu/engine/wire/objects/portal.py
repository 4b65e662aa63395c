"""Portal configurations and sessions on the wire."""

from typing import Any

from seikyu.engine.billing.portal import PortalConfiguration, PortalSession
from seikyu.engine.wire.objects.frame import Frame

NOT_SERVED: dict[str, Any] = {
    "subscription_pause": {
        "duration": {"interval_options": [], "type": "indefinite"},
        "enabled": False,
    },
    "subscription_update": {
        "billing_cycle_anchor": None,
        "default_allowed_updates": [],
        "enabled": False,
        "products": [],
        "proration_behavior": "none",
        "schedule_at_period_end": {"conditions": []},
        "trial_update_behavior": "end_trial",
    },
}
"""Features that this portal does not have: always off."""


def portal_configuration(configuration: PortalConfiguration, frame: Frame) -> dict[str, Any]:
    """Return the configuration."""
    profile = configuration.details.get("business_profile") or {}
    features = configuration.features
    cancel = features["subscription_cancel"]
    return {
        "id": configuration.id,
        "object": "billing_portal.configuration",
        "active": configuration.active,
        "application": None,
        "business_profile": {
            "headline": profile.get("headline"),
            "privacy_policy_url": profile.get("privacy_policy_url"),
            "terms_of_service_url": profile.get("terms_of_service_url"),
        },
        "created": configuration.created,
        "default_return_url": configuration.default_return_url,
        "features": {
            **features,
            "payment_method_update": {
                **features["payment_method_update"],
                "payment_method_configuration": None,
            },
            "subscription_cancel": {
                **cancel,
                "cancellation_reason": {"feedback_options": None, **cancel["cancellation_reason"]},
            },
            **NOT_SERVED,
        },
        "is_default": configuration.is_default,
        "livemode": frame.livemode,
        "login_page": {"enabled": False, "url": None},
        "metadata": configuration.details.get("metadata") or {},
        "name": configuration.name,
        "updated": configuration.updated,
    }


def portal_session(session: PortalSession, frame: Frame) -> dict[str, Any]:
    """Return the session; whoever has its ``url`` acts as the customer."""
    return {
        "id": session.id,
        "object": "billing_portal.session",
        "after_expiration": None,
        "configuration": session.configuration_id,
        "created": session.created,
        "customer": session.customer_id,
        "customer_account": None,
        "flow": None,
        "livemode": frame.livemode,
        "locale": session.locale,
        "on_behalf_of": None,
        "return_url": session.return_url,
        "url": f"{frame.public_url}/p/session/{session.portal_key}",
    }
