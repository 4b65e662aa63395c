"""Configuring: changing a world's settings. What cannot work together is refused, naming both.

Changed settings hold from now on for every invoice that advances: its next moment is computed anew from
the same facts. Moments that are over stay over.
"""

from dataclasses import dataclass
from typing import Any

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Context, Decision, Given
from seikyu.engine.billing.refusals import ParameterMissing, ParameterNotAllowed, PrefixTaken
from seikyu.engine.billing.settings import (
    MOST_CUSTOM_RETRIES,
    PastDue,
    Reminders,
    Retries,
    Settings,
    merged_part,
    overridden,
)

GROUPS = (
    "retries", "after_last_retry", "reminders", "past_due", "payment_plans", "mails", "numbering",
    "tax", "business", "bank_account",
)  # fmt: skip
"""Settings that are hashes of their own, of which each key may be given alone."""


@dataclass(frozen=True, slots=True)
class UpdateSettings:
    """Change what was given; the rest stays."""

    given: Given


@dataclass(frozen=True, slots=True)
class SettingsBook:
    """The settings as they are now, the defaults when none were ever set.

    ``prefix_owner`` is the customer that has the given ``numbering[prefix]``, or has invoices under it.
    """

    settings: Settings
    prefix_owner: str | None = None


def decide(book: SettingsBook, command: object, context: Context) -> Decision:
    """Change the settings. Raises ParameterMissing, ParameterNotAllowed."""
    assert isinstance(command, UpdateSettings)
    del context
    given, before = command.given, book.settings
    changes: dict[str, Any] = {
        name: merged_part(getattr(before, name), given[name])
        for name in GROUPS
        if given.get(name) is not None
    }
    if "time_zone" in given:
        changes["time_zone"] = given["time_zone"]
    if given.get("reconciliation") is not None:
        changes["reconciliation"] = given["reconciliation"]
    if "shortfall_tolerance" in given:
        changes["shortfall_tolerance"] = {
            currency: amount
            for currency, amount in {
                **before.shortfall_tolerance,
                **(given["shortfall_tolerance"] or {}),
            }.items()
            if amount and given["shortfall_tolerance"] is not None
        }
    after = replace(before, **changes)
    check_schedule(after.retries, after.reminders, after.past_due, given)
    if book.prefix_owner is not None and after.numbering.scheme == "account":
        raise PrefixTaken(
            f"The prefix {after.numbering.prefix} is that of a customer's invoices; choose another "
            "one.",
            "numbering[prefix]",
        )
    return Decision(after, (after,))


def check_own(settings: Settings, overrides: Given) -> None:
    """Raise when what an invoice is to have otherwise contradicts itself or its account's settings."""
    own = overridden(settings, dict(overrides))
    check_schedule(own.retries, own.reminders, own.past_due, overrides, "collection_settings")


def check_schedule(
    retries: Retries, reminders: Reminders, past_due: PastDue, given: Given, within: str = ""
) -> None:
    """Raise when the settings contradict each other; the message names the parameter and says why.

    ``within`` is the hash that they were given in, for overrides of an invoice.
    """

    def param(group: str, key: str) -> str:
        return f"{within}[{group}][{key}]" if within else f"{group}[{key}]"

    asked = given.get("retries") or {}
    if retries.mode == "custom" and not retries.days:
        raise ParameterMissing(param("retries", "days"))
    if retries.mode == "custom" and len(retries.days) > MOST_CUSTOM_RETRIES:
        raise ParameterNotAllowed(
            f"A custom schedule has at most {MOST_CUSTOM_RETRIES} retries; {len(retries.days)} were "
            "given.",
            param("retries", "days"),
        )
    for key, mode in (("tries", "smart"), ("window", "smart"), ("days", "custom")):
        if asked.get(key) is not None and retries.mode != mode:
            raise ParameterNotAllowed(
                f"{key} belongs to retries in {mode} mode; the mode is {retries.mode}.",
                param("retries", key),
            )
    if len(set(reminders.days)) < len(reminders.days):
        raise ParameterNotAllowed(
            "The same day is given twice; one reminder is sent on a day.",
            param("reminders", "days"),
        )
    ends = past_due.invoice == "mark_uncollectible" and past_due.after_days is not None
    late = [day for day in reminders.days if ends and day > (past_due.after_days or 0)]
    if late:
        raise ParameterNotAllowed(
            f"A reminder {late[0]} days after the due date can never be sent: the invoice is marked "
            f"uncollectible {past_due.after_days} days after it.",
            param("reminders", "days"),
        )
    acts = past_due.invoice != "leave" or past_due.subscription != "leave"
    if acts and past_due.after_days is None:
        raise ParameterMissing(param("past_due", "after_days"))
