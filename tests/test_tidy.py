"""The rules of ARCHITECTURE.md, held against every file of the project.

For each rule there are two tests: the project keeps it, and the rule can fail, shown on a snippet
that breaks it. A rule that nothing can break protects nothing.
"""

import subprocess
import sys
from collections.abc import Mapping

import pytest

from seikyu.engine import billing
from seikyu.engine.billing import invoice
from seikyu.engine.billing.refusals import Refusal
from seikyu.engine.wire import errors
from tests.tidy import clock, imports, invoicing, layout, texts
from tests.tidy.sources import ROOT, Source, python_sources, tracked_texts

PROGRAMS = python_sources("seikyu")
ALL_PYTHON = python_sources("seikyu", "tests", "bench")
TEXTS = tracked_texts()


def none(findings: list[str]) -> None:
    """Fail with every finding on a line of its own."""
    assert not findings, "\n" + "\n".join(findings)


def at(module: str, text: str) -> list[Source]:
    """A snippet as it would stand in the project under this name."""
    return [Source(module.replace(".", "/") + ".py", text)]


# ── Imports ──────────────────────────────────────────────────────────────────────────────────────


def test_imports_follow_the_table() -> None:
    none(imports.imports_outside_the_table(PROGRAMS))


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("seikyu.connector.run", "from seikyu.engine import billing\n"),
        ("seikyu.connector.run", "import seikyu.engine.store.tables\n"),
        ("seikyu.connector.run", "def f():\n    from seikyu.engine.clock import now\n"),
        ("seikyu.connector.run", "from ..engine import clock\n"),
        ("seikyu.connector.run", "import importlib\nimportlib.import_module('seikyu.engine')\n"),
        ("seikyu.connector.run", "import importlib\nimportlib.import_module(name)\n"),
        ("seikyu.board.client", "from seikyu.config import Settings\n"),
        ("seikyu.board.client", "from seikyu.connector import plan\n"),
        ("seikyu.engine.billing.invoice", "from seikyu.engine.wire import forms\n"),
        ("seikyu.engine.billing.invoice", "from ..wire import forms\n"),
        ("seikyu.engine.wire.invoice", "from seikyu.engine.store import invoices\n"),
        ("seikyu.engine.store.invoices", "from seikyu.engine.clock import now\n"),
        ("seikyu.engine.api.invoices", "from seikyu.engine.hosted import pages\n"),
        ("seikyu.engine.hosted.pages", "from seikyu.engine.api import invoices\n"),
        ("seikyu.engine.api.invoices", "from seikyu.engine.billing import invoice\n"),
        ("seikyu.engine.worker", "from seikyu.connector import run\n"),
        ("seikyu.engine.extra", "x = 1\n"),
        ("seikyu.something", "x = 1\n"),
        ("seikyu.engine.__init__", "from seikyu.engine.billing import invoice\n"),
    ],
)
def test_an_import_outside_the_table_is_found(module: str, text: str) -> None:
    assert imports.imports_outside_the_table(at(module, text))


def test_the_composition_root_may_import_every_program() -> None:
    text = (
        "from seikyu.engine.api import app\nfrom seikyu.connector import run\nimport seikyu.board\n"
    )
    assert imports.imports_outside_the_table(at("seikyu.__main__", text)) == []


def test_the_pure_rings_import_nothing_that_touches_the_world() -> None:
    none(imports.impure_imports(PROGRAMS))


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("seikyu.engine.billing.invoice", "import os\n"),
        ("seikyu.engine.billing.invoice", "from uuid import uuid4\n"),
        ("seikyu.engine.billing.invoice", "import pydantic\n"),
        ("seikyu.engine.wire.forms", "import httpx2\n"),
        ("seikyu.engine.wire.forms", "from urllib.request import urlopen\n"),
        ("seikyu.connector.plan", "import stripe\n"),
    ],
)
def test_an_impure_import_is_found(module: str, text: str) -> None:
    assert imports.impure_imports(at(module, text))


def test_only_clients_of_stripe_import_its_sdk() -> None:
    none(imports.stripe_sdk_imports(PROGRAMS))
    assert imports.stripe_sdk_imports(at("seikyu.engine.api.invoices", "import stripe\n"))
    assert imports.stripe_sdk_imports(at("seikyu.board.client", "from stripe import Invoice\n"))


def test_the_connector_works_where_there_is_no_engine() -> None:
    """Every module of connector and board is loaded with the engine made unimportable."""
    script = (
        "import sys, importlib, pkgutil\n"
        "sys.modules['seikyu.engine'] = None\n"
        "import seikyu.board, seikyu.connector\n"
        "for package in (seikyu.board, seikyu.connector):\n"
        "    for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        if not found.name.endswith('__main__') and '.versions.' not in found.name:\n"
        "            importlib.import_module(found.name)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert done.returncode == 0, done.stderr


# ── Time ─────────────────────────────────────────────────────────────────────────────────────────


def test_only_the_clock_reads_the_clock() -> None:
    none(clock.clock_readers(PROGRAMS))


def test_whoever_may_read_the_clock_does() -> None:
    none(clock.unneeded_allowances(PROGRAMS))


@pytest.mark.parametrize(
    "text",
    [
        "import time\nt = time.time()\n",
        "import time as t\nx = t.monotonic\n",
        "from time import time\nx = time()\n",
        "from time import monotonic as m\ndef f(clock=m): ...\n",
        "import datetime\nx = datetime.datetime.now(None)\n",
        "from datetime import datetime as dt\nx = dt.utcnow()\n",
        "from datetime import date\nx = date.today()\n",
        "import datetime as d\nx = d.date.today()\n",
        "from sqlalchemy import func\nx = func.now()\n",
        "x = 'INSERT INTO t VALUES (CURRENT_TIMESTAMP)'\n",
    ],
)
def test_a_reader_of_the_clock_is_found(text: str) -> None:
    assert clock.clock_readers(at("seikyu.engine.store.invoices", text))


def test_moments_that_are_given_are_no_readings() -> None:
    text = "import time\nfrom datetime import datetime\ntime.sleep(1)\ndatetime.fromtimestamp(0)\n"
    assert clock.clock_readers(at("seikyu.engine.worker", text)) == []


# ── SQL ──────────────────────────────────────────────────────────────────────────────────────────


def test_sql_stands_only_in_the_stores() -> None:
    none(layout.sql_outside_stores(PROGRAMS))


@pytest.mark.parametrize(
    "text",
    [
        "x = 'SELECT id FROM invoices'\n",
        "x = f'UPDATE {table} SET a = 1'\n",
        "x = '''\n  INSERT INTO t VALUES (1)'''\n",
        "x = 'DELETE FROM t '\n",
        "x = 'PRAGMA journal_mode'\n",
        "from sqlalchemy import select\n",
        "def f():\n    import sqlite3\n",
    ],
)
def test_sql_outside_a_store_is_found(text: str) -> None:
    assert layout.sql_outside_stores(at("seikyu.engine.api.invoices", text))
    assert layout.sql_outside_stores(at("seikyu.engine.store.invoices", text)) == []


def test_sentences_are_not_taken_for_sql() -> None:
    text = '"""SELECT x FROM a docstring."""\nx = "Select an invoice"\ny = "update the set"\n'
    assert layout.sql_outside_stores(at("seikyu.engine.api.invoices", text)) == []


# ── Money ────────────────────────────────────────────────────────────────────────────────────────


def test_money_is_never_a_float() -> None:
    none(layout.floats_for_money(PROGRAMS))


@pytest.mark.parametrize(
    "text",
    [
        "x = 1.1\n",
        "x = float('1')\n",
        "def f(amount: float) -> None: ...\n",
        "x = amount / 100\n",
        "x = round(amount)\n",
        "x = 10\nx /= 3\n",
    ],
)
def test_a_float_for_money_is_found(text: str) -> None:
    assert layout.floats_for_money(at("seikyu.engine.billing.invoice", text))
    assert layout.floats_for_money(at("seikyu.connector.plan", text))


def test_floats_that_are_no_money_are_still_there() -> None:
    none(layout.unneeded_floats(PROGRAMS))


def test_refusing_a_float_is_no_use_of_one() -> None:
    text = "def f(x):\n    if isinstance(x, float):\n        raise TypeError\n    return x // 2\n"
    assert layout.floats_for_money(at("seikyu.engine.wire.forms", text)) == []


def test_an_exact_division_makes_no_float() -> None:
    text = "x = amount * rate / (Fraction(100) if included else 100 + rate)\n"
    assert layout.floats_for_money(at("seikyu.connector.tax", text)) == []


def test_a_float_column_is_found() -> None:
    assert layout.floats_for_money(
        at("seikyu.engine.store.tables", "from sqlalchemy import Float\n")
    )


# ── Sizes and names ──────────────────────────────────────────────────────────────────────────────


def test_files_and_functions_stay_small() -> None:
    none(layout.too_large(ALL_PYTHON))


def test_a_large_file_or_function_is_found() -> None:
    assert layout.too_large(at("seikyu.board.client", "x = 1\n" * 501))
    assert layout.too_large(at("seikyu.board.client", "def f():\n" + "    x = 1\n" * 70))
    assert layout.too_large(at("seikyu.board.client", "def f():\n" + "    x = 1\n" * 69)) == []


def test_names_say_what_is_inside() -> None:
    none(layout.banned_names(ALL_PYTHON))


@pytest.mark.parametrize(
    "module", ["seikyu.utils", "seikyu.board.http_helpers", "seikyu.engine.base", "tests.common"]
)
def test_a_name_that_says_nothing_is_found(module: str) -> None:
    assert layout.banned_names(at(module, "x = 1\n"))


def test_a_class_name_that_says_nothing_is_found() -> None:
    assert layout.banned_names(at("seikyu.board.client", "class InvoiceManager: ...\n"))


# ── Statuses, events, refusals ───────────────────────────────────────────────────────────────────

EVENTS = invoicing.known_events()
CODES = invoicing.known_codes()


def test_every_status_answers_every_command() -> None:
    commands = invoicing.commands_of(invoice)
    assert {invoice.FinalizeInvoice, invoice.PayInvoice, invoice.VoidInvoice} <= commands
    none(invoicing.gaps_of_the_table(invoice.TABLE, invoice.STATUSES, commands, EVENTS))


def test_a_gap_in_the_table_is_found() -> None:
    pay, row = invoice.PayInvoice, dict(invoice.TABLE[invoice.PayInvoice])
    broken: dict[str, dict[str, object]] = {
        "PayInvoice: paid is missing or unknown": {
            status: edge for status, edge in row.items() if status != "paid"
        },
        "PayInvoice in open: invoice.payed is unknown": {
            **row,
            "open": invoice.Move(("paid",), ("invoice.payed",)),
        },
        "PayInvoice in open: leads to settled": {
            **row,
            "open": invoice.Move(("settled",), ("invoice.paid",)),
        },
        "PayInvoice in open announces nothing": {**row, "open": invoice.Move(("paid",), ())},
        "PayInvoice in void: a void invoice never changes": {
            **row,
            "void": invoice.Move(("paid",), ("invoice.paid",)),
        },
    }
    for finding, edges in broken.items():
        table: dict[type, Mapping[str, object]] = {**invoice.TABLE, pay: edges}
        assert finding in invoicing.gaps_of_the_table(table, invoice.STATUSES, (), EVENTS)
    without = {command: edges for command, edges in invoice.TABLE.items() if command is not pay}
    assert "PayInvoice is not in the table" in invoicing.gaps_of_the_table(
        without, invoice.STATUSES, {pay}, EVENTS
    )
    assert "no command leads to lost" in invoicing.gaps_of_the_table(
        invoice.TABLE, (*invoice.STATUSES, "lost"), (), EVENTS
    )


def test_every_event_the_rules_announce_is_one_of_stripe() -> None:
    assert {"invoice.paid", "invoice.voided", "customer.created"} <= EVENTS
    none(invoicing.unknown_events(python_sources("seikyu/engine/billing"), EVENTS))


@pytest.mark.parametrize(
    "text", ["x = 'invoice.payed'\n", "x = 'payment_intent.decline'\n", "x = f'{noun}.updated'\n"]
)
def test_an_event_nobody_knows_is_found(text: str) -> None:
    assert invoicing.unknown_events(at("seikyu.engine.billing.invoice", text), EVENTS)


def test_every_refusal_has_its_answer_in_the_error_table() -> None:
    classes = invoicing.refusals(billing, Refusal)
    assert len(classes) > 20
    none(invoicing.unanswerable_refusals(classes, CODES))
    coded = {refusal.code for refusal in classes if issubclass(refusal, Refusal)}
    assert set(errors.STATUSES) <= coded | CODES, "the error table has codes that nothing uses"


def test_a_refusal_without_an_answer_is_found() -> None:
    unknown = type("MoonIsFull", (), {"code": "moon_is_full", "__doc__": "A rule."})
    silent = type("Silent", (), {"code": None, "__doc__": None})
    assert len(invoicing.unanswerable_refusals([unknown, silent], CODES)) == 2


# ── Texts ────────────────────────────────────────────────────────────────────────────────────────


def test_no_file_names_a_package_registry() -> None:
    assert len(TEXTS) > 10
    none(texts.registry_hosts(TEXTS))


@pytest.mark.parametrize("host", texts.REGISTRY_HOSTS)
def test_a_package_registry_is_found(host: str) -> None:
    assert texts.registry_hosts([Source("page.md", f"see https://{host}/a-1.tgz")])


def test_no_file_names_a_path_of_one_machine() -> None:
    none(texts.machine_paths(TEXTS))


@pytest.mark.parametrize("path", ["root/x", "home/taro/x", "Users/taro/x", "work/" + "main/x"])
def test_a_path_of_one_machine_is_found(path: str) -> None:
    assert texts.machine_paths([Source("README.md", "see /" + path)])


def test_an_address_is_not_taken_for_a_path() -> None:
    text = "POST https://example.com/root/x and GET /v1/invoices"
    assert texts.machine_paths([Source("README.md", text)]) == []
