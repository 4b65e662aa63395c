"""Which open items a customer's money pays: a pure function of money, items, policy and moment.

For Japan:

1. the group of one to five items that come to the amount exactly: the smallest group, then the one with
   the most invoices, then the oldest;
2. when there is no such group, as many invoices as can be paid in full, the one finalized first first;
   an invoice that owes more than is left is passed over and the next one tried;
3. what remains goes to incomplete payments, the one confirmed first first; the last may get a part.

Elsewhere a transfer carries a reference: an invoice whose number it names, or else a payment whose
reference it is, receives money first, and the rules above deal with the rest. Where the reference names
nothing or several, or an invoice that owes more than was sent, it counts as none.

Only an open invoice not more than 30 days past due takes part, and a payment that is incomplete. An
invoice is never paid in part. What is left stays in the cash balance. The age of an invoice is when it
was finalized, that of a payment when it was confirmed; one group is older than another when its oldest
item is, or, these being the same, the next oldest. Ids decide between items of the same second.
Source: Stripe, "Reconciliation" (automatic cash balance reconciliation, JP and other countries).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seikyu.engine.billing.exact_sum import best_group
from seikyu.engine.billing.reconciling_reasons import ENGLISH, sentence

INVOICE, PAYMENT = "invoice", "payment_intent"

AUTOMATIC, MANUAL, MERCHANT_DEFAULT = "automatic", "manual", "merchant_default"

WAITING: dict[str, frozenset[str]] = {
    INVOICE: frozenset({"open"}),
    PAYMENT: frozenset({"requires_payment_method", "requires_action"}),
}
"""Kind of item → the statuses in which it waits for money."""

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Money:
    """What there is to apply: minor units of ``currency``, and what the sender wrote, if anything."""

    amount: int
    currency: str
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice or a payment that money may go to.

    ``amount``: what is still owed, minor units of ``currency``. ``since``: Unix seconds at which the
    invoice was finalized or the payment confirmed. ``due_date``: Unix seconds, invoices only. ``number``
    is an invoice's, ``reference`` that of a payment's bank transfer instructions.
    """

    id: str
    kind: str
    amount: int
    currency: str
    since: int
    status: str
    due_date: int | None = None
    number: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """How a customer's money is applied. ``country``: two letters, that of the account."""

    mode: str = AUTOMATIC
    country: str = "JP"
    overdue_days: int = 30
    largest_group: int = 5


@dataclass(frozen=True, slots=True)
class Match:
    """Money that goes to an item: minor units, and the name of the reason."""

    item: OpenItem
    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class Passed:
    """An item that receives nothing, and the name of the reason."""

    item: OpenItem
    reason: str


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What is to be done: matches in the order in which they are made, and why the rest gets nothing.

    ``notes``: what became of the rules themselves, as names of reasons. ``remaining``: minor units that
    stay in the balance. Matches and ``remaining`` always sum to the money.
    """

    matches: tuple[Match, ...]
    passed: tuple[Passed, ...]
    remaining: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One item as a person is shown it: owed, applied and still owed afterwards, in minor units."""

    id: str
    kind: str
    owed: int
    applied: int
    still_owed: int
    reason: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What reconciling would do, without doing it; ``notes`` are sentences."""

    lines: tuple[PreviewLine, ...]
    applied: int
    remaining: int
    notes: tuple[str, ...]


def effective_mode(customer: str, merchant: str) -> str:
    """Return ``automatic`` or ``manual``: the customer's own mode, or the merchant's where it says so."""
    return merchant if customer == MERCHANT_DEFAULT else customer


def reconcile(money: Money, items: Iterable[OpenItem], policy: Policy, now: int) -> Reconciliation:
    """Return which items the money pays, at the moment ``now`` (Unix seconds, the customer's time).

    Each item stands once, in the matches or among the passed. The order of ``items`` does not matter.
    """
    assert policy.mode in {AUTOMATIC, MANUAL}, "ask effective_mode() first"
    ordered = sorted(items, key=lambda item: (item.since, item.id))
    hand = _Hand(money.amount)
    if money.amount <= 0:
        hand.notes.append("no_money")
    passed = [Passed(item, why) for item in ordered if (why := unfit(item, money, policy, now))]
    if policy.mode == AUTOMATIC and money.amount > 0:
        unfit_ids = {one.item.id for one in passed}
        fit = [item for item in ordered if item.id not in unfit_ids]
        _apply(hand, money, fit, policy)
        passed += [Passed(item, hand.why_not(item)) for item in fit if item.id not in hand.given]
    if hand.left > 0:
        hand.notes.append("left_in_balance")
    return Reconciliation(tuple(hand.matches), tuple(passed), max(0, hand.left), tuple(hand.notes))


def preview(
    money: Money,
    items: Iterable[OpenItem],
    policy: Policy,
    now: int,
    language: str = ENGLISH,
) -> Preview:
    """Return what ``reconcile`` would do, in sentences of ``language`` (``en`` or ``ja``)."""
    return explained(reconcile(money, items, policy, now), language)


def explained(found: Reconciliation, language: str = ENGLISH) -> Preview:
    """Return what was found in sentences of ``language`` (``en`` or ``ja``)."""
    lines = [_line(match.item, match.amount, match.reason, language) for match in found.matches]
    lines += [_line(one.item, 0, one.reason, language) for one in found.passed]
    applied = sum(match.amount for match in found.matches)
    notes = tuple(sentence(note, language) for note in found.notes)
    return Preview(tuple(lines), applied, found.remaining, notes)


def unfit(item: OpenItem, money: Money, policy: Policy, now: int) -> str | None:
    """Return the name of the reason for which no rule may give the item money, or None."""
    if item.status not in WAITING[item.kind]:
        return "not_waiting"
    if item.amount <= 0:
        return "nothing_owed"
    if item.currency != money.currency:
        return "other_currency"
    if policy.mode != AUTOMATIC:
        return "reconciled_by_hand"
    if item.due_date is not None and now - item.due_date > policy.overdue_days * DAY:
        return "overdue_too_long"
    return None if money.amount > 0 else "nothing_left"


class _Hand:
    """The money while it is dealt out."""

    def __init__(self, amount: int) -> None:
        self.left = amount
        self.matches: list[Match] = []
        self.given: set[str] = set()
        self.too_large: set[str] = set()
        self.notes: list[str] = []

    def give(self, item: OpenItem, reason: str) -> None:
        """Give the item what it is owed, or all that is left."""
        amount = min(item.amount, self.left)
        self.matches.append(Match(item, amount, reason))
        self.given.add(item.id)
        self.left -= amount

    def waiting(self, items: Iterable[OpenItem]) -> list[OpenItem]:
        """Return the items that have received nothing."""
        return [item for item in items if item.id not in self.given]

    def why_not(self, item: OpenItem) -> str:
        """Return the reason of an item that could have received money."""
        return "owes_more_than_is_left" if item.id in self.too_large else "nothing_left"


def _apply(hand: _Hand, money: Money, items: Sequence[OpenItem], policy: Policy) -> None:
    if policy.country.upper() != "JP" and money.reference:
        _by_reference(hand, money.reference, items)
    if hand.left and not _by_group(hand, hand.waiting(items), policy):
        _by_age(hand, hand.waiting(items))


def _by_reference(hand: _Hand, reference: str, items: Sequence[OpenItem]) -> None:
    for kind, reason in (
        (INVOICE, "reference_names_invoice"),
        (PAYMENT, "reference_names_payment"),
    ):
        named = [item for item in items if item.kind == kind and _names(reference, item)]
        if len(named) > 1:
            hand.notes.append("reference_names_several")
            return
        if named and kind == INVOICE and named[0].amount > hand.left:
            hand.notes.append("named_invoice_owes_more")
            return
        if named:
            hand.give(named[0], reason)
            return
    hand.notes.append("reference_names_nothing")


def _by_group(hand: _Hand, items: Sequence[OpenItem], policy: Policy) -> bool:
    """Give to the group that comes to exactly what is left; say whether there was one."""
    search = best_group(
        [item.amount for item in items],
        [item.kind == INVOICE for item in items],
        hand.left,
        largest=policy.largest_group,
    )
    if search.places is None:
        hand.notes.append("no_exact_group" if search.decided else "too_many_combinations")
        return False
    reason = "amount_is_exact" if len(search.places) == 1 else "group_is_exact"
    for place in search.places:
        hand.give(items[place], reason)
    return True


def _by_age(hand: _Hand, items: Sequence[OpenItem]) -> None:
    for item in items:
        if item.kind == INVOICE and hand.left:
            if item.amount <= hand.left:
                hand.give(item, "oldest_invoice_that_fits")
            else:
                hand.too_large.add(item.id)
    for item in items:
        if item.kind == PAYMENT and hand.left:
            whole = item.amount <= hand.left
            hand.give(item, "oldest_payment" if whole else "oldest_payment_partly")


def _names(reference: str, item: OpenItem) -> bool:
    """Say whether the reference is, or holds as a word of its own, what the item is called."""
    called = item.number if item.kind == INVOICE else item.reference
    if not called:
        return False
    text, name = _upper(reference), _upper(called)
    if re.sub(r"[^0-9A-Z]", "", text) == (plain := re.sub(r"[^0-9A-Z]", "", name)) and plain:
        return True
    return bool(re.search(rf"(?<![0-9A-Z-]){re.escape(name)}(?![0-9A-Z-])", text))


def _upper(text: str) -> str:
    """Banks send references in full width, half width, capitals or not."""
    return unicodedata.normalize("NFKC", text).upper().strip()


def _line(item: OpenItem, applied: int, reason: str, language: str) -> PreviewLine:
    still = item.amount - applied
    words = sentence(reason, language)
    return PreviewLine(item.id, item.kind, item.amount, applied, still, reason, words)
