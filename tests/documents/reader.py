"""Reads the text of a PDF back, as a viewer's search does: by the map from glyphs to characters in it.

It reads what the press writes (plain objects, deflated streams, two-byte glyph numbers) and nothing else, so
that the tests need no program for PDFs.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

OBJECT = re.compile(rb"^(\d+) 0 obj\n(.*?)\nendobj", re.MULTILINE | re.DOTALL)
TOKEN = re.compile(rb"/(f\d+) [\d.]+ Tf|<<.*?>>|<([0-9A-F]*)>|\(", re.DOTALL)
WITHIN_STRING = re.compile(rb"\\.|[()]", re.DOTALL)
ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
INVISIBLE = re.compile(r"[\s\u200b]")


@dataclass
class Pdf:
    """A PDF that came. Its text is compared without spaces: those at the end of a line are not kept."""

    content: bytes
    objects: dict[int, bytes] = field(init=False)

    def __post_init__(self) -> None:
        assert self.content.startswith(b"%PDF-"), self.content[:200]
        self.objects = {int(m[1]): m[2] for m in OBJECT.finditer(self.content)}

    @property
    def pages(self) -> list[str]:
        """The text of each page, without spaces."""
        (kids,) = (
            re.search(rb"/Kids\[([^]]*)\]", each)
            for each in self.objects.values()
            if b"/Type/Pages" in each
        )
        assert kids
        return [self._page(int(each)) for each in re.findall(rb"(\d+) 0 R", kids[1])]

    def shows(self, *texts: str) -> bool:
        """Whether each of these stands on the sheet; the first that does not fails the test."""
        whole = "".join(self.pages)
        for text in texts:
            assert INVISIBLE.sub("", text) in whole, f"{text!r} is not in {whole!r}"
        return True

    def lacks(self, *texts: str) -> bool:
        """Whether none of these stands on the sheet."""
        whole = "".join(self.pages)
        for text in texts:
            assert INVISIBLE.sub("", text) not in whole, f"{text!r} is in {whole!r}"
        return True

    @property
    def links(self) -> list[str]:
        """Where the links lead."""
        return [each.decode() for each in re.findall(rb"/URI\(([^)]*)\)", self.content)]

    @property
    def fonts(self) -> set[str]:
        """The fonts whose outlines are inside."""
        embedded = set()
        for each in self.objects.values():
            if b"/FontFile" in each and (name := re.search(rb"/FontName/\w+\+([\w-]+)", each)):
                embedded.add(name[1].decode())
        return embedded

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the first page in points, rounded down."""
        box = re.search(rb"/MediaBox\[0 0 (\d+)[.\d]* (\d+)", self.content)
        assert box
        return int(box[1]), int(box[2])

    def _page(self, number: int) -> str:
        page = self.objects[number]
        contents, resources = self._referred(page, b"Contents"), self._referred(page, b"Resources")
        fonts = re.search(rb"/Font<<(.*?)>>", self.objects[resources])
        assert fonts
        maps = {
            name: self._characters(int(of))
            for name, of in re.findall(rb"/(f\d+) (\d+) 0 R", fonts[1])
        }
        shown: list[str] = []
        current: dict[int, str] = {}
        for font, glyphs in _shown(self._stream(contents)):
            current = maps[font] if font else current
            pairs = (glyphs[i : i + 2] for i in range(0, len(glyphs), 2))
            shown += [current.get(int.from_bytes(pair), "") for pair in pairs]
        return INVISIBLE.sub("", "".join(shown))

    def _characters(self, font: int) -> dict[int, str]:
        table = self._stream(self._referred(self.objects[font], b"ToUnicode"))
        table = b"".join(re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL))
        pairs = re.findall(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", table, re.MULTILINE)
        return {
            int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
            for glyph, text in pairs
        }

    def _referred(self, within: bytes, name: bytes) -> int:
        found = re.search(rb"/" + name + rb" (\d+) 0 R", within)
        assert found, within
        return int(found[1])

    def _stream(self, number: int) -> bytes:
        _, _, rest = self.objects[number].partition(b"stream\n")
        return zlib.decompress(rest[: rest.rindex(b"\nendstream")])


def _shown(contents: bytes) -> Iterator[tuple[bytes | None, bytes]]:
    """Yield the fonts that are chosen and the glyphs that are shown, in order."""
    position = 0
    while token := TOKEN.search(contents, position):
        position = token.end()
        if token[0] == b"(":
            end = _end_of_string(contents, position)
            yield None, ESCAPE.sub(_unescaped, contents[position:end])
            position = end + 1
        elif token[1] is not None or token[2] is not None:
            yield token[1], bytes.fromhex((token[2] or b"").decode())


def _end_of_string(contents: bytes, start: int) -> int:
    """Parentheses within a string come in pairs, unless they are escaped."""
    depth = 1
    for found in WITHIN_STRING.finditer(contents, start):
        depth += {b"(": 1, b")": -1}.get(found[0], 0)
        if not depth:
            return found.start()
    raise AssertionError("a string without an end")


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8)]) if code[:1].isdigit() else ESCAPES.get(code, code)
