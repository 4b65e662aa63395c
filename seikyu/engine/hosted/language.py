"""Which language a page speaks, and how it writes amounts and days in it.

Amounts are written from whole minor units, digit by digit. Days are those of the issuer's settings:
an invoice from Japan is dated in Japanese time, whoever reads it wherever.
"""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

LOCALES = ("ja", "en")

SYMBOLS = {
    "jpy": "¥", "usd": "$", "eur": "€", "gbp": "£", "krw": "₩", "inr": "₹", "ils": "₪", "php": "₱",
    "vnd": "₫", "aud": "A$", "cad": "CA$", "nzd": "NZ$", "hkd": "HK$", "sgd": "S$", "brl": "R$",
    "mxn": "MX$",
}  # fmt: skip
"""Other currencies are written with their code: ``CHF 12.34``."""

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

MINUS = "\N{MINUS SIGN}"


def chosen(asked: str | None, accepted: str | None) -> str:
    """Return the language: the one asked for in the address, else the browser's, else Japanese.

    ``accepted`` is the ``Accept-Language`` header.
    """
    if asked in LOCALES:
        return asked
    best, best_weight = LOCALES[0], 0
    for entry in (accepted or "").split(","):
        tag, _, parameter = entry.partition(";")
        language = tag.strip().lower().split("-")[0]
        weight = _weight(parameter)
        if language in LOCALES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameter: str) -> int:
    """Return the weight ``q=0.8`` in thousandths; nothing said is 1000, nonsense is 0."""
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1000
    whole, _, rest = value.strip().partition(".")
    if name.strip() != "q" or whole not in ("0", "1") or not (rest + "0").isdecimal():
        return 0
    return 1000 if whole == "1" else int((rest + "000")[:3])


def money(amount: int, currency: str, decimals: int) -> str:
    """Write an amount of minor units: ``¥10,000``, ``$12.34``, ``−¥500``, ``CHF 12.34``."""
    return _with_symbol(Decimal(amount), currency, decimals)


def unit_price(amount: Decimal, currency: str, decimals: int) -> str:
    """Write the price of one unit, which may have more decimals than the currency: ``¥0.5``."""
    return _with_symbol(amount, currency, decimals)


def _with_symbol(amount: Decimal, currency: str, decimals: int) -> str:
    major = abs(amount).scaleb(-decimals)
    places = max(decimals, -int(major.normalize().as_tuple().exponent))
    symbol = SYMBOLS.get(currency, f"{currency.upper()}\N{NO-BREAK SPACE}")
    return f"{MINUS if amount < 0 else ''}{symbol}{major:,.{places}f}"


def plain(number: Decimal) -> str:
    """Write a quantity or a percentage without idle zeros: ``3``, ``1.5``, ``10``."""
    return f"{number.normalize():f}"


def day(moment: int, locale: str, zone: str) -> str:
    """Write the day of a Unix time in a time zone: ``2026年3月1日``, ``March 1, 2026``."""
    date = datetime.fromtimestamp(moment, ZoneInfo(zone))
    if locale == "ja":
        return f"{date.year}年{date.month}月{date.day}日"
    return f"{MONTHS[date.month - 1]} {date.day}, {date.year}"


def clock_time(moment: int, zone: str) -> str:
    """Write the time of day of a Unix time in a time zone: ``14:32``."""
    return f"{datetime.fromtimestamp(moment, ZoneInfo(zone)):%H:%M}"


def year_and_month(moment: int, zone: str) -> tuple[int, int]:
    """Return the year and the month of a Unix time in a time zone."""
    date = datetime.fromtimestamp(moment, ZoneInfo(zone))
    return date.year, date.month


COMPANY_WORDS = ("会社", "法人", "組合", "銀行", "協会", "財団", "社団", "事務所", "(株)", "（株）")


def addressed(name: str, locale: str) -> str:
    """Write the customer's name as a letter does: 御中 for organizations, 様 for people."""
    if locale != "ja":
        return name
    honorific = "御中" if any(word in name for word in COMPANY_WORDS) else "様"
    return f"{name} {honorific}"
