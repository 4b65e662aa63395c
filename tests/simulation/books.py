"""What must be true of an engine's books after it was killed any number of times.

Everything is read through the API, as a customer's program would read it, and put beside what the
client was told at the time.
"""

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx2

from tests.api.room import Caller, Reply

PATIENCE = 30
"""Seconds that a client goes on repeating one request."""

REPEATED = (409, 429, 500, 502, 503)


class NeverAnswered(AssertionError):
    """A request got no final answer."""


@dataclass
class Patient:
    """A client that repeats what it got no answer to, with the same idempotency key, as SDKs do."""

    caller: Caller
    repeated: int = 0
    cut_off: int = 0
    """How many requests had been sent when the connection died under them."""

    told: dict[str, Any] = field(default_factory=dict)
    """Every answer of a request, by its idempotency key."""

    def post(self, path: str, **form: Any) -> Any:
        """Send until there is a final answer; it must be 200."""
        return self.post_form(path, form)

    def post_form(self, path: str, form: dict[str, Any], key: str | None = None) -> Any:
        """As `post`, with names that Python cannot spell, or under a key of one's own."""
        key = key or uuid4().hex
        reply = self._until_answered(path, form, key)
        assert reply.status == 200, (path, reply.body)
        self.told[key] = (path, form, reply.body)
        return reply.body

    def _until_answered(self, path: str, form: dict[str, Any], key: str) -> Reply:
        deadline = time.monotonic() + PATIENCE
        last: object = None
        while time.monotonic() < deadline:
            try:
                reply = self.caller.send("POST", path, form=form, idempotency_key=key)
            except (httpx2.TransportError, ValueError) as reason:
                last = reason
                self.cut_off += not isinstance(reason, httpx2.ConnectError)
            else:
                if reply.status not in REPEATED:
                    return reply
                last = reply.body
            self.repeated += 1
            time.sleep(0.02)
        raise NeverAnswered(f"POST {path} with key {key}: {last!r}")


def paged(caller: Caller, path: str, query: str = "") -> list[Any]:
    """Return a whole list, oldest first."""
    found: list[Any] = []
    more = "limit=100&" + query
    while True:
        page = caller.get(path, more)
        found += page["data"]
        if not page["has_more"]:
            return found[::-1]
        more = f"limit=100&{query}&starting_after={found[-1]['id']}"


def expect_paid_once(caller: Caller, invoice_id: str, amount: int) -> str:
    """The invoice is paid, by exactly one payment and one charge; return the charge's id."""
    invoice = caller.get(f"/v1/invoices/{invoice_id}", "expand[]=payments")
    assert invoice["status"] == "paid", invoice
    assert (invoice["amount_paid"], invoice["amount_remaining"]) == (amount, 0)
    assert (invoice["attempted"], invoice["attempt_count"]) == (True, 1)
    (payment,) = invoice["payments"]["data"]
    assert (payment["status"], payment["amount_paid"]) == ("paid", amount)
    intent_id = payment["payment"]["payment_intent"]
    intent = caller.get(f"/v1/payment_intents/{intent_id}")
    assert (intent["status"], intent["amount_received"]) == ("succeeded", amount)
    charges = caller.get("/v1/charges", f"payment_intent={intent_id}")["data"]
    assert [(each["status"], each["amount"]) for each in charges] == [("succeeded", amount)]
    assert intent["latest_charge"] == charges[0]["id"]
    charge: str = charges[0]["id"]
    return charge


def expect_answers_repeated(caller: Caller, told: dict[str, Any]) -> None:
    """Every request that is sent once more is answered as the first time, and changes nothing."""
    for key, (path, form, body) in told.items():
        reply = caller.send("POST", path, form=form, idempotency_key=key)
        assert (reply.status, reply.body) == (200, body), path
        assert reply.headers["idempotent-replayed"] == "true"


def expect_events_tell_the_statuses(caller: Caller) -> None:
    """Each invoice's events, in order, end with what the invoice is now; none is told twice."""
    by_invoice: dict[str, list[Any]] = {}
    for event in paged(caller, "/v1/events"):
        if event["data"]["object"]["object"] == "invoice":
            by_invoice.setdefault(event["data"]["object"]["id"], []).append(event)
    for invoice in paged(caller, "/v1/invoices"):
        events = by_invoice.pop(invoice["id"])
        types = [event["type"] for event in events]
        assert types.count("invoice.created") == 1
        assert types.count("invoice.finalized") == (invoice["status"] != "draft")
        assert types.count("invoice.paid") == (invoice["status"] == "paid")
        assert events[-1]["data"]["object"]["status"] == invoice["status"]
        assert events[-1]["data"]["object"] == invoice
    assert by_invoice == {}
