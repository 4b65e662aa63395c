"""Mails through the API: listed, shown, resent; captured in test mode; and what begins them."""

from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from tests.api.room import Caller, Room
from tests.mailing import (
    at,
    brief,
    failing,
    forget_mails,
    mailed_invoice,
    owe,
    owed,
    send,
    shown,
)
from tests.mailserver import MailServer

DAY = 86_400


@pytest.fixture
def room(room: Room) -> Room:
    """The file's engine, in which no mail of another test waits."""
    forget_mails(room)
    return room


@pytest.fixture
def api(room: Room) -> Iterator[Caller]:
    """Somebody with the live key of a new account: mails of the live mode are sent."""
    caller = Caller(room.base, room.keys()[True, "secret"])
    yield caller
    caller.client.close()


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A kind mail server."""
    with MailServer() as running:
        yield running


# ── test mode ──────────────────────────────────────────────────────────────────────────────────


def test_in_test_mode_mails_are_captured_and_never_sent(room: Room, server: MailServer) -> None:
    tester = room.account()
    mail = owed(room, tester)
    send(room, at(server))
    told = shown(tester, mail)
    assert (told["status"], told["attempts"], told["sent_at"]) == ("captured", 0, None)
    assert told["last_outcome"] == "test mode: written and not sent"
    assert told["attachments"] == [f"Invoice-{told['subject'].split()[1]}.pdf"]
    assert "テストモード" in told["text"]
    assert server.said == []


def test_a_captured_mail_shows_its_own_moment(room: Room) -> None:
    """The worker comes to it when the invoice has been paid: it still asks for the money."""
    tester = room.account()
    invoice = mailed_invoice(tester)
    room.time.pass_by(33 * DAY)
    mail = owe(room, tester.key, "reminder", invoice, days=3)
    tester.post(f"/v1/invoices/{invoice}/pay", paid_out_of_band="true")
    room.time.pass_by(DAY)
    send(room, None)
    told = shown(tester, mail)
    assert told["status"] == "captured"
    assert "期限超過" in told["text"]
    assert "¥12,000" in told["text"]


# ── the API ────────────────────────────────────────────────────────────────────────────────────


def test_mails_are_listed_newest_first_and_filtered(room: Room) -> None:
    tester = room.account()
    first, second = mailed_invoice(tester), mailed_invoice(tester)
    a = owe(room, tester.key, "invoice", first)
    b = owe(room, tester.key, "reminder", second, days=-3)
    c = owe(room, tester.key, "invoice", second)
    path = "/v1/seikyu/mails"
    assert tester.ids(path) == [c, b, a]
    assert tester.ids(path, f"invoice={second}") == [c, b]
    assert tester.ids(path, "kind=invoice") == [c, a]
    assert tester.ids(path, f"kind=invoice&invoice={first}&status=captured") == [a]
    assert tester.ids(path, "status=failed") == []
    customer = tester.get(f"/v1/invoices/{first}")["customer"]
    assert tester.ids(path, f"customer={customer}") == [a]
    page = tester.get(path, "limit=2")
    assert (page["object"], page["has_more"], page["url"]) == ("list", True, path)
    assert tester.ids(path, f"starting_after={b}") == [a]
    assert tester.ids(path, f"ending_before={b}") == [c]
    assert "html" not in page["data"][0]
    assert page["data"][0]["object"] == "seikyu.mail"


def test_a_mail_can_be_expanded_and_is_nobody_elses(room: Room) -> None:
    tester = room.account()
    invoice = mailed_invoice(tester)
    mail = owe(room, tester.key, "invoice", invoice)
    path = f"/v1/seikyu/mails/{mail}"
    assert tester.get(path, "expand[]=invoice")["invoice"]["id"] == invoice
    listed = tester.get("/v1/seikyu/mails", "expand[]=data.customer")["data"][0]
    assert listed["customer"]["object"] == "customer"
    assert room.account().send("GET", path).status == 404
    assert tester.send("GET", "/v1/seikyu/mails/in_1").status == 404
    assert tester.send("GET", "/v1/seikyu/mails", query="kind=letter").status == 400


def test_a_mail_is_sent_once_more_through_the_api(
    room: Room, api: Caller, server: MailServer
) -> None:
    mail = owed(room, api)
    server.behaviour = failing("RCPT", "550 5.1.1 no such user", times=1)
    send(room, at(server))
    assert brief(api, mail)[0] == "failed"
    path = f"/v1/seikyu/mails/{mail}/resend"
    again = api.send("POST", path, form={"to": "new@example.jp"}, idempotency_key=mail).body
    assert (again["resend_of"], again["to"]) == (mail, "new@example.jp")
    assert (again["status"], again["subject"]) == ("waiting", None)
    repeated = api.send("POST", path, form={"to": "new@example.jp"}, idempotency_key=mail)
    assert repeated.body == again
    send(room, at(server))
    assert brief(api, again["id"]) == ("sent", 1, "250 2.0.0 Ok: queued")
    assert brief(api, mail)[0] == "failed"
    assert [one.recipient for one in server.received] == ["new@example.jp"]
    assert api.refused(path, {"to": "nobody"}).error["param"] == "to"
    assert api.refused("/v1/seikyu/mails/mail_none/resend").status == 404


def test_the_official_sdk_reaches_mails_by_raw_requests(room: Room) -> None:
    tester = room.account()
    mail = owed(room, tester)
    client = stripe.StripeClient(
        tester.key, base_addresses={"api": room.base}, max_network_retries=0
    )
    answer = client.raw_request("get", "/v1/seikyu/mails", kind="invoice")
    listed: Any = client.deserialize(answer, api_mode="V1")
    assert [one.id for one in listed.data] == [mail]


# ── what begins it ─────────────────────────────────────────────────────────────────────────────


def test_sending_an_invoice_writes_the_mail_at_once(room: Room, server: MailServer) -> None:
    tester = room.account()
    invoice = mailed_invoice(tester)
    tester.post(f"/v1/invoices/{invoice}/send")
    room.drain()
    (mail,) = tester.get("/v1/seikyu/mails", f"invoice={invoice}")["data"]
    assert (mail["kind"], mail["status"]) == ("invoice", "captured")
    assert mail["subject"].startswith("請求書 ")


def test_a_year_passes_in_one_call_and_each_mail_shows_its_own_moment(room: Room) -> None:
    """Sent on 1 March, due on the 31st, reminded on days 3, 5 and 14, paid on day 10 after due."""
    tester = room.account()
    clock = tester.post("/v1/test_helpers/test_clocks", frozen_time=room.time())["id"]
    someone = tester.customer(card=None, email="keiri@example.jp", test_clock=clock)
    invoice = tester.draft(
        someone, collection_method="send_invoice", days_until_due=30, auto_advance="true"
    )
    tester.post(f"/v1/invoices/{invoice}/send")
    due = tester.get(f"/v1/invoices/{invoice}")["due_date"]
    _advance(room, tester, clock, due + 10 * DAY)
    tester.post(f"/v1/invoices/{invoice}/pay", paid_out_of_band="true")
    _advance(room, tester, clock, due + 400 * DAY)
    told = tester.get("/v1/seikyu/mails", f"invoice={invoice}")["data"][::-1]
    assert [(each["kind"], each["days"], (each["created"] - due) // DAY) for each in told] == [
        ("invoice", None, -30),
        ("reminder", 3, 3),
        ("reminder", 5, 5),
    ]
    assert {each["status"] for each in told} == {"captured"}
    for reminder in told[1:]:
        assert "期限超過" in shown(tester, reminder["id"])["text"]


def _advance(room: Room, tester: Caller, clock: str, to: int) -> None:
    tester.post(f"/v1/test_helpers/test_clocks/{clock}/advance", frozen_time=to)
    room.drain()
    assert tester.get(f"/v1/test_helpers/test_clocks/{clock}")["status"] == "ready"


def test_a_failed_charge_says_when_it_is_tried_again(room: Room) -> None:
    tester = room.account()
    clock = tester.post("/v1/test_helpers/test_clocks", frozen_time=room.time())["id"]
    someone = tester.customer(
        card="pm_card_chargeCustomerFail", email="keiri@example.jp", test_clock=clock
    )
    invoice = tester.draft(someone, auto_advance="true")
    _advance(room, tester, clock, room.time() + 2 * 3600)
    told = tester.get("/v1/seikyu/mails", f"invoice={invoice}")["data"]
    assert [each["kind"] for each in told] == ["payment_failed"]
    text = shown(tester, told[0]["id"])["text"]
    assert "2026年3月2日に、ご登録のお支払い方法へもう一度請求いたします。" in text


def test_a_paid_invoice_gets_its_receipt(room: Room) -> None:
    tester = room.account()
    someone = tester.customer(email="keiri@example.jp")
    invoice = tester.draft(someone)
    tester.post(f"/v1/invoices/{invoice}/pay")
    room.drain()
    told = tester.get("/v1/seikyu/mails", f"invoice={invoice}")["data"]
    assert [each["kind"] for each in told] == ["receipt"]
    (number,) = {tester.get(f"/v1/invoices/{invoice}")["number"]}
    assert told[0]["attachments"] == [f"Receipt-{number}.pdf"]


@pytest.mark.parametrize("kind", ["receipt", "finalized_invoice"])
def test_what_is_switched_off_is_not_written(room: Room, kind: str) -> None:
    tester = room.account()
    tester.post_form("/v1/seikyu/settings", {f"mails[{kind}]": "false"})
    someone = tester.customer(email="keiri@example.jp")
    invoice = tester.draft(someone)
    tester.post(f"/v1/invoices/{invoice}/pay")
    room.drain()
    told = tester.get("/v1/seikyu/mails", f"invoice={invoice}")["data"]
    assert [each["kind"] for each in told] == ([] if kind == "receipt" else ["receipt"])
