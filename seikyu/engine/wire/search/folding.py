"""How texts are compared: what counts as the same letter.

Both ways leave upper and lower case out of account. A token keeps everything else that it is made of. In
strings, which people write and look for, full-width and half-width forms count the same too, ``ｶﾌﾞ`` as
``カブ`` and ``１`` as ``1``, and any white space is one space.

Neither returns a text with `LAST` in it, which stands behind every letter where texts are sorted.
"""

from unicodedata import normalize

LAST = "\U0010ffff"
"""Sorts behind every letter, by code points and by the bytes of UTF-8. Unicode gives it no meaning."""

REPLACEMENT = "\ufffd"


def folded(text: str) -> str:
    """Return a token as it is compared."""
    if text.isascii():
        return text.lower()
    return normalize("NFC", normalize("NFC", text).casefold()).replace(LAST, REPLACEMENT)


def plain(text: str, *, strip: bool = True) -> str:
    """Return a string as it is compared; ``strip`` takes white space from its ends."""
    if text.isascii():
        text = text.lower()
    else:
        text = normalize("NFKC", normalize("NFKC", text).casefold()).replace(LAST, REPLACEMENT)
    words = " ".join(text.split())
    if strip or not words:
        return words
    return f"{' ' * text[0].isspace()}{words}{' ' * text[-1].isspace()}"
