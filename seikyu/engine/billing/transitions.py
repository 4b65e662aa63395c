"""Transition tables: what each status of an object answers to each command.

A table has a row for every command and in it an edge for every status, so nothing is left unsaid: the command
may move the object on, or it is refused with a sentence. Invoices, payment intents and subscriptions have one
each, beside their records; rules look a command up before they look at anything else. What an object's fields
forbid besides is the rule's own to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from seikyu.engine.billing.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Move:
    """A command is allowed: the statuses that may follow, and the events that announce it."""

    to: tuple[str, ...]
    announces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A command is refused in this status, with a sentence that says what is possible instead.

    ``{status}`` in the sentence stands for the status.
    """

    refusal: type[Refusal]
    sentence: str


Row = Mapping[str, Move | Forbidden]
Table = Mapping[type, Row]


def move_of(table: Table, status: str, command: type) -> Move:
    """Return the move that ``command`` may make in ``status``, or raise the refusal of the table."""
    edge = table[command][status]
    if isinstance(edge, Forbidden):
        raise edge.refusal(edge.sentence.replace("{status}", status))
    return edge
