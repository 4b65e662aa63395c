"""Lists are read completely, although their pages shift while they are read."""

from datetime import date, datetime, timedelta

import pytest

from seikyu.board.documents import (
    InvoiceStatus,
    MalformedRecord,
    OrderStatus,
    PaymentMethod,
    ResponseGroup,
)
from seikyu.board.errors import BoardListUnstable
from seikyu.board.paging import JAPAN, Progress
from seikyu.board.simulator.sandbox import Behaviour
from tests.board.conftest import NOON, no_limits, small_seed

EVERY_ID = list(range(1001, 1001 + 250))


@pytest.fixture
def busy(start_board):
    """A board with 250 invoices (three pages), and no limits in the way."""
    return start_board(small_seed(250), limits=no_limits())


def edit_between_pages(board, invoice_id, fields, *, skip=1, times=1):
    """A person changes a record after the first page is read."""
    order = {"kind": "invoices", "id": invoice_id, "fields": fields}
    board.fault("edit", path="/invoices", skip=skip, times=times, edit=order)


def test_a_quiet_list_is_read_once_and_checked_with_one_more_call(busy):
    seen: list[Progress] = []
    invoices = busy.client().list_invoices(on_progress=seen.append)
    assert sorted(invoice.id for invoice in invoices) == EVERY_ID
    assert [(step.read, step.total, step.reading) for step in seen] == [
        (100, 250, 1),
        (200, 250, 1),
        (250, 250, 1),
    ]
    assert len(busy.requests()) == 4


def test_a_list_of_one_page_is_one_call(board):
    assert len(board.client().list_invoices()) == 5
    assert len(board.requests()) == 1


def test_an_empty_list_is_one_call(board):
    assert board.client().list_invoices(client_id_eq=999) == []
    assert len(board.requests()) == 1


def test_a_record_that_jumps_to_the_first_page_is_not_lost(busy):
    # The oldest record becomes the newest: every page boundary moves by one.
    edit_between_pages(busy, 1250, {"tags": ["急ぎ"]})
    invoices = busy.client().list_invoices()
    assert sorted(invoice.id for invoice in invoices) == EVERY_ID
    assert {invoice.id: invoice.tags for invoice in invoices}[1250] == ("急ぎ",)


def test_a_record_that_leaves_the_filter_takes_no_other_with_it(busy):
    # 1001 is on page 1; when it leaves, the first of page 2 moves to page 1.
    edit_between_pages(busy, 1001, {"invoice_status": 3})
    invoices = busy.client().list_invoices(invoice_status_in=[InvoiceStatus.INVOICED])
    assert sorted(invoice.id for invoice in invoices) == EVERY_ID[1:]


def test_a_record_that_leaves_while_another_enters_is_noticed_although_the_total_agrees(busy):
    """1001 leaves page 1 and 1250 enters the last page, so only 1101 is pushed out of sight."""
    records, long_ago = busy.sandbox.records, NOON - timedelta(days=91)
    records.change("invoices", 1250, {"invoice_status": 1}, long_ago)
    seen: list[Progress] = []

    def swap_after_the_first_page(step: Progress) -> None:
        if not seen:
            records.change("invoices", 1001, {"invoice_status": 3}, NOON)
            records.change("invoices", 1250, {"invoice_status": 2}, long_ago)
        seen.append(step)

    invoices = busy.client().list_invoices(
        invoice_status_in=[InvoiceStatus.INVOICED], on_progress=swap_after_the_first_page
    )
    assert sorted(invoice.id for invoice in invoices) == EVERY_ID[1:]
    assert {step.total for step in seen} == {249}


def test_new_records_during_reading_are_read_too(busy):
    order = {
        "kind": "invoices",
        "fields": {
            "project_id": 501,
            "invoice_status": 2,
            "invoice_date": "2026-04-20",
            "payment_limit_date": "2026-05-31",
            "invoice": {"total": "100.0", "tax": "10.0", "details": []},
        },
    }
    busy.fault("edit", path="/invoices", skip=1, edit=order)
    invoices = busy.client().list_invoices()
    assert sorted(invoice.id for invoice in invoices) == [*EVERY_ID, 1251]


def test_a_deleted_record_does_not_hide_its_neighbour(busy):
    client = busy.client()
    removed = []

    def remove_one(step: Progress) -> None:
        if not removed:
            busy.http.request(
                "DELETE",
                "/_sandbox/records/invoices/1001",
                headers={"Content-Type": "application/json"},
            )
            removed.append(step)

    invoices = client.list_invoices(on_progress=remove_one)
    assert sorted(invoice.id for invoice in invoices) == EVERY_ID[1:]


def test_records_edited_all_the_time_are_read_when_two_passes_agree(busy):
    # 1001 stays the newest, so no page shifts, but something is always being updated.
    edit_between_pages(busy, 1001, {"tags": ["編集中"]}, skip=0, times=1_000)
    assert len(busy.client().list_invoices()) == 250
    assert len([path for _, path, _ in busy.requests() if path == "/invoices"]) == 7


def test_a_list_that_never_stands_still_is_an_error_rather_than_a_guess(busy):
    for oldest in range(1250, 1230, -1):
        edit_between_pages(busy, oldest, {"tags": ["移動"]}, skip=0)
    with pytest.raises(BoardListUnstable, match=r"during each of 6 readings"):
        busy.client().list_invoices()


def test_a_call_that_fails_in_the_middle_does_not_spoil_the_list(busy):
    busy.fault("dropped", path="/invoices", skip=1)
    busy.fault("503", path="/invoices", skip=2)
    assert len(busy.client().list_invoices()) == 250


def test_filters_reach_board_and_mean_what_they_say(busy):
    records = busy.sandbox.records
    records.change("invoices", 1002, {"invoice_status": 5}, NOON)
    records.change("invoices", 1003, {"invoice_date": "2026-04-01"}, NOON)
    records.change("invoices", 1004, {"payment_limit_date": "2026-06-30"}, NOON)
    client = busy.client()

    def ids(**filters):
        return {invoice.id for invoice in client.list_invoices(**filters)}

    statuses = [InvoiceStatus.PARTLY_PAID, InvoiceStatus.PAID]
    assert ids(invoice_status_in=statuses) == {1002}
    assert len(ids(invoice_status_in=[InvoiceStatus.INVOICED, InvoiceStatus.PARTLY_PAID])) == 250
    assert ids(invoice_date_gteq=date(2026, 4, 1)) == {1003}
    assert len(ids(invoice_date_lteq=date(2026, 3, 31))) == 249
    assert ids(payment_limit_date_gteq=date(2026, 6, 30)) == {1004}
    assert len(ids(payment_limit_date_lteq=date(2026, 6, 29))) == 249
    assert ids(updated_at_gteq=NOON) == {1002, 1003, 1004}
    assert ids(updated_at_gteq=date(2026, 4, 20)) == {1002, 1003, 1004}
    assert len(ids(updated_at_lteq=NOON - timedelta(seconds=1))) == 247
    assert ids(order_status_in=[OrderStatus.LOST, OrderStatus.CONFIRMED]) == set()
    assert len(ids(order_status_in=[OrderStatus.ORDERED])) == 250
    assert ids(project_no_eq=2) == set()
    assert len(ids(project_no_eq=1, client_id_eq=201)) == 250


def test_a_date_time_without_a_zone_is_not_sent(board):
    naive = datetime(2026, 4, 20, 12, 0)  # noqa: DTZ001 - the mistake this is about
    with pytest.raises(ValueError, match="time zone"):
        board.client().list_invoices(updated_at_gteq=naive)


def test_projects_and_clients_are_listed_with_their_mail_settings(board):
    client = board.client()
    (listed,) = client.list_clients()
    assert listed.to == ("a@example.jp", "b@example.jp")
    assert (listed.cc, listed.custom_no) == (("c@example.jp",), "C201")
    (small,) = client.list_clients(response_group=ResponseGroup.SMALL)
    assert (small.to, small.cc, small.custom_no) == (None, None, None)
    (project,) = client.list_projects()
    assert project.payment_method is PaymentMethod.CREDIT_CARD
    assert (project.to, project.total) == ((), 50_000)
    assert client.get_project(501) == project
    assert client.get_client(201) == listed
    with pytest.raises(ValueError, match="small and large only"):
        client.list_clients(response_group=ResponseGroup.ALL)


def test_lost_projects_are_listed_only_when_asked_for(board):
    board.sandbox.records.change("projects", 501, {"order_status": 9}, NOON)
    client = board.client()
    assert client.list_projects() == []
    (lost,) = client.list_projects(include_lost=True)
    assert lost.order_status is OrderStatus.LOST


def test_payment_terms_are_names(board):
    assert [term.name for term in board.client().list_payment_terms()] == [
        "請求日から14日以内",
        "20日締翌月20日払",
        "月末締翌々月末払",
        "月末締翌月末払",
    ]


def test_the_payment_method_may_be_on_the_invoice_or_only_on_the_project(start_board):
    with_it = start_board()
    without = start_board(behaviour=Behaviour(invoice_payment_method=False))
    client = with_it.client()
    assert {i.payment_method for i in client.list_invoices()} == {PaymentMethod.CREDIT_CARD}
    small = client.list_invoices(response_group=ResponseGroup.SMALL)
    assert {invoice.payment_method for invoice in small} == {None}
    assert {i.payment_method for i in without.client().list_invoices()} == {None}
    assert without.client().get_project(501).payment_method is PaymentMethod.CREDIT_CARD


def test_the_document_comes_with_the_groups_invoice_and_all_and_by_its_own_id(board):
    client = board.client()
    for group in (ResponseGroup.INVOICE, ResponseGroup.ALL):
        invoice = next(i for i in client.list_invoices(response_group=group) if i.id == 1001)
        assert invoice.document is not None
        assert (invoice.document.id, invoice.document.payable) == (1008, 11_000)
        assert client.get_invoice_document(1008) == invoice.document
    for group in (ResponseGroup.SMALL, ResponseGroup.MEDIUM, ResponseGroup.LARGE):
        assert client.list_invoices(response_group=group)[0].document is None


def test_a_record_that_cannot_be_read_stops_the_list_or_is_reported_and_left_out(board):
    board.sandbox.records.change(
        "invoices", 1003, {"invoice": {"total": "10000.5", "details": []}}, NOON
    )
    client = board.client()
    with pytest.raises(MalformedRecord, match="1003"):
        client.list_invoices()
    reported: list[MalformedRecord] = []
    invoices = client.list_invoices(on_malformed=reported.append)
    assert [invoice.id for invoice in invoices] == [1001, 1002, 1004, 1005]
    assert [malformed.record_id for malformed in reported] == [1003]


def test_a_created_client_is_returned_as_board_keeps_it(board):
    client = board.client()
    created = client.create_client(
        name="株式会社サンプル新規", to=["x@example.jp", "y@example.jp"], custom_no="N1"
    )
    assert client.get_client(created.id) == created
    assert created.to == ("x@example.jp", "y@example.jp")
    assert created.name_disp == "株式会社サンプル新規"
    assert created.updated_at is not None
    assert created.updated_at.utcoffset() == JAPAN.utcoffset(None)
