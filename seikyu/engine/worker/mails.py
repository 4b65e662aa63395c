"""Mails on their way out: claimed, written anew for every attempt, handed to the server, recorded.

The design is that of webhooks: the same gaps, the same three days, the same lease. A mail whose worker
was killed is taken up by the next one under the same message id. It can arrive twice only when the
worker died, or lost the connection, after the server had taken the message and before that was known.
What is wrong with one mail is its own outcome and keeps none of the others waiting.

Mails of the test mode are written and kept, and no server is asked.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from seikyu.engine.documents.press import Press
from seikyu.engine.execute import Door
from seikyu.engine.letters import letter as letters
from seikyu.engine.letters.message import RecipientUnusable, message, split, usable
from seikyu.engine.store import mails
from seikyu.engine.store.database import Connection, transaction
from seikyu.engine.store.hosted import HostedInvoice, told_invoice
from seikyu.engine.store.keys import world_of
from seikyu.engine.store.mails import Written
from seikyu.engine.store.session import Session
from seikyu.engine.worker.outbound import GAPS, GIVEN_UP_AFTER
from seikyu.engine.worker.post import TIMEOUT_SECONDS, Never, NotNow, Server, hand_over

if TYPE_CHECKING:
    from seikyu.engine.documents.sheet import Sheet
    from seikyu.engine.letters.letter import Letter
    from seikyu.engine.store.mails import Mail

log = structlog.get_logger("seikyu.mails")

AT_ONCE = 10
"""Mails under way at the same time, each on a connection of its own: servers allow about so many."""

LEASE = 120
"""Seconds after which a mail that nobody finished is taken up again; more than one attempt can take."""

NO_SERVER = "no mail server is set (SEIKYU_SMTP_URL)"
NO_SERVER_GAP = 3600
"""Seconds after which it is looked again whether there is one; a start with one looks at once."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of one mail. ``status`` waiting: not now, but ``again`` may help."""

    world: int
    mail: "Mail"
    status: str
    outcome: str | None
    written: Written | None = None
    attempted: bool = True
    gap: int | None = None


class Mailer:
    """Sends what is owed to customers."""

    def __init__(
        self, door: Door, server: Server | None, *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        """Without a server, mails of the live mode wait for one, three days like for a broken one."""
        assert timeout_seconds < LEASE
        self._door = door
        self._server = server
        self._timeout = timeout_seconds
        self._under_way: set[asyncio.Task[None]] = set()
        self._ended: list[Ended] = []
        self._press: Press | None = None
        self._thread = ThreadPoolExecutor(1, "mailed-papers")
        self._begun = False
        self.wake = door.wake_mails

    async def deliver(self) -> int:
        """Work until nothing is due or under way; return how many mails were worked on."""
        total = 0
        while True:
            total += await self.turn()
            if self._under_way:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
            elif not self._ended:
                return total

    async def turn(self) -> int:
        """Record what has ended, begin what is due and has room; return how many were begun."""
        await self._record_ended()
        claimed = await self._door.run(self._claim)
        for world, mail in claimed:
            task = asyncio.create_task(self._work(world, mail))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(claimed)

    async def close(self) -> None:
        """Wait for what is under way, and record it."""
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._record_ended()

    # ── claiming and recording ─────────────────────────────────────────────────────────────────

    def _claim(self) -> list[tuple[int, "Mail"]]:
        connection = self._door.engine.database.connection()
        now = self._door.engine.now()
        room = AT_ONCE - len(self._under_way)
        self._take_up_waiting(connection, now)
        if room <= 0 or not mails.any_due(connection, now):
            return []
        with transaction(connection):
            return mails.claim(connection, now, room, LEASE)

    def _take_up_waiting(self, connection: Connection, now: int) -> None:
        """Once there is a server, do not leave those waiting that had none."""
        if self._begun or self._server is None:
            return
        with transaction(connection):
            mails.try_again_now(connection, NO_SERVER, now)
        self._begun = True

    async def _work(self, world: int, mail: "Mail") -> None:
        ended = await self._outcome(world, mail)  # first: the list is another one afterwards
        self._ended.append(ended)
        self.wake.set()

    async def _record_ended(self) -> None:
        ended, self._ended = self._ended, []
        if not ended:
            return
        try:
            await self._door.run(lambda: self._record(ended))
        except BaseException:
            self._ended = ended + self._ended
            raise

    def _record(self, ended: list[Ended]) -> None:
        connection = self._door.engine.database.connection()
        now = self._door.engine.now()
        with transaction(connection):
            for one in ended:
                again = _again_at(one, now) if one.status == "waiting" else None
                given_up = one.status == "waiting" and again is None
                if given_up or one.status == "failed":
                    log.warning("mail not sent", mail=one.mail.id, reason=one.outcome)
                mails.record(
                    connection,
                    one.world,
                    one.mail,
                    "failed" if given_up else one.status,
                    one.outcome,
                    again_at=again,
                    sent_at=now if one.status == "sent" else None,
                    written=one.written,
                    attempted=one.attempted,
                )

    # ── one mail ───────────────────────────────────────────────────────────────────────────────

    async def _outcome(self, world: int, mail: "Mail") -> Ended:
        """Do what there is to do about one mail; whatever goes wrong is its outcome."""
        try:
            return await self._attempted(world, mail)
        except Exception as reason:
            log.exception("mail failed", mail=mail.id)
            outcome = f"it could not be written: {type(reason).__name__}: {reason}"[:300]
            return Ended(world, mail, "waiting", outcome)

    async def _attempted(self, world: int, mail: "Mail") -> Ended:
        invoice = await self._door.read(lambda connection: self._invoice(connection, world, mail))
        if mail.status == "captured":
            return self._captured(world, mail, invoice)
        dropped = letters.why_not(mail, invoice)
        if dropped is not None or invoice is None:
            return Ended(world, mail, "dropped", dropped, attempted=False)
        letter = letters.compose(mail, invoice, self._door.engine.public_url)
        if self._server is None:
            return Ended(
                world, mail, "waiting", NO_SERVER, letter.written, False, gap=NO_SERVER_GAP
            )
        try:
            outcome = await self._sent(self._server, mail, letter)
        except NotNow as reason:
            return Ended(world, mail, "waiting", str(reason), letter.written)
        except (Never, RecipientUnusable) as reason:
            return Ended(world, mail, "failed", str(reason), letter.written)
        return Ended(world, mail, "sent", outcome, letter.written)

    def _invoice(self, connection: Connection, world: int, mail: "Mail") -> HostedInvoice | None:
        session = Session(connection, world_of(connection, world))
        return told_invoice(session, mail.invoice_id, self._door.engine.now())

    def _captured(self, world: int, mail: "Mail", invoice: HostedInvoice | None) -> Ended:
        if invoice is None:
            return Ended(world, mail, "captured", "its invoice is gone", attempted=False)
        then = letters.as_it_was(mail, invoice)
        letter = letters.compose(mail, then, self._door.engine.public_url)
        outcome = "test mode: written and not sent"
        return Ended(world, mail, "captured", outcome, letter.written, attempted=False)

    async def _sent(self, server: Server, mail: "Mail", letter: "Letter") -> str:
        recipient = usable(mail.recipient)
        pdf = await self._printed(letter.paper) if letter.paper is not None else None
        now = self._door.engine.now()
        content = message(mail.id, letter, recipient, server.sender, now, pdf)
        _, address = split(server.sender)
        return await hand_over(server, address, recipient, content, self._timeout)

    async def _printed(self, paper: "Sheet") -> bytes:
        """Set the paper on a thread of its own, so that the loop goes on meanwhile."""

        def work() -> bytes:
            if self._press is None:
                self._press = Press()
            return self._press.set(paper)

        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _again_at(ended: Ended, now: int) -> int | None:
    """Return when to try again, None when it was tried for three days."""
    if now - ended.mail.created > GIVEN_UP_AFTER:
        return None
    return now + (ended.gap or GAPS[min(ended.mail.attempts, len(GAPS) - 1)])
