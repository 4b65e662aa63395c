"""What can be expected to go wrong is told in one sentence on standard error, without a traceback.

Exit status 2, as for a wrong option. A traceback means a bug of ours, and is left alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from seikyu.config import SettingsUnusable

FAILED = 2


class CannotStart(Exception):
    """A program cannot start for a reason outside of it; the message says what to do."""


@contextmanager
def plainly() -> Iterator[None]:
    """Turn expected failures of the engine's commands into a sentence and exit status 2."""
    from seikyu.engine.store.database import Contention, StoreUnavailable

    try:
        yield
    except (SettingsUnusable, CannotStart, StoreUnavailable, Contention) as failure:
        raise failed(str(failure)) from None


def failed(message: str) -> typer.Exit:
    """Say what went wrong; return what the command raises to end."""
    typer.echo(message, err=True)
    return typer.Exit(FAILED)
