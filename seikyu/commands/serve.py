"""`seikyu serve`: the API, the hosted pages and the worker in one process.

More processes on one PostgreSQL database: start it several times, each on its port. SIGTERM and Ctrl-C
let requests under way finish.
"""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from seikyu.commands.failures import plainly
from seikyu.config import Settings

if TYPE_CHECKING:
    from seikyu.commands.web import Web

PORT = 8420


def register(program: typer.Typer) -> None:
    """Add the command."""
    program.command()(serve)


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.", min=1, max=65535)] = PORT,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave what is due to `seikyu work`.")
    ] = False,
) -> None:
    """Serve the API and the hosted pages, and work on what is due."""
    with plainly():
        settings = Settings.from_environ(os.environ)
        from seikyu.commands import logs

        logs.to_standard_error(settings.log_level)
        from seikyu.commands.installation import address
        from seikyu.commands.listening import listen, server

        taken = listen(host, port)
        web = web_of(settings, address(host, port), with_worker=not no_worker)
        server(web, lifespan="on").run(sockets=[taken])


def web_of(settings: Settings, base: str, *, with_worker: bool = True) -> "Web":
    """Put the programs together behind one ASGI callable, which is reached at `base`.

    Raises CannotStart and StoreUnavailable.
    """
    import asyncio

    from seikyu.commands import installation, life
    from seikyu.commands.web import Web
    from seikyu.engine import clock
    from seikyu.engine.api.app import Api
    from seikyu.engine.execute import Door
    from seikyu.engine.hosted.app import create_hosted
    from seikyu.engine.store.database import Contention, StoreUnavailable
    from seikyu.engine.store.migrate import newest, version_of

    database = installation.ready_database(settings)
    engine = installation.engine_on(database, settings.public_url or base)
    installation.ask_unanswered(engine)
    door = Door(engine)
    needed = newest()
    stop = asyncio.Event()
    working: list[asyncio.Task[None]] = []

    async def why_not_ready() -> str | None:
        try:
            version = await door.read(version_of)
        except (StoreUnavailable, Contention) as reason:
            return str(reason)
        return None if version == needed else "the database lacks a migration"

    async def started() -> None:
        if with_worker:
            worker = installation.worker_of(door, settings)
            working.append(asyncio.create_task(life.keep_working(worker, stop)))

    async def stopped() -> None:
        stop.set()
        for task in working:
            await life.finish(task)
        door.close()
        database.close()

    api, hosted = Api(door, clock.monotonic), create_hosted(door)
    return Web(api, hosted, why_not_ready, started, stopped)
