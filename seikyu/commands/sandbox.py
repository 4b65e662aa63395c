"""`seikyu sandbox …`: everything to try Seikyu with, on made-up data."""

import contextlib
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from seikyu.commands.failures import CannotStart, failed, plainly
from seikyu.config import Settings

HOST = "127.0.0.1"
BOARD_PORT = 8421


def register(program: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Try Seikyu on made-up data.")
    group.command("board")(board)
    group.command("run")(run)
    group.callback()(lambda: None)
    program.add_typer(group, name="sandbox")


def board(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = HOST,
    port: Annotated[int, typer.Option(min=1, max=65535)] = BOARD_PORT,
    seed: Annotated[Path | None, typer.Option(help="A company as a JSON file.")] = None,
    clients: Annotated[int | None, typer.Option(min=0, help="Generate so many 顧客.")] = None,
    projects: Annotated[int | None, typer.Option(min=0, help="Generate so many 案件.")] = None,
    invoices: Annotated[int | None, typer.Option(min=0, help="Generate so many 請求.")] = None,
    random_seed: Annotated[int, typer.Option(help="The same number, the same company.")] = 1,
    file: Annotated[
        Path | None, typer.Option(help="Keep the records in this file; else they are lost.")
    ] = None,
) -> None:
    """Serve a simulated board. Without a seed or numbers it has the sample company."""
    from seikyu.board.simulator.serve import read_seed, run
    from seikyu.board.simulator.state import UnusableSeed
    from seikyu.commands.listening import listen

    numbers = (clients, projects, invoices)
    if seed is not None and numbers != (None, None, None):
        raise failed("--seed is one company, generated numbers are another; choose one of them.")
    try:
        records = read_seed(seed) if seed else _company(numbers, random_seed)
        listen(host, port).close()
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        run(host, port, records, now=tokyo_now, file=file)
    except (UnusableSeed, ValueError, CannotStart, OSError) as failure:
        raise failed(str(failure)) from None


def run(
    once: Annotated[
        bool, typer.Option("--once", help="End after the report instead of serving on.")
    ] = False,
) -> None:
    """Show the main job on made-up data: board, engine and connector, under the data directory."""
    with plainly():
        settings = Settings.from_environ(os.environ)
        from seikyu.commands import logs, sandbox_parts, sandbox_story
        from seikyu.connector.cli import console_for_people

        logs.to_standard_error(settings.log_level)
        console = console_for_people()
        with (
            contextlib.suppress(sandbox_parts.Interrupted),
            sandbox_parts.interruptible(),
            sandbox_parts.running(settings) as parts,
        ):
            sandbox_story.tell(parts, console)
            sandbox_story.show_addresses(console, parts)
            if not once:
                sandbox_parts.serve_on(parts, console)


def _company(numbers: tuple[int | None, ...], random_seed: int) -> dict[str, object]:
    from seikyu.board.simulator.generator import generate
    from seikyu.board.simulator.sample import sample_company

    today = tokyo_now().date()
    if numbers == (None, None, None):
        return sample_company(today)
    clients, projects, invoices = (number or 0 for number in numbers)
    return generate(
        clients=clients or (1 if projects or invoices else 0),
        projects=projects or (1 if invoices else 0),
        invoices=invoices,
        random_seed=random_seed,
        today=today,
    )


def tokyo_now() -> datetime:
    """Return the present, in Japan."""
    from seikyu.board.paging import JAPAN

    return datetime.now(JAPAN)
