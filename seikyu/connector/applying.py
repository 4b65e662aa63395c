"""Applying a plan, one invoice after the other, each with its outcome.

Sending comes first, because it needs no calls to board; then statuses are carried over, also for
what was paid by being sent. What Stripe or board refuses for one invoice becomes that invoice's
reason and the next one is taken; what would meet every other invoice too ends the run.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import stripe

from seikyu.connector import reasons
from seikyu.connector.conditions import Case, Rules, payable
from seikyu.connector.connection import Connection
from seikyu.connector.facts import Link, LinkState, StripeInvoice
from seikyu.connector.failures import FATAL_OF_STRIPE, OF_ONE_INVOICE_IN_BOARD
from seikyu.connector.following import Follower
from seikyu.connector.plan import AskHuman, CreateInvoice, Operation, SetStatus, Skip, Withdraw
from seikyu.connector.planning import Task
from seikyu.connector.reasons import Kind, Reason
from seikyu.connector.sending import Sender, Sent
from seikyu.connector.store import Item, Outcome

# So many unclear answers in a row are no accident of one invoice.
UNCLEAR_IN_A_ROW = 3

NO_CUSTOMER_YET = reasons.no_customer_yet("").name


class Applier:
    """Carries out the tasks of one run."""

    def __init__(
        self, connection: Connection, follower: Follower, sender: Sender, rules: Rules
    ) -> None:
        """Prepare; nothing is applied yet."""
        self._connection, self._follower = connection, follower
        self._sender, self._rules = sender, rules
        self._unclear = 0

    def apply(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Item]]:
        """Apply every task and give its item; one that is sent and paid comes a second time."""
        to_settle: list[tuple[Task, Item]] = []
        for task in tasks:
            if isinstance(task.operation, SetStatus):
                to_settle.append((task, item_of(task)))
                continue
            for item, paid in self._apply(task):
                yield task, item
                if paid:
                    to_settle.append((task, item))
        for task, item in to_settle:
            yield task, self._settle(item)

    def _apply(self, task: Task) -> Iterator[tuple[Item, bool]]:
        """Give the item and whether board has to hear that it is paid; may raise after that."""
        item = item_of(task)
        match task.operation:
            case CreateInvoice() as create:
                assert task.case is not None
                case = task.case
                yield from self._sending(case, item, lambda: self._sender.send(case, create))
            case Withdraw():
                assert task.case is not None
                yield from self._withdraw(task.case, item)
            case AskHuman(reason) if reason.name == NO_CUSTOMER_YET:
                assert task.case is not None
                case = task.case
                yield from self._sending(case, item, lambda: self._sender.introduce(case))
            case AskHuman(reason):
                self._ask(task, reason)
                yield item, False
            case _:
                self._leave(task)
                yield item, False

    def _sending(
        self, case: Case, item: Item, step: Callable[[], Sent]
    ) -> Iterator[tuple[Item, bool]]:
        try:
            sent = step()
        except FATAL_OF_STRIPE as error:
            yield _asking(item, reasons.stripe_unavailable(_said(error))), False
            raise
        except (stripe.InvalidRequestError, stripe.IdempotencyError, stripe.CardError) as error:
            refused = reasons.stripe_refused(_said(error))
            self._keep_trying(case, refused)
            yield _asking(item, refused), False
        except stripe.StripeError as error:
            self._unclear += 1
            yield _asking(item, reasons.stripe_unavailable(_said(error))), False
            if self._unclear >= UNCLEAR_IN_A_ROW:
                raise
        else:
            self._unclear = 0
            paid = sent.stripe is not None and sent.stripe.status == "paid"
            yield _sent(item, sent), paid

    def _withdraw(self, case: Case, item: Item) -> Iterator[tuple[Item, bool]]:
        """Nothing of it is left, unless it was finalized before: then it is sent after all."""
        sent = self._sender.withdraw(case)
        if sent.stripe is None:
            yield replace(item, outcome=Outcome.WITHDRAWN), False
        else:
            yield _sent(item, sent), sent.stripe.status == "paid"

    def _keep_trying(self, case: Case, reason: Reason) -> None:
        """A refusal before anything was reserved leaves no trace, and the window moves on."""
        link = self._connection.links.of_invoices([case.invoice.id]).get(case.invoice.id)
        if link is None or link.state is LinkState.ENDED:
            self._sender.wait(case, reason)

    def _ask(self, task: Task, reason: Reason) -> None:
        if task.link is not None and task.link.state is LinkState.SENT:
            if task.stripe is not None:
                self._note(task.link, task.stripe, task.operation)
        elif task.case is not None:
            self._sender.wait(task.case, reason)

    def _leave(self, task: Task) -> None:
        link = task.link
        if link is None:
            return
        if link.state is LinkState.SENT and task.stripe is not None:
            self._note(link, task.stripe, task.operation)
        elif link.state is LinkState.WAITING:
            # What it waited for is no longer wanted; nothing of it is in Stripe.
            self._connection.links.remove(link.board_invoice_id)

    def _note(self, link: Link, invoice: StripeInvoice, operation: Operation) -> None:
        assert isinstance(operation, SetStatus | Skip | AskHuman)
        with self._connection.writing_statuses():
            self._follower.note(link, invoice, operation)

    def _settle(self, item: Item) -> Item:
        try:
            with self._connection.writing_statuses():
                settled = self._follower.settle(item.board_invoice_id, self._rules)
        except OF_ONE_INVOICE_IN_BOARD as error:
            return _asking(item, reasons.board_refused(_said(error)))
        if settled is None:
            return item
        match settled.operation:
            case SetStatus(_, note):
                outcome = item.outcome if item.outcome is Outcome.SENT else Outcome.WRITTEN
                return replace(item, outcome=outcome, reasons=_with(item, note))
            case AskHuman(reason):
                return _asking(item, reason)
            case _:
                planned = item.outcome is Outcome.PLANNED
                return replace(item, outcome=Outcome.SKIPPED) if planned else item


def item_of(task: Task) -> Item:
    """Return the item of a task as it stands before it is applied."""
    outcome, why = _outlook(task.operation)
    case, link = task.case, task.link
    stripe_id = link.stripe_invoice_id if link else None
    operation = type(task.operation).__name__
    if case is not None:
        invoice = case.invoice
        return Item(
            board_invoice_id=invoice.id,
            operation=operation,
            outcome=outcome,
            reasons=why,
            name=invoice.name,
            client_name=invoice.client.name,
            project_no=invoice.project_no,
            amount=payable(invoice),
            currency=invoice.currency.lower(),
            stripe_invoice_id=stripe_id,
            hosted_url=task.stripe.hosted_url if task.stripe else None,
            mode=_mode(task),
        )
    assert link is not None
    return Item(
        board_invoice_id=link.board_invoice_id,
        operation=operation,
        outcome=outcome,
        reasons=why,
        name=link.name,
        client_name=link.client_name,
        project_no=link.project_no,
        amount=link.amount,
        currency=link.currency,
        stripe_invoice_id=stripe_id,
        hosted_url=task.stripe.hosted_url if task.stripe else None,
        mode=_mode(task),
    )


def _mode(task: Task) -> str | None:
    if isinstance(task.operation, CreateInvoice):
        return task.operation.mode.value
    is_sent = task.link is not None and task.link.state is LinkState.SENT
    return task.link.mode or None if task.link and is_sent else None


def _outlook(operation: Operation) -> tuple[Outcome, tuple[Reason, ...]]:
    match operation:
        case Skip(missed):
            return Outcome.SKIPPED, missed
        case Withdraw(missed):
            return Outcome.PLANNED, missed
        case AskHuman(reason):
            return _outcome_of(reason), (reason,)
        case SetStatus(_, note):
            return Outcome.PLANNED, (note,) if note else ()
        case _:
            return Outcome.PLANNED, ()


def _outcome_of(reason: Reason) -> Outcome:
    return Outcome.NOTICE if reason.kind is Kind.NOTICE else Outcome.NEEDS_HUMAN


def _asking(item: Item, reason: Reason) -> Item:
    return replace(item, outcome=_outcome_of(reason), reasons=(reason,))


def _sent(item: Item, sent: Sent) -> Item:
    there = item
    if sent.stripe is not None:
        there = replace(
            item,
            stripe_invoice_id=sent.stripe.id,
            hosted_url=sent.stripe.hosted_url,
            mode=sent.link.mode,
        )
    if sent.reason is not None:
        return _asking(there, sent.reason)
    return replace(there, outcome=Outcome.SENT, reasons=())


def _with(item: Item, note: Reason | None) -> tuple[Reason, ...]:
    return item.reasons if note is None or note in item.reasons else (*item.reasons, note)


def _said(error: Exception) -> str:
    said = getattr(error, "user_message", None) or str(error)
    return " ".join(said.split())
