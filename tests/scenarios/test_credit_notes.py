"""Credit notes through the official SDK: a wrong invoice put right, before and after it was paid."""

import pytest
import stripe

from tests.scenarios.conftest import Engine
from tests.scenarios.test_discounts import customer, draft, events
from tests.scenarios.test_python_sdk import client, customer_with_card


def consumption_tax(sdk: stripe.StripeClient, percentage: int) -> str:
    made = sdk.v1.tax_rates.create(
        {"display_name": "消費税", "percentage": percentage, "inclusive": False, "country": "JP"}
    )
    return made.id


def billed(sdk: stripe.StripeClient, whom: str) -> stripe.Invoice:
    """300,000 at 10 % and 10,000 at 8 %: ¥340,800."""
    made = draft(sdk, whom)
    lines = [
        {"amount": 300_000, "description": "制作費", "tax_rates": [consumption_tax(sdk, 10)]},
        {"amount": 10_000, "description": "お弁当", "tax_rates": [consumption_tax(sdk, 8)]},
    ]
    sdk.v1.invoices.add_lines(made.id, {"lines": lines})  # type: ignore[typeddict-item]
    return sdk.v1.invoices.finalize_invoice(made.id)


def test_too_much_was_billed_and_the_customer_has_not_paid_yet(engine: Engine) -> None:
    sdk = client(engine)
    whom = customer(sdk, email="keiri@example.jp")
    invoice = billed(sdk, whom)
    assert invoice.total == 340_800
    design, lunch = invoice.lines.data
    terms: stripe.params.CreditNotePreviewParams = {
        "invoice": invoice.id,
        "lines": [
            {"type": "invoice_line_item", "invoice_line_item": design.id, "amount": 50_000},
            {"type": "invoice_line_item", "invoice_line_item": lunch.id, "amount": 999},
        ],
    }
    seen = sdk.v1.credit_notes.preview(terms)
    assert (seen.amount, seen.pre_payment_amount) == (56_078, 56_078)
    shown = sdk.v1.credit_notes.preview_lines.list(terms)  # type: ignore[arg-type]
    assert [each.amount for each in shown.data] == [50_000, 999]
    known = len(events(sdk))
    note = sdk.v1.credit_notes.create({**terms, "memo": "お値引き"})
    assert (note.status, note.type, note.amount) == ("issued", "pre_payment", 56_078)
    assert [tax.amount for tax in note.total_taxes or ()] == [5_000, 79]
    assert note.number == f"{invoice.number}-CN-01"
    assert events(sdk)[known:] == ["credit_note.created", "invoice.updated"]
    after = sdk.v1.invoices.retrieve(invoice.id)
    assert (after.amount_due, after.total) == (284_722, 340_800)
    assert after.pre_payment_credit_notes_amount == 56_078
    void = sdk.v1.credit_notes.void_credit_note(note.id)
    assert void.status == "void"
    assert sdk.v1.invoices.retrieve(invoice.id).amount_due == 340_800


def test_everything_is_credited_line_by_line_and_comes_to_the_invoice(engine: Engine) -> None:
    sdk = client(engine)
    invoice = billed(sdk, customer(sdk, email="keiri@example.jp"))
    parts = ((99_999, 200_001), (3_333, 3_333, 3_334))

    def noted(line: str, amount: int) -> stripe.CreditNote:
        return sdk.v1.credit_notes.create(
            {
                "invoice": invoice.id,
                "lines": [
                    {"type": "invoice_line_item", "invoice_line_item": line, "amount": amount}
                ],
            }
        )

    notes = [
        noted(line.id, amount)
        for line, amounts in zip(invoice.lines.data, parts, strict=True)
        for amount in amounts
    ]
    assert [note.amount for note in notes] == [109_998, 220_002, 3_599, 3_600, 3_601]
    assert sum(note.amount for note in notes) == invoice.total
    after = sdk.v1.invoices.retrieve(invoice.id)
    assert (after.status, after.amount_due, after.amount_remaining) == ("paid", 0, 0)
    listed = sdk.v1.credit_notes.list({"invoice": invoice.id})
    assert [each.id for each in listed.data] == [note.id for note in notes][::-1]
    assert listed.data[0].number == f"{invoice.number}-CN-05"


def test_a_paid_invoice_is_given_back_in_three_ways(engine: Engine) -> None:
    sdk = client(engine)
    whom = customer_with_card(sdk).id
    invoice = billed(sdk, whom)
    sdk.v1.invoices.pay(invoice.id)
    note = sdk.v1.credit_notes.create(
        {
            "invoice": invoice.id,
            "amount": 110_000,
            "refund_amount": 60_000,
            "credit_amount": 30_000,
            "out_of_band_amount": 20_000,
            "reason": "product_unsatisfactory",
            "expand": ["refunds.refund", "customer_balance_transaction"],
        }
    )
    assert (note.type, note.post_payment_amount) == ("post_payment", 110_000)
    (linked,) = note.refunds
    assert isinstance(linked.refund, stripe.Refund)
    assert (linked.refund.status, linked.refund.amount) == ("succeeded", 60_000)
    assert isinstance(note.customer_balance_transaction, stripe.CustomerBalanceTransaction)
    assert note.customer_balance_transaction.ending_balance == -30_000
    following = sdk.v1.invoices.finalize_invoice(draft(sdk, whom, 50_000).id)
    assert following.amount_due == 20_000
    with pytest.raises(stripe.InvalidRequestError, match="no more than 230800 jpy"):
        sdk.v1.credit_notes.create(
            {"invoice": invoice.id, "amount": 230_801, "out_of_band_amount": 230_801}
        )
    with pytest.raises(stripe.InvalidRequestError, match="while its invoice is open"):
        sdk.v1.credit_notes.void_credit_note(note.id)


def test_a_transfer_fee_was_held_back_and_is_let_go(engine: Engine) -> None:
    """660 yen too little came for ¥340,800; up to ¥880 is let go, with its tax, and the books agree."""
    sdk = client(engine)
    whom = customer_with_card(sdk).id
    sdk.raw_request("post", "/v1/seikyu/settings", **{"shortfall_tolerance[jpy]": 880})
    invoice = billed(sdk, whom)
    came = sdk.v1.payment_intents.create(
        {
            "amount": 340_140,
            "currency": "jpy",
            "customer": whom,
            "payment_method": "pm_card_visa",
            "confirm": True,
            "off_session": True,
        }
    )
    paid = sdk.v1.invoices.attach_payment(invoice.id, {"payment_intent": came.id})
    assert (paid.status, paid.amount_paid, paid.amount_due) == ("paid", 340_140, 340_140)
    (note,) = sdk.v1.credit_notes.list({"invoice": invoice.id}).data
    assert (note.amount, note.pre_payment_amount) == (660, 660)
    # 639 of the 330,000 at 10 % hold 58 of tax, 21 of the 10,800 at 8 % hold 1.
    assert [tax.amount for tax in note.total_taxes or ()] == [58, 1]
    assert note.metadata is not None
    assert note.metadata.to_dict() == {"seikyu_reason": "shortfall"}
    sdk.v1.credit_notes.update(note.id, {"memo": "振込手数料"})
    assert sdk.v1.credit_notes.retrieve(note.id).memo == "振込手数料"
