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


@pytest.mark.parametrize(
    "within", ["card", "payment_method_data[card]", "payments[0][method][card]"]
)
def test_a_card_cannot_be_guessed_from_a_fingerprint(within: str) -> None:
    """Wherever it stands: of the number the last four digits count, of the security code nothing."""

    def made(number: str, cvc: str, year: str) -> bytes:
        form = f"{within}[number]={number}&{within}[cvc]={cvc}&{within}[exp_year]={year}"
        return fingerprint("POST", "/v1/payment_intents", decode(form.encode()))

    one = made("4242424242424242", "123", "2035")
    assert one == made("5555555555554242", "999", "2035")
    assert one != made("4242424242424241", "123", "2035")
    assert one != made("4242424242424242", "123", "2034")


def test_a_number_that_is_no_card_s_counts_as_a_whole() -> None:
    one = fingerprint("POST", "/v1/invoices", decode(b"number=AAA-0001&metadata[cvc]=1"))
    assert one != fingerprint("POST", "/v1/invoices", decode(b"number=BBB-0001&metadata[cvc]=1"))
    assert one != fingerprint("POST", "/v1/invoices", decode(b"number=AAA-0001&metadata[cvc]=2"))


def test_keys_have_a_length() -> None:
    check_key("0b7a5a5e-6d0c-4d5c-9a55-1f0e5a2f3c11")
    check_key("k" * 255)
    for key in ("", " ", "k" * 256, "鍵", "a\nb"):
        with pytest.raises(WireError) as caught:
            check_key(key)
        assert caught.value.status == 400
