"""Why a file is refused: a name, the line, and a sentence that says what to do, in two languages."""

ENGLISH, JAPANESE = "en", "ja"

PROBLEMS: dict[str, tuple[str, str]] = {
    # ── The file as a whole
    "empty": (
        "The file is empty. Download it again from the bank.",
        "ファイルが空です。銀行からもう一度ダウンロードしてください。",
    ),
    "not_text": (
        "This is no text file. Give the bank's fixed-length (Zengin) or CSV file as it was downloaded.",
        "テキストファイルではありません。銀行の全銀形式または CSV ファイルをそのまま指定してください。",
    ),
    "wrong_encoding": (
        "The characters are neither Shift_JIS nor UTF-8. Save the file in one of these encodings.",
        "文字コードが Shift_JIS でも UTF-8 でもありません。どちらかで保存し直してください。",
    ),
    "ebcdic": (
        "The file is in EBCDIC. Ask the bank for JIS (code 0).",
        "EBCDIC のファイルです。銀行のサービスでコード区分を JIS (0) にしてください。",
    ),
    "unknown_layout": (
        "The first {rows} rows hold no known column names. Name the columns, or use a Zengin file.",
        "先頭 {rows} 行に列名が見つかりません。列名を指定するか、全銀形式のファイルを使用してください。",
    ),
    "columns_missing": (
        "The columns {names} were named but are not in the file.",
        "指定された列 {names} がファイルにありません。",
    ),
    # ── Fixed-length records
    "cut_off": (
        "The file ends before its {missing} record: it was cut off. Download it again.",
        "{missing}レコードの前でファイルが終わっています。もう一度ダウンロードしてください。",
    ),
    "record_length": (
        "The record has {length} bytes instead of 200: it was cut off or edited. Download the file again.",
        "レコード長が 200 バイトではなく {length} バイトです。もう一度ダウンロードしてください。",
    ),
    "record_order": (
        "A record of kind {kind!r} cannot stand here; expected was {expected}. Download the file again.",
        "ここにデータ区分 {kind!r} は置けません (想定: {expected})。もう一度ダウンロードしてください。",
    ),
    "other_file_kind": (
        "The file is of kind {kind}. Give one of kind 01 (transfers received) or 03 (movements).",
        "種別コード {kind} のファイルです。振込入金通知 (01) または入出金取引明細 (03) を指定してください。",
    ),
    "other_account_kind": (
        "The account is of kind {kind}: transfers come to ordinary, current and savings accounts (1, 2, 4).",
        "預金種目 {kind} の明細です。普通・当座・貯蓄 (1, 2, 4) の明細を指定してください。",
    ),
    "field_not_digits": (
        "{field} must be digits but is {text!r}. The record was shifted or edited: download the file again.",
        "{field}が数字ではありません ({text!r})。もう一度ダウンロードしてください。",
    ),
    "two_amounts": (
        "Both amounts of the record are given, {first} and {second}. Ask the bank which one counts.",
        "金額 (1) {first} と金額 (2) {second} の両方に値があります。銀行に確認してください。",
    ),
    "unknown_direction": (
        "The movement is neither in (1) nor out (2) but {text!r}. Download the file again.",
        "入払区分が 1 (入金) でも 2 (出金) でもありません ({text!r})。もう一度ダウンロードしてください。",
    ),
    "totals_differ": (
        "The trailer's {what} is {told}, but the records come to {found}: download the file again.",
        "トレーラの{what} {told} が明細の合計 {found} と一致しません。もう一度ダウンロードしてください。",
    ),
    # ── Rows of CSV
    "broken_quotes": (
        "The row cannot be read as CSV: a quotation mark is missing. The file was cut off or edited.",
        "CSV として読めません (引用符が閉じていません)。ファイルが途中で切れているか編集されています。",
    ),
    "cells_differ": (
        "The row has {found} cells and the header {expected}: it was cut off or edited. Download it again.",
        "列数 {found} が見出しの {expected} と一致しません。もう一度ダウンロードしてください。",
    ),
    "both_directions": (
        "The row has money in ({deposit}) and money out ({withdrawal}). Correct the row.",
        "入金 ({deposit}) と出金 ({withdrawal}) の両方に金額があります。行を修正してください。",
    ),
    # ── Values
    "bad_amount": (
        "{text!r} is no amount in whole yen.",
        "{text!r} は円単位の金額として読めません。",
    ),
    "amount_too_large": (
        "The amount {text} has more than 12 digits.",
        "金額 {text} が 12 桁を超えています。",
    ),
    "bad_date": (
        "{text!r} is no date, or no day that there is.",
        "{text!r} は日付として読めません。",
    ),
    "date_to_come": (
        "The date {text!r} lies in the future. Check the year.",
        "日付 {text!r} が未来です。年を確認してください。",
    ),
}
"""Name → what is wrong and what to do, in English and Japanese; `{…}` are filled in."""


class StatementRefused(Exception):
    """The file cannot be taken as a statement; nothing of it was taken.

    ``problem`` is a name in PROBLEMS; ``line`` the number of the line or record, from 1, or None when it
    is the file as a whole; ``facts`` what the sentence mentions.
    """

    def __init__(self, problem: str, line: int | None = None, **facts: object) -> None:
        """Name the problem."""
        self.problem = problem
        self.line = line
        self.facts = facts
        super().__init__(self.sentence())

    def sentence(self, language: str = ENGLISH) -> str:
        """Return what is wrong and what to do, ``language`` being ``en`` or ``ja``."""
        english, japanese = PROBLEMS[self.problem]
        text = (japanese if language == JAPANESE else english).format(**self.facts)
        if self.line is None:
            return text
        return f"{self.line} 行目: {text}" if language == JAPANESE else f"Line {self.line}: {text}"
