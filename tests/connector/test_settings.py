"""The settings of a connection: complete or named as incomplete, and never shown."""

from pathlib import Path

import pytest

from seikyu.connector.back_sync import Switches
from seikyu.connector.conditions import Mode, WithoutCard
from seikyu.connector.settings import Settings, SettingsIncomplete, database_url

COMPLETE = {
    "BOARD_API_KEY": "board-key-of-the-sample",
    "BOARD_API_TOKEN": "board-token-of-the-sample",
    "STRIPE_API_KEY": "sk_test_sample",
    "SEIKYU_INVOICE_MODE": "charge",
}


def test_keys_and_mode_are_enough_for_the_real_services() -> None:
    settings = Settings.from_environ(COMPLETE)
    assert settings.board_url == "https://api.the-board.jp/v1"
    assert settings.stripe_url == "https://api.stripe.com"
    assert settings.mode is Mode.CHARGE
    assert settings.switches == Switches()
    assert settings.currencies == {"JPY"}
    assert settings.without_card is WithoutCard.ASK


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsIncomplete) as caught:
        Settings.from_environ({})
    for name in COMPLETE:
        assert name in str(caught.value)
    assert len(str(caught.value).splitlines()) == 4


def test_secrets_are_in_no_repr_and_in_no_message() -> None:
    given = {**COMPLETE, "STRIPE_WEBHOOK_SECRET": "whsec_sample"}
    shown = repr(Settings.from_environ(given))
    with pytest.raises(SettingsIncomplete) as caught:
        Settings.from_environ({**given, "SEIKYU_INVOICE_MODE": "fax"})
    for secret in ("board-key", "board-token", "sk_test", "whsec"):
        assert secret not in shown
        assert secret not in str(caught.value)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "stripe"
    file.write_text("sk_test_from_a_file\n")
    given = {**COMPLETE, "STRIPE_API_KEY": "", "STRIPE_API_KEY_FILE": str(file)}
    assert Settings.from_environ(given).stripe_api_key == "sk_test_from_a_file"
    given["STRIPE_API_KEY_FILE"] = str(tmp_path / "nowhere")
    with pytest.raises(SettingsIncomplete, match="STRIPE_API_KEY_FILE names a file"):
        Settings.from_environ(given)


def test_the_environment_wins_over_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "connection.env"
    lines = [f"{name}={value}" for name, value in COMPLETE.items()]
    file.write_text("\n".join(["# the sample", *lines, "SEIKYU_WINDOW_DAYS=3"]))
    settings = Settings.from_environ({"SEIKYU_INVOICE_MODE": "email"}, file)
    assert (settings.mode, settings.window_days) == (Mode.EMAIL, 3)


def test_options_are_read() -> None:
    settings = Settings.from_environ(
        {
            **COMPLETE,
            "SEIKYU_ACCEPT_CONFIRMED": "yes",
            "SEIKYU_CURRENCIES": "jpy, usd",
            "SEIKYU_WITHOUT_CARD": "email",
            "SEIKYU_REGISTRATION_NUMBER": "T1234567890123",
            "SEIKYU_WRITE_UNCOLLECTIBLE": "on",
            "SEIKYU_WRITE_PARTLY_PAID": "no",
            "SEIKYU_BOARD_URL": "http://127.0.0.1:8421/v1/",
        }
    )
    assert settings.accept_confirmed
    assert settings.currencies == {"JPY", "USD"}
    assert settings.without_card is WithoutCard.EMAIL
    assert settings.registration_number == "T1234567890123"
    assert settings.switches == Switches(uncollectible=True, partly_paid=False)
    assert settings.board_url == "http://127.0.0.1:8421/v1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SEIKYU_WRITE_PARTLY_PAID", "maybe"),
        ("SEIKYU_WINDOW_DAYS", "-1"),
        ("SEIKYU_CURRENCIES", "YEN!"),
        ("SEIKYU_STRIPE_URL", "api.stripe.com"),
        ("SEIKYU_INVOICE_MODE", "fax"),
        ("SEIKYU_WITHOUT_CARD", "fax"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsIncomplete, match=name):
        Settings.from_environ({**COMPLETE, name: value})


def test_the_connection_is_named_after_its_key_without_giving_it_away() -> None:
    settings = Settings.from_environ(COMPLETE)
    same = Settings.from_environ({**COMPLETE, "STRIPE_API_KEY": "sk_test_other"})
    other = Settings.from_environ({**COMPLETE, "BOARD_API_KEY": "another"})
    live = Settings.from_environ({**COMPLETE, "STRIPE_API_KEY": "sk_live_sample"})
    assert settings.connection_id == same.connection_id != other.connection_id
    assert live.connection_id != settings.connection_id
    assert settings.connection_id.startswith("conn_")
    assert "board" not in settings.connection_id


def test_the_database_is_a_file_in_the_data_directory_unless_named(tmp_path: Path) -> None:
    named = {"SEIKYU_DATABASE_URL": "postgresql+psycopg://localhost/seikyu"}
    assert database_url(named) == "postgresql+psycopg://localhost/seikyu"
    file = tmp_path / "address"
    file.write_text("postgresql+psycopg://localhost/from_a_file\n")
    in_a_file = {"SEIKYU_DATABASE_URL_FILE": str(file)}
    assert database_url(in_a_file) == "postgresql+psycopg://localhost/from_a_file"
    file.write_text("postgresql://localhost/without_a_driver\n")
    assert database_url(in_a_file) == "postgresql+psycopg://localhost/without_a_driver"
    given = {"SEIKYU_DATA_DIR": str(tmp_path)}
    assert database_url(given) == f"sqlite:///{tmp_path}/connector.db"
    assert database_url({}).endswith("/data/connector.db")
