"""board's records as typed, frozen values, read from board's JSON.

Words, once and for all: a *client* is 顧客, a *project* 案件, an *invoice* the 請求 record (one per
billing), and an *invoice document* the 請求書 that belongs to it. 請求 and 請求書 have separate id
spaces: `Invoice.id` is 請求ID, `InvoiceDocument.id` is 請求書ID, and they are never equal by rule.

Money is an integer in minor units of the record's currency, so yen for JPY. Dates are calendar
days in Japan; date-times carry an offset. Unknown fields are ignored; a field that the requested
response group does not carry reads as None (or as the stated default). What cannot be read exactly
raises `MalformedRecord`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Self

from seikyu.board import fields
from seikyu.board.fields import Json, MalformedRecord
from seikyu.board.words import (
    InvoiceStatus,
    InvoiceTiming,
    LineKind,
    OrderStatus,
    PaymentMethod,
    ResponseGroup,
    TaxRounding,
)

__all__ = [
    "Client",
    "ClientRef",
    "DocumentLine",
    "Invoice",
    "InvoiceDocument",
    "InvoiceStatus",
    "InvoiceTiming",
    "LineKind",
    "MalformedRecord",
    "OrderStatus",
    "PaymentMethod",
    "PaymentTerm",
    "PersonRef",
    "Project",
    "ResponseGroup",
    "TaxRounding",
]


@dataclass(frozen=True, slots=True)
class ClientRef:
    """The few fields of a client that projects and invoices carry."""

    id: int
    name: str
    name_disp: str
    custom_no: str | None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Read `client` of a project or invoice."""
        name = fields.text(data, "name")
        return cls(
            id=fields.integer(data, "id"),
            name=name,
            name_disp=fields.text(data, "name_disp") or name,
            custom_no=fields.optional_text(data, "custom_no"),
        )


@dataclass(frozen=True, slots=True)
class PersonRef:
    """A contact (the client's person) or a user (our own person), as records carry them."""

    id: int
    last_name: str
    first_name: str

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Read `contact` or `user`."""
        return cls(
            id=fields.integer(data, "id"),
            last_name=fields.text(data, "last_name"),
            first_name=fields.text(data, "first_name"),
        )


@dataclass(frozen=True, slots=True)
class Client:
    """顧客. `to` and `cc` are its mail settings; None when the response group left them out."""

    id: int
    name: str
    name_disp: str
    to: tuple[str, ...] | None
    cc: tuple[str, ...] | None
    custom_no: str | None
    payment_term_id: int | None
    invoice_system_number: str | None
    currency: str
    archived: bool
    created_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Read a client of any response group."""
        name = fields.text(data, "name")
        return cls(
            id=fields.integer(data, "id"),
            name=name,
            name_disp=fields.text(data, "name_disp") or name,
            to=fields.addresses(data, "to"),
            cc=fields.addresses(data, "cc"),
            custom_no=fields.optional_text(data, "custom_no"),
            payment_term_id=fields.optional_integer(data, "payment_term_id"),
            invoice_system_number=fields.optional_text(data, "invoice_system_number"),
            currency=fields.text(data, "currency") or "JPY",
            archived=fields.flag(data, "archive_flg"),
            created_at=fields.optional_moment(data, "created_at"),
            updated_at=fields.optional_moment(data, "updated_at"),
        )


@dataclass(frozen=True, slots=True)
class Project:
    """案件. `to` and `cc` override the client's mail settings when they name an address."""

    id: int
    project_no: int | None
    management_no: str | None
    name: str
    client: ClientRef
    contact: PersonRef | None
    order_status: OrderStatus
    invoice_timing: InvoiceTiming | None
    payment_method: PaymentMethod | None
    tax_rounding: TaxRounding | None
    to: tuple[str, ...] | None
    cc: tuple[str, ...] | None
    total: int
    tax: int
    currency: str
    payment_term_name: str | None
    archived: bool
    created_at: datetime | None
    updated_at: datetime | None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Read a project of any response group."""
        currency = fields.text(data, "currency") or "JPY"
        contact = fields.optional_record(data, "contact")
        return cls(
            id=fields.integer(data, "id"),
            project_no=fields.optional_integer(data, "project_no"),
            management_no=fields.optional_text(data, "management_no"),
            name=fields.text(data, "name"),
            client=ClientRef.from_json(fields.record(data.get("client"), "client")),
            contact=PersonRef.from_json(contact) if contact else None,
            order_status=fields.kind(data, "order_status", OrderStatus),
            invoice_timing=fields.optional_kind(data, "invoice_timing_kbn", InvoiceTiming),
            payment_method=fields.optional_kind(data, "payment_method_kbn", PaymentMethod),
            tax_rounding=fields.optional_kind(data, "tax_rule_kbn", TaxRounding),
            to=fields.addresses(data, "to"),
            cc=fields.addresses(data, "cc"),
            total=fields.money(data, "total", currency),
            tax=fields.money(data, "tax", currency),
            currency=currency,
            payment_term_name=fields.optional_text(data, "payment_term_name"),
            archived=fields.flag(data, "archive_flg"),
            created_at=fields.optional_moment(data, "created_at"),
            updated_at=fields.optional_moment(data, "updated_at"),
        )


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One 明細 of a document, in the document's order.

    `price` is the line's amount in minor units: without tax when `tax_included` is False (外税),
    with tax when it is True (内税). `unit_price` is exact in major units (yen), since board allows
    fractions of a yen there. `tax_rate` is in percent. A normal line without quantity and price is
    a note; a heading carries `section_description`, a subtotal `section_subtotal`.
    """

    no: int
    kind: LineKind
    description: str
    detail_date: date | None
    quantity: Decimal | None
    unit: str | None
    unit_price: Decimal | None
    price: int | None
    tax_rate: Decimal
    tax_included: bool
    tax_withholding: bool
    reduced_tax_rate: bool
    section_description: str | None
    section_subtotal: int | None

    @classmethod
    def from_json(cls, data: Json, currency: str = "JPY") -> Self:
        """Read one line; `currency` is that of the invoice, which lines do not repeat."""
        return cls(
            no=fields.optional_integer(data, "no") or 0,
            kind=fields.optional_kind(data, "document_detail_kbn", LineKind) or LineKind.NORMAL,
            description=fields.text(data, "description"),
            detail_date=fields.optional_day(data, "detail_date"),
            quantity=fields.optional_decimal(data, "quantity"),
            unit=fields.optional_text(data, "unit"),
            unit_price=fields.optional_decimal(data, "unit_price"),
            price=fields.optional_money(data, "price", currency),
            tax_rate=fields.optional_decimal(data, "tax_rate") or Decimal(0),
            tax_included=fields.flag(data, "tax_included_flg"),
            tax_withholding=fields.flag(data, "tax_withholding_flg"),
            # 1 対象外, 2 対象: a kind, not a 0/1 flag.
            reduced_tax_rate=fields.optional_integer(data, "reduced_tax_rate_kbn") == 2,
            section_description=fields.optional_text(data, "section_description"),
            section_subtotal=fields.optional_money(data, "section_subtotal", currency),
        )

    @property
    def is_note(self) -> bool:
        """Whether this is a normal line that only carries text (備考行)."""
        return self.kind is LineKind.NORMAL and self.quantity is None and self.price is None


@dataclass(frozen=True, slots=True)
class InvoiceDocument:
    """請求書. `id` is 請求書ID, not 請求ID. Amounts in minor units of `currency`.

    `total` is without tax (also where lines include it), `tax` is computed by board once per rate.
    """

    id: int
    message: str | None
    total: int
    tax: int
    tax_withholding: int
    currency: str
    invoice_date: date | None
    payment_limit_date: date | None
    lines: tuple[DocumentLine, ...]

    @classmethod
    def from_json(cls, data: Json, currency: str = "JPY") -> Self:
        """Read a 請求書; `currency` is that of the invoice, which the document does not repeat."""
        return cls(
            id=fields.integer(data, "id"),
            message=fields.optional_text(data, "message"),
            total=fields.money(data, "total", currency),
            tax=fields.money(data, "tax", currency),
            tax_withholding=fields.money(data, "tax_withholding", currency),
            currency=currency,
            invoice_date=fields.optional_day(data, "invoice_date"),
            payment_limit_date=fields.optional_day(data, "payment_limit_date"),
            lines=tuple(
                DocumentLine.from_json(line, currency) for line in fields.records(data, "details")
            ),
        )

    @property
    def payable(self) -> int:
        """What the client owes: total + tax - 源泉所得税 (board's rule), in minor units."""
        return self.total + self.tax - self.tax_withholding


@dataclass(frozen=True, slots=True)
class Invoice:
    """請求. `id` is 請求ID; `total` is without tax, and 源泉所得税 stands only in the document.

    `payment_method` is None when the response group does not carry it: then ask the project.
    `document` is there with response group `invoice` or `all`.
    """

    id: int
    project_id: int
    project_no: int | None
    management_no: str | None
    name: str
    client: ClientRef
    contact: PersonRef | None
    total: int
    tax: int
    currency: str
    invoice_date: date | None
    payment_limit_date: date | None
    order_status: OrderStatus
    invoice_status: InvoiceStatus
    payment_method: PaymentMethod | None
    paid_date: date | None
    tags: tuple[str, ...]
    locked: bool
    created_at: datetime | None
    updated_at: datetime | None
    document: InvoiceDocument | None = None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Read a 請求 record of any response group."""
        currency = fields.text(data, "currency") or "JPY"
        contact = fields.optional_record(data, "contact")
        document = fields.optional_record(data, "invoice")
        return cls(
            id=fields.integer(data, "id"),
            project_id=fields.integer(data, "project_id"),
            project_no=fields.optional_integer(data, "project_no"),
            management_no=fields.optional_text(data, "management_no"),
            name=fields.text(data, "name"),
            client=ClientRef.from_json(fields.record(data.get("client"), "client")),
            contact=PersonRef.from_json(contact) if contact else None,
            total=fields.money(data, "total", currency),
            tax=fields.money(data, "tax", currency),
            currency=currency,
            invoice_date=fields.optional_day(data, "invoice_date"),
            payment_limit_date=fields.optional_day(data, "payment_limit_date"),
            order_status=fields.kind(data, "order_status", OrderStatus),
            invoice_status=fields.kind(data, "invoice_status", InvoiceStatus),
            payment_method=fields.optional_kind(data, "payment_method_kbn", PaymentMethod),
            paid_date=fields.optional_day(data, "paid_date"),
            tags=fields.texts(data, "tags"),
            locked=fields.flag(data, "lock_flg"),
            created_at=fields.optional_moment(data, "created_at"),
            updated_at=fields.optional_moment(data, "updated_at"),
            document=InvoiceDocument.from_json(document, currency) if document else None,
        )


@dataclass(frozen=True, slots=True)
class PaymentTerm:
    """支払条件: a name only; board does not expose the closing rule behind it."""

    id: int
    name: str
    archived: bool

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Read a 支払条件."""
        return cls(
            id=fields.integer(data, "id"),
            name=fields.text(data, "name"),
            archived=fields.flag(data, "archive_flg"),
        )
