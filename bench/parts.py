"""The measurements over HTTP: reads, writes, and lives of invoices at several sizes."""

import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench import machine, scripts
from bench.databases import Place
from bench.figures import Figure, compared, in_turns, median
from bench.load import Rate, measure
from bench.preload import Filled, filled
from bench.scripts import Scripts, Sender
from bench.server import Running

READERS = 16
"""Connections that read at the same time."""

BILLED = 8
"""Customers whose invoices are measured: one a client, as different payers come at once."""

THREE = "a bare durable transaction of three rows"
LARGEST_MEMORY = 150


@dataclass
class Plan:
    """How long and how often to measure. ``sizes``: stored invoices for the lives.

    ``month_end``: invoices due in the same hour; ``stored``: those beside which due work is looked for.
    """

    rounds: int
    seconds: float
    warm_seconds: float
    sizes: Sequence[int]
    due: int
    month_end: int
    stored: int
    server_core: int | None = None
    figures: list[Figure] = field(default_factory=list)

    def rate(self, server: Running, what: Scripts) -> Rate:
        """Measure once."""
        return measure(server.port, what, warm_seconds=self.warm_seconds, seconds=self.seconds)


@contextmanager
def running(plan: Plan, what: str, url: str | None) -> Iterator[Running]:
    """A server for the time of the block."""
    server = Running.start(what, url, plan.server_core)
    try:
        yield server
    finally:
        server.stop()


def reads(plan: Plan, place: Place) -> None:
    """GET of one invoice and a list of 100, each beside constant bytes of the same size."""
    stored = filled(place.database("reads"), BILLED, 1_000)
    sender = Sender(stored.key, "reads")
    with running(plan, "ours", stored.url) as ours, running(plan, "floor", None) as floor:
        for what, path in (
            ("GET one invoice", "/v1/invoices/" + _an_invoice(ours, stored)),
            ("list of 100 invoices", "/v1/invoices?limit=100"),
        ):
            size = len(got(ours, stored, path))
            turns = in_turns(
                plan.rounds,
                {
                    "ours": lambda path=path: plan.rate(  # type: ignore[misc]
                        ours, scripts.repeated(sender.get(path), READERS)
                    ),
                    "floor": lambda size=size: plan.rate(  # type: ignore[misc]
                        floor, scripts.repeated(sender.get(f"/bytes/{size}"), READERS)
                    ),
                },
            )
            constant = f"constant bytes ({size:,})"
            figure = compared(
                place.name, what, turns["ours"], turns["floor"], floor_is=constant, at_least=0.5
            )
            plan.figures.append(figure)
            busy = max(rate.busy for rate in turns["floor"])
            plan.figures.append(
                Figure(place.name, "  load generator busy at that floor", busy * 100, unit="%")
            )


def writes(plan: Plan, place: Place) -> None:
    """POST of a customer beside a bare transaction of three rows, with 1 and with 8 clients."""
    stored = filled(place.database("writes"), BILLED, 0)
    sender = Sender(stored.key, "writes")
    with (
        running(plan, "ours", stored.url) as ours,
        running(plan, "floor", place.database("writes-floor")) as floor,
    ):
        for clients in (1, 8):
            write = scripts.writes(
                sender, b"/v1/customers", scripts.CUSTOMER, clients, f"customer-{clients}"
            )
            bare = scripts.writes(sender, b"/three", scripts.CUSTOMER, clients, "bare")
            turns = in_turns(
                plan.rounds,
                {
                    "ours": lambda write=write: plan.rate(ours, write),  # type: ignore[misc]
                    "floor": lambda bare=bare: plan.rate(floor, bare),  # type: ignore[misc]
                },
            )
            figure = compared(
                place.name,
                f"POST a customer, {_clients(clients)}",
                turns["ours"],
                turns["floor"],
                floor_is=THREE,
                at_least=0.5 if clients == 8 else None,
            )
            plan.figures.append(figure)


def lives(plan: Plan, place: Place) -> None:
    """Lives of invoices with 1 and 8 clients, on databases of several sizes, in turns."""
    with ExitStack() as stack:
        stored = {
            size: filled(place.database(f"lives-{size}"), BILLED, size) for size in plan.sizes
        }
        servers = {
            size: stack.enter_context(running(plan, "ours", stored[size].url)) for size in stored
        }
        floor = stack.enter_context(running(plan, "floor", place.database("lives-floor")))
        for clients in (1, 8):
            _lives(plan, place, stored, servers, floor, clients)
        size, server = list(servers.items())[-1]
        memory = machine.resident_mebibytes(server.process.pid)
        room = place.bytes_of(stored[size].url) / 1e6
    plan.figures.append(Figure(place.name, f"database of {size:,} invoices", room, unit="MB"))
    if memory is not None:
        plan.figures.append(
            Figure(
                place.name,
                "memory of the server after the lives",
                memory,
                unit="MiB",
                aim=f"≤ {LARGEST_MEMORY} MiB",
                reached=memory <= LARGEST_MEMORY,
            )
        )


def _lives(
    plan: Plan,
    place: Place,
    stored: dict[int, Filled],
    servers: dict[int, Running],
    floor: Running,
    clients: int,
) -> None:
    living = {
        size: scripts.lives(
            Sender(found.key, f"lives-{size}"), found.customers, clients, f"{clients}"
        )
        for size, found in stored.items()
    }
    bare = scripts.writes(Sender("", "bare"), b"/three", b"", clients, "lives")
    runs = {
        f"{size}": (lambda size=size: plan.rate(servers[size], living[size])) for size in stored
    }
    turns = in_turns(plan.rounds, {**runs, "floor": lambda: plan.rate(floor, bare)})
    first = median(turns[f"{plan.sizes[0]}"])
    for size in stored:
        figure = compared(
            place.name,
            f"lives of an invoice (four writes), {size:,} stored, {_clients(clients)}",
            turns[f"{size}"],
            turns["floor"],
            floor_is=THREE,
            at_least=0.5 if clients == 8 else None,
            weight=4,
        )
        plan.figures.append(figure)
        if size != plan.sizes[0]:
            plan.figures.append(_flatness(place, turns, size, plan.sizes[0], clients, first))


def _flatness(
    place: Place, turns: dict[str, list[Rate]], size: int, smallest: int, clients: int, first: float
) -> Figure:
    flat = compared(
        place.name,
        f"  the same beside {smallest:,} stored",
        turns[f"{size}"],
        turns[f"{smallest}"],
        floor_is=f"lives at {smallest:,} stored, {_clients(clients)}",
        at_least=0.9,
    )
    assert flat.floor == first
    return flat


def _clients(number: int) -> str:
    return f"{number} client" if number == 1 else f"{number} clients"


def _an_invoice(server: Running, stored: Filled) -> str:
    found = scripts.INVOICE_ID.search(got(server, stored, "/v1/invoices?limit=1"))
    assert found is not None
    return found[1].decode()


def got(server: Running, stored: Filled, path: str) -> bytes:
    """Return the body that a path answers with to the key of a database."""
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}")
    request.add_header("Authorization", f"Bearer {stored.key}")
    with urllib.request.urlopen(request, timeout=10) as answer:
        body: bytes = answer.read()
    return body
