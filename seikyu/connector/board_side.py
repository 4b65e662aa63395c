"""board, as the connector uses it: lists read economically, statuses written one by one.

board allows 3,000 calls a day, so nothing is read one by one. Clients and projects are remembered
and only what changed since is asked for; invoices are asked for by the window of the run. The
status that board has *now* is learnt for all links with one list of what changed since the last
look, not with a call for each.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from seikyu.board.client import BoardClient
from seikyu.board.documents import Invoice
from seikyu.board.fields import MalformedRecord
from seikyu.board.paging import Progress
from seikyu.board.words import InvoiceStatus, ResponseGroup
from seikyu.connector.facts import ClientFacts, Link, ProjectFacts
from seikyu.connector.store import InvoiceLinks, Mirror, Reading

# A status read longer ago than this is read again before another one is written.
STATUSES_ARE_FRESH_FOR = timedelta(seconds=15)

# board's clock and ours may differ by this much.
CLOCKS_DIFFER_BY = timedelta(minutes=10)

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read of board. `malformed` are records that cannot be read exactly."""

    invoices: tuple[Invoice, ...]
    clients: dict[int, ClientFacts]
    projects: dict[int, ProjectFacts]
    malformed: tuple[MalformedRecord, ...]
    reading: Reading


class BoardSide:
    """One company's board, seen by one connection."""

    def __init__(
        self,
        client: BoardClient,
        mirror: Mirror,
        links: InvoiceLinks,
        now: Callable[[], datetime],
    ) -> None:
        """Prepare; nothing is read yet."""
        self.client = client
        self._mirror, self._links, self._now = mirror, links, now
        self._statuses_read_at: datetime | None = None

    def read(
        self, window_start: datetime, *, remember: bool, on_progress: OnProgress | None = None
    ) -> Imported:
        """Read what the plan needs; everything the first time, then what changed.

        1. Clients and projects that changed since they were last read join the remembered ones.
        2. Invoices updated since the start of the window; all of them on the first run.
        3. Invoices whose sending is unfinished, should they lie outside the window.
        With `remember` False (a preview) nothing is kept.
        """
        began_at = self._now()
        reading = self._mirror.reading()
        malformed: list[MalformedRecord] = []
        clients = self._clients(reading, malformed, on_progress)
        projects = self._projects(reading, malformed, on_progress)
        first = reading.last_complete_run_began_at is None
        invoices = {
            invoice.id: invoice
            for invoice in self.client.list_invoices(
                updated_at_gteq=None if first else window_start,
                response_group=ResponseGroup.ALL,
                on_progress=on_progress,
                on_malformed=malformed.append,
            )
        }
        invoices.update(self._unfinished(invoices.keys(), malformed))
        new_reading = Reading(
            invoices_until=_next(reading.invoices_until, invoices.values(), began_at),
            clients_until=_next(reading.clients_until, clients, began_at),
            projects_until=_next(reading.projects_until, projects, began_at),
            last_complete_run_began_at=reading.last_complete_run_began_at,
        )
        if remember:
            self._mirror.remember(new_reading, clients, projects)
            self._note_statuses(invoices.values())
            self._statuses_read_at = self._now()
        return Imported(
            invoices=tuple(sorted(invoices.values(), key=lambda invoice: invoice.id)),
            clients=self._mirror.clients() | {one.id: one for one in clients},
            projects=self._mirror.projects() | {one.id: one for one in projects},
            malformed=tuple(malformed),
            reading=new_reading,
        )

    def complete(self, began_at: datetime) -> None:
        """Note that a run that began then has seen everything through."""
        reading = self._mirror.reading()
        self._mirror.remember(replace(reading, last_complete_run_began_at=began_at))

    def refresh_statuses(self) -> None:
        """Learn the statuses that changed in board since the last look, for all links."""
        now = self._now()
        if self._statuses_read_at and now - self._statuses_read_at < STATUSES_ARE_FRESH_FOR:
            return
        reading = self._mirror.reading()
        changed = self.client.list_invoices(
            updated_at_gteq=reading.invoices_until,
            response_group=ResponseGroup.SMALL,
            on_malformed=_leave_out,
        )
        self._note_statuses(changed)
        until = _next(reading.invoices_until, changed, now)
        self._mirror.remember(replace(reading, invoices_until=until))
        self._statuses_read_at = now

    def write_status(self, link: Link, status: InvoiceStatus) -> Link:
        """Set the status in board; the intent is kept first, so that our own writing is known."""
        intended = replace(link, written_status=status)
        self._links.save(intended)
        self.client.set_invoice_status(link.board_invoice_id, status)
        written = replace(intended, board_status=status)
        self._links.save(written)
        return written

    def _clients(
        self, reading: Reading, malformed: list[MalformedRecord], on_progress: OnProgress | None
    ) -> list[ClientFacts]:
        changed = self.client.list_clients(
            include_archived=True,
            updated_at_gteq=reading.clients_until,
            on_progress=on_progress,
            on_malformed=malformed.append,
        )
        return [ClientFacts.of(client) for client in changed]

    def _projects(
        self, reading: Reading, malformed: list[MalformedRecord], on_progress: OnProgress | None
    ) -> list[ProjectFacts]:
        changed = self.client.list_projects(
            include_lost=True,
            include_archived=True,
            updated_at_gteq=reading.projects_until,
            on_progress=on_progress,
            on_malformed=malformed.append,
        )
        return [ProjectFacts.of(project) for project in changed]

    def _unfinished(
        self, read: Iterable[int], malformed: list[MalformedRecord]
    ) -> dict[int, Invoice]:
        """Read the invoices in the middle of being sent that the window does not hold."""
        known = set(read)
        missing = [link for link in self._links.unfinished() if link.board_invoice_id not in known]
        found: dict[int, Invoice] = {}
        for project_no in sorted({link.project_no for link in missing if link.project_no}):
            for invoice in self.client.list_invoices(
                project_no_eq=project_no, on_malformed=malformed.append
            ):
                found[invoice.id] = invoice
        wanted = {link.board_invoice_id for link in missing}
        return {id: invoice for id, invoice in found.items() if id in wanted}

    def _note_statuses(self, invoices: Iterable[Invoice]) -> None:
        statuses = {invoice.id: invoice.invoice_status for invoice in invoices}
        for id, link in self._links.of_invoices(statuses).items():
            if link.board_status is not statuses[id]:
                self._links.save(replace(link, board_status=statuses[id]))


def _leave_out(_malformed: MalformedRecord) -> None:
    """A record that cannot be read has no status to learn; the run reports it."""


class _Dated(Protocol):
    @property
    def updated_at(self) -> datetime | None: ...


def _next(before: datetime | None, read: Iterable[_Dated], began_at: datetime) -> datetime | None:
    """Return since when to ask next time: the newest change read, in board's own time.

    What changed in that very second may not have been read, so it is asked for again; unless the
    second is long past, where asking again would only bring thousands of records that were
    imported together.
    """
    moments = [one.updated_at for one in read if one.updated_at is not None]
    newest = max([*moments, *([before] if before else [])], default=None)
    if newest is None or newest == before:
        return before
    whole = newest.replace(microsecond=0)
    return whole + timedelta(seconds=1) if newest < began_at - CLOCKS_DIFFER_BY else whole
