"""The engine: runs orders in transactions, and puts charges to the processor between two of them.

``batch`` is the door. For each order of a batch: look whether its idempotency key was answered before;
load; decide; save. A refusal changes nothing and is remembered like any answer. One order that fails
for a reason of our own is rolled back alone (to a savepoint) and answered with an error; the others go
on. A batch that meets contention as a whole is tried again.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from random import uniform
from time import sleep
from typing import Any

import structlog

from seikyu.engine import clock
from seikyu.engine.billing.attempt import Attempt, Outcome
from seikyu.engine.billing.bank_statement import ImportStatement
from seikyu.engine.billing.book import Book
from seikyu.engine.billing.cash_instructions import Instructions
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import CreateCustomer, Customer
from seikyu.engine.billing.decision import Context
from seikyu.engine.billing.due import retimed
from seikyu.engine.billing.ledger import posted
from seikyu.engine.billing.mail import Mail
from seikyu.engine.billing.payment import Settle
from seikyu.engine.billing.payment_intent import PaymentIntent
from seikyu.engine.billing.refusals import CardDeclined, NotServed, Refusal
from seikyu.engine.billing.settling import settle
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.billing.webhook_endpoint import CreateEndpoint, ResendEvent, RollSecret
from seikyu.engine.execute.cards import NO_PROCESSOR
from seikyu.engine.execute.drafts import following
from seikyu.engine.execute.events import event_shown
from seikyu.engine.execute.joining import carried_out, joined
from seikyu.engine.execute.orders import Answer, Order
from seikyu.engine.execute.payment_plans import planned
from seikyu.engine.execute.reconciling import reconciled
from seikyu.engine.execute.saving import Saving
from seikyu.engine.execute.statement_loading import of_import
from seikyu.engine.execute.table import TABLE
from seikyu.engine.processors.port import ChargeRequest, Processor, RefundRequest
from seikyu.engine.store import journal
from seikyu.engine.store.database import (
    Conflict,
    Connection,
    Contention,
    Database,
    LockTimeout,
    StoreUnavailable,
    transaction,
)
from seikyu.engine.store.keys import world_of
from seikyu.engine.store.session import Session
from seikyu.engine.wire import errors
from seikyu.engine.wire.errors import WireError
from seikyu.engine.wire.ids import Minter
from seikyu.engine.wire.objects import (
    Frame,
    deleted,
    endpoint_with_secret,
    instructions_body,
    mail_body,
)

TRIES = 4
"""How often a batch is tried when somebody else is in the way."""

PAUSE_SECONDS = 0.01
"""About how long the first pause between two tries is; each further one is twice as long."""

log = structlog.get_logger("seikyu.engine")


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine on one database. ``processor`` charges test cards; live mode has none yet.

    ``public_url`` is where customers reach the hosted pages, without a trailing slash.
    """

    database: Database
    minter: Minter
    processor: Processor
    public_url: str
    now: Callable[[], int] = clock.now

    def settlement(self, order: Order, attempt: Attempt) -> Order:
        """Ask the processor, and return the order that records its outcome. Slow: no transaction."""
        return replace(order, command=Settle(self.ask(attempt)), id=attempt.id)

    def processor_for(self, order: Order) -> Processor | None:
        """Return who charges the cards of the order's world, None when nobody does."""
        return None if order.world.livemode else self.processor

    def answered(self, connection: Connection, order: Order) -> bool:
        """Say whether the order's key was used before: then nobody need be asked for anything."""
        key = order.origin.key if order.origin else None
        if key is None:
            return False
        return journal.stored_answer(Session(connection, order.world), key) is not None

    def ask(self, attempt: Attempt) -> Outcome:
        """Put an attempt to the processor, under the attempt's id as idempotency key."""
        if attempt.refund_id is not None:
            return self.processor.refund(
                RefundRequest(
                    idempotency_key=attempt.id,
                    charge=attempt.processor_ref,
                    amount=attempt.amount,
                    currency=attempt.currency,
                )
            )
        return self.processor.charge(
            ChargeRequest(
                idempotency_key=attempt.id,
                processor_ref=attempt.processor_ref,
                amount=attempt.amount,
                currency=attempt.currency,
                off_session=attempt.off_session,
                authenticated=attempt.authenticated,
            )
        )

    def batch(self, orders: Sequence[Order]) -> list[Answer]:
        """Run the orders in one transaction. Raises StoreUnavailable, when nothing was done.

        Raises OutcomeUnknown when the connection was lost while the transaction was committed.
        """
        tries = 1 if self.database.dialect == "sqlite" else TRIES
        for left in reversed(range(tries)):
            try:
                return self._batch(orders)
            except Conflict as conflict:
                if not left:
                    return [self._collided(order, conflict) for order in orders]
                log.info("conflict", reason=str(conflict))
            except LockTimeout:
                raise
            except Contention as reason:
                if not left:
                    raise
                log.info("contention", reason=str(reason))
            _pause(TRIES - left)
        raise AssertionError("a batch is tried at least once")

    def batch_of(
        self, find: Callable[[Connection], list[Order]]
    ) -> tuple[list[Order], list[Answer]]:
        """Find orders and run them in the same transaction, together or each on its own savepoint.

        What ``find`` locks stays locked until the orders are done; it may be asked twice. Raises
        StoreUnavailable.
        """
        connection = self.database.connection()
        with suppress(_NotTogether), transaction(connection):
            orders = find(connection)
            return orders, self._grouped(connection, orders)
        with transaction(connection):
            orders = find(connection)
            return orders, [self._isolated(connection, order) for order in orders]

    def unanswered(self, connection: Connection, world_id: int, id: str) -> tuple[Order, Answer]:
        """Return a stored attempt as if it had just been answered with: ask the processor."""
        world = world_of(connection, world_id)
        attempt = Session(connection, world).get(Attempt, id)
        return Order(world, None, id), Answer(202, b"", charge=attempt)

    def _batch(self, orders: Sequence[Order]) -> list[Answer]:
        connection = self.database.connection()
        if joined(orders):
            with suppress(_NotTogether), transaction(connection):
                return self._together(connection, orders)
        with transaction(connection):
            if len(orders) == 1:
                return [self._answered(connection, orders[0])]
            return [self._isolated(connection, order) for order in orders]

    def _grouped(self, connection: Connection, orders: Sequence[Order]) -> list[Answer]:
        """Run orders in turn, neighbours of one kind together. Raises _NotTogether."""
        answers: list[Answer] = []
        for _, group in groupby(orders, lambda order: (type(order.command), order.world.id)):
            alike = list(group)
            if joined(alike):
                answers += self._together(connection, alike)
            else:
                answers += [self._isolated(connection, order) for order in alike]
        return answers

    def _together(self, connection: Connection, orders: Sequence[Order]) -> list[Answer]:
        """Run orders that can be. Raises _NotTogether when one of them must be undone alone."""
        try:
            return carried_out(connection, orders, self._answered)
        except Conflict as conflict:
            raise _NotTogether from conflict
        except (Contention, StoreUnavailable):
            raise
        except Exception as error:
            raise _NotTogether from error

    def _isolated(self, connection: Connection, order: Order) -> Answer:
        """Run one of several orders: a failure of our own undoes this one only."""
        connection.command("SAVEPOINT one")
        try:
            answer = self._answered(connection, order)
        except Conflict as conflict:
            connection.command("ROLLBACK TO SAVEPOINT one")
            answer = self._collided(order, conflict)
        except (Contention, StoreUnavailable):
            # Not this order's own failure; the transaction may be over, and its savepoints with it.
            raise
        except Exception as error:  # noqa: BLE001 (reported, and answered as our own fault)
            connection.command("ROLLBACK TO SAVEPOINT one")
            self._report(order, error)
            answer = _error(errors.internal(), order)
        connection.command("RELEASE SAVEPOINT one")
        return answer

    def _collided(self, order: Order, conflict: Conflict) -> Answer:
        """Answer what collides with something stored, and would again."""
        if conflict.column is None:
            self._report(order, conflict)
            return _error(errors.internal(), order)
        return _error(errors.collided(conflict.column) or errors.locked(), order)

    def _report(self, order: Order, error: Exception) -> None:
        log.error(
            "order failed",
            command=type(order.command).__name__,
            id=order.id,
            request=order.origin.request_id if order.origin else None,
            exc_info=error,
        )

    def _answered(self, connection: Connection, order: Order) -> Answer:
        session = Session(connection, order.world)
        answer = self._answer(session, order)
        session.flush()
        return answer

    def _answer(self, session: Session, order: Order) -> Answer:
        settles = isinstance(order.command, Settle)
        if order.origin and order.origin.key and not settles:
            before = journal.stored_answer(session, order.origin.key)
            if before is not None:
                return _replayed(order, before)
        try:
            return self._carried_out(session, order)
        except Refusal as refusal:
            answer = _error(_with_object(refusal, None), order)
        except WireError as error:
            answer = _error(error, order)
        if answer.status not in (409, 429):
            self._remember(session, order, answer.status, body=answer.body)
        return answer

    def _carried_out(self, session: Session, order: Order) -> Answer:
        if order.refusal is not None:
            raise order.refusal
        loader, rule = TABLE[type(order.command)]
        book: Any
        if isinstance(order.command, ImportStatement):
            # What the file says depends on the day, and what it becomes has ids before it is decided on.
            book = of_import(session, order.command, self.now(), self.minter.mint)
        else:
            book = loader(session, order.id, order.command)
        context = self._context(session, book, order.command)
        if isinstance(order.command, Settle) and book.attempt.status != "processing":
            before = self._answered_before(session, order, order.command, book, context)
            if before is not None:
                return before
        decision = rule(book, order.command, context)
        decision, beside = reconciled(session, book, decision, context)
        decision = following(session, getattr(book, "customer", None), decision)
        if isinstance(book, Book):
            decision = retimed(decision, book.settings)
        elif beside:
            decision = retimed(decision, beside[0].settings)
        decision = planned(session, decision, context)
        decision = posted(decision, book, context, beside)
        if decision.charge is not None and self.processor_for(order) is None:
            raise NotServed(NO_PROCESSOR)
        frame = Frame(order.world.account, order.world.livemode, self.public_url)
        saving = Saving(session, frame, decision)
        owes = saving.write(context, order.origin)
        attempt = decision.charge
        if attempt is not None:
            assert isinstance(attempt, Attempt)
            self._remember(session, order, None)
            return Answer(202, b"", charge=attempt, owes=owes)
        return replace(self._finished(session, order, saving, frame), owes=owes)

    def _answered_before(
        self, session: Session, order: Order, command: Settle, book: Book, context: Context
    ) -> Answer | None:
        """Return what the charge was answered with when somebody else found its outcome first.

        None when it went well: the object as it now is says so. A request with a key hears what is
        stored under it; for one without, the rule (it is pure) is asked again what it refused.
        """
        attempt, intent = book.attempt, book.intent
        assert attempt is not None
        assert intent is not None
        if attempt.request_key is not None:
            stored = journal.stored_answer(session, attempt.request_key)
            if stored is not None and stored.status is not None:
                return Answer(stored.status, stored.body or b"")
        if attempt.status == "succeeded" or attempt.refund_id is not None:
            return None
        unsettled = replace(book, attempt=replace(attempt, status="processing"))
        refusal = settle(unsettled, command.outcome, context).refusal
        if not isinstance(refusal, CardDeclined):
            return None
        if refusal.charge is not None:
            # The failed charge that is on record, not the one the rule would make now.
            refusal.charge = (intent.last_error or {}).get("charge", intent.latest_charge)
        return _error(_with_object(refusal, session.show(intent.id)), order)

    def _finished(self, session: Session, order: Order, saving: Saving, frame: Frame) -> Answer:
        """Render the answer and remember it under the request's key."""
        decision = saving.decision
        if decision.refusal is not None:
            embedded = saving.body_of(PaymentIntent)
            answer = _error(_with_object(decision.refusal, embedded), order)
            self._remember(session, order, answer.status, body=answer.body)
            return answer
        if isinstance(order.command, ResendEvent):
            session.flush()
            body = event_shown(session, decision.answer.id) or b""
        elif isinstance(order.command, CreateEndpoint | RollSecret):
            body = endpoint_with_secret(decision.answer, frame)  # type: ignore[arg-type]
        elif isinstance(decision.answer, Instructions):
            body = instructions_body(decision.answer, frame)
        elif isinstance(decision.answer, Mail):
            body = mail_body(decision.answer, frame)
        elif decision.answer in decision.deletes or getattr(decision.answer, "deleted", False):
            body = deleted(decision.answer)
        else:
            object_id, version, body = saving.answer(order.view)
            self._remember(session, order, 200, shown=(object_id, version))
            return Answer(200, body)
        self._remember(session, order, 200, body=body)
        return Answer(200, body)

    def _remember(
        self,
        session: Session,
        order: Order,
        status: int | None,
        *,
        body: bytes | None = None,
        shown: tuple[str, int] | None = None,
    ) -> None:
        origin = order.origin
        if isinstance(order.command, Settle):
            self._complete(session, order, status, body, shown)
        elif origin is not None and origin.key is not None:
            journal.remember(
                session,
                origin.key,
                origin.fingerprint,
                origin.path,
                self.now(),
                status=status,
                body=body,
                shown=shown,
            )

    def _complete(
        self,
        session: Session,
        order: Order,
        status: int | None,
        body: bytes | None,
        shown: tuple[str, int] | None,
    ) -> None:
        """The request that asked for the charge gets its answer, whoever found the outcome."""
        attempt = session.get(Attempt, order.id)
        if attempt is not None and attempt.request_key is not None and status is not None:
            journal.complete(session, attempt.request_key, status, body=body, shown=shown)

    def _context(self, session: Session, book: Any, command: Any) -> Context:
        now = self.now()
        customer: Customer | None = getattr(book, "customer", None)
        clock_id = customer.clock_id if customer else None
        if isinstance(command, CreateCustomer):
            clock_id = command.given.get("test_clock")
        own = session.get(TestClock, clock_id)
        return Context(
            livemode=session.world.livemode,
            now=own.frozen_time if own else now,
            system_now=now,
            mint=self.minter.mint,
            token=lambda: self.minter.text(48),
            listens=lambda named: journal.is_listened_to(session, named),
        )


class _NotTogether(Exception):
    """Something went wrong with one of many orders: all are to be run again, one by one."""


def _pause(times: int) -> None:
    """Wait a little, everybody for another while: those that met must not meet again."""
    sleep(PAUSE_SECONDS * 2 ** (times - 1) * uniform(0.5, 1.5))  # noqa: S311 (only timing)


def _error(error: WireError, order: Order) -> Answer:
    request_id = order.origin.request_id if order.origin else ""
    return Answer(error.status, errors.render(error, request_id), should_retry=error.should_retry)


def _with_object(refusal: Refusal, intent: bytes | None) -> WireError:
    """Translate the refusal; a declined card carries the payment intent as it now is."""
    error = errors.from_refusal(refusal)
    if intent is not None and isinstance(refusal, CardDeclined):
        error.extra["payment_intent"] = intent
    return error


def _replayed(order: Order, before: journal.StoredAnswer) -> Answer:
    origin = order.origin
    assert origin is not None
    assert origin.key is not None
    if before.path != origin.path:
        return _error(errors.idempotency_key_elsewhere(origin.key, origin.path, before.path), order)
    if before.fingerprint != origin.fingerprint:
        return _error(errors.idempotency_key_reused(origin.key), order)
    if before.status is None:
        return _error(errors.idempotency_key_in_use(origin.key), order)
    return Answer(before.status, before.body or b"", replayed=True)
