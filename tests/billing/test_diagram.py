"""The page about transitions is what the tables say."""

from pathlib import Path

import pytest

from seikyu.engine.billing import diagram
from seikyu.engine.billing.diagram import INVOICES, PAYMENTS, SUBSCRIPTIONS, Drawn
from seikyu.engine.billing.invoice import FinalizeInvoice, MarkPaidOutOfBand

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "transitions.md"


def test_the_page_is_as_the_tables_are() -> None:
    """When this fails: python -m seikyu.engine.billing.diagram > docs/reference/transitions.md."""
    assert PAGE.read_text(encoding="utf-8") == diagram.page()


@pytest.mark.parametrize(("drawn", "count"), [(INVOICES, 75), (PAYMENTS, 30), (SUBSCRIPTIONS, 48)])
def test_every_pair_of_status_and_command_is_on_the_page_once(drawn: Drawn, count: int) -> None:
    rows = [*diagram.moves(drawn).splitlines()[2:], *diagram.refusals(drawn).splitlines()[2:]]
    pairs = [tuple(cell.strip() for cell in row.split("|")[1:3]) for row in rows]
    assert len(pairs) == len(set(pairs)) == len(drawn.statuses) * len(drawn.table) == count


def test_the_drawing_shows_the_moves_between_statuses() -> None:
    drawn = diagram.mermaid(INVOICES).splitlines()
    assert drawn[0] == "stateDiagram-v2"
    assert "    open --> void: void invoice" in drawn
    assert "    paid --> open: detach payment" in drawn
    assert "    draft --> [*]: delete invoice" in drawn
    assert not [line for line in drawn if line.startswith("    void -->")]


def test_the_drawing_shows_what_moves_without_a_command() -> None:
    assert "    trialing --> paused: its trial ends without a card" in diagram.mermaid(
        SUBSCRIPTIONS
    )
    assert (
        "    requires_action --> requires_payment_method: confirm intent, fail authentication"
        in (diagram.mermaid(PAYMENTS))
    )


def test_commands_are_named_as_people_say_them() -> None:
    assert diagram.words(FinalizeInvoice) == "finalize invoice"
    assert diagram.words(MarkPaidOutOfBand) == "mark paid out of band"
