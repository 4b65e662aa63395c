"""Cards in commands: test tokens and card numbers become cards on file before anything is stored.

Only the processor ever sees a number; the command that reaches the rules holds a Card.
"""

from collections.abc import Mapping
from typing import Any

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import CreateCustomer
from seikyu.engine.billing.invoice import PayInvoice
from seikyu.engine.billing.payment import ConfirmIntent, CreateIntent, UpdateIntent
from seikyu.engine.billing.payment_method import AttachMethod, Card, CreateMethod
from seikyu.engine.billing.refusals import NotServed, ParameterMissing
from seikyu.engine.execute.orders import Order
from seikyu.engine.processors.port import Processor

ON_INTENTS = (CreateIntent, UpdateIntent, ConfirmIntent)


def with_card(order: Order, processor: Processor | None) -> Order:
    """Return the order with its token or number resolved. Raises CardDeclined, ObjectMissing."""
    command: Any = order.command
    source: str | Mapping[str, Any] | None = None
    if isinstance(command, PayInvoice) and command.card_details is not None:
        source = command.card_details
        command = replace(command, card_details=None)
    elif isinstance(command, PayInvoice):
        source = _token(command.payment_method, processor)
    elif isinstance(command, AttachMethod):
        source = _token(order.id, processor)
    elif isinstance(command, CreateMethod):
        source = _details(command.given)
    elif isinstance(command, CreateCustomer):
        source = _token(command.given.get("payment_method"), processor)
    elif isinstance(command, ON_INTENTS):
        data = command.given.get("payment_method_data")
        source = _details(data) if data else _token(command.given.get("payment_method"), processor)
    if source is None:
        return order
    if processor is None:
        raise NotServed(NO_PROCESSOR)
    return replace(order, command=replace(command, card=_card(processor, source)))


NO_PROCESSOR = (
    "Cards cannot be charged in live mode: this installation has no live card processor. "
    "Use a test key, or mark invoices paid out of band."
)


def _token(id: str | None, processor: Processor | None) -> str | None:
    if id is None or processor is None:
        return None
    return id if processor.knows(id) else None


def _details(given: Mapping[str, Any]) -> Mapping[str, Any]:
    if given.get("type", "card") != "card":
        raise NotServed(
            f"Payment methods of type {given['type']} are not served by this version of Seikyu; "
            "cards are.",
            "type",
        )
    if not given.get("card"):
        raise ParameterMissing("card")
    card: Mapping[str, Any] = given["card"]
    return card


def _card(processor: Processor, source: str | Mapping[str, Any]) -> Card:
    return processor.card(source)
