"""Lists read a range of an index: on SQLite the plan says so, whatever the filters."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from seikyu.engine.store import delivery_lists, event_lists, lists, migrate
from seikyu.engine.store.statement import Statement


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    """A migrated database, whose planner was told what it needs."""
    file: Path = tmp_path_factory.mktemp("plans") / "seikyu.db"
    migrate.upgrade(f"sqlite:///{file}")
    return sqlite3.connect(file)


def plan(raw: sqlite3.Connection, statement: Statement) -> list[str]:
    """Return the steps of the plan, one line each."""
    text = statement.text("sqlite")
    values: dict[str, Any] = dict.fromkeys(_names(text), "")
    values |= statement.values({})
    found = raw.execute(f"EXPLAIN QUERY PLAN {text}", values | {"most": 11})
    return [row[3] for row in found]


def _names(text: str) -> set[str]:
    return set(re.findall(r":(\w+)", text))


def uses(steps: list[str], index: str) -> bool:
    """Say whether the plan searches this index and neither reads nor sorts anything as a whole."""
    searched = any(
        f"USING INDEX {index}" in step or f"COVERING INDEX {index}" in step for step in steps
    )
    return searched and not any("TEMP B-TREE" in step for step in steps)


RANGE = (("created", "gte"), ("created", "lt"))


@pytest.mark.parametrize("cursor", ["", "after", "before"])
@pytest.mark.parametrize(
    ("object_type", "equal", "ranged", "index"),
    [
        ("invoice", (), RANGE, "ix_invoices_created"),
        ("invoice", (), RANGE[:1], "ix_invoices_created"),
        ("invoice", ("status",), (), "ix_invoices_status"),
        ("invoice", ("status",), RANGE, "ix_invoices_created"),
        ("invoice", ("customer",), (), "ix_invoices_customer_id"),
        ("customer", (), RANGE, "ix_customers_created"),
        ("charge", (), RANGE, "ix_charges_created"),
        ("payment_intent", (), RANGE, "ix_payment_intents_created"),
        ("product", ("active",), (), "ix_products_active"),
        ("product", (), RANGE, "ix_products_created"),
        ("price", ("active",), (), "ix_prices_active"),
        ("price", ("currency",), (), "ix_prices_currency"),
        ("price", ("product", "active"), (), "ix_prices_product_id"),
        ("invoiceitem", (), RANGE, "ix_lines_created"),
        ("invoice_payment", (), RANGE, "ix_invoice_payments_created"),
        ("subscription", (), RANGE, "ix_subscriptions_created"),
    ],
)
def test_a_list_is_a_range_of_the_index_that_serves_it(
    raw: sqlite3.Connection, object_type: str, equal: Any, ranged: Any, index: str, cursor: str
) -> None:
    steps = plan(raw, lists._statement(object_type, equal, ranged, cursor))
    assert uses(steps, index), steps


@pytest.mark.parametrize("cursor", ["", "after", "before"])
@pytest.mark.parametrize(
    ("types", "sides", "delivered", "index"),
    [
        (1, (), None, "ix_events_type"),
        (4, (), None, "ix_events_type"),
        (0, ("gte",), None, "ix_events_created"),
        (0, ("gte", "lt"), None, "ix_events_created"),
        (0, (), False, "ix_events_undelivered"),
    ],
)
def test_events_are_a_range_of_the_index_that_serves_them(
    raw: sqlite3.Connection, types: int, sides: Any, delivered: bool | None, index: str, cursor: str
) -> None:
    steps = plan(raw, event_lists._statement(types, sides, delivered, cursor))
    assert any(index in step for step in steps), steps
    assert not any(step.startswith("SCAN events") for step in steps), steps


@pytest.mark.parametrize("cursor", ["", "after", "before"])
@pytest.mark.parametrize(
    ("filters", "status", "index"),
    [
        (("webhook_endpoint",), None, "ix_deliveries_endpoint_id"),
        ((), "failed", "ix_deliveries_undelivered"),
        (("webhook_endpoint",), "failed", "ix_deliveries_undelivered"),
    ],
)
def test_deliveries_are_a_range_of_the_index_that_serves_them(
    raw: sqlite3.Connection, filters: Any, status: str | None, index: str, cursor: str
) -> None:
    steps = plan(raw, delivery_lists._page(filters, status, cursor))
    assert any(index in step for step in steps), steps
    assert not any("TEMP B-TREE" in step for step in steps), steps
