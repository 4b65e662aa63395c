"""Every command on a payment intent in every status: the move or the refusal that TABLE names.

``AS_AGREED`` writes down once more, by hand, what the table must say, so that a slip of it is found as well.
"""

import pytest

from seikyu.engine.billing import authentication, cash_paying, payment
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.cash import CashBalance, cash_id
from seikyu.engine.billing.cash_paying import INSTRUCTIONS
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Decision
from seikyu.engine.billing.payment_intent import (
    MOVES,
    STATUSES,
    TABLE,
    ApplyBalance,
    CancelIntent,
    ConfirmIntent,
    FailAuthentication,
    PaymentIntent,
    UpdateIntent,
    allowed,
)
from seikyu.engine.billing.transitions import Forbidden
from tests.billing.world import DECLINED, MARCH, NEEDS_CUSTOMER, SUCCEEDED, World

NO = "IntentStateForbids"
AS_AGREED = {
    UpdateIntent: (
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "processing",
        "succeeded",
        "canceled",
    ),
    ConfirmIntent: ("succeeded", "succeeded", "succeeded", NO, NO, NO),
    CancelIntent: ("canceled", "canceled", "canceled", NO, NO, NO),
    ApplyBalance: ("succeeded", "succeeded", "succeeded", NO, NO, NO),
    FailAuthentication: (NO, NO, "requires_payment_method", NO, NO, NO),
}
"""What follows in each of STATUSES, in their order: a status, or the name of a refusal."""

PAIRS = [(command, status) for command in TABLE for status in STATUSES]


def in_status(status: str) -> tuple[World, PaymentIntent]:
    """A world with a payment over 1,000 yen in the status, and a card to pay it."""
    world = World()
    world.customer()
    card = world.card()
    transfer = {"type": INSTRUCTIONS, INSTRUCTIONS: {"amount_remaining": 1_000}}
    waits = transfer if status == "requires_action" else None
    return world, world.intent(1_000, status, payment_method_id=card.id, next_action=waits)


def decided(world: World, intent: PaymentIntent, command: type) -> Decision:
    """Decide the command with nothing but the payment, its customer and its card at hand."""
    book = Book(
        account=world.account,
        settings=world.settings,
        customer=world.get("cus_1"),
        intent=intent,
        method=world.get(str(intent.payment_method_id)),
    )
    if command is ApplyBalance:
        full = CashBalance(cash_id("cus_1"), MARCH, "cus_1", available={"jpy": 1_000})
        book = replace(book, cash=full, intent=replace(intent, invoice_id="in_1"))
        return cash_paying.decide(book, ApplyBalance({}), world.context())
    if command is FailAuthentication:
        return authentication.decide(book, FailAuthentication(), world.context())
    given = {"metadata": {"a": "b"}} if command is UpdateIntent else {}
    return payment.decide(book, command(given), world.context())


def test_the_table_says_what_was_agreed() -> None:
    assert set(TABLE) == set(AS_AGREED)
    for command, row in TABLE.items():
        assert tuple(row) and set(row) == set(STATUSES)
        for status, agreed in zip(STATUSES, AS_AGREED[command], strict=True):
            edge = row[status]
            said = (edge.refusal.__name__,) if isinstance(edge, Forbidden) else edge.to
            assert agreed in said, (command, status)


@pytest.mark.parametrize(("command", "status"), PAIRS)
def test_a_command_does_in_a_status_what_the_table_says(command: type, status: str) -> None:
    world, intent = in_status(status)
    edge = TABLE[command][status]
    if isinstance(edge, Forbidden):
        with pytest.raises(edge.refusal) as refused:
            decided(world, intent, command)
        assert str(refused.value) == edge.sentence.replace("{status}", status)
        return
    decision = decided(world, intent, command)
    if command is ConfirmIntent:  # The events are those of its outcome, which comes later.
        assert decision.charge is not None
        return
    assert isinstance(decision.answer, PaymentIntent)
    assert decision.answer.status in edge.to
    assert tuple(each.type for each in decision.announcements) == edge.announces


@pytest.mark.parametrize(
    ("outcome", "after"),
    [
        (SUCCEEDED, "succeeded"),
        (DECLINED, "requires_payment_method"),
        (NEEDS_CUSTOMER, "requires_action"),
    ],
)
@pytest.mark.parametrize("status", STATUSES[:3])
def test_a_confirmed_payment_ends_where_the_table_leads(
    status: str, outcome: object, after: str
) -> None:
    world, intent = in_status(status)
    world.on_intent(ConfirmIntent({}), intent)
    world.settle(outcome)  # type: ignore[arg-type]
    assert world.get(intent.id).status == after
    assert after in allowed(status, ConfirmIntent).to


def test_nothing_leads_out_of_a_payment_that_succeeded_or_was_canceled() -> None:
    for over in ("succeeded", "canceled"):
        leads = {
            target
            for row in TABLE.values()
            if not isinstance(edge := row[over], Forbidden)
            for target in edge.to
        }
        assert leads == {over}
        assert not any(over in moves for moves in MOVES.values())
