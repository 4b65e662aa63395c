"""`seikyu engine import-statement`: a bank's file into the engine, without a server or a key."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seikyu.commands.failures import CannotStart, plainly
from seikyu.config import Settings

if TYPE_CHECKING:
    from seikyu.engine.execute import Engine
    from seikyu.engine.store.session import World


def import_statement(
    file: Annotated[
        Path, typer.Argument(help="The bank's file as it was downloaded, Zengin or CSV.")
    ],
    account: Annotated[
        str | None, typer.Option(help="The account's id, acct_…; needed when there are several.")
    ] = None,
    live: Annotated[bool, typer.Option(help="Into the live world; else the test world.")] = False,
    preview: Annotated[
        bool, typer.Option("--preview", help="Say what would happen; change nothing.")
    ] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(help="role=name of a column, for a CSV file of an unknown bank; repeat it."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output.")
    ] = False,
) -> None:
    """Import a bank statement: all of it or nothing, and every line once.

    Lines whose payer is certain fund the customer's cash balance, which pays open invoices; the others
    wait to be assigned.
    """
    from seikyu.commands.installation import PORT, address, engine_on, ready_database

    with plainly():
        data, columns = _bytes(file), _columns(column or [])
        settings = Settings.from_environ(os.environ)
        database = ready_database(settings)
        try:
            engine = engine_on(database, settings.public_url or address("", PORT))
            told = _imported(engine, _world(engine, account, live), data, columns, preview)
        finally:
            database.close()
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    _tell(told)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as reason:
        raise CannotStart(f"{file} cannot be read: {reason.strerror}.") from None


def _columns(given: list[str]) -> dict[str, str] | None:
    from seikyu.engine.wire.params.bank_statement import StatementColumns

    columns: dict[str, str] = {}
    for each in given:
        role, equals, name = each.partition("=")
        if not equals or not name or role not in StatementColumns.model_fields:
            known = ", ".join(sorted(StatementColumns.model_fields))
            raise CannotStart(f"--column is role=name, not {each!r}; the roles are {known}.")
        columns[role] = name
    return columns or None


def _world(engine: "Engine", account: str | None, live: bool) -> "World":
    from seikyu.engine.store.keys import worlds_of

    found = worlds_of(engine.database.connection(), account, livemode=live)
    if len(found) == 1:
        return found[0]
    if account is not None:
        raise CannotStart(f"There is no account {account} in this database.")
    if not found:
        raise CannotStart("There is no account yet; run: seikyu engine create-account NAME")
    names = ", ".join(sorted(world.account.id for world in found))
    raise CannotStart(f"Say into which account with --account; there are {names}.")


def _imported(
    engine: "Engine",
    world: "World",
    data: bytes,
    columns: dict[str, str] | None,
    preview: bool,
) -> dict[str, Any]:
    """Return what the API would answer. Raises CannotStart with the sentence of a refusal."""
    from seikyu.engine.billing.bank_statement import ImportStatement
    from seikyu.engine.execute import Order
    from seikyu.engine.execute.statement_loading import statement_shown
    from seikyu.engine.store.session import Session
    from seikyu.engine.wire.errors import WireError

    command = ImportStatement(data, columns)
    if preview:
        session = Session(engine.database.connection(), world)
        try:
            body = statement_shown(session, command, engine.now(), engine.minter.mint)
        except WireError as error:
            raise CannotStart(error.message) from None
        shown: dict[str, Any] = json.loads(body)
        return shown
    (answer,) = engine.batch([Order(world, command)])
    told: dict[str, Any] = json.loads(answer.body)
    if answer.status != 200:
        raise CannotStart(told["error"]["message"])
    return told


def _tell(told: dict[str, Any]) -> None:
    would = " would be" if told["preview"] else ""
    typer.echo(
        f"{told['imported']} lines{would} imported, {told['total']} yen: {told['matched']} matched, "
        f"{told['waiting']} waiting; {len(told['skipped'])} skipped.",
        err=True,
    )
    for each in told["skipped"]:
        typer.echo(f"Line {each['line_number']}: {each['message']}", err=True)
    for line in told.get("lines", ()):
        whose = line["customer"] or "waits for a person"
        typer.echo(f"{line['booked_on']} {line['amount']} {line['payer_name']}: {whose}", err=True)
