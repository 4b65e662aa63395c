"""From a sheet to a PDF, without the memory that this takes: the work is done in a process of its own.

The compiler remembers what it set (sheets of eight pages leave some twenty MiB each), and a process never
gives all of that back. So it is kept apart, ends after a minute without work, and is followed by a fresh
one when it has grown too large, has died, or has taken too long. A sheet is then set once more; one that
fails twice is refused.

A page takes a few milliseconds of one processor, so ``set`` belongs in a thread, outside transactions.
"""

import os
import re
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from seikyu.engine.documents.exchange import ANSWERED, ASKED
from seikyu.engine.documents.sheet import Sheet

LARGEST = 256 * 1024 * 1024
"""Bytes of memory that a compositor may take and still go on."""

LONGEST_SECONDS = 60
"""For one sheet: a thousand lines take half a second."""

UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]"
)
"""Control characters, and marks that turn the direction of a text around: with them an amount or a
name could be made to read as another one."""

UNBROKEN = re.compile(r"[!-~\xa1-\u1fff]{24,}")
"""Text without a place to break a line; Japanese breaks anywhere and is not meant."""

BREAK = "\N{ZERO WIDTH SPACE}"
BETWEEN_BREAKS = 8


class PressFailed(RuntimeError):
    """The sheet cannot be set; the reason is the compiler's."""


class Press:
    """Sets sheets, one at a time. Any thread may ask."""

    def __init__(self) -> None:
        """The compositor starts with the first sheet: a tenth of a second, once."""
        self._turn = threading.Lock()
        self._compositor: subprocess.Popen[bytes] | None = None

    def set(self, sheet: Sheet) -> bytes:
        """Return the sheet as a PDF. Waits while another thread's sheet is being set.

        Raises PressFailed.
        """
        told = inputs_of(sheet).encode()
        with self._turn:
            try:
                return self._set(told, sheet.dated)
            except (OSError, EOFError):
                # It ended for want of work, or died: neither says anything about this sheet.
                self._end()
            try:
                return self._set(told, sheet.dated)
            except (OSError, EOFError) as reason:
                self._end()
                raise PressFailed("The sheet made the compositor end.") from reason

    def close(self) -> None:
        """Let the compositor end; it starts again when it is needed."""
        with self._turn:
            self._end()

    @property
    def process(self) -> int | None:
        """The id of the compositor's process, None while there is none."""
        return self._compositor.pid if self._compositor else None

    def _set(self, told: bytes, dated: int) -> bytes:
        compositor = self._compositor or self._start()
        assert compositor.stdin is not None
        assert compositor.stdout is not None
        too_long = threading.Timer(LONGEST_SECONDS, compositor.kill)
        too_long.daemon = True
        too_long.start()
        try:
            compositor.stdin.write(ASKED.pack(len(told), dated) + told)
            compositor.stdin.flush()
            head = _exactly(compositor.stdout, ANSWERED.size)
            good, memory, size = ANSWERED.unpack(head)
            body = _exactly(compositor.stdout, size)
        finally:
            too_long.cancel()
        if memory > LARGEST:
            self._end()
        if not good:
            raise PressFailed(body.decode("utf-8", "replace"))
        return body

    def _start(self) -> subprocess.Popen[bytes]:
        """Start a compositor. It is told where our code is, and nothing of our settings."""
        here = str(Path.cwd())
        told = {"PYTHONPATH": os.pathsep.join(entry or here for entry in sys.path)}
        command = [sys.executable, "-m", "seikyu.engine.documents.compositor"]
        self._compositor = subprocess.Popen(  # noqa: S603 (our own module, by our own interpreter)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=told
        )
        return self._compositor

    def _end(self) -> None:
        ending, self._compositor = self._compositor, None
        if ending is None:
            return
        ending.kill()
        ending.wait()
        for stream in (ending.stdin, ending.stdout):
            try:
                if stream is not None:
                    stream.close()
            except OSError:
                pass


def _exactly(stream: BinaryIO | Any, size: int) -> bytes:
    """Read so many bytes. Raises EOFError when the compositor ended before."""
    read: bytes = stream.read(size)
    if len(read) < size:
        raise EOFError
    return read


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
