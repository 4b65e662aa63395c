"""Which customer may have paid: candidates with scores and reasons, from a payer's name or number.

The score says how sure it is, from 0 to 100, and is no probability. A virtual account's number beats every
name, because a customer was given it to pay into. Names are compared in capital kana without marks and
legal form; kanji cannot be read, so a customer needs a name in kana.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seikyu.engine.statements.kana import name_key
from seikyu.engine.statements.refusals import JAPANESE

VIRTUAL_ACCOUNT = "virtual_account"

SCORES: dict[str, tuple[int, str, str]] = {
    VIRTUAL_ACCOUNT: (
        100,
        "The transfer went to the number that this customer was given.",
        "この顧客に割り当てた口座番号への振込です。",
    ),
    "same_name": (
        90,
        "The payer has this customer's name and legal form.",
        "振込依頼人名が顧客名と一致します。",
    ),
    "same_name_other_form": (
        80,
        "The payer has this customer's name; the legal form differs or is missing.",
        "法人格を除いて振込依頼人名が顧客名と一致します。",
    ),
    "name_after_number": (
        75,
        "Behind a number the payer has this customer's name.",
        "先頭の番号を除いて振込依頼人名が顧客名と一致します。",
    ),
    "name_cut_off": (
        60,
        "The customer's name begins like the payer's, which may be cut off.",
        "振込依頼人名が途中で切れている可能性がありますが、顧客名の先頭と一致します。",
    ),
    "name_and_more": (
        55,
        "The payer's name begins with this customer's, a branch or a person following.",
        "振込依頼人名が顧客名で始まります (支店名などが続きます)。",
    ),
    "one_letter_differs": (
        40,
        "The names differ in one letter.",
        "振込依頼人名と顧客名が 1 文字だけ異なります。",
    ),
}
"""Reason → its score, and its sentence in English and in Japanese."""

SURE = 75
"""From here on a match may be taken without asking, if it is the only one of its score."""

SHORTEST_PART = 4
"""Letters that a name must have at least to be recognized by its beginning; 6 for a letter that differs."""


@dataclass(frozen=True, slots=True)
class Payer:
    """A customer who may pay: every name it is known by, and the virtual accounts it was given."""

    customer: str
    names: Sequence[str]
    virtual_accounts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PayerMatch:
    """A candidate: the customer, how sure it is, and the name of the reason."""

    customer: str
    score: int
    reason: str

    def sentence(self, language: str) -> str:
        """Return the reason, ``language`` being ``en`` or ``ja``."""
        _, english, japanese = SCORES[self.reason]
        return japanese if language == JAPANESE else english


def payer_matches(
    kana: str, customers: Iterable[Payer], payer_code: str = ""
) -> tuple[PayerMatch, ...]:
    """Return the customers who may be the payer, the surest first, each once with its best reason.

    ``kana``: the payer as a statement has it. ``payer_code``: a statement's 振込依頼人コード. Where it is
    a customer's virtual account, names are not looked at.
    """
    key, form = name_key(kana)
    found: list[PayerMatch] = []
    by_account = False
    for customer in customers:
        reason = VIRTUAL_ACCOUNT if _is_account(payer_code, customer) else None
        by_account = by_account or reason is not None
        reasons = [reason] if reason else [_by_name(key, form, name) for name in customer.names]
        best = max(filter(None, reasons), key=lambda one: SCORES[one][0], default=None)
        if best is not None:
            found.append(PayerMatch(customer.customer, SCORES[best][0], best))
    if by_account:
        found = [match for match in found if match.reason == VIRTUAL_ACCOUNT]
    return tuple(sorted(found, key=lambda match: (-match.score, match.customer)))


def certain(matches: Sequence[PayerMatch]) -> PayerMatch | None:
    """Return the surest match where it is sure enough and no other is as sure, else None."""
    if not matches or matches[0].score < SURE:
        return None
    alone = len(matches) == 1 or matches[1].score < matches[0].score
    return matches[0] if alone else None


def _is_account(code: str, customer: Payer) -> bool:
    given = _digits(code)
    return bool(given) and any(_digits(account) == given for account in customer.virtual_accounts)


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text)).lstrip("0")


def _by_name(key: str, form: str, name: str) -> str | None:
    other, other_form = name_key(name)
    if not key or not other:
        return None
    if key == other:
        return "same_name" if form == other_form else "same_name_other_form"
    if key.lstrip("0123456789") == other:
        return "name_after_number"
    if len(key) >= SHORTEST_PART and _begins(other, key):
        return "name_cut_off"
    if len(other) >= SHORTEST_PART and _begins(key, other):
        return "name_and_more"
    if min(len(key), len(other)) > SHORTEST_PART + 1 and _one_letter_apart(key, other):
        return "one_letter_differs"
    return None


def _begins(long: str, short: str) -> bool:
    """Whether one name begins with the other; 第2 does not begin 第21."""
    if not long.startswith(short):
        return False
    return not (short[-1].isdecimal() and long[len(short)].isdecimal())


def _one_letter_apart(one: str, other: str) -> bool:
    """Whether one letter was replaced, left out or added. Digits are never slips: they tell shops apart."""
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    at = next((i for i, letter in enumerate(short) if letter != long[i]), len(short))
    replaced = len(short) == len(long)
    if long[at].isdecimal() or (replaced and short[at].isdecimal()):
        return False
    return short[at + replaced :] == long[at + 1 :]
