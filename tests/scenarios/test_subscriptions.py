"""Subscriptions over months and years, told through the official SDK on test clocks."""

import time
from itertools import pairwise
from typing import Any

import pytest
import stripe

from tests.scenarios.conftest import Engine
from tests.scenarios.stories import Story, day, moment, period, sdk_of

FIRST_PERIOD = [
    "customer.subscription.created",
    "invoice.created",
    "payment_intent.created",
    "invoice.finalized",
    "invoice.updated",
]
NEXT_PERIOD = ["invoice.created", "customer.subscription.updated"]
FIXED = ["payment_intent.created", "invoice.finalized", "invoice.updated"]
PAID = [
    "charge.succeeded",
    "payment_intent.succeeded",
    "invoice_payment.paid",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice.updated",
]
DECLINED = [
    "charge.failed",
    "payment_intent.payment_failed",
    "invoice.payment_failed",
    "invoice.updated",
]
MOVED = ["customer.subscription.updated"]
DELINQUENT = ["customer.updated"]


def test_two_years_with_a_card_that_fails_in_the_seventh_month(engine: Engine) -> None:
    """24 months; in the seventh the card is declined for three days, then another one is given."""
    story = Story.begin(engine, "2026-01-15 09:00")
    subscription = story.subscribe(story.price(12_000))
    assert subscription.status == "active"
    assert story.news() == [
        "product.created",
        "price.created",
        *FIRST_PERIOD,
        *PAID,
        *MOVED,
    ]
    # ── 15 February to 15 June: five more months, each paid an hour after its draft
    story.until("2026-07-01 00:00")
    assert story.news() == [*NEXT_PERIOD, *FIXED, *PAID] * 5
    # ── July: the card that is on file now is declined
    story.give_card("pm_card_chargeCustomerFail")
    assert story.news() == ["payment_method.attached", "customer.updated"]
    story.until("2026-07-15 12:00")
    assert story.news() == [*NEXT_PERIOD, *FIXED, *DECLINED, *DELINQUENT, *MOVED]
    assert story.now(subscription).status == "past_due"
    # ── 16, 17 and 18 July: three retries
    story.until("2026-07-18 12:00")
    assert story.news() == DECLINED * 3
    invoice = story.invoices(subscription)[-1]
    assert (invoice.status, invoice.attempt_count) == ("open", 4)
    assert day(invoice.next_payment_attempt) == "2026-07-20"
    # ── 19 July: another card; 20 July: paid
    story.give_card("pm_card_mastercard")
    story.until("2026-07-20 12:00")
    assert story.news() == [
        "payment_method.attached",
        "customer.updated",
        *PAID,
        *DELINQUENT,
        *MOVED,
    ]
    assert story.now(subscription).status == "active"
    # ── the other seventeen months
    story.until("2027-12-20 00:00")
    assert story.news() == [*NEXT_PERIOD, *FIXED, *PAID] * 17
    invoices = story.invoices(subscription)
    assert len(invoices) == 24
    assert {(i.status, i.total) for i in invoices} == {("paid", 12_000)}
    assert [day(i.created) for i in invoices[:3]] == ["2026-01-15", "2026-02-15", "2026-03-15"]
    assert [i.billing_reason for i in invoices] == ["subscription_create"] + 23 * [
        "subscription_cycle"
    ]
    assert period(invoices[-1]) == ("2027-12-15", "2028-01-15")


def test_month_ends_remember_the_anchors_day_through_a_leap_year(engine: Engine) -> None:
    story = Story.begin(engine, "2027-10-31")
    subscription = story.subscribe(story.price(1_000))
    story.until("2028-06-01")
    assert [period(invoice) for invoice in story.invoices(subscription)] == [
        ("2027-10-31", "2027-11-30"),
        ("2027-11-30", "2027-12-31"),
        ("2027-12-31", "2028-01-31"),
        ("2028-01-31", "2028-02-29"),
        ("2028-02-29", "2028-03-31"),
        ("2028-03-31", "2028-04-30"),
        ("2028-04-30", "2028-05-31"),
        ("2028-05-31", "2028-06-30"),
    ]


def test_29_february_is_28_february_in_other_years(engine: Engine) -> None:
    story = Story.begin(engine, "2028-02-29 12:00")
    subscription = story.subscribe(story.price(50_000, "year"))
    story.until("2032-03-01")
    assert [period(invoice) for invoice in story.invoices(subscription)] == [
        ("2028-02-29", "2029-02-28"),
        ("2029-02-28", "2030-02-28"),
        ("2030-02-28", "2031-02-28"),
        ("2031-02-28", "2032-02-29"),
        ("2032-02-29", "2033-02-28"),
    ]


def test_400_days_in_one_call_pass_through_every_due_moment(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-31 18:30")
    weekly = story.subscribe(story.price(700, "week"))
    monthly = story.subscribe(story.price(3_000))
    story.until("2027-05-05 18:30")
    assert len(story.invoices(weekly)) == 1 + 400 // 7
    invoices = story.invoices(monthly)
    assert [day(i.created) for i in invoices] == [
        "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31", "2026-08-31",
        "2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28",
        "2027-03-31", "2027-04-30",
    ]  # fmt: skip
    for invoice in (*invoices[1:], *story.invoices(weekly)[1:]):
        assert invoice.status == "paid"
        assert invoice.status_transitions.finalized_at == invoice.created + 3600
    listed = story.sdk.v1.events.list({"limit": 100}).auto_paging_iter()
    told = [event.created for event in listed if event.type.startswith("invoice")]
    assert all(later >= earlier for later, earlier in pairwise(told))


def test_a_thousand_customers_on_one_clock(sqlite_engine: Engine) -> None:
    """A month for a thousand customers, all due at the same moments."""
    sdk = sdk_of(sqlite_engine)
    story = Story.begin(sqlite_engine, "2026-03-01")
    price = story.price(1_000)
    for _ in range(999):
        customer = sdk.v1.customers.create({"test_clock": story.clock})
        mailed: Any = {
            "customer": customer.id,
            "items": [{"price": price}],
            "collection_method": "send_invoice",
            "days_until_due": 60,
        }
        sdk.v1.subscriptions.create(mailed)
    story.subscribe(price)
    began = time.monotonic()
    story.until("2026-04-02")
    assert time.monotonic() - began < 60
    made = list(sdk.v1.invoices.list({"limit": 100}).auto_paging_iter())
    assert len(made) == 2_000
    assert {(i.status, i.total) for i in made} == {("open", 1_000), ("paid", 1_000)}
    assert {day(i.created) for i in made} == {"2026-03-01", "2026-04-01"}


def test_a_first_payment_that_fails_and_is_made_good(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01", "pm_card_chargeCustomerFail")
    price = story.price(5_000)
    story.news()
    subscription = story.subscribe(price, expand=["latest_invoice.payments"])
    assert subscription.status == "incomplete"
    assert story.news() == [*FIRST_PERIOD, *DECLINED]
    invoice: Any = subscription.latest_invoice
    assert (invoice.status, invoice.payments.data[0].status) == ("open", "open")
    story.give_card("pm_card_visa")
    story.news()
    story.until("2026-03-01 22:00")
    assert story.news() == []
    story.sdk.v1.invoices.pay(invoice.id)
    assert story.news() == [*PAID, *MOVED]
    assert story.now(subscription).status == "active"


def test_a_first_payment_that_is_never_made(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01", "pm_card_chargeCustomerFail")
    subscription = story.subscribe(story.price(5_000))
    story.news()
    story.until("2026-03-02")
    assert story.news() == [
        "payment_intent.canceled",
        "invoice.voided",
        "invoice.updated",
        *MOVED,
    ]
    after = story.now(subscription)
    assert (after.status, day(after.ended_at)) == ("incomplete_expired", "2026-03-01")
    story.until("2026-05-01")
    assert story.news() == []


def test_a_subscription_only_with_its_payment(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01", "pm_card_chargeCustomerFail")
    price = story.price(5_000)
    with pytest.raises(stripe.CardError) as declined:
        story.subscribe(price, payment_behavior="error_if_incomplete")
    assert declined.value.http_status == 402
    story.until("2026-03-02")
    listed = story.sdk.v1.subscriptions.list({"status": "all"}).data
    assert [each.status for each in listed] == ["incomplete_expired"]


def test_a_first_payment_that_needs_the_customer(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01", "pm_card_authenticationRequired")
    price = story.price(5_000)
    story.news()
    subscription = story.subscribe(price, expand=["latest_invoice.confirmation_secret"])
    assert subscription.status == "incomplete"
    assert story.news() == [
        *FIRST_PERIOD,
        "payment_intent.requires_action",
        "invoice.payment_action_required",
        "invoice.updated",
    ]
    invoice: Any = subscription.latest_invoice
    assert invoice.confirmation_secret.client_secret.startswith("pi_")


def test_the_customer_pays_a_subscription_that_waits(engine: Engine) -> None:
    """The way of pages with a payment form: ``default_incomplete``, then the payment is confirmed."""
    story = Story.begin(engine, "2026-03-01", None)
    subscription = story.subscribe(
        story.price(5_000),
        payment_behavior="default_incomplete",
        payment_settings={"save_default_payment_method": "on_subscription"},
        expand=["latest_invoice.payments"],
    )
    assert subscription.status == "incomplete"
    invoice: Any = subscription.latest_invoice
    intent = invoice.payments.data[0].payment.payment_intent
    method = story.sdk.v1.payment_methods.attach("pm_card_visa", {"customer": story.customer})
    story.sdk.v1.payment_intents.confirm(intent, {"payment_method": method.id})
    after = story.now(subscription)
    assert (after.status, after.default_payment_method) == ("active", method.id)
    story.until("2026-04-02")
    assert [i.status for i in story.invoices(subscription)] == ["paid", "paid"]


def test_a_trial(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01")
    price = story.price(5_000)
    story.news()
    subscription = story.subscribe(price, trial_period_days=14)
    assert (subscription.status, day(subscription.trial_end)) == ("trialing", "2026-03-15")
    assert story.news() == [
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice.updated",
    ]
    story.until("2026-03-12")
    assert story.news() == ["customer.subscription.trial_will_end"]
    story.until("2026-03-15 00:30")
    assert story.news() == NEXT_PERIOD
    assert story.now(subscription).status == "active"
    story.until("2026-03-15 01:00")
    assert story.news() == [*FIXED, *PAID]
    assert [i.total for i in story.invoices(subscription)] == [0, 5_000]


def test_a_trial_that_ends_without_a_card_pauses_and_is_resumed(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01", None)
    subscription = story.subscribe(
        story.price(5_000),
        trial_period_days=14,
        trial_settings={"end_behavior": {"missing_payment_method": "pause"}},
    )
    story.until("2026-03-14")
    story.news()
    story.until("2026-03-20")
    assert story.news() == [*MOVED, "customer.subscription.paused"]
    story.give_card("pm_card_visa")
    story.news()
    resumed = story.sdk.v1.subscriptions.resume(subscription.id)
    assert resumed.status == "active"
    assert story.news() == [
        "invoice.created",
        *FIXED,
        *MOVED,
        *PAID,
        *MOVED,
        "customer.subscription.resumed",
    ]
    assert period(story.invoices(subscription)[-1]) == ("2026-03-20", "2026-04-20")


def test_pausing_collection_for_two_months(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01")
    subscription = story.subscribe(story.price(5_000))
    paused = story.sdk.v1.subscriptions.update(
        subscription.id,
        {"pause_collection": {"behavior": "void", "resumes_at": moment("2026-05-15")}},
    )
    assert paused.pause_collection is not None
    assert paused.pause_collection.behavior == "void"
    story.news()
    story.until("2026-05-02")
    assert (
        story.news()
        == [
            "invoice.created",
            *FIXED,
            "payment_intent.canceled",
            "invoice.voided",
            "invoice.updated",
            *MOVED,
        ]
        * 2
    )
    story.until("2026-06-02")
    assert story.news() == [*MOVED, *NEXT_PERIOD, *FIXED, *PAID]
    assert [i.status for i in story.invoices(subscription)] == ["paid", "void", "void", "paid"]
    assert story.now(subscription).pause_collection is None


def test_canceling_at_the_end_of_the_period(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01")
    subscription = story.subscribe(story.price(5_000))
    story.news()
    canceling = story.sdk.v1.subscriptions.update(
        subscription.id, {"cancel_at_period_end": True, "metadata": {"why": "移転"}}
    )
    assert (canceling.status, day(canceling.cancel_at)) == ("active", "2026-04-01")
    assert canceling.cancellation_details is not None
    assert canceling.cancellation_details.reason == "cancellation_requested"
    assert story.news() == MOVED
    story.until("2026-04-10")
    assert story.news() == ["customer.subscription.deleted"]
    ended = story.now(subscription)
    assert (ended.status, day(ended.ended_at)) == ("canceled", "2026-04-01")
    assert len(story.invoices(subscription)) == 1
    assert story.sdk.v1.subscriptions.list({"customer": story.customer}).data == []


def test_canceling_now_and_giving_back(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01")
    subscription = story.subscribe(story.price(3_100))
    story.until("2026-03-11")
    story.news()
    ended = story.sdk.v1.subscriptions.cancel(
        subscription.id, {"prorate": True, "invoice_now": True}
    )
    assert ended.status == "canceled"
    assert story.news() == [
        "invoiceitem.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice.updated",
        "customer.subscription.deleted",
    ]
    assert story.sdk.v1.customers.retrieve(story.customer).balance == -2_100
    with pytest.raises(stripe.InvalidRequestError, match="canceled"):
        story.sdk.v1.subscriptions.cancel(subscription.id)


def test_a_customer_who_is_deleted_ends_the_subscriptions(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01")
    subscription = story.subscribe(story.price(5_000))
    story.news()
    story.sdk.v1.customers.delete(story.customer)
    assert story.news() == [
        "customer.subscription.deleted",
        "payment_method.detached",
        "customer.deleted",
    ]
    story.until("2026-05-01")
    assert (story.now(subscription).status, story.news()) == ("canceled", [])


def test_an_upgrade_is_billed_at_once(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01")
    subscription = story.subscribe(story.price(3_100))
    larger = story.price(6_200)
    story.until("2026-03-11")
    story.news()
    upgraded = story.sdk.v1.subscriptions.update(
        subscription.id,
        {
            "items": [{"id": subscription["items"].data[0].id, "price": larger}],
            "proration_behavior": "always_invoice",
            "expand": ["latest_invoice", "items.data.price.product"],
        },
    )
    invoice: Any = upgraded.latest_invoice
    assert (invoice.status, invoice.total) == ("paid", 2_100)
    assert invoice.billing_reason == "subscription_update"
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert [line.amount for line in invoice.lines.data] == [-2_100, 4_200]
    parent = invoice.lines.data[0].parent
    assert parent.type == "subscription_item_details"
    assert parent.subscription_item_details.proration is True
    item: Any = upgraded["items"].data[0]
    assert (item.price.id, item.price.product.name) == (larger, "保守プラン")
    assert story.news() == [
        "invoiceitem.created",
        "invoiceitem.created",
        "invoice.created",
        *FIXED,
        *MOVED,
        *PAID,
    ]


def test_items_on_their_own(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01")
    subscription = story.subscribe(story.price(1_000))
    items = story.sdk.v1.subscription_items
    added = items.create(
        {"subscription": subscription.id, "price": story.price(200), "quantity": 3}
    )
    assert (added.object, added.quantity, added.subscription) == (
        "subscription_item",
        3,
        subscription.id,
    )
    changed = items.update(added.id, {"quantity": 5, "metadata": {"seats": "5"}})
    assert changed.quantity == 5
    assert items.retrieve(added.id).metadata.to_dict() == {"seats": "5"}
    listed = items.list({"subscription": subscription.id}).data
    assert [each.id for each in listed] == [added.id, subscription["items"].data[0].id]
    assert len(story.now(subscription)["items"].data) == 2
    gone = items.delete(added.id)
    assert (gone.id, gone.deleted) == (added.id, True)
    assert len(story.now(subscription)["items"].data) == 1
    with pytest.raises(stripe.InvalidRequestError):
        items.retrieve(added.id)


def test_an_item_waits_for_the_subscription_it_names(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01")
    other = story.subscribe(story.price(1_000, "week"))
    named = story.subscribe(story.price(5_000))
    story.sdk.v1.invoice_items.create(
        {
            "customer": story.customer,
            "subscription": named.id,
            "amount": 800,
            "currency": "jpy",
            "description": "追加作業",
        }
    )
    story.until("2026-04-02")
    assert {invoice.total for invoice in story.invoices(other)} == {1_000}
    assert [invoice.total for invoice in story.invoices(named)] == [5_000, 5_800]
    with pytest.raises(stripe.InvalidRequestError, match="No such subscription"):
        story.sdk.v1.invoice_items.create(
            {
                "customer": Story.begin(engine, "2026-03-01").customer,
                "subscription": named.id,
                "amount": 1,
                "currency": "jpy",
            }
        )


def test_lists_are_filtered(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01")
    one, other = story.price(1_000), story.price(2_000)
    first = story.subscribe(one)
    second = story.subscribe(other, trial_period_days=30)
    third = story.subscribe(one, collection_method="send_invoice", days_until_due=30)
    story.sdk.v1.subscriptions.cancel(first.id)

    def ids(**given: Any) -> list[str]:
        return [each.id for each in story.sdk.v1.subscriptions.list(given).data]  # type: ignore[arg-type]

    assert ids() == [third.id, second.id]
    assert ids(status="all") == [third.id, second.id, first.id]
    assert ids(status="ended") == ids(status="canceled") == [first.id]
    assert ids(status="trialing") == [second.id]
    assert ids(price=one) == [third.id]
    assert ids(price=one, status="all") == [third.id, first.id]
    assert ids(collection_method="send_invoice") == [third.id]
    assert ids(test_clock=story.clock, limit=1) == [third.id]
    assert ids(current_period_end={"lte": moment("2026-03-31")}) == [second.id]
    assert ids(created={"lt": moment("2026-03-01")}) == []


def test_repeating_the_request_makes_no_second_subscription(engine: Engine) -> None:
    story = Story.begin(engine, "2026-03-01")
    price = story.price(1_000)
    params: Any = {"customer": story.customer, "items": [{"price": price}]}
    made = [
        story.sdk.v1.subscriptions.create(params, {"idempotency_key": f"sub-{story.customer}"})
        for _ in range(2)
    ]
    assert made[0].id == made[1].id
    assert made[1].status == "active"
    assert len(story.sdk.v1.charges.list({"customer": story.customer}).data) == 1
