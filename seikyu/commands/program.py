"""The command line itself: which commands there are."""

from typing import Annotated

import typer

from seikyu import __version__
from seikyu.commands import connector, engine, migrate, sandbox, serve, work


def _print(on: bool) -> None:
    if on:
        typer.echo(__version__)
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print)
    ] = False,
) -> None:
    """Invoicing and collections that speak Stripe's API, and a link of board and Stripe."""


def build() -> typer.Typer:
    """Return the program with all its commands."""
    program = typer.Typer(
        name="seikyu",
        help="Invoicing and collections that speak Stripe's API, and a link of board and Stripe.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    program.callback()(_options)
    for group in (serve, work, migrate, connector, engine, sandbox):
        group.register(program)
    return program
