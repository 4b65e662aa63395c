"""What a caller says about a subscription beside what it bills: terms, notes, when it is to end.

These are the same at creation and in updates; each function lays what was given over what is there.
Source: Stripe, "Create a subscription" and "Update a subscription".
"""

from typing import Any

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Context, Given
from seikyu.engine.billing.line import Fresh, Line, known_rates, new_line
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.refusals import (
    MomentNotAllowed,
    ObjectMissing,
    ParameterMissing,
    ParameterNotAllowed,
    ParametersExclude,
    PriceDoesNotFit,
)
from seikyu.engine.billing.subscription import Subscription

PLAIN = ("description", "payment_settings")
"""Parameters that are kept and shown as they were given."""

PERIOD_ENDS = ("min_period_end", "max_period_end")
"""Names of a moment that ``cancel_at`` takes: here all items have the same period."""


def described(
    book: Book, subscription: Subscription, given: Given, context: Context
) -> Subscription:
    """Return the subscription with its terms and notes as given.

    Raises ObjectMissing, ParameterMissing, ParameterNotAllowed, MomentNotAllowed.
    """
    details = {**subscription.details, **{key: given[key] for key in PLAIN if key in given}}
    if "metadata" in given or not subscription.version:
        details["metadata"] = merged(details.get("metadata") or {}, given.get("metadata", {}))
    if given.get("invoice_settings"):
        details["invoice_settings"] = {
            **(details.get("invoice_settings") or {}),
            **given["invoice_settings"],
        }
    subscription = cancel_details(replace(subscription, details=details), given)
    subscription = _collected(subscription, given)
    if given.get("default_payment_method") is not None:
        subscription = replace(
            subscription, default_payment_method=_own(book, given["default_payment_method"])
        )
    if "default_tax_rates" in given:
        rates = known_rates(given["default_tax_rates"], book.shelf, "default_tax_rates")
        subscription = replace(subscription, default_rates=rates)
    end = (given.get("trial_settings") or {}).get("end_behavior") or {}
    if end.get("missing_payment_method"):
        subscription = replace(subscription, missing_payment_method=end["missing_payment_method"])
    return _pausing(subscription, given, context)


def _own(book: Book, id: str) -> str:
    method, customer = book.method, book.customer
    if method is None or customer is None or method.id != id or method.customer_id != customer.id:
        raise ObjectMissing("PaymentMethod", id, "default_payment_method")
    return id


def _collected(subscription: Subscription, given: Given) -> Subscription:
    method = given.get("collection_method") or subscription.collection_method
    days = given.get("days_until_due", subscription.days_until_due)
    if method == "send_invoice" and days is None:
        raise ParameterMissing("days_until_due")
    if method != "send_invoice":
        if given.get("days_until_due") is not None:
            raise ParameterNotAllowed(
                "You can only set days_until_due when collection_method=send_invoice.",
                "days_until_due",
            )
        days = None
    return replace(subscription, collection_method=method, days_until_due=days)


def _pausing(subscription: Subscription, given: Given, context: Context) -> Subscription:
    if "pause_collection" not in given:
        return subscription
    pause = given["pause_collection"] or {}
    until = pause.get("resumes_at")
    if until is not None and until <= context.now:
        raise MomentNotAllowed("resumes_at must be in the future.", "pause_collection[resumes_at]")
    return replace(subscription, pause_behavior=pause.get("behavior"), pause_resumes_at=until)


def cancel_details(subscription: Subscription, given: Given) -> Subscription:
    """Return the subscription with what was said about why it ends."""
    said = given.get("cancellation_details")
    if not said:
        return subscription
    details = {
        **subscription.details,
        "cancellation_details": {
            **(subscription.details.get("cancellation_details") or {}),
            **said,
        },
    }
    return replace(subscription, details=details)


def begins_now(given: Given) -> bool:
    """Say whether a new billing cycle is to begin now (``billing_cycle_anchor``)."""
    return (given.get("billing_cycle_anchor") or {}).get("type") == "now"


def canceling(subscription: Subscription, given: Given, context: Context) -> Subscription:
    """Return the subscription with the end that was asked for, or without one any more.

    Raises MomentNotAllowed, ParametersExclude.
    """
    at_end, at = given.get("cancel_at_period_end"), given.get("cancel_at")
    if at_end and at is not None:
        raise ParametersExclude(
            "You may only specify one of these parameters: cancel_at, cancel_at_period_end.",
            "cancel_at",
        )
    if at_end or at in PERIOD_ENDS:
        ends = subscription.current_period_end
        prorates = False
    elif at is not None:
        ends = int(at)
        if ends <= context.now:
            raise MomentNotAllowed("cancel_at must be in the future.", "cancel_at")
        prorates = given.get("proration_behavior") != "none"
    elif at_end is False or ("cancel_at" in given and at is None):
        return _going_on(subscription)
    else:
        return subscription
    why = {"cancellation_details": {"reason": "cancellation_requested"}}
    return replace(
        cancel_details(subscription, why),
        cancel_at=ends,
        cancel_at_period_end=bool(at_end),
        cancel_prorates=prorates,
        canceled_at=subscription.canceled_at or context.now,
    )


def _going_on(subscription: Subscription) -> Subscription:
    """Take back the end that was asked for."""
    if subscription.cancel_at is None:
        return subscription
    return replace(
        subscription,
        cancel_at=None,
        cancel_at_period_end=False,
        cancel_prorates=False,
        canceled_at=None,
        details={**subscription.details, "cancellation_details": None},
    )


def one_off_lines(
    book: Book,
    subscription: Subscription,
    entries: Any,
    fresh: Fresh,
    context: Context,
) -> tuple[Line, ...]:
    """Return the unsaved invoice items that the next invoice bills once. Raises PriceDoesNotFit."""
    made = []
    for index, entry in enumerate(entries or ()):
        named = book.shelf.prices.get(entry.get("price") or "")
        if named is not None and named.type != "one_time":
            raise PriceDoesNotFit(
                f"The price {named.id} recurs; add_invoice_items takes prices that are billed once.",
                f"add_invoice_items[{index}][price]",
            )
        given = {k: v for k, v in entry.items() if k != "price"}
        if entry.get("price") is not None:
            given["pricing"] = {"price": entry["price"]}
        line = new_line(
            given,
            subscription.customer_id,
            subscription.currency,
            book.shelf,
            fresh,
            context,
            clock_id=subscription.clock_id,
        )
        made.append(replace(line, subscription_id=subscription.id))
    return tuple(made)
