"""The HTML of mails in Chromium: nothing is wider than a phone, and all of it can be read in the dark."""

from pathlib import Path
from typing import Any

import pytest

from seikyu.engine.letters.letter import TEMPLATES
from seikyu.engine.letters.words import MAIL_WORDS

LUMINANCE = """element => {
  const channels = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, n) => sum + c * [.2126, .7152, .0722][n], 0);
  let ground = element;
  while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
  const inks = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor];
  const [a, b] = inks.map(channels).map(light).sort((x, y) => y - x);
  return (a + .05) / (b + .05);
}"""
"""The contrast of an element's text against what is behind it (WCAG 2, relative luminance)."""

LEAST_CONTRAST = 4.5


def html(locale: str) -> str:
    """A mail in which everything is long and every part is there."""
    row = {
        "label": "保守サポート" * 8,
        "amount": "¥1,234,567,890",
        "note": "¥1 × 2",
        "reduced": True,
    }
    rows: list[dict[str, Any]] = [{**row, "strong": False}, {**row, "strong": True}]
    return TEMPLATES.get_template("mail.html").render(
        locale=locale,
        subject="件名",
        preheader="前文",
        issuer="株式会社サンプル" * 6,
        salutation="Averylongnamewithoutanyplacetobreakaline" * 3,
        greeting="いつもお世話になっております。",
        paragraphs=["本文です。" * 20, "二つ目。"],
        headline=("ご請求額", "¥1,234,567,890"),
        moment="お支払い期限 2026年3月31日",
        late=True,
        button="請求書を見る・支払う",
        page=f"https://pay.example.jp/i/{'x' * 48}",
        facts=[("請求書番号", "ABCDEFGHIJKL-0001"), ("備考", "とても長い" * 20)],
        lines=rows,
        rest="ほか 3 件",
        sums=rows,
        reduced="※ は軽減税率（8%）対象",
        schedule=rows,
        transfer=[("銀行名", "サンプル銀行")],
        contact=["〒100-0000", "東京都サンプル区見本町1-2-3"],
        attached=("請求書（PDF）", "Invoice-ABCDEFGHIJKL-0001.pdf"),
        footer=("一行目。", "二行目。"),
        test_mark="テストモード",
        words={**MAIL_WORDS[locale], "transfer": "お振込先"},
    )


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 900])
def test_a_mail_fits_and_can_be_read(browser: Any, tmp_path: Path, width: int, scheme: str) -> None:
    file = tmp_path / "mail.html"
    file.write_text(html("ja"), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 700}, color_scheme=scheme)
    try:
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for text in (
            *("本文です。", "ご請求額", "¥1,234,567,890", "お支払い期限", "請求書を見る"),
            *("請求書番号", "保守サポート", "ほか 3 件", "銀行名", "添付ファイル", "二行目。"),
        ):
            element = page.get_by_text(text).first
            assert element.is_visible(), text
            assert element.evaluate(LUMINANCE) >= LEAST_CONTRAST, text
        assert page.get_by_role("link", name="請求書を見る").bounding_box()["height"] >= 44
    finally:
        page.close()
