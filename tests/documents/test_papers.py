"""What the invoice and the receipt say on paper, in every status and language, and how they are sent."""

import threading
from typing import Any

import httpx2
import pytest

from seikyu.engine.hosted import papers, printing
from seikyu.engine.hosted.paper_words import PAPER_WORDS
from seikyu.engine.hosted.words import WORDS
from tests.documents.conftest import Fetch
from tests.documents.reader import Pdf
from tests.hosted.shop import START, Issuer, Shop, Visitor

DAY = 86_400
ADDRESS = {
    "address[postal_code]": "150-0001",
    "address[state]": "東京都",
    "address[city]": "渋谷区",
    "address[line1]": "神宮前1-2-3",
    "address[line2]": "サンプルビル 4F",
    "address[country]": "JP",
}


def _rate(issuer: Issuer, percentage: str, **form: str) -> str:
    given = {"display_name": "消費税", "percentage": percentage, "inclusive": "false", **form}
    rate: str = issuer.post("/v1/tax_rates", given)["id"]
    return rate


def _full(issuer: Issuer, **form: str) -> dict[str, Any]:
    """¥300,000 at 10 %, ¥8,640 at 8 %, and ¥30,630 of withheld income tax: ¥308,701."""
    given = {
        "customer": issuer.customer(**ADDRESS),
        "description": "2月分のご請求です。",
        "footer": "振込手数料はご負担ください。",
        "custom_fields[0][name]": "発注番号",
        "custom_fields[0][value]": "PO-2026-0077",
        **form,
    }
    draft = issuer.draft(300_000, **given)
    line = draft["lines"]["data"][0]["id"]
    changed = {
        "tax_rates[0]": _rate(issuer, "10"),
        "period[start]": START - 28 * DAY,
        "period[end]": START - DAY,
    }
    issuer.post(f"/v1/invoices/{draft['id']}/lines/{line}", changed)
    added = {
        "lines[0][description]": "お弁当",
        "lines[0][price_data][unit_amount]": 864,
        "lines[0][price_data][currency]": "jpy",
        "lines[0][price_data][product_data][name]": "お弁当",
        "lines[0][quantity]": 10,
        "lines[0][tax_rates][0]": _rate(issuer, "8"),
        "lines[1][description]": "源泉徴収税",
        "lines[1][amount]": -30_630,
    }
    issuer.post(f"/v1/invoices/{draft['id']}/add_lines", added)
    return issuer.do(draft, "finalize")


def _pay(invoice: dict[str, Any]) -> None:
    visitor = Visitor()
    assert visitor.pay(invoice["hosted_invoice_url"]).status == 303
    visitor.client.close()


# ── statuses ───────────────────────────────────────────────────────────────────────────────────


def test_an_open_invoice_says_all_that_a_qualified_invoice_must(
    issuer: Issuer, fetch: Fetch
) -> None:
    invoice = _full(issuer)
    pdf = fetch(invoice["invoice_pdf"])
    assert pdf.fonts == {"NotoSansCJKjp-Regular", "NotoSansCJKjp-Bold"}
    assert len(pdf.pages) == 1
    assert pdf.shows(
        "請求書",
        "株式会社サンプル商事 御中",
        "〒150-0001 東京都渋谷区神宮前1-2-3 サンプルビル 4F",
        f"請求書番号 {invoice['number']}",
        "発行日 2026年3月1日",
        "発注番号 PO-2026-0077",
        "株式会社サンプル制作所 登録番号 T1234567890123",
        "ご請求額（税込） ¥308,701 お支払い期限 2026年3月31日",
        "2月分のご請求です。",
        "品目 数量 単価 税率 金額",
        "制作費 2026年2月1日〜2026年2月28日 10% ¥300,000",
        "お弁当 ※ 10 ¥864 8% ¥8,640",
        "源泉徴収税 −¥30,630",
        "税率 対象額（税抜） 消費税額",
        "10% ¥300,000 ¥30,000",
        "8% ※ ¥8,640 ¥691",
        "対象外 −¥30,630 –",
        "※ は軽減税率（8%）対象",
        "小計 ¥278,010 消費税 ¥30,691 合計 ¥308,701",
        invoice["hosted_invoice_url"],
        "振込手数料はご負担ください。",
        "テストモード",
        "1 / 1 ページ",
    )
    assert pdf.lacks("お支払い済み", "無効", "お支払いの記録")
    assert pdf.links == [invoice["hosted_invoice_url"]]


def test_a_paid_invoice_is_marked_as_paid_and_says_how(issuer: Issuer, fetch: Fetch) -> None:
    invoice = _full(issuer)
    _pay(invoice)
    pdf = fetch(invoice["invoice_pdf"])
    assert pdf.shows(
        "お支払い済み 2026年3月1日",
        "ご請求額（税込） ¥308,701",
        "お支払い済み額 −¥308,701 残りのお支払い額 ¥0",
        "お支払いの記録 お支払い方法 お支払い日 金額 Visa •••• 4242 2026年3月1日 ¥308,701",
    )
    assert pdf.lacks(invoice["hosted_invoice_url"], "無効")


def test_a_void_invoice_is_marked_across_each_page_and_asks_for_nothing(
    shop: Shop, issuer: Issuer, fetch: Fetch
) -> None:
    draft = issuer.draft()
    lines = {
        f"lines[{number}][{name}]": value
        for number in range(60)
        for name, value in (("amount", 10), ("description", f"作業 {number}"))
    }
    issuer.post(f"/v1/invoices/{draft['id']}/add_lines", lines)
    invoice = issuer.do(draft, "finalize")
    shop.time.now += DAY
    issuer.do(invoice, "void")
    pdf = fetch(invoice["invoice_pdf"])
    assert len(pdf.pages) == 3
    assert [page.startswith("無効") for page in pdf.pages] == [True, True, True]
    assert pdf.shows("無効 2026年3月2日 に無効", "合計 ¥10,600")
    assert pdf.lacks(invoice["hosted_invoice_url"], "お支払い済み")
    english = fetch(f"{invoice['invoice_pdf']}?locale=en")
    assert [page.startswith("VOID") for page in english.pages] == [True, True, True]


def test_an_uncollectible_invoice_can_still_be_paid_and_says_where(
    issuer: Issuer, fetch: Fetch
) -> None:
    invoice = _full(issuer)
    issuer.do(invoice, "mark_uncollectible")
    pdf = fetch(invoice["invoice_pdf"])
    assert pdf.shows("ご請求額（税込） ¥308,701", invoice["hosted_invoice_url"])
    assert pdf.lacks("未回収", "無効", "お支払い済み")


def test_an_invoice_that_needs_no_payment_has_no_receipt(
    issuer: Issuer, fetch: Fetch, client: httpx2.Client
) -> None:
    invoice = issuer.open_invoice(0)
    assert invoice["status"] == "paid"
    assert fetch(invoice["invoice_pdf"]).shows("ご請求額 ¥0", "お支払い済み")
    page = client.get(f"{invoice['hosted_invoice_url']}/receipt")
    assert page.status_code == 303


def test_a_draft_and_an_unknown_key_have_no_paper(
    shop: Shop, issuer: Issuer, client: httpx2.Client
) -> None:
    assert issuer.draft()["invoice_pdf"] is None
    for paper in ("pdf", "receipt"):
        answer = client.get(f"{shop.base}/i/{'x' * 48}/{paper}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


# ── the receipt ────────────────────────────────────────────────────────────────────────────────


def test_the_receipt_says_who_paid_what_when_and_what_for(
    shop: Shop, issuer: Issuer, fetch: Fetch
) -> None:
    invoice = _full(issuer)
    shop.time.now += 3 * DAY
    _pay(invoice)
    pdf = fetch(f"{invoice['hosted_invoice_url']}/receipt")
    assert pdf.shows(
        "領収書",
        "株式会社サンプル商事 御中",
        "領収日 2026年3月4日",
        "下記の金額を正に領収いたしました。",
        "領収金額（税込） ¥308,701",
        f"但し、請求書 {invoice['number']} の代金として",
        "株式会社サンプル制作所 登録番号 T1234567890123",
        "8% ※ ¥8,640 ¥691",
        "Visa •••• 4242 2026年3月4日 ¥308,701",
    )
    assert pdf.lacks("残りのお支払い額", "ご請求額", "振込手数料")


def test_money_that_came_outside_is_on_the_receipt_too(issuer: Issuer, fetch: Fetch) -> None:
    invoice = issuer.open_invoice(10_000)
    issuer.do(invoice, "pay", paid_out_of_band="true")
    pdf = fetch(f"{invoice['hosted_invoice_url']}/receipt")
    assert pdf.shows("領収金額 ¥10,000", "カード以外でのお支払い 2026年3月1日 ¥10,000")


def test_an_invoice_that_is_not_paid_shows_its_page_instead_of_a_receipt(
    issuer: Issuer, client: httpx2.Client
) -> None:
    invoice = issuer.open_invoice()
    for status in ("open", "uncollectible", "void"):
        if status != "open":
            issuer.do(invoice, {"void": "void", "uncollectible": "mark_uncollectible"}[status])
        answer = client.get(f"{invoice['hosted_invoice_url']}/receipt?locale=en")
        assert answer.status_code == 303
        assert client.get(str(answer.url.join(answer.headers["location"]))).status_code == 200


def test_the_page_links_to_the_papers_that_there_are(issuer: Issuer) -> None:
    invoice = issuer.open_invoice()
    visitor = Visitor()
    seen = visitor.open(invoice["hosted_invoice_url"])
    key = invoice["hosted_invoice_url"].rsplit("/", 1)[1]
    assert f'href="../i/{key}/pdf?locale=ja"' in seen.html
    assert f"{key}/receipt" not in seen.html
    _pay(invoice)
    seen = visitor.open(f"{invoice['hosted_invoice_url']}?locale=en")
    assert f'href="../i/{key}/pdf?locale=en"' in seen.html
    assert f'href="../i/{key}/receipt?locale=en"' in seen.html
    visitor.client.close()


# ── languages, names, sizes ────────────────────────────────────────────────────────────────────


def test_english_is_asked_for_in_the_address_and_never_guessed(
    issuer: Issuer, fetch: Fetch
) -> None:
    invoice = _full(issuer)
    assert fetch(invoice["invoice_pdf"]).shows("請求書番号")
    assert fetch(f"{invoice['invoice_pdf']}?locale=fr").shows("請求書番号")
    english = fetch(f"{invoice['invoice_pdf']}?locale=en")
    assert english.shows(
        "Invoice number",
        "Issued March 1, 2026",
        "Registration number T1234567890123",
        "Amount due (tax included) ¥308,701 Due March 31, 2026",
        "February 1, 2026 – February 28, 2026",
        "Subtotal ¥278,010 Consumption tax ¥30,691 Total ¥308,701",
        "No tax −¥30,630",
        "東京都渋谷区神宮前1-2-3",
        "Page 1 of 1",
    )
    assert english.lacks("御中", "請求書番号")


def test_an_issuer_elsewhere_writes_english_on_its_own_paper(shop: Shop, fetch: Fetch) -> None:
    issuer = shop.issuer("Sample Studio Inc.", "US")
    address = {
        "address[line1]": "1 Example Street",
        "address[city]": "Springfield",
        "address[state]": "IL",
        "address[postal_code]": "62701",
        "address[country]": "US",
    }
    rate = _rate(issuer, "8.25", display_name="Sales tax")
    customer = issuer.customer("Sample Trading LLC", **address)
    given: dict[str, Any] = {"customer": customer, "default_tax_rates[0]": rate, "currency": "usd"}
    pdf = fetch(issuer.open_invoice(amount=1_234_567, **given)["invoice_pdf"])
    assert pdf.size == (612, 792)
    assert pdf.shows(
        "Sample Trading LLC 1 Example Street Springfield, IL 62701",
        "Sales tax 8.25% $12,345.67 $1,018.51",
        "Total $13,364.18",
    )
    asked = issuer.open_invoice(100, currency="usd", **{"rendering[pdf][page_size]": "a4"})
    assert fetch(asked["invoice_pdf"]).size == (595, 841)
    issuer.client.close()


def test_tax_that_is_inside_the_prices_is_told_apart(issuer: Issuer, fetch: Fetch) -> None:
    rate = _rate(issuer, "10", inclusive="true")
    pdf = fetch(issuer.open_invoice(11_000, **{"default_tax_rates[0]": rate})["invoice_pdf"])
    assert pdf.shows("小計 ¥11,000 うち消費税（内税） ¥1,000 合計 ¥11,000", "10% ¥10,000 ¥1,000")


def test_a_name_is_a_name_whatever_it_looks_like(issuer: Issuer, fetch: Fetch) -> None:
    name = '#read("/etc/hostname") $1+1$ *株* <b>&amp;</b> \\u{41} @x ' + "W" * 90
    fields = {"custom_fields[0][name]": "#panic()", "custom_fields[0][value]": "]#x[" * 30}
    given: dict[str, Any] = {"customer": issuer.customer(name), **fields}
    invoice = issuer.open_invoice(description="= 見出し\n#quit", **given)
    pdf = fetch(invoice["invoice_pdf"])
    assert pdf.shows(f"{name} 様", "= 見出し #quit", "]#x[" * 30)
    assert pdf.lacks("[object")


def test_two_hundred_and_fifty_lines_are_all_there(issuer: Issuer, fetch: Fetch) -> None:
    draft = issuer.draft(500)
    lines = {
        f"lines[{number}][{name}]": value
        for number in range(249)
        for name, value in (("amount", 1_000 + number), ("description", f"作業その{number}。"))
    }
    issuer.post(f"/v1/invoices/{draft['id']}/add_lines", lines)
    pdf = fetch(issuer.do(draft, "finalize")["invoice_pdf"])
    assert len(pdf.pages) == 8
    assert pdf.shows(*(f"作業その{number}。¥1,{number:03}" for number in range(249)))
    assert "合計¥280,376" in pdf.pages[-1]


# ── how they are sent ──────────────────────────────────────────────────────────────────────────


def test_a_paper_is_shown_in_the_browser_under_its_number(
    issuer: Issuer, client: httpx2.Client
) -> None:
    invoice = issuer.open_invoice()
    answer = client.get(invoice["invoice_pdf"])
    named = f'inline; filename="Invoice-{invoice["number"]}.pdf"'
    assert answer.headers["content-disposition"] == named
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    head = client.head(invoice["invoice_pdf"])
    assert (head.status_code, head.content) == (200, b"")
    assert client.post(invoice["invoice_pdf"]).status_code == 405
    _pay(invoice)
    receipt = client.get(f"{invoice['hosted_invoice_url']}/receipt")
    named = f'inline; filename="Receipt-{invoice["number"]}.pdf"'
    assert receipt.headers["content-disposition"] == named


def test_a_number_cannot_leave_its_place_in_the_header() -> None:
    assert printing.disposition("Invoice-A-0001.pdf") == 'inline; filename="Invoice-A-0001.pdf"'
    said = printing.disposition('Invoice-請"\r\nX: y.pdf')
    assert said == (
        'inline; filename="Invoice-____X__y.pdf"; '
        "filename*=UTF-8''Invoice-%E8%AB%8B%22%0D%0AX%3A%20y.pdf"
    )


def test_the_api_answers_while_papers_are_set(
    issuer: Issuer, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The press is held; a request that needs it waits, and everybody else is served."""
    invoice = issuer.open_invoice()
    held, entered = threading.Event(), threading.Event()
    set_sheet = printing.Printer._set

    def slowly(self: printing.Printer, sheet: Any) -> bytes:
        entered.set()
        held.wait(20)
        return set_sheet(self, sheet)

    monkeypatch.setattr(printing.Printer, "_set", slowly)
    monkeypatch.setattr(printing, "MOST_WAITING", 1)
    answers: list[httpx2.Response] = []
    thread = threading.Thread(target=lambda: answers.append(client.get(invoice["invoice_pdf"])))
    thread.start()
    assert entered.wait(20)
    assert issuer.now(invoice)["status"] == "open"
    crowded = httpx2.get(invoice["invoice_pdf"])
    assert (crowded.status_code, crowded.headers["retry-after"]) == (503, "5")
    held.set()
    thread.join(20)
    assert Pdf(answers[0].content).shows("請求書")


def test_both_languages_have_every_text() -> None:
    assert PAPER_WORDS["ja"].keys() == PAPER_WORDS["en"].keys()
    assert not PAPER_WORDS["ja"].keys() & WORDS["ja"].keys()


def test_the_language_of_a_paper_is_the_issuers_unless_asked_for() -> None:
    assert papers.paper_locale(None, "JP") == "ja"
    assert papers.paper_locale(None, "US") == "en"
    assert papers.paper_locale("ja", "US") == "ja"
    assert papers.paper_locale("xx", "JP") == "ja"


# ── credit notes ───────────────────────────────────────────────────────────────────────────────


def test_a_credit_note_says_all_that_a_qualified_return_invoice_must(
    issuer: Issuer, fetch: Fetch
) -> None:
    invoice = _full(issuer)
    lines = [line["id"] for line in invoice["lines"]["data"]]
    note = issuer.post(
        "/v1/credit_notes",
        {
            "invoice": invoice["id"],
            "memo": "納品数の変更による値引きです。",
            "reason": "order_change",
            "lines[0][type]": "invoice_line_item",
            "lines[0][invoice_line_item]": lines[0],
            "lines[0][amount]": 100_000,
            "lines[1][type]": "invoice_line_item",
            "lines[1][invoice_line_item]": lines[1],
            "lines[1][quantity]": 2,
        },
    )
    pdf = fetch(note["pdf"])
    assert len(pdf.pages) == 1
    assert pdf.shows(
        "返還請求書",
        "株式会社サンプル商事 御中",
        f"返還請求書番号 {invoice['number']}-CN-01",
        "発行日 2026年3月1日",
        f"元の請求書番号 {invoice['number']}",
        "元の請求日 2026年3月1日",
        "理由 ご注文の変更",
        "株式会社サンプル制作所 登録番号 T1234567890123",
        "下記のとおり、売上げに係る対価を返還（値引き）いたします。",
        "返還金額（税込） ¥111,866",
        "納品数の変更による値引きです。",
        "お弁当 ※ 2 ¥864 8% ¥1,728",
        "10% ¥100,000 ¥10,000",
        "8% ※ ¥1,728 ¥138",
        "合計 ¥111,866",
        "ご請求額から減額 ¥111,866",
    )
    again = fetch(invoice["invoice_pdf"])
    assert again.shows("合計 ¥308,701", "返還（減額） −¥111,866", "ご請求額 ¥196,835")


def test_a_void_credit_note_in_english(issuer: Issuer, fetch: Fetch) -> None:
    invoice = _full(issuer)
    note = issuer.post("/v1/credit_notes", {"invoice": invoice["id"], "amount": 1_000})
    issuer.post(f"/v1/credit_notes/{note['id']}/void")
    pdf = fetch(f"{note['pdf']}?locale=en")
    assert pdf.shows(
        "Credit note",
        "VOID",
        f"Credit note number {note['number']}",
        f"Original invoice {invoice['number']}",
        f"Part of invoice {invoice['number']}",
        "Total ¥1,000",
    )


def test_a_credit_note_is_found_under_its_own_invoice_only(
    issuer: Issuer, client: httpx2.Client
) -> None:
    first, second = _full(issuer), _full(issuer)
    note = issuer.post("/v1/credit_notes", {"invoice": first["id"], "amount": 1_000})
    elsewhere = note["pdf"].replace(
        first["hosted_invoice_url"].rpartition("/")[2],
        second["hosted_invoice_url"].rpartition("/")[2],
    )
    assert client.get(elsewhere).status_code == 404


def test_what_is_not_taxed_is_summed_after_its_discounts(issuer: Issuer, fetch: Fetch) -> None:
    """¥10,000 at 10 % and ¥4,000 untaxed, a tenth off both: 9,000 are taxed, 3,600 are not."""
    coupon = issuer.post("/v1/coupons", {"percent_off": "10", "duration": "once"})["id"]
    draft = issuer.draft(10_000, **{"discounts[0][coupon]": coupon})
    line = draft["lines"]["data"][0]["id"]
    rate = {"tax_rates[0]": _rate(issuer, "10")}
    issuer.post(f"/v1/invoices/{draft['id']}/lines/{line}", rate)
    untaxed = {"lines[0][description]": "立替金", "lines[0][amount]": 4_000}
    issuer.post(f"/v1/invoices/{draft['id']}/add_lines", untaxed)
    paper = fetch(issuer.do(draft, "finalize")["invoice_pdf"])
    assert paper.shows("10% ¥9,000 ¥900", "対象外 ¥3,600 –")
