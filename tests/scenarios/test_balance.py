"""The customer's credit balance through the official SDK: moved by hand, taken by invoices, followed."""

import pytest
import stripe

from tests.scenarios.conftest import Engine
from tests.scenarios.test_discounts import customer, draft
from tests.scenarios.test_python_sdk import client


def test_credit_is_given_described_and_listed(engine: Engine) -> None:
    sdk = client(engine)
    whom = customer(sdk)
    given = sdk.v1.customers.balance_transactions.create(
        whom, {"amount": -3_000, "currency": "jpy", "description": "お詫び", "metadata": {"a": "1"}}
    )
    assert (given.type, given.amount, given.ending_balance) == ("adjustment", -3_000, -3_000)
    known = sdk.v1.customers.retrieve(whom)
    assert (known.balance, known.currency) == (-3_000, "jpy")
    taken = sdk.v1.customers.balance_transactions.create(whom, {"amount": 500, "currency": "jpy"})
    assert taken.ending_balance == -2_500
    described = sdk.v1.customers.balance_transactions.update(
        whom, given.id, {"description": "値引き", "metadata": {"a": "", "b": "2"}}
    )
    assert described.description == "値引き"
    assert described.metadata is not None
    assert described.metadata.to_dict() == {"b": "2"}
    again = sdk.v1.customers.balance_transactions.retrieve(whom, given.id)
    assert (again.amount, again.description) == (-3_000, "値引き")
    listed = sdk.v1.customers.balance_transactions.list(whom)
    assert [each.id for each in listed.data] == [taken.id, given.id]


def test_an_invoice_takes_credit_and_other_drafts_show_what_is_left(engine: Engine) -> None:
    """1,000 of credit: both drafts of 800 show 0 due; once one took it, the other shows 600."""
    sdk = client(engine)
    whom = customer(sdk)
    other, taking = draft(sdk, whom, 800), draft(sdk, whom, 800)
    assert (other.starting_balance, other.amount_due) == (0, 800)
    sdk.v1.customers.balance_transactions.create(whom, {"amount": -1_000, "currency": "jpy"})
    shown = sdk.v1.invoices.retrieve(other.id)
    assert (shown.starting_balance, shown.amount_due) == (-1_000, 0)
    paid = sdk.v1.invoices.finalize_invoice(taking.id)
    assert (paid.status, paid.starting_balance, paid.ending_balance) == ("paid", -1_000, -200)
    shown = sdk.v1.invoices.retrieve(other.id)
    assert (shown.starting_balance, shown.amount_due, shown.amount_remaining) == (-200, 600, 600)
    (applied,) = sdk.v1.customers.balance_transactions.list(whom, {"invoice": paid.id}).data
    assert (applied.type, applied.amount, applied.ending_balance) == (
        "applied_to_invoice",
        800,
        -200,
    )
    opened = sdk.v1.invoices.finalize_invoice(other.id)
    assert (opened.status, opened.amount_due) == ("open", 600)
    third = draft(sdk, whom, 100)
    assert third.amount_due == 100
    sdk.v1.invoices.void_invoice(other.id)
    assert sdk.v1.customers.retrieve(whom).balance == -200
    assert sdk.v1.invoices.retrieve(third.id).amount_due == 0


def test_a_balance_is_kept_in_one_currency_and_for_one_customer(engine: Engine) -> None:
    sdk = client(engine)
    whom, other = customer(sdk), customer(sdk)
    movement = sdk.v1.customers.balance_transactions.create(whom, {"amount": -1, "currency": "jpy"})
    with pytest.raises(stripe.InvalidRequestError, match="kept in jpy") as differs:
        sdk.v1.customers.balance_transactions.create(whom, {"amount": -1, "currency": "usd"})
    assert differs.value.param == "currency"
    with pytest.raises(stripe.InvalidRequestError) as missing:
        sdk.v1.customers.balance_transactions.retrieve(other, movement.id)
    assert missing.value.http_status == 404
    with pytest.raises(stripe.InvalidRequestError) as missing:
        sdk.v1.customers.balance_transactions.update(other, movement.id, {"description": "x"})
    assert missing.value.http_status == 404
    assert sdk.v1.customers.retrieve(whom).balance == -1
