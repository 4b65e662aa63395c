"""A card is put to the processor outside every transaction, and once for each request."""

import threading
from collections.abc import Mapping
from typing import Any

from seikyu.engine.billing.attempt import Outcome
from seikyu.engine.billing.payment_method import Card
from seikyu.engine.processors.port import ChargeRequest, RefundRequest
from seikyu.engine.processors.test_cards import TestCardProcessor
from seikyu.engine.store.database import open_database, transaction
from tests.api.room import Caller, Reply, running_room

WRONG = {"type": "card", "card[number]": "4242424242424241"}
RIGHT = {
    "type": "card",
    "card[number]": "4242424242424242",
    "card[exp_month]": "12",
    "card[exp_year]": "2035",
}


class SlowDesk:
    """A processor that takes cards over the network."""

    instant = False

    def __init__(self, url: str) -> None:
        """``url`` is the engine's database, at which it looks while it is asked."""
        self._cards = TestCardProcessor()
        self._url = url
        self.taken = 0
        self.let_go = threading.Event()
        self.asked = threading.Semaphore(0)
        self.let_go.set()

    def knows(self, token: str) -> bool:
        """As the test card processor."""
        return self._cards.knows(token)

    def card(self, source: str | Mapping[str, Any]) -> Card:
        """Write to the database while the caller waits: nobody may hold it."""
        self.taken += 1
        self.asked.release()
        assert self.let_go.wait(20)
        database = open_database(self._url)
        with transaction(database.connection()):
            pass
        database.close()
        return self._cards.card(source)

    def charge(self, request: ChargeRequest) -> Outcome:
        """As the test card processor."""
        return self._cards.charge(request)

    def refund(self, request: RefundRequest) -> Outcome:
        """As the test card processor."""
        return self._cards.refund(request)


def test_others_are_served_while_a_card_is_taken(database_url: str) -> None:
    desk = SlowDesk(database_url)
    replies: list[Reply] = []
    with running_room(database_url, desk) as room:
        api = room.account()
        desk.let_go.clear()

        def create() -> None:
            caller = Caller(api.base, api.key)
            replies.append(caller.send("POST", "/v1/payment_methods", form=RIGHT))

        creating = threading.Thread(target=create)
        creating.start()
        assert desk.asked.acquire(timeout=20)
        try:
            assert api.post("/v1/customers", name="サンプル")["object"] == "customer"
        finally:
            desk.let_go.set()
            creating.join(20)
    assert (replies[0].status, replies[0].body["card"]["last4"]) == (200, "4242")


def test_a_repeated_request_does_not_put_the_card_on_file_again(database_url: str) -> None:
    desk = SlowDesk(database_url)
    with running_room(database_url, desk) as room:
        api = room.account()
        path = "/v1/payment_methods"
        first = api.send("POST", path, form=RIGHT, idempotency_key="once")
        again = api.send("POST", path, form=RIGHT, idempotency_key="once")
        assert (again.status, again.body) == (200, first.body)
        assert again.headers["idempotent-replayed"] == "true"
        assert desk.taken == 1


def test_a_card_that_is_not_taken_is_refused_once_and_the_refusal_repeated(
    database_url: str,
) -> None:
    desk = SlowDesk(database_url)
    with running_room(database_url, desk) as room:
        api = room.account()
        path = "/v1/payment_methods"
        first = api.send("POST", path, form=WRONG, idempotency_key="once")
        assert (first.status, first.error["code"]) == (402, "incorrect_number")
        again = api.send("POST", path, form=WRONG, idempotency_key="once")
        assert (again.status, again.body) == (402, first.body)
        assert again.headers["idempotent-replayed"] == "true"
        assert desk.taken == 1
