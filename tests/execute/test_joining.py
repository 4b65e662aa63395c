"""Many due at once are worked on together; nothing may come of it but speed."""

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from seikyu.engine.execute import joining
from tests.api.room import Caller, Room, running_room

HOUR = 3600
SOMETHING_RANDOM = re.compile(
    r"\b[a-z]+_[0-9A-Za-z]{14,24}(?:_secret_\w+)?\b|\b[0-9A-Z]{8}\b(?=-\d{4})|/i/\w+"
    r"|(?<=\"invoice_prefix\": \")\w+"
)


def prepared(room: Room) -> tuple[Caller, list[str]]:
    """An account with customers of all kinds, and drafts of theirs that are due in an hour."""
    api = room.account()
    api.post_form(
        "/v1/webhook_endpoints", {"url": "http://127.0.0.1:9/", "enabled_events[]": "invoice.paid"}
    )
    plain = [api.customer() for _ in range(3)]
    declined = api.customer("pm_card_chargeCustomerFail")
    without_card = api.customer(None)
    in_credit = api.customer(balance=-5_000)
    drafts = [api.draft(each, auto_advance="true") for each in (*plain, declined, without_card)]
    # One customer's come after each other: the first takes the credit that the second cannot have.
    drafts += [api.draft(in_credit, amount, auto_advance="true") for amount in (3_000, 4_000, 700)]
    mailed: dict[str, Any] = {
        "collection_method": "send_invoice",
        "days_until_due": 30,
        "auto_advance": "true",
    }
    drafts += [api.draft(api.customer(email="a@example.com"), **mailed) for _ in range(2)]
    drafts.append(api.draft(plain[0], 500, auto_advance="true"))
    return api, drafts


def become(room: Room) -> tuple[list[Any], list[Any], list[Any]]:
    """Let the hour pass; return the invoices, the events of each customer, and the mails."""
    api, drafts = prepared(room)
    customers = [api.get(f"/v1/invoices/{id}")["customer"] for id in drafts]
    room.time.pass_by(HOUR)
    room.drain()
    shown = [api.get(f"/v1/invoices/{id}") for id in drafts]
    owner = dict(zip(drafts, customers, strict=True))
    events: list[dict[str, Any]] = []
    page = api.get("/v1/events", "limit=100")
    while True:
        events += page["data"]
        if not page["has_more"]:
            break
        page = api.get("/v1/events", f"limit=100&starting_after={events[-1]['id']}")
    told = [(_whose(event["data"]["object"], owner), event) for event in reversed(events)]
    told.sort(key=lambda each: each[0])
    by_customer = [[event for _, event in group] for _, group in groupby(told, lambda e: e[0])]
    mails = api.get("/v1/seikyu/mails", "limit=100")["data"]
    return shown, by_customer, sorted(mails, key=lambda mail: drafts.index(mail["invoice"]))


def _whose(shown: dict[str, Any], owner: dict[str, str]) -> str:
    if shown["object"] == "customer":
        return str(shown["id"])
    if shown.get("customer"):
        return str(shown["customer"])
    return owner.get(shown.get("invoice", ""), "")


def without_chance(value: Any) -> str:
    """Return the value as text, with every id, key and prefix named by its place among all of them."""
    names: dict[str, str] = {}
    written = json.dumps(value, ensure_ascii=False, indent=1)
    return SOMETHING_RANDOM.sub(lambda found: names.setdefault(found[0], f"#{len(names)}"), written)


def test_together_comes_of_each_what_comes_of_it_alone(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_room(database_url) as room:
        together = become(room)
    monkeypatch.setattr(joining, "FEWEST", 1_000)
    with running_room(f"sqlite:///{tmp_path / 'alone.db'}") as room:
        alone = become(room)
    assert without_chance(together) == without_chance(alone)
    invoices, _, mails = together
    assert [invoice["status"] for invoice in invoices] == [
        *("paid", "paid", "paid", "open", "open"),
        *("paid", "paid", "paid", "open", "open", "paid"),
    ]
    assert [invoice["ending_balance"] for invoice in invoices][5:8] == [-2_000, 0, 0]
    assert len(mails) == 2


def test_numbers_of_the_account_are_counted_one_after_the_other(database_url: str) -> None:
    """The counter is read by each order: it must see what the one before it wrote."""
    with running_room(database_url) as room:
        api = room.account()
        counted = {"numbering[scheme]": "account", "numbering[prefix]": "SAMPLE"}
        api.post_form("/v1/seikyu/settings", counted)
        drafts = [api.draft(api.customer(), auto_advance="true") for _ in range(5)]
        room.time.pass_by(HOUR)
        room.drain()
        numbers = [api.get(f"/v1/invoices/{id}")["number"] for id in drafts]
        assert numbers == [f"SAMPLE-000{place}" for place in range(1, 6)]


def test_a_row_that_cannot_be_read_keeps_none_of_the_others(
    database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with running_room(database_url) as room:
        api = room.account()
        drafts = [api.draft(api.customer(), auto_advance="true") for _ in range(5)]
        broken = "UPDATE invoices SET details = '{' WHERE id = :id"
        _run(database_url, broken, id=drafts[2])
        room.time.pass_by(HOUR)
        room.drain()
        statuses = [api.get(f"/v1/invoices/{id}")["status"] for id in drafts]
        assert statuses == ["paid", "paid", "draft", "paid", "paid"]
        mended = "UPDATE invoices SET details = '{}' WHERE id = :id"
        _run(database_url, mended, id=drafts[2])
        room.time.pass_by(HOUR)
        room.drain()
        assert api.get(f"/v1/invoices/{drafts[2]}")["status"] == "paid"
    assert "order failed" in capsys.readouterr().out


def test_a_number_that_is_taken_keeps_none_of_the_others(database_url: str) -> None:
    """The database says so only when all are stored: then each is tried alone."""
    with running_room(database_url) as room:
        api = room.account()
        customers = [api.customer() for _ in range(4)]
        prefix = api.get(f"/v1/customers/{customers[1]}")["invoice_prefix"]
        taken = api.draft(customers[0])
        _run(
            database_url,
            "UPDATE invoices SET number = :number WHERE id = :id",
            number=f"{prefix}-0001",
            id=taken,
        )
        drafts = [api.draft(each, auto_advance="true") for each in customers]
        room.time.pass_by(HOUR)
        room.drain()
        statuses = [api.get(f"/v1/invoices/{id}")["status"] for id in drafts]
        assert statuses == ["paid", "draft", "paid", "paid"]
        _run(database_url, "UPDATE invoices SET number = NULL WHERE id = :id", id=taken)


def _run(url: str, sql: str, **values: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        assert connection.execute(text(sql), values).rowcount == 1
    engine.dispose()
