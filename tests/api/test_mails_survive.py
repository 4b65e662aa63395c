"""What a killed server had not mailed is mailed by the next one, under the same message id."""

import time
from typing import Any

from sqlalchemy import create_engine, text

from tests.api.room import Caller
from tests.mailserver import HANG, MailServer
from tests.servers import Installation, free_port

WAIT_SECONDS = 20


def test_a_mail_whose_server_was_killed_in_the_middle_of_it_arrives_once(
    installation: Installation,
) -> None:
    """The mail server hangs while ours dies; the lease on the mail ends, and it is sent again."""
    key = installation.create_account()["live_secret_key"]
    port = free_port()
    with MailServer(lambda step, _said: HANG if step == "RCPT" else None) as mails:
        installation.extra = {
            "SEIKYU_SMTP_URL": f"smtp://127.0.0.1:{mails.port}",
            "SEIKYU_MAIL_FROM": "billing@example.jp",
        }
        server = installation.serve(port=port)
        api = Caller(server.base, key)
        customer = api.customer(card=None, email="keiri@example.jp")
        invoice = api.draft(customer, collection_method="send_invoice", days_until_due=30)
        api.post(f"/v1/invoices/{invoice}/send")
        (mail,) = api.ids("/v1/seikyu/mails")
        _wait_for(lambda: any(said.startswith("RCPT") for said in mails.said))
        server.kill()
        mails.behaviour = lambda step, _said: None
        _end_leases(installation)
        server = installation.serve(port=port)
        _wait_for(lambda: api.get(f"/v1/seikyu/mails/{mail}")["status"] == "sent")
        assert server.stop() == 0
    (received,) = mails.received
    assert received.message["Message-ID"] == f"<{mail}@example.jp>"
    (attached,) = received.message.iter_attachments()
    assert attached.get_content().startswith(b"%PDF-")


def test_an_address_that_cannot_be_used_ends_the_program_at_its_start(
    sqlite_installation: Installation,
) -> None:
    sqlite_installation.extra = {"SEIKYU_SMTP_URL": "mail.example.jp"}
    done = sqlite_installation.seikyu("serve", "--port", str(free_port()))
    assert done.returncode != 0
    assert "SEIKYU_SMTP_URL does not begin with smtps://" in done.stderr


def _wait_for(condition: Any) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _end_leases(installation: Installation) -> None:
    """Let the two minutes pass after which a mail that nobody finished is taken up again."""
    url = installation.database_url or f"sqlite:///{installation.data_dir / 'seikyu.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE mails SET next_attempt_at = 1 WHERE status = 'waiting'"))
    engine.dispose()
