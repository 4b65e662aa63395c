"""What finalizing comes to: total, balance and the least that can be charged, as tables."""

import pytest

from seikyu.engine.billing.currency import (
    LARGEST_AMOUNT,
    MINIMUM_CHARGE,
    ZERO_DECIMAL,
    decimals,
    minimum_charge,
)
from seikyu.engine.billing.owed import Owed, owed


@pytest.mark.parametrize(
    ("total", "balance", "currency", "expected"),
    [
        # nothing, and the least that can be charged
        (0, 0, "jpy", Owed(0, 0, 0)),
        (1, 0, "jpy", Owed(0, 0, 1, too_small=True)),
        (49, 0, "jpy", Owed(0, 0, 49, too_small=True)),
        (50, 0, "jpy", Owed(50, 0, 0)),
        (29, 0, "gbp", Owed(0, 0, 29, too_small=True)),
        (30, 0, "gbp", Owed(30, 0, 0)),
        (17_499, 0, "huf", Owed(0, 0, 17_499, too_small=True)),
        (17_500, 0, "huf", Owed(17_500, 0, 0)),
        (1, 0, "isk", Owed(1, 0, 0)),
        # credit pays first
        (1_000, -300, "jpy", Owed(700, -300, 0)),
        (1_000, -1_000, "jpy", Owed(0, -1_000, 0)),
        (1_000, -1_500, "jpy", Owed(0, -1_500, -500)),
        (1_000, -970, "jpy", Owed(0, -970, 30, too_small=True)),
        # debt is owed on top
        (1_000, 40, "jpy", Owed(1_040, 40, 0)),
        (20, 40, "jpy", Owed(60, 40, 0)),
        (0, 40, "jpy", Owed(0, 40, 40, too_small=True)),
        (0, 60, "jpy", Owed(60, 60, 0)),
        # negative totals become credit
        (-400, 0, "jpy", Owed(0, 0, -400)),
        (-400, 300, "jpy", Owed(0, 300, -100)),
        (-400, 500, "jpy", Owed(100, 500, 0)),
        (-400, -100, "jpy", Owed(0, -100, -500)),
    ],
)
def test_what_is_owed(total: int, balance: int, currency: str, expected: Owed) -> None:
    assert owed(total, balance, currency) == expected


def test_the_least_charge_of_every_currency() -> None:
    fifty = {
        "usd", "ars", "aud", "brl", "cad", "chf", "cop", "eur", "idr", "ils", "inr", "jpy", "krw",
        "nzd", "php", "sgd", "zar",
    }  # fmt: skip
    others = {
        "aed": 200, "czk": 1500, "dkk": 250, "gbp": 30, "hkd": 400, "huf": 17500, "mxn": 1000,
        "myr": 200, "nok": 300, "pln": 200, "ron": 200, "sek": 300, "thb": 1000,
    }  # fmt: skip
    assert dict.fromkeys(fifty, 50) | others == MINIMUM_CHARGE
    assert minimum_charge("jpy") == 50
    assert minimum_charge("isk") == 1


def test_the_currencies_without_a_smaller_unit() -> None:
    named = {
        "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
        "xof", "xpf",
    }  # fmt: skip
    assert named == ZERO_DECIMAL
    assert [decimals(currency) for currency in ("jpy", "krw", "usd", "eur")] == [0, 0, 2, 2]


def test_the_currencies_of_a_thousand_parts() -> None:
    named = ("bhd", "jod", "kwd", "omr", "tnd")
    assert [decimals(currency) for currency in named] == [3, 3, 3, 3, 3]


def test_the_largest_amount_has_twelve_digits() -> None:
    assert LARGEST_AMOUNT == 999_999_999_999
