"""The transition table, drawn: ``docs/reference/transitions.md`` is what this module prints.

    python -m seikyu.engine.billing.diagram > docs/reference/transitions.md

Nothing is said here that TABLE does not say: a diagram of the moves between statuses (commands that
leave the status as it is would only hide them), a table of every move with its events, and a
table of every refusal with its sentence. A test holds the page against the table.
"""

import re
from collections.abc import Iterator

from seikyu.engine.billing.invoice import STATUSES, TABLE
from seikyu.engine.billing.transitions import Forbidden, Move

OPENING = """\
# What each status allows

Generated from `seikyu/engine/billing/invoice.py` by `python -m seikyu.engine.billing.diagram`; \
change the table there, not this page. The story behind it is told in \
[The life of an invoice](../concepts/invoices.md).
"""

ABOUT_MOVES = """\
The events are those of the whole course, in order, when a charge that is needed succeeds. Payments \
announce themselves before what they do to the invoice (`payment_intent.*`, `charge.*`). A draft of \
which nothing is left to collect is paid by finalizing: `invoice.paid` and \
`invoice.payment_succeeded` then stand between `invoice.finalized` and `invoice.updated`. A charge that \
fails announces `invoice.payment_failed` or `invoice.payment_action_required` in the place of the \
events of money; a payment that covers a part announces no `invoice.paid`.
"""

ABOUT_REFUSALS = """\
Nothing is changed by a command that is refused. Rules about amounts, payments and fields can refuse \
a command that the status allows; those sentences stand in the same folder.
"""


def page() -> str:
    """Return the whole page, in Markdown, with a newline at its end."""
    parts = (
        OPENING,
        f"```mermaid\n{mermaid()}\n```\n",
        f"## Moves\n\n{ABOUT_MOVES}",
        moves(),
        f"## Refusals\n\n{ABOUT_REFUSALS}",
        refusals(),
    )
    return "\n".join(parts)


def mermaid() -> str:
    """Return the moves between statuses as a Mermaid state diagram."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for status, command, move in _moves():
        for target in move.to or ("[*]",):
            if target != status:
                arrows.setdefault((status, target), []).append(words(command))
    lines = ["stateDiagram-v2", "    [*] --> draft: create invoice"]
    for (status, target), commands in arrows.items():
        lines.append(f"    {status} --> {target}: {', '.join(commands)}")
    return "\n".join(lines)


def moves() -> str:
    """Return every allowed command as a row of a Markdown table."""
    rows = ["| in status | command | may then be | announces |", "|---|---|---|---|"]
    for status, command, move in _moves():
        after = ", ".join(move.to) or "gone"
        events = ", ".join(f"`{event}`" for event in move.announces)
        rows.append(f"| {status} | {words(command)} | {after} | {events} |")
    return "\n".join(rows) + "\n"


def refusals() -> str:
    """Return every forbidden command as a row of a Markdown table."""
    rows = ["| in status | command | refusal | code | sentence |", "|---|---|---|---|---|"]
    for status in STATUSES:
        for command, row in TABLE.items():
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


def _moves() -> Iterator[tuple[str, type, Move]]:
    """Go through the allowed commands, status by status in the order of an invoice's life."""
    for status in STATUSES:
        for command, row in TABLE.items():
            edge = row[status]
            if isinstance(edge, Move):
                yield status, command, edge


if __name__ == "__main__":
    print(page(), end="")
