"""A world in memory for the rules of billing: records by id, a clock that is set, ids that count.

It loads a book as the engine's store does and keeps what a decision saves, so that a test may run
one command after another and look at the records and at the events. It decides nothing itself.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from seikyu.engine.billing import invoicing, payment, pending
from seikyu.engine.billing.account import Account
from seikyu.engine.billing.attempt import Attempt, Outcome
from seikyu.engine.billing.balance import BalanceTransaction
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Context, Decision
from seikyu.engine.billing.due import retimed
from seikyu.engine.billing.invoice import (
    CreateInvoice,
    CreatePaymentPlan,
    FinalizeInvoice,
    Invoice,
    PayInvoice,
    UpdatePaymentPlan,
)
from seikyu.engine.billing.line import Line, Shelf
from seikyu.engine.billing.payment_intent import InvoicePayment, PaymentIntent
from seikyu.engine.billing.payment_method import Card, PaymentMethod
from seikyu.engine.billing.payment_plan import kept, plan_id_of
from seikyu.engine.billing.settings import Settings

MARCH = 1_772_323_200
"""1 March 2026, 00:00 UTC."""

HOUR = 3600
DAY = 86_400

SUCCEEDED = Outcome("succeeded", "processor_1")
DECLINED = Outcome(
    "declined", "processor_2", "card_declined", "insufficient_funds", "Your card has no funds."
)
NEEDS_CUSTOMER = Outcome("requires_action", "processor_3")

SAMPLE = Account("acct_1", "株式会社サンプル", "JP", "jpy", MARCH)

VISA = Card("test_visa", "visa", "4242", 12, 2030, "fingerprint1")


@dataclass
class World:
    """Everything that exists, and what time it is. ``events`` are the types announced, in order."""

    now: int = MARCH
    records: dict[str | None, Any] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    shelf: Shelf = field(default_factory=Shelf)
    account: Account = SAMPLE
    settings: Settings = field(default_factory=Settings)
    numbers: Any = field(default_factory=lambda: count(1))
    charge: Attempt | None = None

    def context(self) -> Context:
        """The circumstances of a decision made now."""
        return Context(
            livemode=False,
            now=self.now,
            system_now=self.now,
            mint=lambda prefix: f"{prefix}_{next(self.numbers)}",
            token=lambda: f"{next(self.numbers):048d}",
        )

    # ── keeping ────────────────────────────────────────────────────────────────────────────────

    def put(self, record: Any) -> Any:
        """Keep a record as it is, as saved once."""
        self.records[record.id] = replace(record, version=record.version + 1)
        return self.records[record.id]

    def keep(self, decision: Decision) -> Decision:
        """Keep what a decision saves, forget what it deletes, note what it announces."""
        decision = retimed(decision, self.settings)
        for invoice in [x for x in decision.saves if isinstance(x, Invoice) and x.plan]:
            if plan_id_of(invoice.id) not in {each.id for each in decision.saves}:
                plan = self.records.get(plan_id_of(invoice.id))
                decision = kept(plan, decision, invoice, self.context())
        final = {record.id: record for record in decision.saves}
        for record in final.values():
            self.put(record)
        for gone in decision.deletes:
            del self.records[gone.id]
        self.events += [a.type for a in decision.announcements]
        self.charge = decision.charge  # type: ignore[assignment]
        return decision

    def all(self, kind: type) -> list[Any]:
        """Every record of a class, oldest first."""
        return [record for record in self.records.values() if isinstance(record, kind)]

    def one(self, kind: type) -> Any:
        """The only record of a class."""
        (record,) = self.all(kind)
        return record

    def news(self) -> list[str]:
        """The events since this was last asked."""
        events, self.events = self.events, []
        return events

    # ── people and money ───────────────────────────────────────────────────────────────────────

    def customer(self, **fields: Any) -> Customer:
        """A customer in yen whose prefix is SAMPLE."""
        fields = {
            "id": "cus_1",
            "invoice_prefix": "SAMPLE",
            "currency": "jpy",
            "email": "keiri@example.jp",
            **fields,
        }
        made: Customer = self.put(Customer(created=MARCH, **fields))
        return made

    def card(self, customer_id: str | None = "cus_1", **fields: Any) -> PaymentMethod:
        """A card on file, by default the customer's and its default."""
        id = f"pm_{next(self.numbers)}"
        method: PaymentMethod = self.put(
            PaymentMethod(id, MARCH, "test_visa", customer_id=customer_id, **fields)
        )
        if customer_id in self.records and not fields:
            self.records[customer_id] = replace(
                self.records[customer_id], default_payment_method=id
            )
        return method

    def intent(self, amount: int, status: str = "succeeded", **fields: Any) -> PaymentIntent:
        """A payment of the customer that is on no invoice."""
        fields = {"customer_id": "cus_1", "currency": "jpy", **fields}
        received = amount if status == "succeeded" else 0
        made: PaymentIntent = self.put(
            PaymentIntent(
                id=f"pi_{next(self.numbers)}",
                created=MARCH,
                amount=amount,
                client_secret="secret",
                status=status,
                amount_received=received,
                **fields,
            )
        )
        return made

    # ── invoices ───────────────────────────────────────────────────────────────────────────────

    def draft(self, *amounts: int, **given: Any) -> Invoice:
        """A draft with a line for each amount, of a customer who is made when there is none."""
        if "cus_1" not in self.records:
            self.customer()
        made = self.keep(
            invoicing.decide(self.new_invoice_book(given), CreateInvoice(given), self.context())
        )
        for amount in amounts:
            self.item(amount, invoice=made.answer.id)
        self.news()
        draft: Invoice = self.get(made.answer.id)
        return draft

    def new_invoice_book(self, given: dict[str, Any]) -> Book:
        """The book for making an invoice; ``from_invoice`` names the one that is revised."""
        original_id = (given.get("from_invoice") or {}).get("invoice")
        original = self.records.get(original_id)
        return Book(
            account=self.account,
            settings=self.settings,
            customer=self.records["cus_1"],
            pending=tuple(line for line in self.all(Line) if line.invoice_id is None),
            shelf=self.shelf,
            method=self.records.get(given.get("default_payment_method")),
            original=original,
            original_lines=self.lines(original_id) if original else (),
        )

    def item(self, amount: int, **given: Any) -> Decision:
        """A line of this amount, on the invoice named or pending."""
        given = {"amount": amount, **given}
        invoice = self.records.get(given.pop("invoice", None))
        book = Book(
            self.account,
            self.settings,
            customer=self.records["cus_1"],
            invoice=invoice,
            lines=self.lines(invoice.id) if invoice else (),
            shelf=self.shelf,
        )
        return self.keep(pending.decide(book, pending.CreateItem(given), self.context()))

    def finalized(self, *amounts: int, **given: Any) -> Invoice:
        """An invoice that was finalized; open when enough is owed on it."""
        draft = self.draft(*amounts, **given)
        self.run(FinalizeInvoice(), draft)
        self.news()
        fixed: Invoice = self.get(draft.id)
        return fixed

    def get(self, id: str | None) -> Any:
        """The record as it is now."""
        return self.records[id]

    def lines(self, invoice_id: str | None) -> tuple[Line, ...]:
        """The lines of an invoice, in order."""
        own = [line for line in self.all(Line) if line.invoice_id == invoice_id]
        return tuple(sorted(own, key=lambda line: line.position))

    def payments(self, invoice_id: str) -> tuple[InvoicePayment, ...]:
        """The payments of an invoice, oldest first."""
        return tuple(p for p in self.all(InvoicePayment) if p.invoice_id == invoice_id)

    def run(self, command: object, invoice: Invoice | str) -> Decision:
        """Decide a command on an invoice through the front door, and keep the outcome."""
        id = invoice if isinstance(invoice, str) else invoice.id
        return self.keep(invoicing.decide(self.book(id, command), command, self.context()))

    def book(self, id: str, command: object = None) -> Book:
        """The book of an invoice, as the store loads it."""
        invoice: Invoice = self.records[id]
        given = getattr(command, "given", {})
        applied = self.records.get(getattr(command, "payment_intent", None))
        original = self.records.get(invoice.revises_id) if invoice.status == "draft" else None
        plans = isinstance(command, CreatePaymentPlan | UpdatePaymentPlan)
        return Book(
            account=self.account,
            settings=self.settings,
            customer=self.records.get(invoice.customer_id),
            invoice=invoice,
            lines=self.lines(id),
            pending=tuple(line for line in self.all(Line) if line.invoice_id is None),
            shelf=self.shelf,
            payments=self.payments(id),
            expected=self.records.get(invoice.intent_id),
            method=self._method(invoice, command, given),
            applied=applied,
            elsewhere=self._elsewhere(applied),
            in_flight=self.in_flight_on((original or invoice).id),
            original=original,
            original_intent=self.records.get(original.intent_id) if original else None,
            original_payments=self.payments(original.id) if original else (),
            payment_plan=self.records.get(plan_id_of(id)) if plans else None,
        )

    def _method(self, invoice: Invoice, command: object, given: Any) -> PaymentMethod | None:
        named: str | None
        if isinstance(command, PayInvoice) and command.payment_method:
            named = command.payment_method
        elif isinstance(given, dict) and "default_payment_method" in given:
            named = given["default_payment_method"]
        else:
            customer = self.records.get(invoice.customer_id)
            named = invoice.default_payment_method or (
                customer.default_payment_method if customer else None
            )
        return self.records.get(named)

    def _elsewhere(self, intent: PaymentIntent | None) -> InvoicePayment | None:
        found: Iterable[InvoicePayment] = (
            p
            for p in self.all(InvoicePayment)
            if intent and p.intent_id == intent.id and p.status != "canceled"
        )
        return next((p for p in found if p.status == "paid" or not p.is_default), None)

    # ── payments ───────────────────────────────────────────────────────────────────────────────

    def settle(self, outcome: Outcome = SUCCEEDED, attempt: Attempt | None = None) -> Decision:
        """Give the processor's answer to an attempt, by default to the charge just begun."""
        attempt = attempt or self.charge
        assert attempt is not None
        return self.keep(
            payment.decide(self.attempt_book(attempt.id), payment.Settle(outcome), self.context())
        )

    def attempt_book(self, id: str) -> Book:
        """The book for the outcome of an attempt."""
        attempt: Attempt = self.records[id]
        intent = self.records[attempt.intent_id]
        on = [
            p
            for p in self.all(InvoicePayment)
            if p.intent_id == intent.id and p.status != "canceled"
        ]
        invoice = self.records[on[0].invoice_id] if on else None
        expected_id = invoice.intent_id if invoice else None
        return Book(
            account=self.account,
            settings=self.settings,
            customer=self.records.get(attempt.customer_id),
            invoice=invoice,
            payments=self.payments(invoice.id) if invoice else (),
            intent=intent,
            expected=self.records.get(expected_id),
            in_flight=None if expected_id == intent.id else self.in_flight(expected_id),
            method=self.records.get(attempt.method_id),
            attempt=attempt,
        )

    def in_flight(self, intent_id: str | None) -> Attempt | None:
        """The charge of a payment that has no outcome yet."""
        found = (a for a in self.all(Attempt) if a.intent_id == intent_id)
        return next((a for a in found if a.status == "processing"), None)

    def in_flight_on(self, invoice_id: str) -> Attempt | None:
        """A charge without an outcome among the payments that the invoice expects."""
        expected = (p.intent_id for p in self.payments(invoice_id) if p.status == "open")
        return next((a for id in expected if (a := self.in_flight(id)) is not None), None)

    def pay(self, invoice: Invoice, outcome: Outcome = SUCCEEDED, **command: Any) -> Invoice:
        """Charge the card on file for an invoice, with this answer of the processor."""
        self.run(PayInvoice(**command), invoice)
        self.settle(outcome)
        paid: Invoice = self.get(invoice.id)
        return paid

    def on_intent(self, command: object, intent: PaymentIntent | None = None) -> Decision:
        """Decide a command on a payment intent, and keep the outcome."""
        given = getattr(command, "given", {})
        named = given.get("payment_method") or (intent.payment_method_id if intent else None)
        customer_id = intent.customer_id if intent else given.get("customer")
        book = Book(
            account=self.account,
            settings=self.settings,
            customer=self.records.get(customer_id),
            intent=intent and self.get(intent.id),
            method=self.records.get(named),
            payments=tuple(
                p for p in self.all(InvoicePayment) if intent and p.intent_id == intent.id
            ),
            in_flight=self.in_flight(intent.id) if intent else None,
        )
        return self.keep(payment.decide(book, command, self.context()))

    def movements(self) -> list[tuple[str, int, int]]:
        """The movements of balances: type, amount, balance afterwards."""
        return [(t.type, t.amount, t.ending_balance) for t in self.all(BalanceTransaction)]


def refused(act: Callable[[], Any], refusal: type[Exception]) -> str:
    """Run ``act``, expect exactly this refusal, and return its sentence."""
    try:
        act()
    except refusal as raised:
        assert type(raised) is refusal, f"{type(raised).__name__} instead of {refusal.__name__}"
        return str(raised)
    raise AssertionError(f"{refusal.__name__} was not raised")
