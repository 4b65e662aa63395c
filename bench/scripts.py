"""What the load generator's connections send: one request again and again, writes, lives of invoices.

Requests are written out as bytes once, apart from what must differ. Every write carries an
idempotency key, as the official SDKs send them.
"""

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import count

from bench.load import Answer, LoadFailed, Script, Tally

INVOICE_ID = re.compile(rb'"id":"(in_\w+)"')

CUSTOMER = (
    b"name=%E6%A0%AA%E5%BC%8F%E4%BC%9A%E7%A4%BE%E3%82%B5%E3%83%B3%E3%83%97%E3%83%AB"
    b"&email=billing%40example.co.jp&preferred_locales[0]=ja&metadata[board_client]=1042"
)
LINE = (
    b"lines[0][description]=%E4%BF%9D%E5%AE%88%E8%B2%BB%E7%94%A8&lines[0][amount]=10000"
    b"&lines[0][quantity]=1&lines[0][metadata][row]=1"
)
TRIES = 3
ASKS_AGAIN = (409, 429)


@dataclass(frozen=True)
class Sender:
    """Writes requests of one account. ``run`` keeps the idempotency keys of runs apart."""

    key: str
    run: str

    def get(self, path: str) -> bytes:
        """Return a GET request."""
        return b"GET %b HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer %b\r\n\r\n" % (
            path.encode(),
            self.key.encode(),
        )

    def post(self, path: bytes, form: bytes, idempotency_key: str) -> bytes:
        """Return a POST request with a form."""
        return (
            b"POST %b HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer %b\r\n"
            b"idempotency-key: %b\r\ncontent-type: application/x-www-form-urlencoded\r\n"
            b"content-length: %d\r\n\r\n%b"
        ) % (path, self.key.encode(), idempotency_key.encode(), len(form), form)


Scripts = Callable[[Tally], Sequence[Script]]


def repeated(request: bytes, clients: int) -> Scripts:
    """The same request on every connection."""

    def script(tally: Tally) -> Script:
        while True:
            yield from _answered(request, tally)
            tally.one()

    return lambda tally: [script(tally) for _ in range(clients)]


def writes(sender: Sender, path: bytes, form: bytes, clients: int, part: str) -> Scripts:
    """The same form on every connection, each time under a new idempotency key."""
    numbers = count()

    def script(tally: Tally) -> Script:
        while True:
            key = f"{sender.run}-{part}-{next(numbers)}"
            yield from _answered(sender.post(path, form, key), tally)
            tally.one()

    return lambda tally: [script(tally) for _ in range(clients)]


def lives(sender: Sender, customers: Sequence[str], clients: int, part: str) -> Scripts:
    """Create an invoice, add a line, finalize it, pay it; one unit is such a life of four requests."""
    numbers = count()

    def script(tally: Tally, customer: str) -> Script:
        new = f"customer={customer}&collection_method=charge_automatically&metadata[board_id]=77"
        while True:
            key = f"{sender.run}-{part}-{next(numbers)}"
            created = yield from _answered(
                sender.post(b"/v1/invoices", new.encode(), f"{key}-new"), tally
            )
            found = INVOICE_ID.search(created)
            assert found is not None
            path = b"/v1/invoices/" + found[1]
            for step, form in ((b"/add_lines", LINE), (b"/finalize", b"auto_advance=false")):
                request = sender.post(path + step, form, f"{key}{step.decode()}")
                yield from _answered(request, tally)
            paid = yield from _answered(sender.post(path + b"/pay", b"", f"{key}/pay"), tally)
            if b'"status":"paid"' not in paid:
                raise LoadFailed(f"the invoice was not paid: {paid[:400]!r}")
            tally.one()

    return lambda tally: [script(tally, customers[n % len(customers)]) for n in range(clients)]


def _answered(request: bytes, tally: Tally) -> Generator[bytes, Answer, bytes]:
    """Return the body of a good answer; ask again when told to, as the official SDKs do."""
    for _ in range(TRIES):
        status, body = yield request
        if status == 200:
            return body
        if status not in ASKS_AGAIN:
            break
        tally.retries += 1
    raise LoadFailed(f"answered {status}: {body[:600].decode(errors='replace')}")
