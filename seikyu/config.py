"""The settings of an installation, read once from a mapping (the environment) into a frozen value.

Every variable may stand in a file instead: `NAME_FILE=/run/secrets/x` is read in place of `NAME`. All
that is wrong is told at once, each variable by name. The settings of one connection of board and
Stripe are not here: the connector, which must work without anything else of ours, reads its own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import SplitResult, unquote, urlsplit

DATA_DIR = "data"
WEBHOOK_TIMEOUT_SECONDS = 10
EVENTS_KEPT_DAYS = 30
MOST_DAYS = 3_650
LOG_LEVELS = ("debug", "info", "warning", "error")

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})


SMTP_PORTS = {"smtps": 465, "starttls": 587, "smtp": 25}
SMTP_SECURITY = {"smtps": "tls", "starttls": "starttls", "smtp": "none"}
THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
SENDER = re.compile(r"(?:[^<>\r\n]*<)?[!-;=?A-~]+@[0-9A-Za-z.-]+>?", re.ASCII)


class SettingsUnusable(Exception):
    """Settings that cannot be used; the message names each variable, one per line."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed over, and from whom. `security`: tls, starttls or none."""

    host: str
    port: int
    security: str
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """What every command of the program shares. `database_url` may hold a password: not in repr.

    `public_url` is where customers reach the hosted pages, without a trailing slash; None means the
    address that `serve` listens on.
    """

    data_dir: Path
    database_url: str = field(repr=False)
    public_url: str | None = None
    webhook_allow_private: bool = False
    webhook_timeout_seconds: int = WEBHOOK_TIMEOUT_SECONDS
    log_level: str = "warning"
    events_kept_days: int = EVENTS_KEPT_DAYS
    mail_server: MailServer | None = None

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings; raises SettingsUnusable naming everything that is wrong at once."""
        reader = _Reader(environ)
        data_dir = Path(reader.text("SEIKYU_DATA_DIR") or DATA_DIR)
        settings = cls(
            data_dir=data_dir,
            database_url=reader.database("SEIKYU_DATABASE_URL")
            or f"sqlite:///{data_dir.absolute() / 'seikyu.db'}",
            public_url=reader.address("SEIKYU_PUBLIC_URL"),
            webhook_allow_private=reader.switch("SEIKYU_WEBHOOK_ALLOW_PRIVATE", default=False),
            webhook_timeout_seconds=reader.seconds(
                "SEIKYU_WEBHOOK_TIMEOUT_SECONDS", WEBHOOK_TIMEOUT_SECONDS
            ),
            events_kept_days=reader.days("SEIKYU_EVENTS_KEPT_DAYS", EVENTS_KEPT_DAYS),
            log_level=reader.choice("SEIKYU_LOG_LEVEL", LOG_LEVELS, "warning"),
            mail_server=reader.mail_server(
                "SEIKYU_SMTP_URL", "SEIKYU_SMTP_PASSWORD", "SEIKYU_MAIL_FROM"
            ),
        )
        if reader.complaints:
            raise SettingsUnusable("\n".join(reader.complaints))
        return settings


class _Reader:
    """Reads variables one by one and collects what is wrong, so that all of it is told at once."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.complaints: list[str] = []

    def text(self, name: str) -> str | None:
        """Return the value, from the variable or the file that it names; empty counts as absent."""
        path = self._environ.get(f"{name}_FILE", "").strip()
        if not path:
            return self._environ.get(name, "").strip() or None
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError):
            self.complaints.append(f"{name}_FILE names a file that cannot be read: {path}")
            return None

    def database(self, name: str) -> str | None:
        """Return the address of a database. The value is never quoted: it may hold a password."""
        value = self.text(name)
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            scheme = value.partition(":")[0] if ":" in value else "nothing"
            self.complaints.append(
                f"{name} begins with {scheme!r}; it must be sqlite:///path or "
                "postgresql+psycopg://user:password@host:5432/name."
            )
        if value and value.startswith("postgresql://"):
            # The driver is named, or SQLAlchemy would look for another one.
            return value.replace("postgresql://", "postgresql+psycopg://", 1)
        return value

    def address(self, name: str) -> str | None:
        """Return an http(s) address without a trailing slash."""
        value = self.text(name)
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query:
            self.complaints.append(
                f"{name} must be an address such as https://pay.example.jp, not {value!r}."
            )
        return value.rstrip("/")

    def mail_server(self, url: str, password: str, sender: str) -> MailServer | None:
        """Return the mail server, None when none is set. The address is never quoted: see `database`."""
        value, secret, origin = self.text(url), self.text(password), self.text(sender)
        if value is None:
            if secret or origin:
                self.complaints.append(f"{password} and {sender} need {url}.")
            return None
        parts = urlsplit(value)
        wrong = _wrong_with(parts)
        if wrong:
            self.complaints.append(
                f"{url} {wrong}; it must be like starttls://user@mail.example.jp:587 or "
                "smtps://user@mail.example.jp:465, or smtp://localhost:25 for a relay without a login."
            )
            return None
        if parts.password and secret:
            self.complaints.append(f"{url} and {password} both hold a password; set one of them.")
        if parts.username and not (parts.password or secret):
            self.complaints.append(f"{url} names a user; set {password} too.")
        if origin is None or not SENDER.fullmatch(origin) or ("<" in origin) != (origin[-1] == ">"):
            self.complaints.append(
                f"{sender} must be the address that mails come from, such as "
                f"株式会社サンプル <billing@example.jp>, not {origin!r}."
            )
            return None
        return MailServer(
            host=parts.hostname or "",
            port=parts.port or SMTP_PORTS[parts.scheme],
            security=SMTP_SECURITY[parts.scheme],
            sender=origin,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else secret,
        )

    def switch(self, name: str, *, default: bool) -> bool:
        """Return a yes or no."""
        value = (self.text(name) or "").lower()
        if value and value not in YES | NO:
            self.complaints.append(f"{name} must be yes or no, not {value!r}.")
        return value in YES if value else default

    def seconds(self, name: str, default: int) -> int:
        """Return a whole number of seconds from 1 on."""
        value = self.text(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdecimal()) or int(value) < 1:
            self.complaints.append(
                f"{name} must be a whole number of seconds from 1 on, not {value!r}."
            )
            return default
        return int(value)

    def days(self, name: str, least: int) -> int:
        """Return a whole number of days, which may not be less than `least`, the default."""
        value = self.text(name)
        if value is None:
            return least
        if not (value.isascii() and value.isdecimal()) or not least <= int(value) <= MOST_DAYS:
            self.complaints.append(
                f"{name} must be a whole number of days from {least} to {MOST_DAYS}, not {value!r}."
            )
            return least
        return int(value)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """Return one of several words."""
        value = (self.text(name) or default).lower()
        if value not in choices:
            self.complaints.append(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
        return value


def _wrong_with(parts: SplitResult) -> str:
    """Say what is wrong with the address of a mail server, without quoting it; nothing when it is right."""
    if parts.scheme not in SMTP_PORTS:
        return "does not begin with smtps://, starttls:// or smtp://"
    try:
        port_is_one = parts.port != 0
    except ValueError:
        port_is_one = False
    if not parts.hostname or not port_is_one:
        return "names no server" if not parts.hostname else "has a port that is none"
    if parts.path.strip("/") or parts.query or parts.fragment:
        return "has something after the server"
    if parts.scheme == "smtp" and parts.username and parts.hostname not in THIS_MACHINE:
        return "would send a password unencrypted"
    return ""
