"""Saving a decision: rows, the bodies that are shown from now on, events, deliveries.

Every distinct state of an object that a decision announces gets a version of its own, so that each
event shows the object as it was; the row keeps the last. Objects are rendered once, here.
"""

from collections.abc import Callable, Iterable
from typing import Any

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Announcement, Context, Decision, Record
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.mail import Mail
from seikyu.engine.billing.settings import Settings
from seikyu.engine.billing.subscription import Subscription
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.billing.webhook_endpoint import Resend, WebhookEndpoint, listens
from seikyu.engine.execute.indexing import note
from seikyu.engine.execute.orders import Origin, Owes
from seikyu.engine.store import deliveries, due, journal
from seikyu.engine.store.journal import EventRow
from seikyu.engine.store.session import Session
from seikyu.engine.wire.objects import (
    Frame,
    Rendered,
    item_page,
    line_page,
    previous_attributes,
    shown,
)

GONE = b""
"""The body of an object that was deleted for good: there is nothing to show."""


class Saving:
    """One decision on its way into one session."""

    def __init__(self, session: Session, frame: Frame, decision: Decision) -> None:
        """Nothing is written yet."""
        self.session = session
        self.frame = frame
        self.decision = with_pages(decision, frame)
        self.bodies: dict[tuple[str, int], bytes] = {}
        self._versions: dict[int, int] = {}
        self._final: dict[str, Record] = {}
        self._rendered: Rendered = {}

    def write(self, context: Context, origin: Origin | None) -> Owes | None:
        """Store everything. Returns what must be acted on at once, None for nothing."""
        decision = self.decision
        self._number_states()
        again = False
        for record in self._final.values():
            if isinstance(record, Resend):
                deliveries.resend(self.session, record.id, record.endpoints, context.system_now)
                again = True
            else:
                self.session.save(record, self._versions[id(record)])
                note(self.session, record, self._versions[id(record)])
        for record in decision.deletes:
            self._delete(record, context.system_now)
        again = self._let_go(context.system_now) or again
        for (object_id, version), body in self.bodies.items():
            self.session.keep(object_id, version, body, context.system_now)
        if any(isinstance(record, Settings) for record in self._final.values()):
            due.wake_all(self.session)
        owed = self._announce(context, origin) or again
        action = any(acts_now(record, context.system_now) for record in self._final.values())
        mails = any(type(record) is Mail for record in self._final.values())
        return Owes(owed, action, mails) if owed or action or mails else None

    def answer(self, view: str | None = None) -> tuple[str, int, bytes]:
        """Return id, version and body of the object to answer with. ``view``: see Order."""
        record: Any = self.decision.answer
        object_id = record.id
        if view == "line_item" and isinstance(record, Line) and record.line_id:
            object_id = record.line_id
        version = self._versions.get(id(record), record.version)
        body = self.bodies.get((object_id, version))
        if body is None:
            body = self.session.show(object_id) or GONE
        return object_id, version, body

    def body_of(self, kind: type) -> bytes | None:
        """Return the last body of the first saved record of a class, for what errors embed."""
        for record in self._final.values():
            if isinstance(record, kind):
                return self.bodies.get((record.id, self._versions[id(record)]))
        return None

    def _number_states(self) -> None:
        """Give each state its version and body: announced states first, the stored one last."""
        self._final = {record.id: record for record in self.decision.saves}
        next_version: dict[str, int] = {}
        announced = (a.record for a in self.decision.announcements)
        states: Iterable[Record] = (*announced, *self._final.values())
        for record in states:
            final = self._final.get(record.id)
            if final is None or id(record) in self._versions:
                continue
            version = next_version.get(record.id, final.version) + 1
            next_version[record.id] = version
            self._versions[id(record)] = version
            for object_id, body in shown(record, self.frame, self._rendered):
                self.bodies[object_id, version] = body

    def _let_go(self, now: int) -> bool:
        """Let drafts wait no longer for endpoints to which nothing is sent from now on."""
        closed = [
            record
            for record in (*self._final.values(), *self.decision.deletes)
            if isinstance(record, WebhookEndpoint)
            and (record.status != "enabled" or record in self.decision.deletes)
        ]
        for endpoint in closed:
            deliveries.let_go(self.session, endpoint, now)
        return bool(closed)

    def _delete(self, record: Record, now: int) -> None:
        self.session.delete(record)
        note(self.session, record, record.version + 1)
        for object_id, _ in shown(record, self.frame):
            self.session.keep(object_id, record.version + 1, GONE, now)

    def _announce(self, context: Context, origin: Origin | None) -> bool:
        """Append the events; return whether any is owed to an endpoint."""
        if not self.decision.announcements:
            return False
        owed = False
        endpoints = journal.enabled_endpoints(self.session)
        for announcement in self.decision.announcements:
            targets = [e for e in endpoints if listens(e.enabled_events, announcement.type)]
            event = self._event(announcement, context, origin, len(targets))
            journal.add_event(self.session, event)
            owed = owed or bool(targets)
            awaiting = _awaiting(announcement)
            for endpoint in targets:
                deliveries.add(
                    self.session,
                    event.id,
                    endpoint.id,
                    context.system_now,
                    invoice_id=awaiting.id if awaiting else None,
                    clock_id=awaiting.clock_id if awaiting else None,
                )
        return owed

    def _event(
        self, announcement: Announcement, context: Context, origin: Origin | None, targets: int
    ) -> EventRow:
        record = announcement.record
        before = announcement.before
        previous = None
        if before is not None and announcement.type.endswith(".updated"):
            previous = previous_attributes(before, record, self.frame, self._rendered)
        return EventRow(
            id=context.mint("evt"),
            created=context.now,
            type=announcement.type,
            object_id=record.id,
            version=self._versions.get(id(record), record.version),
            previous=previous,
            request_id=origin.request_id if origin else None,
            idempotency_key=origin.key if origin else None,
            pending_webhooks=targets,
        )


def _awaiting(announcement: Announcement) -> Invoice | None:
    """Return the draft that waits until endpoints have heard of its creation, if this tells of one."""
    record = announcement.record
    if announcement.type != "invoice.created" or not isinstance(record, Invoice):
        return None
    return record if record.awaits_webhooks else None


def with_pages(decision: Decision, frame: Frame) -> Decision:
    """Render the first page of lines into the invoice, wherever the decision speaks of it.

    Likewise the items into their subscription.
    """
    if decision.lines is None and decision.items is None:
        return decision
    fresh: dict[int, Record] = {}

    def paged(record: Any) -> Any:
        page = _page(record, decision, frame)
        if page is None:
            return record
        if id(record) not in fresh:
            fresh[id(record)] = page
        return fresh[id(record)]

    return replace(
        decision,
        answer=paged(decision.answer),
        saves=tuple(paged(record) for record in decision.saves),
        announcements=tuple(
            replace(a, record=paged(a.record), before=_was(a.before, paged))
            for a in decision.announcements
        ),
    )


def _page(record: Any, decision: Decision, frame: Frame) -> Any:
    """Return the record with what it shows of others, None when it has that already."""
    if isinstance(record, Invoice) and decision.lines is not None and not record.lines_page:
        return replace(record, lines_page=line_page(decision.lines, record.id, frame))  # type: ignore[arg-type]
    if isinstance(record, Subscription) and decision.items is not None and not record.items_page:
        return replace(record, items_page=item_page(decision.items, record.id, frame))  # type: ignore[arg-type]
    return None


def _was(before: Any, paged: Callable[[Any], Any]) -> Any:
    """Return the state before a change; one that was made in the same breath has no page either."""
    return before if before is None or before.version else paged(before)


def acts_now(record: Record, now: int) -> bool:
    """Say whether the worker has something to do with the record at ``now`` (system time)."""
    if isinstance(record, Invoice | Subscription):
        due = record.next_action_at
        return due is not None and due <= now and record.clock_id is None
    if isinstance(record, Settings):
        return True
    return isinstance(record, TestClock) and record.status == "advancing"
