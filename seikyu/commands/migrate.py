"""`seikyu migrate`: create the databases or bring them to what this version needs."""

import os

import typer

from seikyu.commands.failures import failed, plainly
from seikyu.config import Settings


def register(program: typer.Typer) -> None:
    """Add the command."""
    program.command()(migrate)


def migrate() -> None:
    """Create or upgrade the databases of the engine and the connector."""
    with plainly():
        settings = Settings.from_environ(os.environ)
        from seikyu.engine.store.migrate import newest, upgrade

        upgrade(settings.database_url)
        _connectors(settings)
        typer.echo(f"The databases are at version {newest()}.", err=True)


def _connectors(settings: Settings) -> None:
    from seikyu.connector.settings import database_url
    from seikyu.connector.store import Database, StoreUnavailable

    environ = dict(os.environ)
    if not settings.database_url.startswith("sqlite:"):
        environ["SEIKYU_DATABASE_URL"] = settings.database_url
    database = Database(database_url(environ))
    try:
        database.migrate()
    except StoreUnavailable as failure:
        raise failed(str(failure)) from None
    finally:
        database.close()
