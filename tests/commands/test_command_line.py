"""The command line as a person and a script meet it: exit status, output, one sentence for a failure."""

import json
import signal
import socket
from pathlib import Path

import httpx2
import pytest
import sqlalchemy

from tests.servers import Installation, free_port

KEYS = (
    "account",
    "test_secret_key",
    "live_secret_key",
    "test_publishable_key",
    "live_publishable_key",
)


def refused(installation: Installation, *arguments: str, **env: str) -> str:
    """Run a command that must be refused; return what it said, which is no traceback."""
    done = installation.seikyu(*arguments, env=env)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


def test_help_names_every_command(sqlite_installation: Installation) -> None:
    done = sqlite_installation.seikyu("--help")
    assert done.returncode == 0
    for command in ("serve", "work", "migrate", "sync", "engine", "sandbox"):
        assert f" {command} " in done.stdout


def test_sync_brings_its_own_help_and_its_own_exit_codes(sqlite_installation: Installation) -> None:
    assert "--dry-run" in sqlite_installation.seikyu("sync", "--help").stdout
    done = sqlite_installation.seikyu("sync", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["kind"] == "config"
    assert "BOARD_API_KEY" in done.stderr


def test_an_account_is_created_with_keys_for_both_worlds(installation: Installation) -> None:
    keys = installation.create_account("株式会社サンプル")
    assert tuple(sorted(keys)) == tuple(sorted(KEYS))
    assert keys["account"].startswith("acct_")
    assert keys["test_secret_key"].startswith("sk_test_")
    assert keys["live_secret_key"].startswith("sk_live_")
    assert keys["test_publishable_key"].startswith("pk_test_")
    assert keys["live_publishable_key"].startswith("pk_live_")
    again = installation.create_account("株式会社サンプル二")
    assert set(again.values()).isdisjoint(keys.values())


def test_the_created_account_opens_the_api_under_its_name(installation: Installation) -> None:
    installation.seikyu("migrate")
    keys = installation.answer(
        "engine", "create-account", "サンプル", "--registration-number", "T1234567890123", "--json"
    )
    server = installation.serve()
    for key, livemode in ((keys["test_secret_key"], False), (keys["live_secret_key"], True)):
        customer = httpx2.post(server.base + "/v1/customers", auth=(key, "")).json()
        assert customer["livemode"] is livemode
    account = httpx2.get(server.base + "/v1/account", auth=(keys["test_secret_key"], "")).json()
    assert (account["id"], account["country"]) == (keys["account"], "JP")
    assert account["default_currency"] == "jpy"


def test_without_json_the_keys_are_told_to_people_only(sqlite_installation: Installation) -> None:
    done = sqlite_installation.seikyu("engine", "create-account", "サンプル")
    assert done.returncode == 0
    assert done.stdout == ""
    assert "sk_test_" in done.stderr


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--country", "Japan"), "--country is two letters, such as JP, not 'JAPAN'."),
        (("--country", "DE"), "Say the currency of an account in DE, such as --currency eur."),
        (("--currency", "yen!"), "--currency is three letters, such as jpy, not 'yen!'."),
        (
            ("--registration-number", "1234567890123"),
            "--registration-number is T and 13 digits, not '1234567890123'.",
        ),
    ],
)
def test_what_cannot_be_an_account_is_refused(
    sqlite_installation: Installation, options: tuple[str, ...], sentence: str
) -> None:
    said = refused(sqlite_installation, "engine", "create-account", "サンプル", *options)
    assert said == sentence
    assert not (sqlite_installation.data_dir / "seikyu.db").exists()


def test_bad_settings_are_told_all_at_once(sqlite_installation: Installation) -> None:
    said = refused(
        sqlite_installation,
        "serve",
        SEIKYU_DATABASE_URL="mysql://root:geheim@host/db",
        SEIKYU_PUBLIC_URL="pay.example.jp",
        SEIKYU_WEBHOOK_TIMEOUT_SECONDS="soon",
        SEIKYU_EVENTS_KEPT_DAYS="7",
        SEIKYU_WEBHOOK_ALLOW_PRIVATE="perhaps",
    )
    assert said.splitlines() == [
        (
            "SEIKYU_DATABASE_URL begins with 'mysql'; it must be sqlite:///path or "
            "postgresql+psycopg://user:password@host:5432/name."
        ),
        (
            "SEIKYU_PUBLIC_URL must be an address such as https://pay.example.jp, "
            "not 'pay.example.jp'."
        ),
        "SEIKYU_WEBHOOK_ALLOW_PRIVATE must be yes or no, not 'perhaps'.",
        "SEIKYU_WEBHOOK_TIMEOUT_SECONDS must be a whole number of seconds from 1 on, not 'soon'.",
        "SEIKYU_EVENTS_KEPT_DAYS must be a whole number of days from 30 to 3650, not '7'.",
    ]


def test_a_setting_may_stand_in_a_file(sqlite_installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text(f"sqlite:///{tmp_path}/elsewhere.db\n")
    done = sqlite_installation.seikyu("migrate", env={"SEIKYU_DATABASE_URL_FILE": str(file)})
    assert done.returncode == 0
    assert (tmp_path / "elsewhere.db").exists()
    missing = refused(sqlite_installation, "migrate", SEIKYU_DATABASE_URL_FILE=f"{tmp_path}/none")
    assert missing == f"SEIKYU_DATABASE_URL_FILE names a file that cannot be read: {tmp_path}/none"


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg"])
@pytest.mark.postgres
def test_sync_keeps_its_rows_where_the_file_of_the_address_says(
    postgres_url: str, sqlite_installation: Installation, tmp_path: Path, scheme: str
) -> None:
    file = tmp_path / "url"
    file.write_text(f"{scheme}://{postgres_url.partition('://')[2]}\n")
    address = {"SEIKYU_DATABASE_URL_FILE": str(file)}
    nobody = f"http://127.0.0.1:{free_port()}"
    keys = {"BOARD_API_KEY": "sample", "BOARD_API_TOKEN": "sample", "STRIPE_API_KEY": "sk_test_1"}
    env = {**keys, **address, "SEIKYU_INVOICE_MODE": "charge", "SEIKYU_BOARD_URL": nobody}
    done = sqlite_installation.seikyu("sync", "--json", env=env)
    report = json.loads(done.stdout)
    assert (done.returncode, report["run"]["state"]) == (2, "failed")
    assert not (sqlite_installation.data_dir / "connector.db").exists()
    with sqlalchemy.create_engine(postgres_url).connect() as connection:
        kept = connection.scalars(sqlalchemy.text("SELECT id FROM connector_runs")).all()
    assert kept == [report["run"]["id"]]


def test_a_port_that_is_used_is_refused(sqlite_installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for command in (("serve",), ("sandbox", "board")):
            said = refused(sqlite_installation, *command, "--port", str(port))
            assert said == (
                f"Port {port} of 127.0.0.1 cannot be had: address already in use. "
                "End what uses it, or choose another with --port."
            )


def test_a_data_folder_that_cannot_be_made_is_refused(
    sqlite_installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    serve = ("serve", "--port", str(free_port()))
    for command in (serve, ("migrate",), ("work",), ("engine", "create-account", "x")):
        said = refused(sqlite_installation, *command, SEIKYU_DATA_DIR=f"{tmp_path}/file/data")
        assert said.startswith(f"The folder {tmp_path}/file/data cannot be made")


@pytest.mark.postgres
def test_a_postgres_database_is_migrated_by_a_person(postgres_url: str, tmp_path: Path) -> None:
    installation = Installation(tmp_path / "data", postgres_url)
    serve = ("serve", "--port", str(free_port()))
    for command in (serve, ("work",), ("engine", "create-account", "サンプル")):
        said = refused(installation, *command)
        assert said == "The database lacks what this version needs; run: seikyu migrate"
    assert installation.seikyu("migrate").returncode == 0
    server = installation.serve()
    assert httpx2.get(server.base + "/readyz").json() == {"status": "ready"}
    assert server.stop() == 0


def test_serve_says_what_it_is_and_whether_it_is_ready(installation: Installation) -> None:
    installation.seikyu("migrate")
    server = installation.serve()
    assert httpx2.get(server.base + "/healthz").json() == {"status": "alive"}
    assert httpx2.get(server.base + "/readyz").json() == {"status": "ready"}
    assert httpx2.get(server.base + "/").json()["name"] == "Seikyu"
    for path in ("/nothing", "/v1x", "/i", "/favicon.ico"):
        answer = httpx2.get(server.base + path)
        assert (answer.status_code, answer.json()["status"]) == (404, "not found")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", ["serve", "work"])
def test_servers_end_quietly_when_asked_to(
    sqlite_installation: Installation, command: str, how: signal.Signals
) -> None:
    sqlite_installation.seikyu("migrate")
    if command == "serve":
        server = sqlite_installation.serve()
    else:
        server = sqlite_installation.start("work", SEIKYU_LOG_LEVEL="debug")
        server.wait_until_ready(lambda: "working" in server.stderr())
    server.process.send_signal(how)
    assert server.process.wait(15) == 0
    assert "Traceback" not in server.stderr()
    assert "Aborted" not in server.stderr()


def test_no_worker_leaves_what_is_due_to_work(sqlite_installation: Installation) -> None:
    """A test clock that is advanced stands still until somebody works."""
    keys = sqlite_installation.create_account()
    server = sqlite_installation.serve("--no-worker")
    api = httpx2.Client(base_url=server.base, auth=(keys["test_secret_key"], ""))
    clock = api.post("/v1/test_helpers/test_clocks", data={"frozen_time": "1767225600"}).json()
    path = f"/v1/test_helpers/test_clocks/{clock['id']}"
    api.post(f"{path}/advance", data={"frozen_time": "1767312000"})
    assert api.get(path).json()["status"] == "advancing"
    worker = sqlite_installation.start("work")
    worker.wait_until_ready(lambda: api.get(path).json()["status"] == "ready")
    assert api.get(path).json()["frozen_time"] == 1_767_312_000
    assert worker.stop() == 0


def test_a_generated_board_has_the_numbers_that_were_asked_for(
    sqlite_installation: Installation,
) -> None:
    numbers = ("--clients", "3", "--projects", "4", "--invoices", "5", "--random-seed", "7")
    server = sqlite_installation.sandbox_board(*numbers)
    counts = httpx2.get(server.base + "/_sandbox/state").json()["counts"]
    assert (counts["clients"], counts["projects"], counts["invoices"]) == (3, 4, 5)


def test_an_unusable_seed_is_refused(sqlite_installation: Installation, tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text("[]")
    port = str(free_port())
    said = refused(sqlite_installation, "sandbox", "board", "--port", port, "--seed", str(seed))
    assert said == f"{seed}: not a JSON object"
