"""Parameters of ``/v1/credit_notes``."""

from typing import Literal

from seikyu.engine.wire.params.filters import CreatedPaging, Paging
from seikyu.engine.wire.params.kinds import (
    Amount,
    Charge,
    Clearable,
    Expand,
    FullText,
    Many,
    Many250,
    Positive,
    PositiveExact,
    Text,
    Timestamp,
    Unserved,
    Word,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params


class CreditTaxAmount(Params):
    """An exact tax of a line, in minor units, which is taken as it is."""

    amount: Charge
    tax_rate: Word
    taxable_amount: Charge


class CreditNoteLine(Params):
    """A line: of the invoice, by ``amount`` or ``quantity``, or written by hand."""

    amount: Amount | None = None
    description: FullText | None = None
    invoice_line_item: Word | None = None
    metadata: Metadata = None
    quantity: Positive | None = None
    tax_amounts: Clearable[Many[CreditTaxAmount]] = None
    tax_rates: Clearable[Many[Word]] = None
    type: Literal["custom_line_item", "invoice_line_item"]
    unit_amount: Charge | None = None
    unit_amount_decimal: PositiveExact | None = None


class CreditNoteRefund(Params):
    """A refund that exists, and how much of it belongs to the credit note (minor units)."""

    amount_refunded: Positive | None = None
    payment_record_refund: Unserved = None
    refund: Word | None = None
    type: Literal["payment_record_refund", "refund"] | None = None


class NewCreditNote(Expand):
    """What a credit note is made of, stored or only shown. Amounts in minor units."""

    amount: Positive | None = None
    credit_amount: Charge | None = None
    effective_at: Timestamp | None = None
    email_type: Literal["credit_note", "none"] | None = None
    invoice: Word
    lines: Many250[CreditNoteLine] | None = None
    memo: Text = None
    metadata: Metadata = None
    out_of_band_amount: Charge | None = None
    reason: Literal["duplicate", "fraudulent", "order_change", "product_unsatisfactory"] | None = (
        None
    )
    refund_amount: Charge | None = None
    refunds: Many[CreditNoteRefund] | None = None
    shipping_cost: Unserved = None


class CreditNoteCreate(NewCreditNote):
    """``POST /v1/credit_notes``."""


class CreditNotePreview(NewCreditNote):
    """``GET /v1/credit_notes/preview``."""


class CreditNotePreviewLines(NewCreditNote, Paging):
    """``GET /v1/credit_notes/preview/lines``."""


class CreditNoteUpdate(Expand):
    """``POST /v1/credit_notes/{id}``."""

    memo: Text = None
    metadata: Metadata = None


class CreditNoteVoid(Expand):
    """``POST /v1/credit_notes/{id}/void``."""


class CreditNoteList(CreatedPaging):
    """``GET /v1/credit_notes``."""

    customer: Word | None = None
    customer_account: Unserved = None
    invoice: Word | None = None


class CreditNoteLineList(Paging):
    """``GET /v1/credit_notes/{id}/lines``."""
