"""The migrations make exactly the tables that the code describes, whole or not at all."""

import sqlite3
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text

from seikyu.engine.store import migrate
from seikyu.engine.store.database import StoreUnavailable, open_database
from seikyu.engine.store.tables import metadata

AT_ONCE = 3


def shape(engine: Engine) -> dict[str, Any]:
    """Everything a database says of our tables: what alembic compares, and what it does not."""
    said = inspect(engine)
    tables = sorted(set(said.get_table_names()) & set(metadata.tables))
    described: dict[str, Any] = {name: _table(said, name) for name in tables}
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            rows = connection.execute(text("PRAGMA table_list")).mappings()
            described["without rowid"] = sorted(row["name"] for row in rows if row["wr"])
        else:
            found = connection.execute(
                text("SELECT relname, reloptions FROM pg_class WHERE reloptions IS NOT NULL")
            )
            described["storage"] = sorted((name, options) for name, options in found)
    return described


def _table(said: Any, name: str) -> dict[str, Any]:
    def in_order(entries: list[dict[str, Any]]) -> list[str]:
        return sorted(_written(entry) for entry in entries)

    return {
        # The order means nothing: every statement names its columns, and later ones stand last.
        "columns": sorted(
            (column["name"], str(column["type"]), column["nullable"], str(column["default"]))
            for column in said.get_columns(name)
        ),
        "primary key": said.get_pk_constraint(name),
        "foreign keys": in_order(said.get_foreign_keys(name)),
        "unique": in_order(said.get_unique_constraints(name)),
        "checks": in_order(said.get_check_constraints(name)),
        "indexes": in_order(said.get_indexes(name)),
    }


def _written(value: Any) -> str:
    """A value as text, however deep it goes; conditions of indexes are objects with a text inside."""
    if isinstance(value, dict):
        return str(sorted((key, _written(inner)) for key, inner in value.items()))
    return str(value)


def differences(engine: Engine) -> list[Any]:
    """What alembic would change to come from the database to the tables."""
    with engine.connect() as connection:
        options = {"version_table": migrate.VERSION_TABLE, "compare_type": True}
        found: list[Any] = compare_metadata(
            MigrationContext.configure(connection, opts=options), metadata
        )
        return found


def test_the_migrations_make_the_tables(database_url: str) -> None:
    engine = create_engine(database_url)
    metadata.create_all(engine)
    described = shape(engine)
    metadata.drop_all(engine)
    assert not inspect(engine).get_table_names()

    migrate.upgrade(database_url)
    assert differences(engine) == []
    assert shape(engine) == described
    assert described["invoices"]["checks"] != []
    engine.dispose()


def test_a_missing_check_or_a_changed_index_is_noticed(database_url: str) -> None:
    """The comparison above can fail: it sees what alembic's own comparison leaves out."""
    migrate.upgrade(database_url)
    engine = create_engine(database_url)
    before = shape(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_invoices_due"))
        connection.execute(
            text("CREATE INDEX ix_invoices_due ON invoices (clock_id, next_action_at)")
        )
    after = shape(engine)
    assert before["invoices"]["indexes"] != after["invoices"]["indexes"]
    engine.dispose()


def test_an_empty_database_is_behind_until_it_is_migrated(database_url: str) -> None:
    assert not migrate.is_current(database_url)
    migrate.upgrade(database_url)
    assert migrate.is_current(database_url)
    migrate.upgrade(database_url)
    opened = open_database(database_url)
    assert migrate.version_of(opened.connection()) == migrate.newest()
    opened.close()


def test_several_processes_may_migrate_at_once(database_url: str) -> None:
    program = "import sys; from seikyu.engine.store.migrate import upgrade; upgrade(sys.argv[1])"
    started = [
        subprocess.Popen([sys.executable, "-c", program, database_url], stderr=subprocess.PIPE)
        for _ in range(AT_ONCE)
    ]
    said = [process.communicate(timeout=60)[1].decode() for process in started]
    assert [process.returncode for process in started] == [0] * AT_ONCE, said
    assert migrate.is_current(database_url)


def test_a_migration_that_fails_leaves_nothing_behind(database_url: str) -> None:
    """Somebody else's table stands in the way in the middle of the work."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    with pytest.raises(StoreUnavailable, match="cannot be migrated"):
        migrate.upgrade(database_url)
    assert inspect(engine).get_table_names() == ["invoices"]
    assert not migrate.is_current(database_url)
    engine.dispose()


def test_a_database_of_a_later_version_is_refused(database_url: str) -> None:
    migrate.upgrade(database_url)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {migrate.VERSION_TABLE} SET version_num = '9999'"))
    engine.dispose()
    for attempt in (migrate.upgrade, migrate.is_current):
        with pytest.raises(StoreUnavailable, match="later version of Seikyu"):
            attempt(database_url)


def test_a_new_sqlite_file_knows_how_its_indexes_divide(tmp_path: Any) -> None:
    """Without statistics the planner reads a whole world to find one customer's invoices."""
    migrate.upgrade(f"sqlite:///{tmp_path}/seikyu.db")
    with sqlite3.connect(tmp_path / "seikyu.db") as raw:
        (plan,) = raw.execute(
            "EXPLAIN QUERY PLAN SELECT id FROM invoices"
            " WHERE world_id = 1 AND customer_id = 'cus_1' ORDER BY id DESC"
        ).fetchall()
    raw.close()
    assert "ix_invoices_customer_id" in plan[3]


def test_a_file_that_is_no_database_is_refused_with_what_to_do(tmp_path: Any) -> None:
    (tmp_path / "seikyu.db").write_text("not a database " * 1000)
    with pytest.raises(StoreUnavailable, match="SEIKYU_DATA_DIR"):
        migrate.upgrade(f"sqlite:///{tmp_path}/seikyu.db")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Any) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match=r"The folder .*/file/data cannot be made"):
        migrate.upgrade(f"sqlite:///{tmp_path}/file/data/seikyu.db")


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(StoreUnavailable) as failure:
        migrate.upgrade("postgresql+psycopg://seikyu:geheim@127.0.0.1:9/seikyu")
    assert "Check SEIKYU_DATABASE_URL" in str(failure.value)
    assert "geheim" not in str(failure.value)


@pytest.mark.postgres
def test_texts_sort_by_their_bytes_whatever_the_language_of_the_database(postgres_url: str) -> None:
    migrate.upgrade(postgres_url)
    database = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT table_name, column_name, collation_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'character varying'"
            " AND table_name <> 'engine_alembic_version'"
        ).fetchall()
    assert len(rows) > 80
    assert {row for row in rows if row[2] != "C"} == set()
