"""The portal through the official SDK: configurations, sessions, events, and what is refused by name."""

from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest
import stripe

from tests.scenarios.conftest import Engine
from tests.scenarios.test_python_sdk import client, customer_with_card


def test_a_session_is_made_with_a_configuration(engine: Engine) -> None:
    sdk = client(engine)
    customer = customer_with_card(sdk)
    configuration = sdk.v1.billing_portal.configurations.create(
        {
            "business_profile": {"headline": "株式会社サンプルのお支払い"},
            "default_return_url": "https://example.jp/account",
            "features": {
                "invoice_history": {"enabled": True},
                "payment_method_update": {"enabled": True},
                "customer_update": {"enabled": True, "allowed_updates": ["email", "phone"]},
                "subscription_cancel": {"enabled": True, "mode": "immediately"},
                "subscription_update": {"enabled": False},
            },
            "metadata": {"shop": "sample"},
        }
    )
    assert (configuration.object, configuration.is_default, configuration.active) == (
        "billing_portal.configuration",
        True,
        True,
    )
    assert configuration.features.customer_update.allowed_updates == ["email", "phone"]
    assert configuration.features.subscription_cancel.mode == "immediately"
    assert configuration.features.subscription_pause.enabled is False

    session = sdk.v1.billing_portal.sessions.create({"customer": customer.id, "locale": "ja"})
    assert session.configuration == configuration.id
    assert session.return_url == "https://example.jp/account"
    assert session.url.startswith(f"{engine.base}/p/session/")
    shown = httpx2.get(session.url)
    assert shown.status_code == 200
    assert "株式会社サンプルのお支払い" in shown.text
    assert session.locale == "ja"
    expanded = sdk.v1.billing_portal.sessions.create(
        {"customer": customer.id, "expand": ["configuration"]}
    )
    assert isinstance(expanded.configuration, stripe.billing_portal.Configuration)
    types = [event.type for event in sdk.v1.events.list({"limit": 3}).data]
    assert types == [
        "billing_portal.session.created",
        "billing_portal.session.created",
        "billing_portal.configuration.created",
    ]


def test_a_configuration_is_changed_feature_by_feature(engine: Engine) -> None:
    sdk = client(engine)
    portal = sdk.v1.billing_portal.configurations
    made = [portal.create({"features": {"invoice_history": {"enabled": True}}}) for _ in range(2)]
    assert [one.is_default for one in made] == [True, False]
    changed = portal.update(
        made[1].id,
        {"active": False, "features": {"payment_method_update": {"enabled": True}}, "name": "見本"},
    )
    assert changed.features.invoice_history.enabled is True
    assert changed.features.payment_method_update.enabled is True
    assert (changed.active, changed.name) == (False, "見本")
    assert portal.retrieve(made[1].id).name == "見本"
    assert [one.id for one in portal.list({"active": True}).data] == [made[0].id]
    assert [one.id for one in portal.list({"is_default": False}).data] == [made[1].id]
    updated = sdk.v1.events.list({"type": "billing_portal.configuration.updated"}).data[0]
    assert updated.data.previous_attributes is not None
    assert updated.data.previous_attributes["active"] is True

    customer = customer_with_card(sdk)
    with pytest.raises(stripe.InvalidRequestError, match="is not active"):
        sdk.v1.billing_portal.sessions.create(
            {"customer": customer.id, "configuration": made[1].id}
        )
    with pytest.raises(stripe.InvalidRequestError, match="default configuration"):
        portal.update(made[0].id, {"active": False})


def test_without_a_configuration_a_usual_one_is_made(engine: Engine) -> None:
    sdk = client(engine)
    customer = customer_with_card(sdk)
    first = sdk.v1.billing_portal.sessions.create({"customer": customer.id})
    second = sdk.v1.billing_portal.sessions.create({"customer": customer.id})
    assert first.configuration == second.configuration
    assert first.url != second.url
    (made,) = sdk.v1.billing_portal.configurations.list().data
    assert (made.is_default, made.features.invoice_history.enabled) == (True, True)
    assert made.features.subscription_cancel.enabled is False


def test_sessions_that_are_made_at_once_share_one_new_configuration(engine: Engine) -> None:
    sdk = client(engine)
    customers = [customer_with_card(sdk).id for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        made = list(
            threads.map(
                lambda who: client(engine).v1.billing_portal.sessions.create({"customer": who}),
                customers * 2,
            )
        )
    assert len({session.configuration for session in made}) == 1
    assert len({session.url for session in made}) == 8
    assert len(sdk.v1.billing_portal.configurations.list().data) == 1


@pytest.mark.parametrize(
    ("features", "param"),
    [
        ({"subscription_update": {"enabled": True}}, "features[subscription_update][enabled]"),
        ({"subscription_pause": {"enabled": True}}, "features[subscription_pause][enabled]"),
        (
            {"customer_update": {"enabled": True, "allowed_updates": ["tax_id"]}},
            "features[customer_update][allowed_updates]",
        ),
        ({"customer_update": {"enabled": True}}, "features[customer_update][allowed_updates]"),
        (
            {"subscription_cancel": {"enabled": True, "proration_behavior": "always_invoice"}},
            "features[subscription_cancel][proration_behavior]",
        ),
    ],
)
def test_a_feature_that_is_not_served_is_refused_by_name(
    engine: Engine, features: object, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client(engine).v1.billing_portal.configurations.create({"features": features})  # type: ignore[typeddict-item]
    assert refusal.value.param == param


def test_what_a_session_cannot_be_made_for_is_refused(engine: Engine) -> None:
    sdk = client(engine)
    customer = customer_with_card(sdk)
    create = sdk.v1.billing_portal.sessions.create
    with pytest.raises(stripe.InvalidRequestError) as missing:
        create({})
    assert missing.value.param == "customer"
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        create({"customer": "cus_nobody"})
    with pytest.raises(stripe.InvalidRequestError, match="No such configuration"):
        create({"customer": customer.id, "configuration": "bpc_none"})
    with pytest.raises(stripe.InvalidRequestError) as unserved:
        create({"customer": customer.id, "flow_data": {"type": "payment_method_update"}})
    assert unserved.value.param == "flow_data"
    with pytest.raises(stripe.InvalidRequestError):
        create({"customer": customer.id, "return_url": "javascript:alert(1)"})
