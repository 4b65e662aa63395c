"""Whatever is asked of a subscription, whenever: its periods join, time passes, and what is over stays so."""

from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from seikyu.engine.billing.invoice import MarkUncollectible, PayInvoice, VoidInvoice
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.refusals import Refusal
from seikyu.engine.billing.subscription import (
    OVER,
    PAUSED,
    CancelSubscription,
    CreateSubscriptionItem,
    ResumeSubscription,
    Subscription,
    SubscriptionItem,
    UpdateSubscription,
    UpdateSubscriptionItem,
)
from tests.billing.subscribers import Subscribers
from tests.billing.world import DAY, HOUR

ACTS = (
    "decline", "accept", "quantity", "add", "end", "go on", "pause", "collect", "cancel", "resume",
    "pay", "void", "give up",
)  # fmt: skip

COURSES = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(1, 60 * 24)), min_size=1, max_size=12
)
"""What is done, and how many hours pass before."""


def act(world: Subscribers, subscription: Subscription, what: str) -> None:
    """Do it, or be refused."""
    if what in ("decline", "accept"):
        world.declines = what == "decline"
        return
    now = world.now_is(subscription)
    item = world.all(SubscriptionItem)[0].id
    on_subscription: dict[str, Any] = {
        "quantity": UpdateSubscriptionItem(item, {"quantity": world.now // HOUR % 5}),
        "add": CreateSubscriptionItem({"price": next(iter(world.shelf.prices))}),
        "end": UpdateSubscription({"cancel_at_period_end": True}),
        "go on": UpdateSubscription({"cancel_at_period_end": False}),
        "pause": UpdateSubscription({"pause_collection": {"behavior": "keep_as_draft"}}),
        "collect": UpdateSubscription({"pause_collection": None}),
        "cancel": CancelSubscription({"prorate": True, "invoice_now": True}),
        "resume": ResumeSubscription({}),
    }
    on_invoice = {"pay": PayInvoice(), "void": VoidInvoice(), "give up": MarkUncollectible()}
    try:
        if what in on_subscription:
            world.on(now, on_subscription[what])
        elif now.latest_invoice_id is not None:
            world.run(on_invoice[what], now.latest_invoice_id)
            world.answer()
    except Refusal:
        return


@given(COURSES, st.booleans(), st.sampled_from(["day", "week", "month"]))
@settings(max_examples=150, deadline=None)
def test_whatever_happens_periods_join_and_what_is_over_stays_so(
    course: list[tuple[str, int]], declines: bool, interval: str
) -> None:
    world = Subscribers(declines=declines)
    made = world.subscribe(world.price(700, interval, 3))
    ended: Subscription | None = None
    for what, hours in course:
        world.until(world.now + hours * HOUR)  # raises when something stays due
        act(world, made, what)
        now = world.now_is(made)
        if now.status in OVER:
            assert now.next_action_at is None
            ended = ended or now
            assert (now.status, now.ended_at) == (ended.status, ended.ended_at)
        elif now.status != PAUSED:
            assert now.next_action_at is not None
            assert now.current_period_start <= world.now < now.current_period_end + 30 * DAY
    billed = [line for line in world.all(Line) if line.recurring]
    first = [line for line in billed if line.subscription_item_id == billed[0].subscription_item_id]
    restarts = any(i.billing_reason == "subscription_update" for i in world.invoices())
    if not restarts:
        assert all(a.period_end == b.period_start for a, b in pairwise(first))
    assert all(i.amount_paid <= i.amount_due for i in world.invoices())
