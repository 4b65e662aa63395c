"""Whatever is asked of an invoice, in whatever order, what must always hold does hold.

Commands come at random: refused ones must change nothing, the others must keep every invariant below.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from seikyu.engine.billing.advancing import Advance
from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.due import moments, next_retry, since
from seikyu.engine.billing.invoice import (
    AddLines,
    AttachPayment,
    DetachPayment,
    FinalizeInvoice,
    Invoice,
    MarkPaidOutOfBand,
    MarkUncollectible,
    PayInvoice,
    SendInvoice,
    UpdateInvoice,
    VoidInvoice,
)
from seikyu.engine.billing.payment_intent import ConfirmIntent, InvoicePayment, PaymentIntent
from seikyu.engine.billing.refusals import Refusal
from seikyu.engine.billing.settings import Settings
from tests.billing.world import DECLINED, NEEDS_CUSTOMER, SUCCEEDED, World

OUTCOMES = (SUCCEEDED, DECLINED, NEEDS_CUSTOMER)
AMOUNTS = st.sampled_from([-4_000, 0, 30, 1_000, 6_000])
COMMANDS: tuple[Callable[[], object], ...] = (
    FinalizeInvoice,
    SendInvoice,
    PayInvoice,
    MarkPaidOutOfBand,
    VoidInvoice,
    MarkUncollectible,
    lambda: UpdateInvoice({"auto_advance": True}),
    lambda: UpdateInvoice({"metadata": {"seen": "yes"}}),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("command"), st.integers(0, len(COMMANDS) - 1)),
        st.tuples(st.just("line"), AMOUNTS),
        st.tuples(st.just("charge"), st.integers(0, 2)),
        st.tuples(st.just("settle"), st.integers(0, 2)),
        st.tuples(st.just("time"), st.sampled_from([60, 3_600, 86_400])),
        st.tuples(st.just("apply"), st.sampled_from([100, 500, 1_000, 6_000])),
        st.tuples(st.just("promise"), st.sampled_from([100, 1_000])),
        st.tuples(st.just("confirm"), st.integers(0, 9)),
        st.tuples(st.just("take off"), st.integers(0, 9)),
    ),
    min_size=3,
    max_size=20,
)

SAID_BY = {
    "invoice.finalized": {("draft", "open"), ("draft", "paid")},
    "invoice.paid": {("draft", "paid"), ("open", "paid"), ("uncollectible", "paid")},
    "invoice.voided": {("open", "void"), ("uncollectible", "void")},
    "invoice.marked_uncollectible": {("open", "uncollectible")},
    "invoice_payment.detached": {("paid", "open")},
}
"""The event that announces each change of status. Taking a payment off may also leave the status."""


TAKEN: list[str] = []
"""Every step of every history, to see that they were many."""


def take(world: World, invoice: Invoice, step: tuple[str, int]) -> None:
    """Do one step. Raises Refusal."""
    kind, value = step
    if kind == "command":
        world.run(COMMANDS[value](), invoice)
    elif kind == "line":
        world.run(AddLines(({"amount": value},)), invoice)
    elif kind == "charge":
        world.run(PayInvoice(), invoice)
        if world.charge is not None:
            world.settle(OUTCOMES[value])
    elif kind == "settle":
        for attempt in world.all(Attempt):
            if attempt.status == "processing":
                world.settle(OUTCOMES[value], attempt)
                return
    elif kind == "time":
        world.now += value
        world.run(Advance(), invoice)
    elif kind in ("apply", "promise"):
        card = world.get("cus_1").default_payment_method
        status = "succeeded" if kind == "apply" else "requires_confirmation"
        intent = world.intent(value, status, payment_method_id=card)
        world.run(AttachPayment(intent.id), invoice)
    else:
        intents = world.all(PaymentIntent)
        if intents and kind == "confirm":
            world.on_intent(ConfirmIntent({}), intents[value % len(intents)])
        elif intents:
            world.run(DetachPayment(intents[value % len(intents)].id), invoice)


def check(world: World, before: Invoice, after: Invoice, balance: int) -> None:
    """Hold one step against the invariants."""
    events = Counter(world.news())
    if before.status == "void":
        assert after == before
    moved = (before.status, after.status)
    for type, moves in SAID_BY.items():
        if moved in moves:
            assert events[type] == 1, (type, moved)
        elif type != "invoice_payment.detached":
            assert events[type] == 0, (type, moved)
    assert before.status == after.status or any(moved in moves for moves in SAID_BY.values())
    check_money(world, after, balance)
    assert after.next_action_at is not None or reason_to_rest(after), after


def check_money(world: World, invoice: Invoice, balance: int) -> None:
    """What is paid and what remains agree with each other, with the payments and the balance."""
    assert invoice.amount_remaining >= 0
    if not invoice.amount_overpaid:
        assert invoice.amount_paid + invoice.amount_remaining == invoice.amount_due
    else:
        assert invoice.amount_paid - invoice.amount_overpaid == invoice.amount_due
    payments = world.payments(invoice.id)
    received = sum(p.amount_paid or 0 for p in payments if p.status == "paid")
    assert received + invoice.amount_paid_off_stripe == invoice.amount_paid
    assert (invoice.status == "paid") == (
        invoice.amount_remaining == 0 and invoice.status not in ("draft", "void")
    )
    for intent in world.all(PaymentIntent):
        paid = [
            p.amount_paid
            for p in world.all(InvoicePayment)
            if p.intent_id == intent.id and p.status == "paid"
        ]
        assert sum(paid) <= intent.amount_received
    expected = [p.amount_requested for p in payments if p.is_default and p.status == "open"]
    owing = invoice.status in ("open", "uncollectible")
    if not any(attempt.status == "processing" for attempt in world.all(Attempt)):
        assert expected == ([invoice.amount_remaining] if owing else [])
    moves = [amount for _, amount, _ in world.movements()]
    assert world.get("cus_1").balance == balance + sum(moves)


def reason_to_rest(invoice: Invoice) -> str | None:
    """Why time has nothing to do: one of the facts that an invoice records."""
    if not invoice.auto_advance:
        return "it does not advance"
    if "last_finalization_error" in invoice.details:
        return "a person must see to an error"
    if invoice.status == "open" and invoice.collection_method == "send_invoice":
        moments_ahead = [m for m in moments(invoice, Settings()) if m.at > since(invoice)]
        return None if moments_ahead else "the last reminder is over"
    if invoice.status == "open" and invoice.attempted and not next_retry(invoice, Settings()):
        return "the last retry is over"
    return None


@settings(max_examples=12_500, deadline=None)
@given(
    st.lists(AMOUNTS, min_size=1, max_size=3),
    st.sampled_from([0, -300, -20_000, 40, 2_000]),
    st.sampled_from(["charge_automatically", "send_invoice"]),
    st.booleans(),
    st.booleans(),
    STEPS,
)
def test_an_invoice_keeps_its_invariants_whatever_is_asked_of_it(
    amounts: list[int],
    balance: int,
    method: str,
    advances: bool,
    finalized: bool,
    steps: list[tuple[str, int]],
) -> None:
    world = World()
    world.customer(balance=balance)
    world.card()
    invoice = world.draft(*amounts, collection_method=method, auto_advance=advances)
    if finalized:
        world.run(FinalizeInvoice(), invoice)
        world.news()
    for step in steps:
        TAKEN.append(step[0])
        before: Any = world.get(invoice.id)
        known = dict(world.records)
        try:
            take(world, before, step)
        except Refusal:
            new = world.records.keys() - known.keys()
            assert {type(world.records[id]) for id in new} <= {PaymentIntent}  # made by the step
            assert {id: world.records[id] for id in known} == known
            assert world.news() == []
            continue
        check(world, before, world.get(invoice.id), balance)
    event(f"ends {world.get(invoice.id).status}")


def test_the_histories_were_long_enough_to_prove_something() -> None:
    assert len(TAKEN) > 90_000
    assert len(set(TAKEN)) == 9
