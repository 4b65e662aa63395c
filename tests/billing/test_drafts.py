"""Drafts: making and editing an invoice, its lines, pending items; and what stays editable later."""

from typing import Any

import pytest

from seikyu.engine.billing import pending
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.catalogue import TaxRate
from seikyu.engine.billing.invoice import (
    AddLines,
    DeleteInvoice,
    FinalizeInvoice,
    Invoice,
    MarkUncollectible,
    RemoveLines,
    UpdateInvoice,
    UpdateLines,
)
from seikyu.engine.billing.line import Line, Shelf
from seikyu.engine.billing.refusals import (
    AmountTooLarge,
    AutoAdvanceIsOver,
    CurrencyDiffers,
    CustomerIsDeleted,
    FieldIsFrozen,
    LinesAreFrozen,
    ObjectMissing,
    ParameterNotAllowed,
    ParametersExclude,
)
from tests.billing.world import DAY, MARCH, World, refused

JCT10 = TaxRate("txr_1", 0, "消費税", 10, False)  # type: ignore[arg-type]


def money(invoice: Invoice) -> tuple[int, int, int, int]:
    """Subtotal, total, due and remaining."""
    return invoice.subtotal, invoice.total, invoice.amount_due, invoice.amount_remaining


def test_a_draft_starts_with_the_customers_currency_and_nothing_owed() -> None:
    world = World()
    draft = world.draft()
    assert (draft.status, draft.currency, draft.number, draft.auto_advance) == (
        "draft",
        "jpy",
        None,
        False,
    )
    assert money(draft) == (0, 0, 0, 0)
    assert draft.snapshot["tax_exempt"] == "none"


def test_the_first_finalized_invoice_gives_the_customer_its_currency() -> None:
    world = World()
    world.customer(currency=None)
    draft = world.draft(600_000, currency="usd")
    assert world.get("cus_1").currency is None
    world.run(FinalizeInvoice(), draft)
    assert world.get("cus_1").currency == "usd"


def test_an_empty_draft_without_a_currency_takes_the_one_of_its_first_line() -> None:
    world = World()
    draft = world.draft()
    assert draft.currency == "jpy"
    world.run(AddLines(({"amount": 600, "currency": "usd"},)), draft)
    assert world.get(draft.id).currency == "usd"
    assert refused(
        lambda: world.run(AddLines(({"amount": 600, "currency": "jpy"},)), draft), CurrencyDiffers
    ).startswith("The line is in jpy, the invoice in usd")


def test_a_deleted_customer_gets_no_invoice() -> None:
    world = World()
    world.customer(deleted=True)
    assert refused(world.draft, CustomerIsDeleted) == "No such customer: 'cus_1'"


@pytest.mark.parametrize(
    ("given", "refusal", "param"),
    [
        ({"due_date": MARCH + DAY}, ParameterNotAllowed, "due_date"),
        ({"days_until_due": 3}, ParameterNotAllowed, "days_until_due"),
        (
            {"collection_method": "send_invoice", "due_date": MARCH + DAY, "days_until_due": 1},
            ParametersExclude,
            "due_date",
        ),
        (
            {"collection_method": "send_invoice", "due_date": MARCH - 1},
            ParameterNotAllowed,
            "due_date",
        ),
        ({"default_tax_rates": ["txr_9"]}, ObjectMissing, "default_tax_rates"),
        ({"default_payment_method": "pm_9"}, ObjectMissing, "default_payment_method"),
    ],
)
def test_what_a_draft_cannot_be_is_refused(
    given: dict[str, Any], refusal: type[Exception], param: str
) -> None:
    with pytest.raises(refusal) as raised:
        World().draft(**given)
    assert raised.value.param == param  # type: ignore[attr-defined]


def test_another_customers_card_is_not_this_invoices() -> None:
    world = World()
    world.customer()
    card = world.card("cus_2")
    refused(lambda: world.draft(default_payment_method=card.id), ObjectMissing)


@pytest.mark.parametrize(
    ("given", "due"),
    [
        ({}, MARCH + 30 * DAY),
        ({"days_until_due": 0}, MARCH),
        ({"days_until_due": 14}, MARCH + 14 * DAY),
        ({"due_date": MARCH + 40 * DAY}, MARCH + 40 * DAY),
    ],
)
def test_a_mailed_invoice_has_a_term(given: dict[str, Any], due: int) -> None:
    assert World().draft(collection_method="send_invoice", **given).due_date == due


def test_turning_a_mailed_draft_into_a_charged_one_drops_the_term() -> None:
    world = World()
    draft = world.draft(collection_method="send_invoice")
    world.run(UpdateInvoice({"collection_method": "charge_automatically"}), draft)
    after = world.get(draft.id)
    assert (after.due_date, after.days_until_due) == (None, None)


def test_default_rates_tax_every_line() -> None:
    world = World(shelf=Shelf(tax_rates={"txr_1": JCT10}))
    draft = world.draft(105, 105, 105)
    world.run(UpdateInvoice({"default_tax_rates": ["txr_1"]}), draft)
    assert money(world.get(draft.id)) == (315, 346, 346, 346)
    assert [line.taxes[0].amount for line in world.lines(draft.id)] == [11, 10, 10]


def test_an_update_that_changes_nothing_says_nothing() -> None:
    world = World()
    draft = world.draft(100)
    decision = world.run(UpdateInvoice({"metadata": {}}), draft)
    assert (decision.saves, decision.announcements) == ((), ())


def test_a_draft_goes_with_its_lines() -> None:
    world = World()
    draft = world.draft(100, 200)
    world.run(DeleteInvoice(), draft)
    assert (world.all(Invoice), world.all(Line)) == ([], [])


# ── lines ──────────────────────────────────────────────────────────────────────────────────────


def test_lines_are_added_changed_and_removed_with_the_sums() -> None:
    world = World()
    draft = world.draft(100)
    world.run(AddLines(({"amount": 200}, {"amount": -50}), {"po": "7"}), draft)
    assert world.news() == ["invoiceitem.created", "invoiceitem.created", "invoice.updated"]
    assert money(world.get(draft.id)) == (250, 250, 250, 250)
    assert world.get(draft.id).details["metadata"] == {"po": "7"}
    first, second, third = world.lines(draft.id)
    assert [line.position for line in (first, second, third)] == [1, 2, 3]
    world.run(UpdateLines(({"id": first.line_id, "amount": 10},), answers_line=True), draft)
    assert money(world.get(draft.id))[0] == 160
    world.news()
    world.run(RemoveLines(({"id": second.line_id, "behavior": "delete"},)), draft)
    assert world.news() == ["invoiceitem.deleted", "invoice.updated"]
    after = world.get(draft.id)
    assert (money(after), after.line_count) == ((-40, -40, 0, 0), 2)


def test_updating_one_line_answers_with_it() -> None:
    world = World()
    draft = world.draft(100)
    line_id = world.lines(draft.id)[0].line_id
    decision = world.run(UpdateLines(({"id": line_id, "amount": 7},), answers_line=True), draft)
    assert isinstance(decision.answer, Line)
    assert decision.answer.amount == 7


@pytest.mark.parametrize("command", [UpdateLines, RemoveLines])
def test_a_line_that_is_not_there_is_named(command: type) -> None:
    world = World()
    draft = world.draft(100)
    asked = command(({"id": world.lines(draft.id)[0].line_id, "amount": 1}, {"id": "il_no"}))
    with pytest.raises(ObjectMissing) as raised:
        world.run(asked, draft)
    assert (raised.value.message, raised.value.param) == (
        "No such line item: 'il_no'",
        "lines[1][id]",
    )


def test_an_invoice_has_at_most_twelve_digits() -> None:
    world = World()
    draft = world.draft(999_999_999_999)
    refused(lambda: world.run(AddLines(({"amount": 1},)), draft), AmountTooLarge)


# ── pending items ──────────────────────────────────────────────────────────────────────────────


def test_pending_items_are_picked_up_when_asked_in_the_invoices_currency() -> None:
    world = World()
    world.customer()
    world.item(300)
    world.item(500, currency="usd")
    assert world.draft().subtotal == 0
    draft = world.draft(pending_invoice_items_behavior="include")
    assert (draft.subtotal, draft.line_count) == (300, 1)
    assert [line.amount for line in world.all(Line) if line.invoice_id is None] == [500]


def test_a_named_pending_item_is_taken_up_and_given_back() -> None:
    world = World()
    draft = world.draft()
    item = world.item(300).answer
    world.news()
    world.run(AddLines(({"invoice_item": item.id},)), draft)
    assert world.news() == ["invoice.updated"]
    assert world.get(draft.id).total == 300
    line_id = world.get(item.id).line_id
    world.run(RemoveLines(({"id": line_id, "behavior": "unassign"},)), draft)
    freed = world.get(item.id)
    assert (freed.invoice_id, freed.line_id, freed.amount) == (None, None, 300)
    assert world.get(draft.id).total == 0


def test_a_pending_item_of_another_customer_is_not_known() -> None:
    world = World()
    draft = world.draft()
    world.put(Line("ii_other", MARCH, "cus_2", "jpy", 300))
    sentence = refused(
        lambda: world.run(AddLines(({"invoice_item": "ii_other"},)), draft), ObjectMissing
    )
    assert sentence == "No such invoiceitem: 'ii_other'"


def test_a_pending_item_in_another_currency_is_refused() -> None:
    world = World()
    draft = world.draft(currency="jpy")
    item = world.item(300, currency="usd").answer
    sentence = refused(
        lambda: world.run(AddLines(({"invoice_item": item.id},)), draft), CurrencyDiffers
    )
    assert sentence == (
        "The line is in usd, the invoice in jpy; all lines of an invoice have its currency."
    )


def test_an_item_on_its_own_is_changed_and_deleted() -> None:
    world = World()
    customer = world.customer()
    item = world.item(300).answer
    book = Book(world.account, customer=customer, pending=(world.get(item.id),))
    world.keep(pending.decide(book, pending.UpdateItem(item.id, {"amount": 5}), world.context()))
    assert world.get(item.id).amount == 5
    world.news()
    world.keep(pending.decide(book, pending.DeleteItem(item.id), world.context()))
    assert world.news() == ["invoiceitem.deleted"]
    assert world.all(Line) == []


@pytest.mark.parametrize(
    ("command", "total"),
    [
        (lambda line: pending.UpdateItem(line.id, {"amount": 5}), 205),
        (lambda line: pending.DeleteItem(line.id), 200),
    ],
)
def test_an_item_on_a_draft_changes_the_draft(command: Any, total: int) -> None:
    world = World()
    draft = world.draft(100, 200)
    book = world.book(draft.id)
    world.keep(pending.decide(book, command(book.lines[0]), world.context()))
    assert world.get(draft.id).total == total


def test_items_of_a_finalized_invoice_are_frozen() -> None:
    world = World()
    invoice = world.finalized(100)
    book = world.book(invoice.id)
    for command in (
        pending.CreateItem({"amount": 1}),
        pending.UpdateItem(book.lines[0].id, {"amount": 1}),
        pending.DeleteItem(book.lines[0].id),
    ):
        with pytest.raises(LinesAreFrozen):
            pending.decide(book, command, world.context())


# ── what may change afterwards ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "given",
    [
        {"auto_advance": True},
        {"metadata": {"a": "b"}},
        {"payment_settings": {"payment_method_types": ["card"]}},
        {"days_until_due": 3},
        {"due_date": MARCH + 9 * DAY},
    ],
)
def test_an_open_invoice_takes_what_decides_no_amount(given: dict[str, Any]) -> None:
    world = World()
    invoice = world.finalized(100, collection_method="send_invoice")
    world.run(UpdateInvoice(given), invoice)
    assert world.news() == ["invoice.updated"]


@pytest.mark.parametrize(
    "param",
    ["description", "footer", "custom_fields", "collection_method", "default_tax_rates", "number"],
)
@pytest.mark.parametrize("status", ["open", "paid", "uncollectible"])
def test_what_finalization_fixed_stays(status: str, param: str) -> None:
    world = World()
    invoice = world.finalized(0 if status == "paid" else 100)
    if status == "uncollectible":
        world.run(MarkUncollectible(), invoice)
    with pytest.raises(FieldIsFrozen) as raised:
        world.run(UpdateInvoice({param: "x"}), invoice)
    assert raised.value.param == param
    assert f"{param} is fixed while the invoice is {status}" in raised.value.message


@pytest.mark.parametrize("status", ["paid", "uncollectible"])
def test_a_finished_invoice_takes_metadata_and_never_advances(status: str) -> None:
    world = World()
    invoice = world.finalized(0 if status == "paid" else 100)
    if status == "uncollectible":
        world.run(MarkUncollectible(), invoice)
    world.run(UpdateInvoice({"metadata": {"a": "b"}, "auto_advance": False}), invoice)
    assert world.get(invoice.id).details["metadata"] == {"a": "b"}
    sentence = refused(
        lambda: world.run(UpdateInvoice({"auto_advance": True}), invoice), AutoAdvanceIsOver
    )
    assert sentence == f"auto_advance cannot be true on an invoice that is {status}."


def test_a_new_term_of_an_open_invoice_counts_from_finalization() -> None:
    world = World()
    invoice = world.draft(100, collection_method="send_invoice")
    world.now += 2 * DAY
    world.run(FinalizeInvoice(), invoice)
    assert world.get(invoice.id).due_date == MARCH + 32 * DAY
    world.now += DAY
    world.run(UpdateInvoice({"days_until_due": 5}), invoice)
    assert world.get(invoice.id).due_date == MARCH + 7 * DAY


def test_a_draft_shows_what_it_comes_to_with_the_balance_of_now() -> None:
    world = World()
    world.customer(balance=-300, currency="jpy")
    draft = world.draft(1_000)
    assert (draft.total, draft.starting_balance, draft.amount_due) == (1_000, -300, 700)
    foreign = world.draft(1_000, currency="usd")
    assert (foreign.starting_balance, foreign.amount_due) == (0, 1_000)
