"""Lists are rendered objects between brackets."""

import orjson

from seikyu.engine.wire.lists import envelope


def test_an_empty_list_is_still_a_list() -> None:
    assert envelope([], has_more=False, url="/v1/invoices") == (
        b'{"object":"list","data":[],"has_more":false,"url":"/v1/invoices"}'
    )


def test_objects_keep_their_bytes_and_order() -> None:
    made = envelope([b'{"id": "in_2"}', b'{"id":"in_1"}'], has_more=True, url="/v1/invoices")
    assert made == (
        b'{"object":"list","data":[{"id": "in_2"},{"id":"in_1"}],"has_more":true,'
        b'"url":"/v1/invoices"}'
    )


def test_a_strange_url_cannot_break_the_json() -> None:
    url = '/v1/invoices/"x/lines'
    assert orjson.loads(envelope([], has_more=False, url=url))["url"] == url
