"""Payment plans follow their invoices: whatever changes the instalments changes what is shown of the plan.

The plan is looked up only where an invoice with instalments is stored, or one that may have lost them: a
draft. Nothing else reads it, so no loader needs to.
"""

from typing import Any

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Context, Decision
from seikyu.engine.billing.invoice import DRAFT, CreatePaymentPlan, Invoice, UpdatePaymentPlan
from seikyu.engine.billing.payment_plan import PaymentPlan, PlanBook, kept, plan_id_of
from seikyu.engine.billing.refusals import ObjectMissing
from seikyu.engine.store.session import Session


def planned(session: Session, decision: Decision, context: Context) -> Decision:
    """Return the decision with the plans of the invoices that it stores or deletes."""
    final = {record.id: record for record in decision.saves}
    own = {record.invoice_id for record in final.values() if isinstance(record, PaymentPlan)}
    for record in final.values():
        if isinstance(record, Invoice) and record.id not in own and _may_have_plan(record):
            before = _plan(session, plan_id_of(record.id))
            decision = kept(before, decision, record, context)
    for record in decision.deletes:
        if isinstance(record, Invoice) and record.plan:
            before = _plan(session, plan_id_of(record.id))
            if before is not None:
                decision = replace(decision, deletes=(before, *decision.deletes))
    return decision


def _may_have_plan(invoice: Invoice) -> bool:
    return bool(invoice.plan) or (
        invoice.status == DRAFT
        and invoice.version > 0
        and invoice.collection_method == "send_invoice"
    )


def check_named(session: Session, id: str | None, command: Any) -> None:
    """Raise ObjectMissing for a plan or an invoice that a command on a plan names and nobody has."""
    if isinstance(command, UpdatePaymentPlan) and _plan(session, command.plan_id) is None:
        raise ObjectMissing("payment_plan", command.plan_id)
    if isinstance(command, CreatePaymentPlan) and session.get(Invoice, id) is None:
        param = "collects_on[0][invoice_details][invoice]"
        raise ObjectMissing("invoice", id or "", param)


def of(session: Session, invoice: Invoice, command: Any) -> PaymentPlan | None:
    """Return the invoice's plan for a command that changes it by its own address."""
    changes = isinstance(command, CreatePaymentPlan | UpdatePaymentPlan)
    return _plan(session, plan_id_of(invoice.id)) if changes else None


def _plan(session: Session, id: str | None) -> PaymentPlan | None:
    return session.get(PaymentPlan, id)


def of_plan(session: Session, id: str | None, command: Any) -> PlanBook:
    """Load for ``DescribePaymentPlan``: the plan, its customer locked. Raises ObjectMissing."""
    del command
    found = _plan(session, id)
    if found is None:
        raise ObjectMissing("payment_plan", id or "")
    customer = session.lock(found.customer_id)
    if session.connection.dialect != "sqlite":
        found = _plan(session, id) or found
    return PlanBook(found, customer)
