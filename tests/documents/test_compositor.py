"""The press and its compositor: a process that may die, hang or grow, and papers that come all the same."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import sleep

import pytest

from seikyu.engine.documents import press as pressing
from seikyu.engine.documents.press import Press, PressFailed
from seikyu.engine.documents.sheet import Item
from tests.documents.test_press import BARE

MANY = replace(
    BARE, items=tuple(Item(f"品目その{n} サンプル作業の明細", "¥500") for n in range(250))
)


@pytest.fixture
def press() -> Iterator[Press]:
    opened = Press()
    yield opened
    opened.close()


def test_a_compositor_that_died_is_followed_by_another(press: Press) -> None:
    first = press.set(BARE)
    before = press.process
    assert before is not None
    os.kill(before, signal.SIGKILL)
    assert press.set(BARE) == first
    assert press.process not in (None, before)


def test_a_compositor_that_grew_too_large_is_followed_by_another(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pressing, "LARGEST", 1)
    assert press.set(BARE) == press.set(BARE)
    assert press.process is None


def test_the_memory_of_many_long_papers_is_bounded_and_not_the_server_s(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of these leaves some MiB in a compositor, which was never given back before."""
    monkeypatch.setattr(pressing, "LARGEST", 128 * 1024 * 1024)
    press.set(MANY)
    ours, largest, processes = _resident(os.getpid()), 0, set()
    for number in range(14):
        press.set(replace(MANY, title=f"請求書{number}", items=_renamed(number)))
        if press.process is not None:
            processes.add(press.process)
            largest = max(largest, _resident(press.process))
    assert largest < pressing.LARGEST + 32 * 1024 * 1024
    assert _resident(os.getpid()) - ours < 16 * 1024 * 1024
    assert len(processes) > 1


def test_a_large_server_has_no_large_compositor(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process is born with its parent's greatest size on record; only its own counts."""
    monkeypatch.setattr(pressing, "LARGEST", 128 * 1024 * 1024)
    ballast = bytearray(os.urandom(1)) * (200 * 1024 * 1024)
    press.set(BARE)
    assert len(ballast) > pressing.LARGEST
    assert press.process is not None


def test_a_compositor_that_takes_too_long_is_ended(
    press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    press.set(BARE)
    assert press.process is not None
    os.kill(press.process, signal.SIGSTOP)
    monkeypatch.setattr(pressing, "LONGEST_SECONDS", 2)
    assert press.set(BARE).startswith(b"%PDF-")


def test_a_sheet_that_cannot_be_set_is_refused_with_the_reason(press: Press) -> None:
    with pytest.raises(PressFailed, match="paper"):
        press.set(replace(BARE, paper="papyrus"))  # type: ignore[arg-type]
    assert press.set(BARE).startswith(b"%PDF-")


def test_the_compositor_ends_with_its_server() -> None:
    program = (
        "from tests.documents.test_press import BARE\n"
        "from seikyu.engine.documents.press import Press\n"
        "press = Press(); press.set(BARE); print(press.process)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    for _ in range(100):
        if not Path(f"/proc/{done.stdout.strip()}/cmdline").exists():
            return
        sleep(0.05)
    pytest.fail("the compositor outlived its server")


def test_a_server_that_sets_nothing_loads_no_compiler() -> None:
    program = (
        "import sys\nfrom seikyu.engine.documents.press import Press\n"
        "Press()\nassert 'typst' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], timeout=60, check=True)


def _renamed(number: int) -> tuple[Item, ...]:
    return tuple(replace(item, text=f"{item.text} {number}") for item in MANY.items)


def _resident(process: int) -> int:
    """The memory of a process in bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
