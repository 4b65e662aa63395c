"""Letters that cannot be misread: prefixes of invoice numbers, and codes that people type in."""

import hashlib

from seikyu.engine.billing.decision import Context

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1."""


def readable(context: Context, length: int = 8) -> str:
    """Return ``length`` random letters (five bits each), from the same source as long tokens."""
    number = int.from_bytes(hashlib.sha256(context.token().encode()).digest(), "big")
    letters = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[digit])
    return "".join(letters)
