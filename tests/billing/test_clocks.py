"""Test clocks: they move forward, one command at a time, in test mode only."""

from dataclasses import replace
from typing import Any

from seikyu.engine.billing import test_clock as clocks
from seikyu.engine.billing.refusals import ClockCannotGoBack, ClockIsBusy, TestClocksAreForTests
from seikyu.engine.billing.test_clock import (
    AdvanceClock,
    ArriveClock,
    ClockBook,
    CreateClock,
    DeleteClock,
    MoveClock,
    TestClock,
)
from tests.billing.world import DAY, MARCH, World, refused


def run(world: World, command: object, clock: TestClock | None = None) -> Any:
    """Decide a command on a clock; return what the world then knows of it."""
    decision = clocks.decide(ClockBook(clock), command, world.context())
    world.keep(decision)
    return world.records.get(decision.answer.id)


def test_a_clock_stands_still_until_it_is_advanced_and_arrives() -> None:
    world = World()
    clock = run(world, CreateClock(MARCH, "spring"))
    assert (clock.status, clock.frozen_time, clock.name) == ("ready", MARCH, "spring")
    clock = run(world, AdvanceClock(MARCH + DAY), clock)
    assert (clock.status, clock.frozen_time, clock.target) == ("advancing", MARCH, MARCH + DAY)
    clock = run(world, MoveClock(MARCH + 60), clock)
    assert (clock.status, clock.frozen_time) == ("advancing", MARCH + 60)
    clock = run(world, ArriveClock(), clock)
    assert (clock.status, clock.frozen_time, clock.target) == ("ready", MARCH + DAY, None)
    assert run(world, ArriveClock(), clock) == clock
    assert run(world, DeleteClock(), clock) is None
    assert world.news() == [
        "test_helpers.test_clock.created",
        "test_helpers.test_clock.advancing",
        "test_helpers.test_clock.ready",
        "test_helpers.test_clock.deleted",
    ]


def test_a_clock_only_moves_forward() -> None:
    world = World()
    clock = run(world, CreateClock(MARCH))
    for target in (MARCH, MARCH - 1):
        sentence = refused(
            lambda to=target: run(world, AdvanceClock(to), clock),  # type: ignore[misc]
            ClockCannotGoBack,
        )
        assert sentence == f"frozen_time must be after the clock's present time, {MARCH}."


def test_a_clock_on_its_way_takes_no_second_target() -> None:
    world = World()
    clock = run(world, AdvanceClock(MARCH + DAY), run(world, CreateClock(MARCH)))
    refused(lambda: run(world, AdvanceClock(MARCH + 2 * DAY), clock), ClockIsBusy)
    clock = run(world, AdvanceClock(MARCH + DAY), run(world, CreateClock(MARCH)))
    refused(lambda: run(world, DeleteClock(), clock), ClockIsBusy)


def test_what_was_due_before_the_present_does_not_take_a_clock_back() -> None:
    world = World()
    clock = run(world, AdvanceClock(MARCH + DAY), run(world, CreateClock(MARCH)))
    assert run(world, MoveClock(MARCH - DAY), clock).frozen_time == MARCH


def test_there_are_no_test_clocks_in_live_mode() -> None:
    world = World()
    live = replace(world.context(), livemode=True)
    refused(lambda: clocks.decide(ClockBook(), CreateClock(MARCH), live), TestClocksAreForTests)
