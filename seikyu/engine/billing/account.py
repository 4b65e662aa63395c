"""The account: whose invoices these are. One account has two worlds, test and live."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """The issuer as invoices show it. ``created`` is in Unix seconds."""

    id: str
    name: str
    country: str
    default_currency: str
    created: int
    registration_number: str | None = None
    """Qualified-invoice number (T + 13 digits) of a Japanese issuer."""
