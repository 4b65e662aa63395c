"""What a customer asks for on the hosted page and in the portal, as commands: forms of our own.

The customer is present, so every charge from here is on session: a card may ask for 3-D Secure.
"""

from collections.abc import Mapping
from typing import Any

from seikyu.engine.billing.card_details import CardDetails
from seikyu.engine.billing.customer import UpdateCustomer
from seikyu.engine.billing.hosted_link import RenewLink
from seikyu.engine.billing.invoice import PayInvoice
from seikyu.engine.billing.payment_intent import ConfirmIntent, FailAuthentication
from seikyu.engine.billing.portal import AddCard, OpenSession, RemoveCard
from seikyu.engine.billing.subscription import CancelSubscription, UpdateSubscription
from seikyu.engine.wire.commands import Asked


def pay(
    invoice_id: str,
    key: str,
    *,
    number: str,
    exp_month: int,
    exp_year: int,
    cvc: str,
    amount: int | None = None,
) -> Asked:
    """Pay the invoice with a card. ``key`` is the idempotency key; ``exp_year`` has four digits.

    ``amount`` (minor units) pays several instalments of a payment plan; None: what is due next.
    """
    details = CardDetails(number=number, exp_month=exp_month, exp_year=exp_year, cvc=cvc)
    command = PayInvoice(card_details=details, off_session=False, request_key=key, amount=amount)
    return Asked(command, invoice_id)


def authenticated(intent_id: str, key: str) -> Asked:
    """Go on with the payment: the customer passed 3-D Secure. ``key`` is the idempotency key."""
    return Asked(ConfirmIntent({}, authenticated=True, request_key=key), intent_id)


def not_authenticated(intent_id: str) -> Asked:
    """Give the card up: the customer did not pass 3-D Secure."""
    return Asked(FailAuthentication(), intent_id)


def renew_link(invoice_id: str) -> Asked:
    """Let the address of the invoice's page work again."""
    return Asked(RenewLink(), invoice_id)


def open_portal(session_id: str) -> Asked:
    """Begin the hour of a portal session."""
    return Asked(OpenSession(), session_id)


def add_card(
    customer_id: str, *, number: str, exp_month: int, exp_year: int, cvc: str, as_default: bool
) -> Asked:
    """Put a card on file for the customer; ``exp_year`` has four digits."""
    details = CardDetails(number=number, exp_month=exp_month, exp_year=exp_year, cvc=cvc)
    return Asked(AddCard(card_details=details, as_default=as_default), customer_id)


def make_default(customer_id: str, method_id: str) -> Asked:
    """Charge this card from now on. Another customer's card is refused by the rule."""
    settings = {"default_payment_method": method_id}
    return Asked(UpdateCustomer({"invoice_settings": settings}), customer_id)


def remove_card(customer_id: str, method_id: str) -> Asked:
    """Take the card off. Another customer's card is refused by the rule."""
    return Asked(RemoveCard(customer_id), method_id)


def change_details(customer_id: str, given: Mapping[str, Any]) -> Asked:
    """Change what the portal lets the customer change about themselves."""
    return Asked(UpdateCustomer(given), customer_id)


def cancel_subscription(subscription_id: str, *, at_once: bool) -> Asked:
    """End a subscription now, or when the period that is paid for is over."""
    if at_once:
        return Asked(CancelSubscription({}), subscription_id)
    return Asked(UpdateSubscription({"cancel_at_period_end": True}), subscription_id)
