"""What is forecast is what then happens: each forecast is held against the real course."""

from typing import Any

import pytest

from tests.stories.story import Story, moment

EVENT_OF = {
    "finalize": "invoice.finalized",
    "send": "invoice.sent",
    "charge": "invoice.payment_failed",
    "retry": "invoice.payment_failed",
    "remind": "invoice.overdue",
    "mark_uncollectible": "invoice.marked_uncollectible",
    "cancel_subscription": "customer.subscription.deleted",
}
WITHOUT_EVENT = {"fall_due": "customer.updated", "skip_retry": "invoice.updated"}


def forecast(story: Story, invoice: str) -> Any:
    """What is said will happen."""
    return story.caller.get(f"/v1/invoices/{invoice}/forecast")


def steps(said: Any, story: Story) -> list[str]:
    """The forecast's steps as ``day action``."""
    return [f"{story.day(step['at'])} {step['action']}" for step in said["steps"]]


def hold_against_the_course(story: Story, invoice: str) -> list[str]:
    """Run to the end; every announced step is an event on its day, and nothing else of the kind is."""
    said = forecast(story, invoice)
    story.news()
    happened = [line for line in story.until("2027-06-01") if " mail " not in line]
    expected = [
        f"{story.day(step['at'])} {EVENT_OF[step['action']]}"
        for step in said["steps"]
        if step["action"] in EVENT_OF
    ]
    assert [line for line in happened if line.split(" ", 1)[1] in EVENT_OF.values()] == expected
    for step in said["steps"]:
        if step["action"] in WITHOUT_EVENT:
            assert f"{story.day(step['at'])} {WITHOUT_EVENT[step['action']]}" in happened
    after = story.get(invoice)
    assert said["ends"]["status"] == after.status
    assert forecast(story, invoice)["steps"] == []
    return steps(said, story)


def test_a_draft_that_will_be_charged(story: Story) -> None:
    story.begins("2026-01-01", "pm_card_chargeCustomerFail")
    draft = story.invoice(10_000, auto_advance=True)
    said = forecast(story, draft.id)
    assert said["object"] == "seikyu.forecast"
    assert said["as_of"] == moment("2026-01-01")
    assert said["steps"][0] == {
        "at": moment("2026-01-01 01:00"),
        "action": "finalize",
        "attempt": None,
        "of": None,
        "days_from_due_date": None,
        "mail": None,
        "unless": "changed",
        "description": {
            "ja": "それまでに変更・削除・停止されなければ、請求書を確定します。",
            "en": "The invoice is finalized, unless it is changed, deleted or stopped by then.",
        },
    }
    assert [(s["attempt"], s["of"]) for s in said["steps"][2:]] == [(k, 8) for k in range(1, 9)]
    assert hold_against_the_course(story, draft.id) == [
        "01-01 finalize",
        "01-01 charge",
        "01-02 retry",
        "01-03 retry",
        "01-04 retry",
        "01-06 retry",
        "01-08 retry",
        "01-10 retry",
        "01-12 retry",
        "01-14 retry",
    ]


def test_a_mailed_draft_with_reminders_and_an_end(story: Story) -> None:
    story.settings(
        {
            "reminders[days][0]": "-3",
            "reminders[days][1]": "5",
            "past_due[after_days]": "30",
            "past_due[invoice]": "mark_uncollectible",
        }
    )
    story.begins("2026-01-01")
    draft = story.invoice(
        10_000, auto_advance=True, collection_method="send_invoice", days_until_due=10
    )
    said = forecast(story, draft.id)
    assert steps(said, story) == [
        "01-01 finalize",
        "01-01 send",
        "01-08 remind",
        "01-11 fall_due",
        "01-16 remind",
        "02-10 mark_uncollectible",
    ]
    assert [s["days_from_due_date"] for s in said["steps"]] == [None, None, -3, None, 5, None]
    story.news()
    happened = story.until("2027-01-01")
    assert happened == [
        "01-01 payment_intent.created",
        "01-01 invoice.finalized",
        "01-01 invoice.updated",
        "01-01 invoice.sent",
        "01-01 mail invoice",
        "01-08 invoice.will_be_due",
        "01-08 mail reminder",
        "01-11 customer.updated",
        "01-16 invoice.overdue",
        "01-16 mail reminder",
        "02-10 invoice.marked_uncollectible",
        "02-10 invoice.updated",
        "02-10 customer.updated",
    ]


def test_an_open_invoice_in_the_middle_of_its_retries(story: Story) -> None:
    story.begins("2026-01-01", "pm_card_chargeCustomerFail")
    draft = story.invoice(10_000, auto_advance=True)
    story.until("2026-01-05")
    assert hold_against_the_course(story, draft.id) == [
        "01-06 retry",
        "01-08 retry",
        "01-10 retry",
        "01-12 retry",
        "01-14 retry",
    ]


def test_a_card_that_needs_its_owner_is_not_charged_again_without_them(story: Story) -> None:
    story.settings({"retries[mode]": "custom", "retries[days][0]": "3", "retries[days][1]": "3"})
    story.begins("2026-01-01", "pm_card_authenticationRequired")
    draft = story.invoice(10_000, auto_advance=True)
    story.until("2026-01-02")
    said = hold_against_the_course(story, draft.id)
    assert said == ["01-04 skip_retry", "01-07 skip_retry"]
    assert story.get(draft.id).attempt_count == 3


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "auto_advance is off."),
        ({"collection_method": "send_invoice"}, "auto_advance is off."),
    ],
)
def test_without_advancing_nothing_happens(
    story: Story, given: dict[str, Any], reason: str
) -> None:
    story.begins("2026-01-01")
    draft = story.invoice(10_000, **given)
    said = forecast(story, draft.id)
    assert said["steps"] == []
    assert said["ends"]["status"] == "draft"
    assert said["ends"]["reason"]["en"] == reason


def test_an_invoice_that_is_not_there(story: Story) -> None:
    reply = story.caller.send("GET", "/v1/invoices/in_none/forecast")
    assert (reply.status, reply.error["code"]) == (404, "resource_missing")
