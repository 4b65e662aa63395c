"""The page in Chromium: a customer fills in the form and pays, without a script and without complaints."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.hosted.shop import START, Issuer, Shop, running_shop

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop on SQLite: what a browser shows does not depend on the database."""
    with running_shop(f"sqlite:///{tmp_path_factory.mktemp('browser') / 'seikyu.db'}") as shop:
        yield shop


@pytest.fixture
def seller(served: Shop) -> Iterator[Issuer]:
    """An issuer of the shop."""
    opened = served.issuer()
    yield opened
    opened.client.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page on a narrow screen, read in Japanese, with scripts switched off."""
    context = browser.new_context(viewport=PHONE, locale="ja-JP", java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    yield page
    context.close()


def test_a_customer_pays_on_a_phone_with_the_keyboard(seller: Issuer, phone: Page) -> None:
    invoice = seller.open_invoice()
    complaints: list[str] = []
    phone.on("console", lambda message: complaints.append(message.text))
    phone.goto(invoice["hosted_invoice_url"])
    phone.get_by_label("カード番号").focus()
    for text in ("4242 4242 4242 4242", "12 / 30", "123"):
        phone.keyboard.type(text)
        phone.keyboard.press("Tab")
    with phone.expect_navigation():
        phone.keyboard.press("Enter")
    assert phone.locator(".pill").inner_text().endswith("お支払い済み")
    assert phone.url == invoice["hosted_invoice_url"]
    assert seller.now(invoice)["status"] == "paid"
    assert complaints == []


def test_a_declined_card_is_said_above_the_form_which_can_be_sent_again(
    seller: Issuer, phone: Page
) -> None:
    phone.goto(seller.open_invoice()["hosted_invoice_url"])
    _fill(phone, "4000 0000 0000 9995")
    assert "利用可能額が不足" in phone.get_by_role("alert").inner_text()
    _fill(phone, "4242 4242 4242 4242")
    assert "お支払いありがとうございました。" in phone.get_by_role("status").inner_text()


def test_a_card_with_3d_secure_is_authenticated(seller: Issuer, phone: Page) -> None:
    invoice = seller.open_invoice()
    phone.goto(invoice["hosted_invoice_url"])
    _fill(phone, "4000 0000 0000 3220")
    assert phone.get_by_role("heading").inner_text() == "カード会社の認証"
    phone.get_by_role("button", name="認証する").click()
    assert "お支払い済み" in phone.locator(".pill").inner_text()
    assert seller.now(invoice)["status"] == "paid"


def test_a_card_whose_authentication_fails_leaves_the_form_to_another(
    seller: Issuer, phone: Page
) -> None:
    invoice = seller.open_invoice()
    phone.goto(invoice["hosted_invoice_url"])
    _fill(phone, "4000 0000 0000 3220")
    phone.get_by_role("button", name="失敗する").click()
    assert "認証が完了しませんでした" in phone.get_by_role("alert").inner_text()
    assert seller.now(invoice)["status"] == "open"
    _fill(phone, "4242 4242 4242 4242")
    assert phone.locator(".pill").inner_text().endswith("お支払い済み")


def test_an_authentication_that_was_left_can_be_taken_up_again(seller: Issuer, phone: Page) -> None:
    invoice = seller.open_invoice()
    phone.goto(invoice["hosted_invoice_url"])
    _fill(phone, "4000 0000 0000 3220")
    phone.goto(invoice["hosted_invoice_url"])
    assert phone.locator(".pill").inner_text() == "認証待ち"
    phone.get_by_role("link", name="認証に進む").click()
    phone.get_by_role("button", name="認証する").click()
    assert phone.locator(".pill").inner_text().endswith("お支払い済み")


def test_an_instalment_is_paid_and_then_the_rest_at_once(
    served: Shop, seller: Issuer, phone: Page
) -> None:
    """The next one by default; later, when another is late, all that remains by choice."""
    plan: dict[str, str] = {"days_until_due": ""}
    for place, (amount, name) in enumerate(
        ((10_000, "前金"), (20_000, "中間金"), (30_000, "残金"))
    ):
        part = f"amounts_due[{place}]"
        plan |= {f"{part}[amount]": str(amount), f"{part}[description]": name}
        plan[f"{part}[days_until_due]"] = str(10 + 30 * place)
    draft = seller.draft(60_000)
    seller.post(f"/v1/invoices/{draft['id']}", plan)
    invoice = seller.do(draft, "finalize")
    complaints: list[str] = []
    phone.on("console", lambda message: complaints.append(message.text))

    phone.goto(invoice["hosted_invoice_url"])
    assert phone.get_by_text("次回 ¥10,000 · お支払い期限 2026年3月11日").is_visible()
    assert phone.get_by_role("radio", name="次回分 ¥10,000").is_checked()
    _fill(phone, "4242 4242 4242 4242")
    assert phone.locator(".pill").inner_text() == "一部お支払い済み"
    assert phone.get_by_role("link", name="¥10,000").count() == 1  # its receipt
    assert seller.now(invoice)["amount_paid"] == 10_000

    served.time.now = START + 41 * 86_400
    phone.goto(invoice["hosted_invoice_url"])
    assert phone.locator(".pill").inner_text() == "期限超過"
    assert phone.get_by_text("¥20,000 のお支払い期限（2026年4月10日）を過ぎています").is_visible()
    phone.get_by_role("radio", name="残りの全額 ¥50,000").check()
    _fill(phone, "4242 4242 4242 4242")
    assert phone.locator(".pill").inner_text().endswith("お支払い済み")
    history = phone.locator("tbody.payments").last
    assert history.get_by_role("row").count() == 3  # the heading, and two payments
    assert history.get_by_role("link", name="領収書").count() == 2
    served.time.now = START
    after = seller.now(invoice)
    assert (after["status"], after["amount_paid"]) == ("paid", 60_000)
    assert [charge["amount"] for charge in seller.charges()] == [10_000, 50_000]
    assert complaints == []


def test_the_sentence_of_a_badge_is_shown_to_the_keyboard(seller: Issuer, phone: Page) -> None:
    phone.goto(seller.open_invoice()["hosted_invoice_url"])
    tip = phone.get_by_text("確定した請求書です。お支払いを待っています。")
    assert not tip.is_visible()
    phone.locator(".pill").focus()
    assert tip.is_visible()


def test_a_void_invoice_asks_for_nothing(seller: Issuer, phone: Page) -> None:
    invoice = seller.open_invoice()
    seller.do(invoice, "void")
    phone.goto(invoice["hosted_invoice_url"])
    assert (
        "無効にされました。お支払いの必要はありません" in phone.get_by_role("status").inner_text()
    )
    assert phone.get_by_role("button").count() == 0


def test_an_address_that_is_over_says_whom_to_ask(
    served: Shop, seller: Issuer, phone: Page
) -> None:
    page_url = seller.open_invoice()["hosted_invoice_url"]
    served.time.now = START + 61 * 86_400
    shown = phone.goto(page_url)
    served.time.now = START
    assert shown is not None
    assert shown.status == 410
    assert phone.get_by_role("heading").inner_text() == "このページの有効期限が切れました"
    assert phone.get_by_role("button").count() == 0


def test_cards_are_added_chosen_and_removed_in_the_portal(seller: Issuer, phone: Page) -> None:
    complaints: list[str] = []
    phone.on("console", lambda message: complaints.append(message.text))
    customer = seller.customer()
    phone.goto(_portal(seller, customer))
    assert phone.get_by_text("登録されているカードはありません。").is_visible()
    for number in ("4242 4242 4242 4242", "5555 5555 5555 4444"):
        phone.get_by_role("link", name="カードを追加").click()
        _fill(phone, number)
    assert _cards(phone) == ["Visa •••• 4242", "Mastercard •••• 4444"]
    with phone.expect_navigation():
        phone.get_by_role("button", name="Mastercard •••• 4444 をお支払いに使う").click()
    assert _cards(phone) == ["Mastercard •••• 4444", "Visa •••• 4242"]
    phone.get_by_role("link", name="Mastercard •••• 4444 を削除").click()
    with phone.expect_navigation():
        phone.get_by_role("button", name="削除する").click()
    assert _cards(phone) == ["Visa •••• 4242"]
    assert phone.get_by_text("お支払いに使うカード").count() == 1
    assert complaints == []


def test_a_declined_card_is_said_in_the_portal(seller: Issuer, phone: Page) -> None:
    phone.goto(_portal(seller, seller.customer()))
    phone.get_by_role("link", name="カードを追加").click()
    _fill(phone, "4000 0000 0000 0002")
    assert "承認されませんでした" in phone.get_by_role("alert").inner_text()


def test_an_invoice_is_paid_from_the_portal(seller: Issuer, phone: Page) -> None:
    customer = seller.customer()
    invoice = seller.open_invoice(customer=customer)
    portal = _portal(seller, customer)
    phone.goto(portal)
    phone.get_by_role("link", name=f"請求書 {invoice['number']} を支払う").click()
    assert phone.url.startswith(invoice["hosted_invoice_url"])
    _fill(phone, "4242 4242 4242 4242")
    phone.goto(portal)
    assert phone.get_by_text("お支払いが必要な請求書はありません。").is_visible()
    assert phone.get_by_role("link", name=f"請求書 {invoice['number']} の領収書").is_visible()


def test_the_language_can_be_switched(seller: Issuer, phone: Page) -> None:
    phone.goto(seller.open_invoice()["hosted_invoice_url"])
    phone.get_by_role("link", name="English").click()
    assert phone.get_by_role("button").inner_text() == "Pay ¥10,000"
    phone.get_by_role("link", name="日本語").click()
    assert phone.get_by_role("button").inner_text() == "¥10,000 を支払う"


def test_nothing_is_wider_than_a_phone(seller: Issuer, browser: Browser) -> None:
    """The longest words and the largest amounts wrap or shrink; nobody scrolls sideways."""
    customer = seller.customer("SampleCompanyWithAVeryLongNameAndNoSpaces" * 2)
    page_url = seller.open_invoice(
        999_999_999_999, customer=customer, description="https://example.jp/" + "long" * 30
    )["hosted_invoice_url"]
    seller.post("/v1/payment_methods/pm_card_mastercard/attach", {"customer": customer})
    portal = _portal(seller, customer)
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="ja-JP")
    page = context.new_page()
    within = ("", "/cards", "/details")
    invoice_pages = (page_url, page_url + "/authenticate", page_url[:-1])
    for address in (*(portal + path for path in within), *invoice_pages):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
        for button in page.locator("button:not(.link), a.button:not(.small)").all():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 44, address
    page.goto(page_url)
    style = page.evaluate("getComputedStyle(document.querySelector('.card')).borderRadius")
    assert style == "10px"
    context.close()


def _fill(page: Page, number: str) -> None:
    page.get_by_label("カード番号").fill(number)
    page.get_by_label("有効期限（月／年）").fill("12 / 30")
    page.get_by_label("セキュリティコード").fill("123")
    with page.expect_navigation():
        page.get_by_role("button").click()


def _portal(seller: Issuer, customer: str) -> str:
    made = seller.post("/v1/billing_portal/sessions", {"customer": customer})
    return str(made["url"])


def _cards(page: Page) -> list[str]:
    """The cards in the portal, in order."""
    return page.locator(".own-card .number").all_inner_texts()
