"""Parameters of ``/v1/seikyu/mails``, which are ours alone."""

from typing import Literal

from seikyu.engine.wire.params.customer import Email
from seikyu.engine.wire.params.filters import Paging
from seikyu.engine.wire.params.kinds import Expand, Word


class MailList(Paging):
    """``GET /v1/seikyu/mails``."""

    customer: Word | None = None
    invoice: Word | None = None
    kind: Literal["invoice", "receipt", "payment_failed", "action_required", "reminder"] | None = (
        None
    )
    status: Literal["waiting", "sent", "captured", "failed", "dropped"] | None = None


class MailResend(Expand):
    """``POST /v1/seikyu/mails/{id}/resend``. ``to``: another address than the first time."""

    to: Email = None
