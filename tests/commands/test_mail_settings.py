"""The mail server in the environment: what can be used, and what is told at the start about the rest."""

import pytest

from seikyu.config import Settings, SettingsUnusable

SENDER = {"SEIKYU_MAIL_FROM": "billing@example.jp"}
SECRET = "not-a-real-password"


def read(url: str, **more: str) -> tuple[str, int, str, str | None, str | None]:
    """Host, port, security, user and password as they are read."""
    given = {"SEIKYU_SMTP_URL": url, **SENDER, **more}
    server = Settings.from_environ(given).mail_server
    assert server is not None
    assert SECRET not in repr(server)
    return server.host, server.port, server.security, server.user, server.password


def complaint(**given: str) -> str:
    """What is told about settings that cannot be used. It never holds a password."""
    with pytest.raises(SettingsUnusable) as caught:
        Settings.from_environ(given)
    assert SECRET not in str(caught.value)
    return str(caught.value)


def test_without_an_address_there_is_no_mail_server() -> None:
    assert Settings.from_environ({}).mail_server is None


def test_the_three_ways_to_a_mail_server() -> None:
    password = {"SEIKYU_SMTP_PASSWORD": SECRET}
    assert read("starttls://bill@mail.example.jp", **password) == (
        *("mail.example.jp", 587, "starttls", "bill", SECRET),
    )
    assert read("smtps://bill%40example.jp:not-a-real%2Dpassword@mail.example.jp:2465") == (
        *("mail.example.jp", 2465, "tls", "bill@example.jp", SECRET),
    )
    assert read("smtp://localhost") == ("localhost", 25, "none", None, None)
    assert read("smtp://[::1]:2525") == ("::1", 2525, "none", None, None)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mail.example.jp:587", "does not begin with smtps://"),
        ("https://mail.example.jp", "does not begin with smtps://"),
        ("smtps://", "names no server"),
        ("smtps://bill@:465", "names no server"),
        ("smtps://mail.example.jp:99999", "has a port that is none"),
        ("smtps://mail.example.jp:none", "has a port that is none"),
        ("smtps://mail.example.jp/inbox", "has something after the server"),
        (f"smtp://bill:{SECRET}@mail.example.jp", "would send a password unencrypted"),
        ("starttls://bill@mail.example.jp", "names a user; set SEIKYU_SMTP_PASSWORD too"),
    ],
)
def test_an_address_that_cannot_be_used_is_told_with_the_reason(url: str, said: str) -> None:
    told = complaint(SEIKYU_SMTP_URL=url, **SENDER)
    assert told.startswith("SEIKYU_SMTP_URL ")
    assert said in told


def test_two_passwords_are_one_too_many() -> None:
    url = f"smtps://bill:{SECRET}@mail.example.jp"
    told = complaint(SEIKYU_SMTP_URL=url, SEIKYU_SMTP_PASSWORD=SECRET, **SENDER)
    assert "both hold a password" in told


@pytest.mark.parametrize("sender", ["", "billing", "Sample <billing@example.jp", "a b@example.jp"])
def test_a_sender_that_is_no_address(sender: str) -> None:
    told = complaint(SEIKYU_SMTP_URL="smtp://localhost", SEIKYU_MAIL_FROM=sender)
    assert told.startswith("SEIKYU_MAIL_FROM must be the address that mails come from")


def test_a_sender_without_a_server_is_told() -> None:
    assert "need SEIKYU_SMTP_URL" in complaint(**SENDER)
