"""A connection put together: its settings, its memory, board on one side and Stripe on the other.

Built once by whoever starts the program, which also hands in the clock: nothing in this package
reads the time by itself.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Self

from seikyu.board.client import BoardClient
from seikyu.connector.board_side import BoardSide
from seikyu.connector.conditions import Rules
from seikyu.connector.customers import Customers
from seikyu.connector.following import Follower
from seikyu.connector.reasons import TOKYO
from seikyu.connector.sending import Sender
from seikyu.connector.settings import Settings
from seikyu.connector.store import (
    CallCount,
    CustomerLinks,
    Database,
    Inbox,
    InvoiceLinks,
    Mirror,
    Runs,
    awaited,
)
from seikyu.connector.stripe_side import StripeSide

# board and this machine may disagree about the time by this much.
CLOCK_MARGIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Connection:
    """One company's board and its Stripe account."""

    settings: Settings
    database: Database
    now: Callable[[], datetime]
    board_client: BoardClient
    stripe: StripeSide
    links: InvoiceLinks
    customer_links: CustomerLinks
    mirror: Mirror
    runs: Runs
    inbox: Inbox
    id: str = field(default="")

    @classmethod
    def open(
        cls,
        settings: Settings,
        database: Database,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        board_timeout_seconds: float = 30,
    ) -> Self:
        """Put a connection together; nothing is sent yet. `now` returns an aware moment.

        Raises seikyu.board.errors.BoardCredentialsInvalid for a key that cannot be sent.
        """
        id = settings.connection_id
        return cls(
            settings=settings,
            database=database,
            now=now,
            board_client=BoardClient(
                settings.board_url,
                settings.board_api_key,
                settings.board_api_token,
                budget=CallCount(database),
                now=now,
                sleep=sleep,
                timeout_seconds=board_timeout_seconds,
            ),
            stripe=StripeSide(settings.stripe_api_key, settings.stripe_url, id),
            links=InvoiceLinks(database, id),
            customer_links=CustomerLinks(database, id),
            mirror=Mirror(database, id),
            runs=Runs(database, id),
            inbox=Inbox(database, id),
            id=id,
        )

    def close(self) -> None:
        """Close what is open; the database belongs to whoever opened it."""
        self.board_client.close()

    def today(self) -> date:
        """The calendar day in Tokyo."""
        return self.now().astimezone(TOKYO).date()

    def window_start(self) -> datetime:
        """Since when an invoice must have been updated in board.

        Yesterday's beginning in Tokyo, or the beginning of the last complete run where that is
        earlier, so that an outage loses nothing; or as many days back as the settings say.
        """
        days = self.settings.window_days
        back = self.today() - timedelta(days=1 if days is None else days)
        start = datetime.combine(back, time_of_day(), TOKYO)
        last = self.mirror.reading().last_complete_run_began_at
        if days is None and last is not None:
            start = min(start, last - CLOCK_MARGIN)
        return start

    def rules(self) -> Rules:
        """The settings as the plan needs them, at this moment."""
        return self.settings.rules(self.today(), self.window_start())

    def board(self) -> BoardSide:
        """A fresh look at board."""
        return BoardSide(self.board_client, self.mirror, self.links, self.now)

    def follower(self, board: BoardSide | None = None) -> Follower:
        """What carries Stripe's state over to board."""
        return Follower(board or self.board(), self.stripe, self.links, self.now)

    def customers(self) -> Customers:
        """What finds the Stripe customer of an invoice; remembers what it found."""
        return Customers(self.stripe, self.customer_links, self.now, self.id)

    def sender(self, customers: Customers, rules: Rules, run_id: str) -> Sender:
        """What sends invoices within one run."""
        return Sender(self.stripe, self.links, customers, rules, self.id, run_id)

    @contextmanager
    def writing_statuses(self) -> Iterator[None]:
        """Hold the right to carry states over: one process at a time, or they would overtake."""
        with awaited(self.database, f"{self.id}-status"):
            yield
