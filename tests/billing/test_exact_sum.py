"""The search for the best group, held against one that tries every group, and against bad luck.

How long a search takes is measured in its own steps: a test of seconds would fail on a slow machine and
say nothing on a fast one. `python -m bench --parts reconcile` gives seconds.
"""

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seikyu.engine.billing.exact_sum import Search, best_group
from seikyu.engine.billing.reconciling import (
    DAY,
    INVOICE,
    PAYMENT,
    Money,
    OpenItem,
    Policy,
    preview,
    reconcile,
)

MANY = 5_000


def by_trying_all(amounts: list[int], preferred: list[bool], total: int) -> tuple[int, ...] | None:
    """The rules as they are said: the smallest, then the most preferred members, then the oldest."""
    for size in range(1, 6):
        fitting = [
            (-sum(preferred[place] for place in places), places)
            for places in combinations(range(len(amounts)), size)
            if sum(amounts[place] for place in places) == total
        ]
        if fitting:
            return min(fitting)[1]
    return None


@st.composite
def searches(draw: st.DrawFn) -> tuple[list[int], list[bool], int]:
    """Amounts of several orders of magnitude, and a sum that some of them often come to."""
    highest = draw(st.sampled_from([3, 10, 60, 1_000, 10**6, 10**11]))
    step = draw(st.sampled_from([1, 1, 10, 110]))
    amounts = draw(st.lists(st.integers(1, highest).map(step.__mul__), min_size=1, max_size=11))
    preferred = draw(st.lists(st.booleans(), min_size=len(amounts), max_size=len(amounts)))
    members = draw(st.sets(st.sampled_from(range(len(amounts))), min_size=1, max_size=6))
    off = draw(st.sampled_from([0, 0, 0, -1, 1, step]))
    return amounts, preferred, max(1, sum(amounts[place] for place in members) + off)


@given(searches())
@settings(max_examples=400, deadline=None)
def test_the_group_is_the_one_found_by_trying_all(
    search: tuple[list[int], list[bool], int],
) -> None:
    amounts, preferred, total = search
    assert best_group(amounts, preferred, total) == Search(by_trying_all(amounts, preferred, total))


@given(searches(), st.integers(0, 400))
@settings(max_examples=200, deadline=None)
def test_however_little_effort_is_allowed_no_wrong_group_is_given(
    search: tuple[list[int], list[bool], int], effort: int
) -> None:
    amounts, preferred, total = search
    found = best_group(amounts, preferred, total, effort=effort)
    if found.places is not None or found.decided:
        assert found.places == by_trying_all(amounts, preferred, total)


def spent(amounts: list[int], total: int, preferred: list[bool] | None = None) -> Search:
    """Search among many, all of them preferred unless said otherwise."""
    return best_group(amounts, preferred or [True] * len(amounts), total)


def test_five_thousand_equal_amounts() -> None:
    assert spent([1_000] * MANY, 5_000) == Search((0, 1, 2, 3, 4))
    assert spent([1_000] * MANY, 6_000) == Search(None)
    assert spent([1_000] * MANY, 4_999) == Search(None)


def test_of_five_thousand_equal_amounts_the_few_preferred_are_taken() -> None:
    preferred = [place in {7, 4_998} for place in range(MANY)]
    assert spent([1_000] * MANY, 3_000, preferred) == Search((0, 7, 4_998))


def test_even_amounts_never_come_to_an_odd_sum() -> None:
    even = [2 * place for place in range(1, MANY + 1)]
    assert spent(even, 9_999) == Search(None)


def test_one_odd_amount_among_even_ones_is_a_member_of_every_odd_sum() -> None:
    amounts = [2 * place for place in range(1, MANY)] + [10_001]
    assert spent(amounts, 10_001) == Search((MANY - 1,))
    assert spent(amounts, 10_003) == Search((0, MANY - 1))
    assert spent(amounts, 10_001 + 2 + 9_998) == Search((0, 4_998, 4_999))


def test_amounts_that_leave_no_remainder_but_that_of_their_tax() -> None:
    """Multiples of 11 and a single 12: only one remainder more can be reached."""
    amounts = [11 * (10**7 + 7 * place) for place in range(MANY - 1)] + [12]
    assert spent(amounts, 11 * 10**8 // 4 + 5) == Search(None)


def test_a_sum_near_five_times_the_largest_is_decided_by_the_few_large_ones() -> None:
    amounts = list(range(10**9, 10**9 + MANY))
    assert spent(amounts, 5 * (10**9 + MANY - 1) - 10) == Search(
        (MANY - 5, MANY - 4, MANY - 3, MANY - 2, MANY - 1)
    )
    assert spent(amounts, 5 * (10**9 + MANY - 1) - 9) == Search(None)


def test_a_price_list_is_always_decided() -> None:
    """80 prices, 5,000 invoices; the bank took its fee of ¥440 or ¥441 from the transfer."""
    prices = [110 * (13 + 37 * number) for number in range(80)]
    amounts = [prices[(7 * place) % 80] for place in range(MANY)]
    total = amounts[4_900] + amounts[4_901] + amounts[4_902] + amounts[4_903] + amounts[4_911]
    found = spent(amounts, total)
    assert found.decided
    assert found.places is not None
    assert sum(amounts[place] for place in found.places) == total
    assert spent(amounts, total - 441) == Search(None)


@pytest.mark.parametrize("digits", [4, 6, 8, 9])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_among_five_thousand_different_amounts_a_group_is_found(digits: int, size: int) -> None:
    dice = random.Random(f"{digits} {size}")
    amounts = [dice.randint(10 ** (digits - 1), 10**digits - 1) for _ in range(MANY)]
    planted = dice.sample(range(MANY), size)
    total = sum(amounts[place] for place in planted)
    found = spent(amounts, total)
    assert found.places is not None
    assert len(found.places) <= size
    assert sum(amounts[place] for place in found.places) == total
    assert sorted(set(found.places)) == list(found.places)


@pytest.mark.parametrize("seed", range(4))
def test_groups_of_three_are_decided_whatever_the_amounts(seed: int) -> None:
    """5,000 amounts of twelve digits: hardly ever does a sum of three come to another one."""
    dice = random.Random(seed)
    amounts = [dice.randint(10**11, 10**12 - 1) for _ in range(MANY)]
    planted = sorted(dice.sample(range(MANY), 3))
    total = sum(amounts[place] for place in planted)
    preferred = [dice.random() < 0.5 for _ in amounts]
    assert best_group(amounts, preferred, total, largest=3) == Search(tuple(planted))
    assert best_group(amounts, preferred, total + 1, largest=3).decided


def test_two_hundred_amounts_are_decided_up_to_groups_of_five() -> None:
    dice = random.Random(9)
    amounts = [dice.randint(10**11, 10**12 - 1) for _ in range(200)]
    planted = sorted(dice.sample(range(200), 5))
    total = sum(amounts[place] for place in planted)
    assert spent(amounts, total) == Search(tuple(planted))
    assert spent(amounts, total + 1) == Search(None)


def test_what_would_take_too_many_steps_is_said_to_be_undecided() -> None:
    """Small amounts and large round ones: half a million can be no sum, and nothing simple shows it."""
    dice = random.Random(3)
    small = [dice.randint(1, 2_500) for _ in range(2_500)]
    large = [10**6 * dice.randint(1, 10**5) for _ in range(2_500)]
    assert spent(small + large, 10**6 * 70_000 + 500_000) == Search(None, decided=False)


def test_an_undecided_search_is_noted_and_the_oldest_are_paid() -> None:
    dice = random.Random(3)
    amounts = [dice.randint(1, 2_500) for _ in range(2_500)]
    amounts += [10**6 * dice.randint(1, 10**5) for _ in range(2_500)]
    items = [
        OpenItem(f"in_{place:04}", INVOICE, amount, "jpy", place, "open")
        for place, amount in enumerate(amounts)
    ]
    found = reconcile(Money(10**6 * 70_000 + 500_000, "jpy"), items, Policy(), 0)
    assert found.notes[0] == "too_many_combinations"
    assert found.matches[0].item.id == "in_0000"


@st.composite
def piles(draw: st.DrawFn) -> tuple[Money, list[OpenItem], Policy]:
    """Items of every sort, money and a policy."""
    count = draw(st.integers(0, 9))
    items = [
        OpenItem(
            f"i{number}",
            draw(st.sampled_from([INVOICE, PAYMENT])),
            draw(st.integers(0, 40)),
            draw(st.sampled_from(["jpy", "jpy", "jpy", "usd"])),
            draw(st.integers(0, 5)),
            draw(st.sampled_from(["open", "open", "requires_action", "void"])),
            draw(st.sampled_from([None, 0, -29 * DAY, -31 * DAY])),
            f"AB-{number}",
            f"REF{number}",
        )
        for number in range(count)
    ]
    reference = draw(st.sampled_from([None, "AB-1", "REF1 REF2", "AB-8", "nothing"]))
    money = Money(draw(st.integers(-1, 90)), "jpy", reference)
    country, mode = (
        draw(st.sampled_from(["JP", "DE"])),
        draw(st.sampled_from(["automatic"] * 3 + ["manual"])),
    )
    return money, items, Policy(mode=mode, country=country)  # fmt: skip


@given(piles(), st.randoms(use_true_random=False))
@settings(max_examples=400, deadline=None)
def test_no_yen_is_lost_and_no_invoice_is_paid_in_part(
    pile: tuple[Money, list[OpenItem], Policy], dice: random.Random
) -> None:
    money, items, policy = pile
    found = reconcile(money, items, policy, 0)
    assert sum(match.amount for match in found.matches) + found.remaining == max(0, money.amount)
    told = [match.item.id for match in found.matches] + [one.item.id for one in found.passed]
    assert sorted(told) == sorted(item.id for item in items), "each item is told of once"
    for match in found.matches:
        assert 0 < match.amount <= match.item.amount
        assert match.item.kind == PAYMENT or match.amount == match.item.amount
        assert match.item.currency == "jpy"
    partly = [match for match in found.matches if match.amount < match.item.amount]
    assert len(partly) <= 1
    if policy.mode == "manual":
        assert found.matches == ()
    shuffled = list(items)
    dice.shuffle(shuffled)
    assert reconcile(money, shuffled, policy, 0).matches == found.matches
    assert preview(money, items, policy, 0, "ja").remaining == found.remaining


def plainly(money: Money, items: list[OpenItem]) -> dict[str, int]:
    """The rules for Japan once more, written as they are said: item → what it receives."""
    waiting = {("invoice", "open"), ("payment_intent", "requires_action")}
    open_items = [
        item
        for item in sorted(items, key=lambda item: (item.since, item.id))
        if (item.kind, item.status) in waiting
        and item.amount > 0
        and item.currency == money.currency
        and (item.due_date is None or item.due_date >= -30 * DAY)
    ]
    group = by_trying_all(
        [item.amount for item in open_items],
        [item.kind == "invoice" for item in open_items],
        money.amount,
    )
    if group is not None:
        return {open_items[place].id: open_items[place].amount for place in group}
    given_out: dict[str, int] = {}
    left = max(0, money.amount)
    for item in open_items:
        if item.kind == "invoice" and item.amount <= left:
            given_out[item.id] = item.amount
            left -= item.amount
    for item in open_items:
        if item.kind == "payment_intent" and left:
            given_out[item.id] = min(item.amount, left)
            left -= given_out[item.id]
    return given_out


@given(piles())
@settings(max_examples=500, deadline=None)
def test_the_matcher_does_what_the_rules_say(pile: tuple[Money, list[OpenItem], Policy]) -> None:
    money, items, _ = pile
    found = reconcile(money, items, Policy(), 0)
    assert {match.item.id: match.amount for match in found.matches} == plainly(money, items)
