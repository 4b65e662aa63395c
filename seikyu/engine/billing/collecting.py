"""Collecting: charging an invoice, sending it, giving it up, voiding it, and the payment that it expects.

A charge has two halves with the processor between them: ``pay`` here stores an attempt, ``settling`` takes
its outcome. What money does that came in another way stands in ``covering`` and ``applying``. The events of
each move are those of ``invoice.TABLE``, in its order.
"""

from typing import TYPE_CHECKING

from seikyu.engine.billing import standing
from seikyu.engine.billing.attempt import OUTCOME_DUE_AFTER, Attempt
from seikyu.engine.billing.balance import adjusted
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.currency import minimum_charge
from seikyu.engine.billing.customer import with_delinquency
from seikyu.engine.billing.decision import Announcement, Context, Decision, Record
from seikyu.engine.billing.invoice import (
    PAID,
    UNCOLLECTIBLE,
    VOID,
    Invoice,
    PayInvoice,
)
from seikyu.engine.billing.mail import mailed, recipient_of
from seikyu.engine.billing.payment_intent import PaymentIntent, default_payment
from seikyu.engine.billing.payment_method import PaymentMethod, on_file
from seikyu.engine.billing.plan import expected, filled, sums_ahead
from seikyu.engine.billing.refusals import (
    AmountTooSmall,
    InvoiceNotSendable,
    InvoiceNotVoidable,
    NoPaymentMethod,
    PaymentInProgress,
    PaymentMethodConsumed,
    PaymentMethodUnusable,
    PlanNotAllowed,
)

if TYPE_CHECKING:
    from seikyu.engine.billing.book import Book

NO_METHOD = (
    "There is no `default_payment_method` set on this Customer or Invoice. "
    "Please set either prior to attempting payment on this invoice, or name a payment_method."
)

METHOD_DETACHED = (
    "The `default_payment_method` of this Customer or Invoice was detached and cannot be charged. "
    "Please set another one, or name a payment_method."
)


def pay(book: "Book", command: PayInvoice, context: Context) -> Decision:
    """Begin a charge of all that remains. Raises NoPaymentMethod, PaymentInProgress, …"""
    invoice, intent = book.invoice, book.expected
    assert invoice is not None
    assert intent is not None
    free(book)
    begun: tuple[Record, ...] = ()
    if command.amount is not None and command.amount != intent.amount:
        intent, begun = _of_amount(book, invoice, intent, command.amount)
    method = book.method if command.card is None else on_file(command.card, context)
    least = minimum_charge(invoice.currency)
    if intent.amount < least:
        too_small = (
            f"What remains ({intent.amount} {invoice.currency}) is less than the least that a card "
            f"can be charged ({least}). Mark the invoice paid out of band, or void it."
        )
        if command.scheduled:
            return _nothing_to_charge(book, invoice, intent, too_small, context)
        raise AmountTooSmall(too_small)
    if command.scheduled and (method is None or method.detached):
        message = NO_METHOD if method is None else METHOD_DETACHED
        return _nothing_to_charge(book, invoice, intent, message, context)
    if method is None:
        raise NoPaymentMethod(NO_METHOD)
    attempt = begin(
        intent,
        usable(method, invoice.customer_id),
        context,
        subject_id=invoice.id,
        invoice_id=invoice.id,
        off_session=command.off_session,
        scheduled=command.scheduled,
        request_key=command.request_key,
    )
    saves: tuple[Record, ...] = (*begun, attempt)
    if command.card is not None:
        saves = (*begun, method, attempt)
    return Decision(invoice, saves, charge=attempt)


def _of_amount(
    book: "Book", invoice: Invoice, intent: PaymentIntent, amount: int
) -> tuple[PaymentIntent, tuple[Record, ...]]:
    """Let the expected payment be of another amount: several instalments of a plan at once.

    Raises PlanNotAllowed for what is neither the next instalments together nor all that remains.
    """
    if amount not in sums_ahead(invoice.plan, invoice.amount_remaining):
        raise PlanNotAllowed(
            f"{amount} {invoice.currency} is not what the next instalments come to; possible are "
            f"{', '.join(map(str, sums_ahead(invoice.plan, invoice.amount_remaining)))}.",
            "amount",
        )
    changed = replace(intent, amount=amount)
    if intent.status == "requires_action":
        changed = replace(changed, status="requires_payment_method", next_action=None)
    payments = tuple(
        replace(payment, amount_requested=amount)
        for payment in book.payments
        if payment.is_default and payment.status == "open"
    )
    return changed, (changed, *payments)


def begin(
    intent: PaymentIntent,
    method: PaymentMethod,
    context: Context,
    *,
    subject_id: str | None = None,
    invoice_id: str | None = None,
    off_session: bool = False,
    scheduled: bool = False,
    authenticated: bool = False,
    request_key: str | None = None,
) -> Attempt:
    """Return the attempt to be stored before the processor is asked."""
    return Attempt(
        id=context.mint("att"),
        created=context.now,
        intent_id=intent.id,
        customer_id=intent.customer_id,
        method_id=method.id,
        processor_ref=method.processor_ref,
        amount=intent.amount,
        currency=intent.currency,
        off_session=off_session,
        subject_id=subject_id or intent.id,
        invoice_id=invoice_id,
        scheduled=scheduled,
        authenticated=authenticated,
        request_key=request_key,
        next_action_at=context.system_now + OUTCOME_DUE_AFTER,
    )


def free(book: "Book") -> None:
    """Raise PaymentInProgress while a charge of the book's payment is on its way."""
    if book.in_flight is not None:
        raise PaymentInProgress(
            "A charge of this payment is in progress; its outcome must be known first. "
            "Try again in a moment."
        )


def usable(method: PaymentMethod, customer_id: str | None) -> PaymentMethod:
    """Return the method, or raise when it was detached or is another customer's."""
    if method.detached:
        raise PaymentMethodConsumed(
            "This PaymentMethod was detached from a customer and cannot be used again.",
            "payment_method",
        )
    if method.customer_id is not None and method.customer_id != customer_id:
        raise PaymentMethodUnusable(
            "The PaymentMethod belongs to another customer; it can only be used with its own.",
            "payment_method",
        )
    return method


def _nothing_to_charge(
    book: "Book", before: Invoice, intent: PaymentIntent, message: str, context: Context
) -> Decision:
    """The moment of the automatic charge came, and none can be made: said, not tried again.

    Raising would leave the invoice due, and the worker would come back to it for ever.
    """
    error = {"type": "invalid_request_error", "code": "missing", "message": message}
    failed = replace(intent, last_error=error)
    after = attempted(before, context, scheduled=True)
    people, news = unpaid(book, context)
    told = mailed("payment_failed", after, book.customer, book.settings, context)
    return Decision(
        after,
        (failed, after, *people, *told),
        announcements=(
            Announcement("invoice.payment_failed", after),
            Announcement("invoice.updated", after, before),
            *news,
        ),
    )


def attempted(invoice: Invoice, context: Context, *, scheduled: bool) -> Invoice:
    """Count an attempt: the first one, whoever made it, and then only the scheduled ones.

    The first is what the retries count from; a scheduled one ends every moment up to it.
    """
    counts = scheduled or invoice.attempt_count == 0
    first = invoice.first_attempt_at
    return replace(
        invoice,
        attempted=True,
        attempt_count=invoice.attempt_count + counts,
        first_attempt_at=context.now if first is None else first,
        acted_until=context.now if scheduled else invoice.acted_until,
    )


def credited(invoice: Invoice, amount: int, now: int) -> Invoice:
    """Return the invoice with ``amount`` minor units received; fully covered means paid."""
    invoice = with_paid(invoice, invoice.amount_paid + amount, now)
    if invoice.amount_remaining == 0:
        invoice = replace(invoice, status=PAID, paid_at=now, auto_advance=False)
    return invoice


def with_paid(invoice: Invoice, paid: int, now: int) -> Invoice:
    """Return the invoice with ``paid`` minor units received in all, spread over its plan."""
    return replace(
        invoice,
        amount_paid=paid,
        amount_remaining=max(invoice.amount_due - paid, 0),
        amount_overpaid=max(paid - invoice.amount_due, 0),
        plan=filled(invoice.plan, paid, now) if invoice.plan else (),
    )


def paid_up(
    book: "Book", after: Invoice, context: Context
) -> tuple[tuple[Record, ...], tuple[Announcement, ...]]:
    """Once the invoice is paid, its customer is not delinquent any more, its subscription goes on."""
    if after.status != PAID:
        return (), ()
    people, news = with_delinquency(book.customer, delinquent=False)
    more, said = standing.paid(book, context)
    return (*people, *more), (*news, *said)


def unpaid(book: "Book", context: Context) -> tuple[tuple[Record, ...], tuple[Announcement, ...]]:
    """An automatic charge failed, or the due date passed: the customer is delinquent."""
    people, news = with_delinquency(book.customer, delinquent=True)
    more, said = standing.failed(book, context)
    return (*people, *more), (*news, *said)


def collected(before: Invoice, after: Invoice) -> tuple[Announcement, ...]:
    """Announce money on an invoice, whether it covers all or a part."""
    done = after.status == PAID and before.status != PAID
    paid = (
        (Announcement("invoice.paid", after), Announcement("invoice.payment_succeeded", after))
        if done
        else ()
    )
    more = after.amount_overpaid > before.amount_overpaid
    over = (Announcement("invoice.overpaid", after),) if more else ()
    return (*paid, *over, Announcement("invoice.updated", after, before))


def send(book: "Book", context: Context) -> Decision:
    """Mail the invoice, because somebody asks. Raises InvoiceNotSendable when it cannot be."""
    sendable(book)
    invoice = book.invoice
    assert invoice is not None
    mail = mailed("invoice", invoice, book.customer, book.settings, context, asked=True)
    return Decision(invoice, mail, announcements=(Announcement("invoice.sent", invoice),))


def sendable(book: "Book") -> None:
    """Raise InvoiceNotSendable when the invoice is charged automatically, or nobody can be mailed."""
    invoice = book.invoice
    assert invoice is not None
    if invoice.collection_method != "send_invoice":
        raise InvoiceNotSendable(
            "You can only manually send an invoice if its collection method is 'send_invoice'."
        )
    if recipient_of(invoice, book.customer) is None:
        raise InvoiceNotSendable(
            "Missing email. In order to send an invoice, its customer must have an email address."
        )


def pay_out_of_band(book: "Book", context: Context) -> Decision:
    """The rest was paid outside: the invoice is paid, its expected payment is canceled."""
    before = book.invoice
    assert before is not None
    saves, announcements = _expected_payment_ends(book, context)
    after = replace(
        before,
        status=PAID,
        paid_at=context.now,
        auto_advance=False,
        amount_paid_off_stripe=before.amount_paid_off_stripe + before.amount_remaining,
    )
    after = with_paid(after, before.amount_paid + before.amount_remaining, context.now)
    people, news = paid_up(book, after, context)
    return Decision(
        after,
        (*saves, after, *people),
        announcements=(
            *announcements,
            Announcement("invoice.paid", after),
            Announcement("invoice.updated", after, before),
            *news,
        ),
    )


def void(book: "Book", context: Context) -> Decision:
    """Cancel the invoice and give applied credit back. Raises InvoiceNotVoidable once money came."""
    before, customer = book.invoice, book.customer
    assert before is not None
    not_begun(before, "voided")
    if before.amount_paid:
        raise InvoiceNotVoidable(
            "You cannot void an invoice on which a payment was received; un-apply it first."
        )
    if before.post_payment_credit_notes_amount:
        # Voided, the credit that paid it would come back beside what was given back of it already.
        raise InvoiceNotVoidable(
            "You cannot void an invoice of which a credit note gave something back; credit the rest, "
            "or mark it uncollectible."
        )
    saves, announcements = _expected_payment_ends(book, context, reason="void_invoice")
    after = replace(before, status=VOID, voided_at=context.now, auto_advance=False)
    used = (before.ending_balance or 0) - before.starting_balance
    if used and customer is not None:
        customer = replace(customer, balance=customer.balance - used)
        saves += [
            customer,
            adjusted(
                customer.id,
                before.currency,
                -used,
                customer.balance,
                context,
                type="unapplied_from_invoice",
                invoice_id=before.id,
            ),
        ]
    more, news = standing.voided(book, context)
    return Decision(
        after,
        (*saves, after, *more),
        announcements=(
            *announcements,
            Announcement("invoice.voided", after),
            Announcement("invoice.updated", after, before),
            *news,
        ),
    )


def not_begun(invoice: Invoice, what: str) -> None:
    """Raise PlanNotAllowed once the first payment of a payment plan was received."""
    if invoice.plan and invoice.amount_paid:
        raise PlanNotAllowed(
            f"An invoice with a payment plan can only be {what} before its first payment is received; "
            "mark the rest paid out of band, or un-apply the payments first."
        )


def _expected_payment_ends(
    book: "Book", context: Context, reason: str = "automatic"
) -> tuple[list[Record], list[Announcement]]:
    """Cancel the default payment, which nobody needs to make any more. Raises PaymentInProgress."""
    intent = book.expected
    if intent is None or intent.status in ("succeeded", "canceled"):
        return [], []
    free(book)
    canceled = replace(
        intent, status="canceled", canceled_at=context.now, cancellation_reason=reason
    )
    payments = [
        replace(payment, status="canceled", canceled_at=context.now)
        for payment in book.payments
        if payment.status == "open"
    ]
    return [canceled, *payments], [Announcement("payment_intent.canceled", canceled)]


def mark_uncollectible(book: "Book", context: Context, *, forgives: bool = True) -> Decision:
    """Give the debt up; it can still be paid. Its subscription goes on when that ``forgives``."""
    before = book.invoice
    assert before is not None
    not_begun(before, "marked uncollectible")
    after = replace(
        before,
        status=UNCOLLECTIBLE,
        marked_uncollectible_at=context.now,
        auto_advance=False,
    )
    people, news = with_delinquency(book.customer, delinquent=False)
    more, said = standing.forgiven(book, context) if forgives else ((), ())
    return Decision(
        after,
        (after, *people, *more),
        announcements=(
            Announcement("invoice.marked_uncollectible", after),
            Announcement("invoice.updated", after, before),
            *news,
            *said,
        ),
    )


def default_in_step(
    book: "Book", invoice: Invoice, context: Context, *, settling: bool = False
) -> tuple[list[Record], list[Announcement], Invoice]:
    """Keep the expected payment equal to what remains: cancel it, change it or make a new one.

    Raises PaymentInProgress while it is being charged; but when ``settling``, money has come and must
    be recorded: the charge on its way then brings more than is owed.
    """
    if book.in_flight is not None and settling:
        return [], [], invoice
    if invoice.amount_remaining == 0:
        saves, announcements = _expected_payment_ends(book, context)
        return saves, announcements, invoice
    intent = book.expected
    open_default = next((p for p in book.payments if p.is_default and p.status == "open"), None)
    if intent is not None and open_default is not None:
        free(book)
        amount = expected(invoice.plan, invoice.amount_remaining)
        changed = replace(intent, amount=amount)
        if intent.status == "requires_action":
            # What the customer was to authenticate was another amount.
            changed = replace(changed, status="requires_payment_method", next_action=None)
        payment = replace(open_default, amount_requested=amount)
        return [changed, payment], [], invoice
    fresh, payment = default_payment(invoice, context)
    announcements = [Announcement("payment_intent.created", fresh)]
    return [fresh, payment], announcements, replace(invoice, intent_id=fresh.id)
