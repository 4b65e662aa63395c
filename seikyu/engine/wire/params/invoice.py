"""Parameters of ``/v1/invoices``; those of its lines are in `line`."""

from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from seikyu.engine.wire.params.discount import Discount
from seikyu.engine.wire.params.filters import CreatedPaging, Range
from seikyu.engine.wire.params.kinds import (
    Boolean,
    Charge,
    Clearable,
    Count,
    Currency,
    Expand,
    Four,
    FullText,
    InParts,
    Legacy,
    Many,
    NeedsConnect,
    Off,
    Text,
    Timestamp,
    Unserved,
    Unset,
    Word,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params, refused, refused_unserved
from seikyu.engine.wire.params.payment_kinds import (
    InvoicePaymentMethodOptions,
    InvoicePaymentMethodType,
)
from seikyu.engine.wire.params.people import CustomField, Shipping
from seikyu.engine.wire.params.settings import CollectionSettings

CollectionMethod = Literal["charge_automatically", "send_invoice"]
Status = Literal["draft", "open", "paid", "uncollectible", "void"]


def _oneself(value: Any) -> str:
    if value == "account":
        raise refused_unserved("another account as issuer needs Stripe Connect")
    if value != "self":
        raise refused("Invalid type: must be one of account or self")
    return "self"


class Self(Params):
    """The account itself; another one needs Connect."""

    type: Annotated[str, PlainValidator(_oneself)]
    account: NeedsConnect = None


class AutomaticTax(Params):
    """Tax computed by a service, which is not part of this engine."""

    enabled: Off
    liability: Self | None = None


class AmountDue(Params):
    """One instalment of a payment plan: minor units, and when they are due."""

    amount: Charge
    description: FullText
    days_until_due: Count | None = None
    due_date: Timestamp | None = None


class FromInvoice(Params):
    """The invoice that the new one revises."""

    action: Literal["revision"]
    invoice: Word


class PaymentSettings(Params):
    """How the invoice is to be paid."""

    default_mandate: Unset = None
    payment_method_options: InvoicePaymentMethodOptions | None = None
    payment_method_types: Clearable[Many[InvoicePaymentMethodType]] = None


class Pdf(Params):
    """Paper."""

    page_size: Literal["a4", "auto", "letter"] | None = None


class Rendering(Params):
    """How the invoice is printed."""

    amount_tax_display: Clearable[Literal["exclude_tax", "include_inclusive_tax"]] = None
    pdf: Pdf | None = None
    template: Unserved = None
    template_version: Unset = None


class _Invoice(Expand):
    """What can be said about an invoice while it is a draft. Times in Unix seconds."""

    account_tax_ids: Unset = None
    amounts_due: Clearable[Many[AmountDue]] = None
    application_fee_amount: NeedsConnect = None
    auto_advance: Boolean | None = None
    automatic_tax: AutomaticTax | None = None
    automatically_finalizes_at: Clearable[Timestamp] = None
    collection_method: CollectionMethod | None = None
    collection_settings: Clearable[CollectionSettings] = None
    custom_fields: Clearable[Four[CustomField]] = None
    days_until_due: Clearable[Count] = None
    default_margins: Unserved = None
    default_payment_method: Clearable[Word] = None
    default_source: Legacy = None
    default_tax_rates: Clearable[Many[Word]] = None
    description: Text = None
    discounts: Clearable[Many[Discount]] = None
    due_date: Clearable[Timestamp] = None
    effective_at: Clearable[Timestamp] = None
    footer: Text = None
    issuer: Self | None = None
    metadata: Metadata = None
    number: Clearable[Word] = None
    on_behalf_of: NeedsConnect = None
    payment_settings: PaymentSettings | None = None
    rendering: Rendering | None = None
    shipping_cost: Unset = None
    shipping_details: Clearable[Shipping] = None
    statement_descriptor: Text = None
    transfer_data: NeedsConnect = None


class InvoiceCreate(_Invoice):
    """``POST /v1/invoices``."""

    currency: Currency | None = None
    customer: Word | None = None
    customer_account: Unserved = None
    from_invoice: FromInvoice | None = None
    pending_invoice_items_behavior: Literal["exclude", "include"] | None = None
    subscription: Unserved = None


class InvoiceUpdate(_Invoice):
    """``POST /v1/invoices/{id}``. Which of these a status allows is for the billing rules."""


class InvoiceList(CreatedPaging):
    """``GET /v1/invoices``."""

    collection_method: CollectionMethod | None = None
    customer: Word | None = None
    customer_account: Unserved = None
    due_date: Range | None = None
    status: Status | None = None
    subscription: Word | None = None


class InvoiceFinalize(Expand):
    """``POST /v1/invoices/{id}/finalize``."""

    auto_advance: Boolean | None = None


class InvoicePay(Expand):
    """``POST /v1/invoices/{id}/pay``."""

    forgive: Boolean | None = None
    mandate: Unset = None
    off_session: Boolean | None = None
    paid_out_of_band: Boolean | None = None
    payment_method: Word | None = None
    source: Legacy = None


class InvoiceSend(Expand):
    """``POST /v1/invoices/{id}/send``."""


class InvoiceVoid(Expand):
    """``POST /v1/invoices/{id}/void``."""


class InvoiceMarkUncollectible(Expand):
    """``POST /v1/invoices/{id}/mark_uncollectible``."""


class InvoiceAttachPayment(Expand):
    """``POST /v1/invoices/{id}/attach_payment``."""

    amount_requested: InParts = None
    payment_intent: Word | None = None
    payment_record: Unserved = None


class InvoiceDetachPayment(Expand):
    """``POST /v1/invoices/{id}/detach_payment``."""

    payment_intent: Word
