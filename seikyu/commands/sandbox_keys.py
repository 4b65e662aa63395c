"""What the sandbox must remember between two runs: its account's keys, in a file only its owner reads.

The engine stores keys hashed and shows them once; a second run needs them again.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from typing import Self

from seikyu.commands.engine import created
from seikyu.commands.failures import CannotStart
from seikyu.config import Settings

NAME = "株式会社サンプル商店（見本）"
FILE = "sandbox.json"
OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class SandboxKeys:
    """The account of the sandbox, and the secret of its webhook endpoint."""

    account: str
    test_secret_key: str
    test_publishable_key: str
    live_secret_key: str
    live_publishable_key: str
    webhook_endpoint: str | None = None
    webhook_secret: str | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the keys of an earlier run, or create an account. Raises CannotStart."""
        file = settings.data_dir / FILE
        if file.exists():
            try:
                kept = cls(**json.loads(file.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError) as error:
                raise CannotStart(
                    f"{file} cannot be read: {error}. Remove it to begin anew."
                ) from None
            if _opens(settings, kept.test_secret_key):
                return kept
        made = cls(**created(settings, NAME))
        made.keep(settings)
        return made

    def with_webhook(self, endpoint: str, secret: str) -> "SandboxKeys":
        """Return them with the webhook endpoint that was made."""
        return replace(self, webhook_endpoint=endpoint, webhook_secret=secret)

    def keep(self, settings: Settings) -> None:
        """Write the file as a whole: what a crash leaves is the old file or the new one."""
        file = settings.data_dir / FILE
        fresh = file.with_suffix(".new")
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(asdict(self), out, indent=2)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)


def _opens(settings: Settings, key: str) -> bool:
    from seikyu.engine.store.database import open_database
    from seikyu.engine.store.keys import opened_by

    database = open_database(settings.database_url)
    try:
        return opened_by(database.connection(), key) is not None
    finally:
        database.close()
