"""The official Node SDK works against Seikyu with nothing changed but address and key.

`tests/node/journey.mjs` does the work with the SDK and prints what happened; here it is judged.
"""

import json
from typing import Any

import pytest

from tests.conftest import NodeProject
from tests.scenarios.conftest import Engine

pytestmark = pytest.mark.node


def test_the_node_sdk_goes_from_a_customer_to_a_paid_invoice(
    engine: Engine, node: NodeProject
) -> None:
    done = node.run("journey.mjs", SEIKYU_BASE=engine.base, SEIKYU_KEY=engine.key)
    assert done.returncode == 0, done.stderr[-4000:] + engine.server.stderr()[-2000:]
    result: dict[str, Any] = json.loads(done.stdout)

    assert result["sdk"] == "23.1.0"
    assert result["customer"]["name"] == "株式会社サンプル"
    assert result["draft"] == {"status": "draft", "total": 12000, "lines": 3}
    assert result["open"]["status"] == "open"
    assert result["open"]["amount_due"] == 12000
    assert result["open"]["number"]
    assert result["settled"] == {"status": "paid", "amount_paid": 12000}
    assert result["listed"] == [True]
    assert result["expanded"] == {
        "payment": "paid",
        "amount_paid": 12000,
        "intent": {"object": "payment_intent", "status": "succeeded", "amount": 12000},
    }
    assert sorted(result["walked"]) == [-500, 2500, 10000]

    webhook = result["webhook"]
    assert webhook["type"] == "invoice.paid", webhook
    assert webhook["sameInvoice"] is True
    assert webhook["tampered"]["type"] == "StripeSignatureVerificationError"
    assert webhook["otherSecret"]["type"] == "StripeSignatureVerificationError"
    _expect_typed_errors(result["errors"])


def _expect_typed_errors(errors: dict[str, Any]) -> None:
    for name, error in errors.items():
        assert error is not None, f"{name}: the SDK raised nothing"
        assert error["isStripeError"], name

    declined = errors["declined"]
    assert declined["type"] == "StripeCardError"
    assert declined["code"] == "card_declined"
    assert declined["declineCode"] == "generic_decline"
    assert declined["statusCode"] == 402
    assert declined["requestId"].startswith("req_")

    missing = errors["missing"]
    assert missing["type"] == "StripeInvalidRequestError"
    assert (missing["code"], missing["param"]) == ("parameter_missing", "name")
    assert missing["statusCode"] == 400

    unknown = errors["unknown"]
    assert unknown["type"] == "StripeInvalidRequestError"
    assert (unknown["code"], unknown["statusCode"]) == ("resource_missing", 404)
    assert "in_000000000000000000000000" in unknown["messageSaid"]

    assert errors["mismatch"]["type"] == "StripeIdempotencyError"
    assert errors["wrongKey"]["type"] == "StripeAuthenticationError"
    assert errors["wrongKey"]["statusCode"] == 401
