"""The sample company shows every rule of sending: each condition missed once, most met by many.

The conditions are written down here on their own, without the code that decides about sending.
"""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from seikyu.board.documents import (
    Client,
    Invoice,
    InvoiceStatus,
    InvoiceTiming,
    LineKind,
    OrderStatus,
    PaymentMethod,
    Project,
)
from seikyu.board.paging import JAPAN
from seikyu.board.simulator.sample import (
    AUTHENTICATION_CARD,
    DECLINING_CARD,
    GOOD_CARD,
    sample_company,
)
from tests.board.conftest import RunningBoard, no_limits

DAYS = [date(2026, 4, 20), date(2026, 1, 31), date(2028, 2, 29), date(2026, 12, 1)]


class Sample:
    """The sample as a client of board reads it, and the conditions of sending in plain words."""

    def __init__(self, board: RunningBoard, today: date) -> None:
        client = board.client()
        self.today = today
        self.invoices = sorted(client.list_invoices(), key=lambda invoice: invoice.id)
        self.projects = {p.id: p for p in client.list_projects(include_lost=True)}
        self.clients = {c.id: c for c in client.list_clients()}
        self.cards: dict[str, str | None] = board.sandbox.records.cards
        self.shared = Counter(address for c in self.clients.values() for address in c.to or ())

    def project(self, invoice: Invoice) -> Project:
        return self.projects[invoice.project_id]

    def client(self, invoice: Invoice) -> Client:
        return self.clients[invoice.client.id]

    def addresses(self, invoice: Invoice) -> tuple[str, ...]:
        return self.project(invoice).to or self.client(invoice).to or ()

    def missed(self, invoice: Invoice) -> set[str]:
        """Return the names of the conditions that the invoice does not meet."""
        assert invoice.document and invoice.payment_limit_date and invoice.updated_at
        fresh = datetime.combine(self.today - timedelta(days=1), datetime.min.time(), JAPAN)
        addresses = self.addresses(invoice)
        conditions = {
            "payment method": invoice.payment_method is PaymentMethod.CREDIT_CARD,
            "invoice status": invoice.invoice_status is InvoiceStatus.INVOICED,
            "order status": invoice.order_status is OrderStatus.ORDERED,
            "address": bool(addresses),
            "updated": invoice.updated_at >= fresh,
            "due": invoice.payment_limit_date >= self.today,
            "amount": invoice.document.payable > 0,
            "currency": invoice.currency == "JPY",
            "linkable": not addresses or self.shared[addresses[0]] <= 1,
        }
        return {name for name, holds in conditions.items() if not holds}

    def sendable(self) -> list[Invoice]:
        return [invoice for invoice in self.invoices if not self.missed(invoice)]

    def some(self, test: Callable[[Invoice], object]) -> bool:
        return any(test(invoice) for invoice in self.sendable())


@pytest.fixture(params=DAYS, ids=str)
def sample(request, start_board) -> Sample:
    today: date = request.param
    board = start_board(sample_company(today), limits=no_limits())
    board.clock.moment = datetime.combine(today, datetime.min.time(), JAPAN)
    return Sample(board, today)


def test_each_condition_is_missed_alone_by_some_invoice(sample):
    alone = {next(iter(m)) for m in map(sample.missed, sample.invoices) if len(m) == 1}
    assert alone == {
        "payment method",
        "invoice status",
        "order status",
        "address",
        "updated",
        "due",
        "amount",
        "currency",
        "linkable",
    }


def test_most_invoices_can_be_sent(sample):
    assert len(sample.invoices) == 42
    assert len(sample.sendable()) == 21


def test_every_status_and_many_kinds_of_projects_occur(sample):
    assert {invoice.invoice_status for invoice in sample.invoices} == set(InvoiceStatus)
    assert {
        OrderStatus.ESTIMATING_HIGH,
        OrderStatus.CONFIRMED,
        OrderStatus.LOST,
    } < {invoice.order_status for invoice in sample.invoices}
    assert PaymentMethod.BANK_TRANSFER in {i.payment_method for i in sample.invoices}
    timings = Counter(sample.project(i).invoice_timing for i in sample.invoices)
    assert (timings[InvoiceTiming.RECURRING], timings[InvoiceTiming.SPLIT]) == (5, 3)


def test_the_sendable_ones_have_every_kind_of_line(sample):
    lines = [line for invoice in sample.sendable() for line in invoice.document.lines]
    assert {line.kind for line in lines} == set(LineKind)
    assert any(line.is_note for line in lines)
    assert any(line.tax_included for line in lines)
    assert any(line.tax_withholding for line in lines)
    assert any(line.reduced_tax_rate and line.tax_rate == 8 for line in lines)
    assert any(line.quantity == Decimal("1.5") for line in lines)
    assert any(line.price is not None and line.price < 0 for line in lines)
    mixed = [{line.tax_rate for line in i.document.lines if line.price} for i in sample.sendable()]
    assert {Decimal(8), Decimal(10)} in mixed


def test_small_amounts_month_ends_and_today_occur(sample):
    payables = [invoice.document.payable for invoice in sample.sendable()]
    assert {50, 33, 51} <= set(payables)
    assert sample.some(lambda i: i.payment_limit_date == sample.today)
    assert sample.some(lambda i: (i.invoice_date + timedelta(days=1)).day == 1)


def test_cards_are_of_every_kind(sample):
    kinds = {sample.cards.get(sample.client(i).to[0], "no customer") for i in sample.sendable()}
    assert kinds == {GOOD_CARD, DECLINING_CARD, AUTHENTICATION_CARD, None, "no customer"}


def test_a_projects_own_address_goes_before_the_clients(sample):
    overridden = [i for i in sample.sendable() if sample.project(i).to]
    assert [sample.addresses(i) for i in overridden] == [("branch@zakka.example.jp",)]
    assert sample.client(overridden[0]).to == ("shop@zakka.example.jp",)


def test_sums_are_boards(sample):
    """Written out by hand from the lines of sample.py."""
    sums = {
        i.id: (i.document.total, i.document.tax, i.document.tax_withholding, i.document.payable)
        for i in sample.invoices
    }
    assert sums[1001] == (315_000, 31_500, 0, 346_500)
    # 8 %: 9,331 + 2,574 = 11,905 → 952; 10 %: 2,331 + 555 = 2,886 → 288
    assert sums[1002] == (14_791, 1_240, 0, 16_031)
    # 10.21 % of 111,111 = 11,344.4…
    assert sums[1004] == (114_567, 11_456, 11_344, 114_679)
    assert sums[1005] == (1_200_000, 120_000, 142_940, 1_177_060)
    # 37,997 with tax: 37,997 x 10 / 110 = 3,454.2…
    assert sums[1006] == (34_543, 3_454, 0, 37_997)
    assert sums[1007] == (13_147, 1_315, 0, 14_462)  # 切り上げ of 1,314.7
    assert sums[1008] == (805, 81, 0, 886)  # 四捨五入 of 80.5
    assert sums[1019] == (46, 4, 0, 50)
    assert sums[1033] == (0, 0, 0, 0)
    for invoice in sample.invoices:
        assert (invoice.total, invoice.tax) == (invoice.document.total, invoice.document.tax)


def test_names_and_addresses_are_recognizably_sample(sample):
    for client in sample.clients.values():
        assert "サンプル" in client.name or "Sample" in client.name
        assert all(a.endswith((".example.jp", ".example.com")) for a in client.to)
