"""The connector's memory, on SQLite and on PostgreSQL."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from seikyu.board.words import InvoiceStatus, PaymentMethod
from seikyu.connector.facts import ClientFacts, Link, LinkState, ProjectFacts
from seikyu.connector.reasons import no_email
from seikyu.connector.store import (
    CallCount,
    CustomerLink,
    CustomerLinks,
    Database,
    Inbox,
    InvoiceLinks,
    Item,
    LockIsHeld,
    Mirror,
    Outcome,
    Reading,
    Received,
    RunRow,
    Runs,
    RunState,
    StoreUnavailable,
    held,
)
from seikyu.connector.store.database import VERSION_TABLE
from seikyu.connector.store.tables import metadata

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    made.migrate()
    yield made
    made.close()


def test_the_migrations_make_the_tables(database: Database) -> None:
    with database.transaction() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "compare_type": True,
                "include_object": lambda _o, name, kind, *_: (
                    kind != "table" or name != VERSION_TABLE
                ),
            },
        )
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    database.migrate()
    assert Runs(database, "conn").latest() is None


def test_a_link_is_read_as_it_was_saved(database: Database) -> None:
    links = InvoiceLinks(database, "conn")
    link = Link(
        board_invoice_id=11,
        state=LinkState.SENT,
        revision=2,
        board_client_id=7,
        project_no=101,
        customer_id="cus_1",
        stripe_invoice_id="in_1",
        amount=108_000,
        currency="jpy",
        mode="charge",
        run_id="run_1",
        board_status=InvoiceStatus.INVOICED,
        written_status=InvoiceStatus.PAID,
        seen_status="open",
        seen_paid=500,
        ended_at=NOW,
        reason="charge_declined",
    )
    links.save(link)
    assert links.of_invoices([10, 11, 12]) == {11: link}
    assert links.of_stripe_invoice("in_1") == link
    assert InvoiceLinks(database, "other").of_invoices([11]) == {}
    changed = replace(link, seen_status="paid")
    links.save(changed)
    assert links.of_invoices([11]) == {11: changed}
    assert links.unsettled() == []


def test_unfinished_and_unsettled_links_are_found_by_their_state(database: Database) -> None:
    links = InvoiceLinks(database, "conn")
    links.save(Link(1, LinkState.RESERVED))
    links.save(Link(2, LinkState.WAITING))
    links.save(Link(3, LinkState.SENT, stripe_invoice_id="in_3", seen_status="open"))
    links.save(Link(4, LinkState.SENT, stripe_invoice_id="in_4", seen_status="paid"))
    links.save(Link(5, LinkState.ENDED, stripe_invoice_id="in_5"))
    assert [link.board_invoice_id for link in links.unfinished()] == [1, 2]
    assert [link.board_invoice_id for link in links.unsettled()] == [3]


def test_more_links_than_one_statement_takes_are_found(database: Database) -> None:
    links = InvoiceLinks(database, "conn")
    links.save(Link(1_203, LinkState.SENT))
    assert list(links.of_invoices(range(2_000))) == [1_203]


def test_a_client_has_one_customer_and_one_more_for_each_address_of_a_project(
    database: Database,
) -> None:
    links = CustomerLinks(database, "conn")
    own = CustomerLink(7, "cus_1", "email")
    extra = CustomerLink(7, "cus_2", "created", "keiri@example.co.jp")
    links.save(own, NOW)
    links.save(extra, NOW)
    assert links.find(7) == own
    assert links.find(7, "keiri@example.co.jp") == extra
    assert links.of_customer("cus_2") == [extra]
    links.remove(own)
    assert links.find(7) is None


def test_what_is_remembered_of_board_comes_back(database: Database) -> None:
    mirror = Mirror(database, "conn")
    assert mirror.reading() == Reading()
    client = ClientFacts(7, "株式会社サンプル", ("a@example.jp", "b@example.jp"), None)
    project = ProjectFacts(5, 105, "保守", (), PaymentMethod.CREDIT_CARD, None)
    reading = Reading(invoices_until=NOW, last_complete_run_began_at=NOW)
    mirror.remember(reading, [client], [project])
    assert mirror.reading() == reading
    assert mirror.clients() == {7: client}
    assert mirror.projects() == {5: project}
    mirror.remember(reading, [replace(client, to=())])
    assert mirror.clients() == {7: replace(client, to=())}


def test_an_event_is_kept_once_and_waits_until_it_is_processed(database: Database) -> None:
    inbox = Inbox(database, "conn")
    event = Received("evt_1", "invoice.paid", "in_1")
    assert inbox.put(event, NOW) is True
    assert inbox.put(event, NOW) is False
    assert inbox.waiting() == [event]
    inbox.failed(["evt_1"], "board gave no answer")
    assert inbox.waiting() == [event]
    inbox.processed(["evt_1"], NOW)
    assert inbox.waiting() == []
    assert inbox.put(event, NOW) is False
    assert inbox.count() == 1


def test_a_run_and_its_items_come_back(database: Database) -> None:
    runs = Runs(database, "conn")
    run = RunRow("run_1", RunState.QUEUED, "cli", NOW)
    runs.begin(run)
    item = Item(
        11, "Skip", Outcome.SKIPPED, (no_email(),), "保守", "株式会社サンプル", 101, 110, "jpy"
    )
    runs.add_items("run_1", [item])
    sent = replace(item, outcome=Outcome.SENT, stripe_invoice_id="in_1", mode="email")
    runs.save_item("run_1", sent)
    assert runs.items("run_1") == [sent]
    done = replace(run, state=RunState.DONE, ended_at=NOW, done=1, total=1, board_calls=3)
    runs.save(done)
    assert runs.latest() == done


def test_a_killed_run_is_closed_when_the_next_one_begins(database: Database) -> None:
    runs = Runs(database, "conn")
    runs.begin(RunRow("run_1", RunState.QUEUED, "cli", NOW))
    runs.begin(RunRow("run_2", RunState.QUEUED, "cli", NOW))
    killed = runs.get("run_1")
    assert killed is not None
    assert (killed.state, killed.error_kind) == (RunState.STOPPED, "killed")


def test_calls_are_counted_up_to_the_limit_and_per_day(database: Database) -> None:
    count = CallCount(database)
    assert [count.spend("key", DAY, 2) for _ in range(3)] == [True, True, False]
    assert count.used("key", DAY) == 2
    assert count.used("key", date(2026, 3, 3)) == 0
    assert count.used("other", DAY) == 0
    count.raise_to("key", DAY, 3_000)
    count.raise_to("key", DAY, 10)
    assert count.used("key", DAY) == 3_000


def test_threads_that_count_at_once_lose_no_call(database: Database) -> None:
    count = CallCount(database)
    threads = [
        threading.Thread(target=lambda: [count.spend("key", DAY, 1_000) for _ in range(10)])
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count.used("key", DAY) == 60


HOLDER = """
import sys, time
from seikyu.connector.store import Database, held
with held(Database(sys.argv[1]), "run-conn"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_is_refused_to_others_and_comes_back_when_its_holder_is_killed(
    database: Database,
) -> None:
    url = database.url.render_as_string(hide_password=False)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LockIsHeld), held(database, "run-conn"):
            pass
        with held(database, "run-other"):
            pass
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        _eventually_held(database)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def _eventually_held(database: Database) -> None:
    """The database server notices the end of a session a moment after the process is gone."""
    for _ in range(100):
        try:
            with held(database, "run-conn"):
                return
        except LockIsHeld:
            threading.Event().wait(0.05)
    pytest.fail("the lock of a killed process was never given back")


def test_a_lock_is_refused_within_one_process_too(database: Database) -> None:
    with held(database, "run-conn"), pytest.raises(LockIsHeld), held(database, "run-conn"):
        pass
    with held(database, "run-conn"):
        pass


def test_a_database_that_was_never_migrated_says_what_to_do(database_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="seikyu migrate"):
        Runs(Database(database_url), "conn").latest()


def test_a_locked_file_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seikyu.connector.store.database.BUSY_TIMEOUT_MS", 50)
    url = f"sqlite:///{tmp_path / 'connector.db'}"
    first, second = Database(url), Database(url)
    first.migrate()
    with first.transaction(), pytest.raises(StoreUnavailable, match="Another program holds it"):
        Runs(second, "conn").latest()


@pytest.mark.parametrize(
    "url", ["mysql://root:secret@localhost/x", "postgresql://u:secret@localhost/x", "secret", ""]
)
def test_an_address_that_cannot_be_used_is_a_clear_error_and_not_shown(url: str) -> None:
    with pytest.raises(StoreUnavailable, match="SEIKYU_DATABASE_URL") as caught:
        Database(url)
    assert "secret" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="SEIKYU_DATA_DIR"):
        Database(f"sqlite:///{tmp_path / 'file' / 'connector.db'}")


def test_a_database_server_that_does_not_answer_is_a_clear_error() -> None:
    database = Database("postgresql+psycopg://u:secret@127.0.0.1:9/x")
    with pytest.raises(StoreUnavailable, match="cannot be used") as caught:
        Runs(database, "conn").latest()
    assert "secret" not in str(caught.value)
    with pytest.raises(StoreUnavailable, match="cannot be reached"), held(database, "run-conn"):
        pass


def test_a_database_that_may_only_be_read_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "connector.db"
    Database(f"sqlite:///{path}").migrate()
    read_only = Database(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(StoreUnavailable, match="Allow this user to write"):
        InvoiceLinks(read_only, "conn").save(Link(1, LinkState.RESERVED))


def test_a_file_that_is_no_database_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "connector.db"
    path.write_bytes(b"this is not a database at all, but long enough to have a header" * 20)
    with pytest.raises(StoreUnavailable, match="cannot be used"):
        Database(f"sqlite:///{path}").migrate()
