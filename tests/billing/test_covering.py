"""Money that does not fit: what is too much goes to the balance, and a little too little is let go."""

from dataclasses import replace
from typing import Any

import pytest

from seikyu.engine.billing.balance import BalanceTransaction
from seikyu.engine.billing.covering import covered, tolerated, uncovered
from seikyu.engine.billing.credit_note import CreditFacts, CreditNote
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.plan import Instalment
from seikyu.engine.billing.settings import Settings
from tests.billing.world import DAY, MARCH, World


def opened(world: World, amount: int = 10_000, **settings: Any) -> Invoice:
    """An open invoice of a customer, in an account with these settings."""
    world.settings = Settings(**settings)
    return world.finalized(amount)


def with_facts(world: World, invoice: Invoice, *notes: CreditNote) -> Any:
    """The book of the invoice with what a credit note of it stands on."""
    facts = CreditFacts(notes=notes, lines=world.lines(invoice.id))
    return replace(world.book(invoice.id), credit=facts)


def saved(records: Any, kind: type) -> list[Any]:
    """What of a class is saved."""
    return [record for record in records if isinstance(record, kind)]


def test_what_is_exactly_owed_moves_nothing_else() -> None:
    world = World()
    invoice = opened(world, shortfall_tolerance={"jpy": 100})
    done = covered(with_facts(world, invoice), invoice, 10_000, world.context())
    assert (done.invoice.status, done.saves, done.news) == ("paid", (), ())


@pytest.mark.parametrize(("rest", "let_go"), [(1, True), (100, True), (101, False)])
def test_the_tolerance_is_the_most_that_is_let_go(rest: int, let_go: bool) -> None:
    world = World()
    invoice = opened(world, shortfall_tolerance={"jpy": 100})
    done = covered(with_facts(world, invoice), invoice, 10_000 - rest, world.context())
    assert (done.invoice.status == "paid") is let_go
    assert [note.amount for note in saved(done.saves, CreditNote)] == [rest] * let_go
    assert done.invoice.amount_due == 10_000 - rest * let_go


@pytest.mark.parametrize("tolerance", [{}, {"usd": 100}, {"jpy": 0}])
def test_nothing_is_let_go_unless_the_account_says_so(tolerance: dict[str, int]) -> None:
    world = World()
    invoice = opened(world, shortfall_tolerance=tolerance)
    done = covered(with_facts(world, invoice), invoice, 9_999, world.context())
    assert (done.invoice.status, done.invoice.amount_remaining, done.saves) == ("open", 1, ())


def test_a_whole_small_invoice_is_not_let_go_before_anything_came() -> None:
    world = World()
    invoice = opened(world, 60, shortfall_tolerance={"jpy": 100})
    assert not tolerated(world.book(invoice.id), invoice)


@pytest.mark.parametrize(("paid", "let_go"), [(9_950, True), (9_900, False)])
def test_of_a_plan_only_the_rest_of_a_begun_instalment_is_let_go(paid: int, let_go: bool) -> None:
    """The last instalment is 100: with 9,950 it was begun, with 9,900 it is simply not due yet."""
    world = World()
    invoice = opened(world, shortfall_tolerance={"jpy": 100})
    plan = (
        Instalment(9_900, due_date=MARCH + DAY),
        Instalment(100, due_date=MARCH + 2 * DAY),
    )
    invoice = replace(invoice, plan=plan)
    done = covered(with_facts(world, invoice), invoice, paid, world.context())
    assert (done.invoice.status == "paid") is let_go
    assert [part.amount for part in done.invoice.plan] == [9_900, 50 if let_go else 100]


def test_the_note_of_a_shortfall_goes_with_the_payment() -> None:
    world = World()
    invoice = opened(world, shortfall_tolerance={"jpy": 100})
    done = covered(with_facts(world, invoice), invoice, 9_950, world.context())
    (note,) = saved(done.saves, CreditNote)
    again = uncovered(with_facts(world, invoice, note), done.invoice, 9_950, world.context())
    assert (again.invoice.amount_due, again.invoice.amount_remaining) == (10_000, 10_000)
    assert [each.status for each in saved(again.saves, CreditNote)] == ["void"]
    assert [said.type for said in again.news] == ["credit_note.voided"]


def test_too_much_is_credit_and_comes_back_out_of_it() -> None:
    world = World()
    invoice = opened(world)
    done = covered(world.book(invoice.id), invoice, 14_000, world.context())
    assert (done.invoice.status, done.invoice.amount_overpaid) == ("paid", 4_000)
    (moved,) = saved(done.saves, BalanceTransaction)
    assert (moved.type, moved.amount, moved.ending_balance) == ("invoice_overpaid", -4_000, -4_000)
    assert done.book.customer is not None
    assert done.book.customer.balance == -4_000
    less = uncovered(done.book, done.invoice, 3_000, world.context())
    (moved,) = saved(less.saves, BalanceTransaction)
    assert (less.invoice.amount_overpaid, moved.amount) == (1_000, 3_000)
    none = uncovered(less.book, less.invoice, 11_000, world.context())
    (moved,) = saved(none.saves, BalanceTransaction)
    assert (none.invoice.amount_remaining, moved.amount, moved.ending_balance) == (10_000, 1_000, 0)


@pytest.mark.parametrize("customer", [{"currency": "usd"}, {"deleted": True}])
def test_a_balance_of_another_currency_or_of_nobody_stays_alone(customer: dict[str, Any]) -> None:
    world = World()
    invoice = opened(world)
    book = world.book(invoice.id)
    assert book.customer is not None
    book = replace(book, customer=replace(book.customer, **customer))
    done = covered(book, invoice, 14_000, world.context())
    assert (done.invoice.amount_overpaid, done.saves) == (4_000, ())
