"""Single values of a statement: names, dates, amounts."""

from datetime import date

import pytest

from seikyu.engine.statements import StatementRefused
from seikyu.engine.statements.amounts import read_amount
from seikyu.engine.statements.dates import read_date
from seikyu.engine.statements.kana import name_key, widened, written_out

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ｶ)ｻﾝﾌﾟﾙ", "カ)サンプル"),
        ("ﾊﾞﾋﾞﾌﾞﾊﾟﾋﾟﾌﾟｳﾞ", "バビブパピプヴ"),
        ("ハ゛ナナ", "バナナ"),
        ("ｻ-ﾋﾞｽ ｾﾝﾀ-", "サービス センター"),
        ("サ－ビス", "サービス"),
        ("ＡＢＣ－１２３", "ABC-123"),
        ("  サンプル　　タロウ ", "サンプル タロウ"),
        ("㈱サンプル", "(株)サンプル"),
    ],
)
def test_names_are_widened(written: str, read: str) -> None:
    assert widened(written) == read


@pytest.mark.parametrize(
    ("kana", "name"),
    [
        ("カ)サンプル", "株式会社サンプル"),
        ("サンプル(カ", "サンプル株式会社"),
        ("サンプル(カ)", "サンプル株式会社"),
        ("サンプル(カ)シテン", "サンプル 株式会社 シテン"),
        ("ユ)サンプル", "有限会社サンプル"),
        ("ド)サンプル", "合同会社サンプル"),
        ("シャ)サンプル", "社団法人サンプル"),
        ("トクヒ)サンプル", "特定非営利活動法人サンプル"),
        ("チドク)サンプル", "地方独立行政法人サンプル"),
        ("サンプル タロウ", "サンプル タロウ"),
        ("サンプル)カ", "サンプル)カ"),
        ("イカ)サンプル", "イカ)サンプル"),
    ],
)
def test_legal_forms_are_written_out(kana: str, name: str) -> None:
    assert written_out(kana) == name


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("ｶ)ｻﾝﾌﾟﾙｼﾖｳｼﾞ", ("サンプルシヨウジ", "株式会社")),
        ("カブシキガイシャサンプルショウジ", ("サンプルシヨウジ", "株式会社")),
        ("株式会社サンプルしょうじ", ("サンプルシヨウジ", "株式会社")),
        ("(株)サンプル・ショウジ", ("サンプルシヨウジ", "株式会社")),
        ("サンプルショージ", ("サンプルシヨジ", "")),
        ("ｻﾝﾌﾟﾙｼﾖ-ｼﾞ", ("サンプルシヨジ", "")),
        ("サンプル商事 合同会社", ("サンプル商事", "合同会社")),
        ("Sample K.K.", ("SAMPLEKK", "")),
        ("地方独立行政法人サンプル", ("サンプル", "地方独立行政法人")),
        ("", ("", "")),
    ],
)
def test_names_are_compared_by_their_key(name: str, key: tuple[str, str]) -> None:
    assert name_key(name) == key


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026/3/1", date(2026, 3, 1)),
        ("2026-03-01", date(2026, 3, 1)),
        ("2026.3.1", date(2026, 3, 1)),
        ("20260301", date(2026, 3, 1)),
        ("２０２６年３月１日", date(2026, 3, 1)),
        ("2026/03/01 12:34:56", date(2026, 3, 1)),
        ("2026-03-01T12:34", date(2026, 3, 1)),
        ("令和8年3月1日", date(2026, 3, 1)),
        ("令和 08 年 03 月 01 日", date(2026, 3, 1)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("㋿8年3月1日", date(2026, 3, 1)),
        ("R8.3.1", date(2026, 3, 1)),
        ("r08/03/01", date(2026, 3, 1)),
        ("H31.4.30", date(2019, 4, 30)),
        ("平成30年12月31日", date(2018, 12, 31)),
        ("昭和64年1月7日", date(1989, 1, 7)),
        ("080301", date(2026, 3, 1)),
        ("260301", date(2026, 3, 1)),
        ("26/03/01", date(2026, 3, 1)),
        ("310430", date(2019, 4, 30)),
        ("010501", date(2019, 5, 1)),
        ("000229", date(2000, 2, 29)),
        ("080430", date(2026, 4, 30)),
        ("080502", date(2008, 5, 2)),
    ],
)
def test_dates_are_read(text: str, day: date) -> None:
    """The last two: up to a month ahead is this year, beyond it the year is read otherwise."""
    assert read_date(text, TODAY, 1) == day


@pytest.mark.parametrize(
    "text", ["", "3/1", "2026/13/1", "2026/2/30", "026/3/1", "8/3", "080001", "2026-3", "march"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(StatementRefused) as refused:
        read_date(text, TODAY, 7)
    assert (refused.value.problem, refused.value.line) == ("bad_date", 7)


@pytest.mark.parametrize("text", ["2026/05/02", "R9.1.1", "29991231"])
def test_days_to_come_are_refused(text: str) -> None:
    with pytest.raises(StatementRefused) as refused:
        read_date(text, TODAY, 7)
    assert refused.value.problem == "date_to_come"


@pytest.mark.parametrize(
    ("text", "yen"),
    [
        ("330000", 330_000),
        ("330,000", 330_000),
        ("¥330,000", 330_000),
        ("￥330,000", 330_000),
        ("\\330,000", 330_000),
        ("３３０，０００円", 330_000),
        ("+330000", 330_000),
        ("-330,000", -330_000),
        ("−330,000", -330_000),
        ("▲330,000", -330_000),
        ("△1", -1),
        ("000000330000", 330_000),
        ("0000000000330000", 330_000),
        ("999999999999", 999_999_999_999),
        ("0", 0),
        ("", None),
        (" ", None),
        ("-", None),
    ],
)
def test_amounts_are_read(text: str, yen: int | None) -> None:
    assert read_amount(text, 1) == yen


@pytest.mark.parametrize("text", ["1.5", "1e3", "12,34", "x", "1 000,5", "--1", "(500)", "½"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(StatementRefused) as refused:
        read_amount(text, 4)
    assert (refused.value.problem, refused.value.line) == ("bad_amount", 4)


def test_thirteen_digits_are_refused() -> None:
    with pytest.raises(StatementRefused, match="more than 12 digits"):
        read_amount("1,000,000,000,000", 4)
