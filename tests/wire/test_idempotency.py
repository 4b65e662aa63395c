"""Two requests are the same when method, path and parameters are."""

import pytest

from seikyu.engine.wire.errors import WireError
from seikyu.engine.wire.forms import decode
from seikyu.engine.wire.idempotency import check_key, fingerprint


def test_the_order_and_spelling_of_names_do_not_matter() -> None:
    one = fingerprint("POST", "/v1/invoices", decode(b"a=1&l%5B0%5D%5Bx%5D=2"))
    two = fingerprint("POST", "/v1/invoices", decode(b"l[0][x]=2&a=1"))
    assert one == two
    assert len(one) == 16


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/v1/invoices", b"a=1&l[]=1&l[]=2"),
        ("POST", "/v1/customers", b"a=1&l[]=1&l[]=2"),
        ("POST", "/v1/invoices", b"a=2&l[]=1&l[]=2"),
        ("POST", "/v1/invoices", b"a=1&l[]=2&l[]=1"),
        ("POST", "/v1/invoices", b"a=1&l[]=1"),
        ("POST", "/v1/invoices", b""),
    ],
)
def test_any_other_difference_matters(method: str, path: str, body: bytes) -> None:
    first = fingerprint("POST", "/v1/invoices", decode(b"a=1&l[]=1&l[]=2"))
    assert fingerprint(method, path, decode(body)) != first


def test_a_fingerprint_stays_the_same_after_an_upgrade() -> None:
    """Keys live for 30 days, so a new release must recognize those of the old one."""
    made = fingerprint("POST", "/v1/invoices", {"customer": "cus_1", "metadata": {"b": "請求"}})
    assert made.hex() == "8585b8d1df889ecd7a8f461096d07c98"


def test_keys_have_a_length() -> None:
    check_key("0b7a5a5e-6d0c-4d5c-9a55-1f0e5a2f3c11")
    check_key("k" * 255)
    for key in ("", " ", "k" * 256, "鍵", "a\nb"):
        with pytest.raises(WireError) as caught:
            check_key(key)
        assert caught.value.status == 400
