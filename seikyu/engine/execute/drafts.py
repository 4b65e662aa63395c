"""Drafts show what they would come to with their customer's balance of now: they follow it.

Whatever moves a balance (an invoice that takes credit, a movement by hand) moves what the customer's other
drafts show. They are looked up only then. No event announces it: nobody changed the drafts.
"""

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Decision
from seikyu.engine.billing.owed import expecting
from seikyu.engine.store import invoices
from seikyu.engine.store.session import Session


def following(session: Session, before: Customer | None, decision: Decision) -> Decision:
    """Return the decision with the drafts that ``before``'s new balance changes."""
    customers = [record for record in decision.saves if isinstance(record, Customer)]
    if before is None or not customers or before.id != customers[-1].id:
        return decision
    after = customers[-1]
    if (after.balance, after.currency) == (before.balance, before.currency):
        return decision
    touched = {record.id for record in (*decision.saves, *decision.deletes)}
    drafts = (d for d in invoices.drafts_of(session, after.id) if d.id not in touched)
    changed = tuple(now for draft in drafts if (now := expecting(draft, after)) != draft)
    return replace(decision, saves=(*decision.saves, *changed)) if changed else decision
