"""Payment methods: cards on file. Never a card number: brand, last four digits, expiry, fingerprint.

``processor_ref`` is how the processor knows the card. A detached card cannot be used again
(source: Stripe, "detach a PaymentMethod").
"""

from dataclasses import dataclass, field
from typing import Any

from seikyu.engine.billing.attempt import Outcome
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.refusals import (
    CardDeclined,
    ParameterMissing,
    PaymentMethodConsumed,
    PaymentMethodUnusable,
)

TRANSFER = "customer_balance"
"""The one type that is no card: it pays one payment from the customer's cash balance."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card as the processor describes it to us; it may be stored and shown."""

    processor_ref: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str
    country: str = "US"
    funding: str = "credit"
    refused: Outcome | None = None
    """What the processor said when it verified the card, if it said no: it cannot be attached."""


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """A card on file. ``customer_id`` is None before attaching and after detaching."""

    id: str
    created: int
    processor_ref: str
    version: int = 0
    type: str = "card"
    customer_id: str | None = None
    detached: bool = False
    card: dict[str, Any] = field(default_factory=dict)
    refused: dict[str, Any] | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MethodBook:
    """What a decision on a payment method may read. ``customer_id`` exists and is alive."""

    method: PaymentMethod | None = None
    customer_id: str | None = None
    default_of: Any = None
    """The customer whose default payment method this is, if any."""


@dataclass(frozen=True, slots=True)
class CreateMethod:
    """Put a card on file. ``card`` is what the processor made of the number or token given."""

    given: Given
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class UpdateMethod:
    """Change billing details, expiry or metadata."""

    given: Given


@dataclass(frozen=True, slots=True)
class AttachMethod:
    """Give the card to the customer. ``card`` is set when a test token was named."""

    customer_id: str
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class DetachMethod:
    """Take the card from its customer, for good."""


def decide(book: MethodBook, command: object, context: Context) -> Decision:
    """Decide a command on a payment method. Raises PaymentMethodUnusable, PaymentMethodConsumed."""
    if isinstance(command, CreateMethod):
        if command.given.get("type") == TRANSFER:
            return _for_transfer(command.given, context)
        if command.card is None:
            raise ParameterMissing("card")
        method = on_file(command.card, context, command.given)
        return Decision(method, (method,))
    if isinstance(command, AttachMethod):
        return _attach(book, command, context)
    assert book.method is not None
    if isinstance(command, UpdateMethod):
        return _update(book.method, command.given)
    return _detach(book)


def _for_transfer(given: Given, context: Context) -> Decision:
    details = {
        "billing_details": given.get("billing_details") or {},
        "metadata": merged({}, given.get("metadata", {})),
    }
    method = PaymentMethod(context.mint("pm"), context.now, "", type=TRANSFER, details=details)
    return Decision(method, (method,))


def on_file(card: Card, context: Context, given: Given | None = None) -> PaymentMethod:
    """Return a new payment method, not yet saved and not yet anybody's."""
    given = given or {}
    return PaymentMethod(
        id=context.mint("pm"),
        created=context.now,
        processor_ref=card.processor_ref,
        card={
            "brand": card.brand,
            "last4": card.last4,
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
            "fingerprint": card.fingerprint,
            "country": card.country,
            "funding": card.funding,
        },
        refused=_refusal(card.refused),
        details={
            "billing_details": given.get("billing_details") or {},
            "metadata": merged({}, given.get("metadata", {})),
            "allow_redisplay": given.get("allow_redisplay", "unspecified"),
            **_network(given),
        },
    )


def _network(given: Given) -> dict[str, Any]:
    """Return which of a card's networks the customer prefers, when that was said."""
    networks = (given.get("card") or {}).get("networks")
    return {} if networks is None else {"preferred_network": networks.get("preferred")}


def _refusal(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    return {
        "code": outcome.code,
        "decline_code": outcome.decline_code,
        "message": outcome.message,
    }


def attached(method: PaymentMethod, customer_id: str) -> PaymentMethod:
    """Return the method as the customer's. Raises when it was used up, refused or is another's."""
    if method.type == TRANSFER:
        raise PaymentMethodUnusable(
            "A payment method of type customer_balance is for one payment and cannot be attached to a "
            "customer.",
            "payment_method",
        )
    if method.refused is not None:
        raise CardDeclined(
            method.refused["message"],
            code=method.refused["code"],
            decline_code=method.refused["decline_code"],
            method=method.id,
        )
    if method.detached:
        raise PaymentMethodConsumed(
            "This PaymentMethod was detached from a customer and cannot be used again; "
            "create a new one.",
            "payment_method",
        )
    if method.customer_id not in (None, customer_id):
        raise PaymentMethodUnusable(
            "This PaymentMethod is already attached to another customer.", "payment_method"
        )
    return replace(method, customer_id=customer_id)


def as_it_is(method: PaymentMethod | None) -> dict[str, Any] | None:
    """Return the method's present state for a record that keeps it, nothing secret in it."""
    if method is None:
        return None
    return {
        "id": method.id,
        "created": method.created,
        "processor_ref": "",
        "type": method.type,
        "customer_id": method.customer_id,
        "card": method.card,
        "details": method.details,
    }


def detached(method: PaymentMethod) -> PaymentMethod:
    """Return the method without its customer, never to be used again."""
    return replace(method, customer_id=None, detached=True)


def _attach(book: MethodBook, command: AttachMethod, context: Context) -> Decision:
    assert book.customer_id is not None
    method = book.method if command.card is None else on_file(command.card, context)
    assert method is not None
    if method.customer_id == book.customer_id:
        return Decision(method)
    after = attached(method, book.customer_id)
    return Decision(
        after, (after,), announcements=(Announcement("payment_method.attached", after),)
    )


def _update(before: PaymentMethod, given: Given) -> Decision:
    details = dict(before.details)
    if "metadata" in given:
        details["metadata"] = merged(details.get("metadata") or {}, given["metadata"])
    if given.get("billing_details") is not None:
        details["billing_details"] = {
            **(details.get("billing_details") or {}),
            **given["billing_details"],
        }
    if "allow_redisplay" in given:
        details["allow_redisplay"] = given["allow_redisplay"]
    details |= _network(given)
    expiry = {
        k: v for k, v in (given.get("card") or {}).items() if k in ("exp_month", "exp_year") and v
    }
    after = replace(before, details=details, card={**before.card, **expiry})
    if after == before:
        return Decision(before)
    return Decision(
        after, (after,), announcements=(Announcement("payment_method.updated", after, before),)
    )


def _detach(book: MethodBook) -> Decision:
    assert book.method is not None
    if book.method.customer_id is None:
        raise PaymentMethodUnusable(
            "The payment method you provided is not attached to a customer so detachment is "
            "impossible.",
            "payment_method",
        )
    after = detached(book.method)
    announcements = [Announcement("payment_method.detached", after, book.method)]
    saves: list[Any] = [after]
    if book.default_of is not None:
        customer = replace(book.default_of, default_payment_method=None)
        saves.append(customer)
        announcements.append(Announcement("customer.updated", customer, book.default_of))
    return Decision(after, tuple(saves), announcements=tuple(announcements))
