"""Every text of the mails that the pages and papers do not have. Both languages have the same keys.

Japanese mails keep the form of business letters; English ones come to the point. Neither asks for card
details: whoever pays does so on the invoice's page, whose address stands in the mail.
"""

from collections.abc import Mapping

MAIL_WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "greeting": "いつもお世話になっております。{issuer}です。",
        "no_name": "ご担当者様",
        "invoice_subject": "請求書 {number} のご案内｜{issuer}",
        "invoice_text": (
            "請求書 {number} を発行いたしました。内容をご確認のうえ、お手続きをお願いいたします。"
        ),
        "invoice_text_automatic": (
            "請求書 {number} を発行いたしました。ご登録のお支払い方法に請求いたします。お手続きは不要です。"
        ),
        "invoice_text_paid": "請求書 {number} をお送りいたします。お支払いは完了しています。",
        "receipt_subject": "お支払いありがとうございました（請求書 {number}）｜{issuer}",
        "receipt_text": "請求書 {number} のお支払いを確認いたしました。ありがとうございます。",
        "receipt_text_partly": (
            "請求書 {number} の代金の一部として {amount} のお支払いを確認いたしました。ありがとうございます。"
        ),
        "receipt_attached": "領収書を添付いたします。",
        "payment_failed_subject": "お支払いを完了できませんでした（請求書 {number}）｜{issuer}",
        "payment_failed_text": "請求書 {number} のお支払いを完了できませんでした。",
        "payment_failed_again": (
            "{day}に、ご登録のお支払い方法へもう一度請求いたします。"
            "それより前に、下のボタンからお支払いいただくこともできます。"
        ),
        "payment_failed_yourself": "お手数ですが、下のボタンからお支払いをお願いいたします。",
        "action_required_subject": "カード会社の認証が必要です（請求書 {number}）｜{issuer}",
        "action_required_text": (
            "請求書 {number} のお支払いには、カード会社によるご本人の確認が必要です。"
            "下のボタンからお進みいただくと、お支払いが完了します。"
        ),
        "reminder_before_subject": "お支払い期限が近づいています（請求書 {number}）｜{issuer}",
        "reminder_before_text": "請求書 {number} のお支払い期限は{day}です。",
        "reminder_on_subject": "本日がお支払い期限です（請求書 {number}）｜{issuer}",
        "reminder_on_text": "請求書 {number} のお支払い期限は本日（{day}）です。",
        "reminder_after_subject": "お支払いのお願い（請求書 {number}）｜{issuer}",
        "reminder_after_text": (
            "請求書 {number} のお支払いを確認できておりません。お支払い期限は{day}でした。"
            "お早めにお手続きくださいますようお願いいたします。"
        ),
        "reminder_crossed": "行き違いでお手続きがお済みの場合はご容赦ください。",
        "due": "お支払い期限 {day}",
        "was_due": "お支払い期限 {day}（期限超過）",
        "paid_on": "{day} に領収",
        "received": "領収金額",
        "pay": "請求書を見る・支払う",
        "view": "請求書を見る",
        "authenticate": "認証に進む",
        "link_hint": "ボタンが開かない場合は、こちらのアドレスをご利用ください。",
        "attached": "添付ファイル",
        "invoice_file": "請求書（PDF）",
        "receipt_file": "領収書（PDF）",
        "more_lines": "ほか {count} 件",
        "schedule": "お支払いの予定",
        "part_due": "今回のお支払い額",
        "part_paid": "お支払い済み",
        "part_past_due": "期限超過",
        "part_open": "",
        "part_canceled": "無効",
        "footer": "請求書 {number} についての、{issuer}からのお知らせです。",
        "footer_cards": "メールでカード番号をお尋ねすることはありません。",
    },
    "en": {
        "greeting": "",
        "no_name": "Hello,",
        "invoice_subject": "Invoice {number} from {issuer}",
        "invoice_text": "Here is your invoice {number}. You can view and pay it online.",
        "invoice_text_automatic": (
            "Here is your invoice {number}. We will charge the payment method you have on file; there is "
            "nothing you need to do."
        ),
        "invoice_text_paid": "Here is your invoice {number}. It has been paid in full.",
        "receipt_subject": "Your payment to {issuer} (invoice {number})",
        "receipt_text": "Thank you. We have received your payment for invoice {number}.",
        "receipt_text_partly": "Thank you. We have received {amount} towards invoice {number}.",
        "receipt_attached": "Your receipt is attached.",
        "payment_failed_subject": "Your payment to {issuer} did not go through (invoice {number})",
        "payment_failed_text": "Your payment for invoice {number} did not go through.",
        "payment_failed_again": (
            "We will charge the payment method you have on file again on {day}. You can also pay now, with "
            "this or another card."
        ),
        "payment_failed_yourself": "Please pay the invoice online, with this or another card.",
        "action_required_subject": "Confirm your payment to {issuer} (invoice {number})",
        "action_required_text": (
            "Your bank asks you to confirm the payment for invoice {number}. It takes a moment, and the "
            "payment is complete once you have done so."
        ),
        "reminder_before_subject": "Invoice {number} from {issuer} is due soon",
        "reminder_before_text": "Invoice {number} is due on {day}.",
        "reminder_on_subject": "Invoice {number} from {issuer} is due today",
        "reminder_on_text": "Invoice {number} is due today, {day}.",
        "reminder_after_subject": "Invoice {number} from {issuer} is past due",
        "reminder_after_text": (
            "Invoice {number} was due on {day} and we have not received your payment yet. Please pay it as "
            "soon as you can."
        ),
        "reminder_crossed": "If you have already paid it, please disregard this reminder.",
        "due": "Due {day}",
        "was_due": "Was due {day}",
        "paid_on": "Received on {day}",
        "received": "Amount received",
        "pay": "View and pay invoice",
        "view": "View invoice",
        "authenticate": "Confirm payment",
        "link_hint": "If the button does not work, open this address:",
        "attached": "Attached",
        "invoice_file": "Invoice (PDF)",
        "receipt_file": "Receipt (PDF)",
        "more_lines": "and {count} more",
        "schedule": "Payment schedule",
        "part_due": "Due next",
        "part_paid": "Paid",
        "part_past_due": "Past due",
        "part_open": "",
        "part_canceled": "Void",
        "footer": "{issuer} sent you this mail about invoice {number}.",
        "footer_cards": "We never ask for card numbers by mail.",
    },
}
