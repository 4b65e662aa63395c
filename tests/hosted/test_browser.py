"""The page in Chromium: a customer fills in the form and pays, without a script and without complaints."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.hosted.shop import Issuer, Shop, running_shop

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
    context = browser.new_context(viewport={"width": 320, "height": 640}, locale="ja-JP")
    page = context.new_page()
    for address in (page_url, page_url + "/authenticate", page_url[:-1]):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        button = page.locator("button").first
        if button.count():
            height = page.evaluate("document.querySelector('button').offsetHeight")
            assert height >= 44
    style = page.evaluate("getComputedStyle(document.querySelector('.card')).borderRadius")
    assert style == "10px"
    context.close()


def _fill(page: Page, number: str) -> None:
    page.get_by_label("カード番号").fill(number)
    page.get_by_label("有効期限（月／年）").fill("12 / 30")
    page.get_by_label("セキュリティコード").fill("123")
    page.get_by_role("button").click()
