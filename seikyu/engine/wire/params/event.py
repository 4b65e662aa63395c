"""Parameters of ``/v1/events``."""

from typing import Annotated

from pydantic import Field, model_validator

from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import Boolean, Expand, Many, NeedsConnect, Word
from seikyu.engine.wire.params.model import refused_exclusive

Twenty = Annotated[Many[Word], Field(max_length=20)]


class EventList(CreatedPaging):
    """``GET /v1/events``. A type may end in ``*``: ``invoice.*``."""

    delivery_success: Boolean | None = None
    type: Word | None = None
    types: Twenty | None = None

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> "EventList":
        if self.type is not None and self.types is not None:
            raise refused_exclusive("type", "types")
        return self


class EventResend(Expand):
    """``POST /v1/events/{id}/resend``."""

    webhook_endpoint: Word | None = None


class EventRetry(EventResend):
    """``POST /v1/events/{id}/retry``, as the official command line asks for it.

    It says ``for_stripecli`` when no endpoint was named; a program that listens that way has no line to
    this engine, so every endpoint that the event concerns gets it.
    """

    account: NeedsConnect = None
    for_stripecli: Boolean | None = None
