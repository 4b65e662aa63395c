"""The group of at most five amounts that come to a sum exactly, and the first in a given order of them.

The order of preference: the smallest group; among those the one with most preferred members; among those
the oldest, which is the one whose places, sorted, come first as a tuple. The answer is exact or absent,
never approximate.

The algorithm, for amounts in order of age and one size after the other:

1. What cannot be a member is left out: amounts larger than the sum, and for a group of k every amount
   that k - 1 of the smallest or largest others cannot complete. Amounts are divided by what all share;
   when that does not divide the sum there is no group at all (even amounts, an odd sum).
2. *Reach* says of a remainder whether j amounts can come to it. It is the set of all sums of j amounts
   where there are few (a price list, some hundreds of amounts), one bit a sum where the sum is small,
   and sums modulo a few numbers otherwise. Reach never denies what is possible.
   For groups of three, all sums of three ascending amounts are met once, which leaves their members.
3. A search in depth takes members in order of age, so the first group it completes is the best one. It
   goes on only where reach allows, and asks for the same amount once a level, since a younger one of the
   same amount has only fewer companions.
4. The last two members are found together: meet in the middle over the set of amounts, of which only
   the part between what is left for the larger one and half of the remainder is looked at.

No method is known that decides every sum of five out of thousands in less than about n³ steps. So the
search has an effort it may spend, counted in steps and not in time, which makes it the same everywhere.
When that does not suffice it says that it is undecided: hundreds of different amounts around a billion,
thousands of them with ten digits. Groups of one to three are always decided for 5,000 amounts; groups of
four and five for up to a hundred different amounts, and where amounts are so dense that there are groups.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb, gcd

EFFORT = 1_500_000
"""Steps of the search for four and five; one is about a fifth of a microsecond. Three have four times it."""

SUMS = 400_000
"""How many sums of amounts may be held as a set."""

MANY = 1_000
"""So many sums of three are many: the search comes upon the first of them soon."""

FEW = 250
"""Up to how many amounts all pairs are summed for a group of three."""

BITS = 800_000_000
"""How many bits may be shifted to make a map of sums."""

MODULI = (1_000, 1_001, 1_024, 999, 1_000_000)
"""Prices end in zeros, taxes make multiples of 11: different moduli see different patterns."""


@dataclass(frozen=True, slots=True)
class Search:
    """The places of the group in order, or None. ``decided``: then None means that there is no group."""

    places: tuple[int, ...] | None
    decided: bool = True


def best_group(
    amounts: Sequence[int],
    preferred: Sequence[bool],
    total: int,
    *,
    largest: int = 5,
    effort: int = EFFORT,
) -> Search:
    """Return the best group of 1 to ``largest`` amounts (minor units, positive) that sum to ``total``.

    ``amounts`` are in order of age, the oldest first, and ``preferred`` says of each whether a group is
    better for having it.
    """
    places = [place for place, amount in enumerate(amounts) if 0 < amount <= total]
    if not places:
        return Search(None)
    unit = 0
    for place in places:
        unit = gcd(unit, amounts[place])
    if total % unit:
        return Search(None)
    values = [amounts[place] // unit for place in places]
    kinds = [preferred[place] for place in places]
    reach = Reach(sorted(set(values)), total // unit)
    small, large = Purse(4 * effort), Purse(effort)
    for size in range(1, largest + 1):
        purse = small if size <= 3 else large
        found = _of_size(values, kinds, total // unit, size, reach, purse)
        if found is not None:
            return Search(tuple(places[place] for place in found))
        if purse.empty:
            return Search(None, decided=False)
    return Search(None)


@dataclass(slots=True)
class Purse:
    """The steps that are left."""

    steps: int

    @property
    def empty(self) -> bool:
        """Whether nothing is left to spend."""
        return self.steps <= 0


class Reach:
    """Whether j of these amounts, any of them more than once, can come to a sum. Never a wrong no."""

    def __init__(self, values: Sequence[int], total: int) -> None:
        """``values``: different, ascending."""
        self._values = values
        self._total = total
        self._sums: dict[int, set[int]] = {1: set(values)}
        self._maps: dict[int, list[tuple[int, bytes]]] = {}
        self._masks: dict[int, list[int]] = {}
        self._moduli = self._chosen_moduli()

    def sums(self, j: int) -> set[int] | None:
        """Return all sums of j amounts up to the total, where they are few enough to be held."""
        if j not in self._sums:
            if comb(len(self._values) + j - 1, j) > SUMS:
                return None
            smaller = self.sums(j - 1)
            assert smaller is not None, "fewer amounts have fewer sums"
            self._sums[j] = self._pairs() if j == 2 else self._one_more(smaller)
        return self._sums[j]

    def _pairs(self) -> set[int]:
        made: set[int] = set()
        for at, value in enumerate(self._values):
            stop = bisect_right(self._values, self._total - value)
            made.update(map(value.__add__, self._values[at:stop]))
        return made

    def _one_more(self, smaller: set[int]) -> set[int]:
        made: set[int] = set()
        for value in self._values:
            made.update(map(value.__add__, smaller))
        return {sum for sum in made if sum <= self._total}

    def maps(self, j: int) -> list[tuple[int, bytes]]:
        """Return (modulus, one bit for each remainder that j amounts can leave), for each that says no."""
        if j not in self._maps:
            made = [
                (modulus, mask.to_bytes((modulus + 7) // 8, "little"))
                for modulus, mask in zip(self._moduli, self._made_masks(j), strict=True)
                if mask != (1 << modulus) - 1
            ]
            self._maps[j] = made
        return self._maps[j]

    def _chosen_moduli(self) -> list[int]:
        if len(self._values) * self._total <= BITS:
            return [self._total + 1]
        return [m for m in MODULI if len({value % m for value in self._values}) * m <= BITS]

    def _made_masks(self, j: int) -> list[int]:
        if j not in self._masks:
            before = self._made_masks(j - 1) if j > 1 else [1] * len(self._moduli)
            self._masks[j] = [
                self._shifted(mask, modulus)
                for mask, modulus in zip(before, self._moduli, strict=True)
            ]
        return self._masks[j]

    def _shifted(self, mask: int, modulus: int) -> int:
        """Return the remainders one amount further; sums beyond the total are dropped, not folded."""
        full = (1 << modulus) - 1
        exact = modulus == self._total + 1
        made = 0
        if mask == full and not exact:
            return full
        for value in self._values if exact else sorted({v % modulus for v in self._values}):
            made |= mask << value
        return made & full if exact else (made | made >> modulus) & full


@dataclass(slots=True)
class Pool:
    """What a group of one size can be made of: values by place, None where a value cannot take part."""

    values: Sequence[int]
    kinds: Sequence[bool]
    taking_part: Sequence[int]
    different: Sequence[int]
    size: int
    reach: Reach
    purse: Purse
    by_value: dict[tuple[int, bool], list[int]]

    @property
    def low(self) -> int:
        """The smallest value."""
        return self.different[0]

    @property
    def high(self) -> int:
        """The largest value."""
        return self.different[-1]

    def sums(self, j: int) -> set[int] | None:
        """Return all sums of j values where they are few, and worth it for so deep a search."""
        dear = j == 2 and self.size <= 3 and len(self.different) > FEW
        return None if dear else self.reach.sums(j)

    def completes(self, rest: int, j: int) -> bool:
        """Say whether j values may come to the rest. A no is certain."""
        if not j * self.low <= rest <= j * self.high:
            return False
        sums = self.sums(j)
        if sums is not None:
            return rest in sums
        for modulus, bits in self.reach.maps(j):
            at = rest % modulus
            if not bits[at >> 3] >> (at & 7) & 1:
                return False
        return True

    def has_pair(self, rest: int) -> bool:
        """Say whether two values come to the rest, whatever their places."""
        if self.sums(2) is not None:
            return True  # completes() has looked at every sum of two
        left = bisect_left(self.different, rest - self.high)
        right = bisect_right(self.different, rest // 2)
        self.purse.steps -= 1 + (right - left) // 5
        ones = self.reach.sums(1)
        assert ones is not None
        return not ones.isdisjoint(map(rest.__sub__, self.different[left:right]))


def _of_size(
    values: Sequence[int], kinds: Sequence[bool], total: int, size: int, reach: Reach, purse: Purse
) -> tuple[int, ...] | None:
    fitting = _taking_part(values, total, size)
    if size == 3:
        members = _in_triples(sorted({values[place] for place in fitting}), total, purse)
        fitting = [place for place in fitting if members is None or values[place] in members]
    by_value: dict[tuple[int, bool], list[int]] = {}
    taking_part = []
    for place in fitting:
        same = by_value.setdefault((values[place], kinds[place]), [])
        if len(same) < size:  # a group takes the oldest of equal ones, so no more can be members
            same.append(place)
            taking_part.append(place)
    if len(taking_part) < size:
        return None
    different = sorted({values[place] for place in taking_part})
    pool = Pool(values, kinds, taking_part, different, size, reach, purse, by_value)
    if not pool.completes(total, size):
        return None
    many = sum(kinds[place] for place in taking_part)
    for wanted in range(min(size, many), max(0, size - (len(taking_part) - many)) - 1, -1):
        found = _first(pool, 0, total, size, wanted)
        if found is not None or purse.empty:
            return found
    return None


def _taking_part(values: Sequence[int], total: int, size: int) -> list[int]:
    """Return the places of what the smallest and the largest others can complete, again and again."""
    ascending = sorted(values)
    start, stop = 0, len(ascending)
    while start < stop:
        low, high = ascending[start], ascending[stop - 1]
        least, most = total - (size - 1) * high, total - (size - 1) * low
        kept = (
            bisect_left(ascending, least, start, stop),
            bisect_right(ascending, most, start, stop),
        )
        if kept == (start, stop):
            return [place for place, value in enumerate(values) if low <= value <= high]
        start, stop = kept
    return []


def _in_triples(different: Sequence[int], total: int, purse: Purse) -> set[int] | None:
    """Return the values that are in some sum of three, or None where there are many such sums.

    The three are taken in ascending order, so that each sum is met once: most searches end here.
    """
    ones, members, met = set(different), set[int](), 0
    for at, low in enumerate(different):
        rest = total - low
        left = max(at, bisect_left(different, rest - different[-1]))
        right = bisect_right(different, rest // 2)
        if right <= at:
            break
        if purse.empty:
            return None
        purse.steps -= 1 + max(0, right - left) // 5
        high = ones.intersection(map(rest.__sub__, different[left:right]))
        met += len(high)
        if met > MANY:
            return None
        if high:
            members |= high | {low} | set(map(rest.__sub__, high))
    return members


def _first(pool: Pool, start: int, rest: int, size: int, wanted: int) -> tuple[int, ...] | None:
    """Return the first group of ``size`` from the place ``start`` of those taking part on, or None.

    ``wanted``: how many of them are of the preferred kind. The larger groups are taken apart into their
    first member and the first group that completes it.
    """
    if size == 1:
        return _single(pool, start, rest, preferred=wanted == 1)
    if size == 2:
        return _pair(pool, start, rest, wanted)
    sums = pool.sums(size - 1)
    tried: set[tuple[int, bool]] = set()
    for at in range(start, len(pool.taking_part) - size + 1):
        place = pool.taking_part[at]
        value, kind = pool.values[place], pool.kinds[place]
        still = wanted - kind
        if not 0 <= still <= size - 1:
            continue
        pool.purse.steps -= 4 if sums is None else 1
        if pool.purse.empty:
            return None
        left = rest - value
        if not (pool.completes(left, size - 1) if sums is None else left in sums):
            continue
        if (value, kind) not in tried:
            tried.add((value, kind))
            found = _first(pool, at + 1, left, size - 1, still)
            if found is not None:
                return (place, *found)
    return None


def _single(pool: Pool, start: int, rest: int, *, preferred: bool) -> tuple[int, ...] | None:
    least = pool.taking_part[start] if start < len(pool.taking_part) else len(pool.values)
    places = pool.by_value.get((rest, preferred), [])
    at = bisect_left(places, least)
    return (places[at],) if at < len(places) else None


def _pair(pool: Pool, start: int, rest: int, wanted: int) -> tuple[int, ...] | None:
    """Return the first pair: the first place that has a partner behind it, and the first such partner."""
    if not pool.has_pair(rest):
        return None
    pool.purse.steps -= (len(pool.taking_part) - start) // 2
    for at in range(start, len(pool.taking_part) - 1):
        place = pool.taking_part[at]
        still = wanted - pool.kinds[place]
        if 0 <= still <= 1:
            places = pool.by_value.get((rest - pool.values[place], still == 1))
            if places and places[-1] > place:
                return place, places[bisect_right(places, place)]
    return None
