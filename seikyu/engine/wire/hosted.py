"""What a customer asks for on the hosted page, as commands. Not part of Stripe's API: forms of our own.

The customer is present, so every charge from here is on session: a card may ask for 3-D Secure.
"""

from seikyu.engine.billing.authentication import FailAuthentication
from seikyu.engine.billing.card_details import CardDetails
from seikyu.engine.billing.invoice import PayInvoice
from seikyu.engine.billing.payment import ConfirmIntent
from seikyu.engine.wire.commands import Asked


def pay(
    invoice_id: str, key: str, *, number: str, exp_month: int, exp_year: int, cvc: str
) -> Asked:
    """Pay the invoice with a card. ``key`` is the idempotency key; ``exp_year`` has four digits."""
    details = CardDetails(number=number, exp_month=exp_month, exp_year=exp_year, cvc=cvc)
    command = PayInvoice(card_details=details, off_session=False, request_key=key)
    return Asked(command, invoice_id)


def authenticated(intent_id: str, key: str) -> Asked:
    """Go on with the payment: the customer passed 3-D Secure. ``key`` is the idempotency key."""
    return Asked(ConfirmIntent({}, authenticated=True, request_key=key), intent_id)


def not_authenticated(intent_id: str) -> Asked:
    """Give the card up: the customer did not pass 3-D Secure."""
    return Asked(FailAuthentication(), intent_id)
