"""What proves cash balances: the audit finds any change behind the door, and nobody's money comes twice."""

import base64
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.api.cash import balance, billed, funded, movements, statuses, transfer
from tests.api.room import Caller, Room, running_room
from tests.statements.files import Transfer, packed, transfers

LINES = "/v1/seikyu/bank_statement_lines"

SPENT_TWICE = (
    "UPDATE cash_movements SET net_amount = net_amount - 1 "
    "WHERE id IN (SELECT MIN(id) FROM cash_movements WHERE customer_id = :other)"
)
SHOWN_WRONGLY = (
    "UPDATE cash_balances SET available = REPLACE(available, '0', '1') WHERE customer_id = :other"
)


def file_of(*given: Transfer) -> dict[str, str]:
    """A form with a Zengin file."""
    return {"file_base64": base64.b64encode(packed(transfers(*given))).decode()}


def busy(api: Caller) -> dict[str, str]:
    """Fund, pay, hold, give back, return, import; return the ids by name."""
    customer = api.customer(card=None, name="サンプルショウジ")
    billed(api, customer, 8_000)
    funded(api, customer, 8_500)
    held = transfer(api, customer, 3_000)["id"]
    funded(api, customer, 400)
    api.post_form("/v1/seikyu/bank_statements", file_of(Transfer(50, "ｻﾝﾌﾟﾙｼﾖｳｼﾞ")))
    form = {"origin": "customer_balance", "customer": customer, "currency": "jpy"}
    other = api.customer(card=None)
    funded(api, other, 700)
    api.post_form("/v1/refunds", {**form, "customer": other, "amount": "300"})
    (line,) = api.ids(LINES)
    return {"customer": customer, "other": other, "payment": held, "line": line}


def test_whatever_money_does_adds_up(room: Room, api: Caller) -> None:
    ids = busy(api)
    assert balance(api, ids["customer"]) == 0
    assert balance(api, ids["other"]) == 400
    assert room.audited() == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (SPENT_TWICE, "cash movement ending_balance"),
        ("DELETE FROM postings WHERE kind = 'funded' AND customer_id = :other", "cash balance"),
        (SHOWN_WRONGLY, "cash balance available"),
        (
            "UPDATE payment_intents SET amount_funded = amount_funded - 1 WHERE id = :payment",
            "payment amount_funded",
        ),
        (
            "UPDATE bank_statement_lines SET status = 'waiting' WHERE id = :line",
            "statement line funded",
        ),
        (
            "UPDATE cash_movements SET line_id = NULL WHERE line_id = :line",
            "statement line funded",
        ),
    ],
)
def test_what_was_changed_behind_the_door_is_found(tmp_path: Path, change: str, what: str) -> None:
    url = f"sqlite:///{tmp_path / 'seikyu.db'}"
    with running_room(url, sound=False) as room:
        ids = busy(room.account())
        assert room.audited() == []
        named = {name: id for name, id in ids.items() if f":{name}" in change}
        database = create_engine(url)
        with database.begin() as connection:
            assert connection.execute(text(change), named).rowcount >= 1
        database.dispose()
        assert what in {each.what for each in room.audited()}


def at_once(*tasks: Callable[[], Any]) -> list[Any]:
    """Do all of it at the same time; return what each came to."""
    results: list[Any] = [None] * len(tasks)

    def carry(place: int) -> None:
        results[place] = tasks[place]()

    threads = [threading.Thread(target=carry, args=(place,)) for place in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def test_transfers_that_come_at_the_same_moment_are_all_counted(room: Room, api: Caller) -> None:
    customer = api.customer(card=None)
    invoices = [billed(api, customer, 1_000 + place) for place in range(4)]
    path = f"/v1/test_helpers/customers/{customer}/fund_cash_balance"

    def fund(amount: int, key: str) -> Callable[[], int]:
        caller = Caller(api.base, api.key)
        form = {"amount": amount, "currency": "jpy"}
        return lambda: caller.send("POST", path, form=form, idempotency_key=key).status

    tasks = [fund(1_000 + place, f"transfer-{place}") for place in range(4)]
    again = [fund(1_000 + place, f"transfer-{place}") for place in range(4)]
    told = at_once(*tasks, *again)
    assert set(told) <= {200, 409, 429}
    for place, task in enumerate(tasks):
        if told[place] != 200:
            assert task() == 200
    assert statuses(api, *invoices) == ["paid"] * 4
    assert len([each for each in movements(api, customer) if each[0] == "funded"]) == 4
    assert balance(api, customer) == 0
    assert room.audited() == []


def test_one_file_imported_twice_at_the_same_moment_counts_once(room: Room, api: Caller) -> None:
    customer = api.customer(card=None, name="サンプルショウジ")
    form = file_of(*(Transfer(100 + n, "ｻﾝﾌﾟﾙｼﾖｳｼﾞ", number=n + 1) for n in range(20)))

    def send() -> Callable[[], Any]:
        caller = Caller(api.base, api.key)
        return lambda: caller.send("POST", "/v1/seikyu/bank_statements", form=form)

    told = at_once(*(send() for _ in range(4)))
    imported = [each.body.get("imported", 0) for each in told]
    assert sorted(imported) == [0, 0, 0, 20], [each.body for each in told]
    assert all(each.status == 200 or each.error["message"] for each in told)
    assert balance(api, customer) == sum(range(100, 120))
    assert room.audited() == []
