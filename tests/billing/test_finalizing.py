"""Finalizing: numbers, balances, amounts too small, revisions, refusals met by time."""

import pytest

from seikyu.engine.billing.advancing import Advance
from seikyu.engine.billing.due import DRAFT_STAYS
from seikyu.engine.billing.invoice import (
    AddLines,
    AttachPayment,
    FinalizeInvoice,
    Invoice,
    MarkUncollectible,
    PayInvoice,
    UpdateInvoice,
    VoidInvoice,
)
from seikyu.engine.billing.refusals import (
    CurrencyDiffers,
    InvoiceHasNoLines,
    InvoiceNotEditable,
    InvoiceNotVoidable,
    PaymentInProgress,
)
from tests.billing.world import DAY, HOUR, MARCH, World, refused


def test_finalizing_fixes_the_invoice() -> None:
    world = World()
    world.customer(email="sample@example.com", details={"name": "株式会社サンプル商事"})
    draft = world.draft(10_000)
    world.now += HOUR
    world.run(FinalizeInvoice(), draft)
    invoice = world.get(draft.id)
    assert (invoice.status, invoice.number) == ("open", "SAMPLE-0001")
    assert invoice.finalized_at == invoice.effective_at == MARCH + HOUR
    assert invoice.snapshot["name"] == "株式会社サンプル商事"
    assert invoice.snapshot["email"] == "sample@example.com"
    assert (invoice.amount_due, invoice.amount_remaining) == (10_000, 10_000)
    intent = world.get(invoice.intent_id)
    assert (intent.amount, intent.status, intent.invoice_id) == (
        10_000,
        "requires_payment_method",
        invoice.id,
    )
    (payment,) = world.payments(invoice.id)
    assert (payment.status, payment.is_default, payment.amount_requested) == ("open", True, 10_000)


def test_numbers_count_without_gaps_and_a_given_number_uses_none() -> None:
    world = World()
    empty = world.draft()
    refused(lambda: world.run(FinalizeInvoice(), empty), InvoiceHasNoLines)
    assert [world.finalized(100).number for _ in range(2)] == ["SAMPLE-0001", "SAMPLE-0002"]
    assert world.finalized(100, number="2026-A").number == "2026-A"
    assert world.finalized(100).number == "SAMPLE-0003"
    assert world.get("cus_1").next_invoice_sequence == 4


@pytest.mark.parametrize(
    ("total", "balance", "status", "due", "after", "movements"),
    [
        (1_000, -300, "open", 700, 0, [("applied_to_invoice", 300, 0)]),
        (1_000, -1_500, "paid", 0, -500, [("applied_to_invoice", 1_000, -500)]),
        (1_000, 200, "open", 1_200, 0, [("applied_to_invoice", -200, 0)]),
        (49, 0, "paid", 0, 49, [("invoice_too_small", 49, 49)]),
        (-400, 0, "paid", 0, -400, [("applied_to_invoice", -400, -400)]),
        (0, 0, "paid", 0, 0, []),
    ],
)
def test_the_balance_moves_with_the_invoice(
    total: int, balance: int, status: str, due: int, after: int, movements: list[object]
) -> None:
    world = World()
    world.customer(balance=balance)
    invoice = world.finalized(total)
    assert (invoice.status, invoice.amount_due, invoice.amount_paid) == (status, due, 0)
    assert (invoice.starting_balance, invoice.ending_balance) == (balance, after)
    assert world.get("cus_1").balance == after
    assert world.movements() == movements


def test_the_balance_stays_out_of_invoices_in_another_currency() -> None:
    world = World()
    world.customer(balance=-1_000)
    invoice = world.finalized(700, currency="usd")
    assert (invoice.amount_due, invoice.starting_balance) == (700, 0)
    assert world.get("cus_1").balance == -1_000
    world.run(VoidInvoice(), invoice)
    assert (world.get("cus_1").balance, world.movements()) == (-1_000, [])


@pytest.mark.parametrize("total", [49, -100])
def test_what_only_a_balance_in_another_currency_could_carry_is_refused(total: int) -> None:
    world = World()
    world.customer(balance=-1_000)
    draft = world.draft(total, currency="usd")
    sentence = refused(lambda: world.run(FinalizeInvoice(), draft), CurrencyDiffers)
    assert sentence.startswith(f"{total} usd would be carried in the customer's balance")
    assert world.get("cus_1").balance == -1_000


def test_the_term_counts_from_finalization_but_a_date_stays() -> None:
    world = World()
    counted = world.draft(100, collection_method="send_invoice", days_until_due=10)
    dated = world.draft(100, collection_method="send_invoice", due_date=MARCH + 20 * DAY)
    world.now += DAY
    for draft in (counted, dated):
        world.run(FinalizeInvoice(), draft)
    assert world.get(counted.id).due_date == MARCH + 11 * DAY
    assert world.get(dated.id).due_date == MARCH + 20 * DAY


# ── by time ────────────────────────────────────────────────────────────────────────────────────


def test_time_finalizes_an_advancing_draft_after_an_hour() -> None:
    world = World()
    draft = world.draft(100, auto_advance=True)
    assert draft.next_action_at == MARCH + DRAFT_STAYS == MARCH + 3600
    world.now = MARCH + 3599
    assert world.run(Advance(), draft).saves == ()
    world.now = MARCH + 3600
    world.run(Advance(), draft)
    assert world.get(draft.id).status == "open"


def test_a_rule_that_time_meets_is_recorded_and_waits_for_a_person() -> None:
    world = World()
    draft = world.draft(auto_advance=True)
    world.now += HOUR
    world.run(Advance(), draft)
    assert world.news() == ["invoice.finalization_failed", "invoice.updated"]
    after = world.get(draft.id)
    assert (after.status, after.next_action_at, after.number) == ("draft", None, None)
    assert after.details["last_finalization_error"] == {
        "type": "invalid_request_error",
        "code": "invoice_no_customer_line_items",
        "message": "Nothing to invoice for customer: the invoice has no lines. "
        "Add lines, or delete it.",
    }
    world.run(AddLines(({"amount": 100},)), draft)
    world.run(FinalizeInvoice(), draft)
    assert "last_finalization_error" not in world.get(draft.id).details


def test_an_update_lets_time_try_again() -> None:
    world = World()
    draft = world.draft(auto_advance=True)
    world.now += HOUR
    world.run(Advance(), draft)
    world.run(UpdateInvoice({"metadata": {"seen": "yes"}}), draft)
    assert world.get(draft.id).next_action_at == MARCH + HOUR


# ── revisions ──────────────────────────────────────────────────────────────────────────────────


def revision(world: World, original: Invoice) -> Invoice:
    """A draft that is to replace the original."""
    return world.draft(from_invoice={"action": "revision", "invoice": original.id})


@pytest.mark.parametrize("status", ["open", "uncollectible"])
def test_a_revision_copies_the_lines_and_voids_the_original(status: str) -> None:
    world = World()
    original = world.finalized(1_000, 200)
    if status == "uncollectible":
        world.run(MarkUncollectible(), original)
    copy = revision(world, original)
    assert (copy.status, copy.number, copy.total, copy.revises_id) == (
        "draft",
        None,
        1_200,
        original.id,
    )
    assert copy.hosted_key != original.hosted_key
    world.run(AddLines(({"amount": 50},)), copy)
    world.news()
    world.run(FinalizeInvoice(), copy)
    assert world.news() == [
        "payment_intent.canceled",
        "invoice.voided",
        "invoice.updated",
        "payment_intent.created",
        "invoice.finalized",
        "invoice.updated",
    ]
    old, new = world.get(original.id), world.get(copy.id)
    assert (old.status, old.latest_revision, old.number) == ("void", copy.id, "SAMPLE-0001")
    assert (new.status, new.amount_due, new.number) == ("open", 1_250, "SAMPLE-0002")
    assert world.get(old.intent_id).status == "canceled"


def test_the_credit_of_the_original_pays_the_revision() -> None:
    world = World()
    world.customer(balance=-300)
    original = world.finalized(1_000)
    copy = revision(world, original)
    world.run(FinalizeInvoice(), copy)
    assert world.get(copy.id).amount_due == 700
    assert world.get("cus_1").balance == 0
    assert world.movements() == [
        ("applied_to_invoice", 300, 0),
        ("unapplied_from_invoice", -300, -300),
        ("applied_to_invoice", 300, 0),
    ]


def test_paying_a_revision_charges_its_own_payment() -> None:
    world = World()
    original = world.finalized(1_000)
    world.card()
    copy = revision(world, original)
    paid = world.pay(copy)
    assert paid.status == "paid"
    assert paid.intent_id != original.intent_id
    assert world.get(paid.intent_id).status == "succeeded"
    assert world.get(original.intent_id).status == "canceled"


def test_a_revision_of_what_was_paid_meanwhile_is_refused() -> None:
    world = World()
    original = world.finalized(1_000)
    copy = revision(world, original)
    world.card()
    world.pay(original)
    sentence = refused(lambda: world.run(FinalizeInvoice(), copy), InvoiceNotVoidable)
    assert sentence == (
        f"This revision cannot be finalized: the invoice {original.id} that it would replace is "
        "paid. Delete the revision."
    )


def test_of_two_revisions_only_one_is_finalized() -> None:
    world = World()
    original = world.finalized(1_000)
    first, second = revision(world, original), revision(world, original)
    world.run(FinalizeInvoice(), first)
    sentence = refused(lambda: world.run(FinalizeInvoice(), second), InvoiceNotVoidable)
    assert "is void" in sentence


def test_a_revision_goes_on_when_the_original_was_voided_by_hand() -> None:
    world = World()
    original = world.finalized(1_000)
    copy = revision(world, original)
    world.run(VoidInvoice(), original)
    world.run(FinalizeInvoice(), copy)
    assert world.get(copy.id).status == "open"


def test_a_part_payment_or_a_charge_on_the_original_stops_the_revision() -> None:
    world = World()
    original = world.finalized(1_000)
    world.card()
    copy = revision(world, original)
    world.run(PayInvoice(), original)
    refused(lambda: world.run(FinalizeInvoice(), copy), PaymentInProgress)
    part = world.finalized(1_000)
    copy = revision(world, part)
    world.run(AttachPayment(world.intent(100).id), part)
    refused(lambda: world.run(FinalizeInvoice(), copy), InvoiceNotVoidable)


@pytest.mark.parametrize("status", ["draft", "paid", "void"])
def test_only_what_is_still_owed_can_be_revised(status: str) -> None:
    world = World()
    original = world.draft(1_000) if status == "draft" else world.finalized(1_000)
    if status == "paid":
        world.card()
        world.pay(original)
    elif status == "void":
        world.run(VoidInvoice(), original)
    sentence = refused(lambda: revision(world, original), InvoiceNotEditable)
    assert sentence == f"Only open or uncollectible invoices can be revised; this one is {status}."
