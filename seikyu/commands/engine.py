"""`seikyu engine …`: the engine's own administration."""

import json
import os
import re
import sys
from dataclasses import asdict
from typing import Annotated

import typer

from seikyu.commands.failures import CannotStart, plainly
from seikyu.commands.statements import import_statement
from seikyu.config import Settings

CURRENCIES = {"JP": "jpy", "GB": "gbp", "CH": "chf", "US": "usd"}
"""Country → the currency of its accounts; elsewhere it is said with --currency."""

REGISTRATION_NUMBER = re.compile(r"T\d{13}", re.ASCII)
CODE = {2: re.compile(r"[A-Z]{2}"), 3: re.compile(r"[a-z]{3}")}

KINDS = ("secret", "publishable")


def register(program: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(no_args_is_help=True, help="Administration of the engine.")
    group.command("create-account")(create_account)
    group.command("create-key")(create_key)
    group.command("revoke-key")(revoke_key)
    group.command("audit")(audit)
    group.command("import-statement")(import_statement)
    group.callback()(lambda: None)
    program.add_typer(group, name="engine")


def audit(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output.")
    ] = False,
) -> None:
    """Add the ledger up and compare it with every invoice, payment and balance.

    Exits with 1 when something differs, and names it. It only reads, and may run at any time.
    """
    from seikyu.commands.installation import ready_database
    from seikyu.engine.store.audit import CHECKS, differences

    with plainly():
        settings = Settings.from_environ(os.environ)
        found = differences(ready_database(settings).connection())
    if as_json:
        typer.echo(json.dumps({"differences": [asdict(each) for each in found]}))
    for each in found:
        typer.echo(
            f"{each.object} (world {each.world}): {each.what} is {each.says}, "
            f"the ledger says {each.ledger}",
            err=True,
        )
    typer.echo(f"{len(CHECKS)} checks, {len(found)} differences.", err=True)
    if found:
        raise typer.Exit(1)


def create_account(
    name: Annotated[str, typer.Argument(help="The name that invoices show as their issuer.")],
    country: Annotated[str, typer.Option(help="Two letters, such as JP.")] = "JP",
    currency: Annotated[
        str | None, typer.Option(help="Three letters, such as jpy; by default the country's.")
    ] = None,
    registration_number: Annotated[
        str | None, typer.Option(help="登録番号 of a qualified-invoice issuer: T and 13 digits.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output.")
    ] = False,
) -> None:
    """Create an account and print its keys, which are stored hashed and never shown again."""
    with plainly():
        settings = Settings.from_environ(os.environ)
        shown = created(settings, name, country.upper(), currency, registration_number)
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    typer.echo("These keys are shown once; keep them now.", err=True)
    for label, value in shown.items():
        typer.echo(f"{label:<22} {value}", err=True)


def create_key(
    account: Annotated[str, typer.Argument(help="The account's id, acct_….")],
    permission: Annotated[
        list[str],
        typer.Option(
            help="What the key may do, such as invoice_write or customer_read; repeat it."
        ),
    ],
    live: Annotated[bool, typer.Option(help="Open the live world; else the test world.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output.")
    ] = False,
) -> None:
    """Create a restricted key, which may do only what it is permitted, and print it once."""
    from seikyu.commands.installation import minter, ready_database
    from seikyu.engine import clock
    from seikyu.engine.store import keys

    with plainly():
        for one in permission:
            if one not in permissions():
                known = ", ".join(sorted(permissions()))
                raise CannotStart(f"--permission {one} is unknown. There are: {known}.")
        key = minter().restricted_key(livemode=live)
        database = ready_database(Settings.from_environ(os.environ))
        try:
            granted = frozenset(permission)
            done = keys.add_restricted_key(
                database.connection(), account, key, granted, clock.now(), livemode=live
            )
        finally:
            database.close()
        if not done:
            raise CannotStart(f"There is no account {account} in this database.")
    if as_json:
        typer.echo(json.dumps({"account": account, "restricted_key": key}))
    else:
        typer.echo("This key is shown once; keep it now.", err=True)
        typer.echo(key, err=True)


def revoke_key(
    key: Annotated[str, typer.Argument(help="The key, or - to read it from standard input.")],
) -> None:
    """Make a key useless, within five seconds in servers that are running."""
    from seikyu.commands.installation import ready_database
    from seikyu.engine import clock
    from seikyu.engine.store import keys

    with plainly():
        key = sys.stdin.readline().strip() if key == "-" else key
        database = ready_database(Settings.from_environ(os.environ))
        try:
            done = keys.revoke(database.connection(), key, clock.now())
        finally:
            database.close()
        if not done:
            raise CannotStart("No key of this database is like that, or it was revoked before.")
    typer.echo("Revoked.", err=True)


def permissions() -> frozenset[str]:
    """Return everything that a restricted key can be permitted; writing includes reading."""
    from seikyu.engine.wire.objects import OBJECT_TYPES

    nouns = {"event", "mail", *(type.rpartition(".")[2] for type in OBJECT_TYPES.values())}
    return frozenset(f"{noun}_{verb}" for noun in nouns for verb in ("read", "write"))


def created(
    settings: Settings,
    name: str,
    country: str = "JP",
    currency: str | None = None,
    registration_number: str | None = None,
) -> dict[str, str]:
    """Store an account with both its worlds; return its id and its keys.

    Raises CannotStart for what cannot be an account, and StoreUnavailable.
    """
    from seikyu.commands.installation import minter, ready_database
    from seikyu.engine import clock
    from seikyu.engine.billing.account import Account
    from seikyu.engine.store import keys

    currency = (currency or CURRENCIES.get(country, "")).lower()
    _check(name, country, currency, registration_number)
    mint = minter()
    account = Account(
        id=mint.mint("acct"),
        name=name,
        country=country,
        default_currency=currency,
        created=clock.now(),
        registration_number=registration_number,
    )
    made = {
        (livemode, kind): mint.secret_key(livemode=livemode)
        if kind == "secret"
        else mint.publishable_key(livemode=livemode)
        for kind in KINDS
        for livemode in (False, True)
    }
    database = ready_database(settings)
    try:
        keys.create_account(database.connection(), account, made)
    finally:
        database.close()
    return {
        "account": account.id,
        **{f"{'live' if live else 'test'}_{kind}_key": key for (live, kind), key in made.items()},
    }


def _check(name: str, country: str, currency: str, registration_number: str | None) -> None:
    if not name.strip():
        raise CannotStart("The name of an account cannot be empty.")
    if not CODE[2].fullmatch(country):
        raise CannotStart(f"--country is two letters, such as JP, not {country!r}.")
    if not currency:
        raise CannotStart(f"Say the currency of an account in {country}, such as --currency eur.")
    if not CODE[3].fullmatch(currency):
        raise CannotStart(f"--currency is three letters, such as jpy, not {currency!r}.")
    if registration_number is not None and not REGISTRATION_NUMBER.fullmatch(registration_number):
        raise CannotStart(f"--registration-number is T and 13 digits, not {registration_number!r}.")
