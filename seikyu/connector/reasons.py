"""Why an invoice was not sent, or why a person has to look: each reason named, in two languages.

The names are stable: they stand in reports, in `--json` and in the tests. The sentences say what is
the case and what to do about it, with the values of the invoice in question. A `Reason` is a value;
which reason holds when is decided in conditions.py, plan.py and back_sync.py.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from seikyu.board.words import InvoiceStatus, OrderStatus, PaymentMethod

TOKYO = ZoneInfo("Asia/Tokyo")

Language = Literal["ja", "en"]


class Kind(StrEnum):
    """What sort of action a reason asks for."""

    CONDITION = "condition"
    CONFIG = "config"
    PERMISSION = "permission"
    REJECTED = "rejected"
    TIMEOUT = "timeout"
    CONFLICT = "conflict"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Reason:
    """A named reason with its sentence in Japanese and in English."""

    name: str
    ja: str
    en: str
    kind: Kind = Kind.CONDITION

    def sentence(self, language: Language) -> str:
        """Return the sentence in the language asked for."""
        return self.ja if language == "ja" else self.en


# ── Sending conditions ──────────────────────────────────────────────────────────────────────────


def already_linked(stripe_invoice_id: str) -> Reason:
    """The invoice is in Stripe."""
    return Reason(
        "already_linked",
        f"すでにStripeに連携されています（{stripe_invoice_id}）。",
        f"It is already in Stripe ({stripe_invoice_id}).",
    )


def not_credit_card(method: PaymentMethod | None) -> Reason:
    """The payment method is another one, or board does not say it."""
    shown = method.label if method else "不明"
    return Reason(
        "not_credit_card",
        f"請求方法が「{shown}」です。「クレジットカード」の案件だけを送信します。",
        f"The payment method is {shown}; only クレジットカード is sent.",
    )


def not_invoiced(status: InvoiceStatus) -> Reason:
    """請求ステータス is not 請求済."""
    return Reason(
        "not_invoiced",
        f"請求ステータスが「{status.label}」です。「請求済」のときに送信します。",
        f"The invoice status is {status.label}; it is sent when it is 請求済.",
    )


def not_ordered(status: OrderStatus) -> Reason:
    """受注ステータス is not 受注済 (nor, by option, 受注確定)."""
    return Reason(
        "not_ordered",
        f"受注ステータスが「{status.label}」です。「受注済」のときに送信します。",
        f"The order status is {status.label}; it is sent when it is 受注済.",
    )


def no_email() -> Reason:
    """Neither the project's nor the client's mail settings name an address."""
    return Reason(
        "no_email",
        "案件にも顧客にもメール設定のメールアドレスがありません。boardで登録してください。",
        "Neither the project nor the client has an address in its mail settings. Add one in board.",
    )


def not_recently_updated(updated_at: datetime | None, since: datetime) -> Reason:
    """The 請求 was last updated before the window."""
    last = f"{updated_at.astimezone(TOKYO):%Y-%m-%d}" if updated_at else "?"
    start = f"{since.astimezone(TOKYO):%Y-%m-%d %H:%M}"
    return Reason(
        "not_recently_updated",
        f"請求情報の最終更新が{last}です。{start}以降に更新されたものを送信します。",
        f"It was last updated in board on {last}; what was updated since {start} (Tokyo) is sent.",
    )


def past_payment_limit(limit: date) -> Reason:
    """支払期限 has passed."""
    return Reason(
        "past_payment_limit",
        f"支払期限（{limit}）を過ぎています。請求日か支払条件を見直してください。",
        f"The payment limit ({limit}) has passed. Change the invoice date or the payment terms.",
    )


def no_amount(payable: int, currency: str) -> Reason:
    """There is nothing to pay."""
    return Reason(
        "no_amount",
        f"請求額が{payable} {currency}です。0より大きい請求だけを送信します。",
        f"The amount to pay is {payable} {currency}; only amounts above 0 are sent.",
    )


def currency_not_mapped(currency: str) -> Reason:
    """The currency is not among those that are sent."""
    return Reason(
        "currency_not_mapped",
        f"通貨が{currency}です。送信する通貨に設定されていません（SEIKYU_CURRENCIES）。",
        f"The currency is {currency}, which is not among those that are sent (SEIKYU_CURRENCIES).",
    )


def voided_and_unchanged(stripe_invoice_id: str) -> Reason:
    """The Stripe invoice was voided or deleted, and nobody has touched the 請求 since."""
    return Reason(
        "voided_and_unchanged",
        f"Stripeの請求書（{stripe_invoice_id}）は無効化されました。再送するにはboardで請求を更新してください。",
        f"Its Stripe invoice ({stripe_invoice_id}) was voided. Update it in board to send it again.",
    )


CONDITION_NAMES = (
    "already_linked",
    "not_credit_card",
    "not_invoiced",
    "not_ordered",
    "no_email",
    "not_recently_updated",
    "past_payment_limit",
    "no_amount",
    "currency_not_mapped",
    "voided_and_unchanged",
)
"""Every sending condition by the name under which it is missed, in the order of the reports."""


# ── What a person has to decide ─────────────────────────────────────────────────────────────────


def no_payment_limit() -> Reason:
    """An e-mailed invoice needs a due date and board has none."""
    return Reason(
        "no_payment_limit",
        "支払期限がないため、メールで送る請求書の期日を決められません。boardで支払条件を設定してください。",
        "There is no payment limit to be the due date of an e-mailed invoice. Set payment terms in board.",
        Kind.REJECTED,
    )


def document_missing() -> Reason:
    """board sent the 請求 without its 請求書."""
    return Reason(
        "document_missing",
        "請求書の明細を読み取れません。boardで請求書が作成されているか確認してください。",
        "The lines of the document cannot be read. Check in board that the document exists.",
        Kind.REJECTED,
    )


def project_missing(project_id: int) -> Reason:
    """The project was not among those read, so its mail settings are not known."""
    return Reason(
        "project_missing",
        f"案件（ID {project_id}）を読み取れないため、送信先のメールアドレスを確認できません。",
        f"The project (id {project_id}) cannot be read, so it is not known whom to send this to.",
        Kind.REJECTED,
    )


def lines_do_not_add_up(why_ja: str, why_en: str) -> Reason:
    """The document's lines, its total and its tax contradict each other."""
    return Reason(
        "lines_do_not_add_up",
        f"明細と合計が一致しません（{why_ja}）。boardで請求書を確認してください。",
        f"The lines do not add up to the totals ({why_en}). Check the document in board.",
        Kind.REJECTED,
    )


def totals_differ(expected: int, actual: int, currency: str) -> Reason:
    """Stripe's draft and board's document differ; the draft has been deleted."""
    return Reason(
        "totals_differ",
        f"boardの請求額は{expected} {currency}、Stripeの下書きは{actual} {currency}のため、"
        "送信せず下書きを削除しました。Stripeの税率・割引・クレジット設定を確認してください。",
        f"board asks for {expected} {currency}, Stripe's draft came to {actual} {currency}; nothing was "
        "sent and the draft was deleted. Check tax, discount and credit settings in Stripe.",
        Kind.CONFLICT,
    )


def no_default_card(customer_id: str) -> Reason:
    """Automatic charge, and the customer has no default payment method."""
    return Reason(
        "no_default_card",
        f"Stripeの顧客（{customer_id}）にデフォルトの決済手段がないため、請求していません。"
        "カードを登録して［デフォルトとして設定］すると、次回の実行で送信されます。",
        f"Nothing was created: the Stripe customer {customer_id} has no default payment method. Add a "
        "card and set it as the default; the next run then sends the invoice.",
        Kind.CONFIG,
    )


def no_customer_yet(email: str) -> Reason:
    """Automatic charge, and Stripe does not know the client: a new customer has no card."""
    return Reason(
        "no_customer_yet",
        f"アドレス {email} の顧客がStripeにいません。実行すると顧客を作成します。カードの登録が必要です。",
        f"Stripe has no customer with the address {email}. A run creates one, which then needs a card.",
        Kind.CONFIG,
    )


def ambiguous_customer(email: str, count: int) -> Reason:
    """Several Stripe customers have the address."""
    return Reason(
        "ambiguous_customer",
        f"メールアドレス {email} のStripe顧客が{count}件あります。どれを使うか決めて1件にしてください。",
        f"{count} Stripe customers have the address {email}. Decide which one it is and keep only that.",
        Kind.CONFLICT,
    )


def shared_address(email: str, other_client_id: int) -> Reason:
    """Two clients have the address, or its Stripe customer is linked to another client."""
    return Reason(
        "shared_address",
        f"メールアドレス {email} は別のboard顧客（ID {other_client_id}）でも使われています。"
        "どちらのStripe顧客か判断できないため、アドレスを分けるか、手動で紐づけてください。",
        f"Another board client (id {other_client_id}) has the address {email} too, so it cannot be known "
        "whose Stripe customer it is. Use different addresses, or link them by hand.",
        Kind.CONFLICT,
    )


def customer_deleted(customer_id: str) -> Reason:
    """The linked customer was deleted in Stripe, and a person had linked it."""
    return Reason(
        "customer_deleted",
        f"紐づけたStripe顧客（{customer_id}）は削除されています。紐づけをやり直してください。",
        f"The linked Stripe customer {customer_id} was deleted. Link another one.",
        Kind.CONFLICT,
    )


def charge_declined(message: str) -> Reason:
    """The card was declined; the invoice stays open in Stripe."""
    return Reason(
        "charge_declined",
        f"カードが承認されませんでした。請求書はStripeで未払いのまま残り、Stripeの設定で再試行されます。理由：{message}",
        f"The card was declined. The invoice stays open and is retried by Stripe. Stripe says: {message}",
        Kind.REJECTED,
    )


def charge_needs_the_customer(message: str) -> Reason:
    """The bank asks for 3-D Secure; the invoice stays open in Stripe."""
    return Reason(
        "charge_needs_the_customer",
        f"顧客本人の認証（3Dセキュア）が必要です。請求書はStripeで未払いのまま残ります。理由：{message}",
        f"The customer must authenticate (3-D Secure). The invoice stays open. Stripe says: {message}",
        Kind.REJECTED,
    )


def stripe_refused(message: str) -> Reason:
    """Stripe refused a call for this invoice."""
    return Reason(
        "stripe_refused",
        f"Stripeに拒否されました：{message}",
        f"Stripe refused: {message}",
        Kind.REJECTED,
    )


def stripe_unavailable(message: str) -> Reason:
    """Stripe gave no clear answer for this invoice; the next run looks before it repeats."""
    return Reason(
        "stripe_unavailable",
        f"Stripeから明確な応答がありません（{message}）。次回の実行で状態を確認して続けます。",
        f"Stripe gave no clear answer ({message}). The next run looks first, then goes on.",
        Kind.TIMEOUT,
    )


def board_refused(message: str) -> Reason:
    """board refused to set the status."""
    return Reason(
        "board_refused",
        f"boardに拒否されました：{message}",
        f"board refused: {message}",
        Kind.REJECTED,
    )


def malformed_record(message: str) -> Reason:
    """board's record cannot be read exactly."""
    return Reason(
        "malformed_record",
        f"boardのデータを正確に読み取れません：{message}",
        f"The record cannot be read exactly: {message}",
        Kind.REJECTED,
    )
