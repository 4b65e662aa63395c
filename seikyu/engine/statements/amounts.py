"""Amounts as banks write them, in whole yen. Never a float, never more than twelve digits."""

import re
import unicodedata

from seikyu.engine.statements.refusals import StatementRefused

LARGEST_DIGITS = 12
WRITTEN = re.compile(r"(?P<sign>[-+▲△]?)[¥]?(?P<digits>\d+|\d{1,3}(?:,\d{3})+)円?")


def read_amount(text: str, line: int) -> int | None:
    """Return the yen, negative with a minus or a triangle, None where nothing or a dash stands.

    Raises StatementRefused for what is no whole amount of up to 12 digits.
    """
    plain = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace(" ", "")
    if plain in {"", "-", "--", "*"}:
        return None
    found = WRITTEN.fullmatch(plain.replace("\\", "¥"))
    if found is None:
        raise StatementRefused("bad_amount", line, text=text)
    digits = found["digits"].replace(",", "").lstrip("0") or "0"
    if len(digits) > LARGEST_DIGITS:
        raise StatementRefused("amount_too_large", line, text=text.strip())
    return -int(digits) if found["sign"] in {"-", "▲", "△"} else int(digits)
