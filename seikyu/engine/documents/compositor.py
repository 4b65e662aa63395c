"""The compiler behind the press, in a process of its own: ``python -m seikyu.engine.documents.compositor``.

One template, one compiler that is kept, and a font that comes with a package. The template is a file of
ours and is never put together from pieces: what the sheet says reaches it as JSON in an input, so a ``#``
or ``$`` in a name is a character and nothing more. The fonts of the machine are not looked at: a sheet
looks the same everywhere, or is wrong everywhere and noticed.

The process reads sheets from standard input and writes PDFs to standard output until its input ends or
nobody has asked for anything for a minute. It says with each answer how much memory it takes.
"""

import os
import resource
import select
import signal
import sys
from importlib import resources
from pathlib import Path
from typing import BinaryIO

import typst

from seikyu.engine.documents.exchange import ANSWERED, ASKED

FONT_PACKAGES = ("noto_cjk_sans_jp_regular", "noto_cjk_sans_jp_bold")
TEMPLATE = resources.files("seikyu.engine.documents").joinpath("sheet.typ")

IDLE_SECONDS = 60

STATM = Path("/proc/self/statm")
KIBIBYTES = 1024 if sys.platform != "darwin" else 1


def serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Set sheets until there is nobody to set them for."""
    folders = [str(resources.files(package)) for package in FONT_PACKAGES]
    compiler = typst.Compiler(str(TEMPLATE), font_paths=folders, ignore_system_fonts=True)
    while select.select([asked], [], [], IDLE_SECONDS)[0]:
        head = asked.read(ASKED.size)
        if len(head) < ASKED.size:
            return
        size, dated = ASKED.unpack(head)
        good, body = _set(compiler, asked.read(size).decode(), dated)
        answers.write(ANSWERED.pack(good, _memory(), len(body)) + body)
        answers.flush()


def _memory() -> int:
    """Return the memory of this process in bytes.

    Where there is no /proc it is the most it ever took, which began as what its server took.
    """
    try:
        pages = int(STATM.read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * KIBIBYTES
    return pages * os.sysconf("SC_PAGE_SIZE")


def _set(compiler: typst.Compiler, sheet: str, dated: int) -> tuple[bool, bytes]:
    try:
        pdf = compiler.compile(format="pdf", sys_inputs={"sheet": sheet}, timestamp=dated)
    except (RuntimeError, ValueError, typst.TypstError) as reason:
        return False, str(reason).encode()
    assert isinstance(pdf, bytes)
    return True, pdf


if __name__ == "__main__":
    # Ctrl-C in a terminal reaches every process of it; ours ends when the server closes its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever the compiler prints must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(os.fdopen(0, "rb", buffering=0), answers)
