"""List envelopes, joined from objects that are JSON already.

Every object was rendered when it last changed; a list is those bytes with commas between them.
Nothing is parsed and nothing is serialized again, so a list of 100 costs little more than a copy.
"""

from collections.abc import Iterable

import orjson


def search_result(
    rendered: Iterable[bytes], *, next_page: str | None, url: str, total_count: int | None
) -> bytes:
    """Return Stripe's search result around the objects. ``total_count`` is there when it is asked for."""
    data = b",".join(rendered)
    count = b"" if total_count is None else b',"total_count":%d' % total_count
    return b'{"object":"search_result","data":[%b],"has_more":%b,"next_page":%b%b,"url":%b}' % (
        data,
        b"false" if next_page is None else b"true",
        orjson.dumps(next_page),
        count,
        orjson.dumps(url),
    )


def envelope(rendered: Iterable[bytes], *, has_more: bool, url: str) -> bytes:
    """Return Stripe's list object around the objects. ``url`` is the path of the list."""
    parts = [b'{"object":"list","data":[']
    for body in rendered:
        parts += (body, b",")
    if len(parts) > 1:
        parts.pop()
    more = b"true" if has_more else b"false"
    parts.append(b'],"has_more":%b,"url":%b}' % (more, orjson.dumps(url)))
    return b"".join(parts)
