"""An event is an envelope around bytes that exist already."""

from seikyu.engine.wire.objects import event_body


def test_an_event_embeds_the_object_as_it_is() -> None:
    body = event_body(
        id="evt_1",
        created=1_760_000_000,
        livemode=True,
        type="invoice.updated",
        object='{"id": "in_1","number":"請求-1"}'.encode(),
        previous=b'{"status":"draft"}',
        request_id="req_1",
        idempotency_key='odd "key"',
        pending_webhooks=2,
    )
    assert body.decode() == (
        '{"id":"evt_1","object":"event","account":null,"api_version":"2026-10-28.endive",'
        '"context":null,"created":1760000000,'
        '"data":{"object":{"id": "in_1","number":"請求-1"},'
        '"previous_attributes":{"status":"draft"}},'
        '"livemode":true,"pending_webhooks":2,'
        '"request":{"id":"req_1","idempotency_key":"odd \\"key\\""},"type":"invoice.updated"}'
    )


def test_what_time_did_was_asked_by_no_request() -> None:
    body = event_body(
        id="evt_1",
        created=1_760_000_000,
        livemode=False,
        type="invoice.created",
        object=b"{}",
        previous=None,
        request_id=None,
        idempotency_key=None,
        pending_webhooks=0,
    )
    assert body == (
        b'{"id":"evt_1","object":"event","account":null,"api_version":"2026-10-28.endive",'
        b'"context":null,"created":1760000000,'
        b'"data":{"object":{}},"livemode":false,"pending_webhooks":0,'
        b'"request":{"id":null,"idempotency_key":null},"type":"invoice.created"}'
    )
