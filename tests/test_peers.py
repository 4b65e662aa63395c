"""The peers that the scenarios trust, and the rule for tools that a machine lacks."""

import http.client

import httpx2
import pytest

from tests.receivers import LossyNetwork, WebhookReceiver
from tests.requirements import unavailable


def test_a_lossy_network_carries_a_request_and_loses_its_answer() -> None:
    with WebhookReceiver() as receiver, LossyNetwork(receiver.base, losses=1) as network:
        with pytest.raises(httpx2.RemoteProtocolError):
            httpx2.post(f"{network.base}/webhooks", content=b'{"type": "invoice.paid"}')
        assert [each.type for each in receiver.deliveries] == ["invoice.paid"]
        again = httpx2.post(f"{network.base}/webhooks", content=b'{"type": "invoice.paid"}')
        assert again.status_code == 200
        assert network.carried == ["POST /webhooks", "POST /webhooks"]


def test_a_receiver_answers_each_delivery_as_it_was_told() -> None:
    with WebhookReceiver(status=lambda n: 500 if n == 0 else 204) as receiver:
        payload = b'{"type": "invoice.sent"}'
        answers = [httpx2.post(receiver.url, content=payload).status_code for _ in range(2)]
        assert answers == [500, 204]
        assert receiver.wait_for("invoice.sent").payload == payload
        with pytest.raises(AssertionError, match=r"no invoice\.paid; received \['invoice\.sent'"):
            receiver.wait_for("invoice.paid", seconds=0)


def test_a_receiver_is_gone_after_its_test() -> None:
    with WebhookReceiver() as receiver:
        address = receiver.url
    with pytest.raises((httpx2.ConnectError, http.client.HTTPException)):
        httpx2.post(address, content=b"{}")


def test_a_missing_tool_skips_a_test_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEIKYU_REQUIRE_ALL", raising=False)
    with pytest.raises(pytest.skip.Exception, match="there is no Chromium"):
        unavailable("there is no Chromium")


def test_a_missing_tool_is_a_failure_where_everything_is_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SEIKYU_REQUIRE_ALL", "1")
    with pytest.raises(pytest.fail.Exception, match="there is no Chromium"):
        unavailable("there is no Chromium")
