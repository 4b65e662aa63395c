"""How a sheet becomes a PDF: fonts inside, the same bytes each time, and texts that stay texts."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from seikyu.engine.documents.press import Press, inputs_of, printable
from seikyu.engine.documents.sheet import Item, Party, Sheet, Stamp, Sum, Table
from tests.documents.reader import Pdf

BARE = Sheet(
    language="ja",
    paper="a4",
    dated=1_772_290_800,
    title="請求書",
    running_title="請求書 0001",
    page_number="{page} / {pages} ページ",
    issuer=Party("株式会社サンプル制作所"),
    recipient=Party("株式会社サンプル商事 御中"),
    facts=(("請求書番号", "0001"),),
    headline=("ご請求額", "¥500"),
    headings=("品目", "数量", "単価", "税率", "金額"),
    items=(Item("制作費", "¥500"),),
    sums=(Sum("合計", "¥500", strong=True),),
)
HOSTILE = (
    '#panic("x")',
    '#read("/etc/passwd") $x^2$ #sys.inputs',
    "*太字* _斜体_ `code` @label <label> = 見出し",
    '\\ // /* #import "@preview/x:1.0.0": * ]]})',
    "\"quoted\" 'single' -- --- ... ~ {page}",
    "]#set page(width: 1pt)[",
)


@pytest.fixture(scope="module")
def press() -> Press:
    return Press()


def test_the_japanese_font_is_inside(press: Press) -> None:
    pdf = Pdf(press.set(BARE))
    assert pdf.fonts == {"NotoSansCJKjp-Regular", "NotoSansCJKjp-Bold"}
    assert pdf.shows("請求書", "株式会社サンプル商事 御中", "制作費", "¥500", "1 / 1 ページ")


def test_a_sheet_is_the_same_bytes_each_time(press: Press) -> None:
    first = press.set(BARE)
    other = press.set(replace(BARE, title="領収書"))
    assert other != first
    assert press.set(BARE) == first
    assert Press().set(BARE) == first


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_in_any_text_is_printed_as_it_was_typed(press: Press, text: str) -> None:
    pdf = Pdf(
        press.set(
            replace(
                BARE,
                issuer=Party(text, (f"1{text}",)),
                recipient=Party(f"2{text}", (f"3{text}",)),
                facts=((f"4{text}", f"5{text}"),),
                headline=("ご請求額", f"6{text}"),
                lead=f"7{text}",
                memo=f"8{text}",
                items=(Item(f"9{text}", "¥500", note=f"10{text}"),),
                notes=(f"11{text}",),
                footer=f"12{text}",
                stamp=Stamp(f"13{text}", "void", f"14{text}", across="無効"),
                shares=Table(f"15{text}", ("a", "b"), ((f"16{text}", "1"),)),
                address=("お支払い", f"https://pay.example.jp/{text}"),
                running_title=f"17{text}",
            )
        )
    )
    assert pdf.shows(*(f"{place}{text}" for place in range(1, 18)))
    assert len(pdf.pages) == 1


def test_lines_that_were_typed_are_kept_and_long_words_stay_on_the_sheet(press: Press) -> None:
    pdf = Pdf(press.set(replace(BARE, memo="一行目\r\n二行目\n" + "W" * 2_000)))
    assert pdf.shows("一行目二行目" + "W" * 2_000)


def test_a_long_address_is_broken_on_paper_and_whole_where_it_leads(press: Press) -> None:
    url = "https://seikyu.customer-billing.example.jp/tenants/sample-trading/i/" + "aB3" * 40
    pdf = Pdf(press.set(replace(BARE, address=("お支払い", url))))
    assert set(pdf.links) == {url}
    assert pdf.shows(url)
    assert "\\u200b" not in inputs_of(replace(BARE, address=("お支払い", url)))


def test_many_lines_run_over_pages_that_each_say_what_they_are(press: Press) -> None:
    items = tuple(
        Item(f"作業 {number} 回目", f"¥{number}", "1", "¥9", "10%") for number in range(250)
    )
    pages = Pdf(press.set(replace(BARE, items=items))).pages
    assert len(pages) == 8
    for number, page in enumerate(pages, 1):
        assert f"{number}/8ページ" in page
        assert "請求書0001" in page
        # The last page may hold the sums alone.
        assert "品目数量単価税率金額" in page or number == 8
    assert [f"作業{number}回目" in "".join(pages) for number in range(250)] == [True] * 250
    assert "合計¥500" in pages[-1]


def test_columns_that_no_line_fills_are_left_out(press: Press) -> None:
    assert Pdf(press.set(BARE)).lacks("数量", "単価", "税率")
    counted = replace(BARE, items=(Item("制作費", "¥500", quantity="2"),))
    assert Pdf(press.set(counted)).shows("品目数量金額", "制作費2¥500")


def test_threads_that_print_at_once_get_each_their_own(press: Press) -> None:
    sheets = [replace(BARE, recipient=Party(f"サンプル {number} 様")) for number in range(24)]
    with ThreadPoolExecutor(8) as threads:
        printed = list(threads.map(press.set, sheets))
    for number, content in enumerate(printed):
        assert Pdf(content).shows(f"サンプル {number} 様")


def test_what_would_deceive_or_break_is_not_printed() -> None:
    assert printable("a\x00b\x1bc\x7fd\ufeff") == "abcd"
    assert printable("¥1\u202e000\u202c") == "¥1000"
    assert printable("half \ud83d of a pair") == "half ? of a pair"
    assert printable("一\r\n二\r三\t四") == "一\n二\n三 四"
    assert printable("葛\U000e0100城市") == "葛\U000e0100城市"


def test_only_words_that_are_too_long_get_places_to_break() -> None:
    assert printable("x" * 23) == "x" * 23
    assert printable("x" * 24) == "xxxxxxxx\u200bxxxxxxxx\u200bxxxxxxxx"
    assert printable("長" * 100) == "長" * 100


def test_the_template_gets_the_sheet_as_json() -> None:
    read = json.loads(inputs_of(BARE))
    assert read["issuer"] == {"name": "株式会社サンプル制作所", "details": []}
    assert (read["stamp"], read["language"], read["facts"]) == (
        None,
        "ja",
        [["請求書番号", "0001"]],
    )


def test_letter_paper_for_those_who_use_it(press: Press) -> None:
    assert Pdf(press.set(BARE)).size == (595, 841)
    assert Pdf(press.set(replace(BARE, paper="us-letter"))).size == (612, 792)
