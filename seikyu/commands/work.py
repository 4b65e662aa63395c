"""`seikyu work`: the worker alone; any number of them on one PostgreSQL database."""

import asyncio
import os
import signal

import typer

from seikyu.commands.failures import plainly
from seikyu.config import Settings


def register(program: typer.Typer) -> None:
    """Add the command."""
    program.command()(work)


def work() -> None:
    """Work on what is due: charges, invoices, test clocks, webhooks, mails. Set SEIKYU_PUBLIC_URL."""
    with plainly():
        settings = Settings.from_environ(os.environ)
        from seikyu.commands import logs

        logs.to_standard_error(settings.log_level)
        asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    from seikyu.commands import installation, life
    from seikyu.engine.execute import Door

    database = installation.ready_database(settings)
    public_url = settings.public_url or installation.address("", installation.PORT)
    engine = installation.engine_on(database, public_url)
    installation.ask_unanswered(engine)
    door = Door(engine)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    task = asyncio.create_task(life.keep_working(installation.worker_of(door, settings), stop))
    await stop.wait()
    await life.finish(task)
    door.close()
    database.close()
