"""What the engine asks of a card processor. Called outside every transaction.

A charge is asked for with an idempotency key. Asking again with the same key must give the same
answer and move no more money: that is all the engine relies on after a crash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from seikyu.engine.billing.attempt import Outcome
from seikyu.engine.billing.payment_method import Card


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """One charge. ``amount`` in minor units of ``currency``.

    ``authenticated`` says that the customer has just passed 3-D Secure for this payment.
    """

    idempotency_key: str
    processor_ref: str
    amount: int
    currency: str
    off_session: bool
    authenticated: bool = False


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Money to give back. ``charge`` is the processor's reference of the charge; minor units."""

    idempotency_key: str
    charge: str
    amount: int
    currency: str


class Processor(Protocol):
    """A card processor."""

    instant: bool
    """Whether it answers from memory, so that asking needs no thread of its own."""

    def knows(self, token: str) -> bool:
        """Say whether the text is a token of this processor (``pm_card_visa``, ``tok_visa``)."""

    def card(self, source: str | Mapping[str, Any]) -> Card:
        """Put a card on file, given by a token or by ``number``, ``exp_month``, ``exp_year``, ``cvc``.

        The number is not kept. Raises CardDeclined for a number that cannot be a card's,
        ObjectMissing for an unknown token.
        """

    def charge(self, request: ChargeRequest) -> Outcome:
        """Charge the card, or answer again what was answered to this idempotency key."""

    def refund(self, request: RefundRequest) -> Outcome:
        """Give money back (succeeded or declined), or answer again what was answered to this key."""
