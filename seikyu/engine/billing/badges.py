"""Badges: what people are told an invoice is, in one word and one sentence. Computed, never stored.

The status says what may be done with an invoice; the badge says how it stands. Of several that are true
the first one in this order counts:

draft · Scheduled (time will finalize it) > Draft
open · Pending (a payment is under way) > Past due > Retrying (a charge failed and is tried again) >
Failed (a charge failed and is not) > Partially paid > Open
paid · Refunded > Partially refunded > Paid; and Void, Uncollectible (or Pending while it is paid after all).

Source: Stripe, "How invoicing works", the table of badges.
"""

from dataclasses import dataclass

from seikyu.engine.billing.invoice import DRAFT, PAID, UNCOLLECTIBLE, VOID, Invoice


@dataclass(frozen=True, slots=True)
class Badge:
    """``name`` is Stripe's English word and stays the same; the rest is for people to read."""

    name: str
    label: str
    label_ja: str
    explanation: str
    explanation_ja: str


def _badge(name: str, label_ja: str, explanation: str, explanation_ja: str) -> Badge:
    return Badge(name, name, label_ja, explanation, explanation_ja)


ALL = (
    DRAFT_BADGE := _badge(
        "Draft",
        "下書き",
        "This invoice is not final: it can still be changed or deleted, and nobody owes it.",
        "まだ確定していない請求書です。変更や削除ができ、支払いの義務はありません。",
    ),
    SCHEDULED := _badge(
        "Scheduled",
        "確定予定",
        "This draft will be finalized by itself.",
        "この下書きは自動的に確定されます。",
    ),
    OPEN_BADGE := _badge(
        "Open",
        "お支払い待ち",
        "This invoice is final and waits to be paid.",
        "確定した請求書です。お支払いを待っています。",
    ),
    PENDING := _badge(
        "Pending",
        "処理中",
        "A payment is under way; its outcome is not known yet.",
        "お支払いを処理しています。結果はまだ確定していません。",
    ),
    PARTIALLY_PAID := _badge(
        "Partially paid",
        "一部お支払い済み",
        "A part has been paid and a balance remains.",
        "一部が支払われ、残額があります。",
    ),
    RETRYING := _badge(
        "Retrying",
        "再試行予定",
        "A charge failed and will be tried again by itself.",
        "カードへの請求が失敗しました。自動的に再試行されます。",
    ),
    FAILED := _badge(
        "Failed",
        "お支払い失敗",
        "A charge failed and will not be tried again by itself.",
        "カードへの請求が失敗しました。自動的な再試行はありません。",
    ),
    PAST_DUE := _badge(
        "Past due",
        "期限超過",
        "The day by which this invoice was to be paid has passed.",
        "お支払い期限を過ぎています。",
    ),
    PAID_BADGE := _badge(
        "Paid",
        "お支払い済み",
        "Nothing more is owed on this invoice.",
        "この請求書のお支払いは完了しています。",
    ),
    VOID_BADGE := _badge(
        "Void",
        "無効",
        "This invoice was canceled; it is not to be paid.",
        "この請求書は取り消されました。お支払いの必要はありません。",
    ),
    UNCOLLECTIBLE_BADGE := _badge(
        "Uncollectible",
        "未回収",
        "The issuer no longer expects to be paid; it can be paid all the same.",
        "発行者が回収を見込んでいない請求書です。今からでもお支払いいただけます。",
    ),
    REFUNDED := _badge(
        "Refunded",
        "返金済み",
        "All that was paid has been given back.",
        "お支払いいただいた全額が返金されました。",
    ),
    PARTIALLY_REFUNDED := _badge(
        "Partially refunded",
        "一部返金済み",
        "A part of what was paid has been given back.",
        "お支払いいただいた金額の一部が返金されました。",
    ),
)
"""Every badge there is."""


def badge(
    invoice: Invoice,
    now: int,
    *,
    processing: bool = False,
    failed: bool = False,
    refunded: int = 0,
    instalment_due: int | None = None,
) -> Badge:
    """Return the badge of the invoice at ``now`` (Unix seconds, in the customer's time).

    ``processing``: a payment of it is under way. ``failed``: the last charge for it was declined.
    ``refunded``: what was given back of its payments, in minor units of its currency.
    ``instalment_due``: the due date of the earliest unpaid instalment, when it has a payment plan.
    """
    if invoice.status == DRAFT:
        waits = invoice.auto_advance or invoice.automatically_finalizes_at is not None
        return SCHEDULED if waits else DRAFT_BADGE
    if invoice.status == PAID:
        return _of_paid(invoice, refunded)
    if invoice.status == VOID:
        return VOID_BADGE
    if processing:
        return PENDING
    if invoice.status == UNCOLLECTIBLE:
        return UNCOLLECTIBLE_BADGE
    return _of_open(invoice, now, failed=failed, instalment_due=instalment_due)


def _of_open(invoice: Invoice, now: int, *, failed: bool, instalment_due: int | None) -> Badge:
    if any(due is not None and due < now for due in (invoice.due_date, instalment_due)):
        return PAST_DUE
    if failed:
        return RETRYING if invoice.next_payment_attempt is not None else FAILED
    return PARTIALLY_PAID if invoice.amount_paid else OPEN_BADGE


def _of_paid(invoice: Invoice, refunded: int) -> Badge:
    if refunded <= 0:
        return PAID_BADGE
    return REFUNDED if refunded >= invoice.amount_paid else PARTIALLY_REFUNDED
