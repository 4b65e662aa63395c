"""Every command in every status of a subscription, its periods, and what its invoices do to it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from seikyu.engine.billing import invoicing
from seikyu.engine.billing.invoice import (
    CreateInvoice,
    DeleteInvoice,
    DetachPayment,
    FinalizeInvoice,
    MarkUncollectible,
    PayInvoice,
    RemoveLines,
    VoidInvoice,
)
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.refusals import (
    MomentNotAllowed,
    NoPaymentMethod,
    NotServed,
    ParameterMissing,
    PriceDoesNotFit,
    SubscriptionHasEnded,
    SubscriptionLinesStay,
    SubscriptionNeedsItems,
)
from seikyu.engine.billing.settings import LastRetry, Settings
from seikyu.engine.billing.subscription import (
    BILLED,
    MOVES,
    OVER,
    STATUSES,
    TABLE,
    CancelSubscription,
    CreateSubscriptionItem,
    DeleteSubscriptionItem,
    ResumeSubscription,
    Subscription,
    SubscriptionItem,
    UpdateSubscription,
    UpdateSubscriptionItem,
)
from seikyu.engine.billing.transitions import Forbidden
from tests.billing.subscribers import Subscribers, dates, day, in_status
from tests.billing.world import DAY, HOUR, MARCH, refused

UPDATED = "customer.subscription.updated"
DELETED = "customer.subscription.deleted"
ENDED, WAITS, FIRST = "SubscriptionHasEnded", "SubscriptionIsPaused", "SubscriptionIncomplete"

ORDER = (
    "incomplete",
    "incomplete_expired",
    "trialing",
    "active",
    "past_due",
    "canceled",
    "unpaid",
    "paused",
)
AS_AGREED: dict[type, tuple[str, ...]] = {
    UpdateSubscription: ORDER,
    CancelSubscription: (
        "incomplete_expired",
        ENDED,
        "canceled",
        "canceled",
        "canceled",
        ENDED,
        "canceled",
        "canceled",
    ),
    ResumeSubscription: (*["SubscriptionIsNotPaused"] * 7, "active"),
    CreateSubscriptionItem: (
        FIRST, ENDED, "trialing", "active", "past_due", ENDED, "unpaid", WAITS,
    ),
    UpdateSubscriptionItem: (
        FIRST, ENDED, "trialing", "active", "past_due", ENDED, "unpaid", WAITS,
    ),
    DeleteSubscriptionItem: (
        FIRST, ENDED, "trialing", "active", "past_due", ENDED, "unpaid", WAITS,
    ),
}  # fmt: skip
"""What follows in each status of ORDER: a status, or the name of a refusal."""

PAIRS = [
    pytest.param(status, command, AS_AGREED[command][place], id=f"{command.__name__}-{status}")
    for command in TABLE
    for place, status in enumerate(ORDER)
]


def asked(world: Subscribers, command: type, subscription: Subscription) -> Any:
    """The command as it can be asked of the subscription."""
    items = [i for i in world.all(SubscriptionItem) if i.subscription_id == subscription.id]
    last = items[-1].id
    makers: dict[type, Callable[[], Any]] = {
        UpdateSubscription: lambda: UpdateSubscription({"metadata": {"order": "7"}}),
        CancelSubscription: lambda: CancelSubscription({}),
        ResumeSubscription: lambda: ResumeSubscription({}),
        CreateSubscriptionItem: lambda: CreateSubscriptionItem({"price": world.price(700)}),
        UpdateSubscriptionItem: lambda: UpdateSubscriptionItem(last, {"quantity": 5}),
        DeleteSubscriptionItem: lambda: DeleteSubscriptionItem(last, {}),
    }
    return makers[command]()


@pytest.mark.parametrize(("status", "command", "agreed"), PAIRS)
def test_each_status_answers_each_command_as_the_table_says(
    status: str, command: type, agreed: str
) -> None:
    world, subscription = in_status(status)
    assert subscription.status == status
    edge = TABLE[command][status]
    what = asked(world, command, subscription)
    if isinstance(edge, Forbidden):
        assert edge.refusal.__name__ == agreed
        sentence = refused(lambda: world.on(subscription, what), edge.refusal)
        assert "{" not in sentence
        assert world.now_is(subscription) == subscription
        assert world.news() == []
        return
    world.on(subscription, what)
    after = world.now_is(subscription)
    assert after.status == agreed
    assert agreed in edge.to
    if status == "paused" and command is ResumeSubscription:
        assert world.news()[-2:] == [UPDATED, "customer.subscription.resumed"]
        return
    assert [e for e in world.news() if e.startswith("customer.subscription")] == list(
        edge.announces
    )


def test_the_table_lists_every_command_for_every_status() -> None:
    assert set(AS_AGREED) == set(TABLE)
    assert ORDER == STATUSES
    assert {frozenset(row) for row in TABLE.values()} == {frozenset(STATUSES)}


def test_what_is_over_moves_no_more_and_is_never_due() -> None:
    for moves in MOVES.values():
        assert not set(moves) & set(OVER)
    for status in OVER:
        world, subscription = in_status(status)
        assert subscription.next_action_at is None
        world.until(MARCH + 800 * DAY)
        assert world.now_is(subscription) == subscription


def test_what_is_over_still_takes_notes() -> None:
    world, subscription = in_status("canceled")
    notes = {"metadata": {"why": "moved"}, "cancellation_details": {"comment": "またいつか"}}
    world.on(subscription, UpdateSubscription(notes))
    after = world.now_is(subscription)
    assert after.details["metadata"] == {"why": "moved"}
    assert after.details["cancellation_details"] == {
        "reason": "cancellation_requested",
        "comment": "またいつか",
    }
    given = {"metadata": {}, "description": "x"}
    refused(lambda: world.on(after, UpdateSubscription(given)), SubscriptionHasEnded)


# ── beginning ──────────────────────────────────────────────────────────────────────────────────


def test_the_first_invoice_is_fixed_and_charged_at_once() -> None:
    world = Subscribers()
    made = world.subscribe(world.price(3_000))
    (invoice,) = world.invoices()
    assert (made.status, made.latest_invoice_id, made.expires_at) == ("active", invoice.id, None)
    assert (invoice.status, invoice.billing_reason) == ("paid", "subscription_create")
    assert (invoice.period_start, invoice.period_end) == (MARCH, MARCH)
    assert world.billed(invoice) == [(3_000, "2026-03-01", "2026-04-01")]
    assert world.news() == [
        "customer.subscription.created",
        "invoice.created",
        "payment_intent.created",
        "invoice.finalized",
        "invoice.updated",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice.updated",
        UPDATED,
    ]


def test_what_is_not_paid_within_23_hours_never_began() -> None:
    world = Subscribers(declines=True)
    made = world.subscribe(world.price(3_000))
    assert (made.status, made.next_action_at) == ("incomplete", MARCH + 23 * HOUR)
    world.news()
    world.until(MARCH + 23 * HOUR - 1)
    assert (world.now_is(made).status, world.news()) == ("incomplete", [])
    world.until(MARCH + 23 * HOUR)
    after, (invoice,) = world.now_is(made), world.invoices()
    assert (after.status, after.ended_at) == ("incomplete_expired", MARCH + 23 * HOUR)
    assert invoice.status == "void"
    assert world.news() == [
        "payment_intent.canceled",
        "invoice.voided",
        "invoice.updated",
        UPDATED,
    ]


def test_paying_the_first_invoice_later_begins_the_subscription() -> None:
    world = Subscribers(declines=True)
    made = world.subscribe(world.price(3_000))
    world.now = MARCH + 20 * HOUR
    world.pay(world.invoices()[0])
    after = world.now_is(made)
    assert (after.status, after.current_period_start) == ("active", MARCH)
    world.until(MARCH + 2 * DAY)
    assert world.now_is(made).status == "active"


def test_without_a_card_only_default_incomplete_begins() -> None:
    world = Subscribers()
    world.customer()
    price = world.price(3_000)
    refused(lambda: world.subscribe(price), NoPaymentMethod)
    made = world.subscribe(price, payment_behavior="default_incomplete")
    (invoice,) = world.invoices()
    assert (made.status, invoice.status, invoice.attempted) == ("incomplete", "open", False)
    world.until(MARCH + 10 * HOUR)
    assert world.get(invoice.id).attempted is False
    world.card()
    world.pay(world.get(invoice.id))
    assert world.now_is(made).status == "active"


def test_error_if_incomplete_refuses_and_leaves_nothing_alive() -> None:
    world = Subscribers(declines=True)
    made = world.subscribe(world.price(3_000), payment_behavior="error_if_incomplete")
    assert made.next_action_at == MARCH
    world.until(MARCH)
    assert world.now_is(made).status == "incomplete_expired"
    assert world.invoices()[0].status == "void"


def test_a_mailed_subscription_is_active_and_its_draft_waits_an_hour() -> None:
    world = Subscribers()
    made = world.subscribe(world.price(3_000), collection_method="send_invoice", days_until_due=10)
    (invoice,) = world.invoices()
    assert (made.status, invoice.status, invoice.next_action_at) == (
        "active",
        "draft",
        MARCH + HOUR,
    )
    world.until(MARCH + HOUR)
    invoice = world.get(invoice.id)
    assert (invoice.status, invoice.due_date) == ("open", MARCH + HOUR + 10 * DAY)
    world.until(MARCH + HOUR + 10 * DAY)
    assert world.now_is(made).status == "past_due"
    world.card()
    world.pay(world.get(invoice.id))
    assert world.now_is(made).status == "active"


def test_a_mailed_subscription_needs_a_term() -> None:
    world = Subscribers()
    price = world.price()
    sentence = refused(
        lambda: world.subscribe(price, collection_method="send_invoice"), ParameterMissing
    )
    assert sentence == "Missing required param: days_until_due."


# ── cycles ─────────────────────────────────────────────────────────────────────────────────────


def test_each_period_is_billed_in_advance_and_its_draft_waits_an_hour() -> None:
    world = Subscribers()
    made = world.subscribe(world.price(3_000))
    world.news()
    world.until(day("2026-04-01"))
    draft = world.invoices()[1]
    assert (draft.status, draft.billing_reason, draft.auto_advance) == (
        "draft",
        "subscription_cycle",
        True,
    )
    assert dates(draft.period_start, draft.period_end) == ["2026-03-01", "2026-04-01"]
    assert world.billed(draft) == [(3_000, "2026-04-01", "2026-05-01")]
    assert world.news() == ["invoice.created", UPDATED]
    world.until(day("2026-04-01") + HOUR)
    assert world.get(draft.id).status == "paid"
    after = world.now_is(made)
    assert (after.latest_invoice_id, after.status) == (draft.id, "active")


def test_invoices_of_subscriptions_cannot_be_deleted_nor_robbed_of_their_lines() -> None:
    world = Subscribers()
    world.subscribe(world.price(3_000))
    world.until(day("2026-04-01"))
    draft = world.invoices()[1]
    refused(lambda: world.run(DeleteInvoice(), draft), SubscriptionLinesStay)
    (line,) = world.lines(draft.id)
    for behavior in ("delete", "unassign"):
        taking = RemoveLines(({"id": line.line_id, "behavior": behavior},))
        refused(partial(world.run, taking, draft), SubscriptionLinesStay)


def test_what_waits_for_the_customer_is_on_the_next_invoice() -> None:
    world = Subscribers()
    world.subscribe(world.price(3_000))
    world.item(800, description="追加作業")
    world.item(900, description="ドル建て", currency="usd")
    world.until(day("2026-04-01"))
    lines = world.lines(world.invoices()[1].id)
    assert [line.amount for line in lines] == [800, 3_000]
    assert [line.currency for line in world.all(Line) if line.invoice_id is None] == ["usd"]


def test_a_worker_that_slept_makes_up_for_every_period() -> None:
    world = Subscribers()
    made = world.subscribe(world.price(3_000))
    world.now = day("2026-06-15")
    world.until(world.now)
    assert [world.billed(i)[0][1:] for i in world.invoices()] == [
        ("2026-03-01", "2026-04-01"),
        ("2026-04-01", "2026-05-01"),
        ("2026-05-01", "2026-06-01"),
        ("2026-06-01", "2026-07-01"),
    ]
    assert dates(world.now_is(made).current_period_end) == ["2026-07-01"]


# ── standing ───────────────────────────────────────────────────────────────────────────────────


def test_a_failed_cycle_is_past_due_until_it_is_paid() -> None:
    world, subscription = in_status("past_due")
    assert subscription.current_period_end == day("2026-05-01")
    world.until(day("2026-04-03"))
    assert world.now_is(subscription).status == "active"


@pytest.mark.parametrize(
    ("action", "status", "event"),
    [("cancel", "canceled", DELETED), ("unpaid", "unpaid", UPDATED), ("leave", "past_due", None)],
)
def test_after_the_last_retry_the_account_decides(
    action: str, status: str, event: str | None
) -> None:
    world = Subscribers(settings=Settings(after_last_retry=LastRetry(subscription=action)))
    made = world.subscribe(world.price(3_000))
    world.declines = True
    world.until(day("2026-04-01") + HOUR + 13 * DAY - 1)
    assert world.now_is(made).status == "past_due"
    world.news()
    world.until(day("2026-04-01") + HOUR + 13 * DAY)
    after = world.now_is(made)
    assert after.status == status
    about = [e for e in world.news() if e.startswith("customer.subscription")]
    assert about == ([event] if event else [])
    if action == "cancel":
        assert after.details["cancellation_details"] == {"reason": "payment_failed"}


def test_periods_shorter_than_the_retries_are_given_up_too() -> None:
    world = Subscribers()
    made = world.subscribe(world.price(3_000, "week"))
    world.declines = True
    world.until(day("2026-03-08") + HOUR + 13 * DAY)
    assert len(world.invoices()) == 3
    assert world.now_is(made).status == "canceled"


def test_a_revision_takes_the_place_of_the_invoice_it_voids() -> None:
    world, subscription = in_status("past_due")
    world.settings = Settings(after_last_retry=LastRetry(subscription="leave"))
    original = world.get(subscription.latest_invoice_id)
    given = {"from_invoice": {"action": "revision", "invoice": original.id}}
    book = world.new_invoice_book(given)
    revision = world.keep(invoicing.decide(book, CreateInvoice(given), world.context())).answer
    world.news()
    world.run(FinalizeInvoice(), revision.id)
    after = world.now_is(subscription)
    assert (after.latest_invoice_id, after.status) == (revision.id, "past_due")
    assert world.get(original.id).status == "void"
    world.pay(world.get(revision.id))
    assert world.now_is(subscription).status == "active"


def test_while_unpaid_new_invoices_stay_drafts() -> None:
    world, subscription = in_status("unpaid")
    world.until(day("2026-05-03"))
    draft = world.invoices()[-1]
    assert (draft.status, draft.auto_advance, draft.next_action_at) == ("draft", False, None)
    assert world.now_is(subscription).status == "unpaid"


def test_un_applying_a_payment_never_changes_a_subscription() -> None:
    world = Subscribers()
    made = world.subscribe(world.price(3_000))
    (invoice,) = world.invoices()
    world.run(DetachPayment(invoice.intent_id or ""), invoice)
    assert world.get(invoice.id).status == "open"
    assert world.now_is(made) == made
    world.until(day("2026-03-20"))
    assert world.now_is(made) == made


def test_an_older_invoice_says_nothing_about_the_present() -> None:
    world, subscription = in_status("past_due")
    world.declines = True
    old = subscription.latest_invoice_id
    world.settings = Settings(after_last_retry=LastRetry(subscription="leave"))
    world.until(day("2026-05-01") + HOUR)
    assert world.now_is(subscription).latest_invoice_id != old
    world.pay(world.get(old))
    assert world.now_is(subscription).status == "past_due"


def test_forgiving_the_newest_invoice_brings_good_standing() -> None:
    world, subscription = in_status("past_due")
    world.run(MarkUncollectible(), subscription.latest_invoice_id or "")
    assert world.now_is(subscription).status == "active"
    world, subscription = in_status("past_due")
    world.run(VoidInvoice(), subscription.latest_invoice_id or "")
    assert world.now_is(subscription).status == "active"


def test_voiding_the_first_invoice_ends_what_never_began() -> None:
    world, subscription = in_status("incomplete")
    world.run(VoidInvoice(), subscription.latest_invoice_id or "")
    assert world.now_is(subscription).status == "incomplete_expired"


# ── what does not fit ──────────────────────────────────────────────────────────────────────────


def test_prices_of_a_subscription_fit_each_other() -> None:
    world = Subscribers()
    world.customer()
    world.card()
    monthly, yearly = world.price(), world.price(interval="year")
    dollars, old = world.price(currency="usd"), world.price(active=False)
    for prices in ([monthly, yearly], [monthly, dollars], [monthly, monthly], [old]):
        entries = [{"price": price} for price in prices]
        refused(partial(world.subscribe, items=entries), PriceDoesNotFit)
    metered = world.price(details={"recurring": {"interval": "month", "usage_type": "metered"}})
    refused(lambda: world.subscribe(metered), NotServed)
    too_many = [{"price": world.price()} for _ in range(21)]
    refused(lambda: world.subscribe(items=too_many), SubscriptionNeedsItems)


def test_the_last_item_stays() -> None:
    world = Subscribers()
    made = world.subscribe()
    (item,) = world.all(SubscriptionItem)
    sentence = refused(
        lambda: world.on(made, DeleteSubscriptionItem(item.id, {})), SubscriptionNeedsItems
    )
    assert sentence == "A subscription must have at least one item. To end it, cancel it."


@pytest.mark.parametrize(
    "given",
    [
        {"billing_cycle_anchor": MARCH - 1},
        {"billing_cycle_anchor": MARCH + 32 * DAY},
        {"trial_end": MARCH},
        {"cancel_at": MARCH},
        {"trial_end": MARCH + 10 * DAY, "billing_cycle_anchor": MARCH + 5 * DAY},
    ],
)
def test_moments_must_make_sense(given: dict[str, Any]) -> None:
    world = Subscribers()
    price = world.price()
    refused(lambda: world.subscribe(price, **given), MomentNotAllowed)


def test_every_billed_status_has_a_next_period() -> None:
    for status in BILLED:
        _, subscription = in_status(status)
        assert subscription.next_action_at is not None


def test_a_decline_by_hand_is_a_failure_too() -> None:
    world, subscription = in_status("active")
    world.until(day("2026-04-01"))
    world.declines = True
    draft = world.invoices()[-1]
    world.run(PayInvoice(), draft)
    world.answer()
    assert world.now_is(subscription).status == "past_due"
