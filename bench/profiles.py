"""Where the time goes: the top costs of a read, a write and a life, with one database."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import scripts
from bench.databases import Place
from bench.load import measure
from bench.parts import BILLED, Plan, _an_invoice
from bench.preload import filled
from bench.profiling import costs
from bench.scripts import Scripts, Sender
from bench.server import Running

TOP = 12


def profiles(plan: Plan, place: Place, folder: Path, console: Console) -> None:
    """Print the top costs. The profiler slows everything down: only the shares count.

    On SQLite time is that of the clock, so writing to disk counts. On PostgreSQL many threads wait for
    the server at once, so time is that of the processor.
    """
    clock = "time passed" if place.name == "SQLite" else "processor time"
    stored = filled(place.database("profile"), BILLED, 1_000)
    sender = Sender(stored.key, "profile")
    first = Running.start("ours", stored.url, plan.server_core)
    invoice = _an_invoice(first, stored)
    first.stop()
    measured: dict[str, Scripts] = {
        "GET one invoice": scripts.repeated(sender.get(f"/v1/invoices/{invoice}"), 8),
        "POST a customer, 8 clients": scripts.writes(
            sender, b"/v1/customers", scripts.CUSTOMER, 8, "customer"
        ),
        "lives of an invoice, 8 clients": scripts.lives(sender, stored.customers, 8, "life"),
    }
    for number, (what, script) in enumerate(measured.items()):
        path = folder / f"{place.name}-{number}.profile"
        server = Running.start("ours", stored.url, plan.server_core, path)
        rate = measure(server.port, script, warm_seconds=0, seconds=plan.seconds)
        server.stop()
        _show(
            f"{place.name}, {clock}: {what}", path, round(rate.per_second * plan.seconds), console
        )


def _show(title: str, path: Path, units: int, console: Console) -> None:
    table = Table(title=f"{title} ({units:,} under the profiler)", title_justify="left")
    for name in ("share of the time", "µs each", "calls each", "function"):
        table.add_column(name, justify="left" if name == "function" else "right")
    for cost in costs(path, units, TOP):
        share, each = f"{cost.share:.1%}", f"{cost.microseconds:.1f}"
        table.add_row(share, each, f"{cost.calls:.1f}", cost.function)
    console.print(table)
