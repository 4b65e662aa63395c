"""Searches beside reading one object by its id, at several sizes; and how fast the index is made."""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from urllib.parse import quote

from bench import scripts
from bench.databases import Place
from bench.figures import Figure, compared, in_turns
from bench.load import Rate
from bench.parts import BILLED, READERS, Plan, got, running
from bench.preload import Filled, filled
from bench.scripts import Sender
from bench.server import Running, engine_at
from seikyu.engine.execute.indexing import AT_ONCE, index
from seikyu.engine.store.database import transaction

KINDS = {
    "charge": "charges",
    "customer": "customers",
    "invoice": "invoices",
    "payment_intent": "payment_intents",
}
BY_ID = "GET one invoice"


def searching(plan: Plan, place: Place) -> None:
    """Searches of several kinds on databases of several sizes, each beside a read by id, in turns."""
    sizes = [size for size in plan.sizes if size]
    with ExitStack() as stack:
        runs: dict[str, Callable[[], Rate]] = {}
        for size in sizes:
            stored = filled(place.database(f"search-{size}"), BILLED, size)
            plan.figures.append(_indexed(place, stored, size))
            server = stack.enter_context(running(plan, "ours", stored.url))
            for what, path in _paths(stored, server).items():
                sends = scripts.repeated(Sender(stored.key, "search").get(path), READERS)
                runs[f"{what}, {size:,} stored"] = partial(plan.rate, server, sends)
        turns = in_turns(plan.rounds, runs)
    for name, rates in turns.items():
        what, _, stored_size = name.rpartition(", ")
        if what == BY_ID:
            continue
        by_id = turns[f"{BY_ID}, {stored_size}"]
        plan.figures.append(compared(place.name, name, rates, by_id, floor_is=BY_ID))
        smallest = f"{what}, {sizes[0]:,} stored"
        if name != smallest:
            flat = compared(
                place.name,
                f"  the same beside {sizes[0]:,} stored",
                rates,
                turns[smallest],
                floor_is=smallest,
                at_least=0.8,
            )
            plan.figures.append(flat)


def _indexed(place: Place, stored: Filled, size: int) -> Figure:
    """Index everything that was copied in, and say how many objects that were in a second."""
    engine = engine_at(stored.url)
    connection = engine.database.connection()
    with transaction(connection):
        connection.command("DELETE FROM search_waiting")
        for kind, table in KINDS.items():
            connection.command(
                "INSERT INTO search_waiting (world_id, kind, object_id, version)"
                f" SELECT world_id, '{kind}', id, version FROM {table}"
            )
    done, began = 0, time.perf_counter()
    while taken := index(connection, stored.world.id, AT_ONCE[engine.database.dialect]):
        done += taken
    seconds = time.perf_counter() - began
    if engine.database.dialect == "postgresql":
        connection.command("VACUUM ANALYZE")
    engine.database.close()
    return Figure(place.name, f"objects indexed, {size:,} invoices", done / seconds)


def _paths(stored: Filled, server: Running) -> dict[str, str]:
    """Return the searches, and the read by id, by what they are."""
    newest = _newest(server, stored)
    number, customer = newest["number"], newest["customer"]
    queries = {
        "search by number (1 found)": f"number:'{number}'",
        "search by a part (1 found)": f"number~'{number[2:]}'",
        "search by three clauses (10 of 100)": f"customer:'{customer}' status:'paid' total>=10000",
        "search by status (10 of all)": "status:'paid'",
        "search by what is not (10 of all)": "-status:'draft' created>0",
    }
    searches = {
        what: f"/v1/invoices/search?query={quote(query)}" for what, query in queries.items()
    }
    return {BY_ID: f"/v1/invoices/{newest['id']}", **searches}


def _newest(ours: Running, stored: Filled) -> dict[str, str]:
    """Return the newest invoice."""
    (invoice,) = json.loads(got(ours, stored, "/v1/invoices?limit=1"))["data"]
    return {name: invoice[name] for name in ("id", "number", "customer")}
