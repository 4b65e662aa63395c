"""Forecasts on the wire: an object of ours, made when it is asked for and never stored."""

from typing import Any

import orjson

from seikyu.engine.billing.forecasting import Forecast, Step
from seikyu.engine.billing.invoice import DRAFT, OPEN, Invoice
from seikyu.engine.wire.objects.frame import Frame

Sentence = tuple[str, str]
"""The same in Japanese and in English."""

SENTENCES: dict[str, Sentence] = {
    "finalize": ("請求書を確定します。", "The invoice is finalized."),
    "fail_to_finalize": (
        "請求書を確定できず、下書きのまま残ります。",
        "The invoice cannot be finalized and stays a draft.",
    ),
    "send": ("請求書をメールで送ります。", "The invoice is sent by mail."),
    "charge": ("登録されたカードに請求します。", "The card on file is charged."),
    "retry": ("カードへの請求を再試行します。", "The charge is tried again."),
    "skip_retry": (
        "新しい支払い方法が登録されるまで、再試行の回数だけを数えます。",
        "The retry is counted but not made until there is a new payment method.",
    ),
    "remind": ("リマインドメールを送ります。", "A reminder is sent."),
    "fall_due": ("支払期日になります。", "The invoice falls due."),
    "paid": (
        "支払うものがないため、支払い済みになります。",
        "Nothing is owed: the invoice is paid.",
    ),
    "mark_uncollectible": ("回収不能にします。", "The invoice is marked uncollectible."),
    "cancel_subscription": ("サブスクリプションを解約します。", "The subscription is canceled."),
    "subscription_past_due": (
        "サブスクリプションが延滞になります。",
        "The subscription becomes past due.",
    ),
    "subscription_unpaid": (
        "サブスクリプションが未払いになります。",
        "The subscription becomes unpaid.",
    ),
    "subscription_active": (
        "サブスクリプションが有効になります。",
        "The subscription becomes active.",
    ),
}

UNLESS: dict[str, Sentence] = {
    "changed": (
        "それまでに変更・削除・停止されなければ",
        "unless it is changed, deleted or stopped by then",
    ),
    "paid": ("それまでに支払われなければ", "unless it is paid by then"),
}


def forecast(forecast: Forecast, frame: Frame) -> bytes:
    """Return the forecast as JSON; times in Unix seconds, the customer's time."""
    waits = forecast.invoice.awaits_webhooks and forecast.invoice.acknowledged_at is None
    return orjson.dumps(
        {
            "object": "seikyu.forecast",
            "invoice": forecast.invoice.id,
            "livemode": frame.livemode,
            "as_of": forecast.as_of,
            "steps": [_step(step) for step in forecast.steps],
            "sooner_when_webhooks_answer": bool(
                forecast.invoice.status == DRAFT
                and waits
                and forecast.invoice.auto_advance
                and forecast.invoice.automatically_finalizes_at is None
            ),
            "ends": {"status": forecast.ends.status, **_reason(forecast.ends)},
        }
    )


def _step(step: Step) -> dict[str, Any]:
    unless = "changed" if step.action in ("finalize", "send", "fail_to_finalize") else "paid"
    japanese, english = SENTENCES[step.action]
    if_ja, if_en = UNLESS[unless]
    return {
        "at": step.at,
        "action": step.action,
        "attempt": step.attempt,
        "of": step.of,
        "days_from_due_date": step.days,
        "mail": step.mail,
        "unless": unless,
        "description": {"ja": f"{if_ja}、{japanese}", "en": f"{english[:-1]}, {if_en}."},
    }


def _reason(invoice: Invoice) -> dict[str, Any]:
    """Say why nothing more happens by itself after the last step."""
    if invoice.status in (DRAFT, OPEN) and not invoice.auto_advance:
        reason = ("自動進行がオフです。", "auto_advance is off.")
    elif invoice.details.get("last_finalization_error"):
        reason = (
            "確定できない理由を取り除く必要があります。",
            "A person must see to what keeps it from being finalized.",
        )
    elif invoice.status == OPEN:
        reason = (
            "予定された手段はすべて終わり、人の判断を待ちます。",
            "All that was planned has been done; a person decides what comes next.",
        )
    else:
        reason = ("この請求書は完了しています。", "The invoice has come to its end.")
    return {"reason": {"ja": reason[0], "en": reason[1]}}
