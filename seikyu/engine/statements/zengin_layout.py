"""The records of a Zengin file, 200 bytes each: which field stands where.

Two kinds tell of deposits: 振込入金通知 (01, transfers received), whose amounts have ten digits or, in its
second form, twelve, and 入出金取引明細 (03, movements of an account) for ordinary, current and savings
accounts.
Source: 全国銀行協会, 全銀協パーソナル・コンピュータ用標準通信プロトコル (ベーシック手順) 別冊, 適用業務および
レコード・フォーマット.
"""

from collections.abc import Sequence

LENGTH = 200

HEADER, DATA, TRAILER, END = "1", "2", "8", "9"

TRANSFERS, MOVEMENTS = "01", "03"

Fields = dict[str, slice]


def fields(*given: tuple[str, int]) -> Fields:
    """Return where each field stands, the lengths in bytes given in order; they fill the record."""
    placed: Fields = {}
    at = 0
    for name, length in given:
        placed[name] = slice(at, at + length)
        at += length
    assert at == LENGTH, f"the fields fill {at} bytes"
    return placed


_OPENING: Sequence[tuple[str, int]] = (
    ("データ区分", 1), ("種別コード", 2), ("コード区分", 1), ("作成日", 6), ("勘定日(自)", 6),
    ("勘定日(至)", 6), ("銀行コード", 4), ("銀行名", 15), ("支店コード", 3), ("支店名", 15),
)  # fmt: skip

_SENDER: Sequence[tuple[str, int]] = (
    ("振込依頼人コード", 10), ("振込依頼人名", 48), ("仕向銀行名", 15), ("仕向店名", 15),
)  # fmt: skip

HEADERS: dict[str, Fields] = {
    TRANSFERS: fields(*_OPENING, ("預金種目", 1), ("口座番号", 7), ("口座名", 40), ("ダミー", 93)),
    MOVEMENTS: fields(
        *_OPENING, ("予備", 3), ("預金種目", 1), ("口座番号", 10), ("口座名", 40), ("貸越区分", 1),
        ("通帳・証書区分", 1), ("取引前残高", 14), ("ダミー", 71),
    ),
}  # fmt: skip

_TRANSFER: Sequence[tuple[str, int]] = (
    ("データ区分", 1), ("照会番号", 6), ("勘定日", 6), ("起算日", 6), ("金額", 10), ("うち他店券金額", 10),
    *_SENDER, ("取消区分", 1),
)  # fmt: skip

TRANSFER_OF_TEN = fields(*_TRANSFER, ("EDI情報", 20), ("ダミー", 52))

TRANSFER_OF_TWELVE = fields(
    *_TRANSFER, ("金額(2)", 12), ("うち他店券金額(2)", 12), ("EDI情報", 20), ("ダミー", 28)
)

SECOND_AMOUNTS = slice(128, 152)
"""Here the second form has two amounts in digits, and the first has EDI information and spaces."""

MOVEMENT = fields(
    ("データ区分", 1), ("照会番号", 8), ("勘定日", 6), ("預入・払出日", 6), ("入払区分", 1), ("取引区分", 2),
    ("取引金額", 12), ("うち他店券金額", 12), ("交換呈示日", 6), ("不渡返還日", 6), ("手形・小切手区分", 1),
    ("手形・小切手番号", 7), ("僚店番号", 3), *_SENDER, ("摘要内容", 20), ("EDI情報", 20), ("ダミー", 1),
)  # fmt: skip

TRAILERS: dict[str, Fields] = {
    TRANSFERS: fields(
        ("データ区分", 1), ("振込合計件数", 6), ("振込合計金額", 12), ("取消合計件数", 6),
        ("取消合計金額", 12), ("ダミー", 163),
    ),
    MOVEMENTS: fields(
        ("データ区分", 1), ("入金件数", 6), ("入金額合計", 13), ("出金件数", 6), ("出金額合計", 13),
        ("貸越区分", 1), ("取引後残高", 14), ("データ・レコード件数", 7), ("ダミー", 139),
    ),
}  # fmt: skip

ENDS: dict[str, Fields] = {
    TRANSFERS: fields(("データ区分", 1), ("ダミー", 199)),
    MOVEMENTS: fields(("データ区分", 1), ("レコード総件数", 10), ("口座数", 5), ("ダミー", 184)),
}

CANCELLED, CORRECTION = "1", "19"
"""取消区分 and 取引区分 of records that are no deposits of their own."""

MONEY_IN, MONEY_OUT = "1", "2"

ACCOUNTS_OF_TRANSFERS = frozenset("124 ")
"""Ordinary, current, savings; some banks leave it blank. Time deposits have other records."""
