"""The calendar of recurring billing: every date written out."""

import pytest

from seikyu.engine.billing.recurrence import (
    AnchorConfig,
    Recurrence,
    anchor_from,
    last_until,
    moment,
    next_after,
    share,
)
from tests.billing.subscribers import dates, day

COURSES = [
    (
        "2026-01-31",
        Recurrence("month"),
        ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31"],
    ),
    ("2028-01-31", Recurrence("month"), ["2028-02-29", "2028-03-31", "2028-04-30"]),
    ("2028-01-30", Recurrence("month"), ["2028-02-29", "2028-03-30", "2028-04-30"]),
    ("2026-01-29", Recurrence("month"), ["2026-02-28", "2026-03-29", "2026-04-29"]),
    ("2026-11-30", Recurrence("month", 3), ["2027-02-28", "2027-05-30", "2027-08-30"]),
    ("2026-08-31", Recurrence("month", 6), ["2027-02-28", "2027-08-31", "2028-02-29"]),
    (
        "2024-02-29",
        Recurrence("year"),
        ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29", "2029-02-28"],
    ),
    ("2026-12-31", Recurrence("month"), ["2027-01-31", "2027-02-28", "2027-03-31"]),
    ("2026-02-25", Recurrence("week"), ["2026-03-04", "2026-03-11", "2026-03-18"]),
    ("2026-02-25", Recurrence("week", 2), ["2026-03-11", "2026-03-25", "2026-04-08"]),
    ("2028-02-27", Recurrence("day"), ["2028-02-28", "2028-02-29", "2028-03-01"]),
    ("2026-12-25", Recurrence("day", 10), ["2027-01-04", "2027-01-14", "2027-01-24"]),
    (
        "2026-01-31 23:59",
        Recurrence("month"),
        ["2026-02-28 23:59", "2026-03-31 23:59", "2026-04-30 23:59"],
    ),
    ("2100-01-31", Recurrence("month"), ["2100-02-28", "2100-03-31"]),
]


@pytest.mark.parametrize(("anchor", "every", "course"), COURSES)
def test_moments_are_counted_from_the_anchor(
    anchor: str, every: Recurrence, course: list[str]
) -> None:
    start = day(anchor)
    counted = [moment(start, every, n) for n in range(1, len(course) + 1)]
    assert dates(*counted) == course
    followed, here = [], start
    for _ in course:
        here = next_after(start, every, here)
        followed.append(here)
    assert followed == counted


def test_the_anchors_day_is_remembered_backwards_too() -> None:
    anchor = day("2026-05-31")
    back = [moment(anchor, Recurrence("month"), -n) for n in (1, 2, 3)]
    assert dates(*back) == ["2026-04-30", "2026-03-31", "2026-02-28"]


@pytest.mark.parametrize(
    ("at", "last", "following"),
    [
        ("2026-02-28", "2026-02-28", "2026-03-31"),
        ("2026-02-27", "2026-01-31", "2026-02-28"),
        ("2026-03-30", "2026-02-28", "2026-03-31"),
        ("2026-01-31", "2026-01-31", "2026-02-28"),
        ("2025-12-31", "2025-12-31", "2026-01-31"),
        ("2025-12-30", "2025-11-30", "2025-12-31"),
        ("2036-07-04", "2036-06-30", "2036-07-31"),
    ],
)
def test_a_moment_lies_between_the_anchors_moments(at: str, last: str, following: str) -> None:
    anchor, every = day("2026-01-31"), Recurrence("month")
    assert dates(last_until(anchor, every, day(at))) == [last]
    assert dates(next_after(anchor, every, day(at))) == [following]


@pytest.mark.parametrize(
    ("config", "now", "found"),
    [
        (AnchorConfig(31), "2026-02-10", "2026-02-28"),
        (AnchorConfig(31), "2026-02-28", "2026-03-31"),
        (AnchorConfig(15), "2026-02-10", "2026-02-15"),
        (AnchorConfig(5), "2026-02-10", "2026-03-05"),
        (AnchorConfig(1, month=1), "2026-02-10", "2027-01-01"),
        (AnchorConfig(29, month=2), "2026-03-01", "2027-02-28"),
        (AnchorConfig(10, hour=9, minute=30, second=0), "2026-02-10", "2026-02-10 09:30"),
        (AnchorConfig(10, hour=0), "2026-02-10 08:00", "2026-03-10"),
    ],
)
def test_an_anchor_can_be_described(config: AnchorConfig, now: str, found: str) -> None:
    assert dates(anchor_from(config, day(now))) == [found]


@pytest.mark.parametrize(
    ("amount", "part", "whole", "expected"),
    [
        (1_000, 1, 2, 500),
        (1_000, 1, 3, 333),
        (1_000, 2, 3, 667),
        (-1_000, 2, 3, -667),
        (1, 1, 2, 1),
        (-1, 1, 2, -1),
        (1, 1, 3, 0),
        (999_999_999_999, 2_678_399, 2_678_400, 999_999_626_642),
        (1_000, 0, 31, 0),
        (1_000, 31, 31, 1_000),
    ],
)
def test_shares_are_rounded_half_away_from_zero(
    amount: int, part: int, whole: int, expected: int
) -> None:
    assert share(amount, part, whole) == expected
