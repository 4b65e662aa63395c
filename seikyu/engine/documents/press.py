"""From a sheet to a PDF: one template, one compiler that is kept, and a font that comes with a package.

The template is a file of ours and is never put together from pieces. What the sheet says reaches it as
JSON in an input, so a ``#`` or ``$`` in a name is a character and nothing more. The fonts of the machine
are not looked at: a sheet looks the same everywhere, or is wrong everywhere and noticed.

A page takes a few milliseconds of one processor, so ``set`` belongs in a thread, outside transactions.
"""

import re
import threading
from dataclasses import asdict
from importlib import resources
from typing import Any

import orjson
import typst

from seikyu.engine.documents.sheet import Sheet

FONT_PACKAGES = ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold")
TEMPLATE = resources.files("seikyu.engine.documents").joinpath("sheet.typ")

UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]"
)
"""Control characters, and marks that turn the direction of a text around: with them an amount or a
name could be made to read as another one."""

UNBROKEN = re.compile(r"[!-~\xa1-\u1fff]{24,}")
"""Text without a place to break a line; Japanese breaks anywhere and is not meant."""

BREAK = "\N{ZERO WIDTH SPACE}"
BETWEEN_BREAKS = 8


class Press:
    """Sets sheets, one at a time. Any thread may ask."""

    def __init__(self) -> None:
        """Read the template and find the fonts: some milliseconds, once."""
        folders = [str(resources.files(package)) for package in FONT_PACKAGES]
        self._turn = threading.Lock()
        self._compiler = typst.Compiler(str(TEMPLATE), font_paths=folders, ignore_system_fonts=True)

    def set(self, sheet: Sheet) -> bytes:
        """Return the sheet as a PDF. Waits while another thread's sheet is being set."""
        inputs = {"sheet": inputs_of(sheet)}
        with self._turn:
            pdf = self._compiler.compile(format="pdf", sys_inputs=inputs, timestamp=sheet.dated)
        assert isinstance(pdf, bytes)
        return pdf


def inputs_of(sheet: Sheet) -> str:
    """Return the sheet as the template reads it: JSON, its texts printable."""
    told = _printable(asdict(sheet))
    # An address is followed and copied, so nothing is put into it; the press breaks addresses itself.
    told["address"] = sheet.address and [cleaned(each) for each in sheet.address]
    return orjson.dumps(told).decode()


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: _printable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(each) for each in value]
    return value


def printable(text: str) -> str:
    """Return the cleaned text, with places to break in what has none."""
    return UNBROKEN.sub(lambda found: _breakable(found[0]), cleaned(text))


def cleaned(text: str) -> str:
    """Return the text without what cannot be printed."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    # Half of a surrogate pair is no character, and neither JSON nor a PDF can hold it.
    return UNPRINTABLE.sub("", text.encode("utf-8", "replace").decode())


def _breakable(run: str) -> str:
    step = BETWEEN_BREAKS
    return BREAK.join(run[start : start + step] for start in range(0, len(run), step))
