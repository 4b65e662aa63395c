"""A bank that writes statements: Zengin records and CSV rows from plain facts, made only for tests.

It is written from the published tables once more, so that reader and writer do not share a mistake in an
offset. Names are samples.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

TODAY = date(2026, 3, 31)

REIWA = 2018


@dataclass(frozen=True)
class Transfer:
    """One record of data: yen, payer in half-width kana, and what else a bank may write."""

    amount: int
    payer: str = "ｶ)ｻﾝﾌﾟﾙｼﾖｳｼﾞ"
    day: date = date(2026, 3, 10)
    code: str = ""
    edi: str = ""
    number: int = 1
    cancel: bool = False
    out: bool = False
    kind: str = "11"
    note: str = ""


def yymmdd(day: date) -> str:
    """The day in years of Reiwa."""
    return f"{day.year - REIWA:02}{day.month:02}{day.day:02}"


def digits(number: int | str, width: int) -> str:
    """Right, zeros before."""
    return str(number).rjust(width, "0")


def letters(text: str, width: int) -> str:
    """Left, spaces behind; half-width kana are one byte each."""
    return text.ljust(width)


def header(kind: str = "01", *, account: str = "1234567", code: str = "0", held: str = "1") -> str:
    """A header of either kind."""
    opening = "1" + kind + code + "080331080301080331" + "9999" + letters("ｻﾝﾌﾟﾙ", 15) + "001"
    opening += letters("ﾎﾝﾃﾝ", 15)
    if kind == "01":
        return opening + held + digits(account, 7) + letters("ｶ)ｻﾝﾌﾟﾙ", 40) + " " * 93
    return (
        f"{opening}000{held}{digits(account, 10)}{letters('ｶ)ｻﾝﾌﾟﾙ', 40)}1 {digits(0, 14)}{' ' * 71}"
    )


def transfer(given: Transfer, *, twelve: bool = False) -> str:
    """A record of 振込入金通知, in the form with amounts of ten or of twelve digits."""
    small = 0 if twelve and given.amount >= 10**10 else given.amount
    text = "2" + digits(given.number, 6) + yymmdd(given.day) * 2 + digits(small, 10) + "0" * 10
    text += (
        letters(given.code, 10)
        + letters(given.payer, 48)
        + letters("ｻﾝﾌﾟﾙ", 15)
        + letters("ｼﾃﾝ", 15)
    )
    text += "1" if given.cancel else " "
    if twelve:
        text += digits(0 if small else given.amount, 12) + "0" * 12
        return text + letters(given.edi, 20) + " " * 28
    return text + letters(given.edi, 20) + " " * 52


def movement(given: Transfer) -> str:
    """A record of 入出金取引明細."""
    text = "2" + digits(given.number, 8) + yymmdd(given.day) * 2 + ("2" if given.out else "1")
    text += given.kind + digits(given.amount, 12) + "0" * 12 + "0" * 12 + " " + "0" * 7 + "000"
    text += (
        letters(given.code, 10)
        + letters(given.payer, 48)
        + letters("ｻﾝﾌﾟﾙ", 15)
        + letters("ｼﾃﾝ", 15)
    )
    return text + letters(given.note, 20) + letters(given.edi, 20) + " "


def trailer(given: Iterable[Transfer], kind: str = "01") -> str:
    """The trailer that agrees with the data."""
    every = list(given)
    if kind == "01":
        paid = [one.amount for one in every if not one.cancel]
        taken = [one.amount for one in every if one.cancel]
        sums = digits(len(paid), 6) + digits(sum(paid), 12) + digits(len(taken), 6)
        return "8" + sums + digits(sum(taken), 12) + " " * 163
    into = [one.amount for one in every if not one.out]
    out = [one.amount for one in every if one.out]
    sums = digits(len(into), 6) + digits(sum(into), 13) + digits(len(out), 6) + digits(sum(out), 13)
    return "8" + sums + "1" + digits(0, 14) + digits(len(every), 7) + " " * 139


def end(records: int = 0, accounts: int = 0, kind: str = "01") -> str:
    """The end; zeros say nothing."""
    if kind == "01":
        return "9" + " " * 199
    return "9" + digits(records, 10) + digits(accounts, 5) + " " * 184


def transfers(*given: Transfer, twelve: bool = False) -> list[str]:
    """A whole file of 振込入金通知."""
    data = [transfer(one, twelve=twelve) for one in given]
    return [header(), *data, trailer(given), end()]


def movements(*given: Transfer) -> list[str]:
    """A whole file of 入出金取引明細."""
    data = [movement(one) for one in given]
    return [header("03"), *data, trailer(given, "03"), end(len(given) + 3, 1, "03")]


def packed(records: Iterable[str], newline: str = "\r\n", encoding: str = "cp932") -> bytes:
    """The file. Every record is checked to have 200 bytes."""
    every = list(records)
    for record in every:
        assert len(record.encode("cp932")) == 200, (len(record), record)
    return "".join(record + newline for record in every).encode(encoding)
