"""Changes of subscriptions: what is given back, what is taken, and when it is billed."""

from typing import Any

import pytest

from seikyu.engine.billing.line import Line
from seikyu.engine.billing.refusals import MomentNotAllowed, NotServed, ObjectMissing
from seikyu.engine.billing.settings import Settings
from seikyu.engine.billing.subscription import (
    CreateSubscriptionItem,
    DeleteSubscriptionItem,
    Subscription,
    SubscriptionItem,
    UpdateSubscription,
    UpdateSubscriptionItem,
)
from tests.billing.subscribers import Subscribers, dates, day
from tests.billing.world import DAY, refused

UPDATED = "customer.subscription.updated"


def started(amount: int = 3_100, **given: Any) -> tuple[Subscribers, Subscription, str]:
    """A subscription since 1 March, ten of March's 31 days later; its one item."""
    world = Subscribers()
    made = world.subscribe(world.price(amount), **given)
    world.now = day("2026-03-11")
    world.news()
    (item,) = world.all(SubscriptionItem)
    return world, made, item.id


def waiting(world: Subscribers) -> list[tuple[int, str | None]]:
    """Amount and words of what waits for the next invoice."""
    return [(x.amount, x.description) for x in world.all(Line) if x.invoice_id is None]


def test_another_quantity_gives_and_takes_by_the_second() -> None:
    world, made, item = started()
    world.now += 12 * 3600
    world.on(made, UpdateSubscriptionItem(item, {"quantity": 3}))
    # 20.5 of 31 days are left: 3,100 × 20.5 / 31 = 2,050.
    assert waiting(world) == [
        (-2_050, "Unused time on 保守 after 11 Mar 2026"),
        (6_150, "Remaining time on 3 × 保守 after 11 Mar 2026"),
    ]
    assert world.news() == ["invoiceitem.created", "invoiceitem.created", UPDATED]
    world.until(day("2026-04-01"))
    assert [line.amount for line in world.lines(world.invoices()[1].id)] == [-2_050, 6_150, 9_300]


def test_a_cheaper_price_is_a_credit_on_the_next_invoice() -> None:
    world, made, item = started()
    cheaper = world.price(310)
    world.on(made, UpdateSubscription({"items": [{"id": item, "price": cheaper}]}))
    assert [amount for amount, _ in waiting(world)] == [-2_100, 210]
    world.until(day("2026-04-02"))
    invoice = world.invoices()[1]
    assert (invoice.total, invoice.status, world.get("cus_1").balance) == (-1_580, "paid", -1_580)


@pytest.mark.parametrize(
    ("behavior", "lines", "invoices"),
    [
        ("create_prorations", 2, [3_100]),
        ("none", 0, [3_100]),
        ("always_invoice", 0, [3_100, 2_100]),
    ],
)
def test_prorations_wait_are_left_out_or_are_billed_at_once(
    behavior: str, lines: int, invoices: list[int]
) -> None:
    world, made, item = started()
    change = {"items": [{"id": item, "quantity": 2}], "proration_behavior": behavior}
    world.on(made, UpdateSubscription(change))
    assert (len(waiting(world)), [i.total for i in world.invoices()]) == (lines, invoices)
    assert {i.status for i in world.invoices()} == {"paid"}
    assert [i.billing_reason for i in world.invoices()[1:]] == ["subscription_update"] * (
        len(invoices) - 1
    )
    assert world.all(SubscriptionItem)[0].quantity == 2


def test_an_upgrade_that_cannot_be_paid_is_past_due() -> None:
    world, made, item = started()
    world.declines = True
    change = {"items": [{"id": item, "quantity": 2}], "proration_behavior": "always_invoice"}
    world.on(made, UpdateSubscription(change))
    invoice = world.invoices()[-1]
    assert (invoice.status, invoice.auto_advance) == ("open", True)
    assert world.now_is(made).status == "past_due"
    world.declines = False
    world.until(world.now + DAY)
    assert (world.get(invoice.id).status, world.now_is(made).status) == ("paid", "active")


def test_error_if_incomplete_of_an_update_is_refused_by_name() -> None:
    world, made, item = started()
    change = {
        "items": [{"id": item, "quantity": 2}],
        "proration_behavior": "always_invoice",
        "payment_behavior": "error_if_incomplete",
    }
    refused(lambda: world.on(made, UpdateSubscription(change)), NotServed)
    assert world.all(SubscriptionItem)[0].quantity == 1


def test_items_come_and_go_with_their_share() -> None:
    world, made, item = started()
    decision = world.on(made, CreateSubscriptionItem({"price": world.price(620), "quantity": 2}))
    added = decision.answer
    assert isinstance(added, SubscriptionItem)
    assert dates(added.current_period_start, added.current_period_end) == [
        "2026-03-01",
        "2026-04-01",
    ]
    world.now = day("2026-03-21")
    world.on(world.now_is(made), DeleteSubscriptionItem(item, {}))
    assert [amount for amount, _ in waiting(world)] == [840, -1_100]
    assert [i.id for i in world.all(SubscriptionItem)] == [added.id]


def test_the_moment_of_proration_can_be_named() -> None:
    world, made, item = started()
    change = {"quantity": 2, "proration_date": day("2026-03-16")}
    world.on(made, UpdateSubscriptionItem(item, change))
    assert [amount for amount, _ in waiting(world)] == [-1_600, 3_200]
    late = {"quantity": 3, "proration_date": day("2026-04-02")}
    refused(lambda: world.on(made, UpdateSubscriptionItem(item, late)), MomentNotAllowed)


def test_during_a_trial_there_is_nothing_to_give_back() -> None:
    world, made, item = started(trial_period_days=30)
    world.on(made, UpdateSubscriptionItem(item, {"quantity": 5}))
    assert waiting(world) == []
    world.until(day("2026-03-31"))
    assert world.billed(world.invoices()[-1]) == [(15_500, "2026-03-31", "2026-04-30")]


def test_another_interval_begins_a_new_period_at_once() -> None:
    world, made, item = started()
    yearly = world.price(36_500, interval="year")
    world.on(made, UpdateSubscription({"items": [{"id": item, "price": yearly}]}))
    invoice, after = world.invoices()[-1], world.now_is(made)
    assert world.billed(invoice) == [
        (-2_100, "2026-03-11", "2026-04-01"),
        (36_500, "2026-03-11", "2027-03-11"),
    ]
    assert (invoice.status, invoice.total, after.interval) == ("paid", 34_400, "year")
    assert dates(after.billing_cycle_anchor, after.current_period_end) == [
        "2026-03-11",
        "2027-03-11",
    ]


def test_the_cycle_can_begin_anew_now() -> None:
    world, made, _ = started()
    now = {"billing_cycle_anchor": {"type": "now"}, "proration_behavior": "none"}
    world.on(made, UpdateSubscription(now))
    assert world.billed(world.invoices()[-1]) == [(3_100, "2026-03-11", "2026-04-11")]


def test_from_free_to_paid_a_period_begins() -> None:
    world, made, item = started(0)
    paid = world.price(1_000)
    world.on(made, UpdateSubscription({"items": [{"id": item, "price": paid}]}))
    assert world.billed(world.invoices()[-1]) == [(1_000, "2026-03-11", "2026-04-11")]


def test_a_trial_in_the_middle_gives_back_and_starts_over() -> None:
    world, made, _ = started()
    world.on(made, UpdateSubscription({"trial_end": day("2026-03-25")}))
    after, invoice = world.now_is(made), world.invoices()[-1]
    assert (after.status, dates(after.billing_cycle_anchor)) == ("trialing", ["2026-03-25"])
    assert world.billed(invoice) == [
        (-2_100, "2026-03-11", "2026-04-01"),
        (0, "2026-03-11", "2026-03-25"),
    ]
    assert world.get("cus_1").balance == -2_100


# ── anchors ────────────────────────────────────────────────────────────────────────────────────


def test_a_first_period_up_to_the_anchor_costs_its_share() -> None:
    world = Subscribers(now=day("2026-03-22"))
    made = world.subscribe(world.price(3_100), billing_cycle_anchor=day("2026-04-01"))
    assert world.billed(world.invoices()[0]) == [(1_000, "2026-03-22", "2026-04-01")]
    world.until(day("2026-05-01"))
    assert [world.billed(i)[0] for i in world.invoices()[1:]] == [
        (3_100, "2026-04-01", "2026-05-01"),
        (3_100, "2026-05-01", "2026-06-01"),
    ]
    assert world.now_is(made).status == "active"


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/New_York", "Europe/London"])
def test_no_time_zone_and_no_summer_time_moves_a_period(zone: str) -> None:
    world = Subscribers(now=day("2026-01-31 23:30"), settings=Settings(time_zone=zone))
    world.subscribe(world.price(3_100))
    world.until(day("2026-11-15"))
    assert [world.billed(i)[0][1] for i in world.invoices()] == [
        "2026-01-31 23:30",
        "2026-02-28 23:30",
        "2026-03-31 23:30",
        "2026-04-30 23:30",
        "2026-05-31 23:30",
        "2026-06-30 23:30",
        "2026-07-31 23:30",
        "2026-08-31 23:30",
        "2026-09-30 23:30",
        "2026-10-31 23:30",
    ]


def test_a_first_period_that_is_not_prorated_is_free_and_has_no_invoice() -> None:
    world = Subscribers(now=day("2026-03-22"))
    made = world.subscribe(
        world.price(3_100),
        billing_cycle_anchor=day("2026-04-01"),
        proration_behavior="none",
    )
    assert (made.status, made.latest_invoice_id, world.invoices()) == ("active", None, [])
    world.until(day("2026-04-01"))
    assert world.billed(world.invoices()[0]) == [(3_100, "2026-04-01", "2026-05-01")]


def test_an_anchor_after_a_trial_makes_a_part_of_a_period() -> None:
    world = Subscribers()
    world.subscribe(
        world.price(3_100),
        trial_end=day("2026-03-11"),
        billing_cycle_anchor=day("2026-04-01"),
    )
    world.until(day("2026-03-11"))
    assert world.billed(world.invoices()[1]) == [(2_100, "2026-03-11", "2026-04-01")]


def test_the_day_of_the_anchor_can_be_described() -> None:
    world = Subscribers(now=day("2026-02-14"))
    made = world.subscribe(world.price(2_800), billing_cycle_anchor_config={"day_of_month": 31})
    assert dates(made.billing_cycle_anchor) == ["2026-02-28"]


# ── quantities, taxes, one-off items ───────────────────────────────────────────────────────────


def test_packs_are_counted_whole() -> None:
    world = Subscribers()
    packs = {"divide_by": 10, "round": "up"}
    price = world.price(500, details={"transform_quantity": packs})
    world.subscribe(items=[{"price": price, "quantity": 21}])
    assert world.invoices()[0].total == 1_500


def test_what_is_billed_once_comes_with_the_first_invoice() -> None:
    world = Subscribers()
    price = world.price(3_000)
    product = world.shelf.prices[price].product_id
    setup = {"price_data": {"currency": "jpy", "product": product, "unit_amount": 9_000}}
    world.subscribe(price, add_invoice_items=[setup])
    (invoice,) = world.invoices()
    assert [x.amount for x in world.lines(invoice.id)] == [9_000, 3_000]
    world.until(day("2026-04-02"))
    assert world.invoices()[1].total == 3_000


def test_an_unknown_item_is_named() -> None:
    world, made, _ = started()
    change = {"items": [{"id": "si_none", "quantity": 2}]}
    sentence = refused(lambda: world.on(made, UpdateSubscription(change)), ObjectMissing)
    assert sentence == "No such subscription_item: 'si_none'"


def test_what_was_given_back_pays_the_next_invoices() -> None:
    world, made, item = started()
    cheaper = world.price(310)
    world.on(made, UpdateSubscription({"items": [{"id": item, "price": cheaper}]}))
    world.until(day("2026-05-02"))
    april, may = world.invoices()[1:]
    assert (april.total, april.amount_due) == (-1_580, 0)
    assert (may.total, may.starting_balance, may.amount_due) == (310, -1_580, 0)
    assert (may.status, world.get("cus_1").balance) == ("paid", -1_270)
