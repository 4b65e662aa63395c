"""Drafts: making, editing and throwing away an invoice that is not fixed yet. Its lines: ``line_edits``."""

from collections.abc import Sequence
from typing import Any

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.collecting import not_begun
from seikyu.engine.billing.configuring import check_own
from seikyu.engine.billing.customer import Customer, alive, snapshot_of
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given, Record
from seikyu.engine.billing.hosted_link import renewed
from seikyu.engine.billing.invoice import (
    DRAFT,
    OPEN,
    Invoice,
)
from seikyu.engine.billing.line import (
    Fresh,
    Line,
    known_rates,
)
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.numbering import is_reserved
from seikyu.engine.billing.plan import identified, last_date, plan_of, unfixed
from seikyu.engine.billing.redeeming import customer_after, given_back, on_invoice, worth_using
from seikyu.engine.billing.refusals import (
    AutoAdvanceIsOver,
    FieldIsFrozen,
    InvoiceNotEditable,
    NumberTaken,
    ObjectMissing,
    ParameterNotAllowed,
    ParametersExclude,
    PlanNotAllowed,
    SubscriptionLinesStay,
)
from seikyu.engine.billing.totalling import totalled

DAYS_UNTIL_DUE = 30
"""Payment term of a mailed invoice for which none was given."""

DAY = 86_400

PLAIN = (
    "account_tax_ids", "automatic_tax", "collection_settings", "custom_fields", "description",
    "footer", "payment_settings", "rendering", "shipping_details", "statement_descriptor",
)  # fmt: skip
"""Parameters that are kept and shown as they were given."""

OPEN_ALLOWS = frozenset(
    {
        "auto_advance",
        "collection_settings",
        "metadata",
        "default_payment_method",
        "payment_settings",
        "days_until_due",
        "due_date",
    }
)
"""What may change on a finalized invoice. Source: Stripe, "Edit invoices"."""

FINAL_ALLOWS = frozenset({"metadata"})


def create(book: Book, given: Given, context: Context) -> Decision:
    """Make a draft. Raises ParameterMissing, ParametersExclude, NotServed, InvoiceNotEditable."""
    if book.original is not None:
        return _revise(book, given, context)
    customer = alive(book.customer)
    currency = given.get("currency") or customer.currency or book.account.default_currency
    invoice = Invoice(
        id=context.mint("in"),
        created=context.now,
        customer_id=customer.id,
        currency=currency,
        hosted_key=context.token(),
        clock_id=customer.clock_id,
        period_start=context.now,
        period_end=context.now,
        snapshot=snapshot_of(customer),
        details={
            "footer": customer.details.get("footer"),
            "custom_fields": customer.details.get("custom_fields"),
            "issuer": {"type": "self"},
            "currency_given": bool(given.get("currency")),
        },
    )
    invoice = _edited(book, invoice, given, context)
    lines: tuple[Line, ...] = ()
    if given.get("pending_invoice_items_behavior") == "include":
        lines = numbered(
            (line for line in book.pending if line.currency == currency), invoice, 0, context
        )
    return discounted_draft(book, given, invoice, lines, context)


def discounted_draft(
    book: Book, given: Given, invoice: Invoice, lines: tuple[Line, ...], context: Context
) -> Decision:
    """Make the draft with the discounts it was given, or its customer's."""
    fresh, customer = Fresh(), alive(book.customer)
    subtotal = sum(line.amount for line in lines) if lines else None
    discounts = on_invoice(invoice, given, customer, subtotal, book.shelf, fresh, context)
    if "discounts" not in given:
        discounts = worth_using(discounts, lines, invoice.currency)
    customer = customer_after(customer, discounts, fresh, context.now)
    invoice = replace(invoice, discounts=discounts)
    rounding = book.settings.tax.rounding
    return new_draft(customer, invoice, lines, context, fresh=fresh, rounding=rounding)


def new_draft(
    customer: Customer,
    invoice: Invoice,
    lines: tuple[Line, ...],
    context: Context,
    *,
    fresh: Fresh | None = None,
    rounding: str = "down",
) -> Decision:
    """Total the draft and store it, behind what ``fresh`` brings. ``rounding`` of taxes: the account's."""
    fresh = fresh or Fresh()
    lines, invoice = totalled(invoice, lines, customer, rounding)
    invoice = replace(invoice, awaits_webhooks=context.listens("invoice.created"))
    saves: list[Record] = [*fresh.saves, *lines, invoice]
    return Decision(
        invoice,
        tuple(saves),
        announcements=(*fresh.announcements, Announcement("invoice.created", invoice)),
        lines=lines,
    )


def _revise(book: Book, given: Given, context: Context) -> Decision:
    """Make a draft copy of a finalized invoice; finalizing the copy voids the original."""
    original, customer = book.original, alive(book.customer)
    assert original is not None
    if original.status not in (OPEN, "uncollectible"):
        raise InvoiceNotEditable(
            f"Only open or uncollectible invoices can be revised; this one is {original.status}.",
            "from_invoice[invoice]",
        )
    not_begun(original, "revised")
    invoice = replace(
        original,
        id=context.mint("in"),
        created=context.now,
        hosted_key=context.token(),
        version=0,
        status=DRAFT,
        number=None,
        auto_advance=False,
        amount_paid=0,
        amount_overpaid=0,
        amount_paid_off_stripe=0,
        pre_payment_credit_notes_amount=0,  # what was let go of the original is not of the copy
        post_payment_credit_notes_amount=0,
        attempt_count=0,
        attempted=False,
        first_attempt_at=None,
        acted_until=None,
        acknowledged_at=None,
        starting_balance=0,
        ending_balance=None,
        finalized_at=None,
        marked_uncollectible_at=None,
        intent_id=None,
        revises_id=original.id,
        latest_revision=None,
        snapshot=snapshot_of(customer),
        plan=unfixed(original.plan),
    )
    lines = tuple(
        replace(
            line,
            id=context.mint("ii"),
            line_id=context.mint("il"),
            created=context.now,
            version=0,
            invoice_id=invoice.id,
        )
        for line in book.original_lines
    )
    return discounted_draft(book, given, _edited(book, invoice, given, context), lines, context)


def update(book: Book, given: Given, context: Context) -> Decision:
    """Change what was given. Raises FieldIsFrozen naming the first parameter the status forbids."""
    before = book.invoice
    assert before is not None
    if before.status != DRAFT:
        _check_frozen(before, given)
    after = _edited(book, before, given, context)
    if after.auto_advance and not before.auto_advance:
        # What should have happened by itself until now is over (collections: nothing is made up for).
        after = replace(after, acted_until=context.now)
    lines: tuple[Line, ...] | None = None
    fresh = Fresh()
    if "discounts" in given:
        after = _discounted(book, after, given, fresh, context)
    if (after.default_rates, after.discounts) != (before.default_rates, before.discounts):
        lines, after = totalled(after, book.lines, book.customer, book.settings.tax.rounding)
    if after == before:
        return Decision(before)
    after = renewed(after, context.now)
    return Decision(
        after,
        (*fresh.saves, *really_changed(book, lines or ()), after),
        announcements=(*fresh.announcements, Announcement("invoice.updated", after, before)),
        lines=lines,
    )


def _discounted(
    book: Book, invoice: Invoice, given: Given, fresh: Fresh, context: Context
) -> Invoice:
    """Return the draft with the discounts that were given; ``fresh`` gets what that makes."""
    customer = alive(book.customer)
    subtotal = sum(line.amount for line in book.lines) if book.lines else None
    discounts = on_invoice(invoice, given, customer, subtotal, book.shelf, fresh, context)
    customer_after(customer, discounts, fresh, context.now)
    return replace(invoice, discounts=discounts)


def _check_frozen(invoice: Invoice, given: Given) -> None:
    allows = OPEN_ALLOWS if invoice.status == OPEN else FINAL_ALLOWS
    for param in given:
        if param == "auto_advance" and invoice.status != OPEN:
            if given[param]:
                raise AutoAdvanceIsOver(
                    f"auto_advance cannot be true on an invoice that is {invoice.status}.", param
                )
        elif param not in allows:
            raise FieldIsFrozen(
                f"Finalized invoices can't be updated in this way: {param} is fixed while the "
                f"invoice is {invoice.status}. Make a revision (from_invoice) instead.",
                param,
            )


def _edited(book: Book, invoice: Invoice, given: Given, context: Context) -> Invoice:
    details = {**invoice.details, **{key: given[key] for key in PLAIN if key in given}}
    details["metadata"] = merged(details.get("metadata") or {}, given.get("metadata", {}))
    if invoice.version and "last_finalization_error" in details and given:
        details.pop("last_finalization_error")
    method = invoice.default_payment_method
    if "default_payment_method" in given:
        method = _own_method(book, given["default_payment_method"])
    if given.get("collection_settings"):
        check_own(book.settings, given["collection_settings"])
    rates = invoice.default_rates
    if "default_tax_rates" in given:
        rates = known_rates(given["default_tax_rates"], book.shelf, "default_tax_rates")
    number = given.get("number")
    taken = book.number_owner not in (None, invoice.id)
    if number and (taken or is_reserved(book.settings.numbering, number)):
        raise NumberTaken(
            f"The number {number} is taken, or has the prefix of another customer's invoices or of "
            "the account; choose another one.",
            "number",
        )
    return _due(
        replace(
            invoice,
            details=details,
            default_payment_method=method,
            default_rates=rates,
            auto_advance=given.get("auto_advance", invoice.auto_advance),
            automatically_finalizes_at=given.get(
                "automatically_finalizes_at", invoice.automatically_finalizes_at
            ),
            collection_method=given.get("collection_method") or invoice.collection_method,
            effective_at=given.get("effective_at", invoice.effective_at),
            number=given.get("number", invoice.number),
        ),
        given,
        context,
    )


def _due(invoice: Invoice, given: Given, context: Context) -> Invoice:
    """Lay the payment term over: ``due_date`` and ``days_until_due`` belong to mailed invoices."""
    days, date = given.get("days_until_due"), given.get("due_date")
    if "amounts_due" in given:
        plan = identified(plan_of(given["amounts_due"]), context.mint)
        if invoice.plan and not plan:
            invoice = replace(invoice, due_date=None)  # it was the plan's
        invoice = replace(invoice, plan=plan)
    if invoice.plan:
        return _planned(invoice, given)
    if invoice.collection_method != "send_invoice":
        for param, value in (("due_date", date), ("days_until_due", days)):
            if value is not None:
                raise ParameterNotAllowed(
                    f"You can only set {param} when collection_method=send_invoice.", param
                )
        return replace(invoice, due_date=None, days_until_due=None)
    if days is not None and date is not None:
        raise ParametersExclude(
            "You may only specify one of these parameters: days_until_due, due_date.", "due_date"
        )
    if date is not None:
        if date < context.now:
            raise ParameterNotAllowed("due_date must be in the future.", "due_date")
        return replace(invoice, due_date=date, days_until_due=None)
    anchor = invoice.finalized_at or invoice.created
    if days is not None:
        return replace(invoice, days_until_due=days, due_date=anchor + days * DAY)
    if invoice.due_date is None:
        return replace(
            invoice, days_until_due=DAYS_UNTIL_DUE, due_date=anchor + DAYS_UNTIL_DUE * DAY
        )
    return invoice


def _planned(invoice: Invoice, given: Given) -> Invoice:
    """A plan has the dates: the invoice's own is its last. Raises PlanNotAllowed, ParametersExclude."""
    if invoice.collection_method != "send_invoice":
        raise PlanNotAllowed(
            "Payment plans (amounts_due) are only possible with collection_method=send_invoice.",
            "amounts_due",
        )
    if invoice.subscription_id is not None:
        raise PlanNotAllowed(
            "Invoices of a subscription cannot have a payment plan.", "amounts_due"
        )
    for param in ("days_until_due", "due_date"):
        if given.get(param) is not None:
            raise ParametersExclude(
                f"You may only specify one of these parameters: amounts_due, {param}. Each instalment "
                "has a date of its own.",
                param,
            )
    return replace(invoice, days_until_due=None, due_date=last_date(invoice.plan))


def _own_method(book: Book, id: str | None) -> str | None:
    if id is None:
        return None
    customer = book.customer
    if book.method is None or customer is None or book.method.customer_id != customer.id:
        raise ObjectMissing("PaymentMethod", id, "default_payment_method")
    return id


def delete(book: Book) -> Decision:
    """Throw the draft and its lines away. Raises SubscriptionLinesStay."""
    invoice = book.invoice
    assert invoice is not None
    if invoice.subscription_id is not None:
        raise SubscriptionLinesStay(
            "You can't delete invoices created by subscriptions. Finalize this one and void it, or "
            "leave it as a draft."
        )
    fresh = Fresh()
    # A revision has its discounts from the original, which still has them.
    own = invoice.revises_id is None
    if own and book.customer is not None and not book.customer.deleted:
        given_back(book.customer, invoice, fresh)
    return Decision(
        invoice,
        tuple(fresh.saves),
        deletes=(*book.lines, invoice),
        announcements=(*fresh.announcements, Announcement("invoice.deleted", invoice)),
    )


def numbered(lines: Any, invoice: Invoice, position: int, context: Context) -> tuple[Line, ...]:
    """Put the lines on the invoice, behind ``position``."""
    return tuple(
        replace(
            line,
            invoice_id=invoice.id,
            line_id=context.mint("il"),
            position=position + n,
        )
        for n, line in enumerate(lines, start=1)
    )


def really_changed(book: Book, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines that are not stored as they are now."""
    stored = {line.id: line for line in (*book.lines, *book.pending)}
    return tuple(line for line in lines if stored.get(line.id) != line)
