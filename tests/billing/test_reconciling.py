"""The matcher of money and open items: hand-made cases, each with the result written out.

An item is written as ``name:amount@day`` with marks: ``p`` before the amount is a payment, ``~n`` means
due n days ago, ``-`` a status that takes no money, ``$`` another currency, ``#text`` its number or
reference. A result is ``name=amount`` for what receives money, then what remains.
"""

import re

import pytest

from seikyu.engine.billing.reconciling import (
    DAY,
    INVOICE,
    PAYMENT,
    Money,
    OpenItem,
    Policy,
    Reconciliation,
    effective_mode,
    preview,
    reconcile,
)
from seikyu.engine.billing.reconciling_reasons import REASONS, sentence

NOW = 1_772_323_200  # 1 March 2026, UTC

WRITTEN = re.compile(
    r"(?P<id>\w+):(?P<payment>p?)(?P<amount>\d+)@(?P<day>\d+)"
    r"(?P<overdue>~-?\d+)?(?P<closed>-)?(?P<foreign>\$)?(?:#(?P<called>\S+))?"
)


def items(text: str) -> list[OpenItem]:
    """Read items as they are written in the cases."""
    return [_item(word) for word in text.split()]


def _item(word: str) -> OpenItem:
    found = WRITTEN.fullmatch(word)
    assert found, word
    kind = PAYMENT if found["payment"] else INVOICE
    waiting, closed = ("open", "void") if kind == INVOICE else ("requires_action", "canceled")
    return OpenItem(
        id=found["id"],
        kind=kind,
        amount=int(found["amount"]),
        currency="usd" if found["foreign"] else "jpy",
        since=int(found["day"]) * DAY,
        status=closed if found["closed"] else waiting,
        due_date=NOW - int(found["overdue"][1:]) * DAY if found["overdue"] else None,
        number=found["called"] if kind == INVOICE else None,
        reference=found["called"] if kind == PAYMENT else None,
    )


def written(found: Reconciliation) -> str:
    """Write a result as the cases do."""
    given = [f"{match.item.id}={match.amount}" for match in found.matches]
    return " ".join([*given, f"rest={found.remaining}"])


CASES = {
    # ── One item
    "one invoice of exactly the amount": (330_000, "a:330000@1", "a=330000 rest=0"),
    "one payment of exactly the amount": (5_000, "a:p5000@1", "a=5000 rest=0"),
    "the older of two equal invoices": (500, "b:500@2 a:500@1", "a=500 rest=0"),
    "an invoice rather than an older payment of the same amount": (
        500,
        "a:p500@1 b:500@9",
        "b=500 rest=0",
    ),
    "one item rather than two older ones": (500, "a:200@1 b:300@2 c:500@9", "c=500 rest=0"),
    "one payment rather than two older invoices": (
        500,
        "a:200@1 b:300@2 c:p500@9",
        "c=500 rest=0",
    ),
    "ids decide within one second": (500, "y:500@1 x:500@1", "x=500 rest=0"),
    # ── Groups
    "three invoices paid by one transfer": (
        330_000,
        "a:110000@1 b:110000@2 c:110000@3",
        "a=110000 b=110000 c=110000 rest=0",
    ),
    "two items rather than three older ones": (
        600,
        "a:100@1 b:200@2 c:300@3 d:150@4 e:450@5",
        "d=150 e=450 rest=0",
    ),
    "three items rather than four": (
        100,
        "a:10@1 b:20@2 c:30@3 d:40@4 e:50@5",
        "a=10 d=40 e=50 rest=0",
    ),
    "a group of four": (1_111, "a:1@1 b:10@2 c:100@3 d:1000@4 e:7@5", "a=1 b=10 c=100 d=1000 rest=0"),
    "a group of five": (
        11_111,
        "a:1@1 b:10@2 c:100@3 d:1000@4 e:10000@5",
        "a=1 b=10 c=100 d=1000 e=10000 rest=0",
    ),
    "six items are no group, but all are paid by age": (
        21,
        "a:1@1 b:2@2 c:3@3 d:4@4 e:5@5 f:6@6",
        "a=1 b=2 c=3 d=4 e=5 f=6 rest=0",
    ),
    "the pair with more invoices": (
        500,
        "a:p200@1 b:300@2 c:250@8 d:250@9",
        "c=250 d=250 rest=0",
    ),
    "one invoice in the pair rather than none": (
        500,
        "a:p200@1 b:p300@2 c:p150@3 d:350@9",
        "c=150 d=350 rest=0",
    ),
    "payments alone may be a group": (500, "a:p200@1 b:p300@2", "a=200 b=300 rest=0"),
    "the pair with the oldest member": (
        500,
        "a:100@1 b:240@2 c:260@3 d:400@9",
        "a=100 d=400 rest=0",
    ),
    "the same oldest member: the next one decides": (
        600,
        "a:100@1 b:200@2 c:210@3 d:290@4 e:300@5",
        "a=100 b=200 e=300 rest=0",
    ),
    "of equal invoices the oldest are taken": (
        300,
        "d:100@4 c:100@3 b:100@2 a:100@1",
        "a=100 b=100 c=100 rest=0",
    ),
    "of equal amounts the invoices are taken before an older payment": (
        200,
        "a:p100@1 b:100@2 c:100@3",
        "b=100 c=100 rest=0",
    ),
    "one item is not counted twice": (200, "a:100@1 b:30@2", "a=100 b=30 rest=70"),
    "two equal halves": (200, "a:100@1 b:100@2", "a=100 b=100 rest=0"),
    "twelve digits": (999_999_999_999, "a:999999999998@1 b:1@2", "a=999999999998 b=1 rest=0"),
    "all invoices even, the amount odd": (
        101,
        "a:20@1 b:40@2 c:60@3 d:2@4",
        "a=20 b=40 d=2 rest=39",
    ),
    # ── By age
    "one yen too little pays nothing": (329_999, "a:330000@1", "rest=329999"),
    "one yen too much stays": (330_001, "a:330000@1", "a=330000 rest=1"),
    "the oldest first": (250, "b:100@2 a:100@1 c:100@3", "a=100 b=100 rest=50"),
    "an invoice that does not fit is passed over": (
        250,
        "a:100@1 b:400@2 c:120@3",
        "a=100 c=120 rest=30",
    ),
    "age decides, not how many could be paid": (
        250,
        "a:240@1 b:100@2 c:110@3",
        "a=240 rest=10",
    ),
    "invoices before older payments": (250, "a:p40@1 b:200@9", "b=200 a=40 rest=10"),
    "the rest goes to the oldest payment in part": (
        250,
        "a:200@1 b:p90@2 c:p90@3",
        "a=200 b=50 rest=0",
    ),
    "the rest fills one payment and begins the next": (
        250,
        "a:100@1 b:p90@2 c:p90@3",
        "a=100 b=90 c=60 rest=0",
    ),
    "too little for the invoice goes to a payment": (
        90,
        "a:100@1 b:p500@2",
        "b=90 rest=0",
    ),
    "more than everything": (1_000, "a:100@1 b:p200@2", "a=100 b=200 rest=700"),
    "nobody owes anything": (1_000, "", "rest=1000"),
    # ── Who takes part
    "thirty days past due takes part": (100, "a:100@1~30", "a=100 rest=0"),
    "thirty-one days past due does not": (100, "a:100@1~31", "rest=100"),
    "not yet due": (100, "a:100@1~-20", "a=100 rest=0"),
    "an old invoice is no part of a group": (300, "a:100@1~40 b:200@2", "b=200 rest=100"),
    "another currency": (100, "a:100@1$ b:100@2", "b=100 rest=0"),
    "a void invoice": (100, "a:100@1-", "rest=100"),
    "a canceled payment": (100, "a:p100@1- b:p70@2", "b=70 rest=30"),
    "nothing owed": (100, "a:0@1 b:100@2", "b=100 rest=0"),
    "no money": (0, "a:100@1", "rest=0"),
    "a negative balance": (-5, "a:100@1", "rest=0"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_rules_for_japan(case: str) -> None:
    amount, open_items, expected = CASES[case]
    assert written(reconcile(Money(amount, "jpy"), items(open_items), Policy(), NOW)) == expected


def test_there_are_enough_cases() -> None:
    assert len(CASES) + len(ABROAD) >= 40


ABROAD = {
    "a number in the text": (
        "Payment for AB-0002, thank you",
        "a:100@1#AB-0001 b:100@2#AB-0002",
        100,
        "b=100 rest=0",
    ),
    "the named invoice, though another one is exact": (
        "AB-0002",
        "a:100@1#AB-0001 b:70@2#AB-0002",
        100,
        "b=70 rest=30",
    ),
    "the rest is dealt out by the other rules": (
        "AB-0002",
        "a:30@1#AB-0001 b:70@2#AB-0002 c:50@3#AB-0003",
        120,
        "b=70 c=50 rest=0",
    ),
    "capitals, width and hyphens do not matter": (
        "ａｂ ０００２",
        "a:100@1#AB-0001 b:100@2#AB-0002",
        100,
        "b=100 rest=0",
    ),
    "a longer number is another number": (
        "AB-00020",
        "a:100@1#AB-0001 b:100@2#AB-0002",
        100,
        "a=100 rest=0",
    ),
    "a revision is another number": ("AB-0002-1", "a:90@1#AB-0001 b:100@2#AB-0002", 90, "a=90 rest=0"),
    "a payment's reference": ("XYZ123", "a:100@1#AB-0001 b:p100@2#XYZ123", 100, "b=100 rest=0"),
    "a payment may get a part": ("XYZ123", "a:60@1#AB-0001 b:p100@2#XYZ123", 60, "b=60 rest=0"),
    "an invoice's number comes before a payment's reference": (
        "SAME",
        "a:p100@1#SAME b:100@2#SAME",
        100,
        "b=100 rest=0",
    ),
    "two numbers name several, so the amounts decide": (
        "AB-0001 AB-0002",
        "a:100@1#AB-0001 b:60@2#AB-0002",
        60,
        "b=60 rest=0",
    ),
    "an invoice that owes more is not paid in part": (
        "AB-0002",
        "a:60@1#AB-0001 b:100@2#AB-0002",
        60,
        "a=60 rest=0",
    ),
    "no reference": ("", "a:100@1#AB-0001 b:60@2#AB-0002", 60, "b=60 rest=0"),
    "a paid invoice is not named": ("AB-0001", "a:100@1-#AB-0001 b:60@2#AB-0002", 60, "b=60 rest=0"),
}  # fmt: skip


@pytest.mark.parametrize("case", ABROAD)
def test_elsewhere_the_reference_comes_first(case: str) -> None:
    reference, open_items, amount, expected = ABROAD[case]
    money = Money(amount, "jpy", reference)
    found = reconcile(money, items(open_items), Policy(country="DE"), NOW)
    assert written(found) == expected


def test_in_japan_the_reference_is_not_read() -> None:
    money = Money(100, "jpy", "AB-0002")
    found = reconcile(money, items("a:100@1#AB-0001 b:100@2#AB-0002"), Policy(), NOW)
    assert written(found) == "a=100 rest=0"


def reasons(found: Reconciliation) -> dict[str, str]:
    """The reason of every item."""
    return {
        **{match.item.id: match.reason for match in found.matches},
        **{one.item.id: one.reason for one in found.passed},
    }


def test_every_item_and_every_rule_has_its_reason_when_money_is_dealt_out_by_age() -> None:
    open_items = items("a:100@1 b:900@2 c:p20@3 d:p500@4 e:p9@5 f:5@6~31 g:5@7$ h:5@8- i:0@9")
    found = reconcile(Money(150, "jpy"), open_items, Policy(), NOW)
    assert reasons(found) == {
        "a": "oldest_invoice_that_fits",
        "b": "owes_more_than_is_left",
        "c": "oldest_payment",
        "d": "oldest_payment_partly",
        "e": "nothing_left",
        "f": "overdue_too_long",
        "g": "other_currency",
        "h": "not_waiting",
        "i": "nothing_owed",
    }
    assert found.notes == ("no_exact_group",)


def test_reasons_of_exact_matches() -> None:
    alone = reconcile(Money(100, "jpy"), items("a:100@1 b:1@2"), Policy(), NOW)
    assert reasons(alone) == {"a": "amount_is_exact", "b": "nothing_left"}
    pair = reconcile(Money(101, "jpy"), items("a:100@1 b:1@2"), Policy(), NOW)
    assert reasons(pair) == {"a": "group_is_exact", "b": "group_is_exact"}
    assert alone.notes == pair.notes == ()


@pytest.mark.parametrize(
    ("reference", "amount", "notes"),
    [
        ("AB-0009", 60, ("reference_names_nothing",)),
        ("AB-0001, AB-0002", 60, ("reference_names_several",)),
        ("AB-0001", 60, ("named_invoice_owes_more",)),
        ("AB-0002", 59, ()),
        ("AB-0002", 64, ("no_exact_group", "left_in_balance")),
    ],
)
def test_what_became_of_the_reference_is_noted(
    reference: str, amount: int, notes: tuple[str, ...]
) -> None:
    open_items = items("a:100@1#AB-0001 b:59@2#AB-0002 c:60@3#AB-0003")
    found = reconcile(Money(amount, "jpy", reference), open_items, Policy(country="US"), NOW)
    assert found.notes == notes


def test_a_customer_reconciled_by_hand_keeps_the_money() -> None:
    found = reconcile(Money(100, "jpy"), items("a:100@1"), Policy(mode="manual"), NOW)
    assert written(found) == "rest=100"
    assert reasons(found) == {"a": "reconciled_by_hand"}
    assert found.notes == ("left_in_balance",)


@pytest.mark.parametrize(
    ("customer", "merchant", "mode"),
    [
        ("merchant_default", "manual", "manual"),
        ("merchant_default", "automatic", "automatic"),
        ("automatic", "manual", "automatic"),
        ("manual", "automatic", "manual"),
    ],
)
def test_a_customer_may_follow_the_merchant(customer: str, merchant: str, mode: str) -> None:
    assert effective_mode(customer, merchant) == mode


def test_a_preview_says_what_would_happen_in_both_languages() -> None:
    open_items = items("a:100@1 b:p80@2")
    shown = preview(Money(150, "jpy"), open_items, Policy(), NOW, "ja")
    assert [(line.id, line.owed, line.applied, line.still_owed) for line in shown.lines] == [
        ("a", 100, 100, 0),
        ("b", 80, 50, 30),
    ]
    assert shown.lines[1].sentence == "残りの金額を最も古い未完了の決済に充当しました (一部のみ)。"
    assert (shown.applied, shown.remaining) == (150, 0)
    assert shown.notes == ("5 件以内の組み合わせで金額と一致するものはありません。",)
    english = preview(Money(200, "jpy"), open_items, Policy(), NOW)
    assert english.notes == (
        "No group of up to five items comes to the amount.",
        "What is left stays in the customer's cash balance.",
    )


def test_a_policy_may_allow_smaller_groups_and_longer_delays() -> None:
    policy = Policy(largest_group=2, overdue_days=60)
    found = reconcile(Money(6, "jpy"), items("a:1@1 b:2@2~45 c:3@3"), policy, NOW)
    assert reasons(found) == dict.fromkeys("abc", "oldest_invoice_that_fits")


def test_every_reason_has_a_sentence_in_two_languages() -> None:
    for reason, (english, japanese) in REASONS.items():
        assert sentence(reason) == english
        assert english.endswith(".")
        assert sentence(reason, "ja") == japanese
        assert japanese.endswith("。")
