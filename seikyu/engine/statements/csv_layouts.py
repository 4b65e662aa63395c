"""Which columns the CSV files of banks have, and by which of them a file is known.

A file has the layout of the first row, among its first ones, in which every column of a layout stands,
whatever their order and whatever stands beside them. Names are compared without width and spaces. A file
that has none of them but a date, a deposit or an amount, and a payer, under one of the names listed in
ROLES, is read as `generic`.
Sources are named in docs/concepts/bank-transfers.md, with what could not be verified.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HEADER_ROWS = 20
"""How many rows may stand before the names of the columns."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns by role. Of several names for one role the first that holds something counts.

    ``date``: one column, or year, month and day. Either ``deposit`` and ``withdrawal``, or ``amount``:
    signed, or with ``direction`` (1 in, 2 out). ``state`` holds what makes a row no deposit: STATES.
    """

    name: str
    date: tuple[str, ...]
    payer: tuple[str, ...]
    deposit: str | None = None
    withdrawal: str | None = None
    amount: str | None = None
    direction: str | None = None
    reference: tuple[str, ...] = ()
    edi: str | None = None
    bank_id: str | None = None
    payer_code: str | None = None
    account: tuple[str, ...] = ()
    state: str | None = None
    known_by: tuple[str, ...] = ()

    @property
    def required(self) -> frozenset[str]:
        """The columns that must be there."""
        money = (self.deposit, self.withdrawal, self.amount, self.direction)
        return frozenset(
            (*self.date, *self.payer, *filter(None, money), *self.known_by, *self.account)
        )


STATES = {"取消": "correction", "訂正": "correction", "欠番": "missing_number"}
"""What a bank writes in the column of states → why the row is skipped."""

LAYOUTS = (
    Layout(
        "mizuho_business_web",
        date=("勘定日",),
        deposit="入金(円)",
        withdrawal="出金(円)",
        payer=("摘要",),
        bank_id="番号",
        account=("照会口座",),
        state="明細区分",
        known_by=("番号", "取引区分", "明細区分", "残高(円)"),
    ),
    Layout(
        "mufg_bizstation",
        date=("取引日",),
        amount="取引金額",
        direction="入払区分",
        payer=("振込依頼人名",),
        payer_code="振込依頼人番号",
        reference=("摘要",),
        edi="EDI情報",
        account=("金融機関コード", "支店コード", "口座番号"),
        known_by=("振込依頼人番号", "EDI情報"),
    ),
    Layout(
        "mufg_direct",
        date=("日付",),
        deposit="預かり金額",
        withdrawal="支払い金額",
        payer=("摘要内容", "摘要"),
        reference=("メモ",),
        known_by=("差引残高",),
    ),
    Layout(
        "smbc_direct",
        date=("年月日",),
        deposit="お預入れ",
        withdrawal="お引出し",
        payer=("お取り扱い内容",),
        reference=("メモ",),
    ),
    Layout(
        "rakuten",
        date=("取引日",),
        amount="入出金(円)",
        payer=("入出金内容",),
        known_by=("取引後残高(円)",),
    ),
    Layout(
        "rakuten_before",
        date=("取引日",),
        amount="入出金(円)",
        payer=("入出金先内容",),
        known_by=("残高(円)",),
    ),
    Layout(
        "sbi_sumishin",
        date=("日付",),
        deposit="入金金額(円)",
        withdrawal="出金金額(円)",
        payer=("内容",),
        reference=("メモ",),
        known_by=("残高(円)",),
    ),
    Layout(
        "paypay_bank",
        date=("操作日(年)", "操作日(月)", "操作日(日)"),
        deposit="お預り金額",
        withdrawal="お支払金額",
        payer=("摘要",),
        reference=("メモ",),
        bank_id="取引順番号",
        known_by=("取引順番号",),
    ),
    Layout(
        "gmo_aozora",
        date=("日付",),
        deposit="入金金額",
        withdrawal="出金金額",
        payer=("摘要",),
        reference=("メモ",),
        known_by=("残高",),
    ),
    Layout(
        "sbi_shinsei",
        date=("取引日",),
        deposit="入金金額",
        withdrawal="出金金額",
        payer=("摘要",),
        reference=("メモ",),
        known_by=("残高",),
    ),
    Layout(
        "yucho_direct",
        date=("取引日",),
        deposit="受入金額(円)",
        withdrawal="払出金額(円)",
        payer=("詳細2", "詳細1"),
        bank_id="入出金明細ID",
        known_by=("入出金明細ID",),
    ),
)
"""The banks whose columns are known."""

ROLES: dict[str, tuple[str, ...]] = {
    "date": (*("日付", "取引日", "お取引日", "年月日", "取引日付", "入金日", "勘定日", "date"),),
    "deposit": (
        *("入金額", "入金金額", "入金", "お預入れ", "お預入金額", "預入金額", "お預り金額"),
        *("お預かり金額", "預り金額", "預かり金額", "受入金額", "deposit", "credit"),
    ),
    "withdrawal": (
        *("出金額", "出金金額", "出金", "お引出し", "お引出金額", "引出金額", "お支払金額"),
        *("お支払い金額", "支払金額", "支払い金額", "払出金額", "withdrawal", "debit"),
    ),
    "amount": ("金額", "取引金額", "入出金額", "入出金", "amount"),
    "payer": (
        *("振込依頼人名", "依頼人名", "振込人名", "振込名義人", "摘要内容", "お取り扱い内容"),
        *("お取引内容", "取引内容", "内容", "摘要", "payer", "description"),
    ),
    "reference": ("EDI情報", "照会番号", "メモ", "備考", "reference", "memo"),
    "bank_id": ("取引番号", "明細番号", "取引順番号", "id"),
    "payer_code": ("振込依頼人コード", "振込依頼人番号", "仮想口座番号", "payer_code"),
}
"""Role → the names under which a generic file may have it; the first that is there counts."""


def column_name(text: str) -> str:
    """Return a column's name for comparison: without width, spaces and capitals."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


def layout_of(names: Sequence[str]) -> Layout | None:
    """Return the bank's layout that a row of column names has, or None."""
    there = set(map(column_name, names))
    for layout in LAYOUTS:
        if {column_name(name) for name in layout.required} <= there:
            return layout
    return None


def generic_layout(names: Sequence[str]) -> Layout | None:
    """Return a layout for a row that names a date, money and a payer in one of the usual ways."""
    there = {re.sub(r"\(円\)$", "", column_name(name)): name for name in reversed(names)}
    chosen = {
        role: next((there[column_name(one)] for one in usual if column_name(one) in there), None)
        for role, usual in ROLES.items()
    }
    return _of_roles(chosen)


def named_layout(columns: Mapping[str, str]) -> Layout | None:
    """Return the layout of columns named by a person: role → name."""
    return _of_roles({role: columns.get(role) for role in ROLES})


def _of_roles(chosen: Mapping[str, str | None]) -> Layout | None:
    date, payer = chosen["date"], chosen["payer"]
    deposit, withdrawal, amount = chosen["deposit"], chosen["withdrawal"], chosen["amount"]
    if not date or not payer or not (deposit or amount):
        return None
    return Layout(
        "generic",
        date=(date,),
        payer=(payer,),
        deposit=deposit,
        withdrawal=withdrawal if deposit else None,
        amount=None if deposit else amount,
        reference=(chosen["reference"],) if chosen["reference"] else (),
        bank_id=chosen["bank_id"],
        payer_code=chosen["payer_code"],
    )
