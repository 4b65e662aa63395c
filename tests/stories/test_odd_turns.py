"""Odd turns: rules that meet each other where nobody planned it, told through the SDK."""

from typing import Any

import pytest
import stripe

from tests.stories.story import Story, moment


def monthly(story: Story, amount: int = 1_000, interval: str = "month") -> str:
    """Make a recurring price in yen; return its id."""
    params: Any = {
        "currency": "jpy",
        "unit_amount": amount,
        "recurring": {"interval": interval},
        "product_data": {"name": "サンプル"},
    }
    return story.sdk.v1.prices.create(params).id


def subscribed(story: Story, price: str, **given: Any) -> Any:
    """Subscribe the story's customer."""
    params: Any = {"customer": story.customer, "items": [{"price": price}], **given}
    made = story.sdk.v1.subscriptions.create(params)
    story.room.drain()
    return made


def paid_by_payment(story: Story, invoice: str, amount: int) -> str:
    """Pay a part of the invoice with a payment of its own; return the payment."""
    intent = story.sdk.v1.payment_intents.create(
        {
            "amount": amount,
            "currency": "jpy",
            "customer": story.customer,
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )
    story.sdk.v1.invoices.attach_payment(invoice, {"payment_intent": intent.id})
    return intent.id


def test_a_plan_that_was_begun_is_not_given_up_and_its_instalments_still_fall_due(
    story: Story,
) -> None:
    story.begins("2026-01-01")
    story.settings({"past_due[after_days]": "30", "past_due[invoice]": "mark_uncollectible"})
    plan = [
        {"amount": 4_000, "days_until_due": 10, "description": "1"},
        {"amount": 6_000, "days_until_due": 20, "description": "2"},
    ]
    draft = story.invoice(
        10_000, collection_method="send_invoice", amounts_due=plan, auto_advance=True
    )
    story.sdk.v1.invoices.finalize_invoice(draft.id)
    paid_by_payment(story, draft.id, 4_000)
    steps = story.ours("get", f"/v1/invoices/{draft.id}/forecast")["steps"]
    assert [step["action"] for step in steps][-1] == "fall_due"
    story.advance("2026-06-01")
    after: Any = story.get(draft.id)
    assert (after.status, after.amount_remaining) == ("open", 6_000)
    assert [part["status"] for part in after["amounts_due"]] == ["paid", "past_due"]


def test_deleting_a_revision_gives_back_no_discount_that_the_original_still_has(
    story: Story,
) -> None:
    story.begins("2026-01-01")
    coupon = story.sdk.v1.coupons.create({"percent_off": 10, "duration": "once"})
    story.caller.post_form(f"/v1/customers/{story.customer}", {"coupon": coupon.id})
    draft = story.invoice(10_000)
    assert draft.total == 9_000
    story.sdk.v1.invoices.finalize_invoice(draft.id)
    revision = story.sdk.v1.invoices.create(
        {"from_invoice": {"action": "revision", "invoice": draft.id}}
    )
    story.sdk.v1.invoices.delete(revision.id)
    assert story.sdk.v1.customers.retrieve(story.customer).discount is None
    assert story.invoice(10_000).total == 10_000


def test_a_revision_begins_without_the_credit_notes_of_the_original(story: Story) -> None:
    story.begins("2026-01-01")
    draft = story.invoice(10_000)
    story.sdk.v1.invoices.finalize_invoice(draft.id)
    story.sdk.v1.credit_notes.create({"invoice": draft.id, "amount": 400})
    assert story.get(draft.id).amount_remaining == 9_600
    revision = story.sdk.v1.invoices.create(
        {"from_invoice": {"action": "revision", "invoice": draft.id}}
    )
    after = story.sdk.v1.invoices.finalize_invoice(revision.id)
    assert (after.amount_due, after.pre_payment_credit_notes_amount) == (10_000, 0)
    assert story.get(draft.id).status == "void"
    assert story.room.audited() == []


def test_ending_a_subscription_posts_nothing_that_was_posted_before(story: Story) -> None:
    story.begins("2026-01-01")
    made = subscribed(story, monthly(story), collection_method="send_invoice", days_until_due=30)
    invoice = story.sdk.v1.invoices.finalize_invoice(made.latest_invoice)
    part = paid_by_payment(story, invoice.id, 400)
    story.sdk.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})
    story.ours("post", f"/v1/invoices/{invoice.id}/detach_payment", payment_intent=part)
    story.sdk.v1.invoices.update(invoice.id, {"auto_advance": True})
    story.sdk.v1.subscriptions.cancel(made.id)
    assert story.get(invoice.id).auto_advance is False
    assert story.room.audited() == []


def test_a_change_that_no_card_can_pay_makes_the_subscription_past_due(story: Story) -> None:
    story.begins("2026-01-01", card=None)
    card = story.use_card("pm_card_visa")
    made = subscribed(story, monthly(story))
    story.sdk.v1.payment_methods.detach(card)
    item = made["items"].data[0].id
    story.settings({"retries[mode]": "none"})
    story.sdk.v1.subscriptions.update(
        made.id,
        {"items": [{"id": item, "quantity": 2}], "proration_behavior": "always_invoice"},
    )
    story.room.drain()
    story.advance("2026-01-02")
    after = story.sdk.v1.subscriptions.retrieve(made.id)
    assert after.status == "canceled"  # what the account does after the last retry
    assert story.sdk.v1.customers.retrieve(story.customer).delinquent is True


def test_naming_an_item_as_it_is_leaves_it_on_the_subscription(story: Story) -> None:
    story.begins("2026-01-01")
    made = subscribed(story, monthly(story))
    item = made["items"].data[0].id
    change: Any = {"items": [{"id": item, "quantity": 1}], "description": "サンプル"}
    after = story.sdk.v1.subscriptions.update(made.id, change)
    assert [each.id for each in after["items"].data] == [item]
    again = story.sdk.v1.subscriptions.retrieve(made.id)
    assert [each.id for each in again["items"].data] == [item]


def test_a_period_that_waits_to_be_paid_is_not_begun_a_second_time(story: Story) -> None:
    story.begins("2026-01-01", card=None)
    pauses: Any = {"end_behavior": {"missing_payment_method": "pause"}}
    made = subscribed(story, monthly(story), trial_period_days=3, trial_settings=pauses)
    story.advance("2026-01-10")
    story.use_card("pm_card_chargeCustomerFail")
    story.sdk.v1.subscriptions.resume(made.id)
    story.room.drain()
    first = story.sdk.v1.subscriptions.retrieve(made.id)
    assert first.status == "paused"
    with pytest.raises(stripe.InvalidRequestError, match=str(first.latest_invoice)):
        story.sdk.v1.subscriptions.resume(made.id)
    assert isinstance(first.latest_invoice, str)
    story.sdk.v1.invoices.void_invoice(first.latest_invoice)
    story.use_card("pm_card_visa")
    story.sdk.v1.subscriptions.resume(made.id)
    assert story.sdk.v1.subscriptions.retrieve(made.id).status == "active"


def test_an_invoice_that_is_due_when_it_is_finalized_falls_due(story: Story) -> None:
    story.begins("2026-01-01")
    made = subscribed(story, monthly(story), collection_method="send_invoice", days_until_due=0)
    story.advance("2026-01-02")
    assert story.sdk.v1.subscriptions.retrieve(made.id).status == "past_due"


def test_what_is_let_go_while_collection_is_paused_takes_no_credit(story: Story) -> None:
    for behavior in ("void", "mark_uncollectible"):
        story.begins("2026-01-01")
        made = subscribed(story, monthly(story))
        story.sdk.v1.customers.balance_transactions.create(
            story.customer, {"amount": -5_000, "currency": "jpy"}
        )
        pause: Any = {"behavior": behavior}
        story.sdk.v1.subscriptions.update(made.id, {"pause_collection": pause})
        story.advance("2026-03-15")
        statuses = [i.status for i in story.sdk.v1.invoices.list({"subscription": made.id}).data]
        gone = "void" if behavior == "void" else "uncollectible"
        assert statuses == [gone, gone, "paid"]
        assert story.sdk.v1.customers.retrieve(story.customer).balance == -5_000


def test_what_is_too_small_to_collect_is_let_go_as_well(story: Story) -> None:
    story.begins("2026-01-01")
    made = subscribed(story, monthly(story, 10))
    assert story.sdk.v1.customers.retrieve(story.customer).balance == 10
    story.sdk.v1.subscriptions.update(made.id, {"pause_collection": {"behavior": "void"}})
    story.advance("2026-03-15")
    statuses = [i.status for i in story.sdk.v1.invoices.list({"subscription": made.id}).data]
    assert statuses == ["void", "void", "paid"]
    assert story.sdk.v1.customers.retrieve(story.customer).balance == 10
    assert story.room.audited() == []


def test_when_collections_end_a_subscription_nothing_of_it_is_charged_any_more(
    story: Story,
) -> None:
    story.begins("2026-01-01")
    made = subscribed(story, monthly(story, interval="day"))
    story.use_card("pm_card_chargeCustomerFail")
    story.advance("2026-01-16")
    assert story.sdk.v1.subscriptions.retrieve(made.id).status == "canceled"
    ended = story.sdk.v1.subscriptions.retrieve(made.id).ended_at
    story.advance("2026-02-20")
    late = [
        event.type
        for event in story.sdk.v1.events.list({"limit": 100}).auto_paging_iter()
        if ended is not None and event.created > ended and event.type.startswith("invoice.")
    ]
    assert late == []


def test_a_deleted_customer_is_not_announced_again(story: Story) -> None:
    story.begins("2026-01-01", card="pm_card_visa")
    draft = story.invoice(10_000, auto_advance=True)
    story.sdk.v1.invoices.finalize_invoice(draft.id)
    story.sdk.v1.customers.delete(story.customer)
    story.news()
    news = story.until("2026-03-01")
    assert [line for line in news if "customer." in line] == []
    assert story.sdk.v1.customers.retrieve(story.customer).deleted is True


def test_only_what_was_not_refunded_waits_when_a_payment_is_taken_off(story: Story) -> None:
    story.begins("2026-01-01")
    cases: list[tuple[int, list[int]]] = [(400, [600]), (1_000, [600])]
    for back, waits in cases:
        draft = story.invoice(1_000)
        story.sdk.v1.invoices.pay(draft.id)
        payments = story.sdk.v1.invoice_payments.list({"invoice": draft.id}).data
        intent = payments[0].payment.payment_intent
        assert isinstance(intent, str)
        story.sdk.v1.refunds.create({"payment_intent": intent, "amount": back})
        story.detach(draft.id)
        found = story.ours("get", "/v1/seikyu/unapplied_payments")["data"]
        assert [each["amount"] for each in found] == waits
        assert [each["candidates"] for each in found] == [[]]
    free = story.sdk.v1.payment_intents.create(
        {
            "amount": 900,
            "currency": "jpy",
            "customer": story.customer,
            "payment_method": "pm_card_visa",
            "confirm": True,
        }
    )
    story.sdk.v1.refunds.create({"payment_intent": free.id, "amount": 200})
    found = story.ours("get", "/v1/seikyu/unapplied_payments")["data"]
    assert [each["amount"] for each in found] == [700, 600]
    story.sdk.v1.refunds.create({"payment_intent": free.id})
    found = story.ours("get", "/v1/seikyu/unapplied_payments")["data"]
    assert [each["amount"] for each in found] == [600]


def test_a_mailed_invoice_moves_through_a_summer_time_change_of_its_account(
    story: Story,
) -> None:
    story.settings({"time_zone": "America/New_York", "reminders[days][0]": "2"})
    story.begins("2026-03-06 15:00")
    draft = story.invoice(
        1_000, collection_method="send_invoice", days_until_due=1, auto_advance=True
    )
    story.sdk.v1.invoices.finalize_invoice(draft.id)
    story.advance("2026-03-20")
    mails = story.caller.get("/v1/seikyu/mails", "limit=100")["data"]
    assert [m["created"] for m in mails if m["kind"] == "reminder"] == [moment("2026-03-09 14:00")]
