"""Names as banks write them: half-width kana without small letters, the legal form as a kana or two.

The 全銀 character set has capital kana only, writes ー as a hyphen, and abbreviates the legal form of a
company before its name (``カ)``), behind it (``(カ``) or between (``(カ)``).
Source: 全国銀行協会, 法人略語 (as published by banks for their customers).
"""

import re
import unicodedata

LEGAL_FORMS = {
    "カ": "株式会社", "ユ": "有限会社", "メ": "合名会社", "シ": "合資会社", "ド": "合同会社",
    "イ": "医療法人", "ザイ": "財団法人", "シヤ": "社団法人", "シユウ": "宗教法人", "ガク": "学校法人",
    "フク": "社会福祉法人", "ソ": "相互会社", "ホゴ": "更生保護法人", "トクヒ": "特定非営利活動法人",
    "ドク": "独立行政法人", "チドク": "地方独立行政法人", "ベン": "弁護士法人", "ギヨ": "行政書士法人",
    "シホウ": "司法書士法人", "ゼイ": "税理士法人", "ダイ": "国立大学法人", "ノウ": "農事組合法人",
    "カンリ": "管理組合法人", "ロウム": "社会保険労務士法人", "チユウ": "中間法人",
}  # fmt: skip
"""The abbreviation, in capital kana → what it stands for."""

SPOKEN = {
    "カブシキガイシヤ": "株式会社", "カブシキカイシヤ": "株式会社", "ユウゲンガイシヤ": "有限会社",
    "ゴウドウガイシヤ": "合同会社", "ゴウシガイシヤ": "合資会社", "ゴウメイガイシヤ": "合名会社",
    "イリヨウホウジン": "医療法人", "ガツコウホウジン": "学校法人",
}  # fmt: skip
"""Legal forms written out in capital kana, as some banks do where a name begins with one."""

SHORT = {
    "(株)": "株式会社",
    "(有)": "有限会社",
    "(同)": "合同会社",
    "(資)": "合資会社",
    "(名)": "合名会社",
}

SMALL = str.maketrans("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ")
HYPHENS = "-‐‑–—―−ｰ"
LONG_VOWEL = re.compile(rf"(?<=[ァ-ヴヷ-ヺー])[{HYPHENS}]")
NOT_OF_A_NAME = re.compile(r"[^0-9A-Zァ-ヴ一-龠々〆ヶ]")
FORMS = "|".join(sorted(LEGAL_FORMS, key=len, reverse=True))
ABBREVIATED = re.compile(rf"^(?P<head>{FORMS})\)|\((?P<tail>{FORMS})$|\((?P<middle>{FORMS})\)")


def widened(text: str) -> str:
    """Return the text with full-width kana and half-width everything else, voicing marks joined."""
    joined = text.replace("゛", "\u3099").replace("゜", "\u309a")
    text = unicodedata.normalize("NFKC", joined)
    text = LONG_VOWEL.sub("ー", text)
    return re.sub(r"\s+", " ", text).strip()


def written_out(kana: str) -> str:
    """Return a payer's name with its legal form written out: ``カ)サンプル`` is 株式会社サンプル."""
    capital = kana.translate(SMALL)
    found = ABBREVIATED.search(capital)
    if found is None:
        return kana
    form = LEGAL_FORMS[next(filter(None, found.groups()))]
    before, after = kana[: found.start()].strip(), kana[found.end() :].strip()
    return f"{before} {form} {after}" if before and after else f"{before}{form}{after}"


def name_key(name: str) -> tuple[str, str]:
    """Return (the name for comparison, its legal form or nothing).

    The name is in capital kana without long vowels, spaces and marks, hiragana being read as katakana.
    """
    text = written_out(_katakana(widened(name)).upper())
    for short, form in SHORT.items():
        text = text.replace(short, form)
    text = text.translate(SMALL)
    for spoken, form in SPOKEN.items():
        text = text.replace(spoken, form)
    legal = ""
    for form in sorted(LEGAL_FORMS.values(), key=len, reverse=True):
        if form in text:
            legal, text = form, text.replace(form, "", 1)
            break
    return NOT_OF_A_NAME.sub("", text), legal


def squeezed(text: str) -> str:
    """Return the text for telling lines apart: widened, capital, without spaces."""
    return widened(text).upper().translate(SMALL).replace(" ", "")


def _katakana(text: str) -> str:
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text)
