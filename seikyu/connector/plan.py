"""What is to be done about each invoice: one operation for every invoice read. Pure and total.

The same function serves the preview, the run, the question "why not?" and the tests. It takes a
`Case` (an invoice with everything known about it) and the `Rules`, reads nothing and writes
nothing, and raises nothing: whatever it cannot decide is an `AskHuman`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from seikyu.board.words import InvoiceStatus
from seikyu.connector import back_sync, reasons
from seikyu.connector.conditions import (
    Case,
    Mode,
    Rules,
    missed_conditions,
    mode_of,
    payable,
    recipients,
)
from seikyu.connector.facts import CustomerFinding, CustomerKind, Link, LinkState, StripeInvoice
from seikyu.connector.lines import DoesNotAddUp, StripeLine, lines_of
from seikyu.connector.reasons import Reason


@dataclass(frozen=True, slots=True)
class CreateInvoice:
    """Send it: these lines, to this customer, collected this way. `amount` in minor units."""

    lines: tuple[StripeLine, ...]
    amount: int
    email: str
    mode: Mode
    customer: CustomerFinding


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Set board's status because of what Stripe says. The subclasses name the four cases."""

    status: InvoiceStatus
    note: Reason | None = None


@dataclass(frozen=True, slots=True)
class MarkPaid(SetStatus):
    """入金済."""


@dataclass(frozen=True, slots=True)
class MarkPartlyPaid(SetStatus):
    """一部入金済."""


@dataclass(frozen=True, slots=True)
class RevertToInvoiced(SetStatus):
    """Back to 請求済: the payment was taken back."""


@dataclass(frozen=True, slots=True)
class MarkUncollectible(SetStatus):
    """回収不能."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Sending had begun, but the conditions no longer hold: remove the draft, if there is one."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Skip:
    """Nothing to do, and every condition that is missed."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class AskHuman:
    """A person has to decide or to correct something first."""

    reason: Reason


Operation = CreateInvoice | SetStatus | Withdraw | Skip | AskHuman

STATUS_OPERATIONS: dict[InvoiceStatus, type[SetStatus]] = {
    InvoiceStatus.PAID: MarkPaid,
    InvoiceStatus.PARTLY_PAID: MarkPartlyPaid,
    InvoiceStatus.INVOICED: RevertToInvoiced,
    InvoiceStatus.UNCOLLECTIBLE: MarkUncollectible,
}


@dataclass(frozen=True, slots=True)
class Planned:
    """A case and what is to be done about it."""

    case: Case
    operation: Operation


def plan(cases: Iterable[Case], rules: Rules) -> tuple[Planned, ...]:
    """Return one operation for every case, in the order given."""
    return tuple(Planned(case, plan_invoice(case, rules)) for case in cases)


def plan_invoice(case: Case, rules: Rules) -> Operation:
    """Decide about one invoice."""
    link = case.link
    if link is not None and link.state is LinkState.SENT:
        return _follow(case, rules)
    missed = missed_conditions(case, rules)
    if missed:
        begun = link is not None and link.state is LinkState.RESERVED
        return Withdraw(missed) if begun else Skip(missed)
    return _send(case, rules)


def sendable(case: Case, rules: Rules) -> bool:
    """Whether all conditions hold, so that looking up its customer in Stripe is worth a call."""
    return isinstance(plan_invoice(case, rules), CreateInvoice)


def _send(case: Case, rules: Rules) -> Operation:
    document = case.invoice.document
    if case.project is None:
        return AskHuman(reasons.project_missing(case.invoice.project_id))
    if document is None:
        return AskHuman(reasons.document_missing())
    mode, email = mode_of(case, rules), recipients(case)[0]
    if mode is not Mode.CHARGE and case.invoice.payment_limit_date is None:
        return AskHuman(reasons.no_payment_limit())
    customer = case.customer if mode is rules.mode else case.mailed or case.customer
    if trouble := _customer_trouble(customer, mode, email):
        return AskHuman(trouble)
    try:
        lines = lines_of(document)
    except DoesNotAddUp as contradiction:
        return AskHuman(reasons.lines_do_not_add_up(contradiction.ja, contradiction.en))
    return CreateInvoice(lines, document.payable, email, mode, customer)


def _customer_trouble(found: CustomerFinding, mode: Mode, email: str) -> Reason | None:
    match found.kind:
        case CustomerKind.AMBIGUOUS:
            return reasons.ambiguous_customer(email, found.count)
        case CustomerKind.SHARED:
            return reasons.shared_address(email, found.other_client_id)
        case CustomerKind.DELETED:
            return reasons.customer_deleted(found.customer_id or "?")
        case CustomerKind.TO_CREATE if mode is Mode.CHARGE:
            return reasons.no_customer_yet(email)
        case CustomerKind.LINKED | CustomerKind.FOUND:
            # Finalizing would leave an open invoice that nobody can pay and nobody hears of: in
            # this mode Stripe e-mails nothing. So nothing is made until there is a card.
            if mode is Mode.CHARGE and not found.has_default_card:
                return reasons.no_default_card(found.customer_id or "?")
            return None
        case _:
            return None


def _follow(case: Case, rules: Rules) -> Operation:
    assert case.link is not None
    link = case.link
    if case.stripe is None:
        return Skip((reasons.already_linked(link.stripe_invoice_id or "?"),))
    followed = plan_link(link, case.stripe, case.invoice.invoice_status, rules)
    owed = payable(case.invoice)
    if isinstance(followed, Skip) and owed != link.amount and case.stripe.status == "open":
        return AskHuman(back_sync.board_amount_changed(link, owed))
    return followed


def plan_link(
    link: Link, stripe: StripeInvoice, present: InvoiceStatus, rules: Rules
) -> SetStatus | Skip | AskHuman:
    """Decide about an invoice that is in Stripe; `present` is the status board has now."""
    match back_sync.answer(link, stripe, present, rules.switches):
        case back_sync.Write(status, note):
            return STATUS_OPERATIONS[status](status, note)
        case back_sync.Tell(reason):
            return AskHuman(reason)
        case _:
            return Skip((reasons.already_linked(link.stripe_invoice_id or "?"),))
