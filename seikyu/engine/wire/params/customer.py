"""Parameters of ``/v1/customers``."""

from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator

from seikyu.engine.wire.params.cash import CashSettings
from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import (
    Amount,
    Boolean,
    Clearable,
    Expand,
    Four,
    Legacy,
    Many,
    Positive,
    ShortText,
    Text,
    Unserved,
    Word,
    full_text,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params, refused
from seikyu.engine.wire.params.people import Address, CustomField, Shipping


def _prefix(value: Any) -> str:
    """3 to 12 upper-case letters or digits (source: Stripe, ``invoice_prefix``)."""
    text = full_text(value)
    if not (3 <= len(text) <= 12 and text.isascii() and text.isalnum() and text.upper() == text):
        raise refused(
            "Invalid invoice prefix: must have 3 to 12 characters, all of them upper-case letters "
            "or digits"
        )
    return text


def _email(value: Any) -> str | None:
    """An address needs an ``@`` with something on both sides; whether it exists, mail will tell."""
    if value == "":
        return None
    text = full_text(value)
    name, _, host = text.rpartition("@")
    if not name or not host or len(text) > 512 or any(letter.isspace() for letter in text):
        raise refused(f"Invalid email address: {text[:100]}", "email_invalid")
    return text


Email = Annotated[str | None, PlainValidator(_email)]
Prefix = Annotated[str, PlainValidator(_prefix)]


class RenderingOptions(Params):
    """How the customer's invoices are printed."""

    amount_tax_display: Clearable[Literal["exclude_tax", "include_inclusive_tax"]] = None
    template: Unserved = None


class InvoiceSettings(Params):
    """What the customer's invoices start from."""

    custom_fields: Clearable[Four[CustomField]] = None
    default_payment_method: Clearable[Word] = None
    footer: Text = None
    rendering_options: Clearable[RenderingOptions] = None


class CashBalanceUpdate(Params):
    """How money that the customer sends is reconciled."""

    settings: CashSettings | None = None


class _Customer(Expand):
    """What can be said about a customer at any time.

    ``coupon`` and ``promotion_code`` are of API versions before 2025-09-30. Later ones have nothing that
    gives a customer a discount of its own, so they are still taken.
    """

    address: Clearable[Address] = None
    balance: Amount | None = None
    business_name: Text = None
    cash_balance: CashBalanceUpdate | None = None
    coupon: Clearable[Word] = None
    description: Text = None
    email: Email = None
    individual_name: Text = None
    invoice_prefix: Prefix | None = None
    invoice_settings: InvoiceSettings | None = None
    metadata: Metadata = None
    name: Text = None
    next_invoice_sequence: Positive | None = None
    phone: Text = None
    preferred_locales: Many[Word] | None = None
    promotion_code: Clearable[Word] = None
    shipping: Clearable[Shipping] = None
    source: Legacy = None
    tax_exempt: Clearable[Literal["exempt", "none", "reverse"]] = None
    validate_: Boolean | None = Field(default=None, alias="validate")


class CustomerCreate(_Customer):
    """``POST /v1/customers``."""

    payment_method: Word | None = None
    tax: Unserved = None
    tax_id_data: Unserved = None
    test_clock: Word | None = None


class CustomerUpdate(_Customer):
    """``POST /v1/customers/{id}``."""

    default_source: Legacy = None
    tax: Unserved = None


class CustomerList(CreatedPaging):
    """``GET /v1/customers``."""

    email: ShortText = None
    test_clock: Word | None = None
