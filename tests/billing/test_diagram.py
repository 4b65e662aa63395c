"""The page about transitions is what the table says."""

from pathlib import Path

from seikyu.engine.billing import diagram
from seikyu.engine.billing.invoice import STATUSES, TABLE, FinalizeInvoice, MarkPaidOutOfBand

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "transitions.md"


def test_the_page_is_as_the_table_is() -> None:
    """When this fails: python -m seikyu.engine.billing.diagram > docs/reference/transitions.md."""
    assert PAGE.read_text(encoding="utf-8") == diagram.page()


def test_every_pair_of_status_and_command_is_on_the_page_once() -> None:
    rows = [*diagram.moves().splitlines()[2:], *diagram.refusals().splitlines()[2:]]
    pairs = [tuple(cell.strip() for cell in row.split("|")[1:3]) for row in rows]
    assert len(pairs) == len(set(pairs)) == len(STATUSES) * len(TABLE) == 75


def test_the_drawing_shows_the_moves_between_statuses() -> None:
    drawn = diagram.mermaid().splitlines()
    assert drawn[0] == "stateDiagram-v2"
    assert "    open --> void: void invoice" in drawn
    assert "    paid --> open: detach payment" in drawn
    assert "    draft --> [*]: delete invoice" in drawn
    assert not [line for line in drawn if line.startswith("    void -->")]


def test_commands_are_named_as_people_say_them() -> None:
    assert diagram.words(FinalizeInvoice) == "finalize invoice"
    assert diagram.words(MarkPaidOutOfBand) == "mark paid out of band"
