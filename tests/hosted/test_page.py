"""What the page of an invoice shows, in every status and both languages, and how it is sent."""

from decimal import Decimal

import pytest

from seikyu.engine.hosted import language
from seikyu.engine.hosted.words import WORDS
from tests.hosted.shop import START, Issuer, Shop, Visitor

DAY = 86_400


def _with_taxes(issuer: Issuer) -> dict[str, str]:
    rates = [
        issuer.post(
            "/v1/tax_rates",
            {"display_name": "消費税", "percentage": percentage, "inclusive": "false"},
        )["id"]
        for percentage in ("10", "8")
    ]
    draft = issuer.draft(50_000, description="2月分です。", footer="振込手数料はご負担ください。")
    line = draft["lines"]["data"][0]["id"]
    issuer.post(f"/v1/invoices/{draft['id']}/lines/{line}", {"tax_rates[0]": rates[0]})
    added = {
        "lines[0][description]": "お弁当",
        "lines[0][price_data][unit_amount]": 864,
        "lines[0][price_data][currency]": "jpy",
        "lines[0][price_data][product_data][name]": "お弁当",
        "lines[0][quantity]": 10,
        "lines[0][tax_rates][0]": rates[1],
    }
    issuer.post(f"/v1/invoices/{draft['id']}/add_lines", added)
    return issuer.do(draft, "finalize")


# ── statuses ───────────────────────────────────────────────────────────────────────────────────


def test_a_draft_has_no_page(issuer: Issuer, visitor: Visitor) -> None:
    draft = issuer.draft()
    finalized = issuer.do(draft, "finalize")
    page = finalized["hosted_invoice_url"]
    assert draft["hosted_invoice_url"] is None
    assert visitor.open(page).status == 200

    other = issuer.draft()
    with_key = issuer.do(other, "finalize")["hosted_invoice_url"]
    assert with_key != page
    assert visitor.open(page[:-1]).status == 404


def test_a_page_of_a_draft_whose_key_is_guessed_is_not_found(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    draft = issuer.draft()
    from sqlalchemy import create_engine, text

    url = shop.database.url.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url)
    with engine.connect() as connection:
        query = text("SELECT hosted_key FROM invoices WHERE id = :id")
        key = connection.execute(query, {"id": draft["id"]}).scalar_one()
    engine.dispose()

    shown = visitor.open(f"{shop.base}/i/{key}")
    assert (shown.status, shown.state) == (404, None)
    token = {"form_token": "0" * 24, "number": "4242424242424242", "expiry": "12/30", "cvc": "1"}
    assert visitor.send("POST", f"{shop.base}/i/{key}", data=token).status == 404
    assert issuer.now(draft)["status"] == "draft"


def test_an_open_invoice_shows_all_it_asks_for(issuer: Issuer, visitor: Visitor) -> None:
    invoice = _with_taxes(issuer)
    shown = visitor.open(invoice["hosted_invoice_url"])
    assert (shown.status, shown.state, shown.takes_a_card) == (200, "open", True)
    for text in (
        "株式会社サンプル制作所",
        "登録番号\nT1234567890123",
        f"請求書番号\n{invoice['number']}",
        "請求先\n株式会社サンプル商事 御中",
        "発行日\n2026年3月1日",
        "お支払い期限\n2026年3月31日",
        "ご請求額\n¥64,331",
        "制作費\n¥50,000",
        "お弁当\n※\n¥864 × 10\n¥8,640",
        "小計\n¥58,640",
        "10% 対象 ¥50,000 の消費税\n¥5,000",
        "8% 対象 ¥8,640 の消費税 ※\n¥691",
        "合計\n¥64,331",
        "※ は軽減税率（8%）対象",
        "¥64,331 を支払う",
        "2月分です。",
        "振込手数料はご負担ください。",
    ):
        assert text in shown.text


def test_an_invoice_past_its_due_date_says_so(shop: Shop, issuer: Issuer, visitor: Visitor) -> None:
    invoice = issuer.open_invoice()
    shop.time.now = START + 30 * DAY
    assert visitor.open(invoice["hosted_invoice_url"]).state == "open"
    shop.time.now += 1
    shown = visitor.open(invoice["hosted_invoice_url"])
    assert (shown.state, shown.takes_a_card) == ("past_due", True)
    assert "期限超過" in shown.text


def test_the_days_of_a_customer_on_a_test_clock_are_those_of_the_clock(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    later = START + 400 * DAY
    clock = issuer.post("/v1/test_helpers/test_clocks", {"frozen_time": later})
    invoice = issuer.open_invoice(customer=issuer.customer(test_clock=clock["id"]))
    shown = visitor.open(invoice["hosted_invoice_url"])
    assert shown.state == "open"
    assert "発行日\n2027年4月5日" in shown.text


def test_a_paid_invoice_shows_when_and_how(issuer: Issuer, visitor: Visitor) -> None:
    invoice = issuer.open_invoice()
    issuer.do(invoice, "pay", payment_method="pm_card_jcb")
    shown = visitor.open(invoice["hosted_invoice_url"])
    assert (shown.status, shown.state, shown.takes_a_card) == (200, "paid", False)
    assert "2026年3月1日 にお支払い済み" in shown.text
    assert "お支払いの記録\nJCB •••• 0505\n2026年3月1日\n¥10,000" in shown.text


def test_an_invoice_paid_by_other_means_names_no_card(issuer: Issuer, visitor: Visitor) -> None:
    invoice = issuer.open_invoice()
    issuer.do(invoice, "pay", paid_out_of_band="true")
    shown = visitor.open(invoice["hosted_invoice_url"])
    assert shown.state == "paid"
    assert "カード以外でのお支払い\n2026年3月1日\n¥10,000" in shown.text


def test_an_invoice_over_nothing_needs_no_payment(issuer: Issuer, visitor: Visitor) -> None:
    shown = visitor.open(issuer.open_invoice(0)["hosted_invoice_url"])
    assert (shown.state, shown.takes_a_card) == ("paid", False)
    assert "この請求書にお支払いは必要ありません。" in shown.text


def test_a_void_invoice_says_that_nothing_is_to_be_paid(issuer: Issuer, visitor: Visitor) -> None:
    invoice = issuer.open_invoice()
    issuer.do(invoice, "void")
    shown = visitor.open(invoice["hosted_invoice_url"])
    assert (shown.status, shown.state, shown.takes_a_card) == (200, "void", False)
    assert "2026年3月1日 に無効になりました" in shown.text
    assert "お支払いの必要はありません" in shown.text


def test_a_replaced_invoice_leads_to_the_new_one(issuer: Issuer, visitor: Visitor) -> None:
    old = issuer.open_invoice()
    draft = issuer.post(
        "/v1/invoices", {"from_invoice[invoice]": old["id"], "from_invoice[action]": "revision"}
    )
    new = issuer.do(draft, "finalize")
    shown = visitor.open(old["hosted_invoice_url"])
    assert shown.state == "void"
    assert f'href="../i/{new["hosted_invoice_url"].rpartition("/")[2]}"' in shown.html


def test_an_uncollectible_invoice_can_still_be_paid(issuer: Issuer, visitor: Visitor) -> None:
    invoice = issuer.open_invoice()
    issuer.do(invoice, "mark_uncollectible")
    shown = visitor.open(invoice["hosted_invoice_url"])
    assert (shown.state, shown.takes_a_card) == ("uncollectible", True)
    assert visitor.follow(visitor.pay(invoice["hosted_invoice_url"])).state == "paid"


def test_a_part_that_was_paid_is_taken_off(issuer: Issuer, visitor: Visitor) -> None:
    customer = issuer.customer()
    invoice = issuer.open_invoice(10_000, customer=customer)
    method = issuer.post("/v1/payment_methods/pm_card_visa/attach", {"customer": customer})
    payment = issuer.post(
        "/v1/payment_intents",
        {
            "amount": 4_000,
            "currency": "jpy",
            "customer": customer,
            "payment_method": method["id"],
            "confirm": "true",
        },
    )
    issuer.do(invoice, "attach_payment", payment_intent=payment["id"])
    shown = visitor.open(invoice["hosted_invoice_url"])
    assert (shown.state, shown.takes_a_card) == ("partially_paid", True)
    assert "残りのお支払い額\n¥6,000" in shown.text
    assert "お支払い済み額\n−¥4,000" in shown.text
    assert "¥6,000 を支払う" in shown.text
    assert visitor.follow(visitor.pay(invoice["hosted_invoice_url"])).state == "paid"
    assert [charge["amount"] for charge in issuer.charges()] == [4_000, 6_000]


def test_more_lines_than_an_api_answer_shows_are_all_on_the_page(
    issuer: Issuer, visitor: Visitor
) -> None:
    draft = issuer.draft()
    more: dict[str, int | str] = {}
    for index in range(14):
        more[f"lines[{index}][amount]"] = 100
        more[f"lines[{index}][description]"] = f"品目その{index}"
    issuer.post(f"/v1/invoices/{draft['id']}/add_lines", more)
    invoice = issuer.do(draft, "finalize")
    shown = visitor.open(invoice["hosted_invoice_url"])
    assert all(f"品目その{index}\n¥100" in shown.text for index in range(14))


def test_what_the_issuer_wrote_is_text_and_never_markup(issuer: Issuer, visitor: Visitor) -> None:
    customer = issuer.customer("<script>alert(1)</script>")
    invoice = issuer.open_invoice(customer=customer, description="<b>太字</b>")
    shown = visitor.open(invoice["hosted_invoice_url"])
    assert "<script" not in shown.html
    assert "<b>" not in shown.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 様" in shown.html


# ── languages and currencies ───────────────────────────────────────────────────────────────────


def test_the_page_speaks_the_languages_of_the_browser(
    issuer: Issuer, visitor: Visitor, english: Visitor
) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    assert 'lang="ja"' in visitor.open(page).html
    shown = english.open(page)
    assert shown.headers["content-language"] == "en"
    assert "Amount due\n¥10,000\nDue March 31, 2026" in shown.text
    assert "Pay ¥10,000" in shown.text
    assert "Billed to\n株式会社サンプル商事\n" in shown.text


def test_a_language_asked_for_in_the_address_stays(issuer: Issuer, visitor: Visitor) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"] + "?locale=en"
    assert "Pay ¥10,000" in visitor.open(page).text
    paid = visitor.pay(page)
    assert paid.headers["location"].endswith("?locale=en")
    assert "Thank you for your payment." in visitor.follow(paid).text


def test_an_unknown_language_is_answered_in_japanese(issuer: Issuer, visitor: Visitor) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    assert "を支払う" in visitor.open(page + "?locale=tlh").text
    french = Visitor(language="fr-FR,fr;q=0.9")
    assert "を支払う" in french.open(page).text
    french.client.close()


def test_dollars_have_cents_and_days_outside_japan_are_in_utc(shop: Shop, english: Visitor) -> None:
    issuer = shop.issuer("Sample Works Inc.", "US")
    shown = english.open(issuer.open_invoice(123_456, currency="usd")["hosted_invoice_url"])
    assert "Amount due\n$1,234.56" in shown.text
    assert "Issued\nFebruary 28, 2026" in shown.text
    assert "T1234567890123" not in shown.text
    issuer.client.close()


@pytest.mark.parametrize(
    ("amount", "currency", "decimals", "expected"),
    [
        (10_000, "jpy", 0, "¥10,000"),
        (-500, "jpy", 0, "−¥500"),
        (0, "usd", 2, "$0.00"),
        (5, "usd", 2, "$0.05"),
        (123_456_789, "eur", 2, "€1,234,567.89"),
        (1_250, "chf", 2, "CHF\N{NO-BREAK SPACE}12.50"),
        (999_999_999_999, "jpy", 0, "¥999,999,999,999"),
    ],
)
def test_amounts_are_written_as_their_currency_is(
    amount: int, currency: str, decimals: int, expected: str
) -> None:
    assert language.money(amount, currency, decimals) == expected


def test_a_price_below_the_smallest_coin_keeps_its_decimals() -> None:
    assert language.unit_price(Decimal("0.5"), "jpy", 0) == "¥0.5"
    assert language.unit_price(Decimal("1.25"), "usd", 2) == "$0.0125"
    assert language.unit_price(Decimal(100), "usd", 2) == "$1.00"


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (None, "ja"),
        ("", "ja"),
        ("en", "en"),
        ("EN-us", "en"),
        ("fr, en;q=0.2", "en"),
        ("en;q=0.3, ja;q=0.7", "ja"),
        ("ja;q=0, en;q=0.001", "en"),
        ("en;q=high", "ja"),
        ("*", "ja"),
    ],
)
def test_the_language_follows_the_weights(accepted: str | None, expected: str) -> None:
    assert language.chosen(None, accepted) == expected


def test_both_languages_have_the_same_texts_with_the_same_blanks() -> None:
    import re

    assert WORDS["ja"].keys() == WORDS["en"].keys()
    for key, japanese in WORDS["ja"].items():
        blanks = sorted(re.findall(r"{\w+}", japanese))
        if key == "tax":
            continue
        assert blanks == sorted(re.findall(r"{\w+}", WORDS["en"][key])), key


# ── how it is sent ─────────────────────────────────────────────────────────────────────────────


STRICT = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}


def test_every_answer_has_strict_headers(shop: Shop, issuer: Issuer, visitor: Visitor) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    answers = [
        visitor.open(page),
        visitor.open(f"{shop.base}/i/unknown"),
        visitor.pay(page, number="letters"),
        visitor.pay(page, number="4000000000000002"),
        visitor.send("DELETE", page),
        visitor.pay(page),
        visitor.open(f"{page}/authenticate"),
    ]
    assert [answer.status for answer in answers] == [200, 404, 422, 402, 405, 303, 303]
    for answer in answers:
        assert {name: answer.headers[name] for name in STRICT} == STRICT
        assert "set-cookie" not in answer.headers


def test_a_page_has_no_script_and_no_style_of_its_own(issuer: Issuer, visitor: Visitor) -> None:
    html = visitor.open(issuer.open_invoice()["hosted_invoice_url"]).html
    for forbidden in ("<script", "<style", "style=", "onclick", "javascript:", "http://", "//"):
        assert forbidden not in html


def test_the_stylesheet_is_found_from_every_page(
    shop: Shop, issuer: Issuer, visitor: Visitor
) -> None:
    import re
    from urllib.parse import urljoin

    page = issuer.open_invoice()["hosted_invoice_url"]
    for address in (page, f"{shop.base}/i/unknown", f"{shop.base}/i/not/there"):
        shown = visitor.open(address)
        found = re.search(r'<link rel="stylesheet" href="([^"]+)">', shown.html)
        assert found
        style = visitor.open(urljoin(address, found[1]))
        assert (style.status, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
        assert "immutable" in style.headers["cache-control"]
        assert "Noto Sans JP" in style.html


@pytest.mark.parametrize(
    "path", ["/i/", "/i/x", "/i/" + "0" * 48, "/i/..%2f..", "/i/x/pdf", "/hosted/"]
)
def test_an_unknown_address_is_a_friendly_page(shop: Shop, visitor: Visitor, path: str) -> None:
    shown = visitor.open(shop.base + path)
    assert shown.status == 404
    assert "ページが見つかりません" in shown.text
    assert "発行者" in shown.text


def test_a_method_that_a_page_does_not_take_is_said(issuer: Issuer, english: Visitor) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    for method in ("PUT", "DELETE", "PATCH"):
        shown = english.send(method, page)
        assert shown.status == 405
        assert set(shown.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
        assert "This cannot be done" in shown.text
    assert english.send("HEAD", page).status == 200


def test_too_large_a_form_is_refused(issuer: Issuer, visitor: Visitor) -> None:
    page = issuer.open_invoice()["hosted_invoice_url"]
    for size in (17_000, 10_000_000):
        shown = visitor.send("POST", page, content=b"number=" + b"4" * size)
        assert shown.status == 413
        assert "送信内容が大きすぎます" in shown.text
    assert visitor.open(page).state == "open"
