"""Payment plans: an invoice's amount in instalments, each with a date of its own (``amounts_due``).

1. Only mailed invoices have one, never those of a subscription, and nothing is charged by itself: the
   customer comes back for each instalment.
2. The instalments of a draft may be set, replaced and removed. When it is finalized they must come to
   exactly what is due, and stay as they are from then on.
3. Money fills the instalments in the order of their dates, whichever way it came; taken off again, it
   leaves the last ones first. The next one that is not full is what the invoice expects.
4. Instalments may also be percentages of what is due, and be dated by weeks, months or years from
   finalization (``payment_planning.py``); the last of them then takes the remainder.
5. What a credit note lets go comes off the last instalments first; one of which nothing is left counts as
   paid. Voiding the credit note puts it back where it was.
Source: Stripe, "Create invoice payment plans"; the order of filling is ours, the source is silent.
"""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Given
from seikyu.engine.billing.refusals import ParameterMissing, ParametersExclude, PlanNotAllowed

DAY = 86_400
MOST = 100
DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Instalment:
    """A part of what is due. Amounts in minor units of the invoice's currency, times in Unix seconds.

    ``days_until_due`` counts from finalization, which sets ``due_date``. ``past_due`` says that the date
    has passed while something of it was open. ``percentage`` is of the amount due and makes ``amount``;
    ``interval`` (day, week, month, year) and ``interval_count`` are how a relative date was told.
    """

    amount: int
    description: str | None = None
    days_until_due: int | None = None
    due_date: int | None = None
    amount_paid: int = 0
    paid_at: int | None = None
    past_due: bool = False
    id: str | None = None
    percentage: Decimal | None = None
    interval: str | None = None
    interval_count: int | None = None

    @property
    def amount_remaining(self) -> int:
        """What is still open of it."""
        return self.amount - self.amount_paid

    @property
    def status(self) -> str:
        """Stripe's word: open, paid or past_due."""
        if self.amount_remaining == 0:
            return "paid"
        return "past_due" if self.past_due else "open"


Plan = tuple[Instalment, ...]


def plan_of(given: Sequence[Given] | None) -> Plan:
    """Return the plan as given, nothing for one that was unset.

    Raises ParameterMissing and ParametersExclude, naming the instalment.
    """
    plan = []
    for place, entry in enumerate(given or ()):
        within = f"amounts_due[{place}]"
        days, date = entry.get("days_until_due"), entry.get("due_date")
        if days is not None and date is not None:
            raise ParametersExclude(
                f"You may only specify one of these parameters: {within}[days_until_due], "
                f"{within}[due_date].",
                f"{within}[due_date]",
            )
        if days is None and date is None:
            raise ParameterMissing(f"{within}[days_until_due]")
        if entry["amount"] < 1:
            raise PlanNotAllowed("An instalment must be of at least 1.", f"{within}[amount]")
        plan.append(Instalment(entry["amount"], entry.get("description"), days, date))
    if len(plan) > MOST:
        raise PlanNotAllowed(f"A plan has at most {MOST} instalments.", "amounts_due")
    return tuple(plan)


def identified(plan: Plan, mint: Callable[[str], str]) -> Plan:
    """Return the plan with an id for every instalment that has none yet."""
    return tuple(part if part.id else replace(part, id=mint("ppi")) for part in plan)


def unfixed(plan: Plan) -> Plan:
    """Return the plan as a draft has it: nothing came, and what is relative has no date yet."""
    return tuple(
        replace(
            part,
            amount_paid=0,
            paid_at=None,
            past_due=False,
            due_date=part.due_date
            if part.days_until_due is None and part.interval is None
            else None,
        )
        for part in plan
    )


def resolved(plan: Plan, amount_due: int) -> Plan:
    """Return the plan with its percentages as amounts of ``amount_due`` (minor units), rounded down.

    1. A last instalment that is a percentage takes what the others leave, to the yen.
    2. It does so only where rounding made the difference: percentages that do not come to the whole
       are left as they are, and ``check_sum`` names both figures.
    """
    if all(part.percentage is None for part in plan):
        return plan
    parts = [
        part
        if part.percentage is None
        else replace(part, amount=_share(amount_due, part.percentage))
        for part in plan
    ]
    rest = amount_due - sum(part.amount for part in parts)
    if parts[-1].percentage is not None and 0 < rest < len(parts):
        parts[-1] = replace(parts[-1], amount=parts[-1].amount + rest)
    return tuple(parts)


def _share(amount: int, percentage: Decimal) -> int:
    """Return a percentage of at most four decimal places of ``amount``, in whole minor units."""
    return amount * int(percentage * 10_000) // 1_000_000


def dated(plan: Plan, since: int, time_zone: str = "UTC") -> Plan:
    """Return the plan with the date of every instalment, counted from finalization (``since``).

    Days are of 86,400 seconds; months and years keep day and time of the account's ``time_zone``, and a
    short month lends its last day.
    """
    return tuple(_with_date(part, since, time_zone) for part in plan)


def _with_date(part: Instalment, since: int, time_zone: str) -> Instalment:
    if part.days_until_due is not None:
        return replace(part, due_date=since + part.days_until_due * DAY)
    if part.interval is None or part.interval_count is None:
        return part
    local = datetime.fromtimestamp(since, ZoneInfo(time_zone))
    months = local.year * 12 + local.month - 1 + MONTHS[part.interval] * part.interval_count
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    there = local.replace(year=year, month=month + 1, day=min(local.day, last))
    return replace(part, due_date=int(there.timestamp()))


def check_sum(plan: Plan, amount_due: int, currency: str) -> None:
    """Raise PlanNotAllowed when the instalments do not come to what is due (minor units)."""
    total = sum(part.amount for part in plan)
    for place, part in enumerate(plan):
        if part.amount < 1:
            raise PlanNotAllowed(
                f"An instalment must be of at least 1; {part.percentage}% of {amount_due} {currency} "
                "is less.",
                f"amounts_due[{place}][amount]",
            )
    if plan and total != amount_due:
        raise PlanNotAllowed(
            f"The sum of amounts_due ({total} {currency}) must equal the invoice's amount_due "
            f"({amount_due} {currency}).",
            "amounts_due",
        )


def filled(plan: Plan, amount_paid: int, now: int) -> Plan:
    """Return the plan with ``amount_paid`` minor units spread over it, as of ``now``."""
    left = amount_paid
    parts = list(plan)
    for place in in_order(plan):
        part = parts[place]
        paid = min(left, part.amount)
        left -= paid
        full = paid == part.amount
        parts[place] = replace(
            part,
            amount_paid=paid,
            paid_at=(part.paid_at or now) if full else None,
            past_due=not full and part.due_date is not None and part.due_date <= now,
        )
    return tuple(parts)


def expected(plan: Plan, amount_remaining: int) -> int:
    """Return what is to be paid next in minor units: what is open of the first open instalment."""
    for place in in_order(plan):
        if plan[place].amount_remaining:
            return min(plan[place].amount_remaining, amount_remaining)
    return amount_remaining


def sums_ahead(plan: Plan, amount_remaining: int) -> list[int]:
    """Return what the next one, two, … open instalments come to; the last is all that remains."""
    sums, total = [], 0
    for place in in_order(plan):
        if plan[place].amount_remaining:
            total += plan[place].amount_remaining
            sums.append(min(total, amount_remaining))
    return sums or [amount_remaining]


def reduced(plan: Plan, amount: int) -> tuple[Plan, tuple[int, ...]]:
    """Let ``amount`` minor units go, of the last instalments first and of none what was paid of it.

    Returns also what each instalment was reduced by, so that it can be taken back.
    """
    let_go = [0] * len(plan)
    for place in reversed(in_order(plan)):
        let_go[place] = min(plan[place].amount_remaining, amount)
        amount -= let_go[place]
    return raised(plan, tuple(-each for each in let_go)), tuple(let_go)


def raised(plan: Plan, by: Sequence[int]) -> Plan:
    """Return the plan with each instalment raised by so many minor units."""
    return tuple(
        replace(part, amount=part.amount + more) if more else part
        for part, more in zip(plan, by, strict=True)
    )


def last_date(plan: Plan) -> int | None:
    """Return the date of the last instalment, None while some have none yet."""
    dates = [part.due_date for part in plan]
    return None if None in dates else max(date for date in dates if date is not None)


def in_order(plan: Plan) -> list[int]:
    """Return the places of the instalments by their dates; those of one day as they were given."""
    return sorted(range(len(plan)), key=lambda place: (plan[place].due_date or 0, place))
