"""Payments that bring too much or a little too little, and credit notes of payment plans."""

import pytest

from tests.api.crediting import opened, payment, promised, rate
from tests.api.room import Caller

# ── payment plans ──────────────────────────────────────────────────────────────────────────────


def test_a_plan_loses_its_last_instalments_and_gets_them_back(api: Caller) -> None:
    customer = api.customer(email="keiri@example.jp")
    form = {"customer": customer, "currency": "jpy", "collection_method": "send_invoice"}
    for place, amount in enumerate((5_000, 3_000, 2_000)):
        form |= {
            f"amounts_due[{place}][amount]": str(amount),
            f"amounts_due[{place}][description]": f"{place + 1} 回目",
            f"amounts_due[{place}][days_until_due]": str(30 * place + 10),
        }
    draft = api.post_form("/v1/invoices", form)["id"]
    api.line(draft, 10_000)
    api.post(f"/v1/invoices/{draft}/finalize")
    note = api.post("/v1/credit_notes", invoice=draft, amount="2500")
    after = api.get(f"/v1/invoices/{draft}")
    assert [each["amount"] for each in after["amounts_due"]] == [5_000, 2_500, 0]
    assert [each["status"] for each in after["amounts_due"]] == ["open", "open", "paid"]
    assert after["amount_due"] == 7_500
    api.post(f"/v1/credit_notes/{note['id']}/void")
    again = api.get(f"/v1/invoices/{draft}")
    assert [each["amount"] for each in again["amounts_due"]] == [5_000, 3_000, 2_000]
    assert [each["paid_at"] for each in again["amounts_due"]] == [None] * 3


# ── too much, and a little too little ──────────────────────────────────────────────────────────


def test_a_small_shortfall_is_let_go_and_comes_back_with_the_payment(api: Caller) -> None:
    customer = api.customer()
    ten = rate(api, "10")
    first = opened(api, customer, (10_000, ten))
    short = payment(api, customer, 10_901)
    after = api.post(f"/v1/invoices/{first['id']}/attach_payment", payment_intent=short)
    assert (after["status"], after["amount_remaining"]) == ("open", 99)
    api.post_form("/v1/seikyu/settings", {"shortfall_tolerance[jpy]": "99"})
    invoice = opened(api, customer, (10_000, ten))
    before = len(api.event_types())
    api.post(f"/v1/invoices/{first['id']}/detach_payment", payment_intent=short)
    after = api.post(f"/v1/invoices/{invoice['id']}/attach_payment", payment_intent=short)
    assert (after["status"], after["amount_due"], after["amount_paid"]) == ("paid", 10_901, 10_901)
    (note,) = api.get("/v1/credit_notes", f"invoice={invoice['id']}")["data"]
    assert (note["type"], note["amount"]) == ("pre_payment", 99)
    assert note["metadata"] == {"seikyu_reason": "shortfall"}
    assert note["total_taxes"][0]["amount"] == 9
    assert api.event_types()[before + 2 :] == [
        "payment_intent.canceled",
        "invoice_payment.paid",
        "credit_note.created",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice.updated",
    ]
    back = api.post(f"/v1/invoices/{invoice['id']}/detach_payment", payment_intent=short)
    assert (back["status"], back["amount_due"], back["amount_remaining"]) == (
        "open",
        11_000,
        11_000,
    )
    assert api.get(f"/v1/credit_notes/{note['id']}")["status"] == "void"


@pytest.mark.parametrize("short", [100, 5_000])
def test_a_larger_shortfall_stays_owed(api: Caller, short: int) -> None:
    api.post_form("/v1/seikyu/settings", {"shortfall_tolerance[jpy]": "99"})
    customer = api.customer()
    invoice = opened(api, customer, (10_000, None))
    part = payment(api, customer, 10_000 - short)
    after = api.post(f"/v1/invoices/{invoice['id']}/attach_payment", payment_intent=part)
    assert (after["status"], after["amount_remaining"]) == ("open", short)
    assert api.ids("/v1/credit_notes") == []


def test_what_is_paid_too_much_is_credit_until_it_is_taken_off(api: Caller) -> None:
    """A promised payment of 4,000 comes after all, when a card had paid the 10,000 already."""
    customer = api.customer()
    invoice = opened(api, customer, (10_000, None))["id"]
    late = promised(api, customer, 4_000)
    api.post(f"/v1/invoices/{invoice}/attach_payment", payment_intent=late)
    api.post(f"/v1/invoices/{invoice}/pay")
    before = len(api.event_types())
    api.post(f"/v1/payment_intents/{late}/confirm", payment_method="pm_card_visa")
    after = api.get(f"/v1/invoices/{invoice}")
    assert (after["status"], after["amount_paid"]) == ("paid", 14_000)
    assert (after["amount_overpaid"], after["amount_remaining"]) == (4_000, 0)
    assert "invoice.overpaid" in api.event_types()[before:]
    (movement,) = api.get(f"/v1/customers/{customer}/balance_transactions")["data"]
    assert (movement["type"], movement["amount"], movement["invoice"]) == (
        "invoice_overpaid",
        -4_000,
        invoice,
    )
    assert api.get(f"/v1/customers/{customer}")["balance"] == -4_000
    back = api.post(f"/v1/invoices/{invoice}/detach_payment", payment_intent=late)
    assert (back["status"], back["amount_paid"], back["amount_overpaid"]) == ("paid", 10_000, 0)
    assert api.get(f"/v1/customers/{customer}")["balance"] == 0
    movements = api.get(f"/v1/customers/{customer}/balance_transactions")["data"]
    assert [each["amount"] for each in movements] == [4_000, -4_000]


def test_overpaid_money_pays_the_next_invoice(api: Caller) -> None:
    customer = api.customer()
    invoice = opened(api, customer, (10_000, None))["id"]
    late = promised(api, customer, 4_000)
    api.post(f"/v1/invoices/{invoice}/attach_payment", payment_intent=late)
    api.post(f"/v1/invoices/{invoice}/pay")
    api.post(f"/v1/payment_intents/{late}/confirm", payment_method="pm_card_visa")
    following = opened(api, customer, (3_000, None))
    assert (following["status"], following["amount_due"]) == ("paid", 0)
    assert api.get(f"/v1/customers/{customer}")["balance"] == -1_000
