"""CSV files of banks: the row of column names is found, then every row below it is a line or refused.

A CSV file has no trailer, so a file that was cut between two rows cannot be told from a short one. One that
was cut within a row has too few cells, or a quotation mark without its other half.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from seikyu.engine.statements.amounts import read_amount
from seikyu.engine.statements.csv_layouts import (
    HEADER_ROWS,
    STATES,
    Layout,
    column_name,
    generic_layout,
    layout_of,
    named_layout,
)
from seikyu.engine.statements.dates import read_date
from seikyu.engine.statements.kana import widened, written_out
from seikyu.engine.statements.line import Skipped, Statement, StatementLine, fingerprinted
from seikyu.engine.statements.refusals import StatementRefused

TRANSFER_WORD = re.compile(r"(?:振込入金|他行振込|振込み?|フリコミ)\d*[\s*＊:]+(?=\S)")
"""What some banks write before the payer's name."""

Row = tuple[int, list[str]]
"""The number of the line on which a row begins, and its cells."""


def read_csv(
    text: str, encoding: str, today: date, columns: Mapping[str, str] | None = None
) -> Statement:
    """Return the statement. ``columns``: role → name, instead of the layouts that are known.

    Raises StatementRefused with the number of the line.
    """
    rows = list(_rows(text))
    at, layout = _header(rows, columns)
    table = _Table(layout, rows[at][1], today)
    lines: list[StatementLine] = []
    skipped: list[Skipped] = []
    for number, cells in rows[at + 1 :]:
        read = table.line(number, cells)
        if isinstance(read, Skipped):
            skipped.append(read)
        else:
            lines.append(read)
    return Statement(layout.name, encoding, fingerprinted(lines), tuple(skipped))


def _rows(text: str) -> Iterator[Row]:
    """Yield the rows that hold something. Raises StatementRefused where quotation marks do not close."""
    physical = re.findall(r"[^\n]*\n|[^\n]+", text.replace("\r\n", "\n").replace("\r", "\n"))
    first = next((line for line in physical if line.strip()), "")
    delimiter = "\t" if "\t" in first and "," not in first else ","
    reader = csv.reader(physical, delimiter=delimiter, strict=True)
    begun = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise StatementRefused("broken_quotes", begun) from None
        if any(cell.strip() for cell in cells):
            yield begun, cells
        begun = reader.line_num + 1


def _header(rows: Sequence[Row], columns: Mapping[str, str] | None) -> tuple[int, Layout]:
    """Return the place of the row of column names, and the layout."""
    if columns is not None:
        return _named_header(rows, columns)
    for found in (layout_of, generic_layout):
        for at, (_, cells) in enumerate(rows[:HEADER_ROWS]):
            layout = found(cells)
            if layout is not None:
                return at, layout
    raise StatementRefused("unknown_layout", rows=HEADER_ROWS)


def _named_header(rows: Sequence[Row], columns: Mapping[str, str]) -> tuple[int, Layout]:
    layout = named_layout(columns)
    if layout is None:
        raise StatementRefused("unknown_layout", rows=HEADER_ROWS)
    wanted = {column_name(name): name for name in columns.values()}
    for at, (_, cells) in enumerate(rows[:HEADER_ROWS]):
        if wanted.keys() <= set(map(column_name, cells)):
            return at, layout
    there = {column_name(cell) for _, cells in rows[:HEADER_ROWS] for cell in cells}
    missing = [name for key, name in wanted.items() if key not in there]
    names = ", ".join(missing or wanted.values())
    raise StatementRefused("columns_missing", names=names)


@dataclass(frozen=True, slots=True)
class _Money:
    """What moved, in yen: one of both, or neither."""

    deposit: int | None
    withdrawal: int | None


class _Table:
    """Reads rows by the names of their columns."""

    def __init__(self, layout: Layout, names: Sequence[str], today: date) -> None:
        self.layout = layout
        self.today = today
        self.places: dict[str, int] = {}
        for place, name in enumerate(names):
            self.places.setdefault(column_name(name), place)
        self.width = max(place for name, place in self.places.items() if name) + 1

    def line(self, number: int, cells: Sequence[str]) -> StatementLine | Skipped:
        """Return a deposit, or why it is none. Raises StatementRefused."""
        if len(cells) < self.width or any(cell.strip() for cell in cells[self.width :]):
            raise StatementRefused("cells_differ", number, found=len(cells), expected=self.width)
        layout = self.layout
        payer = TRANSFER_WORD.sub("", widened(self._first(cells, layout.payer)), count=1)
        money = self._money(number, cells)
        day = self._date(number, cells)
        state = STATES.get(self._cell(cells, layout.state))
        amount = money.deposit if money.withdrawal is None else money.withdrawal
        reason = state or _no_deposit(money)
        if reason is not None:
            return Skipped(number, reason, amount, payer)
        assert money.deposit is not None, "what has no deposit has a reason"
        edi = widened(self._cell(cells, layout.edi))
        code = self._cell(cells, layout.payer_code)
        return StatementLine(
            date=day,
            amount=money.deposit,
            payer_kana=payer,
            payer_name=written_out(payer),
            reference=edi or widened(self._first(cells, layout.reference)),
            line_number=number,
            payer_code=code if code.strip("0") else "",
            edi=edi,
            bank_id=self._cell(cells, layout.bank_id),
            account="-".join(widened(self._cell(cells, name)) for name in layout.account),
        )

    def _cell(self, cells: Sequence[str], name: str | None) -> str:
        place = None if name is None else self.places.get(column_name(name))
        return "" if place is None else cells[place].strip()

    def _first(self, cells: Sequence[str], names: Sequence[str]) -> str:
        return next(filter(None, (self._cell(cells, name) for name in names)), "")

    def _date(self, number: int, cells: Sequence[str]) -> date:
        parts = [self._cell(cells, name) for name in self.layout.date]
        return read_date("/".join(parts), self.today, number)

    def _money(self, number: int, cells: Sequence[str]) -> _Money:
        layout = self.layout
        if layout.amount is None:
            deposit = read_amount(self._cell(cells, layout.deposit), number) or None
            withdrawal = read_amount(self._cell(cells, layout.withdrawal), number) or None
            if deposit and withdrawal:
                raise StatementRefused(
                    "both_directions", number, deposit=deposit, withdrawal=withdrawal
                )
            return _Money(deposit, withdrawal)
        amount = read_amount(self._cell(cells, layout.amount), number) or None
        if layout.direction is not None:
            direction = widened(self._cell(cells, layout.direction))
            if direction not in {"1", "2"}:
                raise StatementRefused("unknown_direction", number, text=direction)
            return _Money(amount, None) if direction == "1" else _Money(None, amount)
        return _Money(None, -amount) if amount and amount < 0 else _Money(amount, None)


def _no_deposit(money: _Money) -> str | None:
    """Return why a row is no deposit: a negative deposit is the bank's way to take one back."""
    if money.withdrawal:
        return "withdrawal"
    if not money.deposit:
        return "no_amount"
    return "correction" if money.deposit < 0 else None
