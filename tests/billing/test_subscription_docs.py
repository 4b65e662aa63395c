"""The tables in the documentation of subscriptions are those of the rules."""

from pathlib import Path

from seikyu.engine.billing.diagram import SUBSCRIPTIONS, by_itself
from seikyu.engine.billing.subscription import STATUSES, TABLE
from seikyu.engine.billing.transitions import Forbidden

PAGE = Path(__file__).parents[2] / "docs" / "concepts" / "subscriptions.md"


def by_command() -> str:
    """The table of statuses and commands, as Markdown."""
    names = [f"`{command.__name__}`" for command in TABLE]
    rows = [f"| status | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for status in STATUSES:
        edges = [TABLE[command][status] for command in TABLE]
        cells = [
            f"`{edge.refusal.__name__}`" if isinstance(edge, Forbidden) else ", ".join(edge.to)
            for edge in edges
        ]
        rows.append(f"| {status} | {' | '.join(cells)} |")
    return "\n".join(rows)


def test_the_page_shows_the_tables_as_they_are() -> None:
    page = PAGE.read_text()
    assert by_command() in page
    assert by_itself(SUBSCRIPTIONS) in page
