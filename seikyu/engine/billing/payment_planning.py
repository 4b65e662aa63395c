"""Planning payments by a schedule: made on a draft or an open invoice, changed while it is unpaid.

1. A schedule has at least two instalments, each a fixed amount or a percentage of what is due, each dated
   absolutely or relatively. A last percentage takes the remainder to the yen.
2. On a draft the schedule may be anything until finalization, which is when relative dates begin to count.
   On an open invoice it must come to what is due at once, and relative dates count from now.
3. What was paid stays: instalments on which money came are kept as they are, and no other may fall due
   before them, since money fills instalments in the order of their dates.
Source: Stripe's private preview of ``/v1/payment_plans``; the dates' order is ours.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import default_in_step
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given, Record
from seikyu.engine.billing.invoice import (
    DRAFT,
    CreatePaymentPlan,
    Invoice,
    UpdatePaymentPlan,
)
from seikyu.engine.billing.payment_plan import announced, plan_id_of, shown_by
from seikyu.engine.billing.plan import (
    DAYS,
    MOST,
    Instalment,
    Plan,
    check_sum,
    dated,
    filled,
    identified,
    last_date,
    resolved,
)
from seikyu.engine.billing.refusals import ObjectMissing, ParameterMissing, PlanNotAllowed

WITHIN = "schedule[amounts_due][amounts]"
LEAST = 2


def create(book: Book, command: CreatePaymentPlan, context: Context) -> Decision:
    """Give the book's invoice a plan. Raises PlanNotAllowed, ParameterMissing, PaymentInProgress."""
    invoice = book.invoice
    assert invoice is not None
    _may_have_one(invoice)
    if invoice.plan:
        raise PlanNotAllowed(
            f"The invoice {invoice.id} has a payment plan already: {plan_id_of(invoice.id)}. "
            "Update that one.",
            "collects_on[0][invoice_details][invoice]",
        )
    plan = _scheduled(command.given["schedule"], invoice.currency, ())
    return _planned(book, plan, command.given, context)


def update(book: Book, command: UpdatePaymentPlan, context: Context) -> Decision:
    """Change the unpaid instalments. Raises PlanNotAllowed, ObjectMissing, PaymentInProgress."""
    invoice = book.invoice
    assert invoice is not None
    if book.payment_plan is None or not invoice.plan:
        raise ObjectMissing("payment_plan", command.plan_id)
    if invoice.pre_payment_credit_notes_amount:
        raise PlanNotAllowed(
            "Credit notes let go a part of these instalments, which could not be put back into others; "
            "void the credit notes first.",
            "schedule",
        )
    plan = _scheduled(command.given["schedule"], invoice.currency, invoice.plan)
    return _planned(book, plan, command.given, context)


def _may_have_one(invoice: Invoice) -> None:
    if invoice.collection_method != "send_invoice":
        raise PlanNotAllowed(
            "Payment plans are only possible on invoices with collection_method=send_invoice.",
            "collects_on[0][invoice_details][invoice]",
        )
    if invoice.subscription_id is not None:
        raise PlanNotAllowed(
            "Invoices of a subscription cannot have a payment plan.",
            "collects_on[0][invoice_details][invoice]",
        )


def _planned(book: Book, plan: Plan, given: Given, context: Context) -> Decision:
    """Store the invoice with its new plan, and the plan; the payment that is expected follows."""
    before = book.invoice
    assert before is not None
    plan = resolved(identified(plan, context.mint), before.amount_due)
    saves: list[Record] = []
    announcements: list[Announcement] = []
    if before.status != DRAFT:
        plan = _on_open(book, before, plan, context)
    details = {k: v for k, v in before.details.items() if k != "last_finalization_error"}
    after = replace(
        before, plan=plan, days_until_due=None, due_date=last_date(plan), details=details
    )
    if before.status != DRAFT:
        saves, announcements, after = default_in_step(book, after, context)
    stored = book.payment_plan
    own = shown_by(after, stored, context, given.get("metadata"))
    return Decision(
        own,
        (*saves, after, own),
        announcements=(
            *announcements,
            Announcement("invoice.updated", after, before),
            *announced(stored, own),
        ),
    )


def _on_open(book: Book, invoice: Invoice, plan: Plan, context: Context) -> Plan:
    """Return the plan as it counts at once: dated, adding up, filled with what came."""
    paid = tuple(part for part in plan if part.amount_paid)
    fresh = dated(
        tuple(part for part in plan if not part.amount_paid), context.now, book.settings.time_zone
    )
    latest = max((part.due_date or 0 for part in paid), default=0)
    if any((part.due_date or 0) < latest for part in fresh):
        raise PlanNotAllowed(
            "No instalment can fall due before one on which money was received.", WITHIN
        )
    check_sum((*paid, *fresh), invoice.amount_due, invoice.currency)
    return filled((*paid, *fresh), invoice.amount_paid, context.now)


# ── what a schedule says ───────────────────────────────────────────────────────────────────────


def _scheduled(schedule: Given, currency: str, present: Plan) -> Plan:
    """Return the instalments of a schedule: those with money first, as they are, then those told."""
    entries: Sequence[Given] = (schedule.get("amounts_due") or {}).get("amounts") or ()
    own = {part.id: part for part in present}
    kept = [part for part in present if part.amount_paid]
    told = []
    for place, entry in enumerate(entries):
        id = entry.get("id")
        if id is not None and id not in own:
            raise ObjectMissing("instalment", id, f"{WITHIN}[{place}][id]")
        part = _instalment(entry, currency, f"{WITHIN}[{place}]")
        if id is not None and own[id] in kept:
            _unchanged(own[id], part, entry, f"{WITHIN}[{place}]")
        else:
            told.append(replace(part, id=id))
    _check_count(len(kept) + len(told))
    _check_percentages(told, alone=not kept)
    return (*kept, *told)


def _unchanged(paid: Instalment, told: Instalment, entry: Given, within: str) -> None:
    """An instalment on which money came may be named, as it is, and nothing else."""
    differs = (
        ("due_date" in entry and told.due_date not in (None, paid.due_date))
        or ("description" in entry and told.description != paid.description)
        or (told.percentage != paid.percentage)
        or (told.percentage is None and told.amount != paid.amount)
    )
    if differs:
        raise PlanNotAllowed(
            f"The instalment {paid.id} cannot be changed: {paid.amount_paid} of {paid.amount} were "
            "received. Only unpaid instalments can be updated.",
            within,
        )


def _check_count(count: int) -> None:
    if count < LEAST:
        raise PlanNotAllowed(f"A plan has at least {LEAST} instalments.", WITHIN)
    if count > MOST:
        raise PlanNotAllowed(f"A plan has at most {MOST} instalments.", WITHIN)


def _check_percentages(told: Sequence[Instalment], *, alone: bool) -> None:
    """Percentages that are the whole plan must come to 100."""
    shares = [part.percentage for part in told if part.percentage is not None]
    total = sum(shares, Decimal(0))
    if total > 100 or (alone and len(shares) == len(told) and total != 100):
        raise PlanNotAllowed(f"The percentages come to {total:f}, not to 100.", WITHIN)


def _instalment(entry: Given, currency: str, within: str) -> Instalment:
    """Return one instalment. Raises ParameterMissing for what its types call for."""
    amount, percentage = 0, None
    if entry["type"] == "fixed_amount":
        fixed = _needed(entry, "fixed_amount", within)
        if fixed["currency"] != currency:
            raise PlanNotAllowed(
                f"The instalment is in {fixed['currency']}, the invoice in {currency}.",
                f"{within}[fixed_amount][currency]",
            )
        amount = fixed["amount"]
        if amount < 1:
            raise PlanNotAllowed(
                "An instalment must be of at least 1.", f"{within}[fixed_amount][amount]"
            )
    else:
        percentage = _needed(entry, "percentage", within)
    date = _needed(entry, "due_date", within)
    part = Instalment(amount, entry.get("description"), percentage=percentage)
    if date["type"] == "absolute":
        return replace(part, due_date=_needed(date, "absolute", f"{within}[due_date]"))
    relative = _needed(date, "relative", f"{within}[due_date]")
    interval, count = relative["interval"], relative["count"]
    days = count * DAYS[interval] if interval in DAYS else None
    return replace(part, days_until_due=days, interval=interval, interval_count=count)


def _needed(entry: Given, name: str, within: str) -> Any:
    if entry.get(name) is None:
        raise ParameterMissing(f"{within}[{name}]")
    return entry[name]
