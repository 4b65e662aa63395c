"""When time acts on an invoice: tables of facts, with every moment written out."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from seikyu.engine.billing.decision import Announcement, Decision
from seikyu.engine.billing.due import moments, next_action, retimed, timed
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.settings import (
    WINDOWS,
    Mails,
    PastDue,
    Reminders,
    Retries,
    Settings,
    retry_offsets,
)
from tests.billing.world import DAY, HOUR, MARCH

LATER = MARCH + 5 * DAY
OPEN = {"status": "open", "finalized_at": MARCH + HOUR, "amount_remaining": 100}
TRIED = {**OPEN, "attempted": True, "first_attempt_at": MARCH}
MAILED = {**OPEN, "collection_method": "send_invoice", "due_date": LATER}


def invoice_with(facts: dict[str, Any]) -> Invoice:
    """An advancing invoice with these facts."""
    return replace(Invoice("in_1", MARCH, "cus_1", "jpy", "key", auto_advance=True), **facts)


@pytest.mark.parametrize(
    ("facts", "at"),
    [
        # drafts
        ({"auto_advance": False}, None),
        ({"auto_advance": False, "automatically_finalizes_at": LATER}, None),
        ({}, MARCH + HOUR),
        ({"collection_method": "send_invoice"}, MARCH + HOUR),
        ({"automatically_finalizes_at": LATER}, LATER),
        ({"details": {"last_finalization_error": {"message": "x"}}}, None),
        # drafts of which webhook endpoints were told
        ({"awaits_webhooks": True}, MARCH + 72 * HOUR),
        ({"awaits_webhooks": True, "acknowledged_at": MARCH + 600}, MARCH + 600 + HOUR),
        ({"awaits_webhooks": True, "automatically_finalizes_at": LATER}, LATER),
        # charged
        (OPEN, MARCH + HOUR),
        ({**OPEN, "auto_advance": False}, None),
        ({**OPEN, "amount_remaining": 0}, None),
        (TRIED, MARCH + DAY),
        ({**TRIED, "acted_until": MARCH + DAY - 1}, MARCH + DAY),
        ({**TRIED, "acted_until": MARCH + DAY}, MARCH + 2 * DAY),
        ({**TRIED, "acted_until": MARCH + 11 * DAY}, MARCH + 13 * DAY),
        ({**TRIED, "acted_until": MARCH + 13 * DAY}, None),
        ({**TRIED, "auto_advance": False}, None),
        # mailed
        (MAILED, LATER),
        ({**MAILED, "due_date": None}, None),
        ({**MAILED, "acted_until": LATER}, LATER + 3 * DAY),
        ({**MAILED, "acted_until": LATER + 9 * DAY}, LATER + 14 * DAY),
        ({**MAILED, "acted_until": LATER + 14 * DAY}, None),
        # over
        ({**OPEN, "status": "paid"}, None),
        ({**OPEN, "status": "uncollectible"}, None),
        ({**OPEN, "status": "void"}, None),
    ],
)
def test_the_next_moment_follows_from_the_facts(facts: dict[str, Any], at: int | None) -> None:
    invoice = invoice_with(facts)
    settings = Settings()
    assert next_action(invoice, settings) == at
    due = timed(invoice, settings)
    assert due.next_action_at == at
    charged = invoice.collection_method == "charge_automatically"
    assert due.next_payment_attempt == (at if charged else None)
    assert timed(due, settings) is due


@pytest.mark.parametrize(
    ("retries", "days"),
    [
        (Retries(), [1, 2, 3, 5, 7, 9, 11, 13]),
        (Retries(tries=1), [13]),
        (Retries(tries=2), [5, 13]),
        (Retries(tries=3), [3, 9, 13]),
        (Retries(tries=4), [2, 5, 9, 13]),
        (Retries(mode="custom", days=(3, 5, 7)), [3, 8, 15]),
        (Retries(mode="custom", days=(1,)), [1]),
        (Retries(mode="none"), []),
    ],
)
def test_the_days_of_retries(retries: Retries, days: list[int]) -> None:
    assert [offset / DAY for offset in retry_offsets(retries)] == days


@pytest.mark.parametrize(
    ("window", "hours"),
    [
        ("1_week", [11, 22, 33, 55, 77, 99, 121, 144]),
        ("3_weeks", [36, 73, 110, 184, 258, 332, 406, 480]),
        ("1_month", [53, 107, 160, 267, 374, 481, 588, 696]),
        ("2_months", [108, 217, 326, 544, 762, 980, 1198, 1416]),
    ],
)
def test_other_windows_stretch_the_retries(window: str, hours: list[int]) -> None:
    assert [offset // HOUR for offset in retry_offsets(Retries(window=window))] == hours


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("tries", range(1, 9))
def test_every_schedule_has_its_tries_in_order_within_its_window(window: str, tries: int) -> None:
    offsets = retry_offsets(Retries(tries=tries, window=window))
    assert len(offsets) == len(set(offsets)) == tries
    assert list(offsets) == sorted(offsets)
    assert offsets[-1] == (WINDOWS[window] - 1) * DAY


def in_zone(time_zone: str, text: str) -> int:
    """Unix seconds of a local time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(time_zone)).timestamp())


def test_reminders_keep_the_time_of_day_of_the_account() -> None:
    """New York changes to summer time on 8 March 2026: three days are 71 hours there."""
    facts = {**MAILED, "due_date": in_zone("America/New_York", "2026-03-06 09:00")}
    there = moments(invoice_with(facts), Settings(time_zone="America/New_York"))
    assert [(m.what, m.days, m.at) for m in there] == [
        ("fall_due", 0, in_zone("America/New_York", "2026-03-06 09:00")),
        ("remind", 3, in_zone("America/New_York", "2026-03-09 09:00")),
        ("remind", 5, in_zone("America/New_York", "2026-03-11 09:00")),
        ("remind", 14, in_zone("America/New_York", "2026-03-20 09:00")),
    ]
    assert there[1].at - there[0].at == 71 * HOUR
    here = moments(invoice_with(facts), Settings(time_zone="Asia/Tokyo"))
    assert here[1].at - here[0].at == 72 * HOUR


def test_reminders_before_on_and_after_the_due_date_and_the_final_action() -> None:
    settings = Settings(
        time_zone="Asia/Tokyo",
        reminders=Reminders((-3, 0, 7)),
        past_due=PastDue(after_days=30, invoice="mark_uncollectible"),
    )
    assert [(m.what, m.at - LATER) for m in moments(invoice_with(MAILED), settings)] == [
        ("remind", -3 * DAY),
        ("fall_due", 0),
        ("remind", 0),
        ("remind", 7 * DAY),
        ("give_up", 30 * DAY),
    ]


def test_without_reminder_mails_only_the_due_date_is_left() -> None:
    found = moments(invoice_with(MAILED), Settings(mails=Mails(reminders=False)))
    assert [m.what for m in found] == ["fall_due"]


def test_an_invoice_may_be_collected_otherwise_than_its_account() -> None:
    own = {"collection_settings": {"retries": {"mode": "custom", "days": [4, 4]}}}
    invoice = invoice_with({**TRIED, "details": own})
    assert next_action(invoice, Settings()) == MARCH + 4 * DAY
    mailed = invoice_with(
        {**MAILED, "details": {"collection_settings": {"reminders": {"days": [1]}}}}
    )
    assert [m.days for m in moments(mailed, Settings())] == [0, 1]


def test_due_times_are_computed_in_one_place_and_keep_what_is_the_same_the_same() -> None:
    invoice = invoice_with(OPEN)
    decision = Decision(
        invoice, (invoice,), announcements=(Announcement("invoice.finalized", invoice),)
    )
    after = retimed(decision, Settings())
    assert after.answer is after.saves[0] is after.announcements[0].record
    assert after.saves[0].next_action_at == MARCH + HOUR  # type: ignore[attr-defined]
