"""Numbers: who counts, what they look like, and that nothing is counted that was not numbered."""

import pytest

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.invoice import CreateInvoice, FinalizeInvoice, UpdateInvoice
from seikyu.engine.billing.invoicing import decide
from seikyu.engine.billing.numbering import Sequence, is_reserved, next_number, written
from seikyu.engine.billing.refusals import InvoiceHasNoLines, NumberTaken
from seikyu.engine.billing.settings import Numbering, Settings
from tests.billing.world import MARCH, World, refused

CUSTOMER = Customer("cus_1", MARCH, "SAMPLE", next_invoice_sequence=7)
ACCOUNT = Numbering("account", "ABC")


@pytest.mark.parametrize(
    ("prefix", "number", "text"),
    [
        ("ABC", 1, "ABC-0001"),
        ("ABC", 12_345, "ABC-12345"),
        ("", 1, "0001"),
        ("", 10_000, "10000"),
    ],
)
def test_a_number_has_four_digits_at_least(prefix: str, number: int, text: str) -> None:
    assert written(prefix, number) == text


def test_each_customer_counts_alone() -> None:
    number, customer, sequence = next_number(Numbering(), CUSTOMER, None, MARCH)
    assert (number, customer.next_invoice_sequence, sequence) == ("SAMPLE-0007", 8, None)


def test_the_account_counts_for_all() -> None:
    number, customer, first = next_number(ACCOUNT, CUSTOMER, None, MARCH)
    assert (number, customer) == ("ABC-0001", CUSTOMER)
    assert first == Sequence("sequence:ABC", MARCH, "ABC", next_number=2)
    number, _, second = next_number(ACCOUNT, CUSTOMER, first, MARCH)
    assert (number, second and second.next_number) == ("ABC-0002", 3)


def test_the_account_goes_on_from_a_higher_number_and_never_back() -> None:
    ahead = replace(ACCOUNT, next_sequence=500)
    counted = Sequence("sequence:ABC", MARCH, "ABC", next_number=20)
    assert next_number(ahead, CUSTOMER, counted, MARCH)[0] == "ABC-0500"
    behind = replace(ACCOUNT, next_sequence=5)
    assert next_number(behind, CUSTOMER, counted, MARCH)[0] == "ABC-0020"


@pytest.mark.parametrize(
    ("prefix", "number", "reserved"),
    [
        ("ABC", "ABC-0001", True),
        ("ABC", "ABC-9", True),
        ("ABC", "ABC-X", False),
        ("ABC", "ABCD-0001", False),
        ("ABC", "0001", False),
        ("", "0001", True),
        ("", "ABC-0001", False),
    ],
)
def test_what_the_account_may_come_to_is_nobody_elses(
    prefix: str, number: str, reserved: bool
) -> None:
    assert is_reserved(Numbering("account", prefix), number) is reserved
    assert is_reserved(Numbering("customer", prefix), number) is False


def test_an_invoice_is_numbered_by_the_account_and_the_customer_does_not_count() -> None:
    world = World()
    draft = world.draft(1_000)
    book = replace(world.book(draft.id), settings=replace(Settings(), numbering=ACCOUNT))
    world.keep(decide(book, FinalizeInvoice(), world.context()))
    assert world.get(draft.id).number == "ABC-0001"
    assert world.get("cus_1").next_invoice_sequence == 1
    assert world.get("sequence:ABC").next_number == 2


def test_a_draft_with_a_number_of_its_own_counts_nowhere() -> None:
    world = World()
    draft = world.draft(1_000, number="2026/3")
    book = replace(world.book(draft.id), settings=replace(Settings(), numbering=ACCOUNT))
    world.keep(decide(book, FinalizeInvoice(), world.context()))
    assert world.get(draft.id).number == "2026/3"
    assert world.all(Sequence) == []


def test_what_cannot_be_finalized_takes_no_number() -> None:
    world = World()
    draft = world.draft()
    book = replace(world.book(draft.id), settings=replace(Settings(), numbering=ACCOUNT))
    refused(lambda: decide(book, FinalizeInvoice(), world.context()), InvoiceHasNoLines)
    assert world.all(Sequence) == []


def test_a_number_of_the_accounts_own_counting_is_refused_by_hand() -> None:
    world = World()
    draft = world.draft(1_000)
    settings = replace(Settings(), numbering=ACCOUNT)
    command = UpdateInvoice({"number": "ABC-0042"})
    book = replace(world.book(draft.id, command), settings=settings)
    assert "ABC-0042" in refused(lambda: decide(book, command, world.context()), NumberTaken)
    new = replace(world.new_invoice_book({}), settings=settings)
    create = CreateInvoice({"number": "ABC-0042"})
    refused(lambda: decide(new, create, world.context()), NumberTaken)
