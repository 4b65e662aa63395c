"""A world with subscriptions: as `world.World`, and time in it can pass.

`until` lets time pass through every due moment, invoices before subscriptions at the same one, as the
worker does; every charge it begins is answered by the card at hand (`declines`).
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from seikyu.engine.billing import subscribing
from seikyu.engine.billing.advancing import Advance
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.catalogue import Price, Product
from seikyu.engine.billing.decision import Decision
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.line import Line, Shelf
from seikyu.engine.billing.settings import LastRetry, Settings
from seikyu.engine.billing.subscription import (
    AdvanceSubscription,
    CancelSubscription,
    CreateSubscription,
    Subscription,
    SubscriptionItem,
)
from tests.billing.world import DAY, DECLINED, HOUR, MARCH, SUCCEEDED, World


def day(text: str) -> int:
    """The moment of ``2026-03-01`` or ``2026-03-01 09:00`` in UTC, in Unix seconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def dates(*moments: int) -> list[str]:
    """The days (and times, unless midnight) of moments, in UTC."""
    shown = []
    for moment in moments:
        there = datetime.fromtimestamp(moment, UTC)
        midnight = there.hour == there.minute == there.second == 0
        shown.append(there.strftime("%Y-%m-%d" if midnight else "%Y-%m-%d %H:%M"))
    return shown


@dataclass
class Subscribers(World):
    """Everything that exists. ``declines``: what the card at hand does from now on."""

    declines: bool = False

    def price(
        self, amount: int = 1_000, interval: str = "month", count: int = 1, **fields: Any
    ) -> str:
        """A recurring price in yen, on the shelf; its id."""
        id = f"price_{next(self.numbers)}"
        product = Product(f"prod_{id}", MARCH, MARCH, "保守")
        recurring = {"interval": interval, "interval_count": count}
        made = Price(
            id,
            MARCH,
            product.id,
            fields.pop("currency", "jpy"),
            Decimal(amount),
            type="recurring",
            details={"recurring": recurring, **fields.pop("details", {})},
            **fields,
        )
        self.shelf = Shelf(
            {**self.shelf.prices, id: made},
            {**self.shelf.products, product.id: product},
            self.shelf.tax_rates,
        )
        return id

    # ── commands ───────────────────────────────────────────────────────────────────────────────

    def subscribe(self, price: str | None = None, **given: Any) -> Subscription:
        """Subscribe the customer, who is made with a card when there is none; charges are answered."""
        if "cus_1" not in self.records:
            self.customer()
            self.card()
        items = given.pop("items", None) or [{"price": price or self.price()}]
        decision = self.keep(
            subscribing.decide(
                self._new_book(given),
                CreateSubscription({"customer": "cus_1", "items": items, **given}),
                self.context(),
            )
        )
        self.answer()
        made: Subscription = self.get(decision.answer.id)
        return made

    def on(self, subscription: Subscription, command: Any) -> Decision:
        """Decide a command on a subscription, keep the outcome, and let its charge be answered."""
        book = self.subscription_book(subscription.id, getattr(command, "given", {}))
        decision = self.keep(subscribing.decide(book, command, self.context()))
        self.answer()
        return decision

    def until(self, moment: int) -> None:
        """Let time pass up to a moment, through everything that is due before."""
        for _ in range(10_000):
            due = sorted(
                (record.next_action_at, isinstance(record, Subscription), record.id)
                for record in (*self.all(Invoice), *self.all(Subscription))
                if record.next_action_at is not None and record.next_action_at <= moment
            )
            if not due:
                self.now = max(self.now, moment)
                return
            at, is_subscription, id = due[0]
            self.now = max(self.now, at)
            if is_subscription:
                self.on(self.get(id), AdvanceSubscription())
            else:
                self.run(Advance(), id)
                self.answer()
        raise AssertionError("time does not pass: something stays due")

    def answer(self) -> None:
        """Let the card at hand answer the charge that was begun, if one was."""
        if self.charge is not None:
            self.settle(DECLINED if self.declines else SUCCEEDED)

    # ── looking ────────────────────────────────────────────────────────────────────────────────

    def now_is(self, subscription: Subscription) -> Subscription:
        """The subscription as it is now."""
        found: Subscription = self.get(subscription.id)
        return found

    def invoices(self) -> list[Invoice]:
        """All invoices, oldest first."""
        return self.all(Invoice)

    def billed(self, invoice: Invoice) -> list[tuple[int, str, str]]:
        """Amount, first and last day of each line."""
        shown = []
        for line in self.lines(invoice.id):
            start, end = dates(line.period_start, line.period_end)
            shown.append((line.amount, start, end))
        return shown

    # ── books ──────────────────────────────────────────────────────────────────────────────────

    def _new_book(self, given: Any) -> Book:
        customer = self.records["cus_1"]
        named = given.get("default_payment_method") or customer.default_payment_method
        return Book(
            self.account,
            settings=self.settings,
            customer=customer,
            shelf=self.shelf,
            pending=tuple(line for line in self.all(Line) if line.invoice_id is None),
            method=self.records.get(named),
        )

    def subscription_book(self, id: str, given: Any) -> Book:
        """The book of a subscription, as the store loads it."""
        subscription: Subscription = self.records[id]
        latest = self.records.get(subscription.latest_invoice_id)
        customer = self.records[subscription.customer_id]
        named = (
            given.get("default_payment_method")
            or subscription.default_payment_method
            or customer.default_payment_method
        )
        return replace(
            self._new_book({}),
            subscription=subscription,
            items=tuple(i for i in self.all(SubscriptionItem) if i.subscription_id == id),
            method=self.records.get(named),
            invoice=latest,
            expected=self.records.get(latest.intent_id) if latest else None,
            payments=self.payments(latest.id) if latest else (),
            in_flight=self.in_flight_on(latest.id) if latest else None,
            unpaid=self.unpaid(id),
        )

    def unpaid(self, subscription_id: str | None) -> tuple[Invoice, ...]:
        """The drafts and open invoices of a subscription, if there is one."""
        return tuple(
            invoice
            for invoice in self.invoices()
            if subscription_id is not None
            and invoice.subscription_id == subscription_id
            and invoice.status in ("draft", "open")
        )

    def book(self, id: str, command: object = None) -> Book:
        """The book of an invoice, with the subscription that it bills."""
        book = super().book(id, command)
        assert book.invoice is not None
        billed = book.invoice.subscription_id
        return replace(book, subscription=self.records.get(billed), unpaid=self.unpaid(billed))

    def attempt_book(self, id: str) -> Book:
        """The book for the outcome of an attempt, with the subscription that asked for it."""
        book = super().attempt_book(id)
        if book.invoice is None or book.attempt is None:
            return book
        subject = self.records.get(book.attempt.subject_id)
        asked = subject if isinstance(subject, Subscription | SubscriptionItem) else None
        return replace(
            book,
            subscription=self.records.get(book.invoice.subscription_id),
            subject=asked,
            unpaid=self.unpaid(book.invoice.subscription_id),
        )


def in_status(status: str) -> tuple[Subscribers, Subscription]:
    """A subscription of two items that was brought into the status by what leads there."""
    world = Subscribers()
    world.customer()
    if status != "paused":
        world.card()
    items = [{"price": world.price(3_000)}, {"price": world.price(500), "quantity": 4}]
    if status in ("incomplete", "incomplete_expired"):
        world.declines = True
        made = world.subscribe(items=items)
        if status == "incomplete_expired":
            world.until(MARCH + DAY)
    elif status in ("trialing", "paused"):
        pauses = {"end_behavior": {"missing_payment_method": "pause"}}
        made = world.subscribe(items=items, trial_period_days=14, trial_settings=pauses)
        if status == "paused":
            world.until(MARCH + 14 * DAY)
            world.card()
    else:
        made = world.subscribe(items=items)
        if status in ("past_due", "unpaid"):
            world.declines = True
            world.settings = Settings(after_last_retry=LastRetry(subscription="unpaid"))
            world.until(day("2026-04-01") + (HOUR if status == "past_due" else 14 * DAY))
            world.declines = False
        if status == "canceled":
            world.on(made, CancelSubscription({}))
    world.news()
    return world, world.now_is(made)
