"""The test card processor: Stripe's test tokens and numbers, with their documented behaviour.

It keeps nothing: the answer follows from the card and the idempotency key alone, so asking again with
the same key gives the same answer, before and after any crash. Source: Stripe, "Testing".
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seikyu.engine.billing.attempt import Outcome
from seikyu.engine.billing.payment_method import Card
from seikyu.engine.billing.refusals import CardDeclined, ObjectMissing, ParameterMissing
from seikyu.engine.processors.port import ChargeRequest, RefundRequest

DECLINES = {
    "generic_decline": ("card_declined", "Your card was declined."),
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "lost_card": ("card_declined", "Your card was declined."),
    "stolen_card": ("card_declined", "Your card was declined."),
    "card_velocity_exceeded": (
        "card_declined",
        (
            "Your card was declined for making repeated attempts too frequently or exceeding its "
            "amount limit."
        ),
    ),
    "expired_card": ("expired_card", "Your card has expired."),
    "incorrect_cvc": ("incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": (
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
}
"""Decline code → Stripe's error code and sentence."""

CODES_OF_THEIR_OWN = frozenset({"expired_card", "incorrect_cvc", "processing_error"})
"""Declines whose error code says all; Stripe gives them no decline code."""


@dataclass(frozen=True, slots=True)
class TestCard:
    """One of Stripe's test cards. ``on_attach``: refused when attached, not only when charged."""

    __test__ = False

    number: str
    brand: str = "visa"
    decline: str | None = None
    on_attach: bool = True
    authenticates: bool = False


CARDS: dict[str, TestCard] = {
    "visa": TestCard("4242424242424242"),
    "visa_debit": TestCard("4000056655665556"),
    "mastercard": TestCard("5555555555554444", "mastercard"),
    "amex": TestCard("378282246310005", "amex"),
    "jcb": TestCard("3566002020360505", "jcb"),
    "jp": TestCard("4000003920000003"),
    "chargeDeclined": TestCard("4000000000000002", decline="generic_decline"),
    "chargeDeclinedInsufficientFunds": TestCard("4000000000009995", decline="insufficient_funds"),
    "chargeDeclinedLostCard": TestCard("4000000000009987", decline="lost_card"),
    "chargeDeclinedStolenCard": TestCard("4000000000009979", decline="stolen_card"),
    "chargeDeclinedExpiredCard": TestCard("4000000000000069", decline="expired_card"),
    "chargeDeclinedIncorrectCvc": TestCard("4000000000000127", decline="incorrect_cvc"),
    "chargeDeclinedProcessingError": TestCard("4000000000000119", decline="processing_error"),
    "chargeDeclinedVelocityLimitExceeded": TestCard(
        "4000000000006975", decline="card_velocity_exceeded"
    ),
    "chargeCustomerFail": TestCard("4000000000000341", decline="generic_decline", on_attach=False),
    "refundFail": TestCard("4000000000005126"),
    "authenticationRequired": TestCard("4000002760003184", authenticates=True),
    "threeDSecure2Required": TestCard("4000000000003220", authenticates=True),
}
"""By the name that stands in the tokens ``pm_card_…`` and ``tok_…``; Stripe's spellings."""

BY_NUMBER = {card.number: name for name, card in CARDS.items()}
ALIASES = {
    **{f"visa_{name}": name for name in CARDS if name.startswith("charge")},
    "threeDSecureRequired": "threeDSecure2Required",
    "authenticationRequiredOnSetup": "authenticationRequired",
}
PREFIXES = ("pm_card_", "tok_")
TEST_YEAR = 2035
REFUND_FAILS = "tch_refund_fails_"


class TestCardProcessor:
    """Answers from memory; see the module's first lines."""

    __test__ = False

    instant = True

    def knows(self, token: str) -> bool:
        """Say whether the text is one of the test tokens."""
        return token.startswith(PREFIXES)

    def card(self, source: str | Mapping[str, Any]) -> Card:
        """Return the card of a token or of a number. Raises CardDeclined, ObjectMissing."""
        if isinstance(source, str):
            name = _name(source)
            if name is None:
                raise ObjectMissing("PaymentMethod", source, "payment_method")
            return _card(name, 12, TEST_YEAR)
        if source.get("token"):
            return self.card(str(source["token"]))
        number = "".join(c for c in str(source.get("number") or "") if c.isdigit())
        if not number:
            raise ParameterMissing("card[number]")
        name = BY_NUMBER.get(number)
        if name is None:
            raise _unusable(number)
        for part in ("exp_month", "exp_year"):
            if not source.get(part):
                raise ParameterMissing(f"card[{part}]")
        return _card(name, int(source["exp_month"]), int(source["exp_year"]))

    def charge(self, request: ChargeRequest) -> Outcome:
        """Answer as the card does. The reference follows from the idempotency key."""
        card = CARDS[request.processor_ref]
        reference = f"tch_{hashlib.sha256(request.idempotency_key.encode()).hexdigest()[:24]}"
        if card.decline is not None:
            return _declined(card.decline, reference)
        if request.processor_ref == "refundFail":
            reference = reference.replace("tch_", REFUND_FAILS)
        if card.authenticates and not request.authenticated:
            return Outcome("requires_action", reference)
        return Outcome("succeeded", reference)

    def refund(self, request: RefundRequest) -> Outcome:
        """Give the money back, but for the card that stands for a refund that fails."""
        reference = f"tre_{hashlib.sha256(request.idempotency_key.encode()).hexdigest()[:24]}"
        if request.charge.startswith(REFUND_FAILS):
            return Outcome("declined", reference, "expired_or_canceled_card")
        return Outcome("succeeded", reference)


def _name(token: str) -> str | None:
    for prefix in PREFIXES:
        if token.startswith(prefix):
            name = token.removeprefix(prefix)
            name = ALIASES.get(name, name)
            return name if name in CARDS else None
    return None


def _card(name: str, exp_month: int, exp_year: int) -> Card:
    card = CARDS[name]
    refused = _declined(card.decline, "") if card.decline and card.on_attach else None
    return Card(
        processor_ref=name,
        brand=card.brand,
        last4=card.number[-4:],
        exp_month=exp_month,
        exp_year=exp_year,
        fingerprint=hashlib.sha256(f"seikyu test card {card.number}".encode()).hexdigest()[:16],
        country="JP" if name in ("jp", "jcb") else "US",
        funding="debit" if name.endswith("_debit") else "credit",
        refused=refused,
    )


def _declined(decline: str, reference: str) -> Outcome:
    code, message = DECLINES[decline]
    shown = None if decline in CODES_OF_THEIR_OWN else decline
    return Outcome("declined", reference, code, shown, message)


def _unusable(number: str) -> CardDeclined:
    """A number that is no test card: real ones are never taken here."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    if len(number) < 12 or (sum(digits[::2]) + sum(doubled)) % 10:
        return CardDeclined("Your card number is incorrect.", code="incorrect_number")
    return CardDeclined(
        "Your card was declined. Your request was in test mode, but used a non test card. "
        "For a list of valid test cards, visit: https://stripe.com/docs/testing.",
        code="card_declined",
        decline_code="test_mode_live_card",
    )
