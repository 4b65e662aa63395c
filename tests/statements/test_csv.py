"""CSV files of banks: each known layout, files with columns of their own, and rows that are broken."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seikyu.engine.statements import StatementRefused, read_statement
from tests.statements.files import TODAY

BANKS: dict[str, tuple[str, str]] = {
    "mufg_direct": (
        "日付,摘要,摘要内容,支払い金額,預かり金額,差引残高,メモ,未資金化区分,入払区分",
        ('"2026/3/10","振込１","カ）サンプル商事","","330,000","1,330,000","","",""\n'
        '"2026/3/10","口座振替","サンプル電気","10,560","","1,319,440","","",""'),
    ),
    "mufg_bizstation": (
        ("金融機関コード,金融機関名,支店コード,支店名,科目,口座番号,口座名,取引日,入払区分,取引区分,取引金額,"
        "内他店券金額,手形・小切手区分,手形・小切手番号,振込依頼人番号,振込依頼人名,仕向金融機関名,"
        "仕向支店名,摘要,EDI情報"),
        ('"9999","ｻﾝﾌﾟﾙ","001","ﾎﾝﾃﾝ","1","0001234567","ｻﾝﾌﾟﾙ","080310","1","11","000000330000",'
        '"000000000000","","","0000000042","ｶ)ｻﾝﾌﾟﾙ商事","ｻﾝﾌﾟﾙ","ｼﾃﾝ","",""\n'
        '"9999","ｻﾝﾌﾟﾙ","001","ﾎﾝﾃﾝ","1","0001234567","ｻﾝﾌﾟﾙ","080310","2","14","000000010560",'
        '"000000000000","","","","","","","ｻﾝﾌﾟﾙ",""'),
    ),
    "smbc_direct": (
        "年月日,お引出し,お預入れ,お取り扱い内容,残高,メモ,ラベル",
        '2026/3/10,,330000,"振込　ｶ)ｻﾝﾌﾟﾙ商事",1330000,"",\n2026/3/10,10560,,"ｻﾝﾌﾟﾙ",1319440,"",',
    ),
    "mizuho_business_web": (
        ("照会口座,番号,勘定日,（起算日）,出金（円）,入金（円）,小切手区分,残高（円）,取引区分,明細区分,"
        "金融機関名,支店名,摘要"),
        ('"本店 普通 1234567","00001","2026/03/10","","","330000","","1330000","振込入金","",'
        '"サンプル","支店","カ)サンプル商事"\n'
        '"本店 普通 1234567","00002","2026/03/10","","10560","","","1319440","振替支払","","","","サンプル"'),
    ),
    "rakuten": (
        "取引日,入出金(円),取引後残高(円),入出金内容",
        "20260310,330000,1330000,カ）サンプル商事\n20260310,-10560,1319440,サンプル",
    ),
    "rakuten_before": (
        "取引日,入出金(円),残高(円),入出金先内容",
        "2026/03/10,330000,1330000,振込 カ）サンプル商事\n2026/03/10,-10560,1319440,サンプル",
    ),
    "sbi_sumishin": (
        '"日付","内容","出金金額(円)","入金金額(円)","残高(円)","メモ"',
        ('"2026/03/10","振込＊カ）サンプル商事","","330,000","1,330,000","-"\n'
        '"2026/03/10","サンプル","10,560","","1,319,440","-"'),
    ),
    "paypay_bank": (
        ('"操作日(年)","操作日(月)","操作日(日)","操作時刻(時)","操作時刻(分)","操作時刻(秒)","取引順番号",'
        '"摘要","お支払金額","お預り金額","残高","メモ"'),
        ('"2026","3","10","9","00","00","12","カ）サンプル商事","","330000","1330000",""\n'
        '"2026","3","10","9","00","01","13","サンプル","10560","","1319440",""'),
    ),
    "gmo_aozora": (
        '"日付","摘要","入金金額","出金金額","残高","メモ"',
        ('"20260310","振込 カ）サンプル商事","330000","","1330000",""\n'
        '"20260310","サンプル","","10560","1319440",""'),
    ),
    "sbi_shinsei": (
        '"取引日","摘要","出金金額","入金金額","残高","メモ"',
        ('"2026/03/10","振込 カ）サンプル商事","","330,000","1,330,000",""\n'
        '"2026/03/10","サンプル","10,560","","1,319,440",""'),
    ),
    "yucho_direct": (
        ('お客さま口座情報\n現在高：,"1,319,440",円,\n出力日時：令和 08 年 03 月 31 日\n'
        "取引日,入出金明細ＩＤ,受入金額（円）,払出金額（円）,詳細１,詳細２,現在（貸付）高,"),
        ("20260310,202603100000001,330000,,振込,カ）サンプル商事,1330000,\n"
        "20260310,202603100000002,,10560,自払,サンプル,1319440,"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("bank", BANKS)
@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_the_deposit_in_the_file_of_a_bank_is_read(bank: str, encoding: str) -> None:
    names, rows = BANKS[bank]
    data = f"{names}\n{rows}\n".replace("\n", "\r\n").encode(encoding)
    found = read_statement(data, today=TODAY)
    assert found.format == bank
    (line,) = found.lines
    assert (line.date, line.amount) == (date(2026, 3, 10), 330_000)
    assert (line.payer_kana, line.payer_name) == ("カ)サンプル商事", "株式会社サンプル商事")
    assert line.line_number == len(names.split("\n")) + 1
    assert [(one.reason, one.amount) for one in found.skipped] == [("withdrawal", 10_560)]


def test_what_else_a_bank_says_of_a_deposit_is_kept() -> None:
    names, rows = BANKS["mufg_bizstation"]
    row = rows.split("\n")[0].removesuffix('""') + '"AB-0001"'
    (line,) = read_statement(f"{names}\n{row}".encode("cp932"), today=TODAY).lines
    assert (line.payer_code, line.edi, line.reference) == ("0000000042", "AB-0001", "AB-0001")
    assert line.account == "9999-001-0001234567"
    names, rows = BANKS["yucho_direct"]
    (line,) = read_statement(f"{names}\n{rows}".encode("cp932"), today=TODAY).lines
    assert line.bank_id == "202603100000001"


def test_rows_that_a_bank_took_back_or_left_out_are_skipped() -> None:
    names, rows = BANKS["mizuho_business_web"]
    row = rows.split("\n")[0]
    cancelled, missing = (
        row.replace('"振込入金",""', f'"振込入金","{state}"') for state in ("取消", "欠番")
    )
    data = f"{names}\n{row}\n{cancelled}\n{missing}\n".encode("cp932")
    found = read_statement(data, today=TODAY)
    assert len(found.lines) == 1
    assert [(one.line_number, one.reason) for one in found.skipped] == [
        (3, "correction"),
        (4, "missing_number"),
    ]


def test_a_negative_deposit_takes_one_back() -> None:
    data = "日付,摘要,入金金額,出金金額,残高\n2026/3/1,サンプル,-500,,0\n2026/3/1,サンプル,,,0\n"
    found = read_statement(data.encode(), today=TODAY)
    assert [(one.reason, one.amount) for one in found.skipped] == [
        ("correction", -500),
        ("no_amount", None),
    ]


# ── Columns of their own


@pytest.mark.parametrize(
    "text",
    [
        "入金日,入金額,振込依頼人名\n2026-03-10,330000,サンプル\n",
        "振込依頼人名\t年月日\t金額\nサンプル\t令和8年3月10日\t330000円\n",
        'Date,Payer,Amount\nR8.3.10,サンプル,"¥330,000"\n',
        "date,description,deposit,withdrawal\n26/03/10,サンプル,３３０，０００,\n",
        "明細\n\n日付,お預入金額（円）,お引出金額（円）,お取引内容\n08年3月10日,330000,0,サンプル\n",
    ],
)
def test_usual_names_of_columns_are_understood(text: str) -> None:
    found = read_statement(text.encode(), today=TODAY)
    assert found.format == "generic"
    (line,) = found.lines
    assert (line.date, line.amount, line.payer_kana) == (date(2026, 3, 10), 330_000, "サンプル")


def test_columns_may_be_named() -> None:
    text = (
        "いつ,いくら,だれ,なに,番号\n2026/3/10,500,サンプル,AB-0001,77\n2026/3/10,-9,サンプル,,78\n"
    )
    columns = {
        "date": "いつ",
        "amount": "いくら",
        "payer": "だれ",
        "reference": "なに",
        "bank_id": "番号",
    }
    found = read_statement(text.encode(), today=TODAY, columns=columns)
    (line,) = found.lines
    assert (line.amount, line.reference, line.bank_id) == (500, "AB-0001", "77")
    assert [one.reason for one in found.skipped] == ["withdrawal"]


@pytest.mark.parametrize(
    ("columns", "problem", "word"),
    [
        ({"date": "日付", "payer": "摘要"}, "unknown_layout", "Name the columns"),
        ({"date": "いつ", "payer": "摘要", "amount": "額"}, "columns_missing", "いつ, 額"),
    ],
)
def test_columns_that_are_not_there_are_named(
    columns: dict[str, str], problem: str, word: str
) -> None:
    text = "日付,摘要,入金金額,出金金額,残高\n2026/3/1,サンプル,500,,0\n"
    with pytest.raises(StatementRefused, match=word) as refused:
        read_statement(text.encode(), today=TODAY, columns=columns)
    assert refused.value.problem == problem


# ── Rows that are refused

NAMES = "日付,摘要,入金金額,出金金額,残高"

BROKEN = {
    "too few cells": ("2026/3/1,サンプル,50", "cells_differ", 2),
    "too many cells": ("2026/3/1,サンプル,500,,0,1", "cells_differ", 2),
    "a quotation mark that does not close": ('2026/3/1,"サンプル,500,,0\n', "broken_quotes", 2),
    "a quotation mark in the middle": ('2026/3/1,"サン"プル,500,,0', "broken_quotes", 2),
    "no date": (",サンプル,500,,0", "bad_date", 2),
    "a day that there is not": ("2026/2/29,サンプル,500,,0", "bad_date", 2),
    "a word for a date": ("合計,サンプル,500,,0", "bad_date", 2),
    "a day to come": ("2026/6/1,サンプル,500,,0", "date_to_come", 2),
    "half a yen": ("2026/3/1,サンプル,500.5,,0", "bad_amount", 2),
    "a word for an amount": ("2026/3/1,サンプル,五百,,0", "bad_amount", 2),
    "commas in the wrong places": ('2026/3/1,サンプル,"50,00",,0', "bad_amount", 2),
    "thirteen digits": ("2026/3/1,サンプル,1000000000000,,0", "amount_too_large", 2),
    "thirteen digits going out": ("2026/3/1,サンプル,,1000000000000,0", "amount_too_large", 2),
    "in and out": ("2026/3/1,サンプル,500,500,0", "both_directions", 2),
    "the second row": ("2026/3/1,サンプル,500,,0\n2026/3/1,サンプル,x,,0", "bad_amount", 3),
    "behind a row of two lines": ('2026/3/1,"サン\nプル",500,,0\n2026/3/1,x', "cells_differ", 4),
    "behind an empty line": ("\n\n2026/3/1,x", "cells_differ", 4),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_row_is_refused_naming_the_line(case: str) -> None:
    row, problem, line = BROKEN[case]
    with pytest.raises(StatementRefused) as refused:
        read_statement(f"{NAMES}\n{row}".encode("cp932"), today=TODAY)
    assert (refused.value.problem, refused.value.line) == (problem, line)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("これは明細ではありません\n", "utf-8"),
        ("a,b,c\n1,2,3\n", "ascii"),
        ("\n" * 5 + "x\n" * 21 + NAMES + "\n2026/3/1,サンプル,500,,0", "cp932"),
        (NAMES + "\n2026/3/1,サンプル,500,,0", "euc-jp"),
    ],
)
def test_a_file_without_known_columns_is_refused(text: str, encoding: str) -> None:
    with pytest.raises(StatementRefused) as refused:
        read_statement(text.encode(encoding), today=TODAY)
    assert refused.value.problem in {"unknown_layout", "wrong_encoding"}


@pytest.mark.parametrize("encoding", ["utf-16", "iso-2022-jp"])
def test_other_encodings_are_refused_by_name(encoding: str) -> None:
    text = NAMES + "\n2026/3/1,サンプル,500,,0\n"
    with pytest.raises(StatementRefused) as refused:
        read_statement(text.encode(encoding), today=TODAY)
    assert refused.value.problem == "wrong_encoding"


def test_twelve_digits_are_an_amount() -> None:
    text = f'{NAMES}\n2026/3/1,サンプル,"999,999,999,999",,0\n'
    assert read_statement(text.encode(), today=TODAY).total == 999_999_999_999


rows = st.lists(
    st.tuples(
        st.dates(date(2019, 5, 1), TODAY),
        st.text("アイウエオサンプルABC ・", min_size=1, max_size=12).filter(str.strip),
        st.integers(1, 10**12 - 1),
        st.booleans(),
    ),
    max_size=8,
)


@given(rows, st.sampled_from(["cp932", "utf-8", "utf-8-sig"]), st.sampled_from(["\r\n", "\n"]))
@settings(max_examples=150, deadline=None)
def test_what_a_bank_writes_is_read(
    given_: list[tuple[date, str, int, bool]], encoding: str, newline: str
) -> None:
    text = NAMES + newline
    for day, payer, amount, out in given_:
        money = f',"{amount:,}"' if out else f'"{amount:,}",'
        text += f'{day:%Y/%m/%d},"{payer}",{money},0{newline}'
    found = read_statement(text.encode(encoding), today=TODAY)
    deposits = [(day, amount) for day, _, amount, out in given_ if not out]
    assert [(line.date, line.amount) for line in found.lines] == deposits
    assert len(found.skipped) == len(given_) - len(deposits)
    assert len({line.fingerprint for line in found.lines}) == len(deposits)


@given(rows.filter(bool), st.data())
@settings(max_examples=150, deadline=None)
def test_a_row_that_was_cut_before_its_last_cell_is_refused(
    given_: list[tuple[date, str, int, bool]], data: st.DataObject
) -> None:
    text = NAMES + "\n"
    for day, payer, amount, _ in given_:
        text += f"{day:%Y%m%d},{payer},{amount},,7\n"
    last = text.rstrip("\n").rindex("\n") + 1
    cut = data.draw(st.integers(last + 1, text.rindex(",")))
    with pytest.raises(StatementRefused):
        read_statement(text[:cut].encode("cp932"), today=TODAY)
