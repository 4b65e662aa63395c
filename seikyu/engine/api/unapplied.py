"""Reads of unapplied payments: each with its age and the invoices that it could be applied to."""

from collections.abc import Mapping
from typing import Any

from seikyu.engine.store import unapplied
from seikyu.engine.store.session import Session
from seikyu.engine.wire.errors import resource_missing
from seikyu.engine.wire.lists import envelope
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.unapplied import unapplied_payment

TYPE = "seikyu.unapplied_payment"


def one(session: Session, id: str, now: int) -> bytes:
    """Return one payment. Raises WireError 404 when it is not, or no longer, unapplied."""
    return _rendered(session, _existing(session, id), now)


def listed(session: Session, given: Mapping[str, Any], url: str, now: int) -> bytes:
    """Return a page, newest first. ``now``: the system's time, in Unix seconds."""
    after, before = given.get("starting_after"), given.get("ending_before")
    for param, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None:
            _existing(session, cursor, param)
    found, more = unapplied.page(session, given, limit=given["limit"], after=after, before=before)
    bodies = [_rendered(session, each, now) for each in found]
    return envelope(bodies, has_more=more, url=url)


def _existing(session: Session, id: str, param: str | None = None) -> unapplied.Unapplied:
    found = session.get(unapplied.Unapplied, id)
    if found is None:
        raise resource_missing(TYPE, id, param)
    return found


def _rendered(session: Session, payment: unapplied.Unapplied, now: int) -> bytes:
    frame = Frame(session.world.account, session.world.livemode, "")
    candidates = unapplied.candidates(session, payment)
    return unapplied_payment(payment, candidates, unapplied.present(session, payment, now), frame)
