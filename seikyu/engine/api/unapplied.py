"""Reads of unapplied payments: each with its age and the invoices that it could be applied to."""

from seikyu.engine.api.reading import Asking
from seikyu.engine.store import unapplied
from seikyu.engine.store.session import Session
from seikyu.engine.wire.errors import resource_missing
from seikyu.engine.wire.lists import envelope
from seikyu.engine.wire.objects.unapplied import unapplied_payment

TYPE = "seikyu.unapplied_payment"


def one(asking: Asking) -> bytes:
    """Return one payment; it is not found when it is not, or no longer, unapplied."""
    return _rendered(asking, _existing(asking.session, asking.ids[0]))


def page(asking: Asking) -> bytes:
    """Return a page, newest first."""
    after, before = asking.given.get("starting_after"), asking.given.get("ending_before")
    for param, cursor in (("starting_after", after), ("ending_before", before)):
        if cursor is not None:
            _existing(asking.session, cursor, param)
    found, more = unapplied.page(
        asking.session, asking.given, limit=asking.limit, after=after, before=before
    )
    bodies = [_rendered(asking, each) for each in found]
    return envelope(bodies, has_more=more, url=asking.url)


def _existing(session: Session, id: str, param: str | None = None) -> unapplied.Unapplied:
    found = session.get(unapplied.Unapplied, id)
    if found is None:
        raise resource_missing(TYPE, id, param)
    return found


def _rendered(asking: Asking, payment: unapplied.Unapplied) -> bytes:
    session = asking.session
    candidates = unapplied.candidates(session, payment)
    present = unapplied.present(session, payment, asking.now)
    return unapplied_payment(payment, candidates, present, asking.frame)
