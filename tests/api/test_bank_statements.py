"""Bank statements through the public door: imported whole or not at all, every line once."""

import base64
from datetime import date
from typing import Any

import pytest

from tests.api.cash import balance, billed, movements, statuses
from tests.api.room import Caller, Room
from tests.statements.files import Transfer, packed, transfers

PATH = "/v1/seikyu/bank_statements"
LINES = "/v1/seikyu/bank_statement_lines"

SHOP = Transfer(330_000, "ｶ)ｻﾝﾌﾟﾙｼﾖｳｼﾞ")
OTHER = Transfer(5_000, "ｻﾝﾌﾟﾙ ﾀﾛｳ", number=2)


def sent(*given: Transfer) -> dict[str, str]:
    """A form with a Zengin file, in base64 as banks' bytes must travel."""
    return {"file_base64": base64.b64encode(packed(transfers(*given))).decode()}


def imported(api: Caller, *given: Transfer) -> Any:
    """Import a Zengin file of these transfers."""
    return api.post_form(PATH, sent(*given))


def shop(api: Caller, **form: Any) -> str:
    """The customer whose name in kana the samples have."""
    return api.customer(
        card=None,
        **{"name": "株式会社見本商事", "metadata[name_kana]": "カ)サンプルショウジ", **form},
    )


def lines(api: Caller, query: str = "limit=100") -> list[dict[str, Any]]:
    """The lines of all statements, oldest first."""
    found: list[dict[str, Any]] = api.get(LINES, query)["data"]
    return found[::-1]


def test_a_file_funds_the_customers_it_names_and_pays_their_invoices(api: Caller) -> None:
    customer = shop(api)
    invoice = billed(api, customer, 330_000)
    before = len(api.event_types())
    statement = imported(api, SHOP, OTHER)
    assert statement["object"] == "seikyu.bank_statement"
    assert (statement["imported"], statement["matched"], statement["waiting"]) == (2, 1, 1)
    assert (statement["total"], statement["encoding"]) == (335_000, "cp932")
    assert statuses(api, invoice) == ["paid"]
    assert movements(api, customer) == [
        ("funded", 330_000, 330_000),
        ("applied_to_payment", -330_000, 0),
    ]
    assert api.event_types()[before:] == [
        "customer_cash_balance_transaction.created",
        "customer_cash_balance_transaction.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice.updated",
    ]
    matched, waiting = lines(api)
    assert (matched["status"], matched["customer"], matched["reason"]) == (
        "matched",
        customer,
        "same_name",
    )
    assert matched["booked_on"] == "2026-03-10"
    assert (waiting["status"], waiting["customer"]) == ("waiting", None)
    first = api.get(f"/v1/customers/{customer}/cash_balance_transactions")["data"][-1]
    assert first["id"] == matched["cash_balance_transaction"]
    assert first["funded"]["bank_transfer"]["jp_bank_transfer"]["sender_name"] == (
        "株式会社サンプルシヨウジ"
    )
    assert api.get(f"{PATH}/{statement['id']}") == statement
    assert api.ids(PATH) == [statement["id"]]
    assert [each["id"] for each in lines(api, "status=waiting")] == [waiting["id"]]
    assert api.get(f"{LINES}/{matched['id']}", "expand[]=customer")["customer"]["id"] == customer


def test_the_same_lines_again_bring_nothing(api: Caller) -> None:
    customer = shop(api)
    imported(api, SHOP)
    again = imported(api, SHOP, OTHER)
    assert (again["imported"], again["total"]) == (1, 5_000)
    assert [(each["line_number"], each["reason"]) for each in again["skipped"]] == [
        (2, "imported_before")
    ]
    assert balance(api, customer) == 330_000
    assert imported(api, SHOP, OTHER)["imported"] == 0
    assert len(lines(api)) == 2


def test_two_equal_transfers_of_one_day_are_two(api: Caller) -> None:
    customer = shop(api)
    second = Transfer(330_000, "ｶ)ｻﾝﾌﾟﾙｼﾖｳｼﾞ", number=2)
    invoice = billed(api, customer, 330_000)
    assert imported(api, SHOP, second)["matched"] == 2
    assert statuses(api, invoice) == ["paid"]
    assert balance(api, customer) == 330_000


def test_csv_may_come_as_text(api: Caller) -> None:
    customer = shop(api)
    text = "日付,入金額,摘要\n2026/03/02,1200,カ)サンプルショウジ\n"
    assert api.post(PATH, file=text)["format"] == "generic"
    assert balance(api, customer) == 1_200
    form = {
        "file": "いつ,いくら,だれ\n2026/03/03,700,カ)サンプルショウジ\n",
        "columns[date]": "いつ",
        "columns[deposit]": "いくら",
        "columns[payer]": "だれ",
    }
    api.post_form(PATH, form)
    assert balance(api, customer) == 1_900


def test_a_preview_says_what_would_happen_and_stores_nothing(api: Caller) -> None:
    customer = shop(api)
    invoice = billed(api, customer, 330_000)
    before = len(api.event_types())
    shown = api.post_form(PATH, {**sent(SHOP, OTHER), "preview": "true"})
    assert (shown["preview"], shown["imported"], shown["matched"]) == (True, 2, 1)
    told = [(each["amount"], each["customer"], each["reason"]) for each in shown["lines"]]
    assert told == [(330_000, customer, "same_name"), (5_000, None, None)]
    assert (lines(api), api.ids(PATH), statuses(api, invoice)) == ([], [], ["open"])
    assert len(api.event_types()) == before
    assert imported(api, SHOP, OTHER)["imported"] == 2


def test_a_person_says_whose_a_line_is_and_the_name_is_known_from_then_on(api: Caller) -> None:
    customer = api.customer(card=None)
    invoice = billed(api, customer, 5_000)
    imported(api, OTHER)
    (line,) = lines(api)
    after = api.post(f"{LINES}/{line['id']}/assign", customer=customer)
    assert (after["status"], after["customer"], after["reason"]) == ("matched", customer, "by_hand")
    assert statuses(api, invoice) == ["paid"]
    later = Transfer(700, "ｻﾝﾌﾟﾙ ﾀﾛｳ", day=date(2026, 3, 11))
    assert imported(api, later)["matched"] == 1
    assert balance(api, customer) == 700


def test_what_a_person_said_can_be_taken_back_while_the_money_is_there(api: Caller) -> None:
    wrong, right = api.customer(card=None), api.customer(card=None)
    imported(api, OTHER)
    (line,) = lines(api)
    path = f"{LINES}/{line['id']}"
    api.post(f"{path}/assign", customer=wrong)
    assert (
        "unassign it first" in api.refused(f"{path}/assign", {"customer": right}).error["message"]
    )
    assert "unassign it first" in api.refused(f"{path}/ignore").error["message"]
    back = api.post(f"{path}/unassign")
    assert (back["status"], back["customer"], back["cash_balance_transaction"]) == (
        "waiting",
        None,
        None,
    )
    assert movements(api, wrong) == [("funded", 5_000, 5_000), ("funding_reversed", -5_000, 0)]
    assert "nothing to take back" in api.refused(f"{path}/unassign").error["message"]
    invoice = billed(api, right, 5_000)
    api.post(f"{path}/assign", customer=right)
    assert statuses(api, invoice) == ["paid"]
    assert api.refused(f"{path}/unassign").error["code"] == "balance_insufficient"


def test_a_line_that_is_nobodys_money_is_ignored_until_somebody_claims_it(api: Caller) -> None:
    customer = api.customer(card=None)
    imported(api, OTHER)
    (line,) = lines(api)
    assert api.post(f"{LINES}/{line['id']}/ignore")["status"] == "ignored"
    assert len(lines(api, "status=ignored")) == 1
    api.post(f"{LINES}/{line['id']}/assign", customer=customer)
    assert balance(api, customer) == 5_000


def test_nobody_is_taken_for_the_payer_who_is_not_the_only_one(api: Caller) -> None:
    one, other = shop(api), shop(api)
    imported(api, SHOP)
    (line,) = lines(api)
    assert line["status"] == "waiting"
    assert {each["customer"] for each in line["candidates"]} == {one, other}
    assert {each["score"] for each in line["candidates"]} == {90}


def test_the_number_that_a_customer_was_told_says_who_paid(api: Caller) -> None:
    one, other = shop(api), shop(api)
    form = {
        "bank_transfer[type]": "jp_bank_transfer",
        "currency": "jpy",
        "funding_type": "bank_transfer",
    }
    for customer in (one, other):
        api.post_form(f"/v1/customers/{customer}/funding_instructions", form)
    imported(api, Transfer(800, "ｶ)ｻﾝﾌﾟﾙｼﾖｳｼﾞ", code="9990000002"))
    (line,) = lines(api)
    assert (line["customer"], line["reason"]) == (other, "virtual_account")
    assert balance(api, other) == 800


def test_money_of_a_customer_on_a_test_clock_comes_in_their_time(api: Caller) -> None:
    clock = api.post("/v1/test_helpers/test_clocks", frozen_time="1893456000")["id"]
    customer = shop(api, test_clock=clock)
    imported(api, SHOP)
    (movement,) = api.get(f"/v1/customers/{customer}/cash_balance_transactions")["data"]
    assert movement["created"] == 1_893_456_000


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (packed(transfers(SHOP, OTHER))[:500], "Line 3"),
        (packed(transfers(SHOP, OTHER)[:-2]), "cut off"),
        (packed(transfers(SHOP)).replace(b"000000330000", b"000000330001"), "download the file"),
        ("日付,入金額,摘要\n2026/03/02,1200,カ)サンプル\n".encode("euc_jp"), "neither Shift_JIS"),
        ("日付,入金額,摘要\n2026/03/02,1000000000000,サンプル\n".encode(), "more than 12 digits"),
        ("日付,入金額,摘要\n2026/02/30,1200,サンプル\n".encode(), "Line 2"),
        ("なに,これ\n1,2\n".encode(), "no known column names"),
        (b"\x00\x01\x02", "no text file"),
        (b" ", "empty"),
    ],
)
def test_a_bad_file_is_refused_as_a_whole(api: Caller, data: bytes, says: str) -> None:
    customer = shop(api)
    form = {"file_base64": base64.b64encode(data).decode()}
    for given in (form, {**form, "preview": "true"}):
        error = api.refused(PATH, given).error
        assert error["param"] == "file"
        assert says in error["message"]
    assert (lines(api), api.ids(PATH), balance(api, customer)) == ([], [], None)


@pytest.mark.parametrize(
    ("form", "param", "says"),
    [
        ({}, "file", "Missing required param"),
        ({"file": "a", "file_base64": "YQ=="}, "file", "only specify one"),
        ({"file_base64": "?"}, "file_base64", "Invalid base64"),
        ({"file": "a", "columns[who]": "x"}, "columns[who]", "unknown parameter"),
        ({"file": "a", "preview": "perhaps"}, "preview", "Invalid boolean"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(
    api: Caller, form: dict[str, str], param: str, says: str
) -> None:
    error = api.refused(PATH, form).error
    assert (error["param"], says in error["message"]) == (param, True), error


def test_lines_and_customers_must_be_there(api: Caller) -> None:
    imported(api, OTHER)
    (line,) = lines(api)
    gone = api.customer(card=None)
    api.send("DELETE", f"/v1/customers/{gone}")
    for customer in ("cus_none", gone):
        error = api.refused(f"{LINES}/{line['id']}/assign", {"customer": customer}).error
        assert (error["code"], error["param"]) == ("resource_missing", "customer")
    assert api.refused(f"{LINES}/bsl_none/ignore").status == 404
    assert api.send("GET", f"{LINES}/bsl_none").status == 404
    assert lines(api)[0]["status"] == "waiting"


def test_another_accounts_lines_are_not_ours(room: Room, api: Caller) -> None:
    imported(api, OTHER)
    (line,) = lines(api)
    stranger = room.account()
    assert stranger.refused(f"{LINES}/{line['id']}/ignore").status == 404
    assert imported(stranger, OTHER)["imported"] == 1


def test_the_same_key_imports_once(api: Caller) -> None:
    first = api.send("POST", PATH, form=sent(OTHER), idempotency_key="statement-1")
    again = api.send("POST", PATH, form=sent(OTHER), idempotency_key="statement-1")
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    assert len(lines(api)) == 1


def test_a_file_in_which_nothing_half_happens(api: Caller) -> None:
    """The last line would fill a balance beyond 12 digits: none of the file is taken."""
    customer = shop(api)
    rows = ("2026/03/02,1200", "2026/03/03,999999999999")
    text = "日付,入金額,摘要\n" + "".join(f"{row},カ)サンプルショウジ\n" for row in rows)
    error = api.refused(PATH, {"file": text}).error
    assert error["code"] == "amount_too_large"
    assert (lines(api), balance(api, customer)) == ([], None)
