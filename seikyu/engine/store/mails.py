"""Queries of mails: what is due, what became of it, and the lists of the API.

What changes a mail after it was decided is bookkeeping: claims and outcomes are written here, without a
version, as those of webhooks are. An outcome counts only for the attempt it belongs to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select, update

from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.mail import WAITING, Mail, MailBook
from seikyu.engine.billing.refusals import ObjectMissing
from seikyu.engine.store.database import Connection
from seikyu.engine.store.session import RECORDS, Session, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import mails

__all__ = [
    "FILTERS",
    "Mail",
    "Written",
    "any_due",
    "claim",
    "mail",
    "of_mail",
    "page",
    "record",
    "try_again_now",
]

FILTERS = {
    "customer": "customer_id",
    "invoice": "invoice_id",
    "kind": "kind",
    "status": "status",
}
"""The filters of the list, and the columns behind them."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a mail says. ``attachments`` are the names of its files."""

    subject: str
    text: str
    html: str
    attachments: tuple[str, ...]


_ANY_DUE = Statement(
    select(mails.c.id)
    .where(mails.c.next_attempt_at <= bindparam("now"))
    .order_by(mails.c.next_attempt_at)
    .limit(1)
)
_DUE = Statement(
    select(mails.c.world_id, *columns(Mail))
    .where(mails.c.next_attempt_at <= bindparam("now"))
    .order_by(mails.c.next_attempt_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_ONE = (mails.c.world_id == bindparam("of_world"), mails.c.id == bindparam("of_id"))
_LEASE = Statement(update(mails).values(next_attempt_at=bindparam("until")).where(*_ONE))
_OUTCOME: dict[str, Any] = {
    "status": bindparam("new_status"),
    "next_attempt_at": bindparam("again_at"),
    "attempts": bindparam("times"),
    "last_outcome": bindparam("outcome"),
    "sent_at": bindparam("sent"),
}
_WRITTEN: dict[str, Any] = {
    name: bindparam(f"new_{name}") for name in ("subject", "text", "html", "attachments")
}
_THIS_ATTEMPT = (*_ONE, mails.c.attempts == bindparam("before"))
_RECORD = Statement(update(mails).values(**_OUTCOME).where(*_THIS_ATTEMPT))
_RECORD_WRITTEN = Statement(update(mails).values(**_OUTCOME, **_WRITTEN).where(*_THIS_ATTEMPT))
_TRY_AGAIN_NOW = Statement(
    update(mails)
    .values(next_attempt_at=bindparam("now"))
    .where(
        mails.c.next_attempt_at.is_not(None),
        mails.c.status == bindparam("waiting"),
        mails.c.last_outcome == bindparam("outcome"),
    )
)


def any_due(connection: Connection, now: int) -> bool:
    """Say whether a mail waits for something to be done about it, without locking anything."""
    return bool(connection.rows(_ANY_DUE, now=now))


def claim(connection: Connection, now: int, most: int, lease: int) -> list[tuple[int, Mail]]:
    """Claim (world, mail) of what is due, earliest first, for ``lease`` seconds."""
    decode = RECORDS[Mail].codec.decode
    claimed = []
    for row in connection.rows(_DUE, now=now, most=most):
        world, mail = row[0], decode(tuple(row[1:]))
        connection.run(_LEASE, {"until": now + lease, "of_world": world, "of_id": mail.id})
        claimed.append((world, mail))
    return claimed


def record(
    connection: Connection,
    world: int,
    mail: Mail,
    status: str,
    outcome: str | None,
    *,
    again_at: int | None = None,
    sent_at: int | None = None,
    written: Written | None = None,
    attempted: bool = True,
) -> None:
    """Record what came of ``mail``, which is as it was claimed; ``attempted``: a server was asked.

    Nothing is recorded when another worker recorded an attempt meanwhile.
    """
    values: dict[str, Any] = {
        "of_world": world,
        "of_id": mail.id,
        "before": mail.attempts,
        "times": mail.attempts + attempted,
        "new_status": status,
        "again_at": again_at,
        "outcome": outcome,
        "sent": sent_at,
    }
    if written is None:
        connection.run(_RECORD, values)
        return
    encoded = RECORDS[Mail].codec.encode(Mail("", 0, "", "", "", attachments=written.attachments))
    values |= {
        "new_subject": written.subject,
        "new_text": written.text,
        "new_html": written.html,
        "new_attachments": encoded["attachments"],
    }
    connection.run(_RECORD_WRITTEN, values)


def try_again_now(connection: Connection, outcome: str, now: int) -> int:
    """Make every mail due that waits because of this outcome; return how many."""
    return connection.run(_TRY_AGAIN_NOW, {"outcome": outcome, "now": now, "waiting": WAITING})


def mail(session: Session, id: str) -> Mail | None:
    """Return a mail as it is now."""
    return session.get(Mail, id)


@lru_cache(maxsize=100)
def _page(filters: tuple[str, ...], cursor: str) -> Statement:
    query = select(*columns(Mail)).where(
        mails.c.world_id == bindparam("world"),
        *(mails.c[FILTERS[name]] == bindparam(f"v_{name}") for name in filters),
    )
    if cursor == "after":
        query = query.where(mails.c.id < bindparam("cursor"))
    if cursor == "before":
        query = query.where(mails.c.id > bindparam("cursor")).order_by(mails.c.id.asc())
    else:
        query = query.order_by(mails.c.id.desc())
    return Statement(query.limit(bindparam("most")))


def page(
    session: Session,
    given: Mapping[str, Any],
    *,
    limit: int,
    after: str | None = None,
    before: str | None = None,
) -> tuple[list[Mail], bool]:
    """Return up to ``limit`` mails, newest first, and whether there are more that way."""
    values: dict[str, Any] = {f"v_{name}": value for name, value in given.items()}
    cursor = "after" if after else "before" if before else ""
    if cursor:
        values["cursor"] = after or before
    statement = _page(tuple(given), cursor)
    found = session.all(Mail, statement, most=limit + 1, **values)
    shown = list(found[:limit])
    return (shown[::-1] if cursor == "before" else shown), len(found) > limit


def of_mail(session: Session, id: str | None, command: object) -> MailBook:
    """Load for the commands of ``billing.mail``. Raises ObjectMissing."""
    del command
    found = session.get(Mail, id)
    if found is None:
        raise ObjectMissing("seikyu.mail", id or "")
    customer = session.get(Customer, found.customer_id)
    return MailBook(found, customer, session.get(Invoice, found.invoice_id))
