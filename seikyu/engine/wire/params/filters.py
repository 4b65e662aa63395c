"""Parameters that all lists share: paging, and ranges of moments."""

from typing import Annotated, Any

from pydantic import ModelWrapValidatorHandler, WrapValidator, model_validator

from seikyu.engine.wire.params.kinds import Expand, PageSize, Timestamp, Word, moment
from seikyu.engine.wire.params.model import Params, refused_exclusive

USUAL_PER_PAGE = 10


class TimeRange(Params):
    """Moments between limits, in Unix seconds; a limit that is None is open."""

    gt: Timestamp | None = None
    gte: Timestamp | None = None
    lt: Timestamp | None = None
    lte: Timestamp | None = None


def _range(value: Any, validate: ModelWrapValidatorHandler[TimeRange]) -> TimeRange:
    """Read ``created=123`` as the range that has only that moment in it."""
    if type(value) is str:
        exact = moment(value)
        return TimeRange.model_construct(gte=exact, lte=exact)
    return validate(value)


Range = Annotated[TimeRange, WrapValidator(_range)]


class Paging(Expand):
    """Which page of a list: ``limit`` objects before or after the one named."""

    limit: PageSize = USUAL_PER_PAGE
    starting_after: Word | None = None
    ending_before: Word | None = None

    @model_validator(mode="after")
    def _one_direction(self) -> "Paging":
        if self.starting_after is not None and self.ending_before is not None:
            raise refused_exclusive("starting_after", "ending_before")
        return self


class CreatedPaging(Paging):
    """A list that can also be asked for the objects of a time."""

    created: Range | None = None
