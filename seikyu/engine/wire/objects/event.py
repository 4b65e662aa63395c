"""Events on the wire: an envelope around the object's bytes as they were at that moment.

The object was rendered once, for the answer and the store; here its bytes are joined, not made
again, so that the event shows exactly what everybody else was shown.
"""

import orjson

API_VERSION = "2026-10-28.endive"
"""The version in which every object of ours is rendered, whatever version was asked for."""


def event_body(
    *,
    id: str,
    created: int,
    livemode: bool,
    type: str,
    object: bytes,
    previous: bytes | None,
    request_id: str | None,
    idempotency_key: str | None,
    pending_webhooks: int,
) -> bytes:
    """Return the event. ``previous`` are the previous attributes of a ``*.updated`` event, as JSON.

    ``request_id`` is None when nobody asked: time itself made the change.
    """
    return (
        b'{"id":"%b","object":"event","account":null,"api_version":"%b","context":null,'
        b'"created":%d,"data":{"object":%b%b},'
        b'"livemode":%b,"pending_webhooks":%d,"request":{"id":%b,"idempotency_key":%b},"type":"%b"}'
        % (
            id.encode(),
            API_VERSION.encode(),
            created,
            object,
            b"" if previous is None else b',"previous_attributes":%b' % previous,
            b"true" if livemode else b"false",
            pending_webhooks,
            orjson.dumps(request_id),
            orjson.dumps(idempotency_key),
            type.encode(),
        )
    )
