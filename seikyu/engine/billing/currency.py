"""Currencies: which have no minor unit, and the least and the most that can be charged.

Source: Stripe's currency pages. Amounts are integers in the currency's smallest unit everywhere.
"""

ZERO_DECIMAL = frozenset(
    [
        *("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga"),
        *("pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"),
    ]
)

THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
"""A thousand of the smallest unit make one."""

MINIMUM_CHARGE = {
    "usd": 50, "aed": 200, "ars": 50, "aud": 50, "brl": 50, "cad": 50, "chf": 50, "cop": 50,
    "czk": 1500, "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "idr": 50, "ils": 50,
    "inr": 50, "jpy": 50, "krw": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50, "php": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "zar": 50,
}  # fmt: skip
"""Minor units. A currency that is not listed has the least of all: 1."""

LARGEST_AMOUNT = 999_999_999_999
"""12 digits in the smallest unit."""


def minimum_charge(currency: str) -> int:
    """Return the least amount, in minor units of ``currency``, that a card can be charged."""
    return MINIMUM_CHARGE.get(currency, 1)


def decimals(currency: str) -> int:
    """Return how many digits of an amount stand behind the decimal point when people read it."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2
