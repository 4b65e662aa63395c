"""Parameters of ``/v1/seikyu/unapplied_payments``, an address of ours."""

from seikyu.engine.wire.params.filters import Paging
from seikyu.engine.wire.params.kinds import Word


class UnappliedPaymentList(Paging):
    """``GET /v1/seikyu/unapplied_payments``."""

    customer: Word | None = None
