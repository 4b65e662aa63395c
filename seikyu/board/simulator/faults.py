"""Trouble on request: the next N matching calls go wrong, in a way that real services do.

A fault waits for `skip` matching calls to pass first, then acts `times` times. With `after`, the
call is carried out and only its answer is lost or spoiled, the case that decides whether a client
may repeat itself. The kind `edit` spoils nothing: it changes a record just before the call is
carried out, so that a list can be made to shift between two of its pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

STATUS_KINDS = {
    "500": (500, "Internal Server Error"),
    "503": (503, "ただいまメンテナンス中です。"),
    "too_many_requests": (429, "Too Many Requests"),
    "limit_exceeded": (429, "Limit Exceeded"),
    "too_many_lists": (429, "リスト取得系APIの同時リクエスト数の上限を超えています"),
}
# slow: answered after `seconds`; dropped: the connection breaks during the answer; garbage: a web
# page with status 200, as a proxy would send; edit: see above.
OTHER_KINDS = ("slow", "dropped", "garbage", "edit")


class UnknownFault(Exception):
    """A fault that cannot be ordered; the message says what would be understood."""


@dataclass(slots=True)
class Fault:
    """One order for trouble. `path` is the beginning of the paths concerned, after /v1."""

    kind: str
    times: int = 1
    skip: int = 0
    method: str = ""
    path: str = ""
    after: bool = False
    seconds: float = 1.0
    edit: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what would never act."""
        if self.kind not in STATUS_KINDS and self.kind not in OTHER_KINDS:
            known = ", ".join((*STATUS_KINDS, *OTHER_KINDS))
            raise UnknownFault(f"unknown kind {self.kind!r}; known are {known}")
        if self.times < 1 or self.skip < 0 or not 0 <= self.seconds <= 600:
            raise UnknownFault("times must be at least 1, skip at least 0, seconds 0 to 600")
        if self.kind == "edit" and not {"kind", "fields"} <= self.edit.keys():
            raise UnknownFault("an edit needs edit: {kind, id, fields}")


class Faults:
    """The orders that have not been carried out yet, oldest first."""

    def __init__(self) -> None:
        """Start without trouble."""
        self._orders: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Add an order."""
        self._orders.append(fault)

    def clear(self) -> None:
        """Forget every order."""
        self._orders.clear()

    def pending(self) -> list[Fault]:
        """Return the orders still open."""
        return list(self._orders)

    def next_for(self, method: str, path: str) -> Fault | None:
        """Return the fault that this call meets, and count it down."""
        for fault in self._orders:
            if fault.method not in ("", method) or not path.startswith(fault.path):
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times == 0:
                self._orders.remove(fault)
            return fault
        return None
