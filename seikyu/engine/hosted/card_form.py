"""The card form: what was typed, checked and named field by field. Nothing of a card is echoed.

Checked here is what needs no processor: digits, their count and check digit, an expiry that has not
passed. Full-width digits, spaces and hyphens are what people in Japan type, and are understood.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TOKEN = re.compile(r"[0-9A-Za-z]{24}", re.ASCII)
TOKEN_LENGTH = 24

EXPIRY = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{2}|\d{4})|(\d{2})(\d{2}|\d{4})", re.ASCII)
GAPS = re.compile(r"[\s\-‐‑–—−ー]")
FARTHEST_YEARS = 30
"""No card is issued for longer; a later year is a slip of the hand."""


@dataclass(frozen=True, slots=True)
class CardForm:
    """A filled-in form. ``errors``: field → key of the sentence beside it; empty when it can be sent."""

    number: str = field(repr=False)
    exp_month: int
    exp_year: int
    cvc: str = field(repr=False)
    expiry: str
    token: str
    errors: Mapping[str, str]

    def card(self) -> dict[str, Any]:
        """Return what the processor needs; only for a form without errors."""
        return {
            "number": self.number,
            "exp_month": self.exp_month,
            "exp_year": self.exp_year,
            "cvc": self.cvc,
        }

    @property
    def remembered(self) -> str:
        """What tells this form from another one, without helping to guess a number."""
        return f"{self.token} {self.number[-4:]} {self.exp_month} {self.exp_year}"


def read_card_form(given: Mapping[str, str], now: int) -> CardForm:
    """Check the fields of a form. ``now`` in Unix seconds."""
    errors: dict[str, str] = {}
    number = _number(_narrow(given.get("number", "")), errors)
    expiry = _narrow(given.get("expiry", ""))
    month, year = _expiry(expiry, now, errors)
    cvc = _cvc(_narrow(given.get("cvc", "")), errors)
    token = given.get("form_token", "")
    if not TOKEN.fullmatch(token):
        errors["form"] = "error_form_stale"
    shown = expiry if EXPIRY.fullmatch(expiry) else ""
    return CardForm(number, month, year, cvc, shown, token, errors)


def read_token(given: Mapping[str, str]) -> str | None:
    """Return the form's token, or None when it is not one that a page of ours gives out."""
    token = given.get("form_token", "")
    return token if TOKEN.fullmatch(token) else None


def _narrow(text: str) -> str:
    """Turn full-width letters and digits into ASCII ones."""
    return unicodedata.normalize("NFKC", text).strip()


def _number(text: str, errors: dict[str, str]) -> str:
    digits = GAPS.sub("", text)
    if not digits:
        errors["number"] = "error_number_missing"
    elif not (digits.isascii() and digits.isdigit()):
        errors["number"] = "error_number_not_digits"
    elif not 12 <= len(digits) <= 19:
        errors["number"] = "error_number_length"
    elif not _has_check_digit(digits):
        errors["number"] = "error_number_wrong"
    return digits


def _has_check_digit(digits: str) -> bool:
    """Say whether the last digit is the one that the others call for (ISO/IEC 7812, Luhn)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += sum(divmod(int(digit) * (1 + place % 2), 10))
    return total % 10 == 0


def _expiry(text: str, now: int, errors: dict[str, str]) -> tuple[int, int]:
    if not text:
        errors["expiry"] = "error_expiry_missing"
        return 0, 0
    found = EXPIRY.fullmatch(text)
    if found is None:
        errors["expiry"] = "error_expiry_shape"
        return 0, 0
    month = int(found[1] or found[3])
    short = int(found[2] or found[4])
    year = short if short >= 100 else 2000 + short
    # A card is good to the end of its month wherever it is used; the last zone is 12 hours behind.
    today = datetime.fromtimestamp(now - 12 * 3600, UTC)
    if not 1 <= month <= 12:
        errors["expiry"] = "error_expiry_month"
    elif (year, month) < (today.year, today.month):
        errors["expiry"] = "error_expiry_past"
    elif year > today.year + FARTHEST_YEARS:
        errors["expiry"] = "error_expiry_far"
    return month, year


def _cvc(text: str, errors: dict[str, str]) -> str:
    if not text:
        errors["cvc"] = "error_cvc_missing"
    elif not (text.isascii() and text.isdigit() and len(text) in (3, 4)):
        errors["cvc"] = "error_cvc_wrong"
    return text
