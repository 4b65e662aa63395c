"""Test clocks: time for customers of their own, that moves when told to, through every due moment."""

from dataclasses import dataclass

from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.customer import CUSTOMER_LEFT, Customer
from seikyu.engine.billing.decision import Announcement, Context, Decision
from seikyu.engine.billing.refusals import ClockCannotGoBack, ClockIsBusy, TestClocksAreForTests
from seikyu.engine.billing.subscription import Subscription, canceled

KEPT_FOR = 30 * 86_400
"""Seconds after which Stripe deletes a test clock; here only what ``deletes_after`` says."""


@dataclass(frozen=True, slots=True)
class TestClock:
    """A clock. ``frozen_time`` is its present; ``target`` where it is going. Unix seconds.

    ``status``: ready or advancing.
    """

    __test__ = False

    id: str
    created: int
    frozen_time: int
    deletes_after: int
    version: int = 0
    name: str | None = None
    status: str = "ready"
    target: int | None = None


@dataclass(frozen=True, slots=True)
class ClockBook:
    """The clock at issue, if it exists, and the customers that live by it when it is to end."""

    clock: TestClock | None = None
    customers: tuple[Customer, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateClock:
    """Make a clock that stands at ``frozen_time``."""

    frozen_time: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class AdvanceClock:
    """Set out for ``frozen_time``; the worker walks there through every due moment."""

    frozen_time: int


@dataclass(frozen=True, slots=True)
class MoveClock:
    """Stand at ``now``, on the way; what was due before the clock's present does not take it back."""

    now: int


@dataclass(frozen=True, slots=True)
class ArriveClock:
    """Nothing more is due before the target: stand there, ready."""


@dataclass(frozen=True, slots=True)
class DeleteClock:
    """Remove the clock (its customers go with it)."""


def decide(book: ClockBook, command: object, context: Context) -> Decision:
    """Decide a command on a test clock. Raises ClockCannotGoBack, ClockIsBusy."""
    if isinstance(command, CreateClock):
        return _create(command, context)
    before = book.clock
    assert before is not None
    if isinstance(command, AdvanceClock):
        return _advance(before, command.frozen_time)
    if isinstance(command, MoveClock):
        after = replace(before, frozen_time=max(before.frozen_time, command.now))
        return Decision(after, (after,))
    if isinstance(command, ArriveClock):
        return _arrive(before)
    return _delete(before, book)


def _delete(before: TestClock, book: ClockBook) -> Decision:
    if before.status == "advancing":
        raise _busy(before)
    gone = tuple(replace(customer, deleted=True) for customer in book.customers)
    ended = tuple(canceled(each, before.frozen_time, CUSTOMER_LEFT) for each in book.subscriptions)
    return Decision(
        before,
        (*ended, *gone),
        deletes=(before,),
        announcements=(
            *(Announcement("customer.subscription.deleted", each) for each in ended),
            *(Announcement("customer.deleted", customer) for customer in book.customers),
            Announcement("test_helpers.test_clock.deleted", before),
        ),
    )


def _create(command: CreateClock, context: Context) -> Decision:
    if context.livemode:
        raise TestClocksAreForTests("Test clocks can only be used with a test mode key.")
    clock = TestClock(
        id=context.mint("clock"),
        created=context.system_now,
        frozen_time=command.frozen_time,
        deletes_after=context.system_now + KEPT_FOR,
        name=command.name,
    )
    return Decision(
        clock, (clock,), announcements=(Announcement("test_helpers.test_clock.created", clock),)
    )


def _advance(before: TestClock, target: int) -> Decision:
    if before.status == "advancing":
        raise _busy(before)
    if target <= before.frozen_time:
        raise ClockCannotGoBack(
            f"frozen_time must be after the clock's present time, {before.frozen_time}.",
            "frozen_time",
        )
    after = replace(before, status="advancing", target=target)
    return Decision(
        after, (after,), announcements=(Announcement("test_helpers.test_clock.advancing", after),)
    )


def _busy(clock: TestClock) -> ClockIsBusy:
    return ClockIsBusy(
        f"The test clock is advancing to {clock.target}; wait until its status is ready."
    )


def _arrive(before: TestClock) -> Decision:
    if before.target is None:
        return Decision(before)
    after = replace(before, status="ready", frozen_time=before.target, target=None)
    return Decision(
        after, (after,), announcements=(Announcement("test_helpers.test_clock.ready", after),)
    )
