"""Forms are decoded as Rack does, whoever encoded them."""

from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe._encode import _api_encode

from seikyu.engine.wire.errors import WireError
from seikyu.engine.wire.forms import MOST_BYTES, MOST_PAIRS, decode


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"", {}),
        (b"a=1&b=2", {"a": "1", "b": "2"}),
        (b"a=1&a=2", {"a": "2"}),
        (b"a=", {"a": ""}),
        (b"a", {"a": ""}),
        (b"&&a=1&", {"a": "1"}),
        (b"a=b=c", {"a": "b=c"}),
        (b"a=x+y%20z%2B", {"a": "x y z+"}),
        (b"a=%E8%AB%8B%e6%b1%82", {"a": "請求"}),
        ("a=請求".encode(), {"a": "請求"}),
        (b"a[b]=1&a[c]=2", {"a": {"b": "1", "c": "2"}}),
        (b"a%5Bb%5D=1", {"a": {"b": "1"}}),
        (b"a%5bb%5d%5Bc]=1", {"a": {"b": {"c": "1"}}}),
        (b"a[]=1&a[]=2", {"a": ["1", "2"]}),
        (b"a[0]=1&a[1]=2", {"a": ["1", "2"]}),
        (b"a[1]=2&a[0]=1", {"a": ["1", "2"]}),
        (b"a[0][b]=1&a[0][c]=2&a[1][b]=3", {"a": [{"b": "1", "c": "2"}, {"b": "3"}]}),
        (b"a[0][0]=1&a[0][1]=2", {"a": [["1", "2"]]}),
        (b"a[][]=1&a[][]=2", {"a": [["1", "2"]]}),
        (b"a[1]=x&a[3]=y", {"a": {"1": "x", "3": "y"}}),
        (b"a[00]=x", {"a": {"00": "x"}}),
        (b"a[b][]=1&a[b][]=2", {"a": {"b": ["1", "2"]}}),
        (b"metadata[unapplied]=false&metadata[unapplied_from]=",
         {"metadata": {"unapplied": "false", "unapplied_from": ""}}),
        (b"metadata[a%5Bb]=1".replace(b"%5B", b"."), {"metadata": {"a.b": "1"}}),
    ],
)  # fmt: skip
def test_a_body_means_what_it_means_to_rack(body: bytes, form: dict[str, Any]) -> None:
    assert decode(body) == form


def test_a_repeated_key_starts_the_next_element() -> None:
    body = (
        b"amounts_due[][amount]=2000&amounts_due[][days_until_due]=30"
        b"&amounts_due[][description]=Payment+1"
        b"&amounts_due[][amount]=3000&amounts_due[][days_until_due]=60"
        b"&amounts_due[][description]=Payment+2"
    )
    assert decode(body) == {
        "amounts_due": [
            {"amount": "2000", "days_until_due": "30", "description": "Payment 1"},
            {"amount": "3000", "days_until_due": "60", "description": "Payment 2"},
        ]
    }


def test_a_nested_hash_stays_in_its_element_until_a_key_repeats() -> None:
    body = b"l[][p][start]=1&l[][p][end]=2&l[][p][start]=3&l[][q]=4"
    assert decode(body) == {
        "l": [{"p": {"start": "1", "end": "2"}}, {"p": {"start": "3"}, "q": "4"}]
    }


def test_an_array_inside_an_element_never_starts_the_next_one() -> None:
    body = b"l[][amount]=1&l[][tax_rates][]=a&l[][tax_rates][]=b&l[][amount]=2"
    assert decode(body) == {"l": [{"amount": "1", "tax_rates": ["a", "b"]}, {"amount": "2"}]}


def test_query_and_body_are_one_and_the_body_wins() -> None:
    assert decode(b"a=2&expand[]=y", b"a=1&b=3&expand[]=x") == {
        "a": "2",
        "b": "3",
        "expand": ["x", "y"],
    }
    assert decode(b"", b"limit=3") == {"limit": "3"}


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&a[b]=2", b"a[b]=1&a=2", b"a[]=1&a[b]=2", b"a[b]=1&a[]=2", b"a[]=1&a=2",
        b"a[b]=1&a[b][c]=2", b"a[b][c]=1&a[b]=2", b"a[0]=1&a[]=2",
    ],
)  # fmt: skip
def test_one_name_cannot_be_two_things(body: bytes) -> None:
    with pytest.raises(WireError) as caught:
        decode(body)
    assert (caught.value.status, caught.value.type) == (400, "invalid_request_error")
    assert caught.value.param == "a"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"a=%FF", "the parameter a is not valid UTF-8"),
        (b"a=\xff", "the parameter a is not valid UTF-8"),
        (b"a=%ED%A0%80", "not valid UTF-8"),
        (b"%FF=1", "not valid UTF-8"),
        (b"a=100%", "percent sign"),
        (b"a=%zz", "percent sign"),
        (b"a=%00", "null character"),
        (b"a=\0", "null character"),
        (b"a[=1", "'a[' is not the name"),
        (b"a]=1", "'a]' is not the name"),
        (b"a[b]c=1", "'a[b]c' is not the name"),
        (b"[a]=1", "'[a]' is not the name"),
        (b"=1", "'' is not the name"),
        (b"a[[b]]=1", "is not the name"),
        (b"a" + b"[b]" * 16 + b"=1", "more than 16 levels"),
        (b"a" * 2001 + b"=1", "longer than 2000 bytes"),
        (b"a=1&" * MOST_PAIRS, "at most 25000 parameters"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(body: bytes, words: str) -> None:
    with pytest.raises(WireError) as caught:
        decode(body)
    assert caught.value.status == 400
    assert words in caught.value.message


def test_a_body_of_ten_megabytes_is_refused_unread() -> None:
    with pytest.raises(WireError) as caught:
        decode(b"a" * (10 * 1024 * 1024))
    assert caught.value.status == 413
    assert str(MOST_BYTES) in caught.value.message


def test_a_huge_index_costs_nothing() -> None:
    assert decode(b"a[999999999999]=1") == {"a": {"999999999999": "1"}}


_KEYS = st.text(st.characters(exclude_characters="[]\0", codec="utf-8"), min_size=1, max_size=8)
_WORDS = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
_TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12)


def _nested(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(children, min_size=1, max_size=4),
        st.dictionaries(_WORDS | _KEYS.filter(lambda k: not k.isdecimal()), children,
                        min_size=1, max_size=4),
    )  # fmt: skip


_FORMS = st.dictionaries(_WORDS, st.recursive(_TEXTS, _nested, max_leaves=12), max_size=5)


@given(_FORMS)
def test_what_the_sdk_encodes_is_decoded_to_the_same(form: dict[str, Any]) -> None:
    assert decode(urlencode(list(_api_encode(form))).encode()) == form


@given(_FORMS)
def test_a_query_string_is_decoded_as_a_body_is(form: dict[str, Any]) -> None:
    encoded = urlencode(list(_api_encode(form))).encode()
    assert decode(b"", encoded) == decode(encoded)


@given(_FORMS)
def test_raw_brackets_mean_the_same_as_encoded_ones(form: dict[str, Any]) -> None:
    raw = "&".join(
        f"{quote_plus(name, safe='[]')}={quote_plus(value)}" for name, value in _api_encode(form)
    )
    assert decode(raw.encode()) == form


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(body: bytes) -> None:
    try:
        form = decode(body)
    except WireError as error:
        assert error.status == 400
    else:
        assert isinstance(form, dict)


@given(st.lists(st.sampled_from([b"a", b"[b]", b"[]", b"[0]", b"[1]", b"=1", b"&"]), max_size=24))
def test_any_mixture_of_brackets_is_decoded_or_refused(parts: list[bytes]) -> None:
    try:
        decode(b"".join(parts))
    except WireError as error:
        assert error.status == 400
