"""Dated stories told through the official SDK: a customer on a test clock, and what was said since."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import stripe

from tests.scenarios.conftest import Engine

PATIENCE = 60
"""Seconds that a clock may take to arrive."""


def moment(text: str) -> int:
    """The moment of ``2026-03-01`` or ``2026-03-01 09:00`` in UTC, in Unix seconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def day(at: int | None) -> str | None:
    """The day of a moment in UTC."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


def sdk_of(engine: Engine) -> stripe.StripeClient:
    """The SDK's client of the engine's account."""
    return stripe.StripeClient(
        engine.key, base_addresses={"api": engine.base}, max_network_retries=0
    )


@dataclass
class Story:
    """A clock that stands at a day, and one customer who lives by it."""

    sdk: stripe.StripeClient
    clock: str
    customer: str
    told: set[str] = field(default_factory=set)

    @classmethod
    def begin(cls, engine: Engine, at: str, card: str | None = "pm_card_visa") -> "Story":
        """Set a clock to the day and bring a customer, with this card unless it is None."""
        sdk = sdk_of(engine)
        clock = sdk.v1.test_helpers.test_clocks.create({"frozen_time": moment(at)})
        customer = sdk.v1.customers.create(
            {"name": "株式会社サンプル", "email": "keiri@example.jp", "test_clock": clock.id}
        )
        story = cls(sdk, clock.id, customer.id)
        if card is not None:
            story.give_card(card)
        story.news()
        return story

    def give_card(self, card: str) -> str:
        """Make this test card the customer's default; its id."""
        method = self.sdk.v1.payment_methods.attach(card, {"customer": self.customer})
        self.sdk.v1.customers.update(
            self.customer, {"invoice_settings": {"default_payment_method": method.id}}
        )
        return method.id

    def price(self, amount: int, interval: Any = "month", count: int = 1) -> str:
        """A recurring price in yen; its id."""
        made = self.sdk.v1.prices.create(
            {
                "currency": "jpy",
                "unit_amount": amount,
                "recurring": {"interval": interval, "interval_count": count},
                "product_data": {"name": "保守プラン"},
            }
        )
        return made.id

    def subscribe(self, price: str, **given: Any) -> stripe.Subscription:
        """Subscribe the customer to one price."""
        params: Any = {"customer": self.customer, "items": [{"price": price}], **given}
        return self.sdk.v1.subscriptions.create(params)

    def until(self, at: str) -> None:
        """Let the clock go on to a moment, and wait until it is there."""
        self.sdk.v1.test_helpers.test_clocks.advance(self.clock, {"frozen_time": moment(at)})
        give_up = time.monotonic() + PATIENCE
        while self.sdk.v1.test_helpers.test_clocks.retrieve(self.clock).status != "ready":
            assert time.monotonic() < give_up, "the clock did not arrive"
            time.sleep(0.02)

    def news(self) -> list[str]:
        """The types of all events since this was last asked, oldest first; not those of the clock."""
        fresh: list[str] = []
        for event in self.sdk.v1.events.list({"limit": 100}).auto_paging_iter():
            if event.id in self.told:
                break
            self.told.add(event.id)
            if not event.type.startswith("test_helpers."):
                fresh.append(event.type)
        return fresh[::-1]

    def now(self, subscription: stripe.Subscription) -> stripe.Subscription:
        """The subscription as it is now."""
        return self.sdk.v1.subscriptions.retrieve(subscription.id)

    def invoices(self, subscription: stripe.Subscription) -> list[stripe.Invoice]:
        """The invoices of the subscription, oldest first."""
        listed = self.sdk.v1.invoices.list({"subscription": subscription.id, "limit": 100})
        return list(listed.auto_paging_iter())[::-1]


def period(invoice: stripe.Invoice) -> tuple[str | None, str | None]:
    """First and last day of what the invoice's last line bills."""
    last = invoice.lines.data[-1].period
    return day(last.start), day(last.end)
