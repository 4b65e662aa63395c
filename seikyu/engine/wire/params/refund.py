"""Parameters of ``/v1/refunds``."""

from typing import Literal

from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import (
    Currency,
    Expand,
    NeedsConnect,
    Positive,
    ShortText,
    Word,
)
from seikyu.engine.wire.params.metadata import Metadata


class RefundList(CreatedPaging):
    """``GET /v1/refunds``."""

    charge: Word | None = None
    payment_intent: Word | None = None


class RefundCreate(Expand):
    """``POST /v1/refunds``. ``amount`` in minor units of the charge's currency."""

    amount: Positive | None = None
    charge: Word | None = None
    currency: Currency | None = None
    customer: Word | None = None
    instructions_email: ShortText = None
    metadata: Metadata = None
    origin: Literal["customer_balance"] | None = None
    payment_intent: Word | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None
    refund_application_fee: NeedsConnect = None
    reverse_transfer: NeedsConnect = None


class RefundStep(Expand):
    """``POST /v1/refunds/{id}/cancel`` and, of ours, ``POST /v1/seikyu/refunds/{id}/complete``."""


class RefundUpdate(Expand):
    """``POST /v1/refunds/{id}``."""

    metadata: Metadata = None
