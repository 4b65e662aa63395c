"""Bytes to characters: Shift_JIS as Windows has it (cp932), or UTF-8 with or without its mark.

UTF-8 is believed when the bytes are valid UTF-8 and every character is one that a Japanese statement may
hold: half-width kana of Shift_JIS can happen to be valid UTF-8, but then of letters like ÷ or Ж.
"""

import re

from seikyu.engine.statements.refusals import StatementRefused

UTF8_MARK = b"\xef\xbb\xbf"
OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")
EBCDIC_ONE = b"\xf1\xf0"
"""A header record of kind 0x in EBCDIC: ``10``."""

END_OF_FILE = re.compile(r"\x1a[\x1a\r\n]*$")


def decoded(data: bytes) -> tuple[str, str]:
    """Return (the text without marks, the name of its encoding).

    Raises StatementRefused for an empty or binary file, EBCDIC, and other encodings.
    """
    if not data.strip(b"\r\n\t \x1a"):
        raise StatementRefused("empty")
    if data.startswith(OTHER_MARKS):
        raise StatementRefused("wrong_encoding")
    if data.startswith(EBCDIC_ONE):
        raise StatementRefused("ebcdic")
    if b"\0" in data:
        raise StatementRefused("not_text")
    text, encoding = _characters(data)
    text = END_OF_FILE.sub("", text)
    for number, line in enumerate(text.split("\n"), 1):
        if not all(map(_readable, line)):
            raise StatementRefused("wrong_encoding", number)
    return text, encoding


def _characters(data: bytes) -> tuple[str, str]:
    marked = data.startswith(UTF8_MARK)
    try:
        text = data.decode("utf-8-sig")
        if marked or _japanese(text):
            return text, "utf-8"
    except UnicodeDecodeError as error:
        if marked:
            raise StatementRefused("wrong_encoding", _line_at(data, error.start)) from None
    try:
        return data.decode("cp932"), "cp932"
    except UnicodeDecodeError as error:
        raise StatementRefused("wrong_encoding", _line_at(data, error.start)) from None


def _japanese(text: str) -> bool:
    """Whether what is not ASCII is mostly Japanese; there may be nothing but ASCII."""
    foreign = sum("\x80" <= character < "\u2000" and character != "¥" for character in text)
    return not foreign or sum(character >= "\u2000" for character in text) > foreign


def _readable(character: str) -> bool:
    """Whether it is a character at all: no control character, and nothing that decoding made up."""
    code = ord(character)
    if code < 0xA0:
        return 0x20 <= code < 0x7F or character in "\r\t"
    return not (0xE000 <= code <= 0xF8FF or code == 0xFFFD)


def _line_at(data: bytes, place: int) -> int:
    return data.count(b"\n", 0, place) + 1
