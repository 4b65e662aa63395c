"""A payment on the wrong invoice is moved; a paid subscription invoice is re-opened and collected again."""

from typing import Any

from tests.stories.story import Story
from tests.stories.test_reopened import on, reopen, subscribed, turn_on

MOVED = ("payment_intent.canceled", "invoice_payment.paid", "invoice.paid")
TOLD = ("invoice.payment_succeeded", "invoice.updated")


def test_a_payment_on_the_wrong_invoice_is_moved_to_the_right_one(story: Story) -> None:
    """Taken off one and put on the other, whole; nobody is mailed, and nothing happens by itself."""
    story.begins("2026-01-01")
    terms: Any = {"collection_method": "send_invoice", "days_until_due": 30}
    wrong, right = (story.invoice(30_000, **terms).id for _ in range(2))
    for each in (wrong, right):
        story.sdk.v1.invoices.finalize_invoice(each, {"auto_advance": True})
    story.news()
    # ── 5 January: money comes without saying what for, and is applied to the older invoice
    assert story.until("2026-01-05") == []
    paid: Any = {
        "amount": 30_000,
        "currency": "jpy",
        "customer": story.customer,
        "payment_method": "pm_card_visa",
        "confirm": True,
        "off_session": True,
    }
    intent = story.sdk.v1.payment_intents.create(paid).id
    assert story.news() == on(
        "01-05", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded"
    )
    story.sdk.v1.invoices.attach_payment(wrong, {"payment_intent": intent})
    assert story.news() == on("01-05", *MOVED, *TOLD)
    # ── 20 January: it was meant for the other one
    assert story.until("2026-01-20") == []
    story.detach(wrong)
    assert story.news() == on(
        "01-20", "payment_intent.created", "invoice_payment.detached", "invoice.updated"
    )
    reopened = story.get(wrong)
    assert (reopened.status, reopened.auto_advance) == ("open", False)
    assert reopened.amount_remaining == 30_000
    (waits,) = story.caller.get("/v1/seikyu/unapplied_payments")["data"]
    assert (waits["payment_intent"], waits["unapplied_from"]) == (intent, wrong)
    assert [each["invoice"] for each in waits["candidates"]] == [wrong, right]
    story.sdk.v1.invoices.attach_payment(right, {"payment_intent": intent})
    assert story.news() == on("01-20", *MOVED, *TOLD)
    assert story.get(right).status == "paid"
    assert story.caller.get("/v1/seikyu/unapplied_payments")["data"] == []
    # ── the wrong one stays open: whether it is recalled again is for a person to decide
    assert story.until("2026-04-20") == []
    assert story.get(wrong).status == "open"


def test_a_paid_subscription_invoice_is_reopened_and_collected_again(story: Story) -> None:
    """The first payment is free; the retries go on where they would be, and the new card pays."""
    subscription, invoice = subscribed(story)
    reopen(story, invoice, "2026-01-07")
    assert story.sdk.v1.subscriptions.retrieve(subscription).status == "active"
    story.use_card("pm_card_visa")
    story.news()
    turn_on(story, invoice)
    assert story.until("2026-02-08") == on(
        "01-08",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice.updated",
        "mail receipt",
    )
    assert story.get(invoice).status == "paid"
    assert story.sdk.v1.subscriptions.retrieve(subscription).status == "active"
    (waits,) = story.caller.get("/v1/seikyu/unapplied_payments")["data"]
    assert (waits["amount"], waits["unapplied_from"]) == (10_000, invoice)
