"""Acknowledging a draft: once, when nothing is outstanding, and in the customer's time."""

from dataclasses import replace
from typing import Any

import pytest

from seikyu.engine.billing.account import Account
from seikyu.engine.billing.acknowledging import Acknowledge, AcknowledgingBook, decide
from seikyu.engine.billing.decision import Decision
from seikyu.engine.billing.due import finalizes_at
from seikyu.engine.billing.invoice import Invoice
from tests.billing.world import MARCH, World

HOUR = 3600


def decided(world: World, invoice: Invoice, *, outstanding: bool = False) -> Decision:
    """Decide on a delivery of the invoice's creation that has ended."""
    book = AcknowledgingBook(
        account=world.account, settings=world.settings, invoice=invoice, outstanding=outstanding
    )
    return decide(book, Acknowledge("evt_1"), world.context())


@pytest.fixture
def world() -> World:
    """March, with nobody in it yet."""
    return World()


def test_the_hour_begins_when_nothing_is_outstanding_any_more(world: World) -> None:
    draft = replace(world.draft(1000), awaits_webhooks=True)
    assert finalizes_at(draft) == MARCH + 72 * HOUR
    waiting = decided(world, draft, outstanding=True)
    assert (waiting.answer, waiting.saves) == (draft, ())
    world.now = MARCH + 600
    after: Any = decided(world, draft).answer
    assert after.acknowledged_at == MARCH + 600
    assert finalizes_at(after) == MARCH + 600 + HOUR
    assert decided(world, draft).announcements == ()


def test_what_was_acknowledged_or_awaits_nothing_or_is_a_draft_no_more_stays_as_it_is(
    world: World,
) -> None:
    draft = world.draft(1000)
    for other in (
        replace(draft, awaits_webhooks=False),
        replace(draft, awaits_webhooks=True, acknowledged_at=MARCH),
        replace(world.finalized(1000), awaits_webhooks=True),
    ):
        assert decided(world, other).saves == ()


def test_an_account_is_all_that_the_book_needs_besides() -> None:
    """The book says that something is outstanding until its loader has looked."""
    book = AcknowledgingBook(
        account=Account("acct_1", "株式会社サンプル", "JP", "jpy", 0), settings=World().settings
    )
    assert book.outstanding
