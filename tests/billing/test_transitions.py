"""Every command in every status, through the front door: the move or the refusal that TABLE names.

The situation of each pair is brought about by commands, never made up; ``AS_AGREED`` writes down once
more, by hand, what the table must say, so that a slip of the table is found as well.
"""

from decimal import Decimal
from typing import Any

import pytest

from seikyu.engine.billing.invoice import (
    STATUSES,
    TABLE,
    AddLines,
    AttachPayment,
    CreatePaymentPlan,
    DeleteInvoice,
    DetachPayment,
    FinalizeInvoice,
    Invoice,
    MarkPaidOutOfBand,
    MarkUncollectible,
    PayInvoice,
    RemoveLines,
    SendInvoice,
    UpdateInvoice,
    UpdateLines,
    UpdatePaymentPlan,
    VoidInvoice,
    allowed,
)
from seikyu.engine.billing.refusals import Refusal
from seikyu.engine.billing.transitions import Forbidden, Move
from tests.billing.world import DECLINED, NEEDS_CUSTOMER, World, refused

AS_AGREED = {
    UpdateInvoice: ("draft", "open", "paid", "uncollectible", "FieldIsFrozen"),
    DeleteInvoice: ("gone", *["OnlyDraftsCanBeDeleted"] * 4),
    AddLines: ("draft", *["LinesAreFrozen"] * 4),
    UpdateLines: ("draft", *["LinesAreFrozen"] * 4),
    RemoveLines: ("draft", *["LinesAreFrozen"] * 4),
    FinalizeInvoice: ("open", *["OnlyDraftsCanBeFinalized"] * 4),
    SendInvoice: ("open", "open", "InvoiceNotSendable", "InvoiceNotSendable", "InvoiceNotSendable"),
    PayInvoice: ("paid", "paid", "InvoiceAlreadyPaid", "paid", "InvoiceNotPayable"),
    MarkPaidOutOfBand: ("paid", "paid", "InvoiceAlreadyPaid", "paid", "InvoiceNotPayable"),
    VoidInvoice: ("InvoiceNotVoidable", "void", "InvoiceNotVoidable", "void", "InvoiceNotVoidable"),
    MarkUncollectible: (
        "InvoiceNotUncollectible",
        "uncollectible",
        *["InvoiceNotUncollectible"] * 3,
    ),
    AttachPayment: (
        "PaymentNotApplicable",
        "paid",
        "PaymentNotApplicable",
        "paid",
        "PaymentNotApplicable",
    ),
    DetachPayment: ("PaymentNotApplied", "open", "open", "uncollectible", "PaymentNotApplied"),
    CreatePaymentPlan: ("draft", "open", *["PlanNotAllowed"] * 3),
    UpdatePaymentPlan: ("draft", "open", *["PlanNotAllowed"] * 3),
}
"""What follows in draft, open, paid, uncollectible and void: a status, or the name of a refusal."""

HALVES = {
    "type": "amounts_due",
    "amounts_due": {
        "amounts": [
            {
                "type": "percentage",
                "percentage": Decimal(50),
                "due_date": {
                    "type": "relative",
                    "relative": {"count": months, "interval": "month"},
                },
            }
            for months in (1, 2)
        ]
    },
}
"""A schedule of two halves, a month apart."""

PAIRS = [
    pytest.param(status, command, AS_AGREED[command][index], id=f"{command.__name__}-{status}")
    for command in TABLE
    for index, status in enumerate(STATUSES)
]


def situation(status: str, command: type) -> tuple[World, Invoice, Any]:
    """An invoice of 10,000 yen in this status, and the command as it can be asked of it."""
    world = World()
    sent = (SendInvoice, CreatePaymentPlan, UpdatePaymentPlan)
    mailed: dict[str, Any] = {"collection_method": "send_invoice"} if command in sent else {}
    if command is UpdatePaymentPlan:
        mailed["amounts_due"] = [
            {"amount": 5_000, "description": "サンプル", "days_until_due": days} for days in (1, 9)
        ]
    invoice = world.draft(10_000, **mailed)
    world.card()
    if status != "draft":
        world.run(FinalizeInvoice(), invoice)
    intent = world.intent(10_000 if command is AttachPayment else 4_000)
    if command is DetachPayment and status in ("open", "uncollectible"):
        world.run(AttachPayment(intent.id), invoice)
    if command is DetachPayment and status == "paid":
        world.pay(invoice)
        intent = world.get(world.get(invoice.id).intent_id)
    elif status == "paid":
        world.pay(invoice, amount=10_000 if command is UpdatePaymentPlan else None)
    elif status == "uncollectible":
        world.run(MarkUncollectible(), invoice)
    elif status == "void":
        world.run(VoidInvoice(), invoice)
    world.news()
    line_id = world.lines(invoice.id)[0].line_id
    makers: dict[type, Any] = {
        UpdateInvoice: lambda: UpdateInvoice({"metadata": {"order": "7"}}),
        AddLines: lambda: AddLines(({"amount": 500},)),
        UpdateLines: lambda: UpdateLines(({"id": line_id, "amount": 500},)),
        RemoveLines: lambda: RemoveLines(({"id": line_id},)),
        AttachPayment: lambda: AttachPayment(intent.id),
        DetachPayment: lambda: DetachPayment(intent.id),
        CreatePaymentPlan: lambda: CreatePaymentPlan({"schedule": HALVES}),
        UpdatePaymentPlan: lambda: UpdatePaymentPlan({"schedule": HALVES}, "pplan_1"),
    }
    asked = makers.get(command, command)()
    return world, world.get(invoice.id), asked


@pytest.mark.parametrize(("status", "command", "agreed"), PAIRS)
def test_each_status_answers_each_command_as_the_table_says(
    status: str, command: type, agreed: str
) -> None:
    edge = TABLE[command][status]
    world, invoice, asked = situation(status, command)
    assert invoice.status == status
    if isinstance(edge, Forbidden):
        assert edge.refusal.__name__ == agreed
        sentence = refused(lambda: world.run(asked, invoice), edge.refusal)
        assert status in sentence
        assert "{" not in sentence
        assert world.get(invoice.id) == invoice
        assert world.news() == []
        return
    world.run(asked, invoice)
    if world.charge is not None:
        world.settle()
    check_move(world, invoice, edge, agreed)


def check_move(world: World, before: Invoice, edge: Move, agreed: str) -> None:
    """The invoice is where the edge leads, and the edge's events were announced in its order."""
    after = world.records.get(before.id)
    if after is None:
        assert (edge.to, agreed) == ((), "gone")
    else:
        assert after.status == agreed
        assert after.status in edge.to
    events = world.news()
    beside = ("payment_intent.", "payment_plan.", "charge.", "invoiceitem.")
    assert tuple(e for e in events if not e.startswith(beside)) == edge.announces


def test_the_table_lists_every_command_for_every_status() -> None:
    assert set(AS_AGREED) == set(TABLE)
    assert [tuple(row) for row in TABLE.values()] == [STATUSES] * 15


def test_a_void_invoice_takes_no_command_at_all() -> None:
    for command in TABLE:
        assert isinstance(TABLE[command]["void"], Forbidden)
        with pytest.raises(Refusal, match="void"):
            allowed("void", command)


@pytest.mark.parametrize(
    ("total", "events"),
    [
        (0, ["invoice.finalized", "invoice.paid", "invoice.payment_succeeded", "invoice.updated"]),
        (49, ["invoice.finalized", "invoice.paid", "invoice.payment_succeeded", "invoice.updated"]),
        (50, ["payment_intent.created", "invoice.finalized", "invoice.updated"]),
    ],
)
@pytest.mark.parametrize("command", [FinalizeInvoice, SendInvoice])
def test_a_draft_with_nothing_to_collect_is_paid_by_finalizing(
    total: int, events: list[str], command: type
) -> None:
    world = World()
    draft = world.draft(total, collection_method="send_invoice")
    world.run(command(), draft)
    assert world.get(draft.id).status == ("open" if total == 50 else "paid")
    assert world.news() == events + (["invoice.sent"] if command is SendInvoice else [])


@pytest.mark.parametrize("command", [PayInvoice(), MarkPaidOutOfBand()])
def test_paying_a_draft_of_nothing_ends_with_its_finalization(command: object) -> None:
    world = World()
    draft = world.draft(0)
    decision = world.run(command, draft)
    assert world.get(draft.id).status == "paid"
    assert decision.charge is None
    assert world.news() == [
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice.updated",
    ]


@pytest.mark.parametrize("status", ["draft", "open", "uncollectible"])
@pytest.mark.parametrize(
    ("outcome", "events"),
    [
        (
            DECLINED,
            [
                "charge.failed",
                "payment_intent.payment_failed",
                "invoice.payment_failed",
                "invoice.updated",
            ],
        ),
        (
            NEEDS_CUSTOMER,
            [
                "payment_intent.requires_action",
                "invoice.payment_action_required",
                "invoice.updated",
            ],
        ),
    ],
)
def test_a_charge_that_brings_no_money_leaves_the_status(
    status: str, outcome: Any, events: list[str]
) -> None:
    world, invoice, asked = situation(status, PayInvoice)
    world.run(asked, invoice)
    finalized = ["payment_intent.created", "invoice.finalized", "invoice.updated"]
    assert world.news() == (finalized if status == "draft" else [])
    decision = world.settle(outcome)
    assert world.news() == events
    after = world.get(invoice.id)
    assert after.status == ("open" if status == "draft" else status)
    assert (after.attempt_count, after.attempted, after.amount_remaining) == (1, True, 10_000)
    assert decision.refusal is not None
