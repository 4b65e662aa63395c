"""Invoices of subscriptions: the draft of a period or a change, and billing it on the spot.

Such a draft takes up what waits for the customer: invoice items of the subscription and those that
belong to none. A mailed invoice, and every one that time makes, stays a draft for an hour and then goes
the way of all invoices. What a request made is fixed at once and charged in the same request.
Source: Stripe, "How subscriptions work" and "Status transitions and finalization".
"""

from dataclasses import dataclass

from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import mark_uncollectible, pay, void
from seikyu.engine.billing.customer import Customer, alive, snapshot_of
from seikyu.engine.billing.decision import (
    Announcement,
    Context,
    Decision,
    Record,
    merged_decisions,
)
from seikyu.engine.billing.drafting import DAY, discounted_draft, numbered
from seikyu.engine.billing.finalizing import finalize
from seikyu.engine.billing.invoice import OPEN, FinalizeInvoice, Invoice, PayInvoice
from seikyu.engine.billing.invoicing import after
from seikyu.engine.billing.line import Line
from seikyu.engine.billing.redeeming import inherited
from seikyu.engine.billing.subscription import Subscription

CREATED, CYCLED, CHANGED = "subscription_create", "subscription_cycle", "subscription_update"


@dataclass(frozen=True, slots=True)
class Charging:
    """A charge that a request asks for: who is answered with, and under which key.

    ``first``: it is the payment that begins the subscription, which collections do not repeat.
    """

    subject_id: str
    request_key: str | None = None
    off_session: bool = True
    first: bool = False


def drafted(
    book: Book,
    subscription: Subscription,
    reason: str,
    lines: tuple[Line, ...],
    context: Context,
    *,
    advances: bool = True,
    since: int | None = None,
) -> Decision:
    """Make the draft with these lines, behind what waits for the customer.

    ``since`` is the beginning of the period that ends now (Unix seconds); None: there was none.
    """
    customer = alive(book.customer)
    own = subscription.details.get("invoice_settings") or {}
    days = subscription.days_until_due if _mailed(subscription) else None
    invoice = Invoice(
        id=context.mint("in"),
        created=context.now,
        customer_id=customer.id,
        currency=subscription.currency,
        hosted_key=context.token(),
        collection_method=subscription.collection_method,
        auto_advance=advances,
        billing_reason=reason,
        days_until_due=days,
        due_date=None if days is None else context.now + days * DAY,
        clock_id=customer.clock_id,
        period_start=context.now if since is None else since,
        period_end=context.now,
        subscription_id=subscription.id,
        default_rates=subscription.default_rates,
        discounts=inherited(subscription.discounts, subscription.currency, context.now),
        snapshot=snapshot_of(customer),
        details={
            "metadata": {},
            "description": own.get("description"),
            "footer": own.get("footer") or customer.details.get("footer"),
            "custom_fields": own.get("custom_fields") or customer.details.get("custom_fields"),
            "issuer": own.get("issuer") or {"type": "self"},
            "payment_settings": subscription.details.get("payment_settings"),
            "subscription_metadata": dict(subscription.details.get("metadata") or {}),
        },
    )
    waiting = pending_for(book, subscription)
    all_lines = numbered((*waiting, *lines), invoice, 0, context)
    draft = discounted_draft(book, {}, invoice, all_lines, context)
    made = tuple(
        Announcement("invoiceitem.created", line)
        for line in draft.lines or ()
        if isinstance(line, Line) and not line.version and not line.recurring
    )
    return replace(draft, announcements=(*made, *draft.announcements))


def pending_for(book: Book, subscription: Subscription) -> tuple[Line, ...]:
    """Return what waits for the next invoice of the subscription."""
    return tuple(
        line
        for line in book.pending
        if line.currency == subscription.currency
        and line.subscription_id in (None, subscription.id)
    )


def billed_now(
    book: Book,
    subscription: Subscription,
    draft: Decision,
    context: Context,
    *,
    charging: Charging | None,
    advances: bool = True,
) -> Decision:
    """Fix the draft at once, and charge it when asked. Raises what finalizing and charging raise.

    Nothing is charged when nothing is left to collect. ``advances``: collections go on with it.
    """
    fixed = _fixed(book, draft, context, advances=advances)
    invoice = fixed.answer
    assert isinstance(invoice, Invoice)
    if charging is None or invoice.status != OPEN:
        return fixed
    if not charging.first and (book.method is None or book.method.detached):
        # Due at once like every invoice that advances: the worker says that it cannot be charged, with
        # all that follows for the subscription, of which this is the newest invoice only then.
        return fixed
    command = PayInvoice(
        off_session=charging.off_session,
        scheduled=not charging.first,
        request_key=charging.request_key,
    )
    begun = pay(after(replace(book, subscription=subscription), fixed), command, context)
    return merged_decisions(fixed, _asked_by(begun, charging.subject_id))


def let_go(book: Book, subscription: Subscription, draft: Decision, context: Context) -> Decision:
    """Fix the draft and give it up, as ``pause_collection`` of the subscription says."""
    fixed = _fixed(book, draft, context, advances=False, collects=False)
    invoice = fixed.answer
    assert isinstance(invoice, Invoice)
    if invoice.status != OPEN:
        return fixed
    # Its subscription owes nothing for it and stays as it is.
    alone = replace(after(book, fixed), subscription=None)
    rule = void if subscription.pause_behavior == "void" else mark_uncollectible
    return merged_decisions(fixed, rule(alone, context))


def _fixed(
    book: Book, draft: Decision, context: Context, *, advances: bool, collects: bool = True
) -> Decision:
    invoice = draft.answer
    assert isinstance(invoice, Invoice)
    # Its customer may have used up a discount on it.
    customer = next((x for x in draft.saves if isinstance(x, Customer)), book.customer)
    alone = replace(
        book,
        customer=customer,
        invoice=invoice,
        lines=tuple(line for line in draft.lines or () if isinstance(line, Line)),
        payments=(),
        expected=None,
        in_flight=None,
        original=None,
        subscription=None,
    )
    command = FinalizeInvoice(auto_advance=advances, collects=collects)
    return merged_decisions(draft, finalize(alone, command, context))


def _asked_by(begun: Decision, subject_id: str) -> Decision:
    """Let the outcome of the charge answer with the subscription instead of its invoice."""
    attempt = begun.charge
    if not isinstance(attempt, Attempt):
        return begun
    asked = replace(attempt, subject_id=subject_id)
    saves: tuple[Record, ...] = tuple(
        asked if record is attempt else record for record in begun.saves
    )
    return replace(begun, charge=asked, saves=saves)


def _mailed(subscription: Subscription) -> bool:
    return subscription.collection_method == "send_invoice"
