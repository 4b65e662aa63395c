"""Standing: what the fate of an invoice does to the subscription that it bills.

The newest invoice of a subscription counts: whoever pays an old one has not paid for the present.
Paying it brings the subscription into good standing, a charge that fails or a due date that passes makes
it past due, and what happens after the last retry is the account's setting. Taking a payment off an
invoice again is none of these: it never changes a subscription.
Each function takes the book as the invoice's decision was made from and returns what more to save and to
announce, *behind* what the invoice says; nothing when the book has no subscription or nothing changes.
Source: Stripe, "Subscription statuses" and "Re-opened invoices".
"""

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Announcement, Context, Decision, Record
from seikyu.engine.billing.subscription import (
    ACTIVE,
    DELETED,
    INCOMPLETE,
    INCOMPLETE_EXPIRED,
    PAST_DUE,
    PAUSED,
    TRIALING,
    UNPAID,
    UPDATED,
    Subscription,
    canceled,
    timed,
)

Standing = tuple[tuple[Record, ...], tuple[Announcement, ...]]

NOTHING: Standing = ((), ())

ALLOW, DEFAULT_INCOMPLETE, ERROR, PENDING = (
    "allow_incomplete",
    "default_incomplete",
    "error_if_incomplete",
    "pending_if_incomplete",
)
"""What ``payment_behavior`` can say; the last one is not served."""


def paid(book: Book, context: Context) -> Standing:
    """The invoice is paid: what began incomplete begins, what was past due is in good standing."""
    before = _concerned(book)
    if before is None or before.status not in (INCOMPLETE, PAST_DUE, UNPAID, PAUSED):
        return NOTHING
    if before.status == PAUSED and before.expires_at is None:
        return NOTHING
    trial = before.trial_end is not None and before.trial_end > context.now
    after = replace(
        before,
        status=TRIALING if trial else ACTIVE,
        expires_at=None,
        default_payment_method=_card_for_later(book, before),
    )
    return _changed(before, after, "customer.subscription.resumed" if _resumes(before) else None)


def failed(book: Book, context: Context) -> Standing:
    """A charge of the invoice failed, or its due date passed without payment.

    A subscription that never began stays incomplete; where the caller asked to have it only with its
    payment (``error_if_incomplete``), there is nothing to wait for and it expires at once.
    """
    before = _concerned(book)
    if before is None:
        return NOTHING
    if before.status == INCOMPLETE and before.details.get("payment_behavior") == ERROR:
        return (timed(replace(before, expires_at=context.now)),), ()
    if before.status not in (ACTIVE, TRIALING):
        return NOTHING
    return _changed(before, replace(before, status=PAST_DUE))


def gave_up(book: Book, action: str, context: Context) -> Standing:
    """The last retry failed, or the final day passed. ``action``: cancel, unpaid or leave.

    This alone is also about an older invoice: where periods are shorter than the retries, the newest
    one would never be given up.
    """
    before = book.subscription
    if before is None or before.status not in (ACTIVE, TRIALING, PAST_DUE, UNPAID):
        return NOTHING
    if action == "cancel":
        after = canceled(before, context.now, "payment_failed")
        others, news = stopped(book)
        return (after, *others), (Announcement(DELETED, after), *news)
    if action == "unpaid":
        return _changed(before, replace(before, status=UNPAID))
    return failed(book, context)


def stopped(book: Book) -> Standing:
    """The subscription ended: nothing more of it is collected by itself, but the book's own invoice."""
    own = book.invoice.id if book.invoice is not None else None
    ends = tuple(
        (replace(invoice, auto_advance=False), invoice)
        for invoice in book.unpaid
        if invoice.auto_advance and invoice.id != own
    )
    return (
        tuple(now for now, _ in ends),
        tuple(Announcement("invoice.updated", now, was) for now, was in ends),
    )


def forgiven(book: Book, context: Context) -> Standing:
    """The invoice was marked uncollectible: the subscription owes nothing for the present any more."""
    before = _concerned(book)
    if before is None or before.status == INCOMPLETE:
        return NOTHING
    return paid(book, context)


def voided(book: Book, context: Context) -> Standing:
    """The invoice was voided: what never began will not; what was past due is in good standing again."""
    before = _concerned(book)
    if before is None:
        return NOTHING
    if before.status == INCOMPLETE:
        return _changed(before, expired(before, context.now))
    if before.status == PAUSED:
        return (timed(replace(before, expires_at=None)),), ()
    return paid(book, context)


def revised(book: Book, original_id: str, revision_id: str) -> Standing:
    """A revision takes the place of the invoice that it voids: the subscription stands as it stood."""
    before = book.subscription
    if before is None or before.latest_invoice_id != original_id:
        return NOTHING
    return _changed(before, replace(before, latest_invoice_id=revision_id))


def expired(before: Subscription, now: int) -> Subscription:
    """Return the subscription as one that never began."""
    return replace(before, status=INCOMPLETE_EXPIRED, ended_at=now, expires_at=None)


def answered(book: Book, decision: Decision) -> Decision:
    """Let a charge that a subscription asked for answer with what was asked for, not with its invoice.

    A declined card is no error then: the subscription exists and says itself that it is incomplete or
    past due. It is one for callers who asked for ``error_if_incomplete``.
    """
    subject, subscription = book.subject, book.subscription
    if subject is None or subscription is None:
        return decision
    answer = next((x for x in reversed(decision.saves) if x.id == subject.id), subject)
    strict = subscription.details.get("payment_behavior") == ERROR
    return replace(
        decision,
        answer=answer,
        refusal=decision.refusal if strict and subscription.status == INCOMPLETE else None,
    )


def _concerned(book: Book) -> Subscription | None:
    """Return the subscription when the book's invoice is its newest."""
    invoice, subscription = book.invoice, book.subscription
    if invoice is None or subscription is None or subscription.latest_invoice_id != invoice.id:
        return None
    return subscription


def _card_for_later(book: Book, before: Subscription) -> str | None:
    """Return the card that paid, where the subscription is to keep it (``save_default_payment_method``)."""
    wanted = (before.details.get("payment_settings") or {}).get("save_default_payment_method")
    method = book.method if book.attempt is not None else None
    if wanted != "on_subscription" or method is None or method.customer_id != before.customer_id:
        return before.default_payment_method
    return method.id


def _resumes(before: Subscription) -> bool:
    return before.status == PAUSED


def _changed(before: Subscription, after: Subscription, more: str | None = None) -> Standing:
    after = timed(after)
    if after == before:
        return NOTHING
    announcements = [Announcement(UPDATED, after, before)]
    if more is not None:
        announcements.append(Announcement(more, after))
    return (after,), tuple(announcements)
