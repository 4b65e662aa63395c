"""Trials, pauses and ends of subscriptions, day by day."""

import pytest

from seikyu.engine.billing.invoice import VoidInvoice
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.subscription import (
    CancelSubscription,
    ResumeSubscription,
    SubscriptionItem,
    UpdateSubscription,
    UpdateSubscriptionItem,
)
from tests.billing.subscribers import Subscribers, dates, day, in_status
from tests.billing.world import DAY, MARCH

UPDATED = "customer.subscription.updated"
DELETED = "customer.subscription.deleted"

# ── trials ─────────────────────────────────────────────────────────────────────────────────────


def test_a_trial_bills_nothing_says_when_it_ends_and_then_begins_to_bill() -> None:
    world = Subscribers()
    made = world.subscribe(world.price(3_000), trial_period_days=10)
    (invoice,) = world.invoices()
    assert (made.status, invoice.status, invoice.total) == ("trialing", "paid", 0)
    assert world.billed(invoice) == [(0, "2026-03-01", "2026-03-11")]
    world.news()
    world.until(day("2026-03-08"))
    assert world.news() == ["customer.subscription.trial_will_end"]
    world.until(day("2026-03-11"))
    after = world.now_is(made)
    assert (after.status, dates(after.current_period_end)) == ("active", ["2026-04-11"])
    assert world.billed(world.invoices()[1]) == [(3_000, "2026-03-11", "2026-04-11")]
    assert world.news() == ["invoice.created", UPDATED]


def test_a_short_trial_says_at_once_that_it_ends() -> None:
    world = Subscribers()
    world.subscribe(world.price(3_000), trial_period_days=2)
    assert world.news()[:3] == [
        "customer.subscription.created",
        "customer.subscription.trial_will_end",
        "invoice.created",
    ]
    world.until(day("2026-03-02"))
    assert world.news().count("customer.subscription.trial_will_end") == 0


@pytest.mark.parametrize(
    ("behavior", "status", "events"),
    [
        ("pause", "paused", [UPDATED, "customer.subscription.paused"]),
        ("cancel", "canceled", [DELETED]),
        ("create_invoice", "active", ["invoice.created", UPDATED]),
    ],
)
def test_a_trial_that_ends_without_a_card(behavior: str, status: str, events: list[str]) -> None:
    world = Subscribers()
    world.customer()
    made = world.subscribe(
        world.price(3_000),
        trial_period_days=10,
        trial_settings={"end_behavior": {"missing_payment_method": behavior}},
    )
    world.until(day("2026-03-10"))
    world.news()
    world.until(day("2026-03-11"))
    assert (world.now_is(made).status, world.news()) == (status, events)


def test_a_paused_subscription_bills_nothing_and_resumes_with_a_new_period() -> None:
    world, subscription = in_status("paused")
    world.until(day("2026-06-10"))
    assert len(world.invoices()) == 1
    world.on(subscription, ResumeSubscription({}))
    after = world.now_is(subscription)
    assert (after.status, dates(after.current_period_start, after.current_period_end)) == (
        "active",
        ["2026-06-10", "2026-07-10"],
    )


def test_what_cannot_be_paid_is_not_resumed() -> None:
    world, subscription = in_status("paused")
    world.declines = True
    world.on(subscription, ResumeSubscription({}))
    assert world.now_is(subscription).status == "paused"
    world.until(world.now + DAY)
    after = world.now_is(subscription)
    assert (after.status, world.invoices()[-1].status) == ("paused", "void")
    assert after.next_action_at is None


def test_voiding_the_invoice_of_a_resumption_leaves_it_paused_and_not_due() -> None:
    world, subscription = in_status("paused")
    world.declines = True
    world.on(subscription, ResumeSubscription({}))
    world.run(VoidInvoice(), world.now_is(subscription).latest_invoice_id or "")
    after = world.now_is(subscription)
    assert (after.status, after.expires_at, after.next_action_at) == ("paused", None, None)


def test_a_trial_can_end_now_or_later() -> None:
    world, subscription = in_status("trialing")
    world.on(subscription, UpdateSubscription({"trial_end": day("2026-04-01")}))
    after = world.now_is(subscription)
    assert dates(after.current_period_start, after.current_period_end) == [
        "2026-03-01",
        "2026-04-01",
    ]
    assert len(world.invoices()) == 1
    world.now = day("2026-03-20")
    world.news()
    world.on(after, UpdateSubscription({"trial_end": "now"}))
    after = world.now_is(subscription)
    assert (after.status, dates(after.billing_cycle_anchor)) == ("active", ["2026-03-20"])
    invoice = world.invoices()[-1]
    assert (invoice.status, invoice.total) == ("paid", 5_000)
    assert "customer.subscription.trial_will_end" in world.news()


# ── pausing collection ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("behavior", "status"),
    [("keep_as_draft", "draft"), ("mark_uncollectible", "uncollectible"), ("void", "void")],
)
def test_while_collection_is_paused_invoices_are_let_go(behavior: str, status: str) -> None:
    world, subscription = in_status("active")
    resumes = day("2026-05-15")
    pause = {"behavior": behavior, "resumes_at": resumes}
    world.on(subscription, UpdateSubscription({"pause_collection": pause}))
    world.until(day("2026-05-02"))
    assert [i.status for i in world.invoices()] == ["paid", status, status]
    assert world.now_is(subscription).status == "active"
    world.news()
    world.until(resumes)
    assert (world.news(), world.now_is(subscription).pause_behavior) == ([UPDATED], None)
    world.until(day("2026-06-02"))
    assert [i.status for i in world.invoices()][3:] == ["paid"]


# ── ending ─────────────────────────────────────────────────────────────────────────────────────


def test_canceling_at_the_end_of_the_period_can_be_taken_back() -> None:
    world, subscription = in_status("active")
    world.on(subscription, UpdateSubscription({"cancel_at_period_end": True}))
    after = world.now_is(subscription)
    assert (dates(after.cancel_at or 0), after.canceled_at, after.status) == (
        ["2026-04-01"],
        MARCH,
        "active",
    )
    world.on(after, UpdateSubscription({"cancel_at_period_end": False}))
    assert (world.now_is(subscription).cancel_at, world.now_is(subscription).canceled_at) == (
        None,
        None,
    )
    world.on(after, UpdateSubscription({"cancel_at_period_end": True}))
    world.news()
    world.until(day("2026-04-01"))
    ended = world.now_is(subscription)
    assert (ended.status, ended.ended_at) == ("canceled", day("2026-04-01"))
    assert (world.news(), len(world.invoices())) == ([DELETED], 1)


def test_canceling_now_stops_collecting_what_is_open() -> None:
    world, subscription = in_status("past_due")
    world.on(subscription, CancelSubscription({}))
    invoice = world.get(subscription.latest_invoice_id)
    assert (invoice.status, invoice.auto_advance, invoice.next_action_at) == ("open", False, None)
    assert world.news() == [DELETED, "invoice.updated"]
    world.until(MARCH + 90 * DAY)
    assert world.get(invoice.id).attempt_count == 1


def test_canceling_now_can_give_back_what_was_not_used() -> None:
    world = Subscribers()
    made = world.subscribe(world.price(3_100))
    world.now = day("2026-03-11")
    world.on(made, CancelSubscription({"prorate": True, "invoice_now": True}))
    invoice = world.invoices()[-1]
    assert (invoice.status, invoice.total, world.billed(invoice)) == (
        "paid",
        -2_100,
        [(-2_100, "2026-03-11", "2026-04-01")],
    )
    assert world.get("cus_1").balance == -2_100
    assert world.now_is(made).latest_invoice_id == invoice.id


def test_cancel_at_within_a_period_gives_back_the_rest() -> None:
    world = Subscribers()
    made = world.subscribe(world.price(3_100), cancel_at=day("2026-03-21"))
    world.until(day("2026-04-02"))
    assert world.now_is(made).ended_at == day("2026-03-21")
    assert world.get("cus_1").balance == -1_100


def test_canceling_without_proration_drops_what_waits_to_be_prorated() -> None:
    world, subscription = in_status("active")
    item = world.all(SubscriptionItem)[0]
    world.now = day("2026-03-11")
    world.on(subscription, UpdateSubscriptionItem(item.id, {"quantity": 2}))
    assert len([x for x in world.all(Line) if x.proration]) == 2
    world.on(world.now_is(subscription), CancelSubscription({}))
    assert [x for x in world.all(Line) if x.proration] == []
