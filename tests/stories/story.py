"""Telling a story: a customer on a test clock, and all that happens to them, day by day.

Everything goes through the official SDK. ``until`` moves the clock and returns what happened on the way,
each event and each mail as ``day name``, oldest first, in Tokyo's days. Nothing is left out but what the
clock says of itself.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import stripe

from tests.api.room import Room

TOKYO = ZoneInfo("Asia/Tokyo")


def moment(text: str, zone: ZoneInfo = TOKYO) -> int:
    """Unix seconds of a local time such as ``2026-01-01`` or ``2026-01-01 09:00``."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


class Story:
    """One account, one clock, one customer with a card."""

    def __init__(self, room: Room, zone: ZoneInfo = TOKYO) -> None:
        """Open an account; ``begins`` makes the clock."""
        self.room = room
        self.zone = zone
        self.caller = room.account()
        self.sdk = stripe.StripeClient(
            self.caller.key, base_addresses={"api": room.base}, max_network_retries=0
        )
        self._heard: set[str] = set()
        self.clock = ""
        self.customer = ""

    def begins(self, day: str, card: str | None = "pm_card_visa", **customer: Any) -> str:
        """Make the clock and a customer on it; return the customer's id."""
        clock = self.sdk.v1.test_helpers.test_clocks.create({"frozen_time": moment(day, self.zone)})
        self.clock = clock.id
        self.customer = self.new_customer(card, **customer)
        self.news()
        return self.customer

    def new_customer(self, card: str | None = "pm_card_visa", **customer: Any) -> str:
        """Make one more customer on the clock."""
        params: Any = {
            "name": "株式会社サンプル",
            "email": "keiri@example.jp",
            "test_clock": self.clock,
            **customer,
        }
        made = self.sdk.v1.customers.create(params)
        if card is not None:
            self.use_card(card, made.id)
        return made.id

    def use_card(self, card: str, customer: str | None = None) -> str:
        """Make a test card the customer's default; return the payment method."""
        customer = customer or self.customer
        method = self.sdk.v1.payment_methods.attach(card, {"customer": customer})
        self.sdk.v1.customers.update(
            customer, {"invoice_settings": {"default_payment_method": method.id}}
        )
        return method.id

    def invoice(self, amount: int, **given: Any) -> stripe.Invoice:
        """Make a draft over ``amount`` yen."""
        params: Any = {"customer": self.customer, "currency": "jpy", **given}
        draft = self.sdk.v1.invoices.create(params)
        return self.sdk.v1.invoices.add_lines(
            draft.id, {"lines": [{"amount": amount, "description": "サンプル"}]}
        )

    def get(self, invoice: str) -> stripe.Invoice:
        """The invoice as it is now."""
        return self.sdk.v1.invoices.retrieve(invoice)

    def ours(self, method: str, path: str, **given: Any) -> Any:
        """Call an address that the SDK does not know."""
        answer = self.sdk.raw_request(method, path, **given)
        return self.sdk.deserialize(answer, api_mode="V1")

    def settings(self, form: dict[str, Any]) -> None:
        """Change the account's settings, given flat."""
        self.caller.post_form("/v1/seikyu/settings", form)
        self.room.drain()

    def detach(self, invoice: str) -> None:
        """Un-apply the invoice's only payment."""
        payments = self.sdk.v1.invoice_payments.list({"invoice": invoice, "status": "paid"})
        (payment,) = payments.data
        intent = payment.payment.payment_intent
        self.ours("post", f"/v1/invoices/{invoice}/detach_payment", payment_intent=intent)

    def advance(self, to: str) -> None:
        """Move the clock and let the worker carry it there."""
        self.sdk.v1.test_helpers.test_clocks.advance(
            self.clock, {"frozen_time": moment(to, self.zone)}
        )
        self.room.drain()
        clock = self.sdk.v1.test_helpers.test_clocks.retrieve(self.clock)
        assert clock.status == "ready", clock.status

    def until(self, to: str) -> list[str]:
        """Move the clock and return what happened on the way."""
        self.advance(to)
        return self.news()

    def news(self) -> list[str]:
        """What happened since this was last asked: events in order, then mails, day by day."""
        found: list[tuple[str, int, int, str]] = []
        events = list(self.sdk.v1.events.list({"limit": 100}).auto_paging_iter())
        for place, event in enumerate(reversed(events)):
            if event.id not in self._heard and not event.type.startswith("test_helpers."):
                found.append((self.day(event.created), 0, place, event.type))
            self._heard.add(event.id)
        mails = self.caller.get("/v1/seikyu/mails", "limit=100")["data"]
        for place, mail in enumerate(reversed(mails)):
            if mail["id"] not in self._heard:
                found.append((self.day(mail["created"]), 1, place, f"mail {mail['kind']}"))
            self._heard.add(mail["id"])
        return [f"{day} {what}" for day, _, _, what in sorted(found)]

    def day(self, at: int) -> str:
        """The local day of a moment, as ``01-31``; with the year in other years than 2026."""
        local = datetime.fromtimestamp(at, self.zone)
        return local.strftime("%m-%d" if local.year == 2026 else "%Y-%m-%d")
