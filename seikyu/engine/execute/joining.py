"""Many orders about different customers, as if they were one: fetched ahead and stored together.

What time does to invoices, and the outcomes of charges, come in numbers, and each is about one customer and
little else. So rows are fetched for all of a batch, and written for all of it, instead of for each order;
on PostgreSQL most of what an order costs is otherwise waiting for the server. Orders about the same customer
come after each other: a batch goes through in rounds, each with one order a customer, and what a round
wrote is in the database before the next one is fetched.

The rules see nothing of this. When anything at all goes wrong the whole transaction is undone and its
orders are carried out one by one, so one bad row cannot spoil the others.
"""

from collections.abc import Callable, Sequence

from seikyu.engine.billing.advancing import Advance
from seikyu.engine.billing.attempt import Attempt
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.payment import Settle
from seikyu.engine.execute.orders import Answer, Order
from seikyu.engine.store.ahead import attempts_ahead, invoices_ahead, lasting, payers
from seikyu.engine.store.database import Connection
from seikyu.engine.store.together import Together

_KINDS = {Advance: (Invoice, invoices_ahead), Settle: (Attempt, attempts_ahead)}

FEWEST = 2
"""Orders from which on it is worth the while."""


def joined(orders: Sequence[Order]) -> bool:
    """Say whether the orders can be carried out together: all of one kind, in one world."""
    if len(orders) < FEWEST:
        return False
    first = orders[0]
    return type(first.command) in _KINDS and all(
        type(order.command) is type(first.command) and order.world.id == first.world.id
        for order in orders
    )


def carried_out(
    connection: Connection,
    orders: Sequence[Order],
    carry_out: Callable[[Connection, Order], Answer],
) -> list[Answer]:
    """Carry the orders out, and return their answers in order. Raises whatever went wrong with any."""
    record, fetch = _KINDS[type(orders[0].command)]
    world = orders[0].world.id
    customers = payers(connection, record, world, [order.id or "" for order in orders])
    together = Together(connection)
    lasting(together)
    answers: dict[int, Answer] = {}
    for places in _rounds(orders, customers):
        ids = [orders[place].id or "" for place in places]
        fetch(together, world, ids, {customers[id] for id in ids if id in customers})
        for place in places:
            answers[place] = carry_out(together, orders[place])
        together.forget()
    return [answers[place] for place in range(len(orders))]


def _rounds(orders: Sequence[Order], customers: dict[str, str]) -> list[list[int]]:
    """Return the places of the orders, one order a customer in each round, each customer's in order.

    An order about nobody's customer stands in a round of its own kind: by its own id.
    """
    rounds: list[list[int]] = []
    times: dict[str, int] = {}
    for place, order in enumerate(orders):
        whose = customers.get(order.id or "", order.id or "")
        turn = times.get(whose, 0)
        times[whose] = turn + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(place)
    return rounds
