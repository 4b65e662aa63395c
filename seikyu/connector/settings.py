"""The settings of one connection: where board and Stripe are, with which keys, and what is wanted.

Read once, from a mapping (the environment) or a file of `NAME=value` lines; the environment wins. A
secret may also be given as `NAME_FILE`, the path of a file that holds it. Secrets are never shown:
they are left out of `repr`, and no message quotes a value that could be one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Self

from seikyu.connector.back_sync import Switches
from seikyu.connector.conditions import Mode, Rules, WithoutCard

BOARD_URL = "https://api.the-board.jp/v1"
STRIPE_URL = "https://api.stripe.com"

SWITCHES = {
    "SEIKYU_WRITE_UNDER_MINIMUM": "under_minimum",
    "SEIKYU_WRITE_BANK_TRANSFER": "bank_transfer",
    "SEIKYU_WRITE_OUTSIDE_STRIPE": "outside_stripe",
    "SEIKYU_WRITE_PARTLY_PAID": "partly_paid",
    "SEIKYU_WRITE_REOPENED": "reopened",
    "SEIKYU_WRITE_UNCOLLECTIBLE": "uncollectible",
}
"""Variable → the row of the back-sync table it switches."""

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})


class SettingsIncomplete(Exception):
    """Variables are missing or cannot be used; the message names each, one per line."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One connection. `window_days` None means: since the last complete run (the default)."""

    board_api_key: str = field(repr=False)
    board_api_token: str = field(repr=False)
    stripe_api_key: str = field(repr=False)
    mode: Mode
    webhook_secret: str | None = field(default=None, repr=False)
    board_url: str = BOARD_URL
    stripe_url: str = STRIPE_URL
    accept_confirmed: bool = False
    window_days: int | None = None
    currencies: frozenset[str] = frozenset({"JPY"})
    registration_number: str | None = None
    switches: Switches = field(default_factory=Switches)
    without_card: WithoutCard = WithoutCard.ASK

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], file: Path | None = None) -> Self:
        """Read the settings; raises SettingsIncomplete naming everything that is wrong at once."""
        given = dict(_read_file(file)) if file else {}
        given.update({name: value for name, value in environ.items() if value})
        reader = _Reader(given)
        settings = cls(
            board_api_key=reader.secret("BOARD_API_KEY"),
            board_api_token=reader.secret("BOARD_API_TOKEN"),
            stripe_api_key=reader.secret("STRIPE_API_KEY"),
            mode=reader.mode("SEIKYU_INVOICE_MODE"),
            webhook_secret=reader.optional_secret("STRIPE_WEBHOOK_SECRET"),
            board_url=reader.address("SEIKYU_BOARD_URL", BOARD_URL),
            stripe_url=reader.address("SEIKYU_STRIPE_URL", STRIPE_URL),
            accept_confirmed=reader.switch("SEIKYU_ACCEPT_CONFIRMED", default=False),
            window_days=reader.whole_number("SEIKYU_WINDOW_DAYS"),
            currencies=reader.currencies("SEIKYU_CURRENCIES"),
            registration_number=reader.text("SEIKYU_REGISTRATION_NUMBER"),
            switches=reader.switches(),
            without_card=reader.without_card("SEIKYU_WITHOUT_CARD"),
        )
        if reader.complaints:
            raise SettingsIncomplete("\n".join(reader.complaints))
        return settings

    @property
    def connection_id(self) -> str:
        """A name of the connection that gives no key away.

        Derived from the board key and from Stripe's world (test or live): what was tried in test
        mode must not count as sent in live mode. A rolled Stripe key changes nothing.
        """
        world = "live" if "_live_" in self.stripe_api_key else "test"
        digest = hashlib.sha256(f"{world}:{self.board_api_key}".encode()).hexdigest()
        return f"conn_{digest[:16]}"

    def rules(self, today: date, window_start: datetime) -> Rules:
        """Return what the plan needs of the settings, for this day (Tokyo) and window."""
        return Rules(
            mode=self.mode,
            today=today,
            window_start=window_start,
            accept_confirmed=self.accept_confirmed,
            currencies=self.currencies,
            registration_number=self.registration_number,
            switches=self.switches,
            without_card=self.without_card,
        )


class _Reader:
    """Reads variables one by one and collects what is wrong, so that all of it is told at once."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self.complaints: list[str] = []

    def text(self, name: str) -> str | None:
        return self._given.get(name, "").strip() or None

    def secret(self, name: str) -> str:
        value = self.optional_secret(name)
        if value is None and not any(name in complaint for complaint in self.complaints):
            self.complaints.append(f"{name} is missing: set it, or {name}_FILE. {_WHERE[name]}")
        return value or ""

    def optional_secret(self, name: str) -> str | None:
        if path := self.text(f"{name}_FILE"):
            try:
                return Path(path).read_text(encoding="utf-8").strip() or None
            except (OSError, UnicodeDecodeError):
                self.complaints.append(f"{name}_FILE names a file that cannot be read: {path}")
                return None
        return self.text(name)

    def mode(self, name: str) -> Mode:
        value = self.text(name)
        try:
            return Mode(value or "")
        except ValueError:
            choices = ", ".join(Mode)
            said = f"is {value!r}, which is none of" if value else "is missing: set it to one of"
            self.complaints.append(f"{name} {said} {choices} (自動チャージ, メール送信, 下書き).")
            return Mode.DRAFT

    def without_card(self, name: str) -> WithoutCard:
        value = (self.text(name) or WithoutCard.ASK).lower()
        try:
            return WithoutCard(value)
        except ValueError:
            choices = " or ".join(WithoutCard)
            self.complaints.append(f"{name} must be {choices}, not {value!r}.")
            return WithoutCard.ASK

    def address(self, name: str, default: str) -> str:
        value = self.text(name) or default
        if not value.startswith(("https://", "http://")):
            self.complaints.append(f"{name} must begin with https:// or http://, not {value!r}.")
        return value.rstrip("/")

    def switch(self, name: str, *, default: bool) -> bool:
        value = (self.text(name) or "").lower()
        if value and value not in YES | NO:
            self.complaints.append(f"{name} must be yes or no, not {value!r}.")
        return value in YES if value else default

    def switches(self) -> Switches:
        plain = Switches()
        return Switches(
            **{
                row: self.switch(name, default=getattr(plain, row))
                for name, row in SWITCHES.items()
            }
        )

    def whole_number(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        if not value.isdecimal():
            self.complaints.append(f"{name} must be a whole number of days, not {value!r}.")
            return None
        return int(value)

    def currencies(self, name: str) -> frozenset[str]:
        codes = frozenset(code.strip().upper() for code in (self.text(name) or "JPY").split(","))
        if wrong := sorted(code for code in codes if len(code) != 3 or not code.isalpha()):
            self.complaints.append(f"{name} must list currency codes such as JPY,USD, not {wrong}.")
        return codes


_WHERE = {
    "BOARD_API_KEY": "It stands in board under 設定 > 開発者用API設定.",
    "BOARD_API_TOKEN": "Make it in board under 設定 > 開発者用API設定 > 新規トークン生成.",
    "STRIPE_API_KEY": "It stands in Stripe's dashboard under Developers > API keys.",
}


def _read_file(path: Path) -> Mapping[str, str]:
    """Read lines `NAME=value`; empty lines and lines that begin with # are left out."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsIncomplete(f"The settings file {path} cannot be read: {error}") from None
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def database_url(environ: Mapping[str, str]) -> str:
    """Return where the connector keeps its rows: SEIKYU_DATABASE_URL, else a file in the data dir.

    The address may hold a password, so it may stand in a file too. Raises SettingsIncomplete.
    """
    reader = _Reader(environ)
    url = reader.optional_secret("SEIKYU_DATABASE_URL")
    if reader.complaints:
        raise SettingsIncomplete(reader.complaints[0])
    if url is not None:
        # The driver is named, or SQLAlchemy would look for another one.
        return url.replace("postgresql://", "postgresql+psycopg://", 1)
    directory = environ.get("SEIKYU_DATA_DIR", "").strip() or "data"
    return f"sqlite:///{Path(directory).absolute() / 'connector.db'}"
