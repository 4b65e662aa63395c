"""What the door's answer to a payment means for the person in front of the page."""

from dataclasses import dataclass

import orjson

from seikyu.engine.execute import Answer

NEEDS_CUSTOMER = "invoice_payment_intent_requires_action"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another page tells what is true now. ``challenge``: the card must be authenticated first."""

    challenge: bool = False


@dataclass(frozen=True, slots=True)
class Declined:
    """The card was refused; ``code`` and ``decline_code`` as Stripe names them."""

    code: str | None
    decline_code: str | None


@dataclass(frozen=True, slots=True)
class Forbidden:
    """No charge was begun. ``form_used``: the form's token was used for something else before."""

    form_used: bool = False


@dataclass(frozen=True, slots=True)
class Unavailable:
    """We cannot say now what became of it; the worker finds out."""


Outcome = Elsewhere | Declined | Forbidden | Unavailable


def outcome_of(answer: Answer) -> Outcome:
    """Read the answer.

    A payment that is under way already (409, 429), or an invoice that meanwhile cannot be paid any more,
    is no error to the customer: the page shows which of them it is.
    """
    if answer.status == 200:
        return Elsewhere(challenge=_asks_for_customer(answer.body))
    if answer.status >= 500:
        return Unavailable()
    error = orjson.loads(answer.body)["error"]
    if answer.status == 402:
        if error.get("code") == NEEDS_CUSTOMER:
            return Elsewhere(challenge=True)
        return Declined(error.get("code"), error.get("decline_code"))
    if error["type"] == "idempotency_error" and answer.status == 400:
        return Forbidden(form_used=True)
    if answer.status in (409, 429) or error.get("code") == "payment_intent_unexpected_state":
        return Elsewhere()
    return Forbidden()


def _asks_for_customer(body: bytes) -> bool:
    shown = orjson.loads(body)
    return (shown["object"], shown["status"]) == ("payment_intent", "requires_action")
