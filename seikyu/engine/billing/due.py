"""When time must act on an invoice: a pure function of facts, recomputed at every save.

Nothing is scheduled and nothing is cancelled: a row whose facts change simply has another due time.
The facts: status, dates, attempts, ``acted_until`` and the account's settings. A draft waits an hour
from when every listening endpoint heard of it; a charge that failed is tried again on the days of its
schedule, counted from the *first* attempt; a mailed invoice has its moments around the due date.
A moment that passed while the invoice did not advance is over, and is never made up for.
Source: Stripe, "Automatic advancement" and "Automatic collection".
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Decision
from seikyu.engine.billing.invoice import DRAFT, OPEN, Invoice
from seikyu.engine.billing.settings import DAY, HOUR, Settings, overridden, retry_offsets

DRAFT_STAYS = HOUR
"""Seconds that an automatically advancing draft can still be edited."""

SILENCE_ENDS = 72 * HOUR
"""Seconds after which a draft is finalized although an endpoint never acknowledged it."""

REMIND, FALL_DUE, GIVE_UP = "remind", "fall_due", "give_up"


@dataclass(frozen=True, slots=True)
class Moment:
    """What time does to a mailed invoice, and when (Unix seconds). ``days`` count from the due date."""

    at: int
    what: str
    days: int


def next_action(invoice: Invoice, settings: Settings) -> int | None:
    """Return the moment (Unix seconds, the customer's time) at which time acts next, or None."""
    if not invoice.auto_advance:
        return _next_instalment(invoice)
    if invoice.details.get("last_finalization_error"):
        return None
    if invoice.status == DRAFT:
        return invoice.automatically_finalizes_at or finalizes_at(invoice)
    if invoice.status != OPEN or invoice.amount_remaining <= 0:
        return None
    if invoice.collection_method == "send_invoice":
        ahead = (m.at for m in moments(invoice, settings) if m.at > since(invoice))
        return min(ahead, default=None)
    if not invoice.attempted:
        return invoice.finalized_at
    return next_retry(invoice, settings)


def _next_instalment(invoice: Invoice) -> int | None:
    """A plan shows which instalments are past due, whether its invoice advances by itself or not."""
    if invoice.status != OPEN or not invoice.plan:
        return None
    dates = (part.due_date for part in invoice.plan if part.amount_remaining and not part.past_due)
    return min((date for date in dates if date and date > since(invoice)), default=None)


def finalizes_at(draft: Invoice) -> int:
    """Return when an advancing draft is finalized: an hour after it was made and heard of."""
    if not draft.awaits_webhooks:
        return draft.created + DRAFT_STAYS
    if draft.acknowledged_at is not None:
        return draft.acknowledged_at + DRAFT_STAYS
    return draft.created + SILENCE_ENDS


def next_retry(invoice: Invoice, settings: Settings) -> int | None:
    """Return the next retry of a charge that was attempted, or None after the last."""
    if invoice.first_attempt_at is None:
        return None
    retries = overridden(settings, invoice.details.get("collection_settings")).retries
    ahead = (invoice.first_attempt_at + offset for offset in retry_offsets(retries))
    return next((at for at in ahead if at > since(invoice)), None)


def moments(invoice: Invoice, settings: Settings) -> tuple[Moment, ...]:
    """Return what is to happen to a mailed invoice around its due date, earliest first."""
    due = invoice.due_date
    if due is None:
        return ()
    if invoice.plan:
        return _of_plan(invoice, due, settings)
    settings = overridden(settings, invoice.details.get("collection_settings"))
    found = [_falls_due(invoice, due)]
    if settings.mails.reminders:
        found += [
            Moment(days_from(due, days, settings.time_zone), REMIND, days)
            for days in settings.reminders.days
        ]
    after = settings.past_due.after_days
    if after is not None:
        found.append(Moment(days_from(due, after, settings.time_zone), GIVE_UP, after))
    return tuple(sorted(found, key=lambda moment: (moment.at, moment.what != FALL_DUE)))


def _falls_due(invoice: Invoice, due: int) -> Moment:
    """What was due when it was finalized, or before, falls due in the next second: it was not paid."""
    return Moment(max(due, (invoice.finalized_at or due - 1) + 1), FALL_DUE, 0)


def _of_plan(invoice: Invoice, last: int, settings: Settings) -> tuple[Moment, ...]:
    """A plan's instalments are recalled some days before each, in place of the account's reminders."""
    before = -settings.payment_plans.reminder_days
    recalls = settings.mails.reminders and settings.mails.finalized_invoice
    found = []
    for part in invoice.plan:
        if part.due_date is None or not part.amount_remaining:
            continue
        found.append(_falls_due(invoice, part.due_date))
        if recalls:
            at = days_from(part.due_date, before, settings.time_zone)
            found.append(Moment(at, REMIND, before))
    settings = overridden(settings, invoice.details.get("collection_settings"))
    after = settings.past_due.after_days
    if after is not None:
        found.append(Moment(days_from(last, after, settings.time_zone), GIVE_UP, after))
    return tuple(sorted(found, key=lambda moment: (moment.at, moment.what != FALL_DUE)))


def days_from(moment: int, days: int, time_zone: str) -> int:
    """Return the same time of day ``days`` calendar days later in the zone (or before: negative)."""
    zone = ZoneInfo(time_zone)
    if zone.utcoffset(None) is not None:  # a zone without summer time
        return moment + days * DAY
    local = datetime.fromtimestamp(moment, zone).replace(tzinfo=None) + timedelta(days=days)
    return int(local.replace(tzinfo=zone).timestamp())


def since(invoice: Invoice) -> int:
    """Return the moment up to which nothing is left to do."""
    return invoice.acted_until or 0


def timed(invoice: Invoice, settings: Settings) -> Invoice:
    """Return the invoice with its due time as the facts now have it."""
    at = next_action(invoice, settings)
    charged = invoice.collection_method == "charge_automatically"
    attempt = at if charged else None
    if at == invoice.next_action_at and attempt == invoice.next_payment_attempt:
        return invoice
    return replace(invoice, next_action_at=at, next_payment_attempt=attempt)


def retimed(decision: Decision, settings: Settings) -> Decision:
    """Return the decision with the due time of every invoice in it as its facts now have it.

    This is the one place where due times are computed: no rule needs to think of it. An invoice that
    stands in the decision several times stays one and the same: also where it is what another was before,
    or an event would not tell the due times that it changed.
    """
    fresh: dict[int, Invoice] = {}

    def put(record: Any) -> Any:
        if type(record) is not Invoice:
            return record
        if id(record) not in fresh:
            fresh[id(record)] = timed(record, settings)
        return fresh[id(record)]

    said = tuple(put(announcement.record) for announcement in decision.announcements)
    return replace(
        decision,
        answer=put(decision.answer),
        saves=tuple(put(record) for record in decision.saves),
        announcements=tuple(
            announcement
            if type(record) is not Invoice
            else replace(
                announcement,
                record=record,
                before=fresh.get(id(announcement.before), announcement.before),
            )
            for announcement, record in zip(decision.announcements, said, strict=True)
        ),
    )
