"""Reconciling by itself: what money of a cash balance pays when it comes, or when an invoice is finalized.

Which items receive money is decided by ``reconciling``; here its matches are carried out, one payment
after another, each as if it had been asked for. Money that has just come is first held against the open
items alone: when it comes to some of them exactly, it was meant for these, whatever else lies in the
balance. Otherwise all of the balance counts. With a payment plan an invoice expects one instalment, so
what is left is dealt out again until nothing more fits. A customer whose money is reconciled by hand keeps
it. ``cash_balance.funds_available`` says that some of the money that came is still there at the end.
Source: Stripe, "Automatic reconciliation".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from seikyu.engine.billing.book import Book
from seikyu.engine.billing.cash import (
    COMING,
    CashBalance,
    CashMovement,
    available,
    cash_id,
    mode_of,
)
from seikyu.engine.billing.cash_paying import paid_from_cash, waits_for_transfer
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import (
    Announcement,
    Context,
    Decision,
    Record,
    merged_decisions,
)
from seikyu.engine.billing.invoice import OPEN, Invoice
from seikyu.engine.billing.payment_intent import BEFORE_CHARGE, PaymentIntent
from seikyu.engine.billing.plan import expected
from seikyu.engine.billing.reconciling import (
    AUTOMATIC,
    INVOICE,
    PAYMENT,
    Match,
    Money,
    OpenItem,
    Policy,
    Reconciliation,
    reconcile,
)

EXACT = frozenset(
    {
        "amount_is_exact", "group_is_exact", "reference_names_invoice", "reference_names_payment",
    }
)  # fmt: skip
"""Reasons that say that the money was meant for just these items."""

Latest = Mapping[str, Record]
"""Records by id as a decision leaves them so far."""

PageOf = Callable[[Invoice | PaymentIntent, Latest], Book]
"""Fetches all that paying an item must know, as the decision leaves it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of one customer waits for money: open invoices, payments that wait for a transfer.

    ``busy``: ids of payments whose charge is on its way; neither they nor their invoices take part.
    """

    invoices: tuple[Invoice, ...] = ()
    intents: tuple[PaymentIntent, ...] = ()
    busy: frozenset[str] = frozenset()


def calls_for(decision: Decision, customer_id: str) -> bool:
    """Say whether the decision brings the customer money, or finalizes an invoice of theirs."""
    if incoming(decision, customer_id):
        return True
    return any(
        said.type == "invoice.finalized"
        and isinstance(said.record, Invoice)
        and said.record.customer_id == customer_id
        for said in decision.announcements
    )


def incoming(decision: Decision, customer_id: str) -> tuple[CashMovement, ...]:
    """Return the customer's movements that bring money, in their order."""
    return tuple(
        record
        for record in decision.saves
        if isinstance(record, CashMovement)
        and record.version == 0
        and record.type in COMING
        and record.customer_id == customer_id
    )


def reconciled(
    book: Book, decision: Decision, waiting: Waiting, page_of: PageOf, context: Context
) -> Decision:
    """Return the decision with all that the customer's money pays by itself."""
    assert book.customer is not None
    came = incoming(decision, book.customer.id)
    dealing = _Dealing(book, decision, waiting, page_of, context)
    if mode_of(dealing.cash, book.settings.reconciliation) == AUTOMATIC:
        for place, movement in enumerate(came):
            later = sum(m.net_amount for m in came[place + 1 :] if m.currency == movement.currency)
            dealing.deal(movement.currency, movement, later)
        if not came:
            for currency in {i.currency for i in _finalized(decision)}:
                dealing.deal(currency, None, 0)
    return dealing.finished(came)


def items_of(waiting: Waiting, currency: str, latest: Latest) -> list[OpenItem]:
    """Return what waits in the currency as the matcher sees it."""
    invoices = {i.id: i for i in waiting.invoices}
    invoices |= {id: r for id, r in latest.items() if isinstance(r, Invoice)}
    intents = {i.id: i for i in waiting.intents}
    intents |= {id: r for id, r in latest.items() if isinstance(r, PaymentIntent)}
    found = [
        of_invoice(i)
        for i in invoices.values()
        if i.status == OPEN and i.currency == currency and i.intent_id not in waiting.busy
    ]
    found += [
        of_intent(i)
        for i in intents.values()
        if i.currency == currency and i.id not in waiting.busy and waits_for_transfer(i)
    ]
    return found


def of_invoice(invoice: Invoice) -> OpenItem:
    """Return an open invoice as an item: what it expects next, all or an instalment of its plan."""
    return OpenItem(
        id=invoice.id,
        kind=INVOICE,
        amount=expected(invoice.plan, invoice.amount_remaining),
        currency=invoice.currency,
        since=invoice.finalized_at or invoice.created,
        status=invoice.status,
        due_date=invoice.due_date,
        number=invoice.number,
    )


def of_intent(intent: PaymentIntent) -> OpenItem:
    """Return a payment that waits for a transfer as an item."""
    return OpenItem(
        id=intent.id,
        kind=PAYMENT,
        amount=intent.amount - intent.amount_funded,
        currency=intent.currency,
        since=intent.created,
        status=intent.status,
    )


def matched(
    items: Iterable[OpenItem],
    total: Money,
    came: int | None,
    policy: Policy,
    now: int,
) -> Reconciliation:
    """Return what ``total`` pays; ``came`` of it (minor units) has just come and may be meant exactly."""
    items = list(items)
    if came is not None and 0 < came < total.amount:
        alone = reconcile(Money(came, total.currency, total.reference), items, policy, now)
        if any(match.reason in EXACT for match in alone.matches):
            return alone
    return reconcile(total, items, policy, now)


class _Dealing:
    """Money of one customer while it is dealt out."""

    def __init__(
        self,
        book: Book,
        decision: Decision,
        waiting: Waiting,
        page_of: PageOf,
        context: Context,
    ) -> None:
        assert book.customer is not None
        self.book, self.decision, self.context = book, decision, context
        self.waiting, self.page_of = waiting, page_of
        self.latest: dict[str, Record] = {r.id: r for r in decision.saves}
        self.cash_id = cash_id(book.customer.id)

    @property
    def cash(self) -> CashBalance | None:
        """The balance as it is now."""
        found = self.latest.get(self.cash_id, self.book.cash)
        return found if isinstance(found, CashBalance) else None

    def deal(self, currency: str, movement: CashMovement | None, later: int) -> None:
        """Deal out what there is of the currency; ``later`` of it comes with later movements."""
        came = movement.net_amount if movement is not None else None
        reference = movement.details.get("reference") if movement is not None else None
        policy = Policy(country=self.book.account.country)
        while (total := available(self.cash, currency) - later) > 0:
            items = items_of(self.waiting, currency, self.latest)
            money = Money(total, currency, reference)
            found = matched(items, money, came, policy, self.context.now)
            paid = [self._pay(match) for match in found.matches]
            if not any(paid):
                return
            if not any(self._expects_more(match) for match in found.matches):
                return
            came = None

    def _pay(self, match: Match) -> bool:
        """Carry one match out; say whether money moved."""
        waiting: tuple[Invoice | PaymentIntent, ...] = (
            *self.waiting.invoices,
            *self.waiting.intents,
        )
        known = next((item for item in waiting if item.id == match.item.id), None)
        newest = self.latest.get(match.item.id, known)
        assert isinstance(newest, Invoice | PaymentIntent)
        assert self.book.customer is not None
        page = self.page_of(newest, self.latest)
        customer = self.latest.get(self.book.customer.id, self.book.customer)
        assert isinstance(customer, Customer)
        page = replace(page, cash=self.cash, customer=customer)
        intent = page.expected if match.item.kind == INVOICE else page.intent
        whole = match.item.kind == PAYMENT or (intent is not None and intent.amount == match.amount)
        if intent is None or intent.status not in BEFORE_CHARGE or not whole:
            return False
        page = replace(page, intent=intent)
        paid = paid_from_cash(page, intent, match.amount, self.context)
        self.latest |= {record.id: record for record in paid.saves}
        self.decision = replace(
            merged_decisions(self.decision, replace(paid, lines=None, items=None)),
            answer=self.decision.answer,
            refusal=self.decision.refusal,
        )
        return True

    def _expects_more(self, match: Match) -> bool:
        """Say whether an instalment was paid and another one waits."""
        invoice = self.latest.get(match.item.id)
        return isinstance(invoice, Invoice) and bool(invoice.plan) and invoice.status == OPEN

    def finished(self, came: tuple[CashMovement, ...]) -> Decision:
        """Say what is left of the money that came, and answer with what was asked for as it is now."""
        cash = self.cash
        left = any(available(cash, movement.currency) for movement in came)
        decision = self.decision
        if cash is not None and left:
            told = Announcement("cash_balance.funds_available", cash)
            decision = replace(decision, announcements=(*decision.announcements, told))
        return replace(decision, answer=self.latest.get(decision.answer.id, decision.answer))


def _finalized(decision: Decision) -> list[Invoice]:
    return [
        said.record
        for said in decision.announcements
        if said.type == "invoice.finalized" and isinstance(said.record, Invoice)
    ]
