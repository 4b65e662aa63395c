"""What a process does with the database it finds at its start."""

from sqlalchemy import create_engine, text

from seikyu.commands.installation import ask_unanswered, engine_on
from seikyu.engine.store.database import open_database
from tests.api.room import running_room


def test_charges_of_other_processes_are_theirs_until_their_time_has_passed(
    database_url: str,
) -> None:
    """On SQLite there is no other process, so whatever has no outcome is asked for at once."""
    with running_room(database_url) as room:
        api = room.account()
        api.post(f"/v1/invoices/{api.draft(api.customer())}/pay")
        direct = create_engine(database_url)
        with direct.begin() as connection:
            connection.execute(text("UPDATE attempts SET next_action_at = 2000000000"))
        database = open_database(database_url)
        ask_unanswered(engine_on(database, "http://127.0.0.1:8420"))
        database.close()
        with direct.connect() as connection:
            due = connection.execute(text("SELECT next_action_at FROM attempts")).scalar_one()
        direct.dispose()
    assert due == (0 if database_url.startswith("sqlite") else 2_000_000_000)
