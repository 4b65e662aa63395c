"""The search index is kept: whole or not at all, by one at a time, and never older than what it shows."""

import importlib
from typing import Any

import orjson
import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, text

from seikyu.engine import clock
from seikyu.engine.execute.indexing import index
from seikyu.engine.store import migrate, search_index
from seikyu.engine.store.database import Connection, Database, open_database, transaction
from seikyu.engine.store.search_index import count_waiting
from seikyu.engine.store.session import Session, World
from seikyu.engine.store.statement import Statement
from tests.api.room import running_room

TERMS = Statement(text("SELECT field, term, object_id FROM search_terms ORDER BY field, term"))
DOCUMENTS = Statement(text("SELECT object_id, document FROM search_documents ORDER BY object_id"))


def store(database: Database, world: World, id: str, version: int, body: bytes) -> None:
    """Store a customer as a command does: its body, and a row that waits."""
    connection = database.connection()
    with transaction(connection):
        session = Session(connection, world)
        session.keep(id, version, body, clock.now())
        search_index.wait(session, "customer", id, version)
        session.flush()


def customer(email: str | None) -> bytes:
    return orjson.dumps({"object": "customer", "email": email, "metadata": {}, "created": 7})


def entries(connection: Connection) -> list[tuple[str, str, str]]:
    return [(row[0], row[1], row[2]) for row in connection.rows(TERMS)]


CREATED = ("cus.created", "8000000000000007")


def test_an_object_stands_under_the_terms_of_what_it_is(database: Database, world: World) -> None:
    connection = database.connection()
    store(database, world, "cus_1", 1, customer("Ab@example.jp"))
    assert index(connection, world.id, 10) == 1
    ends = ["ab@example.jp", "@example.jp", "xample.jp", "mple.jp", "le.jp", ".jp"]
    assert entries(connection) == sorted(
        [
            (*CREATED, "cus_1"),
            *(("cus.email", end, "cus_1") for end in ends),
            ("cus.name=", "", "cus_1"),  # absent
            ("cus.phone=", "", "cus_1"),
        ]
    )
    assert connection.rows(DOCUMENTS) == [("cus_1", b'{"created":7,"email":"ab@example.jp"}')]
    assert count_waiting(connection, world.id, "customer", 10) == 0


def test_several_versions_of_an_object_are_indexed_once_as_the_last(
    database: Database, world: World
) -> None:
    connection = database.connection()
    for version, email in enumerate(("one", "two", "three"), 1):
        store(database, world, "cus_1", version, customer(email))
    assert index(connection, world.id, 2) == 2
    assert {term for field, term, _ in entries(connection) if field == "cus.email"} == {
        "three",
        "ree",
    }
    before = entries(connection)
    assert index(connection, world.id, 2) == 1
    assert entries(connection) == before
    assert index(connection, world.id, 2) == 0


def test_what_is_gone_leaves_nothing_behind(database: Database, world: World) -> None:
    connection = database.connection()
    store(database, world, "cus_1", 1, customer("one"))
    store(database, world, "cus_2", 1, customer("one"))
    index(connection, world.id, 10)
    store(database, world, "cus_1", 2, b'{"id":"cus_1","deleted":true}')
    store(database, world, "cus_2", 2, b"")
    store(database, world, "cus_3", 1, b"")
    assert index(connection, world.id, 10) == 3
    assert entries(connection) == []
    assert connection.rows(DOCUMENTS) == []


def test_a_crash_in_the_middle_leaves_everything_to_be_done_again(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = database.connection()
    store(database, world, "cus_1", 1, customer("one"))
    index(connection, world.id, 10)
    before = entries(connection)
    store(database, world, "cus_1", 2, customer("two"))
    real = search_index.write

    def dies(*given: Any) -> None:
        real(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(search_index, "write", dies)
        with pytest.raises(KeyboardInterrupt):
            index(connection, world.id, 10)
    assert entries(connection) == before
    assert count_waiting(connection, world.id, "customer", 10) == 1
    assert index(connection, world.id, 10) == 1
    assert ("cus.email", "two", "cus_1") in entries(connection)


def test_one_kind_can_be_indexed_before_the_others(database: Database, world: World) -> None:
    connection = database.connection()
    store(database, world, "cus_1", 1, customer("one"))
    assert index(connection, world.id, 10, kind="invoice") == 0
    assert index(connection, world.id, 10, kind="customer") == 1


@pytest.mark.postgres
def test_two_processes_never_index_a_world_at_once(postgres_url: str) -> None:
    """Else the slower one would put an older state over a newer one."""
    migrate.upgrade(postgres_url)
    one, other = open_database(postgres_url), open_database(postgres_url)
    mine, theirs = one.connection(), other.connection()
    with transaction(theirs):
        assert search_index.hold(theirs, 1, patiently=False)
        assert search_index.hold(theirs, 1, patiently=True), "whoever holds it goes on"
        with transaction(mine):
            assert not search_index.hold(mine, 1, patiently=False)
            assert search_index.hold(mine, 2, patiently=False), "another world is free"
    with transaction(mine):
        assert search_index.hold(mine, 1, patiently=False)
    one.close()
    other.close()


def test_an_upgrade_has_everything_indexed_that_was_there_before(database_url: str) -> None:
    """The migration alone, on tables that are full: what it leaves is what the worker begins with."""
    script = importlib.import_module("seikyu.engine.store.migrations.versions.0008_search")
    with running_room(database_url) as room:
        api = room.account()
        name = {"name": "株式会社サンプル"}
        made = {
            api.customer(),
            api.draft(api.customer(None)),
            api.post("/v1/products", **name)["id"],
        }
        made.add(api.post("/v1/payment_intents", amount="500", currency="jpy")["id"])
        engine = create_engine(database_url)
        with engine.begin() as connection:
            for table in ("search_waiting", "search_documents", "search_terms"):
                connection.execute(text(f"DROP TABLE {table}"))
            with Operations.context(MigrationContext.configure(connection)):
                script.upgrade()
            waits = connection.execute(text("SELECT object_id, version FROM search_waiting")).all()
        engine.dispose()
        assert made <= {id for id, _ in waits}
        assert len(waits) == len(made) + 1, "the invoice has a customer of its own"
        found = api.get("/v1/customers/search", "query=name:%27株式会社サンプル%27")
        assert len(found["data"]) == 2
