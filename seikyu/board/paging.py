"""Reads a whole list although its pages shift while it is read.

board lists by page number, in an order it does not document. A record that is added, removed or
re-sorted between two pages pushes its neighbours to another page: some come twice, some not at
all. So a *pass* over the pages counts only when it was undisturbed:

1. every page announced the same total, no id came twice, and as many ids came as announced; and
2. one more call asks how many records were updated since the pass began, and the answer is none;
   or, where records keep being edited, this pass found the very ids that the pass before found.

A list of one page is one answer and needs no second look. Passes are repeated up to a bound; the
records of the accepted pass are returned, so values are as new as the last reading.
When a page is too large for board (it answers 500 above 10 MB), smaller pages are asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from seikyu.board.calls import Answer, Call, Caller
from seikyu.board.errors import BoardListUnstable, BoardUnavailable, BoardUnreadable
from seikyu.board.words import Operation

JAPAN = timezone(timedelta(hours=9))
PAGE_SIZES = (100, 50, 20, 10)
_MAX_PASSES = 6
# board stamps the answer and the record on different machines; this much they may differ.
_CLOCK_MARGIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a list is read: records of this pass so far, and the total board announced."""

    operation: Operation
    read: int
    total: int | None
    reading: int  # 1 for the first pass, 2 for the second …


OnProgress = Callable[[Progress], None]


@dataclass(slots=True)
class _Pass:
    """One walk over all pages."""

    records: dict[int, Mapping[str, object]] = field(default_factory=dict)
    rows: int = 0
    pages: int = 0
    totals: set[int | None] = field(default_factory=set)
    began: datetime | None = None

    def undisturbed(self) -> bool:
        """Whether nothing in the pages themselves shows that they shifted (rule 1)."""
        agreed = len(self.totals) == 1 and self.totals <= {None, self.rows}
        return agreed and self.rows == len(self.records)


class ListReader:
    """Reads one list, of one operation with one set of filters, completely."""

    def __init__(
        self,
        caller: Caller,
        operation: Operation,
        path: str,
        params: Mapping[str, str],
        *,
        has_updated_at: bool,
        on_progress: OnProgress | None,
    ) -> None:
        """Prepare; nothing is read yet."""
        self._caller, self._operation, self._path = caller, operation, path
        self._params, self._has_updated_at = dict(params), has_updated_at
        self._on_progress = on_progress
        self._page_sizes = list(PAGE_SIZES)

    def read(self) -> list[Mapping[str, object]]:
        """Return every record once; raises BoardListUnstable and what calls raise."""
        previous: _Pass | None = None
        for reading in range(1, _MAX_PASSES + 1):
            this = self._one_pass(reading)
            if this.undisturbed() and (
                this.pages <= 1
                or (previous is not None and previous.records.keys() == this.records.keys())
                or self._quiet_since(this.began)
            ):
                return list(this.records.values())
            previous = this
        raise BoardListUnstable(self._operation, _MAX_PASSES)

    def _one_pass(self, reading: int) -> _Pass:
        while True:
            try:
                return self._walk(reading, self._page_sizes[0])
            except BoardUnavailable as error:
                if error.status != 500 or len(self._page_sizes) == 1:
                    raise
                self._page_sizes.pop(0)

    def _walk(self, reading: int, per_page: int) -> _Pass:
        this = _Pass()
        while True:
            page = this.pages + 1
            answer = self._ask({**self._params, "page": str(page), "per_page": str(per_page)})
            rows = self._identified(answer)
            total = _count(answer, "X-Total-Count")
            this.began = this.began or _stamped(answer)
            this.pages, this.rows = page, this.rows + len(rows)
            this.totals.add(total)
            this.records.update(rows)
            if self._on_progress:
                self._on_progress(Progress(self._operation, len(this.records), total, reading))
            size = _count(answer, "X-Per-Page") or per_page
            last = len(rows) < size if total is None else page * size >= total
            if last or not rows:
                return this

    def _quiet_since(self, began: datetime | None) -> bool:
        """Ask whether any record at all was updated since the pass began (rule 2).

        Without the caller's filters: a record that just left the filter shifts pages too.
        """
        if not self._has_updated_at or began is None:
            return False
        since = (began - _CLOCK_MARGIN).astimezone(JAPAN)
        everything = {"include_lost_flg": "1", "include_archive_flg": "1", "per_page": "1"}
        answer = self._ask({**everything, "updated_at_gteq": f"{since:%Y-%m-%d %H:%M:%S}"})
        return not self._rows(answer) and not _count(answer, "X-Total-Count")

    def _ask(self, params: Mapping[str, str]) -> Answer:
        return self._caller.send(Call(self._operation, "GET", self._path, params))

    def _rows(self, answer: Answer) -> list[object]:
        rows = answer.json(self._operation)
        if not isinstance(rows, list):
            raise BoardUnreadable(self._operation, answer.status, "it is not a list")
        return rows

    def _identified(self, answer: Answer) -> list[tuple[int, Mapping[str, object]]]:
        identified: list[tuple[int, Mapping[str, object]]] = []
        for row in self._rows(answer):
            identity = row.get("id") if isinstance(row, dict) else None
            if not isinstance(row, dict) or not isinstance(identity, int):
                raise BoardUnreadable(self._operation, answer.status, "a record has no id")
            identified.append((identity, row))
        return identified


def _count(answer: Answer, header: str) -> int | None:
    value = answer.headers.get(header, "")
    return int(value) if value.isdecimal() else None


def _stamped(answer: Answer) -> datetime | None:
    """Return the time on the server's clock, which is the clock that `updated_at` is written by."""
    try:
        # An HTTP date is always in GMT.
        return parsedate_to_datetime(answer.headers.get("Date", "")).replace(tzinfo=UTC)
    except ValueError:
        return None
