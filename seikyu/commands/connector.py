"""`seikyu sync` and what else the connector offers: its commands are its own, mounted here.

The connector is imported only when one of them is called, with everything after the command's name.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import typer

SYNC = "Send board's card invoices to Stripe, and Stripe's payment status to board."
PASSED_ON = {"ignore_unknown_options": True, "allow_extra_args": True}


def register(program: typer.Typer) -> None:
    """Add the connector's commands."""
    program.command("sync", help=SYNC, add_help_option=False, context_settings=dict(PASSED_ON))(
        _passed_on("sync")
    )


def now() -> datetime:
    """Return the present, in UTC."""
    return datetime.now(UTC)


def _passed_on(command: str) -> Callable[[typer.Context], None]:
    def call(context: typer.Context) -> None:
        from seikyu.connector.cli import register as register_connector

        connector = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        # With a callback the command keeps its name, however few commands there are.
        connector.callback()(lambda: None)
        register_connector(connector, now)
        connector([command, *context.args], prog_name="seikyu")

    return call
