"""A board document as the lines of a Stripe invoice. Pure.

Each normal line becomes one line with the same amount and its part of board's tax. A heading (見出し)
is written before the lines of its section; a subtotal (小計) ends the section and is left out,
since it repeats them; a note becomes a line of 0. 源泉所得税 is a negative line without tax. The
amount is board's price as it stands: multiplying quantity by unit price anew could round otherwise,
so quantity, unit and unit price are told in the description.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from seikyu.board.documents import DocumentLine, InvoiceDocument
from seikyu.board.words import LineKind
from seikyu.connector.tax import DoesNotAddUp, Taxable, taxes_of_lines

__all__ = ["DoesNotAddUp", "LineTax", "StripeLine", "lines_of", "total_of"]

WITHHOLDING = "源泉所得税"
LONGEST_DESCRIPTION = 500


@dataclass(frozen=True, slots=True)
class LineTax:
    """The tax of one line in minor units; `percentage` as text ("10", "8")."""

    amount: int
    taxable_amount: int
    percentage: str
    inclusive: bool
    reduced: bool


@dataclass(frozen=True, slots=True)
class StripeLine:
    """One line to be added. `amount` in minor units, with tax where `tax.inclusive`."""

    description: str
    amount: int
    tax: LineTax | None = None
    board_line_no: int | None = None


def lines_of(document: InvoiceDocument) -> tuple[StripeLine, ...]:
    """Return the Stripe lines of a 請求書; raises DoesNotAddUp.

    Their total is `document.payable`, and their taxes sum to `document.tax`.
    """
    described = _with_headings(document.lines)
    normal = [line for line, _ in described]
    taxables = [Taxable(line.price or 0, line.tax_rate, line.tax_included) for line in normal]
    taxes = taxes_of_lines(taxables, document.total, document.tax)
    made = [
        StripeLine(description, line.price or 0, _tax(line, tax), line.no)
        for (line, description), tax in zip(described, taxes, strict=True)
    ]
    if document.tax_withholding:
        made.append(StripeLine(WITHHOLDING, -document.tax_withholding))
    _check_total(made, document)
    return tuple(made)


def total_of(lines: Sequence[StripeLine]) -> int:
    """Return what the lines come to, in minor units: amounts plus the taxes on top of them."""
    on_top = sum(line.tax.amount for line in lines if line.tax and not line.tax.inclusive)
    return sum(line.amount for line in lines) + on_top


def _with_headings(lines: Sequence[DocumentLine]) -> list[tuple[DocumentLine, str]]:
    """Pair each normal line with its description, under the heading of its section."""
    described: list[tuple[DocumentLine, str]] = []
    heading = ""
    for line in lines:
        match line.kind:
            case LineKind.HEADING:
                heading = (line.section_description or line.description).strip()
            case LineKind.SUBTOTAL:
                heading = ""
            case LineKind.NORMAL:
                described.append((line, _description(line, heading)))
    return described


def _description(line: DocumentLine, heading: str) -> str:
    parts = [f"【{heading}】" if heading else "", line.description.strip(), _quantity(line)]
    text = " ".join(part for part in parts if part) or "―"
    return text if len(text) <= LONGEST_DESCRIPTION else text[: LONGEST_DESCRIPTION - 1] + "…"


def _quantity(line: DocumentLine) -> str:
    """Tell quantity, unit and unit price, unless it is simply one of something."""
    if line.quantity is None or (line.quantity == 1 and not line.unit):
        return ""
    amount = plain(line.quantity) + (line.unit or "")
    return (
        f"（{amount} × {plain(line.unit_price)}）"
        if line.unit_price is not None
        else f"（{amount}）"
    )


def plain(number: Decimal) -> str:
    """Write a decimal without exponent and without zeros behind the point: 2.50 → 2.5."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _tax(line: DocumentLine, tax: int) -> LineTax | None:
    if line.is_note or line.price is None:
        return None
    taxable = line.price - tax if line.tax_included else line.price
    return LineTax(
        amount=tax,
        taxable_amount=taxable,
        percentage=plain(line.tax_rate),
        inclusive=line.tax_included,
        reduced=line.reduced_tax_rate,
    )


def _check_total(made: Sequence[StripeLine], document: InvoiceDocument) -> None:
    total = total_of(made)
    if total != document.payable:
        raise DoesNotAddUp(
            f"明細は{total}、請求額は{document.payable}です",
            f"the lines come to {total}, the amount to pay is {document.payable}",
        )
