"""What a rule is told besides the state, and what it answers.

A rule never touches the world: it gets a Context (whose world, what time, a source of ids)
and returns a Decision: the records as they are now, the events that announce the change,
the answer to the caller, and at most one charge to make *after* the change is stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from seikyu.engine.billing.refusals import Refusal

Given = Mapping[str, Any]
"""Parameters that the caller really gave, under Stripe's names; an absent key was not given."""


class Record(Protocol):
    """A stored object. ``version`` is 0 until it is first saved, then counts its changes."""

    @property
    def id(self) -> str:
        """Stripe-shaped identifier, unique in the installation."""

    @property
    def version(self) -> int:
        """How often it was saved."""


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of one decision.

    ``now`` is in Unix seconds: the customer's test clock when there is one, else the system clock.
    ``system_now`` is the system clock's, for what lives in our time (the processor).
    ``listens`` says whether an enabled webhook endpoint listens to a type of event.
    ``mint`` makes a new id for a prefix such as ``in``; ``token`` makes a long unguessable text.
    """

    livemode: bool
    now: int
    system_now: int
    mint: Callable[[str], str]
    token: Callable[[], str]
    listens: Callable[[str], bool] = lambda _: False


@dataclass(frozen=True, slots=True)
class Announcement:
    """One event: its type, the object as it is after the change, and before it for ``*.updated``."""

    type: str
    record: Record
    before: Record | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be stored and said.

    ``saves`` are stored in order; ``announcements`` become events in order, all in one transaction.
    ``charge`` names a saved attempt that the processor must be asked about after the commit.
    ``lines`` are all lines of the invoice, in order, when they changed: its first page is shown anew.
    ``items`` are all items of the subscription when they changed: it shows them.
    ``refusal`` is answered to the caller although the change is stored (a declined card).
    """

    answer: Record
    saves: tuple[Record, ...] = ()
    deletes: tuple[Record, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    charge: Record | None = None
    lines: tuple[Record, ...] | None = None
    items: tuple[Record, ...] | None = None
    refusal: Refusal | None = None


def merged_decisions(first: Decision, second: Decision) -> Decision:
    """Return one decision that does ``first`` and then ``second``, answering as ``second`` does."""
    return Decision(
        answer=second.answer,
        saves=first.saves + second.saves,
        deletes=first.deletes + second.deletes,
        announcements=first.announcements + second.announcements,
        charge=second.charge or first.charge,
        lines=second.lines if second.lines is not None else first.lines,
        items=second.items if second.items is not None else first.items,
        refusal=second.refusal,
    )
