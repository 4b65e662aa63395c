"""What some tests need from the machine, and what happens where it is missing.

A test that needs PostgreSQL, Chromium or Node is skipped with its reason on a machine without them,
so that `make test` is useful everywhere. With `SEIKYU_REQUIRE_ALL=1`, which `.ci/run` sets, a missing
tool is a failure instead: a green run there means that nothing was left out.
"""

import os
import shutil
from typing import NoReturn

import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def everything_is_required() -> bool:
    """Whether a missing tool fails the run instead of skipping the tests that need it."""
    return os.environ.get("SEIKYU_REQUIRE_ALL", "") == "1"


def unavailable(reason: str) -> NoReturn:
    """End the test that asked: skipped with the reason, or failed where everything is required."""
    if everything_is_required():
        pytest.fail(f"SEIKYU_REQUIRE_ALL=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def program(*names: str) -> str | None:
    """The path of the first of these programs that is on PATH."""
    for name in names:
        if path := shutil.which(name):
            return path
    return None
