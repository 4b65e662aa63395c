"""Runs the simulated board as a server of its own: what `seikyu sandbox board` calls.

Prints the address, key and token to use, since they are made for being used. It listens on this
machine only unless told otherwise, and should stay so: its control endpoints ask for no password.
"""

import json
import sqlite3
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TextIO

import uvicorn

from seikyu.board.simulator.app import create_app
from seikyu.board.simulator.limits import Limits
from seikyu.board.simulator.sandbox import API_KEY, API_TOKEN
from seikyu.board.simulator.state import UnusableSeed

PORT = 8421


def run(
    host: str,
    port: int,
    seed: Mapping[str, object],
    *,
    now: Callable[[], datetime],
    file: Path | None = None,
    limits: Limits | None = None,
    out: TextIO = sys.stderr,
) -> None:
    """Serve until interrupted (Ctrl-C, SIGTERM). `file` keeps the records; else they are lost.

    Raises UnusableSeed, also for a file that cannot hold the records.
    """
    try:
        app = create_app(seed, now=now, file=file, limits=limits)
    except sqlite3.Error as error:
        raise UnusableSeed(f"{file}: {error}") from None
    records = app.state.sandbox.records
    shown_host = f"[{host}]" if ":" in host else host
    out.write(
        f"board simulator: {records.company}, {records.count('invoices')} invoices\n"
        f"  page           http://{shown_host}:{port}/\n"
        f"  SEIKYU_BOARD_URL=http://{shown_host}:{port}/v1\n"
        f"  BOARD_API_KEY={API_KEY}\n"
        f"  BOARD_API_TOKEN={API_TOKEN}\n"
        f"  records        {file or 'in memory'}\n"
    )
    out.flush()
    # date_header: the simulator stamps its answers itself, by its own clock.
    uvicorn.run(app, host=host, port=port, log_level="warning", date_header=False)


def read_seed(file: Path) -> Mapping[str, object]:
    """Read a seed file; raises UnusableSeed, naming the file and why."""
    try:
        seed = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UnusableSeed(f"{file}: {error}") from None
    if not isinstance(seed, dict):
        raise UnusableSeed(f"{file}: not a JSON object")
    return seed
