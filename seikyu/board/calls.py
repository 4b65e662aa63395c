"""One call to board: paced, counted, repeated where that is harmless, its failure given a name.

The rules, in order:
1. Every request that leaves is counted first; at the configured share of the day nothing leaves.
2. Requests are paced per key. Lists of 案件 and 請求 pass one at a time (board allows four that
   are unanswered, shared with every other program that uses the key).
3. The three kinds of 429 differ by their message only: too fast (wait a moment, repeat), too many
   lists (wait, repeat), the day is used up (stop until 00:00 UTC).
4. 500, 503, a time-out or a broken connection: a call that may be repeated is repeated with
   growing waits. One that may not (顧客登録: board has no idempotency keys) is repeated only when
   it certainly did not arrive; otherwise its outcome is unknown, and says so.
5. Redirects are not followed, so the key and token reach no other address.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import httpx2

from seikyu.board.budget import DAILY_LIMIT, Budget, fingerprint, next_reset, utc_day
from seikyu.board.errors import (
    BoardBusy,
    BoardCredentialsInvalid,
    BoardError,
    BoardForbidden,
    BoardNotFound,
    BoardOutcomeUnknown,
    BoardRejected,
    BoardUnauthorized,
    BoardUnavailable,
    BoardUnreadable,
    BoardUnsupportedMediaType,
    DailyLimitReached,
    FieldError,
)
from seikyu.board.pacing import Pace
from seikyu.board.words import Operation

# Seconds before the 2nd, 3rd … attempt after a 500, 503, time-out or broken connection.
_WAITS_WHEN_UNAVAILABLE = (1.0, 2.0, 4.0, 8.0)
# Seconds before the next attempt after "Too Many Requests" or too many lists.
_WAITS_WHEN_BUSY = (1.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0)
_NEVER_ARRIVED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_LIMITED_LISTS = frozenset({Operation.LIST_PROJECTS, Operation.LIST_INVOICES})


@dataclass(frozen=True, slots=True)
class Call:
    """One request: what it is, where it goes, and whether repeating it is harmless."""

    operation: Operation
    method: str
    path: str
    params: Mapping[str, str]
    body: Mapping[str, object] | None = None
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; `content` is None for an empty body, and numbers are never floats."""

    status: int
    headers: httpx2.Headers
    content: bytes

    def json(self, operation: Operation) -> object:
        """Return the parsed body, fractions as Decimal; raises BoardUnreadable."""
        try:
            parsed: object = json.loads(self.content, parse_float=Decimal)
        except ValueError:
            raise BoardUnreadable(operation, self.status, "it is not JSON") from None
        return parsed


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of the day's calls is used, and when the count starts again (UTC)."""

    used: int
    limit: int
    stops_at: int
    resets_at: datetime


class Caller:
    """Sends calls with one key and token. Safe for several threads."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        api_token: str,
        *,
        budget: Budget,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        timeout_seconds: float = 30,
        daily_limit: int = DAILY_LIMIT,
        stop_at_percent: int = 80,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Prepare a connection; nothing is sent yet. Raises BoardCredentialsInvalid."""
        self._http = httpx2.Client(
            base_url=base_url,
            headers={
                "x-api-key": _sendable(api_key, "API key"),
                "Authorization": f"Bearer {_sendable(api_token, 'API token')}",
                "Accept": "application/json",
            },
            timeout=httpx2.Timeout(timeout_seconds, connect=min(10, timeout_seconds)),
            follow_redirects=False,
            transport=transport,
        )
        self._key = fingerprint(api_key)
        self._budget, self._now, self._sleep = budget, now, sleep
        self._pace = Pace(now, sleep)
        self._daily_limit = daily_limit
        self._stop_at = daily_limit * stop_at_percent // 100
        self._list_turn = threading.Lock()

    def __repr__(self) -> str:
        """Show the address only: never the key or the token."""
        return f"Caller({str(self._http.base_url)!r})"

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def usage(self) -> Usage:
        """Return the count of calls of today (UTC)."""
        now = self._now()
        used = self._budget.used(self._key, utc_day(now))
        return Usage(used, self._daily_limit, self._stop_at, next_reset(now))

    def send(self, call: Call) -> Answer:
        """Carry out a call; raises a BoardError when it did not succeed."""
        if call.operation not in _LIMITED_LISTS:
            return self._attempt_until_answered(call)
        with self._list_turn:
            return self._attempt_until_answered(call)

    def _attempt_until_answered(self, call: Call) -> Answer:
        unavailable = busy = 0
        while True:
            try:
                response = self._send_once(call)
            except httpx2.RequestError as error:
                unavailable += 1
                self._wait_or_give_up(call, unavailable, error)
                continue
            if response.status_code == 429:
                busy += 1
                self._wait_while_busy(call, busy, response)
            elif response.status_code in (500, 502, 503, 504):
                unavailable += 1
                self._wait_or_give_up(call, unavailable, response)
            elif response.is_success:
                return Answer(response.status_code, response.headers, response.content)
            else:
                raise _refusal(call, response)

    def _send_once(self, call: Call) -> httpx2.Response:
        self._pace.wait()
        if not self._budget.spend(self._key, utc_day(self._now()), self._stop_at):
            raise self._day_is_used_up(call.operation, said_by_board=False)
        content = None if call.body is None else json.dumps(call.body, ensure_ascii=False).encode()
        headers = {} if content is None else {"Content-Type": "application/json"}
        return self._http.request(
            call.method, call.path, params=dict(call.params), content=content, headers=headers
        )

    def _wait_while_busy(self, call: Call, attempts: int, response: httpx2.Response) -> None:
        message = _message(response)
        if "Limit Exceeded" in message:
            self._budget.raise_to(self._key, utc_day(self._now()), self._daily_limit)
            raise self._day_is_used_up(call.operation, said_by_board=True)
        if attempts > len(_WAITS_WHEN_BUSY):
            raise BoardBusy(call.operation, message, attempts)
        self._sleep(_WAITS_WHEN_BUSY[attempts - 1])

    def _wait_or_give_up(
        self, call: Call, attempts: int, failure: httpx2.Response | httpx2.RequestError
    ) -> None:
        status = failure.status_code if isinstance(failure, httpx2.Response) else None
        why = f"HTTP {status}" if status else _in_words(failure)
        if not call.repeatable and not isinstance(failure, _NEVER_ARRIVED):
            raise BoardOutcomeUnknown(call.operation, status, why)
        if attempts > len(_WAITS_WHEN_UNAVAILABLE):
            raise BoardUnavailable(call.operation, status, attempts, why)
        self._sleep(_WAITS_WHEN_UNAVAILABLE[attempts - 1])

    def _day_is_used_up(self, operation: Operation, *, said_by_board: bool) -> DailyLimitReached:
        usage = self.usage()
        return DailyLimitReached(
            operation,
            resets_at=usage.resets_at,
            used=usage.used,
            limit=usage.limit,
            said_by_board=said_by_board,
        )


def _sendable(secret: str, name: str) -> str:
    # Checked here because the HTTP library would quote the whole header in its own error.
    stripped = secret.strip()
    if not stripped or not all("!" <= character <= "~" for character in stripped):
        raise BoardCredentialsInvalid(
            f"The board {name} is empty or has characters that no {name} has. Copy it again "
            "from board's settings."
        )
    return stripped


def _in_words(failure: object) -> str:
    if isinstance(failure, httpx2.TimeoutException):
        return "a time-out"
    if isinstance(failure, httpx2.ConnectError):
        return "no connection"
    return "the connection broke"


def _refusal(call: Call, response: httpx2.Response) -> BoardError:
    match response.status_code:
        case 400 | 422:
            return BoardRejected(call.operation, _message(response), _field_errors(response))
        case 401:
            return BoardUnauthorized(call.operation)
        case 403:
            return BoardForbidden(call.operation)
        case 404:
            return BoardNotFound(call.operation, call.path)
        case 415:
            return BoardUnsupportedMediaType(call.operation)
        case status:
            return BoardUnreadable(call.operation, status, "this status is not documented")


def _error_body(response: httpx2.Response) -> Mapping[str, object]:
    """Return the error's JSON object, or an empty one: a gateway may answer with a page."""
    try:
        body = json.loads(response.content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _message(response: httpx2.Response) -> str:
    return str(_error_body(response).get("message", ""))


def _field_errors(response: httpx2.Response) -> tuple[FieldError, ...]:
    """Read `errors` in both forms seen: a list of objects, and a map of field to text(s)."""
    errors = _error_body(response).get("errors")
    if isinstance(errors, dict):
        return tuple(
            FieldError(str(field), "", str(text))
            for field, texts in errors.items()
            for text in (texts if isinstance(texts, list) else [texts])
        )
    if not isinstance(errors, list):
        return ()
    return tuple(
        FieldError(
            str(error.get("field", "")),
            str(error.get("code") or ""),
            str(error.get("description") or ""),
        )
        if isinstance(error, dict)
        else FieldError("", "", str(error))
        for error in errors
    )
