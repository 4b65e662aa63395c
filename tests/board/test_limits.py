"""board's three limits, in the simulator, and the client that lives with them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from seikyu.board.budget import MemoryBudget, fingerprint
from seikyu.board.documents import InvoiceStatus
from seikyu.board.errors import BoardBusy, DailyLimitReached
from seikyu.board.simulator.limits import Limits
from seikyu.board.simulator.sandbox import API_KEY
from tests.board.conftest import small_seed


def test_the_fourth_call_within_a_second_is_refused_by_the_simulator(board):
    answers = [board.http.get("/v1/clients", headers=board.headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json() == {"message": "Too Many Requests"}
    board.clock.sleep(1)
    assert board.http.get("/v1/clients", headers=board.headers).status_code == 200


def test_the_client_never_makes_a_fourth_call_within_a_second(board):
    client = board.client()
    for _ in range(10):
        client.get_client(201)
    assert [status for _, _, status in board.requests()] == [200] * 10
    assert sum(board.clock.slept) >= 3


def test_a_clock_that_is_set_back_does_not_stop_the_client(board):
    client = board.client()
    for _ in range(3):
        client.get_client(201)
    board.clock.moment -= timedelta(hours=1)
    client.get_client(201)
    assert sum(board.clock.slept) < 3


def test_too_many_requests_of_others_are_waited_out(board):
    board.fault("too_many_requests", times=3)
    assert board.client().get_client(201).name == "株式会社サンプル顧客"
    assert [status for _, _, status in board.requests()] == [429, 429, 429, 200]


def test_too_many_requests_that_last_are_an_error_with_advice(board):
    board.fault("too_many_requests", times=100)
    with pytest.raises(BoardBusy, match=r"Another program is using the same API key"):
        board.client().get_client(201)
    assert len(board.requests()) == 8


def test_creating_a_client_may_be_repeated_after_a_429_since_nothing_was_done(board):
    board.fault("too_many_requests", method="POST")
    board.client().create_client(name="株式会社サンプル新規")
    assert board.sandbox.records.count("clients") == 2


def test_the_day_ends_for_the_simulator_at_its_limit_and_begins_at_midnight_utc(start_board):
    board = start_board(limits=Limits(per_day=2))
    assert board.get("/clients").status_code == 200
    assert board.get("/clients").status_code == 200
    refused = board.get("/clients")
    assert (refused.status_code, refused.json()) == (429, {"message": "Limit Exceeded"})
    board.clock.moment = datetime(2026, 4, 20, 23, 59, 50, tzinfo=UTC)
    assert board.get("/clients").status_code == 429
    board.clock.moment = datetime(2026, 4, 20, 23, 59, 59, 500_000, tzinfo=UTC)
    assert board.get("/clients").status_code == 200


def test_the_client_stops_at_its_share_of_the_day_without_asking_board(board):
    client = board.client(daily_limit=10, stop_at_percent=80)
    for _ in range(8):
        client.get_client(201)
    with pytest.raises(
        DailyLimitReached, match=r"8 of 10 calls .* 2026-04-21 00:00 UTC"
    ) as reached:
        client.get_client(201)
    assert reached.value.resets_at == datetime(2026, 4, 21, tzinfo=UTC)
    assert not reached.value.said_by_board
    assert len(board.requests()) == 8
    board.clock.moment = reached.value.resets_at
    assert client.get_client(201).id == 201
    assert client.usage().used == 1


def test_two_clients_of_one_key_share_the_count(board):
    budget = MemoryBudget()
    board.client(budget=budget).get_client(201)
    second = board.client(budget=budget)
    second.get_client(201)
    assert second.usage().used == 2
    assert budget.used(fingerprint(API_KEY), date(2026, 4, 20)) == 2


def test_when_board_says_the_day_is_used_up_the_client_believes_it(start_board):
    board = start_board(limits=Limits(per_day=1))
    client = board.client()
    client.get_client(201)
    with pytest.raises(DailyLimitReached) as reached:
        client.get_client(201)
    assert reached.value.said_by_board
    assert reached.value.resets_at == datetime(2026, 4, 21, tzinfo=UTC)
    with pytest.raises(DailyLimitReached):
        client.get_client(201)
    assert len(board.requests()) == 2  # the third call was not made
    assert client.usage().used == 3_000


def test_the_fifth_unanswered_list_is_refused(start_board):
    board = start_board(limits=Limits(per_second=None))
    board.fault("slow", times=4, seconds=0.6)
    path = "/v1/invoices"
    with ThreadPoolExecutor(5) as pool:
        slow = [pool.submit(board.http.get, path, headers=board.headers) for _ in range(4)]
        while board.sandbox.faults.pending():
            threading.Event().wait(0.01)
        fifth = board.http.get(path, headers=board.headers)
        by_number = board.http.get(f"{path}?project_project_no_eq=1", headers=board.headers)
        clients = board.http.get("/v1/clients", headers=board.headers)
    assert [answer.result().status_code for answer in slow] == [200] * 4
    assert fifth.status_code == 429
    assert fifth.json() == {"message": "リスト取得系APIの同時リクエスト数の上限を超えています"}
    assert (by_number.status_code, clients.status_code) == (200, 200)


def test_the_client_keeps_one_list_open_at_a_time(start_board):
    board = start_board(limits=Limits(per_second=None, open_lists=1))
    board.fault("slow", times=4, seconds=0.1)
    client = board.client()
    with ThreadPoolExecutor(4) as pool:
        lists = [pool.submit(client.list_invoices) for _ in range(4)]
    assert [len(each.result()) for each in lists] == [5, 5, 5, 5]
    assert {status for _, _, status in board.requests()} == {200}


def test_too_many_lists_of_others_are_waited_out(board):
    board.fault("too_many_lists", times=2)
    assert len(board.client().list_invoices()) == 5
    assert board.clock.slept[:2] == [1.0, 1.0]


def test_limits_can_be_switched_off_while_it_runs(board):
    board.settings(limits={"per_second": None, "per_day": None})
    answers = [board.http.get("/v1/clients", headers=board.headers) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}


def test_an_answer_over_the_size_limit_is_a_500_and_smaller_pages_are_read_instead(start_board):
    limits = Limits(per_second=None, answer_bytes=30_000)
    board = start_board(small_seed(60), limits=limits)
    invoices = board.client().list_invoices()
    assert len(invoices) == 60
    assert 500 in [status for _, _, status in board.requests()]


def test_writing_a_status_counts_like_any_call(board):
    client = board.client()
    client.set_invoice_status(1001, InvoiceStatus.PAID)
    assert client.usage().used == 1
    state = board.http.get("/_sandbox/state").json()
    assert state["calls_today"] == 1
