"""The calendar of recurring billing: which moments an anchor makes, by day, week, month or year.

The n-th moment is the anchor and n × count intervals, counted from the anchor itself and never from the
moment before. So 31 January makes 28 (or 29) February and then 31 March: the anchor's day is remembered,
a short month only lends its last day. All of it is in UTC, as Stripe's anchors are, whatever the time
zone of the account: a day is 86,400 seconds and no summer time moves a moment.
Source: Stripe, "Billing cycle anchor" and "How billing cycles work".
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime

DAY = 86_400
SECONDS = {"day": DAY, "week": 7 * DAY}
MONTHS = {"month": 1, "year": 12}

MEAN_MONTH = 2_629_746
"""Seconds of the mean Gregorian month: only for a first guess, which is then put right."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every ``count`` intervals of day, week, month or year."""

    interval: str = "month"
    count: int = 1


def moment(anchor: int, every: Recurrence, n: int) -> int:
    """Return the ``n``-th moment (Unix seconds) after ``anchor``; ``n`` may be negative."""
    if every.interval in SECONDS:
        return anchor + n * every.count * SECONDS[every.interval]
    start = datetime.fromtimestamp(anchor, UTC)
    months = start.year * 12 + start.month - 1 + n * every.count * MONTHS[every.interval]
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    there = start.replace(year=year, month=month + 1, day=min(start.day, last))
    return int(there.timestamp())


def next_after(anchor: int, every: Recurrence, after: int) -> int:
    """Return the first moment that is later than ``after``."""
    return moment(anchor, every, _passed(anchor, every, after) + 1)


def last_until(anchor: int, every: Recurrence, until: int) -> int:
    """Return the last moment that is not later than ``until``."""
    return moment(anchor, every, _passed(anchor, every, until))


def _passed(anchor: int, every: Recurrence, until: int) -> int:
    """Return the number of the last moment up to ``until``: a guess, then a step or two."""
    length = every.count * (SECONDS.get(every.interval) or MONTHS[every.interval] * MEAN_MONTH)
    n = (until - anchor) // length
    while moment(anchor, every, n) > until:
        n -= 1
    while moment(anchor, every, n + 1) <= until:
        n += 1
    return n


@dataclass(frozen=True, slots=True)
class AnchorConfig:
    """A day and a time by which Stripe lets one describe an anchor instead of naming its moment.

    Hour, minute and second default to those of the moment the subscription begins. UTC.
    """

    day_of_month: int
    month: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None


def anchor_from(config: AnchorConfig, now: int) -> int:
    """Return the first moment after ``now`` that the description fits; a short month has its last day."""
    start = datetime.fromtimestamp(now, UTC)
    months = start.year * 12 + start.month - 1
    for passed in range(14):
        year, month = divmod(months + passed, 12)
        if config.month not in (None, month + 1):
            continue
        last = calendar.monthrange(year, month + 1)[1]
        found = datetime(
            year,
            month + 1,
            min(config.day_of_month, last),
            start.hour if config.hour is None else config.hour,
            start.minute if config.minute is None else config.minute,
            start.second if config.second is None else config.second,
            tzinfo=UTC,
        )
        if found.timestamp() > now:
            return int(found.timestamp())
    raise AssertionError("every month of the year comes within fourteen")


def share(amount: int, part: int, whole: int) -> int:
    """Return ``amount`` × ``part`` / ``whole`` in minor units, rounded half away from zero.

    ``part`` and ``whole`` are seconds: prorating is by the second (Stripe, "Prorations").
    """
    assert whole > 0
    top = abs(amount) * part
    rounded = (2 * top + whole) // (2 * whole)
    return rounded if amount >= 0 else -rounded
