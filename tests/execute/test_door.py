"""Whoever must wait keeps nobody else waiting."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select, update

from seikyu.engine.store.database import open_database, transaction
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import customers, invoices
from tests.api.room import Caller, Reply, running_room

HOLD = Statement(
    select(customers.c.id).where(customers.c.id == bindparam("of_id")).with_for_update()
)
VOID = Statement(update(invoices).values(status="void").where(invoices.c.id == bindparam("of_id")))
MANY = 20


@contextmanager
def held(url: str, customer: str) -> Iterator[None]:
    """Somebody else works on the customer and does not come to an end."""
    database = open_database(url)
    with transaction(database.connection()):
        database.connection().rows(HOLD, of_id=customer)
        yield
    database.close()


@pytest.mark.postgres
def test_reads_do_not_wait_for_writers_that_are_stuck(postgres_url: str) -> None:
    with running_room(postgres_url) as room, ThreadPoolExecutor(MANY) as pool:
        api = room.account()
        customer = api.customer()
        path = f"/v1/customers/{customer}"

        def rename(number: int) -> Reply:
            return Caller(api.base, api.key).send("POST", path, form={"name": f"{number}"})

        with held(postgres_url, customer):
            writing = [pool.submit(rename, number) for number in range(MANY)]
            time.sleep(0.5)
            began = time.monotonic()
            assert api.get(path)["name"] == "株式会社サンプル"
            assert api.ids("/v1/customers") == [customer]
            assert time.monotonic() - began < 2
            assert not any(each.done() for each in writing)
        assert {each.result().status for each in writing} == {200}


@pytest.mark.postgres
def test_a_revision_is_made_of_the_invoice_as_it_is_once_the_customer_is_free(
    postgres_url: str,
) -> None:
    """Somebody voids the invoice while its revision waits: a void invoice cannot be revised."""
    with running_room(postgres_url) as room, ThreadPoolExecutor(1) as pool:
        api = room.account()
        customer = api.customer()
        invoice = api.draft(customer)
        api.post(f"/v1/invoices/{invoice}/finalize")
        form = {"from_invoice[invoice]": invoice, "from_invoice[action]": "revision"}
        database = open_database(postgres_url)
        connection = database.connection()
        with transaction(connection):
            connection.rows(HOLD, of_id=customer)
            revising = pool.submit(api.send, "POST", "/v1/invoices", form=form)
            time.sleep(0.5)
            assert not revising.done()
            connection.run(VOID, {"of_id": invoice})
        database.close()
        assert (revising.result().status, api.ids("/v1/invoices")) == (400, [invoice])


def test_reads_go_on_while_another_process_holds_the_file(tmp_path: Path) -> None:
    """A write waits for the file to be let go, and succeeds then; nobody reads any later for it."""
    file = tmp_path / "seikyu.db"
    with running_room(f"sqlite:///{file}") as room, ThreadPoolExecutor(2) as pool:
        api = room.account()
        customer = api.customer()
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        writing = [
            pool.submit(Caller(api.base, api.key).post, "/v1/customers", name=f"サンプル{n}")
            for n in range(2)
        ]
        slowest = 0.0
        for _ in range(20):
            began = time.monotonic()
            assert api.ids("/v1/customers") == [customer]
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.05)
        assert not any(each.done() for each in writing)
        other.execute("ROLLBACK")
        other.close()
        made = {each.result()["id"] for each in writing}
        assert made == set(api.ids("/v1/customers")) - {customer}
    assert slowest < 0.5


def test_the_worker_waits_for_the_file_without_holding_up_anybody(tmp_path: Path) -> None:
    file = tmp_path / "seikyu.db"
    with running_room(f"sqlite:///{file}") as room, ThreadPoolExecutor(1) as pool:
        api = room.account()
        invoice = api.draft(api.customer(), auto_advance="true")
        api.post(f"/v1/invoices/{invoice}/finalize")
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        room.time.pass_by(3_600)
        working = pool.submit(room.drain)
        time.sleep(0.5)
        assert not working.done()
        assert api.get(f"/v1/invoices/{invoice}")["status"] == "open"
        other.execute("ROLLBACK")
        other.close()
        assert working.result() > 0
        assert api.get(f"/v1/invoices/{invoice}")["status"] == "paid"
