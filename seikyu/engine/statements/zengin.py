"""Zengin files: fixed records of one header, its data and its trailer for each account, then one end.

The records may follow each other or stand on lines. What a trailer counts must agree with the data. A
cancelled transfer is a record of its own (取消区分 1): it takes back the latest equal transfer before it in
the file. Banks differ in whether the trailer's sum of transfers has the cancelled ones in it; both agree.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from seikyu.engine.statements import zengin_layout as layout
from seikyu.engine.statements.amounts import read_amount
from seikyu.engine.statements.dates import read_date
from seikyu.engine.statements.kana import squeezed, widened, written_out
from seikyu.engine.statements.line import Skipped, Statement, StatementLine, fingerprinted
from seikyu.engine.statements.refusals import StatementRefused

NAMES = {
    layout.HEADER: "header (1)",
    layout.DATA: "data (2)",
    layout.TRAILER: "trailer (8)",
    layout.END: "end (9)",
}

FOLLOWERS = {
    "": layout.HEADER,
    layout.HEADER: layout.DATA + layout.TRAILER,
    layout.DATA: layout.DATA + layout.TRAILER,
    layout.TRAILER: layout.HEADER + layout.END,
    layout.END: "",
}
"""Kind of record → what may follow it; at the beginning, the header."""

FORMATS = {layout.TRANSFERS: "zengin_transfers", layout.MOVEMENTS: "zengin_movements"}


def is_zengin(text: str) -> bool:
    """Say whether the text begins with a header record: kind 1, two digits of the file's kind, a code."""
    return re.match(r"1\d\d[01 ]", text) is not None and "," not in text[:40]


def read_zengin(text: str, encoding: str, today: date) -> Statement:
    """Return the statement. ``today``: in Japan, for years of two digits.

    Raises StatementRefused with the number of the record.
    """
    reader = _Reader(today)
    kind = ""
    for number, record in _records(text):
        found = record[:1].decode("ascii", "replace")
        if found not in FOLLOWERS[kind] or not found:
            names = " or ".join(NAMES[one] for one in FOLLOWERS[kind]) or "nothing"
            raise StatementRefused("record_order", number, kind=found, expected=names)
        kind = found
        reader.take(kind, _Record(number, record))
    if kind != layout.END:
        missing = layout.HEADER if not kind else (FOLLOWERS[kind])[-1]
        raise StatementRefused("cut_off", None, missing=NAMES[missing])
    return Statement(
        FORMATS[reader.file_kind],
        encoding,
        fingerprinted(reader.lines),
        tuple(sorted(reader.skipped, key=lambda one: one.line_number)),
    )


def _records(text: str) -> Iterator[tuple[int, bytes]]:
    """Yield (number, the 200 bytes of) each record. Raises StatementRefused for another length."""
    try:
        data = text.encode("cp932")
    except UnicodeEncodeError as error:
        number = text.count("\n", 0, error.start) + 1
        raise StatementRefused("wrong_encoding", number) from None
    if b"\n" in data or b"\r" in data:
        records = re.split(rb"\r\n|\n|\r", data)
        while records and not records[-1]:
            records.pop()
    else:
        records = [data[at : at + layout.LENGTH] for at in range(0, len(data), layout.LENGTH)]
    for number, record in enumerate(records, 1):
        if len(record) != layout.LENGTH:
            raise StatementRefused("record_length", number, length=len(record))
        yield number, record


@dataclass(frozen=True, slots=True)
class _Record:
    number: int
    data: bytes

    def text(self, fields: layout.Fields, name: str) -> str:
        """Return a field without the spaces around it."""
        try:
            return self.data[fields[name]].decode("cp932").strip()
        except UnicodeDecodeError:
            raise StatementRefused("wrong_encoding", self.number) from None

    def whole(self, fields: layout.Fields, name: str) -> int | None:
        """Return a number, or None where nothing stands. Raises StatementRefused for anything else."""
        text = self.text(fields, name)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]+", text):
            raise StatementRefused("field_not_digits", self.number, field=name, text=text)
        return int(text)


@dataclass(slots=True)
class _Sums:
    """What the data of one account comes to."""

    counts: dict[str, int] = field(default_factory=dict)
    amounts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, amount: int) -> None:
        """Count one record."""
        self.counts[what] = self.counts.get(what, 0) + 1
        self.amounts[what] = self.amounts.get(what, 0) + amount

    def of(self, *what: str) -> tuple[int, int]:
        """Return (how many, how much) of these kinds together."""
        return (
            sum(self.counts.get(one, 0) for one in what),
            sum(self.amounts.get(one, 0) for one in what),
        )


class _Reader:
    """Takes one record after the other, in an order that was checked."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.lines: list[StatementLine] = []
        self.skipped: list[Skipped] = []
        self.file_kind = ""
        self.account = ""
        self.sums = _Sums()
        self.records = 0
        self.accounts = 0

    def take(self, kind: str, record: _Record) -> None:
        """Read one record. Raises StatementRefused."""
        self.records += 1
        if kind == layout.HEADER:
            self._header(record)
        elif kind == layout.DATA and self.file_kind == layout.TRANSFERS:
            self._transfer(record)
        elif kind == layout.DATA:
            self._movement(record)
        elif kind == layout.TRAILER:
            self._trailer(record)
        else:
            self._end(record)

    def _header(self, record: _Record) -> None:
        kind = record.data[1:3].decode("ascii", "replace")
        if kind not in layout.HEADERS or self.file_kind not in {"", kind}:
            raise StatementRefused("other_file_kind", record.number, kind=kind)
        fields = layout.HEADERS[kind]
        if record.text(fields, "コード区分") == "1":
            raise StatementRefused("ebcdic")
        held = record.data[fields["預金種目"]].decode("ascii", "replace")
        if held not in layout.ACCOUNTS_OF_TRANSFERS:
            raise StatementRefused("other_account_kind", record.number, kind=held)
        parts = [record.whole(fields, name) for name in ("銀行コード", "支店コード", "口座番号")]
        bank, branch, number = (part or 0 for part in parts)
        self.file_kind, self.account = kind, f"{bank:04}-{branch:03}-{number:07}"
        self.sums = _Sums()
        self.accounts += 1

    def _transfer(self, record: _Record) -> None:
        second = record.data[layout.SECOND_AMOUNTS]
        fields = layout.TRANSFER_OF_TWELVE if second.isdigit() else layout.TRANSFER_OF_TEN
        amount = record.whole(fields, "金額") or 0
        if "金額(2)" in fields:
            other = record.whole(fields, "金額(2)") or 0
            if amount and other:
                raise StatementRefused("two_amounts", record.number, first=amount, second=other)
            amount = amount or other
        line = self._line(record, fields, amount, reference="")
        if record.text(fields, "取消区分") == layout.CANCELLED:
            self.sums.add("cancelled", amount)
            self._cancel(line)
        else:
            self.sums.add("in", amount)
            self._deposit(line)

    def _movement(self, record: _Record) -> None:
        fields = layout.MOVEMENT
        direction = record.text(fields, "入払区分")
        if direction not in {layout.MONEY_IN, layout.MONEY_OUT}:
            raise StatementRefused("unknown_direction", record.number, text=direction)
        amount = record.whole(fields, "取引金額") or 0
        self.sums.add("in" if direction == layout.MONEY_IN else "out", amount)
        note = widened(record.text(fields, "摘要内容"))
        line = self._line(record, fields, amount, reference=note)
        if direction == layout.MONEY_OUT:
            self._skip(line, "withdrawal")
        elif record.text(fields, "取引区分") == layout.CORRECTION:
            self._skip(line, "correction")
        else:
            self._deposit(line)

    def _line(
        self, record: _Record, fields: layout.Fields, amount: int, reference: str
    ) -> StatementLine:
        read_amount(str(amount), record.number)
        payer = widened(record.text(fields, "振込依頼人名"))
        edi = widened(record.text(fields, "EDI情報"))
        code = record.text(fields, "振込依頼人コード")
        return StatementLine(
            date=read_date(record.text(fields, "勘定日"), self.today, record.number),
            amount=amount,
            payer_kana=payer,
            payer_name=written_out(payer),
            reference=edi or reference,
            line_number=record.number,
            payer_code=code if code.strip("0") else "",
            edi=edi,
            bank_id=record.text(fields, "照会番号"),
            account=self.account,
        )

    def _deposit(self, line: StatementLine) -> None:
        if line.amount:
            self.lines.append(line)
        else:
            self._skip(line, "no_amount")

    def _cancel(self, line: StatementLine) -> None:
        """Take the latest equal transfer back; a person must when it was in an earlier file."""
        for before in reversed(self.lines):
            if _same_transfer(before, line):
                self.lines.remove(before)
                self._skip(before, "cancelled")
                self._skip(line, "cancels_a_line")
                return
        self._skip(line, "cancels_an_earlier_file")

    def _skip(self, line: StatementLine, reason: str) -> None:
        self.skipped.append(Skipped(line.line_number, reason, line.amount, line.payer_kana))

    def _trailer(self, record: _Record) -> None:
        fields = layout.TRAILERS[self.file_kind]
        if self.file_kind == layout.MOVEMENTS:
            self._agree(record, fields, ("入金件数", "入金額合計"), self.sums.of("in"))
            self._agree(record, fields, ("出金件数", "出金額合計"), self.sums.of("out"))
            told, found = record.whole(fields, "データ・レコード件数"), self.sums.of("in", "out")[0]
            if told is not None and told != found:
                raise _differ(record, "データ・レコード件数", told, found)
            return
        transfers, every = self.sums.of("in"), self.sums.of("in", "cancelled")
        names = ("振込合計件数", "振込合計金額")
        told_all = tuple(record.whole(fields, name) for name in names) == every
        self._agree(record, fields, names, every if told_all else transfers)
        if record.whole(fields, "取消合計件数"):
            self._agree(record, fields, ("取消合計件数", "取消合計金額"), self.sums.of("cancelled"))

    def _agree(
        self,
        record: _Record,
        fields: layout.Fields,
        names: tuple[str, str],
        sums: tuple[int, int],
    ) -> None:
        for name, found in zip(names, sums, strict=True):
            told = record.whole(fields, name) or 0
            if told != found:
                raise _differ(record, name, told, found)

    def _end(self, record: _Record) -> None:
        fields = layout.ENDS[self.file_kind]
        for name, found in (("レコード総件数", self.records), ("口座数", self.accounts)):
            told = record.whole(fields, name) if name in fields else None
            if told and told != found:
                raise _differ(record, name, told, found)


def _same_transfer(one: StatementLine, other: StatementLine) -> bool:
    return (one.account, one.amount, squeezed(one.payer_kana), one.payer_code) == (
        other.account,
        other.amount,
        squeezed(other.payer_kana),
        other.payer_code,
    )


def _differ(record: _Record, what: str, told: int, found: int) -> StatementRefused:
    return StatementRefused("totals_differ", record.number, what=what, told=told, found=found)
