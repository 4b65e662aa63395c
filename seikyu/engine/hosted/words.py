"""Every text of the customer's pages, in both languages. The two have the same keys, which a test holds."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "invoice": "請求書",
        "other_language": "English",
        "amount_due": "ご請求額",
        "amount_remaining": "残りのお支払い額",
        "amount_paid": "お支払い済み額",
        "due_on": "お支払い期限 {day}",
        "paid_on": "{day} にお支払い済み",
        "voided_on": "{day} に無効になりました",
        "status_authenticate": "認証待ち",
        "status_authenticate_said": "カード会社がご本人の確認を求めています。",
        "note_past_due": "お支払い期限を過ぎています。お早めにお支払いください。",
        "note_partially_paid": "{amount} をお支払いいただいています。残りの金額をお支払いください。",
        "note_processing": "お支払いを処理しています。結果はこのページに自動で表示されます。",
        "note_authenticate": (
            "{card} でのお支払いには、カード会社の認証が必要です。別のカードもお使いいただけます。"
        ),
        "note_paid": "お支払いありがとうございました。",
        "note_nothing_due": "この請求書にお支払いは必要ありません。",
        "note_void": "この請求書は発行者により無効にされました。お支払いの必要はありません。",
        "note_replaced": "新しい請求書に差し替えられました。",
        "note_retrying": (
            "カードへの請求ができませんでした。{day} に自動で再度請求します。"
            "別のカードで今すぐお支払いいただくこともできます。"
        ),
        "note_failed": "カードへの請求ができませんでした。お手数ですが、あらためてお支払いください。",
        "note_refunded": "お支払いいただいた全額を返金いたしました。",
        "note_partially_refunded": "お支払いいただいた金額の一部を返金いたしました。",
        "note_uncollectible": (
            "お支払いを確認できないまま期日が過ぎています。今からでもお支払いいただけます。"
        ),
        "see_replacement": "新しい請求書を見る",
        "reload": "今すぐ更新する",
        "authenticate": "認証に進む",
        "pay_by_card": "カードでお支払い",
        "pay_by_other_card": "別のカードでお支払い",
        "number": "カード番号",
        "number_hint": "1234 5678 9012 3456",
        "expiry": "有効期限（月／年）",
        "expiry_hint": "12 / 30",
        "cvc": "セキュリティコード",
        "cvc_hint": "裏面の 3 桁または 4 桁の数字",
        "pay": "{amount} を支払う",
        "not_stored": "カード番号は保存されません。",
        "no_card_payments": (
            "このページではカードでのお支払いをお受けできません。発行者にお問い合わせください。"
        ),
        "test_mode": "テストモード：実際の請求は行われません",
        "error_number_missing": "カード番号を入力してください。",
        "error_number_not_digits": "カード番号は数字で入力してください。",
        "error_number_length": "カード番号の桁数が正しくありません。",
        "error_number_wrong": "カード番号が正しくありません。もう一度ご確認ください。",
        "error_expiry_missing": "有効期限を入力してください。",
        "error_expiry_shape": "有効期限は「12 / 30」のように月と年で入力してください。",
        "error_expiry_month": "月は 01 から 12 で入力してください。",
        "error_expiry_past": "このカードは有効期限が切れています。",
        "error_expiry_far": "有効期限の年が正しくありません。",
        "error_cvc_missing": "セキュリティコードを入力してください。",
        "error_cvc_wrong": "セキュリティコードは 3 桁または 4 桁の数字です。",
        "error_form_stale": "画面が古くなっていました。もう一度カード情報を入力してください。",
        "error_form_used": "この画面は送信済みでした。もう一度カード情報を入力してください。",
        "error_nothing_charged": "お支払いはまだ行われていません。入力内容をご確認ください。",
        "declined": (
            "カードが承認されませんでした。"
            "別のカードをお試しいただくか、カード会社へお問い合わせください。"
        ),
        "declined_insufficient_funds": "カードの利用可能額が不足しています。別のカードをお試しください。",
        "declined_expired_card": "このカードは有効期限が切れています。別のカードをお試しください。",
        "declined_incorrect_cvc": "セキュリティコードが正しくありません。",
        "declined_processing_error": (
            "カード会社との通信で問題が発生しました。しばらくしてからもう一度お試しください。"
        ),
        "declined_card_velocity_exceeded": (
            "このカードは短時間に何度も使われたため承認されませんでした。時間をおくか、別のカードをお試しください。"
        ),
        "declined_test_mode_live_card": "テストモードでは、テスト用のカード番号だけをお使いいただけます。",
        "declined_authentication": "カード会社の認証が完了しませんでした。お支払いは行われていません。",
        "billed_to": "請求先",
        "invoice_number": "請求書番号",
        "issued_on": "発行日",
        "due_date": "お支払い期限",
        "paid_date": "お支払い日",
        "lines": "明細",
        "item": "品目",
        "amount": "金額",
        "subtotal": "小計",
        "tax": "{percentage}% 対象 {base} の消費税",
        "tax_other": "{name} {percentage}%（対象 {base}）",
        "tax_inclusive": "内税",
        "total": "合計",
        "balance": "前回までの残高",
        "credited": "返還（減額）",
        "credit_notes": "返還請求書",
        "discount": "割引",
        "plan": "お支払い計画",
        "plan_part": "第 {number} 回",
        "plan_next": "次回 {amount} · お支払い期限 {day}",
        "plan_late": "{amount} のお支払い期限（{day}）を過ぎています",
        "plan_next_date": "次回のお支払い期限",
        "plan_last_date": "最終のお支払い期限",
        "plan_left": "残り {amount}",
        "plan_canceled": "無効",
        "plan_open": "お支払い待ち",
        "plan_paid": "お支払い済み",
        "plan_past_due": "期限超過",
        "choice": "お支払いになる金額",
        "choice_next": "次回分 {amount}",
        "choice_some": "次の {count} 回分 {amount}",
        "choice_all": "残りの全額 {amount}",
        "pay_chosen": "選んだ金額を支払う",
        "payments": "お支払いの記録",
        "receipt_of": "領収書",
        "receipt_for_screen_readers": "{amount}（{day}）の領収書",
        "refunded_part": "うち {amount} を返金",
        "pay_by_transfer": "銀行振込でお支払い",
        "transfer_hint": (
            "お振込みの際は、請求書番号 {number} をお振込名義の前にご記入ください。"
            "入金の確認後、このページに反映されます。"
        ),
        "bank_name": "銀行名",
        "bank_branch": "支店名",
        "bank_account": "口座番号",
        "bank_holder": "口座名義",
        "bank_amount": "お振込金額",
        "bank_futsu": "普通",
        "bank_toza": "当座",
        "bank_chochiku": "貯蓄",
        "phone": "電話 {phone}",
        "contact": "お問い合わせ",
        "paid_outside": "カード以外でのお支払い",
        "open_pdf": "請求書 PDF",
        "open_receipt": "領収書 PDF",
        "by_card": "{brand} •••• {last4}",
        "reduced": "※ は軽減税率（8%）対象",
        "reduced_word": "軽減税率対象",
        "registration": "登録番号",
        "challenge_title": "カード会社の認証",
        "challenge_text": (
            "{card} で {amount} をお支払いになろうとしています。ご本人であれば認証してください。"
        ),
        "challenge_test": (
            "これはテスト用の認証画面です。実際のカードでは、ここでカード会社がご本人を確認します。"
        ),
        "challenge_pass": "認証する",
        "challenge_fail": "失敗する",
        "back": "請求書に戻る",
        "not_found_title": "ページが見つかりません",
        "not_found_text": (
            "アドレスが正しいかご確認ください。請求書の発行者が新しいアドレスをお送りしている場合があります。"
        ),
        "expired_title": "このページの有効期限が切れました",
        "expired_text": (
            "安全のため、請求書のページは一定の期間が過ぎると開けなくなります。"
            "発行者が請求書をもう一度お送りすると、同じアドレスで開けるようになります。"
            "お手数ですが、発行者にご連絡ください。"
        ),
        "expired_number": "請求書番号 {number}",
        "method_title": "この操作はできません",
        "method_text": "このページは、お送りしたアドレスをそのまま開いてご覧ください。",
        "too_large_title": "送信内容が大きすぎます",
        "too_large_text": "このページでお送りいただけるのはカード情報だけです。",
        "unavailable_title": "ただいまご利用いただけません",
        "unavailable_text": "しばらくしてから、もう一度お開きください。",
        "unknown_title": "お支払いの結果を確認しています",
        "unknown_text": (
            "しばらくしてから請求書をもう一度お開きください。同じ請求が二重に支払われることはありません。"
        ),
        "failed_title": "問題が発生しました",
        "failed_text": "しばらくしてから、もう一度お開きください。受付番号 {reference}",
    },
    "en": {
        "invoice": "Invoice",
        "other_language": "日本語",
        "amount_due": "Amount due",
        "amount_remaining": "Remaining amount",
        "amount_paid": "Amount paid",
        "due_on": "Due {day}",
        "paid_on": "Paid on {day}",
        "voided_on": "Voided on {day}",
        "status_authenticate": "Needs authentication",
        "status_authenticate_said": "Your bank asks you to confirm that it is you.",
        "note_past_due": "This invoice is past its due date. Please pay it as soon as you can.",
        "note_partially_paid": "{amount} has been paid. Please pay the remaining amount.",
        "note_processing": (
            "Your payment is being processed. This page shows the result by itself."
        ),
        "note_authenticate": (
            "Your bank must authenticate the payment with {card}. You can also use another card."
        ),
        "note_paid": "Thank you for your payment.",
        "note_nothing_due": "Nothing needs to be paid on this invoice.",
        "note_void": "The issuer has voided this invoice. Nothing needs to be paid.",
        "note_replaced": "A new invoice has taken its place.",
        "note_retrying": (
            "Your card could not be charged. It will be tried again on {day}. "
            "You can also pay now by another card."
        ),
        "note_failed": "Your card could not be charged. Please pay this invoice here.",
        "note_refunded": "All that you paid has been refunded.",
        "note_partially_refunded": "A part of what you paid has been refunded.",
        "note_uncollectible": (
            "This invoice was not paid when it was due. You can still pay it now."
        ),
        "see_replacement": "See the new invoice",
        "reload": "Update now",
        "authenticate": "Continue to authentication",
        "pay_by_card": "Pay by card",
        "pay_by_other_card": "Pay by another card",
        "number": "Card number",
        "number_hint": "1234 5678 9012 3456",
        "expiry": "Expiry (MM / YY)",
        "expiry_hint": "12 / 30",
        "cvc": "Security code",
        "cvc_hint": "3 or 4 digits, on the back",
        "pay": "Pay {amount}",
        "not_stored": "Your card number is not stored.",
        "no_card_payments": "Cards cannot be taken on this page. Please contact the issuer.",
        "test_mode": "Test mode: nothing is really charged",
        "error_number_missing": "Enter your card number.",
        "error_number_not_digits": "A card number has digits only.",
        "error_number_length": "This card number is too short or too long.",
        "error_number_wrong": "This card number is not correct. Please check it.",
        "error_expiry_missing": "Enter the expiry date.",
        "error_expiry_shape": "Write the expiry date as month and year, such as 12 / 30.",
        "error_expiry_month": "The month is between 01 and 12.",
        "error_expiry_past": "This card has expired.",
        "error_expiry_far": "The year of the expiry date is not correct.",
        "error_cvc_missing": "Enter the security code.",
        "error_cvc_wrong": "The security code has 3 or 4 digits.",
        "error_form_stale": "This page was out of date. Please enter your card again.",
        "error_form_used": "This form had already been sent. Please enter your card again.",
        "error_nothing_charged": "Nothing has been charged yet. Please check what you entered.",
        "declined": "Your card was declined. Try another card, or ask your bank.",
        "declined_insufficient_funds": "Your card has insufficient funds. Try another card.",
        "declined_expired_card": "Your card has expired. Try another card.",
        "declined_incorrect_cvc": "The security code is not correct.",
        "declined_processing_error": (
            "Something went wrong between us and your bank. Try again in a little while."
        ),
        "declined_card_velocity_exceeded": (
            "Your card was used too often in a short time. Wait a while, or try another card."
        ),
        "declined_test_mode_live_card": "In test mode only test card numbers can be used.",
        "declined_authentication": "Your bank's authentication failed. Nothing was charged.",
        "billed_to": "Billed to",
        "invoice_number": "Invoice number",
        "issued_on": "Issued",
        "due_date": "Due",
        "paid_date": "Paid",
        "lines": "Details",
        "item": "Item",
        "amount": "Amount",
        "subtotal": "Subtotal",
        "tax": "Consumption tax {percentage}% on {base}",
        "tax_other": "{name} {percentage}% on {base}",
        "tax_inclusive": "included",
        "total": "Total",
        "balance": "Balance carried forward",
        "credited": "Credited",
        "credit_notes": "Credit notes",
        "discount": "Discount",
        "plan": "Payment plan",
        "plan_part": "Instalment {number}",
        "plan_next": "Next: {amount} due {day}",
        "plan_late": "{amount} was due {day}",
        "plan_next_date": "Next payment due",
        "plan_last_date": "Last payment due",
        "plan_left": "{amount} left",
        "plan_canceled": "void",
        "plan_open": "open",
        "plan_paid": "paid",
        "plan_past_due": "past due",
        "choice": "Amount to pay",
        "choice_next": "Next instalment {amount}",
        "choice_some": "Next {count} instalments {amount}",
        "choice_all": "All that remains {amount}",
        "pay_chosen": "Pay the chosen amount",
        "payments": "Payments",
        "receipt_of": "Receipt",
        "receipt_for_screen_readers": "Receipt for {amount} ({day})",
        "refunded_part": "{amount} refunded",
        "pay_by_transfer": "Pay by bank transfer",
        "transfer_hint": (
            "Please write the invoice number {number} before your name in the transfer. "
            "This page is updated once the money has arrived."
        ),
        "bank_name": "Bank",
        "bank_branch": "Branch",
        "bank_account": "Account",
        "bank_holder": "Account holder",
        "bank_amount": "Amount",
        "bank_futsu": "Ordinary (futsu)",
        "bank_toza": "Current (toza)",
        "bank_chochiku": "Savings (chochiku)",
        "phone": "Phone {phone}",
        "contact": "Contact",
        "paid_outside": "Paid by other means",
        "open_pdf": "Invoice PDF",
        "open_receipt": "Receipt PDF",
        "by_card": "{brand} •••• {last4}",
        "reduced": "※ reduced tax rate (8%)",
        "reduced_word": "reduced tax rate",
        "registration": "Registration number",
        "challenge_title": "Card authentication",
        "challenge_text": (
            "You are about to pay {amount} with {card}. Please confirm that it is you."
        ),
        "challenge_test": (
            "This is a test page. With a real card, your bank asks you here who you are."
        ),
        "challenge_pass": "Authenticate",
        "challenge_fail": "Fail",
        "back": "Back to the invoice",
        "not_found_title": "Page not found",
        "not_found_text": (
            "Please check the address. The issuer of the invoice may have sent you a newer one."
        ),
        "expired_title": "This page has expired",
        "expired_text": (
            "For safety, the page of an invoice closes some time after its due date. "
            "When the issuer sends the invoice again, it opens at the same address. "
            "Please contact the issuer."
        ),
        "expired_number": "Invoice {number}",
        "method_title": "This cannot be done",
        "method_text": "Please open this page with the address that was sent to you.",
        "too_large_title": "Too much was sent",
        "too_large_text": "Only the details of a card can be sent to this page.",
        "unavailable_title": "Not available at the moment",
        "unavailable_text": "Please open this page again in a little while.",
        "unknown_title": "We are checking your payment",
        "unknown_text": (
            "Please open the invoice again in a little while. You will not be charged twice."
        ),
        "failed_title": "Something went wrong",
        "failed_text": "Please open this page again in a little while. Reference: {reference}",
    },
}

BRANDS = {
    "amex": "American Express", "diners": "Diners Club", "discover": "Discover", "jcb": "JCB",
    "mastercard": "Mastercard", "unionpay": "UnionPay", "visa": "Visa",
}  # fmt: skip


def declined(words: Mapping[str, str], code: str | None, decline_code: str | None) -> str:
    """Say why a card was refused, as far as the customer may know it.

    A lost or stolen card is only declined: who uses it need not learn that it was reported.
    """
    for reason in (decline_code, code):
        if reason == "payment_intent_authentication_failure":
            return words["declined_authentication"]
        if reason and f"declined_{reason}" in words:
            return words[f"declined_{reason}"]
    return words["declined"]
