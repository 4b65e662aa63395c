"""Stripe → board: which 請求ステータス follows from a Stripe invoice. Status only, never amounts.

Two steps, both pure and both a table:

1. `situation` names what happened in Stripe (SITUATIONS lists the rows of the connector's table).
2. `answer` says what that means for board, given the status board has *now*: write a status, do
   nothing, report a conflict, ask, or give a notice.

A status that a person set in board meanwhile is never overwritten. We know our own writing by
`Link.written_status`: a status that stands as we wrote it is ours and may be taken back.
"""

from dataclasses import dataclass
from enum import StrEnum

from seikyu.board.words import InvoiceStatus
from seikyu.connector.facts import Link, PaidHow, StripeInvoice
from seikyu.connector.reasons import Kind, Reason


class Situation(StrEnum):
    """What is the case in Stripe: the rows of the table."""

    NOTHING_PAID = "nothing_paid"
    PAID_ONLINE = "paid_online"
    UNDER_MINIMUM = "under_minimum"
    BANK_TRANSFER = "bank_transfer"
    OUTSIDE_STRIPE = "outside_stripe"
    PARTLY_PAID = "partly_paid"
    REOPENED = "reopened"
    UNCOLLECTIBLE = "uncollectible"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Switches:
    """Which rows are written to board. The defaults are the ones of the connector's table."""

    under_minimum: bool = True
    bank_transfer: bool = True
    outside_stripe: bool = True
    partly_paid: bool = True
    reopened: bool = True
    uncollectible: bool = False


TARGETS: dict[Situation, InvoiceStatus] = {
    Situation.PAID_ONLINE: InvoiceStatus.PAID,
    Situation.UNDER_MINIMUM: InvoiceStatus.PAID,
    Situation.BANK_TRANSFER: InvoiceStatus.PAID,
    Situation.OUTSIDE_STRIPE: InvoiceStatus.PAID,
    Situation.PARTLY_PAID: InvoiceStatus.PARTLY_PAID,
    Situation.REOPENED: InvoiceStatus.INVOICED,
    Situation.UNCOLLECTIBLE: InvoiceStatus.UNCOLLECTIBLE,
}
"""The status that board should have in each situation; the others have none."""

OVERWRITABLE: dict[InvoiceStatus, frozenset[InvoiceStatus]] = {
    InvoiceStatus.PAID: frozenset({InvoiceStatus.INVOICED, InvoiceStatus.PARTLY_PAID}),
    InvoiceStatus.PARTLY_PAID: frozenset({InvoiceStatus.INVOICED}),
    InvoiceStatus.INVOICED: frozenset(),
    InvoiceStatus.UNCOLLECTIBLE: frozenset({InvoiceStatus.INVOICED, InvoiceStatus.PARTLY_PAID}),
}
"""Target → the statuses it may replace whoever set them; others only when we wrote them."""


@dataclass(frozen=True, slots=True)
class Write:
    """Set this status in board; `note` is worth telling beside it."""

    status: InvoiceStatus
    note: Reason | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """board already says it, or nothing follows."""


@dataclass(frozen=True, slots=True)
class Tell:
    """A person has to know or to decide; board is left as it is."""

    reason: Reason


Answer = Write | Nothing | Tell


def situation(link: Link, stripe: StripeInvoice) -> Situation:
    """Name what is the case in Stripe, given what we saw and wrote before."""
    if stripe.status in ("void", "gone"):
        return Situation.VOID
    if stripe.status == "uncollectible":
        return Situation.UNCOLLECTIBLE
    if stripe.status == "paid":
        return _PAID_ROWS[stripe.paid_how]
    if stripe.amount_paid > 0:
        return Situation.PARTLY_PAID
    was_paid = link.seen_status == "paid" or link.seen_paid > 0
    ours_to_take_back = link.written_status in (InvoiceStatus.PAID, InvoiceStatus.PARTLY_PAID)
    return Situation.REOPENED if was_paid or ours_to_take_back else Situation.NOTHING_PAID


def answer(link: Link, stripe: StripeInvoice, present: InvoiceStatus, switches: Switches) -> Answer:
    """Say what to do about board, whose status is `present` right now."""
    what = situation(link, stripe)
    if what is Situation.VOID:
        return Tell(_void(stripe))
    drift = _drift(link, stripe)
    if what is Situation.NOTHING_PAID:
        return _while_unpaid(stripe, present, drift)
    target = TARGETS[what]
    if present is target:
        return Nothing()
    if not _switched_on(what, switches):
        return Tell(_switched_off(what, target))
    if present in OVERWRITABLE[target] or present is link.written_status:
        return Write(target, drift or _note(what))
    return Tell(_conflict(target, present))


_PAID_ROWS = {
    PaidHow.ONLINE: Situation.PAID_ONLINE,
    PaidHow.UNDER_MINIMUM: Situation.UNDER_MINIMUM,
    PaidHow.BANK_TRANSFER: Situation.BANK_TRANSFER,
    PaidHow.OUTSIDE_STRIPE: Situation.OUTSIDE_STRIPE,
}


def _drift(link: Link, stripe: StripeInvoice) -> Reason | None:
    """A draft may still be edited; afterwards another amount than the one sent is worth a word."""
    if stripe.status == "draft" or stripe.total == link.amount:
        return None
    return _amount_changed(link, stripe)


def _while_unpaid(stripe: StripeInvoice, present: InvoiceStatus, drift: Reason | None) -> Answer:
    """Money that came another way must not be asked for again by Stripe."""
    if present is InvoiceStatus.PAID and stripe.status == "open":
        return Tell(
            Reason(
                "paid_in_board_only",
                f"boardでは「入金済」ですが、Stripeの請求書（{stripe.id}）は未払いです。"
                "Stripeで外部決済として支払済にするか、無効化してください。",
                f"board says 入金済, but the Stripe invoice {stripe.id} is unpaid. Mark it paid outside "
                "Stripe, or void it.",
                Kind.CONFLICT,
            )
        )
    return Tell(drift) if drift else Nothing()


def _switched_on(what: Situation, switches: Switches) -> bool:
    return what is Situation.PAID_ONLINE or bool(getattr(switches, what.value))


def _switched_off(what: Situation, target: InvoiceStatus) -> Reason:
    return Reason(
        f"{what.value}_not_written",
        f"Stripeの状態（{what.value}）はboardに反映しない設定です。必要ならboardで「{target.label}」にしてください。",
        f"The setting says not to write this ({what.value}) to board. Set {target.label} there if wanted.",
        # Giving up on a debt is for a person to decide; the other rows were switched off by one.
        Kind.CONFIG if what is Situation.UNCOLLECTIBLE else Kind.NOTICE,
    )


def _conflict(target: InvoiceStatus, present: InvoiceStatus) -> Reason:
    return Reason(
        "status_conflict",
        f"Stripeからは「{target.label}」ですが、boardでは「{present.label}」に変更されています。上書きしません。",
        f"Stripe says {target.label}, but board was set to {present.label} meanwhile. It is left so.",
        Kind.CONFLICT,
    )


def _amount_changed(link: Link, stripe: StripeInvoice) -> Reason:
    return Reason(
        "amount_changed",
        f"連携時の金額は{link.amount}、現在のStripeの金額は{stripe.total}です。金額は同期しません。両方を確認してください。",
        f"{link.amount} was sent, Stripe now has {stripe.total}. Amounts are never synchronized; check both.",
        Kind.CONFLICT,
    )


def board_amount_changed(link: Link, owed: int) -> Reason:
    """board's amount changed after sending: shown, never synchronized."""
    return Reason(
        "amount_changed",
        f"連携時の金額は{link.amount}、現在のboardの金額は{owed}です。金額は同期しません。"
        "Stripeの請求書を無効化し、boardで更新すると再送できます。",
        f"{link.amount} was sent, board now has {owed}. Amounts are never synchronized; void the Stripe "
        "invoice and update it in board to send it again.",
        Kind.CONFLICT,
    )


def _void(stripe: StripeInvoice) -> Reason:
    return Reason(
        "void_in_stripe",
        f"Stripeの請求書（{stripe.id}）は無効化または削除されました。boardで請求を更新すると再送できます。",
        f"The Stripe invoice {stripe.id} was voided or deleted. Update it in board to send it again.",
        Kind.NOTICE,
    )


def _note(what: Situation) -> Reason | None:
    match what:
        case Situation.UNDER_MINIMUM:
            return Reason(
                "carried_to_balance",
                "最低決済額に満たないため、顧客の残高に繰り越されました。",
                "It is under the minimum charge and was carried to the customer's balance.",
                Kind.NOTICE,
            )
        case Situation.REOPENED:
            return Reason(
                "reopened",
                "Stripeで入金の消込が取り消されたため、「請求済」に戻しました。",
                "The payment was un-applied in Stripe, so it went back to 請求済.",
                Kind.NOTICE,
            )
        case _:
            return None
