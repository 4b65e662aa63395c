"""`seikyu sync`: one run from the command line, with progress and a final table.

What people read goes to standard error; with `--json` standard output gets exactly one JSON object.
Exit codes: 0 all well, 1 some invoices need a human, 2 the run did not reach its end.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from seikyu.connector import run as runs
from seikyu.connector.connection import Connection
from seikyu.connector.failures import EXPECTED, failure_of
from seikyu.connector.planning import OnStep, Step
from seikyu.connector.reasons import Language
from seikyu.connector.report import FAILED, Report
from seikyu.connector.settings import Settings, SettingsIncomplete, database_url
from seikyu.connector.store import Database, RunState
from seikyu.connector.table import show

WIDTH_OF_A_LOG = 120

PHASES: dict[RunState, tuple[str, str]] = {
    RunState.QUEUED: ("待機中", "queued"),
    RunState.IMPORTING: ("boardを読み込み中", "reading board"),
    RunState.PLANNING: ("送信内容を確認中", "planning"),
    RunState.APPLYING: ("反映中", "applying"),
}


def register(app: typer.Typer, now: Callable[[], datetime]) -> None:
    """Add the command `sync` to the program. `now` returns an aware moment."""

    @app.command()
    def sync(
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help="Show what would happen; write nothing anywhere.")
        ] = False,
        as_json: Annotated[
            bool, typer.Option("--json", help="Print one JSON object on standard output.")
        ] = False,
        lang: Annotated[
            str | None, typer.Option("--lang", help="ja or en; by default as LANG says.")
        ] = None,
        settings: Annotated[
            Path | None, typer.Option("--settings", help="A file of NAME=value lines.")
        ] = None,
    ) -> None:
        """Send board's card invoices to Stripe, and Stripe's payment status to board."""
        language = language_of(lang, os.environ)
        code = sync_once(
            os.environ, now, dry_run=dry_run, as_json=as_json, language=language, file=settings
        )
        raise typer.Exit(code)


def language_of(asked: str | None, environ: Mapping[str, str]) -> Language:
    """Return the language asked for, else Japanese where the locale is Japanese, else English."""
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "ja" if (asked or locale).lower().startswith("ja") else "en"


def console_for_people() -> Console:
    """Return where people read: standard error, as wide as the terminal.

    A log has no width; the 80 columns that would be taken for it break the tables into slivers.
    COLUMNS, where it is set, has the last word.
    """
    has_width = sys.stderr.isatty() or os.environ.get("COLUMNS", "").isdigit()
    return Console(stderr=True, highlight=False, width=None if has_width else WIDTH_OF_A_LOG)


def sync_once(
    environ: Mapping[str, str],
    now: Callable[[], datetime],
    *,
    dry_run: bool,
    as_json: bool,
    language: Language,
    file: Path | None = None,
    requested_by: str = "cli",
) -> int:
    """Run once with the settings of the environment, show the report, return the exit code."""
    console = console_for_people()
    try:
        settings = Settings.from_environ(environ, file)
        database = Database(database_url(environ))
        with closing(database):
            database.migrate()
            connection = Connection.open(settings, database, now)
            with closing(connection):
                report = _run(connection, console, language, dry_run, requested_by)
    except SettingsIncomplete as error:
        return _failed(console, str(error), "config", as_json)
    except EXPECTED as error:
        failure = failure_of(error)
        return _failed(console, failure.sentence(language), failure.kind.value, as_json)
    if as_json:
        sys.stdout.write(json.dumps(report.as_json(language), ensure_ascii=False) + "\n")
    show(report, console, language)
    return report.exit_code


def _run(
    connection: Connection, console: Console, language: Language, dry_run: bool, requested_by: str
) -> Report:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        on_step = _on_step(progress, language)
        if dry_run:
            return runs.preview(connection, on_step=on_step)
        return runs.run(connection, requested_by=requested_by, on_step=on_step)


def _on_step(progress: Progress, language: Language) -> OnStep:
    bar = progress.add_task(_phase(RunState.QUEUED, language), total=None)

    def on_step(step: Step) -> None:
        description = _phase(step.state, language)
        progress.update(bar, description=description, completed=step.done, total=step.total)

    return on_step


def _phase(state: RunState, language: Language) -> str:
    ja, en = PHASES.get(state, (state.value, state.value))
    return ja if language == "ja" else en


def _failed(console: Console, message: str, kind: str, as_json: bool) -> int:
    if as_json:
        error = {"kind": kind, "message": message}
        answer = {"exit_code": FAILED, "error": error}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    console.print(message, style="red", markup=False, soft_wrap=True)
    return FAILED
