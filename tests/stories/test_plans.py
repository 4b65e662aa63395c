"""Payment plans, day by day: one instalment late and then everything at once; voided before and after."""

from typing import Any

import pytest
import stripe

from tests.stories.story import Story, moment

PLAN: list[Any] = [
    {"amount": 10_000, "description": "前金", "days_until_due": 10},
    {"amount": 20_000, "description": "中間金", "days_until_due": 40},
    {"amount": 20_000, "description": "残金", "days_until_due": 70},
]


def planned(story: Story, **given: Any) -> stripe.Invoice:
    """An invoice of 50,000 yen in a deposit and two instalments, finalized and mailed on 1 January."""
    story.begins("2026-01-01")
    params: Any = {"collection_method": "send_invoice", "amounts_due": PLAN, **given}
    draft = story.invoice(50_000, **params)
    story.news()
    return story.sdk.v1.invoices.finalize_invoice(draft.id, {"auto_advance": True})


def received(story: Story, invoice: str, amount: int) -> stripe.Invoice:
    """Money of the customer comes and is applied."""
    paid: Any = {
        "amount": amount,
        "currency": "jpy",
        "customer": story.customer,
        "payment_method": "pm_card_visa",
        "confirm": True,
        "off_session": True,
    }
    intent = story.sdk.v1.payment_intents.create(paid)
    story.news()
    story.sdk.v1.invoices.attach_payment(invoice, {"payment_intent": intent.id})
    return story.get(invoice)


def standing(invoice: stripe.Invoice) -> list[tuple[int, str]]:
    """What was paid of each instalment, and how it stands: a preview that the SDK has no type for."""
    parts: list[Any] = invoice["amounts_due"]
    return [(part["amount_paid"], part["status"]) for part in parts]


def on(day: str, *names: str) -> list[str]:
    """What happened on a day."""
    return [f"{day} {name}" for name in names]


RECALLED = ("invoice.will_be_due", "payment_plan.installment_will_be_due", "mail reminder")
CARD = ("charge.succeeded", "payment_intent.succeeded", "payment_intent.created")
PART = ("invoice_payment.paid", "invoice.updated")
FULL = ("payment_plan.installment_paid", "payment_plan.updated")
VOIDED = (
    "payment_intent.canceled",
    "invoice.voided",
    "invoice.updated",
    "payment_plan.updated",
)


def test_one_instalment_is_late_and_then_everything_is_paid_at_once(story: Story) -> None:
    """Each instalment is recalled a week before its date; nobody is charged but by their own hand."""
    # ── 1 January: finalized and mailed; the deposit is expected
    invoice = planned(story)
    assert story.news() == on(
        "01-01",
        "payment_intent.created",
        "invoice.finalized",
        "invoice.updated",
        "invoice.sent",
        "payment_plan.updated",
        "mail invoice",
    )
    assert invoice.due_date == moment("2026-03-12")
    assert story.until("2026-01-09") == on("01-04", *RECALLED)
    # ── 9 January: the customer pays the deposit by card, two days early
    story.sdk.v1.invoices.pay(invoice.id)
    assert story.news() == on("01-09", *CARD, *PART, *FULL, "mail receipt")
    assert standing(story.get(invoice.id)) == [(10_000, "paid"), (0, "open"), (0, "open")]
    # ── 10 February: the second one passes unpaid, although a card is on file
    assert story.until("2026-02-09") == on("02-03", *RECALLED)
    assert story.until("2026-02-20") == on(
        "02-10",
        "invoice.updated",
        "customer.updated",
        "payment_plan.installment_due",
        "payment_plan.updated",
    )
    late = story.get(invoice.id)
    assert (late.status, late.amount_remaining) == ("open", 40_000)
    assert standing(late) == [(10_000, "paid"), (0, "past_due"), (0, "open")]
    # ── 20 February: all the rest at once
    after = received(story, invoice.id, 40_000)
    assert story.news() == on(
        "02-20",
        "payment_intent.canceled",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice.updated",
        "customer.updated",
        "payment_plan.installment_paid",
        *FULL,
    )
    assert (after.status, after.amount_paid, after.amount_remaining) == ("paid", 50_000, 0)
    assert standing(after) == [(10_000, "paid"), (20_000, "paid"), (20_000, "paid")]
    # ── and nothing is recalled any more
    assert story.until("2026-12-01") == []


def test_a_plan_is_voided_before_its_first_payment(story: Story) -> None:
    invoice = planned(story)
    story.news()
    assert story.until("2026-01-05") == on("01-04", *RECALLED)
    story.sdk.v1.invoices.void_invoice(invoice.id)
    assert story.news() == on("01-05", *VOIDED)
    (plan,) = story.caller.get("/v1/payment_plans", f"invoice={invoice.id}")["data"]
    assert [part["status"] for part in plan["installments"]] == ["canceled"] * 3
    assert story.until("2026-12-01") == []


@pytest.mark.parametrize(
    ("action", "word"), [("void", "voided"), ("mark_uncollectible", "marked uncollectible")]
)
def test_a_plan_is_not_given_up_after_its_first_payment(
    story: Story, action: str, word: str
) -> None:
    """Not while the payment is on it: un-applied, the invoice can be voided, and the payment is free."""
    invoice = planned(story)
    story.news()
    story.sdk.v1.invoices.pay(invoice.id)
    assert story.news() == on("01-01", *CARD, *PART, *FULL, "mail receipt")
    error = story.caller.refused(f"/v1/invoices/{invoice.id}/{action}").error
    assert error["message"] == (
        f"An invoice with a payment plan can only be {word} before its first payment is received; "
        "mark the rest paid out of band, or un-apply the payments first."
    )
    assert story.news() == []
    story.detach(invoice.id)
    assert story.news() == on(
        "01-01", "invoice_payment.detached", "invoice.updated", "payment_plan.updated"
    )
    story.sdk.v1.invoices.void_invoice(invoice.id)
    assert story.news() == on("01-01", *VOIDED)
    (waits,) = story.caller.get("/v1/seikyu/unapplied_payments")["data"]
    assert (waits["amount"], waits["unapplied_from"]) == (10_000, invoice.id)
    assert story.until("2026-12-01") == []


def test_the_rest_of_a_plan_is_paid_outside_as_a_whole(story: Story) -> None:
    invoice = planned(story)
    story.sdk.v1.invoices.pay(invoice.id)
    story.news()
    story.sdk.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})
    assert story.news() == on(
        "01-01",
        "payment_intent.canceled",
        "invoice.paid",
        "invoice.updated",
        "payment_plan.installment_paid",
        *FULL,
    )
    after = story.get(invoice.id)
    assert (after.status, after.amount_remaining) == ("paid", 0)
    assert standing(after) == [(10_000, "paid"), (20_000, "paid"), (20_000, "paid")]
    assert story.until("2026-12-01") == []
