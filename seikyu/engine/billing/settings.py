"""Settings: how an account collects, whom it mails, and how its papers look. One record a world.

Everything has a default that works, so that an account which never set anything has no row. An invoice
may override how it is collected (``collection_settings``); nothing else is set per invoice.
Source: Stripe, "Automatic collection" and "Smart Retries", whose settings stand in its dashboard.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate
from typing import Any

from seikyu.engine.billing.account import Account
from seikyu.engine.billing.changing import ADDED, replace

HOUR = 3600
DAY = 24 * HOUR

WINDOWS = {"1_week": 7, "2_weeks": 14, "3_weeks": 21, "1_month": 30, "2_months": 60}
"""Days within which smart retries happen."""

EIGHT_IN_FOURTEEN = (1, 2, 3, 5, 7, 9, 11, 13)
"""The days of eight smart retries within two weeks, from which every other schedule is scaled."""

MOST_TRIES = 8
MOST_CUSTOM_RETRIES = 3


SETTINGS = "settings"
"""The id of the one record of a world."""


@dataclass(frozen=True, slots=True)
class Retries:
    """When a failed automatic charge is tried again.

    ``mode`` smart: ``tries`` retries within ``window``. custom: after ``days`` from the one before.
    none: never.
    """

    mode: str = "smart"
    tries: int = 8
    window: str = "2_weeks"
    days: tuple[int, ...] = (3, 5, 7)


@dataclass(frozen=True, slots=True)
class LastRetry:
    """What follows when the last retry failed. ``subscription``: cancel, unpaid or leave."""

    subscription: str = "cancel"
    invoice: str = "leave"


@dataclass(frozen=True, slots=True)
class Reminders:
    """Days relative to the due date on which a mailed invoice is recalled; negative is before it."""

    days: tuple[int, ...] = (3, 5, 14)


@dataclass(frozen=True, slots=True)
class PastDue:
    """What follows when a mailed invoice is ``after_days`` past its due date; None: nothing."""

    after_days: int | None = None
    invoice: str = "leave"
    subscription: str = "leave"


@dataclass(frozen=True, slots=True)
class PaymentPlans:
    """Days before the due date of each instalment on which it is recalled."""

    reminder_days: int = 7


@dataclass(frozen=True, slots=True)
class Mails:
    """Which mails are written. ``language``: ja, en or customer (their preferred locale)."""

    finalized_invoice: bool = True
    receipt: bool = True
    failed_payment: bool = True
    action_required: bool = True
    reminders: bool = True
    language: str = "customer"


@dataclass(frozen=True, slots=True)
class Numbering:
    """``scheme`` customer: each customer counts alone under its prefix. account: all count together.

    ``next_sequence`` is the least number from which the account goes on.
    """

    scheme: str = "customer"
    prefix: str = ""
    next_sequence: int = 1


@dataclass(frozen=True, slots=True)
class Tax:
    """``rounding`` of the tax of one rate on one invoice: down, half_up or up."""

    rounding: str = "down"


@dataclass(frozen=True, slots=True)
class Business:
    """The issuer as papers, pages and mails show it. ``address`` is a hash of Stripe's fields."""

    name: str | None = None
    address: dict[str, Any] | None = None
    phone: str | None = None
    email: str | None = None
    registration_number: str | None = None
    """Qualified-invoice number (T + 13 digits); when not set, the account's own."""


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where transfers go, as the hosted page and the papers print it."""

    bank_name: str | None = None
    branch_name: str | None = None
    account_type: str | None = None
    account_number: str | None = None
    account_holder_name: str | None = None
    bank_code: str | None = None
    branch_code: str | None = None
    virtual_branch_code: str | None = None
    virtual_branch_name: str | None = None
    virtual_first_number: str | None = None
    virtual_last_number: str | None = None
    """The range of virtual accounts that the bank sold, each to be told to one customer."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one world. ``shortfall_tolerance``: currency → minor units that are let go.

    ``time_zone`` (IANA) is the zone of dates that people see and of days before or after a due date.
    """

    id: str = SETTINGS
    created: int = 0
    version: int = 0
    time_zone: str = "Asia/Tokyo"
    retries: Retries = field(default_factory=Retries)
    after_last_retry: LastRetry = field(default_factory=LastRetry)
    reminders: Reminders = field(default_factory=Reminders)
    past_due: PastDue = field(default_factory=PastDue)
    payment_plans: PaymentPlans = field(default_factory=PaymentPlans)
    shortfall_tolerance: dict[str, int] = field(default_factory=dict)
    mails: Mails = field(default_factory=Mails)
    numbering: Numbering = field(default_factory=Numbering)
    tax: Tax = field(default_factory=Tax)
    business: Business = field(default_factory=Business)
    bank_account: BankAccount = field(default_factory=BankAccount)
    reconciliation: str = field(default="automatic", metadata=ADDED)
    """How money that customers send is applied, where they say nothing else: automatic or manual."""


ZONES = {"JP": "Asia/Tokyo", "US": "America/New_York", "GB": "Europe/London", "KR": "Asia/Seoul"}
"""The time zone that an account of a country starts with; elsewhere UTC."""

OVERRIDABLE = ("retries", "after_last_retry", "reminders", "past_due")
"""What one invoice may have otherwise than its account (``collection_settings``)."""


@lru_cache(maxsize=64)
def default_settings(account: Account) -> Settings:
    """Return the settings of an account that never set any."""
    return Settings(time_zone=ZONES.get(account.country, "UTC"), created=account.created)


def overridden(settings: Settings, overrides: dict[str, Any] | None) -> Settings:
    """Return the settings with what an invoice has otherwise."""
    if not overrides:
        return settings
    changes = {
        name: merged_part(getattr(settings, name), overrides[name])
        for name in OVERRIDABLE
        if overrides.get(name)
    }
    return replace(settings, **changes)


def merged_part(part: Any, given: dict[str, Any]) -> Any:
    """Return one group of settings with what was given; None is what the group has when it is new.

    An array that was unset is empty.
    """
    new = type(part)()

    def taken(name: str, value: Any) -> Any:
        if value is None:
            return () if isinstance(getattr(new, name), tuple) else getattr(new, name)
        return tuple(value) if isinstance(value, list) else value

    return replace(part, **{name: taken(name, value) for name, value in given.items()})


def retry_offsets(retries: Retries) -> tuple[int, ...]:
    """Return the seconds from the first attempt to each retry, in order.

    Smart retries are Stripe's in name and number, but fixed here: eight in two weeks fall on the days
    1, 2, 3, 5, 7, 9, 11 and 13. Fewer tries take evenly chosen ones of these, the last always among
    them; another window stretches them in proportion, to the whole hour.
    """
    if retries.mode == "none":
        return ()
    if retries.mode == "custom":
        return tuple(days * DAY for days in accumulate(retries.days))
    count, last = len(EIGHT_IN_FOURTEEN), EIGHT_IN_FOURTEEN[-1]
    days = (
        EIGHT_IN_FOURTEEN[-(-count * (i + 1) // retries.tries) - 1] for i in range(retries.tries)
    )
    hours = (WINDOWS[retries.window] - 1) * 24
    return tuple(day * hours // last * HOUR for day in days)
