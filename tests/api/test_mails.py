"""Mails on their way out, against a real mail server that is kind, refuses, hangs or hangs up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from seikyu.engine.worker import Mailer
from seikyu.engine.worker.post import Security
from tests.api.room import Caller, Room
from tests.mailing import (
    SENDER,
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
from tests.mailserver import DROP, HANG, MailServer, certificate

MINUTE, HOUR, DAY = 60, 3600, 86_400


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


# ── taken ──────────────────────────────────────────────────────────────────────────────────────


def test_a_mail_is_handed_over_and_recorded(room: Room, api: Caller, server: MailServer) -> None:
    mail = owed(room, api)
    assert send(room, at(server)) == 1
    (received,) = server.received
    assert (received.sender, received.recipient) == (SENDER, "keiri@example.jp")
    told = shown(api, mail)
    assert (told["status"], told["attempts"]) == ("sent", 1)
    assert told["last_outcome"] == "250 2.0.0 Ok: queued"
    assert (told["sent_at"], told["next_attempt_at"]) == (room.time(), None)
    assert told["subject"] == received.message["Subject"]
    assert told["attachments"] == [
        part.get_filename() for part in received.message.iter_attachments()
    ]
    room.time.pass_by(10 * DAY)
    assert send(room, at(server)) == 0
    assert len(server.received) == 1


def test_what_travels_is_text_and_html_and_a_pdf(
    room: Room, api: Caller, server: MailServer
) -> None:
    mail = owed(room, api)
    send(room, at(server))
    told, message = shown(api, mail), server.received[0].message
    assert server.received[0].content.isascii()
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().splitlines() == told["text"].splitlines()
    assert html.get_content().splitlines() == told["html"].splitlines()
    (pdf,) = message.iter_attachments()
    assert pdf.get_content_type() == "application/pdf"
    assert pdf.get_content().startswith(b"%PDF-")
    assert message["From"] == "株式会社サンプル <billing@example.jp>"
    assert message["To"] == "keiri@example.jp"
    assert message["Message-ID"] == f"<{mail}@example.jp>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.timestamp() == room.time()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_login_goes_over_an_encrypted_connection(
    room: Room, api: Caller, tmp_path: Path, security: Security
) -> None:
    own, trusting = certificate(tmp_path)
    login = {"user": "seikyu", "password": "not-a-real-password", "context": trusting}
    with MailServer(context=own, tls_at_once=security == "tls") as server:
        mail = owed(room, api)
        send(room, at(server, security, **login))
        assert brief(api, mail)[0] == "sent"
    (received,) = server.received
    assert (received.encrypted, received.user) == (True, "seikyu")


def test_a_server_that_cannot_encrypt_hears_no_password(room: Room, api: Caller) -> None:
    with MailServer() as plain:
        mail = owed(room, api)
        send(room, at(plain, "starttls", user="seikyu", password="not-a-real-password"))
        status, attempts, outcome = brief(api, mail)
    assert (status, attempts) == ("waiting", 1)
    assert outcome is not None
    assert "STARTTLS" in outcome
    assert not [said for said in plain.said if said.startswith(("AUTH", "MAIL"))]


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    room: Room, api: Caller, tmp_path: Path
) -> None:
    own, _ = certificate(tmp_path)
    with MailServer(context=own, tls_at_once=True) as server:
        mail = owed(room, api)
        send(room, at(server, "tls"))
        status, _, outcome = brief(api, mail)
    assert status == "waiting"
    assert outcome is not None
    assert "certificate" in outcome.lower()


# ── not taken, but perhaps later ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        ("RCPT", "450 4.7.1 greylisted, come again", "450 4.7.1 greylisted, come again"),
        ("end", "452 4.2.2 mailbox full", "452 4.2.2 mailbox full"),
        ("connect", "421 too busy", "421 too busy"),
        ("connect", "554 no service here", "554 no service here"),
        ("MAIL", "550 this sender may not send", "550 this sender may not send"),
        ("EHLO", DROP, "SMTPServerDisconnected"),
        ("middle", DROP, "SMTPServerDisconnected"),
        ("end", DROP, "SMTPServerDisconnected"),
        ("RCPT", HANG, "no answer within 1 s"),
        ("end", HANG, "no answer within 1 s"),
        ("connect", HANG, "no answer within 1 s"),
    ],
)
def test_trouble_that_may_pass_is_tried_again(
    room: Room, api: Caller, step: str, answer: str, outcome: str
) -> None:
    mail = owed(room, api)
    with MailServer(failing(step, answer, times=1)) as server:
        assert send(room, at(server)) == 1
        status, attempts, told = brief(api, mail)
        assert (status, attempts) == ("waiting", 1)
        assert told is not None
        assert told.startswith(outcome)
        assert shown(api, mail)["next_attempt_at"] == room.time() + 5
        assert server.received == []
        assert send(room, at(server)) == 0
        room.time.pass_by(5)
        assert send(room, at(server)) == 1
        assert brief(api, mail) == ("sent", 2, "250 2.0.0 Ok: queued")
        (received,) = server.received
        assert received.message["Message-ID"] == f"<{mail}@example.jp>"


def test_a_wrong_password_does_not_spoil_the_mails_of_a_day(
    room: Room, api: Caller, tmp_path: Path
) -> None:
    own, trusting = certificate(tmp_path)
    login = {"user": "seikyu", "password": "wrong", "context": trusting}
    with MailServer(failing("AUTH", "535 no", times=1), own) as server:
        mail = owed(room, api)
        send(room, at(server, "starttls", **login))
        assert brief(api, mail) == ("waiting", 1, "535 no")
        room.time.pass_by(5)
        send(room, at(server, "starttls", **{**login, "password": "right"}))
        assert brief(api, mail)[0] == "sent"


def test_one_that_nobody_listens_for_is_tried_for_three_days_with_growing_gaps(
    room: Room, api: Caller
) -> None:
    with MailServer() as gone:
        nobody = at(gone)
    mail = owed(room, api)
    began, moments = room.time(), []
    while (told := shown(api, mail))["status"] == "waiting":
        room.time.now = told["next_attempt_at"]
        moments.append(room.time() - began)
        send(room, nobody)
    assert moments == [0, 5, 35, 155, 755, 4355, 11555, 33155, 76355, 162755, 249155, 335555]
    assert (told["status"], told["next_attempt_at"]) == ("failed", None)
    assert told["last_outcome"].startswith("SMTPConnectError")


# ── refused for good ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("step", "answer"),
    [("RCPT", "550 5.1.1 no such user"), ("end", "554 5.7.1 this looks like spam")],
)
def test_what_is_refused_for_good_is_not_tried_again(
    room: Room, api: Caller, step: str, answer: str
) -> None:
    with MailServer(failing(step, answer)) as server:
        mail = owed(room, api)
        send(room, at(server))
        assert brief(api, mail) == ("failed", 1, answer)
        room.time.pass_by(4 * DAY)
        assert send(room, at(server)) == 0


def test_an_address_that_no_mail_can_have_fails_by_itself(
    room: Room, api: Caller, server: MailServer
) -> None:
    wrong = owed(room, api, email="請求<x>@example.jp")
    fine = owed(room, api, email="keiri@日本語.jp")
    assert send(room, at(server)) == 2
    assert brief(api, wrong)[0] == "failed"
    assert brief(api, fine)[0] == "sent"
    assert [each.recipient for each in server.received] == ["keiri@xn--wgv71a119e.jp"]


# ── one and the others ─────────────────────────────────────────────────────────────────────────


def test_one_recipient_on_whom_the_server_hangs_keeps_no_other_waiting(
    room: Room, api: Caller
) -> None:
    def behave(step: str, said: str) -> str | None:
        return HANG if step == "RCPT" and "slow@" in said else None

    with MailServer(behave) as server:
        slow = [owed(room, api, email=f"slow@{n}.example.jp") for n in range(3)]
        refused = owed(room, api, email="nobody@example.jp")
        quick = [owed(room, api, email=f"quick@{n}.example.jp") for n in range(15)]
        server.behaviour = lambda step, said: (
            "550 no" if step == "RCPT" and "nobody@" in said else behave(step, said)
        )
        assert send(room, at(server)) == 19
    assert {brief(api, mail)[0] for mail in quick} == {"sent"}
    assert {brief(api, mail)[2] for mail in slow} == {"no answer within 1 s"}
    assert brief(api, refused) == ("failed", 1, "550 no")


def test_two_workers_never_take_the_same_mail(room: Room, api: Caller, server: MailServer) -> None:
    for _ in range(12):
        owed(room, api)

    async def both() -> None:
        mailers = [Mailer(room.door, at(server), timeout_seconds=1) for _ in range(2)]
        for _ in range(10):
            for mailer in mailers:
                await mailer.turn()
        for mailer in mailers:
            await mailer.close()

    room.run(both())
    assert len(server.received) == 12
    assert len({each.message["Message-ID"] for each in server.received}) == 12


def test_a_worker_that_died_between_claim_and_sending_loses_nothing(
    room: Room, api: Caller, server: MailServer
) -> None:
    """Its lease ends; whoever comes then sends the same message."""
    mail = owed(room, api)

    async def die() -> None:
        mailer = Mailer(room.door, at(server), timeout_seconds=1)
        await room.door.run(mailer._claim)

    room.run(die())
    assert send(room, at(server)) == 0
    room.time.pass_by(119)
    assert send(room, at(server)) == 0
    room.time.pass_by(1)
    assert send(room, at(server)) == 1
    assert brief(api, mail)[:2] == ("sent", 1)
    assert len(server.received) == 1


def test_an_outcome_that_comes_after_the_lease_does_not_undo_what_others_recorded(
    room: Room, api: Caller, server: MailServer
) -> None:
    mail = owed(room, api)

    async def late() -> None:
        slow = Mailer(room.door, at(server), timeout_seconds=1)
        ((world, claimed),) = await room.door.run(slow._claim)
        room.time.pass_by(121)
        quick = Mailer(room.door, at(server), timeout_seconds=1)
        await quick.deliver()
        server.behaviour = failing("RCPT", "550 late")
        await slow._work(world, claimed)
        await slow.close()

    room.run(late())
    assert brief(api, mail) == ("sent", 1, "250 2.0.0 Ok: queued")


# ── no server, and what is pointless ───────────────────────────────────────────────────────────


def test_without_a_mail_server_a_mail_waits_for_one_and_says_so(
    room: Room, api: Caller, server: MailServer
) -> None:
    mail = owed(room, api)
    send(room, None)
    told = shown(api, mail)
    assert (told["status"], told["attempts"]) == ("waiting", 0)
    assert told["last_outcome"] == "no mail server is set (SEIKYU_SMTP_URL)"
    assert told["subject"].startswith("請求書 ")
    room.time.pass_by(MINUTE)
    assert send(room, at(server)) == 1
    assert brief(api, mail)[0] == "sent"


def test_a_mail_server_that_is_set_after_three_days_sends_nothing_of_the_past(
    room: Room, api: Caller, server: MailServer
) -> None:
    mail = owed(room, api)
    for _ in range(3 * 24 + 2):
        send(room, None)
        room.time.pass_by(HOUR)
    assert brief(api, mail) == ("failed", 0, "no mail server is set (SEIKYU_SMTP_URL)")
    assert send(room, at(server)) == 0


def test_a_reminder_of_an_invoice_that_is_not_open_any_more_is_dropped(
    room: Room, api: Caller, server: MailServer
) -> None:
    invoice = mailed_invoice(api)
    mail = owe(room, api.key, "reminder", invoice, days=3)
    with MailServer(failing("RCPT", "450 later")) as busy:
        send(room, at(busy))
    api.post(f"/v1/invoices/{invoice}/pay", paid_out_of_band="true")
    room.time.pass_by(5)
    send(room, at(server))
    outcome = "the invoice is not open any more: it is paid"
    assert brief(api, mail) == ("dropped", 1, outcome)
    assert not [one for one in server.received if mail in one.message["Message-ID"]]
