"""The finished message (RFC 5322): text and HTML as alternatives, the paper beside them.

The id of the message is made of the mail's own and stays the same at every attempt, so that a server or
a reader that gets it twice can tell. Whatever a customer or an issuer is called, no header can be added
by it: headers are made of values without line ends, by the standard library's own encoder.
"""

import contextlib
import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from seikyu.engine.letters.letter import Letter, one_line

POLICY = SMTP.clone(cte_type="7bit")
"""No 8-bit text: every server on the way can take the message as it is."""


ADDRESS = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@[\w-]+(\.[\w-]+)*", re.ASCII
)
"""A plain address (RFC 5321 without quoted names, which no mailbox that is billed has)."""


class RecipientUnusable(Exception):
    """The address cannot be written into a message; no attempt will change that."""


def message(
    mail_id: str, letter: Letter, to: str, sender: str, now: int, pdf: bytes | None
) -> bytes:
    """Return the message as it goes to the server. Raises RecipientUnusable.

    ``sender`` is our address, alone or as ``Name <address>``; without a name it is the issuer's. ``now``
    is in Unix seconds.
    """
    name, address = split(sender)
    made = EmailMessage(POLICY)
    made["From"] = Address(one_line(name or letter.issuer), addr_spec=address)
    made["To"] = Address(addr_spec=usable(to))
    if letter.reply_to is not None:
        with contextlib.suppress(RecipientUnusable):
            made["Reply-To"] = Address(addr_spec=usable(letter.reply_to))
    made["Subject"] = letter.written.subject
    made["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    made["Message-ID"] = f"<{mail_id}@{address.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.written.text)
    made.add_alternative(letter.written.html, subtype="html")
    if pdf is not None:
        made.add_attachment(
            pdf, maintype="application", subtype="pdf", filename=letter.written.attachments[0]
        )
    made["Content-Language"] = letter.locale  # only now: a part would have taken it along
    return made.as_bytes()


def split(sender: str) -> tuple[str, str]:
    """Return the name (or nothing) and the address of a sender."""
    name, opened, rest = sender.rpartition("<")
    if not opened:
        return "", sender.strip()
    return name.strip().strip('"'), rest.rstrip("> ")


def usable(address: str) -> str:
    """Return the address with its domain as servers know it. Raises RecipientUnusable."""
    name, _, domain = address.rpartition("@")
    try:
        plain = f"{name}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as reason:
        raise RecipientUnusable("the domain of the address cannot be one") from reason
    if not ADDRESS.fullmatch(plain):
        raise RecipientUnusable("the address cannot be written as one of a mail")
    return plain
