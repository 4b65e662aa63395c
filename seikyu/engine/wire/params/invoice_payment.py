"""Parameters of ``/v1/invoice_payments``."""

from typing import Literal

from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import Unserved, Word
from seikyu.engine.wire.params.model import Params


class PaymentFilter(Params):
    """The payment whose applications are asked for."""

    type: Literal["payment_intent", "payment_record"]
    payment_intent: Word | None = None
    payment_record: Unserved = None


class InvoicePaymentList(CreatedPaging):
    """``GET /v1/invoice_payments``."""

    invoice: Word | None = None
    payment: PaymentFilter | None = None
    status: Literal["canceled", "open", "paid"] | None = None
