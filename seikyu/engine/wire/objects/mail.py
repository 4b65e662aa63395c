"""Mails on the wire: ``seikyu.mail``, an object of ours in Stripe's manner.

It is rendered when it is read, for its sending changes it without a command: no version is kept.
"""

from typing import Any

import orjson

from seikyu.engine.billing.mail import Mail
from seikyu.engine.wire.objects.frame import Frame


def mail_body(mail: Mail, frame: Frame, *, whole: bool = True) -> bytes:
    """Return the mail as JSON; lists leave out what it says (``whole`` False), which may be long."""
    told: dict[str, Any] = {
        "id": mail.id,
        "object": "seikyu.mail",
        "attachments": mail.attachments,
        "attempts": mail.attempts,
        "created": mail.created,
        "customer": mail.customer_id,
        "days": mail.days,
        "invoice": mail.invoice_id,
        "kind": mail.kind,
        "language": mail.locale or issuer_locale(frame.account.country),
        "last_outcome": mail.last_outcome,
        "livemode": frame.livemode,
        "next_attempt_at": mail.next_attempt_at,
        "payment_intent": mail.payment_intent_id,
        "resend_of": mail.resend_of,
        "sent_at": mail.sent_at,
        "status": mail.status,
        "subject": mail.subject,
        "to": mail.recipient,
    }
    if whole:
        told |= {"text": mail.text, "html": mail.html}
    return orjson.dumps(told)


def issuer_locale(country: str) -> str:
    """Return the language of an issuer's country."""
    return "ja" if country == "JP" else "en"
