"""What a statement holds: deposits, and the lines that are none with the reason.

The fingerprint of a deposit is made from the account it came to, where the file says, its day, amount
and payer, and from how many the same the file had before: two equal transfers of one day are two, and the
same file read again has the same fingerprints. Banks let one download whole days, so files that overlap
count alike. The bank's own numbers are not used: they are given anew for each download.
"""

import hashlib
from collections import Counter
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import date

from seikyu.engine.statements.kana import squeezed
from seikyu.engine.statements.refusals import JAPANESE

SKIPPED: dict[str, tuple[str, str]] = {
    "withdrawal": ("Money that went out.", "出金です。"),
    "no_amount": ("The line has no amount.", "金額がありません。"),
    "correction": (
        "The bank corrects an earlier line; look at it and apply it by hand.",
        "銀行による訂正です。内容を確認し、手動で処理してください。",
    ),
    "cancels_a_line": (
        "The bank takes back a transfer of this file; neither counts.",
        "このファイル内の振込の取消です。どちらも計上しません。",
    ),
    "cancelled": (
        "The bank took this transfer back in the same file.",
        "同じファイル内で取り消された振込です。",
    ),
    "cancels_an_earlier_file": (
        "The bank takes back a transfer that is not in this file; undo it by hand.",
        "このファイルにない振込の取消です。手動で取り消してください。",
    ),
    "missing_number": ("The bank left a number out.", "欠番です。"),
    "imported_before": (
        "This line was imported before.",
        "取り込み済みの明細です。",
    ),
}
"""Reason → its sentence in English and in Japanese."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A deposit. ``amount``: yen. ``date``: the day on which the bank booked it, in Japan.

    ``payer_kana``: the payer as the bank wrote it, in full-width kana. ``payer_name``: the same with the
    legal form written out. ``payer_code``: 振込依頼人コード, which banks that sell virtual accounts may use
    for their number. ``reference``: EDI information, or else what the bank noted. ``bank_id``: the bank's
    number of the line, unique within one download at most. ``account``: bank, branch and account number.
    """

    date: date
    amount: int
    payer_kana: str
    payer_name: str
    reference: str
    line_number: int
    payer_code: str = ""
    edi: str = ""
    bank_id: str = ""
    account: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that is no deposit: its number, the name of the reason, and its amount in yen if it has one."""

    line_number: int
    reason: str
    amount: int | None = None
    text: str = ""

    def sentence(self, language: str) -> str:
        """Return the reason, ``language`` being ``en`` or ``ja``."""
        english, japanese = SKIPPED[self.reason]
        return japanese if language == JAPANESE else english


@dataclass(frozen=True, slots=True)
class Statement:
    """A whole file. ``format`` names the layout that was recognized, ``encoding`` that of the characters."""

    format: str
    encoding: str
    lines: tuple[StatementLine, ...]
    skipped: tuple[Skipped, ...]

    @property
    def total(self) -> int:
        """The deposits together, in yen."""
        return sum(line.amount for line in self.lines)


def fingerprinted(lines: Iterable[StatementLine]) -> tuple[StatementLine, ...]:
    """Return the lines of one file with their fingerprints, equal ones counted apart."""
    seen: Counter[tuple[str, ...]] = Counter()
    made = []
    for line in lines:
        payer = squeezed(line.payer_kana)
        facts = (line.account, line.date.isoformat(), str(line.amount), payer)
        seen[facts] += 1
        text = "\x1f".join((*facts, str(seen[facts])))
        made.append(replace(line, fingerprint=hashlib.sha256(text.encode()).hexdigest()[:32]))
    return tuple(made)


def unseen(
    lines: Iterable[StatementLine], known: Container[str]
) -> tuple[tuple[StatementLine, ...], tuple[Skipped, ...]]:
    """Return (the lines to import, those that were before). ``known``: fingerprints on record."""
    fresh, before = [], []
    for line in lines:
        if line.fingerprint in known:
            text = line.payer_kana
            before.append(Skipped(line.line_number, "imported_before", line.amount, text))
        else:
            fresh.append(line)
    return tuple(fresh), tuple(before)
