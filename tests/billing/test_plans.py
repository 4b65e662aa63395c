"""Payment plans: what they may be, how money fills them, and what they forbid."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seikyu.engine.billing.advancing import Advance
from seikyu.engine.billing.invoice import (
    AttachPayment,
    CreateInvoice,
    DetachPayment,
    FinalizeInvoice,
    Invoice,
    MarkPaidOutOfBand,
    MarkUncollectible,
    PayInvoice,
    UpdateInvoice,
    VoidInvoice,
)
from seikyu.engine.billing.invoicing import decide
from seikyu.engine.billing.mail import Mail
from seikyu.engine.billing.plan import Instalment, expected, filled, resolved, sums_ahead
from seikyu.engine.billing.refusals import (
    FieldIsFrozen,
    ParameterMissing,
    ParametersExclude,
    PlanNotAllowed,
    Refusal,
)
from seikyu.engine.billing.settings import Mails, PastDue, Settings
from tests.billing.world import DAY, MARCH, World, refused

THREE = [
    {"amount": 1_000, "description": "Deposit", "days_until_due": 1},
    {"amount": 2_000, "description": "Payment 1", "days_until_due": 30},
    {"amount": 2_000, "description": "Payment 2", "days_until_due": 60},
]
MAILED: dict[str, Any] = {"collection_method": "send_invoice"}


def planned(**given: Any) -> tuple[World, Invoice]:
    """A finalized invoice of 5,000 yen: a deposit and two instalments."""
    world = World()
    invoice = world.finalized(5_000, **MAILED, amounts_due=THREE, **given)
    return world, invoice


def states(invoice: Invoice) -> list[tuple[int, str]]:
    """What was paid of each instalment, and its status."""
    return [(part.amount_paid, part.status) for part in invoice.plan]


def received(world: World, invoice: Invoice, amount: int) -> Invoice:
    """Apply a payment of ``amount`` yen."""
    world.run(AttachPayment(world.intent(amount).id), invoice)
    after: Invoice = world.get(invoice.id)
    return after


# ── what a plan may be ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given", "refusal", "param"),
    [
        ({"amounts_due": THREE}, PlanNotAllowed, "amounts_due"),
        (
            {**MAILED, "amounts_due": [{"amount": 1, "description": "x"}]},
            ParameterMissing,
            "amounts_due[0][days_until_due]",
        ),
        (
            {
                **MAILED,
                "amounts_due": [
                    {"amount": 1, "description": "x", "days_until_due": 1, "due_date": MARCH}
                ],
            },
            ParametersExclude,
            "amounts_due[0][due_date]",
        ),
        (
            {**MAILED, "amounts_due": [{"amount": 0, "description": "x", "days_until_due": 1}]},
            PlanNotAllowed,
            "amounts_due[0][amount]",
        ),
        (
            {**MAILED, "amounts_due": THREE, "days_until_due": 3},
            ParametersExclude,
            "days_until_due",
        ),
        ({**MAILED, "amounts_due": THREE, "due_date": MARCH + 9}, ParametersExclude, "due_date"),
        (
            {**MAILED, "amounts_due": [{**THREE[0], "amount": 1}] * 101},
            PlanNotAllowed,
            "amounts_due",
        ),
    ],
)
def test_what_cannot_be_a_plan_is_refused(
    given: dict[str, Any], refusal: type[Refusal], param: str
) -> None:
    world = World()
    world.customer()
    with pytest.raises(refusal) as raised:
        decide(world.new_invoice_book(given), CreateInvoice(given), world.context())
    assert raised.value.param == param


def test_a_draft_s_plan_is_replaced_and_removed() -> None:
    world = World()
    draft = world.draft(5_000, **MAILED, amounts_due=THREE)
    assert [part.amount for part in draft.plan] == [1_000, 2_000, 2_000]
    assert draft.due_date is None
    dates = [
        {"amount": 1_000, "description": "Updated Payment 1", "due_date": MARCH + 3 * DAY},
        {"amount": 3_000, "description": "Updated Payment 2", "due_date": MARCH + 9 * DAY},
    ]
    world.run(UpdateInvoice({"amounts_due": dates}), draft)
    assert world.get(draft.id).due_date == MARCH + 9 * DAY
    sentence = refused(lambda: world.run(FinalizeInvoice(), draft), PlanNotAllowed)
    assert sentence == (
        "The sum of amounts_due (4000 jpy) must equal the invoice's amount_due (5000 jpy)."
    )
    world.run(UpdateInvoice({"amounts_due": None, "days_until_due": 5}), draft)
    assert world.get(draft.id).plan == ()
    world.run(FinalizeInvoice(), draft)
    assert world.get(draft.id).due_date == MARCH + 5 * DAY


def test_credit_counts_before_the_plan_must_add_up() -> None:
    world = World()
    world.customer(balance=-1_000)
    draft = world.draft(5_000, **MAILED, amounts_due=THREE[1:])
    world.run(FinalizeInvoice(), draft)
    assert world.get(draft.id).amount_due == 4_000


def test_finalizing_dates_the_instalments_and_expects_the_first() -> None:
    world, invoice = planned()
    assert [part.due_date for part in invoice.plan] == [
        MARCH + DAY,
        MARCH + 30 * DAY,
        MARCH + 60 * DAY,
    ]
    assert invoice.due_date == MARCH + 60 * DAY
    assert world.get(invoice.intent_id).amount == 1_000
    assert [p.amount_requested for p in world.payments(invoice.id)] == [1_000]
    refused(lambda: world.run(UpdateInvoice({"amounts_due": THREE}), invoice), FieldIsFrozen)


# ── money ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("paid", "parts", "next_amount", "sums"),
    [
        (0, [(0, "open"), (0, "open"), (0, "open")], 1_000, [1_000, 3_000, 5_000]),
        (400, [(400, "open"), (0, "open"), (0, "open")], 600, [600, 2_600, 4_600]),
        (1_000, [(1_000, "paid"), (0, "open"), (0, "open")], 2_000, [2_000, 4_000]),
        (3_500, [(1_000, "paid"), (2_000, "paid"), (500, "open")], 1_500, [1_500]),
        (5_000, [(1_000, "paid"), (2_000, "paid"), (2_000, "paid")], 0, [0]),
    ],
)
def test_money_fills_the_instalments_in_the_order_of_their_dates(
    paid: int, parts: list[tuple[int, str]], next_amount: int, sums: list[int]
) -> None:
    plan = (
        Instalment(2_000, due_date=MARCH + 60 * DAY),
        Instalment(1_000, due_date=MARCH + DAY),
        Instalment(2_000, due_date=MARCH + 30 * DAY),
    )
    last, first, second = filled(plan, paid, MARCH)
    assert [(part.amount_paid, part.status) for part in (first, second, last)] == parts
    assert expected((last, first, second), 5_000 - paid) == next_amount
    assert sums_ahead((last, first, second), 5_000 - paid) == sums


def test_each_payment_makes_the_next_one_expected() -> None:
    world, invoice = planned()
    world.card()
    invoice = world.pay(invoice)
    assert (invoice.status, invoice.amount_remaining) == ("open", 4_000)
    assert states(invoice) == [(1_000, "paid"), (0, "open"), (0, "open")]
    assert world.get(invoice.intent_id).amount == 2_000
    invoice = world.pay(invoice, amount=4_000)
    assert invoice.status == "paid"
    assert states(invoice) == [(1_000, "paid"), (2_000, "paid"), (2_000, "paid")]


def test_only_whole_instalments_can_be_paid_together() -> None:
    world, invoice = planned()
    world.card()
    sentence = refused(lambda: world.run(PayInvoice(amount=1_500), invoice), PlanNotAllowed)
    assert sentence == (
        "1500 jpy is not what the next instalments come to; possible are 1000, 3000, 5000."
    )


def test_money_that_is_taken_off_empties_the_last_first() -> None:
    world, invoice = planned()
    first = world.intent(1_000)
    world.run(AttachPayment(first.id), invoice)
    received(world, invoice, 2_000)
    world.run(DetachPayment(first.id), invoice)
    after = world.get(invoice.id)
    assert states(after) == [(1_000, "paid"), (1_000, "open"), (0, "open")]
    assert world.get(after.intent_id).amount == 1_000


def test_paid_outside_covers_all_that_remains() -> None:
    world, invoice = planned()
    received(world, invoice, 1_000)
    world.run(MarkPaidOutOfBand(), invoice)
    after = world.get(invoice.id)
    assert (after.status, after.amount_paid_off_stripe) == ("paid", 4_000)
    assert [part.status for part in after.plan] == ["paid", "paid", "paid"]


@pytest.mark.parametrize("command", [VoidInvoice, MarkUncollectible])
def test_a_plan_under_way_is_not_given_up(command: Any) -> None:
    world, invoice = planned()
    world.run(command(), invoice)  # before the first payment
    world, invoice = planned()
    received(world, invoice, 1)
    refused(lambda: world.run(command(), invoice), PlanNotAllowed)


def test_a_plan_under_way_is_not_revised() -> None:
    world, invoice = planned()
    given = {"from_invoice": {"action": "revision", "invoice": invoice.id}}
    draft = world.keep(decide(world.new_invoice_book(given), CreateInvoice(given), world.context()))
    assert [part.status for part in draft.answer.plan] == ["open"] * 3  # type: ignore[attr-defined]
    received(world, invoice, 1_000)
    refused(
        lambda: decide(world.new_invoice_book(given), CreateInvoice(given), world.context()),
        PlanNotAllowed,
    )


def test_a_revision_has_the_plan_as_a_draft_has_it() -> None:
    """Relative dates count from the revision's own finalization; nothing of it is late yet."""
    world, invoice = planned()
    pass_time(world, invoice, 20)
    assert world.get(invoice.id).plan[0].status == "past_due"
    world.now = MARCH + 20 * DAY
    given = {"from_invoice": {"action": "revision", "invoice": invoice.id}}
    made = world.keep(decide(world.new_invoice_book(given), CreateInvoice(given), world.context()))
    draft = world.get(made.answer.id)
    assert [(part.due_date, part.status) for part in draft.plan] == [(None, "open")] * 3
    assert draft.due_date is None
    world.run(FinalizeInvoice(), draft)
    assert [part.due_date for part in world.get(draft.id).plan] == [
        MARCH + 21 * DAY,
        MARCH + 50 * DAY,
        MARCH + 80 * DAY,
    ]


# ── time ───────────────────────────────────────────────────────────────────────────────────────


def pass_time(world: World, invoice: Invoice, days: int) -> list[tuple[int, str]]:
    """Let time act at each of the invoice's moments; return the events as (day, type)."""
    told: list[tuple[int, str]] = []
    while True:
        at = world.get(invoice.id).next_action_at
        if at is None or at > MARCH + days * DAY:
            return told
        world.now = at
        world.run(Advance(), invoice)
        told += [((at - MARCH) // DAY, type) for type in world.news()]


def test_each_instalment_is_recalled_a_week_before_and_falls_past_due() -> None:
    world, invoice = planned(auto_advance=True)
    received(world, invoice, 1_000)
    world.news()
    assert pass_time(world, invoice, 100) == [
        (23, "invoice.will_be_due"),
        (23, "payment_plan.installment_will_be_due"),
        (30, "invoice.updated"),
        (30, "customer.updated"),
        (30, "payment_plan.installment_due"),
        (30, "payment_plan.updated"),
        (53, "invoice.will_be_due"),
        (53, "payment_plan.installment_will_be_due"),
        (60, "invoice.updated"),
        (60, "payment_plan.installment_due"),
        (60, "payment_plan.updated"),
    ]
    assert [(m.kind, m.days) for m in world.all(Mail)] == [
        ("invoice", None),
        ("reminder", -7),
        ("reminder", -7),
    ]
    assert [part.status for part in world.get(invoice.id).plan] == ["paid", "past_due", "past_due"]


def test_without_advancing_instalments_fall_past_due_and_nobody_is_told() -> None:
    world, invoice = planned()
    told = ("invoice.updated", "payment_plan.installment_due", "payment_plan.updated")
    assert pass_time(world, invoice, 100) == [(day, type) for day in (1, 30, 60) for type in told]
    assert world.all(Mail) == []


def test_reminders_go_with_the_mail_of_the_finalized_invoice() -> None:
    world = World(settings=Settings(mails=Mails(finalized_invoice=False)))
    invoice = world.finalized(5_000, **MAILED, amounts_due=THREE, auto_advance=True)
    assert [type for _, type in pass_time(world, invoice, 100)].count("invoice.will_be_due") == 0


def test_a_plan_under_way_is_not_given_up_by_time() -> None:
    """Refusing would have left the invoice due, and the worker would have come back to it for ever."""
    settings = Settings(past_due=PastDue(after_days=30, invoice="mark_uncollectible"))
    world = World(settings=settings)
    invoice = world.finalized(5_000, **MAILED, amounts_due=THREE, auto_advance=True)
    received(world, invoice, 1_000)
    pass_time(world, invoice, 365)
    after = world.get(invoice.id)
    assert (after.status, after.next_action_at) == ("open", None)


def test_a_plan_of_which_nothing_came_is_given_up_by_time() -> None:
    settings = Settings(past_due=PastDue(after_days=30, invoice="mark_uncollectible"))
    world = World(settings=settings)
    invoice = world.finalized(5_000, **MAILED, amounts_due=THREE, auto_advance=True)
    told = pass_time(world, invoice, 365)
    assert (90, "invoice.marked_uncollectible") in told
    assert world.get(invoice.id).status == "uncollectible"


# ── percentages ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("due", "percentages", "amounts"),
    [
        (10_000, ["50", "50"], [5_000, 5_000]),
        (10_001, ["50", "50"], [5_000, 5_001]),
        (100, ["33.3333", "33.3333", "33.3334"], [33, 33, 34]),
        (999_999_999_999, ["0.0001", "99.9999"], [999_999, 999_999_000_000]),
        (7, ["25", "25", "25", "25"], [1, 1, 1, 4]),
    ],
)
def test_the_last_percentage_takes_the_remainder(
    due: int, percentages: list[str], amounts: list[int]
) -> None:
    plan = tuple(Instalment(0, percentage=Decimal(each)) for each in percentages)
    assert [part.amount for part in resolved(plan, due)] == amounts
    assert sum(amounts) == due


def test_a_fixed_last_instalment_takes_no_remainder() -> None:
    plan = (Instalment(0, percentage=Decimal(50)), Instalment(5_000))
    assert [part.amount for part in resolved(plan, 10_001)] == [5_000, 5_000]


@given(
    due=st.integers(min_value=1_000, max_value=10**12),
    shares=st.lists(st.integers(min_value=1, max_value=300_000), min_size=1, max_size=12),
)
def test_whole_percentages_always_come_to_the_yen(due: int, shares: list[int]) -> None:
    """In ten-thousandths of a per cent, the last being what is left of a hundred."""
    while sum(shares) >= 1_000_000:
        shares = shares[1:]
    parts = [*shares, 1_000_000 - sum(shares)]
    plan = tuple(Instalment(0, percentage=Decimal(part) / 10_000) for part in parts)
    resolved_plan = resolved(plan, due)
    assert sum(part.amount for part in resolved_plan) == due
    assert all(
        abs(part.amount * 1_000_000 - due * share) < len(parts) * 1_000_000
        for part, share in zip(resolved_plan, parts, strict=True)
    )
