"""What stands on a sheet: an invoice or a receipt with every amount and day already written out.

All texts are in the language of the sheet and may be anything that a person typed: they are data to the
template, never a part of it. Empty texts and empty tuples leave their place out.
"""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["paid", "void"]
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Party:
    """Who writes, or who is written to. ``details`` are an address, line by line, or a number."""

    name: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What became of the invoice, to be seen first. ``across`` is written over each page, very large."""

    text: str
    tone: Tone
    note: str = ""
    across: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A line: what it is for, a small note beneath, and its cells. ``mark`` follows the text (``※``)."""

    text: str
    amount: str
    quantity: str = ""
    unit_price: str = ""
    rate: str = ""
    note: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """One of the sums under the lines."""

    label: str
    amount: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a title, with a heading for each column. The first column is text, the others amounts."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document.

    ``paper`` is the size as typst calls it. ``dated`` (Unix seconds) is the moment that the PDF is said to
    be of, so that the same sheet is the same bytes. ``headline`` is the label and the amount that is seen
    first; ``lead`` stands above it and ``headline_fact`` beside it. ``page_number`` has the blanks
    ``{page}`` and ``{pages}``.
    """

    language: Literal["ja", "en"]
    paper: Literal["a4", "us-letter"]
    dated: int
    title: str
    running_title: str
    page_number: str
    issuer: Party
    recipient: Party
    facts: Pairs
    headline: tuple[str, str]
    headings: tuple[str, str, str, str, str]
    items: tuple[Item, ...]
    sums: tuple[Sum, ...]
    lead: str = ""
    headline_fact: tuple[str, str] | None = None
    stamp: Stamp | None = None
    memo: str = ""
    shares: Table | None = None
    schedule: Table | None = None
    payments: Table | None = None
    notes: tuple[str, ...] = ()
    transfer_title: str = ""
    transfer: Pairs = ()
    address: tuple[str, str] | None = None
    footer: str = ""
    test_mark: str = ""
