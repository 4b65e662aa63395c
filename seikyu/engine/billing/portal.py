"""The customer portal: what it lets customers do, who is in it, and what they may change there.

A configuration says which features there are. A session is one customer's way in: an address that must
be opened within five minutes and then works for an hour (source: Stripe, "Customer portal": links that
are not opened soon, and sessions that are over, lead nowhere). Sessions live by the system's clock, even
for customers on a test clock: how long a key opens a door is no matter of bookkeeping.
"""

from dataclasses import dataclass, field
from typing import Any

from seikyu.engine.billing import payment_method
from seikyu.engine.billing.card_details import CardDetails
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Announcement, Context, Decision, Given, Record
from seikyu.engine.billing.metadata import merged
from seikyu.engine.billing.payment_method import Card, MethodBook, PaymentMethod
from seikyu.engine.billing.refusals import (
    LastCardIsNeeded,
    NotServed,
    ObjectMissing,
    ParameterMissing,
    PortalIsInactive,
)

UNOPENED_FOR = 5 * 60
"""Seconds after its creation within which a session must be opened."""

OPEN_FOR = 60 * 60
"""Seconds after it was opened in which a session works."""

UPDATES = ("name", "email", "phone", "address", "shipping")
"""What customers may be allowed to change about themselves; tax ids are not served."""

NO_FEATURES: dict[str, dict[str, Any]] = {
    "customer_update": {"allowed_updates": [], "enabled": False},
    "invoice_history": {"enabled": False},
    "payment_method_update": {"enabled": False},
    "subscription_cancel": {
        "cancellation_reason": {"enabled": False, "options": []},
        "enabled": False,
        "mode": "at_period_end",
        "proration_behavior": "none",
    },
}
"""What a configuration allows that says nothing."""

USUAL_FEATURES: dict[str, dict[str, Any]] = {
    **NO_FEATURES,
    "customer_update": {"allowed_updates": ["address", "email", "phone"], "enabled": True},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
}
"""What the configuration allows that is made when somebody needs one and there is none."""


@dataclass(frozen=True, slots=True)
class PortalConfiguration:
    """What a portal offers. ``created`` and ``updated`` in Unix seconds.

    ``details``: ``business_profile`` and ``metadata``, which merely pass through.
    """

    id: str
    created: int
    updated: int
    version: int = 0
    active: bool = True
    is_default: bool = False
    name: str | None = None
    default_return_url: str | None = None
    features: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PortalSession:
    """One customer's way into the portal. Times in Unix seconds of the system's clock.

    ``portal_key`` is in the address and opens it; ``form_token`` is in every form that it shows.
    """

    id: str
    created: int
    customer_id: str
    configuration_id: str
    portal_key: str
    form_token: str
    version: int = 0
    return_url: str | None = None
    locale: str | None = None
    opened_at: int | None = None


@dataclass(frozen=True, slots=True)
class PortalBook:
    """What a decision about the portal may read.

    ``others`` are the customer's other cards; ``charged``: a subscription charges them by itself.
    """

    customer: Customer | None = None
    configuration: PortalConfiguration | None = None
    default: PortalConfiguration | None = None
    session: PortalSession | None = None
    method: PaymentMethod | None = None
    others: tuple[PaymentMethod, ...] = ()
    charged: bool = False


@dataclass(frozen=True, slots=True)
class CreateConfiguration:
    """Say what a portal offers. The first one of a world is its default."""

    given: Given


@dataclass(frozen=True, slots=True)
class UpdateConfiguration:
    """Change what was given; of each feature, only what was given of it."""

    given: Given


@dataclass(frozen=True, slots=True)
class CreateSession:
    """Make a way into the portal for a customer."""

    given: Given


@dataclass(frozen=True, slots=True)
class OpenSession:
    """The customer has come: from now on the session's hour runs."""


@dataclass(frozen=True, slots=True)
class AddCard:
    """Put a card on file for the customer, who typed it in. ``card`` is what the processor made of it."""

    card_details: CardDetails | None = None
    card: Card | None = None
    as_default: bool = False


@dataclass(frozen=True, slots=True)
class RemoveCard:
    """Take a card from the customer who asks for it."""

    customer_id: str


def decide(book: PortalBook, command: object, context: Context) -> Decision:
    """Decide a command about the portal.

    Raises PortalIsInactive, NotServed, ParameterMissing, LastCardIsNeeded, ObjectMissing.
    """
    if isinstance(command, CreateConfiguration):
        return _create_configuration(book, command.given, context)
    if isinstance(command, UpdateConfiguration):
        return _update_configuration(book, command.given, context)
    if isinstance(command, CreateSession):
        return _create_session(book, command.given, context)
    if isinstance(command, OpenSession):
        return _open(book, context)
    if isinstance(command, AddCard):
        return _add_card(book, command, context)
    assert isinstance(command, RemoveCard)
    return _remove_card(book, command, context)


def ends_at(session: PortalSession) -> int:
    """Return the moment (Unix seconds) from which the session opens nothing any more."""
    if session.opened_at is None:
        return session.created + UNOPENED_FOR
    return session.opened_at + OPEN_FOR


def offers(configuration: PortalConfiguration, feature: str) -> bool:
    """Say whether the portal has the feature."""
    return bool(configuration.features.get(feature, {}).get("enabled"))


def changeable(configuration: PortalConfiguration) -> tuple[str, ...]:
    """Return what customers may change about themselves, in the order of UPDATES."""
    if not offers(configuration, "customer_update"):
        return ()
    allowed = configuration.features["customer_update"]["allowed_updates"]
    return tuple(name for name in UPDATES if name in allowed)


# ── configurations ─────────────────────────────────────────────────────────────────────────────


def _create_configuration(book: PortalBook, given: Given, context: Context) -> Decision:
    made = PortalConfiguration(
        id=context.mint("bpc"),
        created=context.system_now,
        updated=context.system_now,
        is_default=book.default is None,
        features=_features(NO_FEATURES, given["features"]),
    )
    made = _with(made, given)
    return Decision(made, (made,), announcements=(_made(made),))


def _made(configuration: PortalConfiguration) -> Announcement:
    return Announcement("billing_portal.configuration.created", configuration)


def _update_configuration(book: PortalBook, given: Given, context: Context) -> Decision:
    before = book.configuration
    assert before is not None
    if given.get("active") is False and before.is_default:
        raise PortalIsInactive("The default configuration cannot be deactivated.", "active")
    features = _features(before.features, given.get("features") or {})
    after = _with(replace(before, features=features), given)
    if after == before:
        return Decision(before)
    after = replace(after, updated=context.system_now)
    told = Announcement("billing_portal.configuration.updated", after, before)
    return Decision(after, (after,), announcements=(told,))


def _with(before: PortalConfiguration, given: Given) -> PortalConfiguration:
    details = dict(before.details)
    if "business_profile" in given:
        details["business_profile"] = {
            **(details.get("business_profile") or {}),
            **given["business_profile"],
        }
    details["metadata"] = merged(details.get("metadata") or {}, given.get("metadata", {}))
    return replace(
        before,
        active=given.get("active", before.active),
        name=given.get("name", before.name),
        default_return_url=given.get("default_return_url", before.default_return_url),
        details=details,
    )


def _features(before: dict[str, Any], given: Given) -> dict[str, Any]:
    """Return the features with what was given of each. Raises ParameterMissing and NotServed."""
    features = {name: dict(one) for name, one in before.items()}
    for name in features.keys() & given.keys():
        features[name] |= {key: value for key, value in given[name].items() if value is not None}
    updates = features["customer_update"]
    if updates["enabled"] and not updates["allowed_updates"]:
        raise ParameterMissing("features[customer_update][allowed_updates]")
    if "tax_id" in updates["allowed_updates"]:
        raise NotServed(
            "Customers cannot change their tax ids in this portal.",
            "features[customer_update][allowed_updates]",
        )
    if features["subscription_cancel"]["proration_behavior"] != "none":
        raise NotServed(
            "Cancelling in the portal prorates nothing in this version of Seikyu; give none.",
            "features[subscription_cancel][proration_behavior]",
        )
    return features


# ── sessions ───────────────────────────────────────────────────────────────────────────────────


def _create_session(book: PortalBook, given: Given, context: Context) -> Decision:
    assert book.customer is not None
    configuration = book.configuration or book.default
    saves: list[Record] = []
    announcements: list[Announcement] = []
    if configuration is None:
        configuration = _usual(context)
        saves.append(configuration)
        announcements.append(_made(configuration))
    if not configuration.active:
        raise PortalIsInactive(
            f"The configuration {configuration.id} is not active.", "configuration"
        )
    session = PortalSession(
        id=context.mint("bps"),
        created=context.system_now,
        customer_id=book.customer.id,
        configuration_id=configuration.id,
        portal_key=context.token(),
        form_token=context.token()[:24],
        return_url=given.get("return_url") or configuration.default_return_url,
        locale=given.get("locale"),
    )
    saves.append(session)
    announcements.append(Announcement("billing_portal.session.created", session))
    return Decision(session, tuple(saves), announcements=tuple(announcements))


def _usual(context: Context) -> PortalConfiguration:
    return PortalConfiguration(
        id=context.mint("bpc"),
        created=context.system_now,
        updated=context.system_now,
        is_default=True,
        features=USUAL_FEATURES,
        details={"metadata": {}},
    )


def _open(book: PortalBook, context: Context) -> Decision:
    before = book.session
    assert before is not None
    if before.opened_at is not None or context.system_now >= ends_at(before):
        return Decision(before)
    after = replace(before, opened_at=context.system_now)
    return Decision(after, (after,))


# ── cards ──────────────────────────────────────────────────────────────────────────────────────


def _add_card(book: PortalBook, command: AddCard, context: Context) -> Decision:
    """The first card becomes the default: it is the one that will be charged."""
    before = book.customer
    assert before is not None
    assert command.card is not None
    method = payment_method.attached(payment_method.on_file(command.card, context), before.id)
    attached = Announcement("payment_method.attached", method)
    if not command.as_default and before.default_payment_method is not None:
        return Decision(method, (method,), announcements=(attached,))
    after = replace(before, default_payment_method=method.id)
    updated = Announcement("customer.updated", after, before)
    return Decision(method, (method, after), announcements=(attached, updated))


def _remove_card(book: PortalBook, command: RemoveCard, context: Context) -> Decision:
    assert book.method is not None
    assert book.customer is not None
    if book.method.customer_id != command.customer_id:
        raise ObjectMissing("PaymentMethod", book.method.id)
    if book.charged and not book.others:
        raise LastCardIsNeeded(
            "This is the only card of a customer whose subscription is charged automatically. "
            "Add another card first."
        )
    was_default = book.customer.default_payment_method == book.method.id
    detached = MethodBook(book.method, default_of=book.customer if was_default else None)
    decision = payment_method.decide(detached, payment_method.DetachMethod(), context)
    if not was_default or not book.others:
        return decision
    # The newest of the others takes its place, so that what is charged by itself still can be.
    following = book.others[0].id
    after = replace(book.customer, default_payment_method=following)
    return replace(
        decision,
        saves=(decision.saves[0], after),
        announcements=(
            decision.announcements[0],
            Announcement("customer.updated", after, book.customer),
        ),
    )
