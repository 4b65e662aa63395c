"""Numbers of invoices: who counts, and what a number looks like.

``customer``: each customer counts alone under its own prefix, PREFIX-0001. ``account``: all invoices of a
world count together, under the account's prefix (ABC-0001) or under none (0001). A number is given when
an invoice is finalized, and counting moves in the same transaction: a failed attempt leaves no gap, and no
number comes twice. Each prefix of the account has a counter of its own, so that going back to an earlier
prefix goes on where it ended. Source: Stripe, "Invoice numbering".
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.settings import Numbering

if TYPE_CHECKING:
    from seikyu.engine.billing.customer import Customer


@dataclass(frozen=True, slots=True)
class Sequence:
    """The account's counter under one prefix. Its row is locked while an invoice is finalized."""

    id: str
    created: int
    prefix: str
    next_number: int = 1
    version: int = 0


def sequence_id(prefix: str) -> str:
    """Return the id of the counter of a prefix; the empty prefix has one too."""
    return f"sequence:{prefix}"


def written(prefix: str, number: int) -> str:
    """Return the number as it is printed, with four digits at least."""
    return f"{prefix}-{number:04d}" if prefix else f"{number:04d}"


def next_number(
    numbering: Numbering, customer: "Customer", sequence: Sequence | None, now: int
) -> tuple[str, "Customer", Sequence | None]:
    """Return the next number, and who counts on: the customer or the account's sequence.

    ``sequence`` is the counter of the account's prefix, None when it never counted. A higher
    ``next_sequence`` of the settings is where it goes on. ``now`` in Unix seconds.
    """
    if numbering.scheme == "customer":
        number = written(customer.invoice_prefix, customer.next_invoice_sequence)
        counted = replace(customer, next_invoice_sequence=customer.next_invoice_sequence + 1)
        return number, counted, None
    prefix = numbering.prefix
    sequence = sequence or Sequence(sequence_id(prefix), now, prefix)
    count = max(sequence.next_number, numbering.next_sequence)
    return written(prefix, count), customer, replace(sequence, next_number=count + 1)


def is_reserved(numbering: Numbering, number: str) -> bool:
    """Say whether the account's own counting may come to this number, which nobody else may give."""
    if numbering.scheme != "account":
        return False
    prefix, dash, count = number.rpartition("-")
    return prefix == numbering.prefix and bool(dash) == bool(prefix) and count.isdecimal()
