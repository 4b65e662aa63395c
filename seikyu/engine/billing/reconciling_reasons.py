"""Why money was applied to an item, or was not: every reason has a name and a sentence in two languages.

A name is for programs and never changes; a sentence is for people.
"""

ENGLISH, JAPANESE = "en", "ja"

REASONS: dict[str, tuple[str, str]] = {
    # ── Why an item receives money
    "reference_names_invoice": (
        "The transfer's reference names this invoice.",
        "振込の照会番号がこの請求書の番号と一致しました。",
    ),
    "reference_names_payment": (
        "The transfer's reference is that of this payment.",
        "振込の照会番号がこの決済の照会番号と一致しました。",
    ),
    "amount_is_exact": (
        "The amount is exactly what is owed here.",
        "金額が未払い額とちょうど一致しました。",
    ),
    "group_is_exact": (
        "Together with others this comes to exactly the amount.",
        "ほかの項目との合計が金額とちょうど一致しました。",
    ),
    "oldest_invoice_that_fits": (
        "No group came to the amount; the invoices finalized first are paid in full, one by one.",
        "合計が一致する組み合わせがないため、確定日の古い請求書から順に全額を充当しました。",
    ),
    "oldest_payment": (
        "What the invoices left goes to incomplete payments, the oldest first.",
        "請求書に充当した残りを、古い未完了の決済から順に充当しました。",
    ),
    "oldest_payment_partly": (
        "What was left goes to the oldest incomplete payment and covers a part of it.",
        "残りの金額を最も古い未完了の決済に充当しました (一部のみ)。",
    ),
    # ── Why an item receives nothing
    "reconciled_by_hand": (
        "This customer's money is applied by hand.",
        "この顧客の入金は手動で消し込む設定です。",
    ),
    "other_currency": (
        "It is owed in another currency.",
        "通貨が異なります。",
    ),
    "not_waiting": (
        "Its status is one that takes no money.",
        "入金を受け付けない状態です。",
    ),
    "nothing_owed": (
        "Nothing is owed here.",
        "未払い額がありません。",
    ),
    "overdue_too_long": (
        "It is more than 30 days past due, so only a person may apply money to it.",
        "支払期日から 30 日を超えているため、自動では消し込みません。",
    ),
    "owes_more_than_is_left": (
        "More is owed here than is left, and an invoice is never paid in part.",
        "未払い額が残高を上回っています。請求書を一部だけ消し込むことはありません。",
    ),
    "nothing_left": (
        "Other items took all the money.",
        "ほかの項目への充当で残高がなくなりました。",
    ),
    # ── What became of the rules
    "reference_names_nothing": (
        "The reference names no open invoice and no incomplete payment.",
        "照会番号に一致する請求書または決済がありません。",
    ),
    "reference_names_several": (
        "The reference names more than one item, so the amounts decide.",
        "照会番号が複数の項目に一致するため、金額で照合しました。",
    ),
    "named_invoice_owes_more": (
        "The invoice named by the reference owes more than was sent, so the amounts decide.",
        "照会番号の請求書の未払い額が入金額を上回るため、金額で照合しました。",
    ),
    "no_exact_group": (
        "No group of up to five items comes to the amount.",
        "5 件以内の組み合わせで金額と一致するものはありません。",
    ),
    "too_many_combinations": (
        "There are too many different amounts to try every group, so none was taken.",
        "金額の組み合わせが多すぎるため、組み合わせによる照合を行いませんでした。",
    ),
    "no_money": (
        "There is no money to apply.",
        "充当できる残高がありません。",
    ),
    "left_in_balance": (
        "What is left stays in the customer's cash balance.",
        "残りは顧客の現金残高に残ります。",
    ),
}
"""Reason → its sentence in English and in Japanese."""


def sentence(reason: str, language: str = ENGLISH) -> str:
    """Return the sentence of a reason, ``language`` being ``en`` or ``ja``."""
    english, japanese = REASONS[reason]
    return japanese if language == JAPANESE else english
