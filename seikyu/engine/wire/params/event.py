"""Parameters of ``/v1/events``."""

from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import Boolean, Many, Word


class EventList(CreatedPaging):
    """``GET /v1/events``. A type may end in ``*``: ``invoice.*``."""

    delivery_success: Boolean | None = None
    type: Word | None = None
    types: Many[Word] | None = None
