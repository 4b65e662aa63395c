"""Whatever board answers, the client names it, says what to do, and repeats only what it may."""

import socket
import threading

import pytest

from seikyu.board.budget import MemoryBudget
from seikyu.board.client import BoardClient
from seikyu.board.documents import InvoiceStatus
from seikyu.board.errors import (
    BoardCredentialsInvalid,
    BoardForbidden,
    BoardNotFound,
    BoardOutcomeUnknown,
    BoardRejected,
    BoardUnauthorized,
    BoardUnavailable,
    BoardUnreadable,
    BoardUnsupportedMediaType,
    FieldError,
)
from seikyu.board.words import Operation


def test_a_wrong_key_and_a_wrong_token_are_unauthorized(board):
    assert board.get("/clients", **{"x-api-key": "no"}).json() == {
        "message": "APIキーまたはAPIトークンが無効です。"
    }
    for wrong in ({"api_key": "wrong-key"}, {"api_token": "wrong-token"}):
        with pytest.raises(BoardUnauthorized, match="設定 > API"):
            board.client(**wrong).get_client(201)


def test_a_missing_permission_is_named(board):
    board.settings(tokens={"sandbox-board-token": ["顧客取得"]})
    client = board.client()
    assert client.get_client(201).id == 201
    with pytest.raises(BoardForbidden, match="tick 請求リスト取得") as forbidden:
        client.list_invoices()
    assert forbidden.value.operation is Operation.LIST_INVOICES
    assert board.get("/invoices").json() == {"message": "許可されていません。"}


def test_permissions_are_probed_without_changing_anything(board):
    client = board.client()
    assert {operation for operation in Operation if client.may(operation)} == set(Operation)
    board.settings(tokens={"sandbox-board-token": ["顧客登録", "請求リスト取得"]})
    allowed = {operation for operation in Operation if client.may(operation)}
    assert allowed == {Operation.CREATE_CLIENT, Operation.LIST_INVOICES}
    assert board.sandbox.records.count("clients") == 1
    assert client.usage().used == len(Operation) * 2


def test_a_record_that_is_not_there_is_not_found(board):
    client = board.client()
    with pytest.raises(BoardNotFound, match="/clients/999"):
        client.get_client(999)
    with pytest.raises(BoardNotFound):
        client.get_project(999)
    with pytest.raises(BoardNotFound):
        client.get_invoice_document(999)
    with pytest.raises(BoardNotFound):
        client.set_invoice_status(999, InvoiceStatus.PAID)


@pytest.mark.parametrize("errors_as", ["list", "map"])
def test_a_rejection_says_which_field_and_why_in_both_forms(board, errors_as):
    board.settings(behaviour={"errors_as": errors_as})
    with pytest.raises(BoardRejected, match=r"name: 顧客名を入力してください。") as rejected:
        board.client().create_client(name=" ", name_disp="サンプル")
    code = "blank" if errors_as == "list" else ""
    assert rejected.value.errors == (FieldError("name", code, "顧客名を入力してください。"),)
    assert rejected.value.message == "パラメータが正しくありません。"
    assert board.sandbox.records.count("clients") == 1


def test_a_filter_that_cannot_be_read_is_rejected(board):
    answer = board.get("/invoices?updated_at_gteq=yesterday")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "updated_at_gteq"


def test_a_body_that_is_not_declared_as_json_is_unsupported(board):
    board.clock.sleep(1)
    answer = board.http.patch(
        "/v1/invoices/invoice_status/1001",
        headers={**board.headers, "Content-Type": "text/plain"},
        content=b'{"invoice_status": 3}',
    )
    assert answer.status_code == 415


def test_the_client_names_a_415(board, monkeypatch):
    # A proxy on the way: a relay that takes the header away.
    client = board.client(transport=_HeaderEatingProxy())
    with pytest.raises(BoardUnsupportedMediaType, match="proxy"):
        client.set_invoice_status(1001, InvoiceStatus.PAID)


@pytest.mark.parametrize("kind", ["500", "503", "dropped"])
def test_reading_is_repeated_with_growing_waits(board, kind):
    board.fault(kind, times=3)
    assert board.client().get_client(201).id == 201
    assert [wait for wait in board.clock.slept if wait >= 1] == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("503", 503), ("dropped", None)])
def test_reading_gives_up_after_five_attempts(board, kind, status):
    board.fault(kind, times=100)
    with pytest.raises(BoardUnavailable, match=r"5 attempt\(s\)") as unavailable:
        board.client().get_client(201)
    assert unavailable.value.status == status
    assert len(board.requests()) == 5


def test_an_answer_that_does_not_come_is_a_time_out_and_is_repeated(board):
    board.fault("slow", times=1, seconds=1.5)
    client = board.client(timeout_seconds=0.3)
    assert client.get_client(201).id == 201
    board.fault("slow", times=5, seconds=1.5)
    with pytest.raises(BoardUnavailable, match="a time-out"):
        client.get_client(201)


def test_a_status_is_written_again_when_its_answer_was_lost(board):
    board.fault("dropped", method="PATCH", after=True)
    board.client().set_invoice_status(1001, InvoiceStatus.PAID)
    assert board.sandbox.records.get("invoices", 1001)["invoice_status"] == 3
    assert [method for method, _, _ in board.requests()] == ["PATCH", "PATCH"]


@pytest.mark.parametrize("answer", [200, 204])
def test_a_status_is_written_whether_board_answers_200_or_204(board, answer):
    board.settings(behaviour={"patch_answer": answer})
    board.client().set_invoice_status(1002, InvoiceStatus.PARTLY_PAID)
    assert board.requests() == [("PATCH", "/invoices/invoice_status/1002", answer)]
    changed = board.sandbox.records.get("invoices", 1002)
    assert (changed["invoice_status"], changed["paid_date"]) == (5, None)


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("503", 503), ("dropped", None)])
def test_creating_a_client_is_not_repeated_when_its_outcome_is_unknown(board, kind, status):
    board.fault(kind, method="POST", after=True)
    with pytest.raises(BoardOutcomeUnknown, match="Look for it in board first") as unknown:
        board.client().create_client(name="株式会社サンプル新規")
    assert unknown.value.status == status
    assert board.sandbox.records.count("clients") == 2
    assert len(board.requests()) == 1


def test_creating_a_client_is_repeated_when_it_certainly_did_not_arrive(clock):
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    client = BoardClient(
        f"http://127.0.0.1:{port}/v1",
        "key",
        "token",
        budget=MemoryBudget(),
        now=clock.now,
        sleep=clock.sleep,
    )
    with pytest.raises(BoardUnavailable, match=r"5 attempt\(s\): no connection"):
        client.create_client(name="株式会社サンプル新規")
    client.close()


def test_an_answer_that_is_not_json_is_named(board):
    board.fault("garbage")
    with pytest.raises(BoardUnreadable, match="not JSON"):
        board.client().get_client(201)


def test_an_answer_of_another_shape_is_named(board):
    client = board.client(transport=_PathChangingProxy(b"/v1/clients/201", b"/v1/clients"))
    with pytest.raises(BoardUnreadable, match="not an object"):
        client.get_client(201)
    client = board.client(transport=_PathChangingProxy(b"/v1/clients", b"/v1/clients/201"))
    with pytest.raises(BoardUnreadable, match="not a list"):
        client.list_clients()


def test_a_redirect_does_not_take_the_token_elsewhere(board):
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def redirect() -> None:
            connection, _ = server.accept()
            with connection:
                received.append(connection.recv(65_536))
                target = f"{board.origin}/v1/clients/201"
                connection.sendall(
                    f"HTTP/1.1 302 Found\r\nLocation: {target}\r\n"
                    "Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
                )

        thread = threading.Thread(target=redirect)
        thread.start()
        client = BoardClient(
            f"http://127.0.0.1:{port}/v1",
            "key",
            "token",
            budget=MemoryBudget(),
            now=board.clock.now,
            sleep=board.clock.sleep,
        )
        with pytest.raises(BoardUnreadable, match="HTTP 302"):
            client.get_client(201)
        client.close()
        thread.join(5)
    assert received
    assert board.requests() == []


def test_neither_key_nor_token_is_ever_shown(board):
    client = board.client(api_key="secret-key-1", api_token="secret-token-2")
    with pytest.raises(BoardUnauthorized) as refused:
        client.get_client(201)
    shown = repr(client) + repr(client._caller) + str(refused.value) + repr(refused.value)
    assert "secret" not in shown


@pytest.mark.parametrize("bad", ["", "  ", "two words", "改行\n", "a\nb"])
def test_a_key_that_cannot_be_sent_is_refused_without_showing_it(board, bad):
    with pytest.raises(BoardCredentialsInvalid) as refused:
        board.client(api_key=bad)
    assert not bad.strip() or bad.strip() not in str(refused.value)


def test_a_key_may_end_with_the_newline_of_its_file(board):
    assert board.client(api_token="sandbox-board-token\n").get_client(201).id == 201


class _HeaderEatingProxy:
    """Passes requests on without their Content-Type."""

    def __new__(cls):
        import httpx2

        class Proxy(httpx2.HTTPTransport):
            def handle_request(self, request):
                del request.headers["Content-Type"]
                return super().handle_request(request)

        return Proxy()


class _PathChangingProxy:
    """Passes requests on to another path, as a wrong base address would."""

    def __new__(cls, wanted: bytes, instead: bytes):
        import httpx2

        class Proxy(httpx2.HTTPTransport):
            def handle_request(self, request):
                if request.url.path == wanted.decode():
                    request.url = request.url.copy_with(raw_path=instead)
                return super().handle_request(request)

        return Proxy()
