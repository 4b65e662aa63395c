"""Parameters of ``/v1/charges``, which are read only: payment intents make them."""

from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import NeedsConnect, Word


class ChargeList(CreatedPaging):
    """``GET /v1/charges``."""

    customer: Word | None = None
    payment_intent: Word | None = None
    transfer_group: NeedsConnect = None
