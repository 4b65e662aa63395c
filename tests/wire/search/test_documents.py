"""What is searched of an object, what matches it, and that the index never hides what matches."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seikyu.engine.wire.search.documents import (
    Document,
    document,
    excluded,
    matches,
    spans,
    terms,
)
from seikyu.engine.wire.search.fields import RESOURCES, Resource
from seikyu.engine.wire.search.language import Clause, Query, parse

CHARGES = RESOURCES["charge"]
CUSTOMERS = RESOURCES["customer"]
INVOICES = RESOURCES["invoice"]

INVOICE = {
    "id": "in_1",
    "created": 1_772_323_200,
    "currency": "jpy",
    "customer": "cus_1",
    "last_finalization_error": {"code": "customer_tax_location_invalid", "type": "card_error"},
    "lines": {"data": []},
    "metadata": {"Order": "A-42", "note": "ＡＢＣ"},
    "number": "SAMPLE-0001",
    "parent": {"subscription_details": {"subscription": "sub_1"}},
    "receipt_number": None,
    "status": "open",
    "total": 12_000,
}


def test_the_document_of_an_invoice() -> None:
    assert document(INVOICES, INVOICE) == {
        "created": 1_772_323_200,
        "currency": "jpy",
        "customer": "cus_1",
        "last_finalization_error_code": "customer_tax_location_invalid",
        "last_finalization_error_type": "card_error",
        "metadata.Order": "a-42",
        "metadata.note": "ａｂｃ",
        "number": "sample-0001",
        "status": "open",
        "subscription": "sub_1",
        "total": 12_000,
    }


@pytest.mark.parametrize("parent", [None, {}, {"subscription_details": None}, "sub_1"])
def test_a_path_that_ends_early_leads_to_nothing(parent: Any) -> None:
    assert "subscription" not in document(INVOICES, {**INVOICE, "parent": parent})


@pytest.mark.parametrize(
    ("refunded", "amount", "found"),
    [(True, 500, "true"), (False, 200, "false"), (False, 0, None)],
)
def test_a_charge_is_refunded_in_full_in_part_or_not(
    refunded: bool, amount: int, found: str | None
) -> None:
    charge = {"refunded": refunded, "amount_refunded": amount, "disputed": False}
    assert document(CHARGES, charge).get("refunded") == found
    assert document(CHARGES, charge)["disputed"] == "false"


def test_the_numbers_of_a_card_are_tokens() -> None:
    card = {"last4": "0042", "exp_month": 4, "exp_year": 2030, "brand": "Visa"}
    assert document(CHARGES, {"payment_method_details": {"card": card}}) == {
        "payment_method_details.card.brand": "visa",
        "payment_method_details.card.exp_month": "4",
        "payment_method_details.card.exp_year": "2030",
        "payment_method_details.card.last4": "0042",
    }


CUSTOMER = {
    "name": "One Two Three Four",
    "email": "Amy@Rocketrides.example.com",
    "created": 100,
    "metadata": {"a": "b", "kana": "カブシキ"},
}


@pytest.mark.parametrize(
    ("query", "matched"),
    [
        ("name:'one two three'", True),  # Stripe: all of the words, in the same order
        ("name:'TWO THREE'", True),
        ("name:'four'", True),
        ("name:'one three'", False),
        ("name:'two one'", False),
        ("name:'thre'", False),
        ("name~'thre'", True),
        ("name~'o Three f'", True),
        ("name~'fours'", False),
        ("email:'amy@rocketrides.example.com'", True),
        ("email:'amy'", False),
        ("email~'amy'", True),
        ("email~'RIDES.exa'", True),
        ("-email:'amy@rocketrides.example.com'", False),
        ("phone:null", True),
        ("-phone:null", False),
        ("-phone:'1'", True),
        ("-name:null email~'amy'", True),
        ("created:100", True),
        ("created>100", False),
        ("created>=100", True),
        ("created<100", False),
        ("created<=100 created>99", True),
        ("-created<100", True),
        ("metadata['a']:'B'", True),
        ("metadata['A']:'b'", False),
        ("metadata['c']:null", True),
        ("-metadata['a']:null", True),
        ("name:'nobody' OR metadata['a']:'b'", True),
        ("name:'nobody' OR metadata['a']:'c'", False),
    ],
)
def test_a_customer_matches_what_is_true_of_it(query: str, matched: bool) -> None:
    found = document(CUSTOMERS, CUSTOMER)
    assert matches(parse(query, CUSTOMERS), found) is matched


def test_strings_leave_the_width_of_letters_out_of_account() -> None:
    found = document(CUSTOMERS, {"name": "ｶﾌﾞｼｷｶﾞｲｼｬ　サンプル１２３"})
    for query in ("name~'カブシキガイシャ'", "name:'サンプル123'", "name~'ﾝﾌﾟﾙ１'"):
        assert matches(parse(query, CUSTOMERS), found)
    assert not matches(parse("name~'カフシキ'", CUSTOMERS), found)


def within(resource: Resource, clause: Clause, found: Document) -> bool:
    """Say whether the document has a term in one of the clause's spans, as the index would."""
    return any(
        field == span.field
        and (term == span.least if span.below is None else span.least <= term < span.below)
        for span in spans(resource, clause) or ()
        for field, term in terms(resource, found)
    )


LETTERS = st.text("abAß İ　カﾌﾞ東\U0010ffff\u0301", max_size=90)
NAMES = st.none() | LETTERS
CUSTOMER_BODIES = st.fixed_dictionaries(
    {
        "name": NAMES,
        "email": NAMES,
        "created": st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2),
        "metadata": st.dictionaries(st.sampled_from("ab"), LETTERS, max_size=2),
    }
)


@settings(max_examples=500)
@given(CUSTOMER_BODIES, st.data())
def test_whatever_matches_is_found_by_the_index(body: dict[str, Any], data: st.DataObject) -> None:
    """For every part of what is there: it matches, and one of its terms leads to it."""
    found = document(CUSTOMERS, body)
    for name in ("name", "email"):
        text = found.get(name)
        if isinstance(text, str) and len(text) >= 3:
            start = data.draw(st.integers(0, len(text) - 3))
            end = data.draw(st.integers(start + 3, len(text)))
            _found(Clause(name, "string", "~", text[start:end]), found)
            words = text.split(" ")
            first = data.draw(st.integers(0, len(words) - 1))
            last = data.draw(st.integers(first + 1, len(words)))
            _found(Clause(name, "string", ":", " ".join(words[first:last])), found)
    created = found["created"]
    assert isinstance(created, int)
    for operator, value in ((":", created), (">=", created), ("<=", created)):
        _found(Clause("created", "numeric", operator, value), found)
    if created > -(2**63):
        _found(Clause("created", "numeric", ">", created - 1), found)
    if created < 2**63 - 1:
        _found(Clause("created", "numeric", "<", created + 1), found)
    for name, there in found.items():
        if name.startswith("metadata."):
            _found(Clause(name, "token", ":", there), found)
        _found(Clause(name, CUSTOMERS.fields[name].type if name in CUSTOMERS.fields else "token",
                      ":", None, negated=True), found)  # fmt: skip


def _found(clause: Clause, found: Document) -> None:
    assert matches(Query((clause,)), found)
    assert within(CUSTOMERS, clause, found)


@given(CUSTOMER_BODIES)
def test_what_is_absent_is_found_by_the_index(body: dict[str, Any]) -> None:
    found = document(CUSTOMERS, body)
    for name in CUSTOMERS.fields.keys() - found.keys():
        _found(Clause(name, CUSTOMERS.fields[name].type, ":", None), found)


@given(
    st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2),
    st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2),
    st.sampled_from([":", ">", "<", ">=", "<="]),
)
def test_a_negated_comparison_is_looked_up_as_its_opposite(
    own: int | None, asked: int, operator: str
) -> None:
    found: Document = {} if own is None else {"created": own}
    clause = Clause("created", "numeric", operator, asked, negated=True)
    assert within(CUSTOMERS, clause, found) is matches(Query((clause,)), found)


@pytest.mark.parametrize("noun", sorted(RESOURCES))
def test_of_few_values_the_index_finds_every_other_one(noun: str) -> None:
    """What has not one value stands under the term of another, or under that of absence."""
    resource = RESOURCES[noun]
    few = [name for name, field in resource.fields.items() if field.few_values]
    assert few or noun == "customer"
    for name in few:
        for own in ("open", "paid", "true", None):
            found: Document = {} if own is None else {name: own}
            for asked in ("open", "paid", "true"):
                clause = Clause(name, resource.fields[name].type, ":", asked, negated=True)
                span = excluded(resource, clause)
                assert span is not None
                others = {term for field, term in terms(resource, found) if field == span.field}
                assert (others != {span.least}) is matches(Query((clause,)), found)


@given(CUSTOMER_BODIES)
def test_terms_are_short_enough_for_any_index(body: dict[str, Any]) -> None:
    for field, term in terms(CUSTOMERS, document(CUSTOMERS, body)):
        assert len(field) <= 60
        assert len(term.encode()) <= 64 * 4 + 65


def test_long_tokens_that_begin_alike_have_terms_of_their_own() -> None:
    one, other = (terms(CUSTOMERS, {"metadata.a": "x" * 500 + end}) for end in ("1", "2"))
    assert one != other
