"""Owing mails without a story around them: what a rule does, done by hand, for tests of the sending.

The invoice is made through the API; the mail about it is decided by `mailed` and stored as the door stores
it. In live mode there is no card processor yet, so stories there are told with invoices that are mailed.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

from sqlalchemy import create_engine, text

from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Context
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.mail import mailed
from seikyu.engine.billing.settings import Settings
from seikyu.engine.store.database import transaction
from seikyu.engine.store.keys import opened_by
from seikyu.engine.store.session import Session
from seikyu.engine.worker import Mailer, Server
from seikyu.engine.worker.post import Security
from tests.api.room import MAIL_SECONDS, Caller, Room
from tests.mailserver import MailServer


def owe(room: Room, key: str, kind: str, invoice_id: str, *, days: int | None = None) -> str:
    """Owe a mail about an invoice of the key's world; return the mail's id."""

    async def work() -> str:
        return await room.door.run(lambda: _owed(room, key, kind, invoice_id, days))

    return room.run(work())


def _owed(room: Room, key: str, kind: str, invoice_id: str, days: int | None) -> str:
    connection = room.database.connection()
    opened = opened_by(connection, key)
    assert opened is not None
    session = Session(connection, opened.world)
    invoice = session.get(Invoice, invoice_id)
    assert invoice is not None
    context = Context(
        livemode=opened.world.livemode,
        now=room.time(),
        system_now=room.time(),
        mint=room.door.engine.minter.mint,
        token=lambda: "token",
    )
    customer = session.get(Customer, invoice.customer_id)
    (mail,) = mailed(kind, invoice, customer, Settings(), context, days=days)
    with transaction(connection):
        session.save(mail, 1)
        session.flush()
    return mail.id


def mailed_invoice(api: Caller, *, amount: int = 12_000, **customer: str) -> str:
    """Finalize an invoice that is paid by its due date, without sending it."""
    given = {"name": "株式会社サンプル商事", "email": "keiri@example.jp", **customer}
    someone = api.customer(card=None, **given)
    invoice = api.draft(someone, amount, collection_method="send_invoice", days_until_due=30)
    api.post(f"/v1/invoices/{invoice}/finalize", auto_advance="false")
    return invoice


def as_given(**changes: object) -> Settings:
    """Settings with other mails switched on or off."""
    return dataclasses.replace(
        Settings(),
        mails=dataclasses.replace(Settings().mails, **changes),  # type: ignore[arg-type]
    )


# ── sending by hand ────────────────────────────────────────────────────────────────────────────


SENDER = "billing@example.jp"


def at(server: MailServer, security: Security = "none", **given: Any) -> Server:
    """How this server is reached."""
    return Server("127.0.0.1", server.port, security, given.pop("sender", SENDER), **given)


def send(room: Room, server: Server | None) -> int:
    """Let a mailer of its own do all that is due now; return how many mails it took up."""

    async def work() -> int:
        mailer = Mailer(room.door, server, timeout_seconds=MAIL_SECONDS)
        done = await mailer.deliver()
        await mailer.close()
        return done

    return room.run(work())


def shown(api: Caller, mail: str) -> Any:
    """The mail as the API shows it."""
    return api.get(f"/v1/seikyu/mails/{mail}")


def brief(api: Caller, mail: str) -> tuple[str, int, str | None]:
    """Status, attempts and last outcome."""
    told = shown(api, mail)
    return told["status"], told["attempts"], told["last_outcome"]


def owed(room: Room, api: Caller, kind: str = "invoice", **given: Any) -> str:
    """A mail about a new invoice."""
    return owe(room, api.key, kind, mailed_invoice(api, **given))


def failing(step: str, answer: str, times: int = 10_000) -> Callable[[str, str], str | None]:
    """A server that does this at one step, so many times, and is kind otherwise."""
    left = [times]

    def behave(now: str, _said: str) -> str | None:
        if now != step or left[0] == 0:
            return None
        left[0] -= 1
        return answer

    return behave


def forget_mails(room: Room) -> None:
    """Let no mail of another test wait."""
    engine = create_engine(room.database.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE mails SET next_attempt_at = NULL"))
    engine.dispose()
