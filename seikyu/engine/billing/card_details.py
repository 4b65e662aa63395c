"""A card as a customer types it in, on its way to the processor and nowhere else.

Nothing may store or log it, so it shows nothing of itself: not in a log, not in a traceback that
prints local variables, not inside the text of a command that carries it.
"""

from collections.abc import Iterator, Mapping
from typing import Any


class CardDetails(Mapping[str, Any]):
    """``number``, ``exp_month``, ``exp_year`` and ``cvc``, readable by name and never printed."""

    __slots__ = ("_values",)

    def __init__(self, *, number: str, exp_month: int, exp_year: int, cvc: str) -> None:
        """``exp_year`` has four digits."""
        self._values: dict[str, Any] = {
            "number": number,
            "exp_month": exp_month,
            "exp_year": exp_year,
            "cvc": cvc,
        }

    def __getitem__(self, key: str) -> Any:
        """Return one part of the card."""
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        """Go through the names of the parts."""
        return iter(self._values)

    def __len__(self) -> int:
        """Count the parts."""
        return len(self._values)

    def __repr__(self) -> str:
        """Say what this is and nothing of what it holds."""
        return "CardDetails(not shown)"
