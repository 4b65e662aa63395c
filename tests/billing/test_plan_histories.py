"""Payment plans in random histories: whatever happens in whatever order, the instalments add up.

Payments come and are taken off, time passes, the unpaid part is scheduled anew, the rest is paid outside.
After every step the instalments hold what the invoice holds, in the order of their dates; the payment that
is expected is over the next one; and the plan under its own address says the same.
"""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from seikyu.engine.billing.advancing import Advance
from seikyu.engine.billing.invoice import (
    AttachPayment,
    DetachPayment,
    Invoice,
    MarkPaidOutOfBand,
    UpdatePaymentPlan,
)
from seikyu.engine.billing.payment_intent import InvoicePayment
from seikyu.engine.billing.payment_plan import plan_id_of
from seikyu.engine.billing.plan import in_order
from seikyu.engine.billing.refusals import (
    InvoiceAlreadyPaid,
    PaymentNotApplicable,
    PlanNotAllowed,
    Refusal,
)
from tests.billing.world import DAY, World

AMOUNTS = st.integers(min_value=1, max_value=4_000)
STEPS = st.one_of(
    st.tuples(st.just("attach"), AMOUNTS),
    st.tuples(st.just("detach"), st.integers(min_value=0, max_value=9)),
    st.tuples(st.just("wait"), st.integers(min_value=1, max_value=20)),
    st.tuples(st.just("split"), st.integers(min_value=2, max_value=4)),
    st.tuples(st.just("outside"), st.just(0)),
)


def parts(days: list[int], amounts: list[int]) -> list[dict[str, Any]]:
    """A plan as it is given."""
    return [
        {"amount": amount, "description": f"第{place}期", "days_until_due": day}
        for place, (day, amount) in enumerate(zip(days, amounts, strict=True))
    ]


def act(world: World, invoice: Invoice, step: tuple[str, int]) -> None:
    """Do one thing, if it is allowed now."""
    what, number = step
    if what == "attach":
        world.run(AttachPayment(world.intent(number).id), invoice)
    elif what == "detach":
        paid = [p for p in world.all(InvoicePayment) if p.status == "paid"]
        if paid:
            world.run(DetachPayment(paid[number % len(paid)].intent_id), invoice)
    elif what == "wait":
        until = world.now + number * DAY
        while (at := world.get(invoice.id).next_action_at) is not None and at <= until:
            world.now = at
            world.run(Advance(), invoice)
        world.now = until
    elif what == "split":
        world.run(UpdatePaymentPlan({"schedule": split(world, number)}, ""), invoice)
    else:
        world.run(MarkPaidOutOfBand(), invoice)


def split(world: World, count: int) -> dict[str, Any]:
    """A schedule of what is unpaid in so many parts, thirty days apart, after all dates so far."""
    (invoice,) = world.all(Invoice)
    kept = [part for part in invoice.plan if part.amount_paid]
    open_amount = invoice.amount_due - sum(part.amount for part in kept)
    latest = max(part.due_date for part in invoice.plan)
    each = open_amount // count
    amounts = [*[each] * (count - 1), open_amount - each * (count - 1)]
    entries = [
        {
            "type": "fixed_amount",
            "fixed_amount": {"amount": amount, "currency": "jpy"},
            "due_date": {"type": "absolute", "absolute": latest + 30 * DAY * (place + 1)},
        }
        for place, amount in enumerate(amounts)
    ]
    return {"type": "amounts_due", "amounts_due": {"amounts": entries}}


def check(world: World, id: str) -> None:
    """What must hold after every step."""
    invoice: Invoice = world.get(id)
    plan = [invoice.plan[place] for place in in_order(invoice.plan)]
    assert sum(part.amount for part in plan) == invoice.amount_due
    assert sum(part.amount_paid for part in plan) == invoice.amount_paid
    assert invoice.amount_remaining == sum(part.amount_remaining for part in plan)
    open_ones = [part for part in plan if part.amount_remaining]
    assert plan == [part for part in plan if not part.amount_remaining] + open_ones
    assert all(part.amount_paid == 0 for part in open_ones[1:])
    assert all((part.paid_at is not None) == (part.status == "paid") for part in plan)
    assert (invoice.status == "paid") == (not open_ones)
    if invoice.status == "open":
        assert world.get(invoice.intent_id).amount == open_ones[0].amount_remaining
        expected = [p for p in world.payments(id) if p.is_default and p.status == "open"]
        assert [p.amount_requested for p in expected] == [open_ones[0].amount_remaining]
    shown = world.get(plan_id_of(id))
    assert shown.instalments == invoice.plan


@settings(max_examples=150, deadline=None)
@given(
    days=st.lists(st.integers(min_value=0, max_value=90), min_size=2, max_size=5),
    amounts=st.lists(AMOUNTS, min_size=5, max_size=5),
    steps=st.lists(STEPS, max_size=14),
)
def test_the_instalments_always_add_up(
    days: list[int], amounts: list[int], steps: list[tuple[str, int]]
) -> None:
    amounts = [amount + 50 for amount in amounts[: len(days)]]
    world = World()
    invoice = world.finalized(
        sum(amounts), collection_method="send_invoice", amounts_due=parts(days, amounts)
    )
    check(world, invoice.id)
    for step in steps:
        before = dict(world.records)
        try:
            act(world, world.get(invoice.id), step)
        except (PaymentNotApplicable, PlanNotAllowed, InvoiceAlreadyPaid) as refusal:
            assert isinstance(refusal, Refusal)
            known = {id: world.records[id] for id in before}
            assert known == before
        check(world, invoice.id)


def test_percentages_are_kept_when_the_rest_is_scheduled_anew() -> None:
    """A schedule may mix what is fixed with a percentage of the whole; the last takes the remainder."""
    world = World()
    days, amounts = [1, 30], [1_000, 9_001]
    invoice = world.finalized(
        10_001, collection_method="send_invoice", amounts_due=parts(days, amounts)
    )
    world.run(AttachPayment(world.intent(1_000).id), invoice)
    entries = [
        {
            "type": "percentage",
            "percentage": Decimal(45),
            "due_date": {"type": "relative", "relative": {"count": days, "interval": "day"}},
        }
        for days in (30, 60)
    ]
    schedule = {"type": "amounts_due", "amounts_due": {"amounts": entries}}
    world.run(UpdatePaymentPlan({"schedule": schedule}, ""), invoice)
    assert [part.amount for part in world.get(invoice.id).plan] == [1_000, 4_500, 4_501]
    check(world, invoice.id)
