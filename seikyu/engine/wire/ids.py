"""Identifiers in Stripe's shapes.

An object id is a prefix, an underscore and 24 base-62 characters. The first nine of them are the
microseconds since the Unix epoch, written with digits in ASCII order, so that ids sorted as text
are sorted by age: lists need no extra column and inserts go to the end of an index. The other
fifteen are random (89 bits), so an id cannot be guessed from the time.

Nothing here reads a clock or an entropy source by itself: both come from the composition root.
"""

import threading
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

PREFIXES = {
    "account": "acct",
    "balance_transaction": "txn",
    "billing_portal.configuration": "bpc",
    "billing_portal.session": "bps",
    "charge": "ch",
    "coupon": "co",
    "credit_note": "cn",
    "credit_note_line_item": "cnli",
    "customer": "cus",
    "customer_balance_transaction": "cbtxn",
    "customer_cash_balance_transaction": "ccsbtxn",
    "discount": "di",
    "event": "evt",
    "invoice": "in",
    "invoice_payment": "inpay",
    "invoiceitem": "ii",
    "line_item": "il",
    "payment_intent": "pi",
    "payment_method": "pm",
    "payment_plan": "pplan",
    "price": "price",
    "product": "prod",
    "promotion_code": "promo",
    "refund": "re",
    "seikyu.bank_statement": "bst",
    "seikyu.bank_statement_line": "bsl",
    "seikyu.delivery": "dlv",
    "seikyu.mail": "mail",
    "seikyu.unapplied_payment": "una",
    "setup_intent": "seti",
    "subscription": "sub",
    "subscription_item": "si",
    "tax_id": "txi",
    "tax_rate": "txr",
    "test_helpers.test_clock": "clock",
    "webhook_endpoint": "we",
}
"""Stripe's name of an object type, as in its ``object`` field → the prefix of its ids."""

_OBJECTS = {prefix: name for name, prefix in PREFIXES.items()}

_PAIRS = [a + b for a in ALPHABET for b in ALPHABET]
_PAIR = len(_PAIRS)
_LOW = _PAIR * _PAIR
"""Four characters of time last 14.8 seconds; the five before them are made once in that while."""

_RANDOM_BYTES = 4096
_TO_ALPHABET = bytes(ALPHABET.encode()[byte % 62] for byte in range(256))
_UNEVEN = bytes(range(248, 256))
"""248 is 4 × 62: bytes from there on are thrown away, or the first letters would be likelier."""


def object_type(id: str) -> str | None:
    """Return the object type that the id's prefix stands for, None when it stands for none."""
    return _OBJECTS.get(id.partition("_")[0])


def first_of(prefix: str, moment: int) -> str:
    """Return what every id of a moment (Unix seconds) and later is above, and every earlier one below."""
    high, low = divmod(moment * 1_000_000, _LOW)
    first, second = divmod(low, _PAIR)
    return f"{prefix}_{_high_text(high)}{_PAIRS[first]}{_PAIRS[second]}"


class Minter:
    """Makes ids, secrets and request ids; one per process, safe to share between threads.

    Ids of one minter strictly increase (after their prefix), even when the clock stands still or
    goes back: then the time part runs on by one microsecond per id.
    """

    def __init__(self, now_us: Callable[[], int], random_bytes: Callable[[int], bytes]) -> None:
        """``now_us`` gives microseconds since the epoch, ``random_bytes(n)`` unguessable bytes."""
        self._now_us = now_us
        self._random_bytes = random_bytes
        self._lock = threading.Lock()
        self._last = -1
        self._high = -1
        self._high_text = ""
        self._pool = ""
        self._used = 0

    def mint(self, prefix: str) -> str:
        """Return a new id such as ``in_0Qx…`` for the prefix ``in``."""
        with self._lock:
            now = self._now_us()
            if now <= self._last:
                now = self._last + 1
            self._last = now
            high, low = divmod(now, _LOW)
            if high != self._high:
                self._high, self._high_text = high, _high_text(high)
            first, second = divmod(low, _PAIR)
            start = self._used
            end = self._used = start + 15
            if end > len(self._pool):
                self._refill(15)
                start, end = 0, 15
            random = self._pool[start:end]
        return f"{prefix}_{self._high_text}{_PAIRS[first]}{_PAIRS[second]}{random}"

    def text(self, length: int) -> str:
        """Return ``length`` random base-62 characters (5.95 bits each)."""
        with self._lock:
            if self._used + length > len(self._pool):
                self._refill(length)
            else:
                self._used += length
            return self._pool[self._used - length : self._used]

    def request_id(self) -> str:
        """Return a request id: ``req_`` and 14 characters."""
        return f"req_{self.text(14)}"

    def secret_key(self, *, livemode: bool) -> str:
        """Return a secret API key for one of the two worlds."""
        return f"sk_{_world(livemode)}_{self.text(48)}"

    def publishable_key(self, *, livemode: bool) -> str:
        """Return a publishable API key for one of the two worlds."""
        return f"pk_{_world(livemode)}_{self.text(48)}"

    def restricted_key(self, *, livemode: bool) -> str:
        """Return a restricted API key for one of the two worlds."""
        return f"rk_{_world(livemode)}_{self.text(48)}"

    def _refill(self, length: int) -> None:
        """Start a new pool of random characters, of which ``length`` are taken already.

        What was left of the old pool is dropped, so no character is ever used twice.
        """
        pool = ""
        while len(pool) < length:
            fresh = self._random_bytes(max(_RANDOM_BYTES, length))
            pool += fresh.translate(_TO_ALPHABET, _UNEVEN).decode("ascii")
        self._pool = pool
        self._used = length


def _world(livemode: bool) -> str:
    return "live" if livemode else "test"


def _high_text(high: int) -> str:
    """The five leading characters of the time part; they overflow in the year 2398."""
    high, last = divmod(high, _PAIR)
    first, middle = divmod(high, _PAIR)
    return ALPHABET[first] + _PAIRS[middle] + _PAIRS[last]
