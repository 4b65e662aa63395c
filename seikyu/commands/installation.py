"""Puts the engine together from the settings: its database, its clock, its entropy, its processor."""

import os
from dataclasses import asdict
from pathlib import Path

from seikyu.commands.failures import CannotStart
from seikyu.config import Settings
from seikyu.engine import clock
from seikyu.engine.execute import Door, Engine
from seikyu.engine.processors.test_cards import TestCardProcessor
from seikyu.engine.store import migrate
from seikyu.engine.store.database import (
    PostgresDatabase,
    SqliteDatabase,
    StoreUnavailable,
    open_database,
)
from seikyu.engine.store.due import ask_all_attempts_now
from seikyu.engine.wire.ids import Minter
from seikyu.engine.worker import Mailer, Outbound, Server, Worker

PORT = 8420
DAY = 86_400
HERE = "127.0.0.1"
EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 (compared with, not bound to)


def ready_database(settings: Settings) -> SqliteDatabase | PostgresDatabase:
    """Open the database at the version this program needs.

    A SQLite file is made and migrated by itself. A PostgreSQL database is shared, so the moment of
    its migration is a person's decision: raises CannotStart when it is behind. Raises
    StoreUnavailable when the database cannot be used.
    """
    database = open_database(settings.database_url)
    if database.dialect == "sqlite":
        migrate.upgrade(settings.database_url)
        _refuse_unwritable(Path(settings.database_url.removeprefix("sqlite:///")))
    elif not migrate.is_current(settings.database_url):
        raise CannotStart("The database lacks what this version needs; run: seikyu migrate")
    return database


def engine_on(database: SqliteDatabase | PostgresDatabase, public_url: str) -> Engine:
    """Return the engine on an open database."""
    return Engine(database, minter(), TestCardProcessor(), public_url)


def minter() -> Minter:
    """Return this process's source of ids and keys."""
    return Minter(clock.now_us, os.urandom)


def worker_of(door: Door, settings: Settings) -> Worker:
    """Return the worker with its ways out."""
    outbound = Outbound(
        door,
        timeout_seconds=settings.webhook_timeout_seconds,
        allow_private=settings.webhook_allow_private,
    )
    mailer = Mailer(door, mail_server(settings))
    return Worker(door, outbound, mailer, events_kept=settings.events_kept_days * DAY)


def mail_server(settings: Settings) -> Server | None:
    """Return the mail server of the settings, if there is one."""
    given = settings.mail_server
    return None if given is None else Server(**asdict(given))


def ask_unanswered(engine: Engine) -> None:
    """Make every charge without an outcome due at once: whoever asked before is gone.

    On SQLite that is certain, for one process serves it. On PostgreSQL others may be asking right now;
    there a charge is taken up when its time for an outcome has passed.
    """
    if engine.database.dialect != "sqlite":
        return
    from seikyu.engine.store.database import transaction

    connection = engine.database.connection()
    with transaction(connection):
        ask_all_attempts_now(connection)


def address(host: str, port: int) -> str:
    """Return the address under which this machine reaches a server of ours."""
    shown = HERE if host in EVERYWHERE else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _refuse_unwritable(file: Path) -> None:
    """Say now that nothing can be written, rather than at the first request."""
    if not os.access(file, os.W_OK):
        raise StoreUnavailable(
            f"The database {file} is read-only; give this user the right to write it and its folder."
        )
