"""Credit notes over HTTP: what they let go and give back, what is refused, what is announced."""

from typing import Any

import pytest

from tests.api.room import Caller


def rate(api: Caller, percentage: str, inclusive: str = "false") -> str:
    """A consumption tax rate."""
    made = api.post(
        "/v1/tax_rates",
        display_name="消費税",
        percentage=percentage,
        inclusive=inclusive,
        country="JP",
    )
    identifier: str = made["id"]
    return identifier


def opened(api: Caller, customer: str, *lines: tuple[int, str | None]) -> dict[str, Any]:
    """A finalized invoice with a line for each amount and rate."""
    draft = api.post("/v1/invoices", customer=customer, currency="jpy")["id"]
    form: dict[str, str] = {}
    for place, (amount, tax) in enumerate(lines):
        form |= {f"lines[{place}][amount]": str(amount), f"lines[{place}][description]": "品目"}
        if tax is not None:
            form[f"lines[{place}][tax_rates][0]"] = tax
    api.post_form(f"/v1/invoices/{draft}/add_lines", form)
    made: dict[str, Any] = api.post(f"/v1/invoices/{draft}/finalize")
    return made


def paid(api: Caller, customer: str, *lines: tuple[int, str | None]) -> dict[str, Any]:
    """An invoice that a card paid."""
    invoice = opened(api, customer, *lines)
    made: dict[str, Any] = api.post(f"/v1/invoices/{invoice['id']}/pay")
    assert made["status"] == "paid"
    return made


def line_form(invoice: dict[str, Any], *amounts: int) -> dict[str, str]:
    """The form that credits so much of each line, in order; 0 leaves a line out."""
    form = {"invoice": invoice["id"]}
    credited = [
        (line["id"], amount)
        for line, amount in zip(invoice["lines"]["data"], amounts, strict=True)
        if amount
    ]
    for place, (id, amount) in enumerate(credited):
        form |= {
            f"lines[{place}][type]": "invoice_line_item",
            f"lines[{place}][invoice_line_item]": id,
            f"lines[{place}][amount]": str(amount),
        }
    return form


def test_an_open_invoice_is_owed_less(api: Caller) -> None:
    ten = rate(api, "10")
    invoice = opened(api, api.customer(), (10_000, ten), (500, ten))
    before = len(api.event_types())
    note = api.post_form(
        "/v1/credit_notes",
        {**line_form(invoice, 1_000, 0), "memo": "お詫び", "reason": "order_change"},
    )
    assert (note["object"], note["status"], note["type"]) == ("credit_note", "issued", "pre_payment")
    assert note["number"] == f"{invoice['number']}-CN-01"
    assert (note["amount"], note["total"], note["subtotal"]) == (1_100, 1_100, 1_000)
    assert (note["pre_payment_amount"], note["post_payment_amount"]) == (1_100, 0)
    assert note["total_taxes"][0]["amount"] == 100
    after = api.get(f"/v1/invoices/{invoice['id']}")
    assert (after["amount_due"], after["amount_remaining"], after["total"]) == (10_450, 10_450, 11_550)
    assert after["pre_payment_credit_notes_amount"] == 1_100
    assert api.event_types()[before:] == ["credit_note.created", "invoice.updated"]
    (payment,) = api.get("/v1/invoice_payments", f"invoice={invoice['id']}")["data"]
    assert payment["amount_requested"] == 10_450
    assert api.get(f"/v1/credit_notes/{note['id']}") == note
    assert api.ids("/v1/credit_notes", f"invoice={invoice['id']}") == [note["id"]]
    assert api.ids("/v1/credit_notes", f"customer={invoice['customer']}") == [note["id"]]
    assert api.ids("/v1/credit_notes", "created[gt]=1") == [note["id"]]


def test_nothing_left_is_paid(api: Caller) -> None:
    invoice = opened(api, api.customer(), (3_000, None))
    before = len(api.event_types())
    note = api.post("/v1/credit_notes", invoice=invoice["id"], amount="3000")
    assert note["type"] == "pre_payment"
    after = api.get(f"/v1/invoices/{invoice['id']}")
    assert (after["status"], after["amount_due"], after["amount_paid"]) == ("paid", 0, 0)
    assert api.event_types()[before:] == [
        "payment_intent.canceled",
        "credit_note.created",
        "invoice.paid",
        "invoice.updated",
    ]
    error = api.refused(f"/v1/credit_notes/{note['id']}/void").error
    assert error["message"] == (
        "You can only void a credit note while its invoice is open; it is paid."
    )


def test_a_paid_invoice_is_refunded_in_the_same_breath(api: Caller) -> None:
    invoice = paid(api, api.customer(), (10_000, rate(api, "10")))
    before = len(api.event_types())
    note = api.post(
        "/v1/credit_notes", invoice=invoice["id"], amount="1100", refund_amount="1100"
    )
    assert (note["type"], note["post_payment_amount"]) == ("post_payment", 1_100)
    assert api.event_types()[before:] == [
        "credit_note.created",
        "invoice.updated",
        "refund.created",
        "charge.refunded",
    ]
    (linked,) = note["refunds"]
    assert linked["amount_refunded"] == 1_100
    refund = api.get(f"/v1/refunds/{linked['refund']}")
    assert (refund["status"], refund["amount"]) == ("succeeded", 1_100)
    after = api.get(f"/v1/invoices/{invoice['id']}")
    assert (after["status"], after["amount_paid"]) == ("paid", 11_000)
    assert after["post_payment_credit_notes_amount"] == 1_100


def test_the_answer_is_the_credit_note_also_when_the_refund_fails(api: Caller) -> None:
    customer = api.customer(card="pm_card_refundFail")
    invoice = paid(api, customer, (10_000, None))
    note = api.post("/v1/credit_notes", invoice=invoice["id"], amount="500", refund_amount="500")
    assert note["object"] == "credit_note"
    refund = api.get(f"/v1/refunds/{note['refunds'][0]['refund']}")
    assert refund["status"] == "failed"


@pytest.mark.parametrize("amount", [1])
def test_credit_goes_to_the_balance_and_pays_the_next_invoice(api: Caller, amount: int) -> None:
    customer = api.customer()
    invoice = paid(api, customer, (10_000, None))
    note = api.post("/v1/credit_notes", invoice=invoice["id"], amount="2500", credit_amount="2500")
    movement = api.get(
        f"/v1/customers/{customer}/balance_transactions/{note['customer_balance_transaction']}"
    )
    assert (movement["type"], movement["amount"]) == ("credit_note", -2_500)
    assert (movement["credit_note"], movement["invoice"]) == (note["id"], invoice["id"])
    assert api.get(f"/v1/customers/{customer}")["balance"] == -2_500
    following = opened(api, customer, (4_000, None))
    assert following["amount_due"] == 1_500
