"""Parameters of ``/v1/seikyu/settings``, an address of ours, and of an invoice's own collection."""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import Field, PlainValidator

from seikyu.engine.billing.settings import MOST_TRIES, WINDOWS
from seikyu.engine.wire.errors import shortened
from seikyu.engine.wire.params.currencies import CURRENCIES
from seikyu.engine.wire.params.kinds import (
    Boolean,
    Clearable,
    Expand,
    Many,
    ShortText,
    full_text,
    integers,
    moment,
)
from seikyu.engine.wire.params.model import Params, refused
from seikyu.engine.wire.params.people import Address

Tries = Annotated[int, PlainValidator(integers(1, MOST_TRIES))]
DaysBetween = Annotated[int, PlainValidator(integers(1, 60))]
DaysFromDue = Annotated[int, PlainValidator(integers(-90, 365))]
DaysBefore = Annotated[int, PlainValidator(integers(1, 90))]
DayLists = Annotated[Many[DaysFromDue], Field(max_length=10)]

assert tuple(WINDOWS) == ("1_week", "2_weeks", "3_weeks", "1_month", "2_months")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _time_zone(value: Any) -> str:
    if type(value) is not str or value not in _zones():
        raise refused(
            f"Invalid time zone: {shortened(str(value), 60)}; use a name of the IANA time zone "
            "database, such as Asia/Tokyo."
        )
    return value


def _registration_number(value: Any) -> str | None:
    if value == "":
        return None
    digits = value[1:] if type(value) is str else ""
    if value[:1] != "T" or len(digits) != 13 or not (digits.isdecimal() and digits.isascii()):
        raise refused("A qualified-invoice number is T and 13 digits, such as T1234567890123.")
    return str(value)


def _after_days(value: Any) -> int | None:
    if value == "":
        return None
    if value not in ("30", "60", "90"):
        raise refused("Invalid after_days: must be one of 30, 60 or 90, or empty for never.")
    return int(value)


def _tolerances(value: Any) -> dict[str, int] | None:
    if value == "":
        return None
    if type(value) is not dict:
        raise refused("Invalid object")
    amounts = {}
    for currency, amount in value.items():
        if currency not in CURRENCIES:
            raise refused(f"Invalid currency: {shortened(currency, 20)}")
        amounts[currency] = moment(amount)
    return amounts


class Retries(Params):
    """When a failed automatic charge is tried again."""

    mode: Literal["smart", "custom", "none"] | None = None
    tries: Tries | None = None
    window: Literal["1_week", "2_weeks", "3_weeks", "1_month", "2_months"] | None = None
    days: Annotated[Many[DaysBetween], Field(max_length=3)] | None = None


class AfterLastRetry(Params):
    """What follows when the last retry failed."""

    subscription: Literal["cancel", "unpaid", "leave"] | None = None
    invoice: Literal["leave", "mark_uncollectible"] | None = None


class Reminders(Params):
    """Days relative to the due date; negative is before it. Empty: no reminders."""

    days: Clearable[DayLists] = None


class PastDue(Params):
    """What follows when a mailed invoice stays unpaid."""

    after_days: Annotated[int | None, PlainValidator(_after_days)] = None
    invoice: Literal["leave", "mark_uncollectible"] | None = None
    subscription: Literal["leave", "cancel"] | None = None


class PaymentPlans(Params):
    """Reminders of instalments."""

    reminder_days: DaysBefore | None = None


class Mails(Params):
    """Which mails are written, and in which language."""

    finalized_invoice: Boolean | None = None
    receipt: Boolean | None = None
    failed_payment: Boolean | None = None
    action_required: Boolean | None = None
    reminders: Boolean | None = None
    language: Literal["ja", "en", "customer"] | None = None


def _prefix(value: Any) -> str:
    if value == "":
        return ""
    plain = type(value) is str and value.isascii() and value.isalnum() and value == value.upper()
    if not plain or not 3 <= len(value) <= 12:
        raise refused("Invalid prefix: must be 3 to 12 upper case letters or digits.")
    return str(value)


class Numbering(Params):
    """Who counts: each customer, or the account."""

    scheme: Literal["customer", "account"] | None = None
    prefix: Annotated[str, PlainValidator(_prefix)] | None = None
    next_sequence: Annotated[int, PlainValidator(integers(1, 999_999_999))] | None = None


class Tax(Params):
    """How the tax of one rate is rounded, once per invoice."""

    rounding: Literal["down", "half_up", "up"] | None = None


class Business(Params):
    """The issuer as papers, pages and mails show it."""

    name: ShortText = None
    address: Clearable[Address] = None
    phone: ShortText = None
    email: ShortText = None
    registration_number: Annotated[str | None, PlainValidator(_registration_number)] = None


def _digits(length: int) -> Callable[[Any], str]:
    """Return the function of a kind: a code of exactly so many digits."""

    def digits(value: Any) -> str:
        text = full_text(value)
        if len(text) != length or not (text.isascii() and text.isdecimal()):
            raise refused(f"Invalid value: {text[:20]}; must be {length} digits")
        return text

    return digits


Digits3 = Annotated[str, PlainValidator(_digits(3))]
Digits4 = Annotated[str, PlainValidator(_digits(4))]
Digits7 = Annotated[str, PlainValidator(_digits(7))]


class BankAccount(Params):
    """Where transfers go."""

    bank_name: ShortText = None
    branch_name: ShortText = None
    account_type: Clearable[Literal["futsu", "toza", "chochiku"]] = None
    account_number: ShortText = None
    account_holder_name: ShortText = None
    bank_code: Clearable[Digits4] = None
    branch_code: Clearable[Digits3] = None
    virtual_branch_code: Clearable[Digits3] = None
    virtual_branch_name: ShortText = None
    virtual_first_number: Clearable[Digits7] = None
    virtual_last_number: Clearable[Digits7] = None


class CollectionSettings(Params):
    """What one invoice has otherwise than its account."""

    retries: Retries | None = None
    after_last_retry: AfterLastRetry | None = None
    reminders: Reminders | None = None
    past_due: PastDue | None = None


class SettingsUpdate(Expand, CollectionSettings):
    """Everything that an account may set."""

    payment_plans: PaymentPlans | None = None
    mails: Mails | None = None
    numbering: Numbering | None = None
    tax: Tax | None = None
    business: Business | None = None
    bank_account: BankAccount | None = None
    reconciliation: Literal["automatic", "manual"] | None = None
    time_zone: Annotated[str, PlainValidator(_time_zone)] | None = None
    shortfall_tolerance: Annotated[dict[str, int] | None, PlainValidator(_tolerances)] = None
