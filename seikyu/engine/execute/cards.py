"""Cards in commands: test tokens and card numbers become cards on file before anything is stored.

Only the processor ever sees a number; the command that reaches the rules holds a Card.
"""

from collections.abc import Mapping
from typing import Any

from seikyu.engine.billing.cash import CUSTOMER_BALANCE
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import CreateCustomer
from seikyu.engine.billing.invoice import PayInvoice
from seikyu.engine.billing.payment_intent import ConfirmIntent, CreateIntent, UpdateIntent
from seikyu.engine.billing.payment_method import AttachMethod, CreateMethod
from seikyu.engine.billing.portal import AddCard
from seikyu.engine.billing.refusals import NotServed, ParameterMissing, Refusal
from seikyu.engine.execute.orders import Order
from seikyu.engine.processors.port import Processor

ON_INTENTS = (CreateIntent, UpdateIntent, ConfirmIntent)


def names_card(order: Order, processor: Processor | None) -> bool:
    """Say whether the command holds a token or a number that only the processor understands."""
    try:
        return _source(order, processor) is not None
    except Refusal:
        return True


def with_card(order: Order, processor: Processor | None) -> Order:
    """Return the order with its token or number resolved, or with the refusal to answer with.

    May be slow: never inside a transaction. A refusal is carried by the order, so that it is given
    and remembered like any other, after the request's key was looked at.
    """
    try:
        source = _source(order, processor)
        if source is None:
            return order
        if processor is None:
            raise NotServed(NO_PROCESSOR)
        card = processor.card(source)
    except Refusal as refusal:
        return replace(order, refusal=refusal)
    command: Any = order.command
    if isinstance(command, PayInvoice | AddCard):
        return replace(order, command=replace(command, card_details=None, card=card))
    return replace(order, command=replace(command, card=card))


def _source(order: Order, processor: Processor | None) -> str | Mapping[str, Any] | None:
    command = order.command
    if isinstance(command, PayInvoice):
        return command.card_details or _token(command.payment_method, processor)
    if isinstance(command, AddCard):
        return command.card_details
    if isinstance(command, AttachMethod):
        return _token(order.id, processor)
    if isinstance(command, CreateMethod):
        return _details(command.given)
    if isinstance(command, CreateCustomer):
        return _token(command.given.get("payment_method"), processor)
    if isinstance(command, ON_INTENTS):
        data = command.given.get("payment_method_data")
        return _details(data) if data else _token(command.given.get("payment_method"), processor)
    return None


NO_PROCESSOR = (
    "Cards cannot be charged in live mode: this installation has no live card processor. "
    "Use a test key, or mark invoices paid out of band."
)


def _token(id: str | None, processor: Processor | None) -> str | None:
    if id is None or processor is None:
        return None
    return id if processor.knows(id) else None


def _details(given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if given.get("type") == CUSTOMER_BALANCE:
        return None
    if given.get("type", "card") != "card":
        raise NotServed(
            f"Payment methods of type {given['type']} are not served by this version of Seikyu; "
            "cards and customer_balance are.",
            "type",
        )
    if not given.get("card"):
        raise ParameterMissing("card")
    card: Mapping[str, Any] = given["card"]
    return card
