"""board's JSON becomes exact, typed values, or a refusal that names the field."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from seikyu.board.documents import (
    Client,
    DocumentLine,
    Invoice,
    InvoiceDocument,
    InvoiceStatus,
    MalformedRecord,
    OrderStatus,
    PaymentMethod,
    Project,
)

INVOICE = {
    "id": 1001,
    "project_id": 501,
    "project_no": 12,
    "name": "保守",
    "client": {"id": 201, "name": "株式会社サンプル", "name_disp": "サンプル", "custom_no": None},
    "total": "90000.0",
    "tax": "9000.0",
    "invoice_date": "2026-03-31",
    "payment_limit_date": "2026-04-30",
    "order_status": 5,
    "order_status_name": "受注済",
    "invoice_status": 2,
    "payment_method_kbn": 3,
    "lock_flg": 1,
    "tags": ["重要"],
    "updated_at": "2026-04-20T10:00:00.000+09:00",
    "something_new": {"in": "the next version"},
}


def test_an_invoice_is_read_with_exact_types():
    invoice = Invoice.from_json(INVOICE)
    assert (invoice.id, invoice.project_id, invoice.client.id) == (1001, 501, 201)
    assert (invoice.total, invoice.tax) == (90_000, 9_000)
    assert type(invoice.total) is int
    assert invoice.payment_limit_date == date(2026, 4, 30)
    assert invoice.order_status is OrderStatus.ORDERED
    assert invoice.invoice_status is InvoiceStatus.INVOICED
    assert invoice.payment_method is PaymentMethod.CREDIT_CARD
    assert invoice.locked is True
    assert invoice.updated_at == datetime(2026, 4, 20, 1, 0, tzinfo=UTC)
    assert invoice.document is None


def test_what_a_small_answer_leaves_out_reads_as_none():
    small = {
        key: INVOICE[key]
        for key in ("id", "project_id", "client", "order_status", "invoice_status")
    }
    invoice = Invoice.from_json(small)
    assert invoice.payment_method is None
    assert invoice.updated_at is None
    assert invoice.contact is None


def test_half_a_yen_is_refused_and_the_refusal_names_the_record():
    with pytest.raises(MalformedRecord, match=r"total of record 1001 is '90000\.5'.*JPY"):
        Invoice.from_json(INVOICE | {"total": "90000.5"})


def test_cents_are_minor_units_of_their_currency():
    invoice = Invoice.from_json(INVOICE | {"total": "900.25", "tax": "0.0", "currency": "USD"})
    assert (invoice.total, invoice.currency) == (90_025, "USD")


def test_a_float_is_never_taken_for_money():
    with pytest.raises(MalformedRecord):
        Invoice.from_json(INVOICE | {"total": 90000.0})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("id", True),
        ("total", "NaN"),
        ("total", "many"),
        ("invoice_status", 7),
        ("invoice_date", "31/03/2026"),
        ("updated_at", "2026-04-20T10:00:00"),
        ("lock_flg", 2),
        ("client", None),
        ("tags", "重要"),
        ("name", 5),
    ],
)
def test_a_field_that_cannot_be_read_exactly_is_refused(field, value):
    with pytest.raises(MalformedRecord) as refusal:
        Invoice.from_json(INVOICE | {field: value})
    assert refusal.value.field == field


def test_mail_settings_tell_unset_from_not_asked_for():
    client = {"id": 1, "name": "株式会社サンプル"}
    assert Client.from_json(client).to is None
    assert Client.from_json(client | {"to": None}).to == ()
    assert Client.from_json(client | {"to": " a@example.jp, b@example.jp ,"}).to == (
        "a@example.jp",
        "b@example.jp",
    )


def test_a_project_without_payment_method_reads_as_none():
    project = Project.from_json({"id": 1, "client": {"id": 2}, "order_status": 9})
    assert project.payment_method is None
    assert project.order_status is OrderStatus.LOST


def test_a_document_keeps_its_lines_and_knows_what_is_payable():
    document = InvoiceDocument.from_json(
        {
            "id": 77,
            "total": "114567.0",
            "tax": "11456.0",
            "tax_withholding": "11344.0",
            "details": [
                {"no": 1, "document_detail_kbn": 2, "section_description": "執筆"},
                {
                    "no": 2,
                    "document_detail_kbn": 1,
                    "description": "原稿料",
                    "quantity": "1.5",
                    "unit_price": "0.75",
                    "price": "114567.0",
                    "tax_rate": "8.0",
                    "tax_included_flg": 1,
                    "tax_withholding_flg": 1,
                    "reduced_tax_rate_kbn": 2,
                },
                {"no": 3, "document_detail_kbn": 1, "description": "以上", "price": None},
            ],
        }
    )
    heading, fee, note = document.lines
    assert document.payable == 114_679
    assert heading.section_description == "執筆"
    assert not heading.is_note
    assert (fee.quantity, fee.unit_price, fee.price) == (Decimal("1.5"), Decimal("0.75"), 114_567)
    assert (fee.tax_rate, fee.tax_included, fee.reduced_tax_rate) == (Decimal(8), True, True)
    assert fee.tax_withholding
    assert note.is_note


def test_the_rate_zero_is_a_rate():
    assert DocumentLine.from_json({"tax_rate": "0.0"}).tax_rate == 0


def test_every_status_shows_boards_word():
    assert [status.label for status in InvoiceStatus] == [
        "未請求", "請求OK", "請求済", "一部入金済", "入金済", "回収不能",
    ]  # fmt: skip
    assert InvoiceStatus.INVOICED == 2
    assert InvoiceStatus.PAID == 3
