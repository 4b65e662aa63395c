"""Payment plans as objects of their own: the instalments of an invoice, under an address of theirs.

1. Every invoice with instalments has one plan, whether it came by ``amounts_due`` or by itself. Its id is
   the invoice's with another prefix: neither is ever without the other.
2. The instalments are the invoice's. What stands here is them as they were shown last, kept in step by
   ``kept`` with whatever changes the invoice, so that events can say what became of each.
3. Events: ``created``, one ``installment_paid`` for each that is full, ``installment_due`` when a date
   passes over an open one, ``installment_will_be_due`` with the reminder, and ``updated`` last.
Source: Stripe's private preview of ``/v1/payment_plans``.
"""

from dataclasses import dataclass, field
from typing import Any

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given
from seikyu.engine.billing.invoice import VOID, Invoice
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.plan import Instalment

PREFIX = "pplan_"


@dataclass(frozen=True, slots=True)
class PaymentPlan:
    """A payment plan. Amounts in minor units of ``currency``; times in Unix seconds.

    ``canceled``: the invoice is void, and nothing of the plan is owed any more.
    """

    id: str
    created: int
    invoice_id: str
    customer_id: str
    currency: str
    version: int = 0
    canceled: bool = False
    instalments: tuple[Instalment, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DescribePaymentPlan:
    """Change what is said about a plan: its metadata."""

    given: Given


@dataclass(frozen=True, slots=True)
class PlanBook:
    """The payment plan at issue."""

    plan: PaymentPlan
    customer: Any = None


def plan_id_of(invoice_id: str) -> str:
    """Return the id of the invoice's payment plan."""
    return PREFIX + invoice_id.partition("_")[2]


def invoice_id_of(plan_id: str) -> str:
    """Return the id of the plan's invoice; whether there is one must be looked up."""
    return "in_" + plan_id.partition("_")[2]


def decide(book: PlanBook, command: object, context: Context) -> Decision:
    """Decide a command on the plan alone; it never touches the invoice."""
    del context
    assert isinstance(command, DescribePaymentPlan)
    before = book.plan
    after = replace(before, metadata=merged(before.metadata, command.given.get("metadata") or {}))
    if after == before:
        return Decision(before)
    updated = Announcement("payment_plan.updated", after, before)
    return Decision(after, (after,), announcements=(updated,))


def shown_by(
    invoice: Invoice, before: PaymentPlan | None, context: Context, metadata: Given | None = None
) -> PaymentPlan:
    """Return the plan of the invoice as it is now; ``before`` is as it was shown last."""
    plan = before or PaymentPlan(
        plan_id_of(invoice.id), context.now, invoice.id, invoice.customer_id, invoice.currency
    )
    return replace(
        plan,
        currency=invoice.currency,
        canceled=invoice.status == VOID,
        instalments=invoice.plan,
        metadata=merged(plan.metadata, metadata or {}),
    )


def kept(
    before: PaymentPlan | None, decision: Decision, invoice: Invoice, context: Context
) -> Decision:
    """Return the decision with the plan of an invoice that it stores, and with what is told of it."""
    if not invoice.plan:
        return (
            decision if before is None else replace(decision, deletes=(before, *decision.deletes))
        )
    after = shown_by(invoice, before, context)
    told = tuple(announced(before, after, reminds=_reminds(decision, invoice)))
    if not told:
        return decision
    return replace(
        decision,
        saves=(*decision.saves, after),
        announcements=(*decision.announcements, *told),
    )


def announced(
    before: PaymentPlan | None, after: PaymentPlan, *, reminds: bool = False
) -> list[Announcement]:
    """Return the events of a change, in order; none when nothing was changed and nothing is near."""
    if before is None:
        return [Announcement("payment_plan.created", after)]
    was = {part.id: part for part in before.instalments}
    told = []
    for part in after.instalments:
        old = was.get(part.id)
        if old is not None and part.status == "paid" and old.status != "paid":
            told.append(Announcement("payment_plan.installment_paid", after))
        if old is not None and part.past_due and not old.past_due:
            told.append(Announcement("payment_plan.installment_due", after))
    if reminds:
        told.append(Announcement("payment_plan.installment_will_be_due", after))
    if after != before:
        told.append(Announcement("payment_plan.updated", after, before))
    return told


def _reminds(decision: Decision, invoice: Invoice) -> bool:
    """Say whether the decision tells that an instalment of the invoice will be due."""
    return any(
        said.type == "invoice.will_be_due" and said.record.id == invoice.id
        for said in decision.announcements
    )
