"""Which badge an invoice wears, in every situation there is a badge for."""

from typing import Any

import pytest

from seikyu.engine.billing.badges import ALL, badge
from seikyu.engine.billing.invoice import STATUSES, Invoice

NOW = 1_772_290_800


def invoice(status: str, **fields: Any) -> Invoice:
    """An invoice over ¥10,000."""
    given = {"amount_due": 10_000, "amount_remaining": 10_000, **fields}
    return Invoice("in_1", NOW, "cus_1", "jpy", "key", status=status, **given)


PART = {"amount_paid": 4_000, "amount_remaining": 6_000}
WHOLE = {"amount_paid": 10_000, "amount_remaining": 0}

TABLE: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("draft", {}, {}, "Draft"),
    ("draft", {"due_date": NOW - 1}, {}, "Draft"),
    ("draft", {"auto_advance": True}, {}, "Scheduled"),
    ("draft", {"automatically_finalizes_at": NOW + 60}, {}, "Scheduled"),
    ("open", {}, {}, "Open"),
    ("open", {"due_date": NOW + 1}, {}, "Open"),
    ("open", {"due_date": NOW}, {}, "Open"),
    ("open", {"due_date": NOW - 1}, {}, "Past due"),
    ("open", {}, {"instalment_due": NOW - 1}, "Past due"),
    ("open", {"due_date": NOW + 9}, {"instalment_due": NOW - 1}, "Past due"),
    ("open", {}, {"instalment_due": NOW}, "Open"),
    ("open", {}, {"processing": True}, "Pending"),
    ("open", {"due_date": NOW - 1}, {"processing": True}, "Pending"),
    ("open", PART, {}, "Partially paid"),
    ("open", {**PART, "due_date": NOW - 1}, {}, "Past due"),
    ("open", {"next_payment_attempt": NOW + 60}, {}, "Open"),
    ("open", {"next_payment_attempt": NOW + 60}, {"failed": True}, "Retrying"),
    ("open", {**PART, "next_payment_attempt": NOW + 60}, {"failed": True}, "Retrying"),
    ("open", {}, {"failed": True}, "Failed"),
    ("open", PART, {"failed": True}, "Failed"),
    ("open", {"due_date": NOW - 1}, {"failed": True}, "Past due"),
    ("open", {}, {"failed": True, "processing": True}, "Pending"),
    ("paid", WHOLE, {}, "Paid"),
    ("paid", {**WHOLE, "due_date": NOW - 1}, {}, "Paid"),
    ("paid", WHOLE, {"refunded": 1}, "Partially refunded"),
    ("paid", WHOLE, {"refunded": 9_999}, "Partially refunded"),
    ("paid", WHOLE, {"refunded": 10_000}, "Refunded"),
    ("paid", {"amount_due": 0, "amount_remaining": 0}, {}, "Paid"),
    ("uncollectible", {}, {}, "Uncollectible"),
    ("uncollectible", {**PART, "due_date": NOW - 1}, {"failed": True}, "Uncollectible"),
    ("uncollectible", {}, {"processing": True}, "Pending"),
    ("void", {}, {}, "Void"),
    ("void", {"due_date": NOW - 1}, {"failed": True}, "Void"),
]


@pytest.mark.parametrize(("status", "fields", "facts", "expected"), TABLE)
def test_each_situation_has_its_badge(
    status: str, fields: dict[str, Any], facts: dict[str, Any], expected: str
) -> None:
    assert badge(invoice(status, **fields), NOW, **facts).name == expected


def test_the_table_knows_every_status_and_every_badge() -> None:
    assert {row[0] for row in TABLE} == set(STATUSES)
    assert {row[3] for row in TABLE} == {each.name for each in ALL}


def test_every_badge_is_explained_in_one_sentence_in_both_languages() -> None:
    assert len({each.name for each in ALL}) == len(ALL) == 13
    assert len({each.label_ja for each in ALL}) == 13
    for each in ALL:
        assert each.explanation.endswith(".")
        assert each.explanation.count(". ") == 0
        assert each.explanation_ja.endswith("。")
