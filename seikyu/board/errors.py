"""What can go wrong with a call to board, each as a class of its own, each saying what to do.

The caller decides by class (stop the run, retry later, ask a human) and shows the sentence. No
message ever contains the API key or the token. `MalformedRecord` (in fields.py) belongs to this
family too, but is about one record and not about a call.
"""

from dataclasses import dataclass
from datetime import datetime

from seikyu.board.words import Operation


class BoardError(Exception):
    """Any failed call to board; `operation` is what was tried."""

    def __init__(self, operation: Operation, sentence: str) -> None:
        """Keep the operation; the sentence says what happened and what to do."""
        self.operation = operation
        super().__init__(f"{operation}: {sentence}")


class BoardUnauthorized(BoardError):
    """401: the API key or the token is wrong or was deleted."""

    def __init__(self, operation: Operation) -> None:
        """Say where to find the two."""
        super().__init__(
            operation,
            "board does not accept the API key or the API token. Check both in board under "
            "設定 > API, and enter them again; a token is shown only once, so make a new one "
            "when it is lost.",
        )


class BoardForbidden(BoardError):
    """403: the token is valid but may not do this operation."""

    def __init__(self, operation: Operation) -> None:
        """Name the operation to tick."""
        super().__init__(
            operation,
            f"the API token does not have the permission {operation}. In board, edit the token "
            f"and tick {operation}.",
        )


class BoardNotFound(BoardError):
    """404: no such record (or the base address is wrong)."""

    def __init__(self, operation: Operation, path: str) -> None:
        """Name the path that was asked for."""
        super().__init__(
            operation,
            f"board has nothing at {path}. The record was probably deleted in board; if every "
            "call says this, check the base address SEIKYU_BOARD_URL.",
        )


@dataclass(frozen=True, slots=True)
class FieldError:
    """One complaint of board about one field. `code` is "" where board sent none."""

    field: str
    code: str
    description: str


class BoardRejected(BoardError):
    """400 or 422: board refuses the values; `errors` says which and why."""

    def __init__(self, operation: Operation, message: str, errors: tuple[FieldError, ...]) -> None:
        """List board's complaints in board's words."""
        self.message, self.errors = message, errors
        details = " / ".join(f"{e.field}: {e.description or e.code}" for e in errors)
        super().__init__(
            operation,
            f"board refuses the values ({details or message}). Correct them and try again; the "
            "same call will be refused again.",
        )


class BoardUnsupportedMediaType(BoardError):
    """415: the Content-Type header did not arrive as application/json."""

    def __init__(self, operation: Operation) -> None:
        """Point at what lies between us and board, since we always send the header."""
        super().__init__(
            operation,
            "board did not receive the header Content-Type: application/json. Something between "
            "this machine and board, such as a proxy, removes it.",
        )


class BoardUnavailable(BoardError):
    """500, 503, a time-out or a broken connection, after the repeats that were allowed.

    `status` is None when there was no answer.
    """

    def __init__(self, operation: Operation, status: int | None, attempts: int, why: str) -> None:
        """Say how often it was tried and what came back."""
        self.status, self.attempts = status, attempts
        super().__init__(
            operation,
            f"board gave no usable answer in {attempts} attempt(s): {why}. Nothing was changed "
            "by this that a later run would not see; try again later, and look at board's status "
            "page when it lasts.",
        )


class BoardOutcomeUnknown(BoardError):
    """A call that must not be repeated blindly got no clear answer: it may have been carried out.

    `status` is None when there was no answer.
    """

    def __init__(self, operation: Operation, status: int | None, why: str) -> None:
        """Say to look before repeating."""
        self.status = status
        super().__init__(
            operation,
            f"board gave no clear answer ({why}), so the record may or may not exist. Look for "
            "it in board first, and repeat only when it is not there: a repeat could make it "
            "twice.",
        )


class BoardBusy(BoardError):
    """429 that lasted: another program uses the same API key at the same time."""

    def __init__(self, operation: Operation, message: str, attempts: int) -> None:
        """Quote board's message."""
        self.message = message
        super().__init__(
            operation,
            f"board refused {attempts} attempts with “{message}”. Another program is using the "
            "same API key; let it finish, then try again.",
        )


class DailyLimitReached(BoardError):
    """The calls of the day are used up, by board's word or by our own share of them.

    `resets_at` is the next 00:00 UTC (09:00 in Japan); `said_by_board` tells the two apart.
    """

    def __init__(
        self,
        operation: Operation,
        *,
        resets_at: datetime,
        used: int,
        limit: int,
        said_by_board: bool,
    ) -> None:
        """Say when calls are possible again."""
        self.resets_at, self.used, self.limit = resets_at, used, limit
        self.said_by_board = said_by_board
        who = "board says that all" if said_by_board else f"{used} of"
        super().__init__(
            operation,
            f"{who} {limit} calls of today are used; no more are made before "
            f"{resets_at:%Y-%m-%d %H:%M} UTC. Run again after that.",
        )


class BoardUnreadable(BoardError):
    """An answer that is not what board documents: no JSON, another shape, an odd status."""

    def __init__(self, operation: Operation, status: int, why: str) -> None:
        """Say what was wrong with it."""
        self.status = status
        super().__init__(
            operation,
            f"the answer (HTTP {status}) cannot be understood: {why}. Check the base address "
            "SEIKYU_BOARD_URL and whether a proxy answers in board's place.",
        )


class BoardListUnstable(BoardError):
    """A list kept changing while it was read, however often it was read again."""

    def __init__(self, operation: Operation, passes: int) -> None:
        """Say how often it was read."""
        self.passes = passes
        super().__init__(
            operation,
            f"the list changed during each of {passes} readings, so it cannot be known to be "
            "complete. Try again when fewer records are being edited in board.",
        )


class BoardCredentialsInvalid(ValueError):
    """The API key or token cannot even be sent. The message does not repeat the value."""
