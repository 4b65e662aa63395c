"""Re-opened invoices: the four examples of the source, day by day, and each with the switch left off.

Un-applying a payment turns ``auto_advance`` off; turning it on resumes from the original due date or the
first attempt. What passed meanwhile is not made up for. Source: Stripe, "Re-opened invoices".
"""

from typing import Any

import stripe

from tests.stories.story import Story, moment

CANCEL_AND_GIVE_UP = {
    "after_last_retry[subscription]": "cancel",
    "after_last_retry[invoice]": "mark_uncollectible",
    "past_due[after_days]": "30",
    "past_due[subscription]": "cancel",
    "past_due[invoice]": "mark_uncollectible",
}
FAILED = [
    "charge.failed",
    "payment_intent.payment_failed",
    "invoice.payment_failed",
    "invoice.updated",
]
REOPENED = ["payment_intent.created", "invoice_payment.detached", "invoice.updated"]


def on(day: str, *names: str) -> list[str]:
    """What happened on a day."""
    return [f"{day} {name}" for name in names]


def mailed_and_paid(story: Story) -> str:
    """An invoice mailed and due on 1 January, and paid by card on that day."""
    story.begins("2026-01-01")
    draft = story.invoice(10_000, collection_method="send_invoice", days_until_due=0)
    story.sdk.v1.invoices.finalize_invoice(draft.id)
    story.sdk.v1.invoices.pay(draft.id)
    story.news()
    return draft.id


def charged_and_paid(story: Story) -> str:
    """An invoice charged on 1 January."""
    story.begins("2026-01-01")
    draft = story.invoice(10_000)
    story.sdk.v1.invoices.pay(draft.id)
    story.news()
    return draft.id


def subscribed(story: Story, **given: object) -> tuple[str, str]:
    """A yearly subscription that began on 1 January, paid; return it and its invoice."""
    story.begins("2026-01-01")
    story.settings(CANCEL_AND_GIVE_UP)
    price = story.sdk.v1.prices.create(
        {
            "currency": "jpy",
            "unit_amount": 10_000,
            "recurring": {"interval": "year"},
            "product_data": {"name": "サンプル年額"},
        }
    )
    params: Any = {"customer": story.customer, "items": [{"price": price.id}], **given}
    made = story.sdk.v1.subscriptions.create(params)
    assert isinstance(made.latest_invoice, str)
    if given:
        draft = story.get(made.latest_invoice)
        if draft.status == "draft":
            story.sdk.v1.invoices.finalize_invoice(draft.id)
        story.sdk.v1.invoices.pay(draft.id)
    story.room.drain()
    assert story.get(made.latest_invoice).status == "paid"
    story.news()
    return made.id, made.latest_invoice


def reopen(story: Story, invoice: str, day: str) -> stripe.Invoice:
    """Take the payment off on ``day``; the card fails from then on."""
    assert story.until(day) == []
    story.use_card("pm_card_chargeCustomerFail")
    story.news()
    story.detach(invoice)
    reopened = story.get(invoice)
    assert (reopened.status, reopened.auto_advance) == ("open", False)
    assert reopened.next_payment_attempt is None
    assert [line.split(" ", 1)[1] for line in story.news()] == REOPENED
    return reopened


def turn_on(story: Story, invoice: str) -> stripe.Invoice:
    """Let the invoice advance by itself again."""
    after = story.sdk.v1.invoices.update(invoice, {"auto_advance": True})
    assert [line.split(" ", 1)[1] for line in story.news()] == ["invoice.updated"]
    return after


# ── 1: one-off, mailed ─────────────────────────────────────────────────────────────────────────


def test_a_mailed_invoice_reopened_on_10_january_is_recalled_on_day_14_only(story: Story) -> None:
    invoice = mailed_and_paid(story)
    reopen(story, invoice, "2026-01-09")
    assert story.until("2026-01-10") == []
    turn_on(story, invoice)
    assert story.until("2026-01-14 23:59") == []
    assert story.until("2026-03-01") == on("01-15", "invoice.overdue", "mail reminder")
    assert story.get(invoice).status == "open"


def test_a_mailed_invoice_left_off_is_never_recalled(story: Story) -> None:
    invoice = mailed_and_paid(story)
    reopen(story, invoice, "2026-01-09")
    assert story.until("2027-03-01") == []
    assert story.get(invoice).status == "open"


# ── 2: one-off, charged ────────────────────────────────────────────────────────────────────────


def test_a_charged_invoice_reopened_on_7_january_is_retried_within_the_first_window(
    story: Story,
) -> None:
    invoice = charged_and_paid(story)
    reopen(story, invoice, "2026-01-07")
    assert turn_on(story, invoice).next_payment_attempt == moment("2026-01-08")
    told = [*FAILED, "customer.updated", "mail payment_failed"]
    assert story.until("2026-01-08") == on("01-08", *told)
    told = [*FAILED, "mail payment_failed"]
    assert story.get(invoice).next_payment_attempt == moment("2026-01-10")
    assert story.until("2026-01-11") == on("01-10", *told)
    assert story.until("2026-01-12") == on("01-12", *told)
    assert story.until("2026-06-01") == on("01-14", *told)
    after = story.get(invoice)
    assert (after.status, after.next_payment_attempt, after.attempt_count) == ("open", None, 5)


def test_a_charged_invoice_left_off_is_never_charged(story: Story) -> None:
    invoice = charged_and_paid(story)
    reopen(story, invoice, "2026-01-07")
    assert story.until("2027-01-01") == []
    assert story.get(invoice).attempt_count == 1


# ── 3: subscription, mailed ────────────────────────────────────────────────────────────────────


def test_a_mailed_subscription_invoice_is_recalled_and_given_up_after_30_days(
    story: Story,
) -> None:
    subscription, invoice = subscribed(story, collection_method="send_invoice", days_until_due=0)
    reopen(story, invoice, "2026-01-07")
    assert story.sdk.v1.subscriptions.retrieve(subscription).status == "active"
    turn_on(story, invoice)
    assert story.until("2026-01-14 23:59") == []
    assert story.until("2026-01-30") == on("01-15", "invoice.overdue", "mail reminder")
    assert story.until("2026-03-01") == on(
        "01-31",
        "customer.subscription.deleted",
        "invoice.marked_uncollectible",
        "invoice.updated",
    )
    assert story.sdk.v1.subscriptions.retrieve(subscription).status == "canceled"
    assert story.get(invoice).status == "uncollectible"


def test_a_mailed_subscription_invoice_left_off_changes_nothing(story: Story) -> None:
    subscription, invoice = subscribed(story, collection_method="send_invoice", days_until_due=0)
    reopen(story, invoice, "2026-01-07")
    assert story.until("2026-12-01") == []
    assert story.sdk.v1.subscriptions.retrieve(subscription).status == "active"
    assert story.get(invoice).status == "open"


# ── 4: subscription, charged ───────────────────────────────────────────────────────────────────


def test_a_charged_subscription_invoice_is_retried_and_then_given_up(story: Story) -> None:
    subscription, invoice = subscribed(story)
    reopen(story, invoice, "2026-01-07")
    turn_on(story, invoice)
    assert story.until("2026-01-08") == on(
        "01-08",
        *FAILED,
        "customer.updated",
        "customer.subscription.updated",
        "mail payment_failed",
    )
    assert story.sdk.v1.subscriptions.retrieve(subscription).status == "past_due"
    told = [*FAILED, "mail payment_failed"]
    assert story.until("2026-01-13") == [*on("01-10", *told), *on("01-12", *told)]
    assert story.until("2026-03-01") == on(
        "01-14",
        *FAILED,
        "customer.subscription.deleted",
        "invoice.marked_uncollectible",
        "invoice.updated",
        "customer.updated",
        "mail payment_failed",
    )
    assert story.sdk.v1.subscriptions.retrieve(subscription).status == "canceled"
    assert story.get(invoice).status == "uncollectible"


def test_a_charged_subscription_invoice_left_off_changes_nothing(story: Story) -> None:
    subscription, invoice = subscribed(story)
    reopen(story, invoice, "2026-01-07")
    assert story.until("2026-12-01") == []
    assert story.sdk.v1.subscriptions.retrieve(subscription).status == "active"
