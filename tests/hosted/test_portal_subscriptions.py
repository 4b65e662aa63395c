"""Subscriptions in the portal: canceled as the issuer allows, and never left without their last card."""

from typing import Any

import pytest

from tests.hosted.shop import Issuer, Visitor
from tests.hosted.test_portal import FEATURES, add_card, cards, default_card, portal, sent


def subscribed(issuer: Issuer, **form: str) -> tuple[str, dict[str, Any]]:
    """A customer with one card that a monthly subscription charges by itself."""
    customer = issuer.customer()
    card = issuer.post("/v1/payment_methods/pm_card_visa/attach", {"customer": customer})["id"]
    settings = {"invoice_settings[default_payment_method]": card}
    issuer.post(f"/v1/customers/{customer}", settings)
    price = {
        "currency": "jpy",
        "unit_amount": 3_000,
        "recurring[interval]": "month",
        "product_data[name]": "見本プラン",
    }
    price_id = issuer.post("/v1/prices", price)["id"]
    made = issuer.post(
        "/v1/subscriptions", {"customer": customer, "items[0][price]": price_id, **form}
    )
    return customer, made


def cancelling(issuer: Issuer, mode: str) -> str:
    """A configuration that lets customers cancel."""
    features = {
        "features[subscription_cancel][enabled]": "true",
        "features[subscription_cancel][mode]": mode,
        "features[payment_method_update][enabled]": "true",
        **{name: value for name, value in FEATURES.items() if "customer_update" in name},
    }
    made: str = issuer.post("/v1/billing_portal/configurations", features)["id"]
    return made


def test_the_last_card_of_a_subscription_stays(issuer: Issuer, visitor: Visitor) -> None:
    customer, made = subscribed(issuer)
    assert made["status"] == "active"
    page = portal(issuer, customer)
    only = default_card(issuer, customer)
    answer = sent(visitor, page, f"/cards/{only}/remove")
    assert answer.status == 409
    assert answer.alert is not None
    assert "最後のカードは削除できません" in answer.alert
    assert cards(issuer, customer) == ["4242"]

    add_card(visitor, page, number="5555555555554444")
    assert sent(visitor, page, f"/cards/{only}/remove").status == 303
    assert cards(issuer, customer) == ["4444"]
    assert default_card(issuer, customer) is not None


@pytest.mark.parametrize("how", ["mailed", "over"])
def test_a_card_that_no_subscription_charges_can_go(
    issuer: Issuer, visitor: Visitor, how: str
) -> None:
    mailed = {"collection_method": "send_invoice", "days_until_due": "30"}
    customer, made = subscribed(issuer, **(mailed if how == "mailed" else {}))
    if how == "over":
        issuer.client.delete(
            f"{issuer.base}/v1/subscriptions/{made['id']}",
            headers={"authorization": f"Bearer {issuer.key}"},
        )
    only = default_card(issuer, customer)
    assert sent(visitor, portal(issuer, customer), f"/cards/{only}/remove").status == 303
    assert cards(issuer, customer) == []


@pytest.mark.parametrize(
    ("mode", "status"), [("at_period_end", "active"), ("immediately", "canceled")]
)
def test_a_subscription_is_canceled_as_the_configuration_says(
    issuer: Issuer, visitor: Visitor, mode: str, status: str
) -> None:
    customer, made = subscribed(issuer)
    page = portal(issuer, customer, configuration=cancelling(issuer, mode))
    assert "見本プラン\n次回の更新 2026年3月29日\n解約" in visitor.open(page).text
    asked = visitor.open(f"{page}/subscriptions/{made['id']}/cancel")
    said = "2026年3月29日 まで引き続きご利用いただけます。"
    assert (said in asked.text) is (mode == "at_period_end")
    assert sent(visitor, page, f"/subscriptions/{made['id']}/cancel").status == 303
    now = issuer.get(f"/v1/subscriptions/{made['id']}")
    assert (now["status"], now["cancel_at_period_end"]) == (status, mode == "at_period_end")
    assert visitor.open(f"{page}/subscriptions/{made['id']}/cancel").status == 404
    assert ("2026年3月29日 に終了します" in visitor.open(page).text) is (mode == "at_period_end")


def test_nobody_cancels_the_subscription_of_somebody_else(issuer: Issuer, visitor: Visitor) -> None:
    _, theirs = subscribed(issuer)
    mine = issuer.customer()
    page = portal(issuer, mine, configuration=cancelling(issuer, "immediately"))
    assert visitor.open(f"{page}/subscriptions/{theirs['id']}/cancel").status == 404
    assert sent(visitor, page, f"/subscriptions/{theirs['id']}/cancel").status == 404
    assert issuer.get(f"/v1/subscriptions/{theirs['id']}")["status"] == "active"


def test_without_the_feature_subscriptions_are_not_shown(issuer: Issuer, visitor: Visitor) -> None:
    customer, made = subscribed(issuer)
    page = portal(issuer, customer)
    assert "見本プラン" not in visitor.open(page).text
    assert visitor.open(f"{page}/subscriptions/{made['id']}/cancel").status == 404
