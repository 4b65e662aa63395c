"""The transition tables, drawn: ``docs/reference/transitions.md`` is what this module prints.

    python -m seikyu.engine.billing.diagram > docs/reference/transitions.md

Nothing is said here that the tables do not say. For each kind of object: a diagram of the moves between
statuses (commands that leave the status as it is would only hide them), a table of every move with its
events, what moves without a command, and every refusal with its sentence. A test holds the page against
the tables.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from seikyu.engine.billing import invoice, payment_intent, subscription
from seikyu.engine.billing.transitions import Forbidden, Move, Table

OPENING = """\
# What each status allows

Generated from the tables in `seikyu/engine/billing/` (`invoice.py`, `payment_intent.py`, \
`subscription.py`) by `python -m seikyu.engine.billing.diagram`; change them there, not this page. The \
stories behind them are told in [The life of an invoice](../concepts/invoices.md) and \
[Subscriptions](../concepts/subscriptions.md).

Nothing is changed by a command that is refused. Rules about amounts, payments and fields can refuse a \
command that the status allows; their sentences stand in the same folder.
"""

OF_INVOICES = """\
The events are those of the whole course, in order, when a charge that is needed succeeds. Payments \
announce themselves before what they do to the invoice (`payment_intent.*`, `charge.*`). A draft of \
which nothing is left to collect is paid by finalizing: `invoice.paid` and \
`invoice.payment_succeeded` then stand between `invoice.finalized` and `invoice.updated`. A charge that \
fails announces `invoice.payment_failed` or `invoice.payment_action_required` in the place of the \
events of money; a payment that covers a part announces no `invoice.paid`.
"""

OF_PAYMENTS = """\
The events are those of a charge that succeeds. One that is declined announces `charge.failed` and \
`payment_intent.payment_failed`; one that needs the customer, `payment_intent.requires_action`; money of \
the cash balance that does not cover the payment, `payment_intent.partially_funded`. Once a charge was \
made only texts and metadata change. While a charge is on its way, the payment keeps its status and every \
command is refused (`PaymentInProgress`, 409).
"""

OF_SUBSCRIPTIONS = """\
`customer.subscription.updated` is announced only when something changed. An update that is about items is \
looked up as a change of items. Where a change is charged at once, the status after the charge is in the \
row too.
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A kind of object, as it is drawn."""

    title: str
    noun: str
    statuses: tuple[str, ...]
    first: str
    table: Table
    about: str
    moves: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


INVOICES = Drawn("Invoices", "invoice", invoice.STATUSES, invoice.DRAFT, invoice.TABLE, OF_INVOICES)
PAYMENTS = Drawn(
    "Payment intents",
    "intent",
    payment_intent.STATUSES,
    payment_intent.REQUIRES_PAYMENT_METHOD,
    payment_intent.TABLE,
    OF_PAYMENTS,
    payment_intent.MOVES,
)
SUBSCRIPTIONS = Drawn(
    "Subscriptions",
    "subscription",
    subscription.STATUSES,
    subscription.INCOMPLETE,
    subscription.TABLE,
    OF_SUBSCRIPTIONS,
    subscription.MOVES,
)


def page() -> str:
    """Return the whole page, in Markdown, with a newline at its end."""
    parts = [OPENING]
    for drawn in (INVOICES, PAYMENTS, SUBSCRIPTIONS):
        parts += [f"## {drawn.title}\n\n```mermaid\n{mermaid(drawn)}\n```\n"]
        parts += [f"### Moves of {drawn.title.lower()}\n\n{drawn.about}", moves(drawn)]
        if drawn.moves:
            parts += [by_itself(drawn)]
        parts += [f"### Refusals of {drawn.title.lower()}\n", refusals(drawn)]
    return "\n".join(parts)


def mermaid(drawn: Drawn) -> str:
    """Return the moves between statuses as a Mermaid state diagram."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for status, command, move in _moves(drawn):
        for target in move.to or ("[*]",):
            if target != status:
                arrows.setdefault((status, target), []).append(words(command))
    for what, leads in drawn.moves.items():
        for status, target in leads.items():
            arrows.setdefault((status, target), []).append(what)
    lines = ["stateDiagram-v2", f"    [*] --> {drawn.first}: create {drawn.noun}"]
    for (status, target), reasons in arrows.items():
        lines.append(f"    {status} --> {target}: {', '.join(reasons)}")
    return "\n".join(lines)


def moves(drawn: Drawn) -> str:
    """Return every allowed command as a row of a Markdown table."""
    rows = ["| in status | command | may then be | announces |", "|---|---|---|---|"]
    for status, command, move in _moves(drawn):
        after = ", ".join(move.to) or "gone"
        events = ", ".join(f"`{event}`" for event in move.announces) or "–"
        rows.append(f"| {status} | {words(command)} | {after} | {events} |")
    return "\n".join(rows) + "\n"


def by_itself(drawn: Drawn) -> str:
    """Return what moves without a command as rows of a Markdown table."""
    rows = ["| what happens | from → to |", "|---|---|"]
    for what, leads in drawn.moves.items():
        told = ", ".join(f"{before} → {after}" for before, after in leads.items())
        rows.append(f"| {what} | {told} |")
    return "\n".join(rows) + "\n"


def refusals(drawn: Drawn) -> str:
    """Return every forbidden command as a row of a Markdown table."""
    rows = ["| in status | command | refusal | code | sentence |", "|---|---|---|---|---|"]
    for status in drawn.statuses:
        for command, row in drawn.table.items():
            edge = row[status]
            if isinstance(edge, Forbidden):
                code = f"`{edge.refusal.code}`" if edge.refusal.code else "–"
                sentence = edge.sentence.replace("{status}", status)
                refusal = edge.refusal.__name__
                rows.append(f"| {status} | {words(command)} | {refusal} | {code} | {sentence} |")
    return "\n".join(rows) + "\n"


def words(command: type) -> str:
    """Return a command as people say it: ``MarkPaidOutOfBand`` is "mark paid out of band"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", command.__name__).lower()


def _moves(drawn: Drawn) -> Iterator[tuple[str, type, Move]]:
    """Go through the allowed commands, status by status in the order of an object's life."""
    for status in drawn.statuses:
        for command, row in drawn.table.items():
            edge = row[status]
            if isinstance(edge, Move):
                yield status, command, edge


if __name__ == "__main__":
    print(page(), end="")
