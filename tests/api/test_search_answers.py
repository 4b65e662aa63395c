"""Searches are held against a reader of everything: random objects, random queries, both databases.

The other reader is as simple as can be: it looks at each body in turn, in the order of the list, and knows
nothing of terms or documents. Both databases get the same objects, and so must give the same answers.
"""

import operator
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.room import START, Caller, Room

OBJECTS = 120
QUERIES = 150

WORDS = [
    *(
        "Amy",
        "amyt",
        "AMY",
        "one",
        "Two",
        "three",
        "株式会社",
        "サンプル",
        "東京",
        "a%b",
        "a_b",
        "100%",
    ),
    *("O'Neil", 'say"x"', "back\\slash", "ß", "é", "日", "-", "null", "and"),
]
KEYS = ["order", "Order", "board id", "a.b", "it's"]
VALUES = ["1", "2", "A-1", "a-1", "true", "true", "x" * 70, "x" * 70 + "y", "100%", "_"]
LETTERS = str.maketrans({"ß": "ss"})

Body = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One clause: as it is written, and whether it is true of a body."""

    text: str
    holds: Callable[[Body], bool]


def lower(text: str) -> str:
    return text.lower().translate(LETTERS)


def quoted(rng: random.Random, text: str) -> str:
    mark = rng.choice("'\"")
    return mark + text.replace("\\", "\\\\").replace(mark, "\\" + mark) + mark


COMPARISONS = {
    ":": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


def numeric(rng: random.Random, name: str, values: list[int]) -> Part:
    sign = rng.choice(list(COMPARISONS))
    value = rng.choice(values) + rng.randint(-1, 1)
    return Part(
        f"{name}{sign}{value}",
        lambda body: body[name] is not None and COMPARISONS[sign](body[name], value),
    )


def token(rng: random.Random, name: str, values: list[str]) -> Part:
    value = rng.choice(values)

    def holds(body: Body) -> bool:
        found = body[name]
        found = {True: "true", False: "false"}.get(found, found)
        return found is not None and lower(found) == lower(value)

    return Part(f"{name}:{quoted(rng, value)}", holds)


def string(rng: random.Random, name: str) -> Part:
    words = rng.sample(WORDS, rng.choice((1, 1, 2)))
    wanted = " ".join(words)
    if rng.random() < 0.5 or len(wanted) < 3:
        whole = f" {lower(wanted)} "
        return Part(
            f"{name}:{quoted(rng, wanted)}",
            lambda body: body[name] is not None and whole in f" {lower(body[name])} ",
        )
    start = rng.randint(0, len(wanted) - 3)
    part = wanted[start : rng.randint(start + 3, len(wanted))]
    return Part(
        f"{name}~{quoted(rng, part)}",
        lambda body: body[name] is not None and lower(part) in lower(body[name]),
    )


def absent(name: str) -> Part:
    return Part(f"{name}:null", lambda body: body[name] is None)


def metadata(rng: random.Random) -> Part:
    key, value = rng.choice(KEYS), rng.choice(VALUES)
    field = f"metadata[{quoted(rng, key)}]"
    if rng.random() < 0.2:
        return Part(f"{field}:NULL", lambda body: key not in body["metadata"])
    return Part(
        f"{field}:{quoted(rng, value)}",
        lambda body: lower(body["metadata"].get(key, "")) == lower(value),
    )


@dataclass(frozen=True)
class Noun:
    """A collection, how one object of it is made, and what is asked of it."""

    path: str
    make: Callable[[random.Random], dict[str, str]]
    asks: Callable[[random.Random], Part]
    change: tuple[str, ...]


def some_metadata(rng: random.Random) -> dict[str, str]:
    keys = rng.sample(KEYS, rng.choice((0, 0, 1, 2)))
    return {f"metadata[{key}]": rng.choice(VALUES) for key in keys}


def some_words(rng: random.Random) -> str:
    return " ".join(rng.choices(WORDS, k=rng.choice((1, 2, 3, 20))))


def a_customer(rng: random.Random) -> dict[str, str]:
    form = some_metadata(rng)
    if rng.random() < 0.8:
        form["name"] = some_words(rng)[:250]
    if rng.random() < 0.5:
        form["email"] = rng.choice(["amy", "AmyT", "bob_1", "o%"]) + "@rocketrides.example.com"
    return form


def about_a_customer(rng: random.Random) -> Part:
    asks: list[Callable[[], Part]] = [
        lambda: string(rng, "name"),
        lambda: string(rng, "name"),
        lambda: token_of_email(rng),
        lambda: numeric(rng, "created", [START, START + 5, START + 9]),
        lambda: absent(rng.choice(["name", "email", "phone"])),
        lambda: metadata(rng),
    ]
    return rng.choice(asks)()


def token_of_email(rng: random.Random) -> Part:
    part = rng.choice(["amy", "Rides.exa", "_1@", "o%@r", "example.com"])
    return Part(
        f"email~{quoted(rng, part)}",
        lambda body: body["email"] is not None and lower(part) in body["email"].lower(),
    )


def an_intent(rng: random.Random) -> dict[str, str]:
    return {
        "amount": str(rng.choice([50, 51, 999, 10_000, 999_999_999])),
        "currency": rng.choice(["jpy", "jpy", "usd", "eur"]),
        **some_metadata(rng),
    }


def about_an_intent(rng: random.Random) -> Part:
    asks: list[Callable[[], Part]] = [
        lambda: numeric(rng, "amount", [50, 999, 10_000, 999_999_999]),
        lambda: numeric(rng, "created", [START, START + 5]),
        lambda: token(rng, "currency", ["jpy", "USD", "Eur", "gbp"]),
        lambda: token(rng, "status", ["requires_payment_method", "canceled", "succeeded"]),
        lambda: absent("customer"),
        lambda: metadata(rng),
    ]
    return rng.choice(asks)()


def a_product(rng: random.Random) -> dict[str, str]:
    form = {"name": some_words(rng)[:250], "active": rng.choice(["true", "true", "false"])}
    if rng.random() < 0.6:
        form["description"] = some_words(rng) * rng.choice((1, 6))
    if rng.random() < 0.5:
        form["shippable"] = rng.choice(["true", "false"])
    return {**form, **some_metadata(rng)}


def about_a_product(rng: random.Random) -> Part:
    asks: list[Callable[[], Part]] = [
        lambda: string(rng, "name"),
        lambda: string(rng, "description"),
        lambda: token(rng, rng.choice(["active", "shippable"]), ["true", "FALSE"]),
        lambda: absent(rng.choice(["description", "shippable", "url"])),
        lambda: metadata(rng),
    ]
    return rng.choice(asks)()


NOUNS = [
    Noun("/v1/customers", a_customer, about_a_customer, ("name", "email")),
    Noun("/v1/payment_intents", an_intent, about_an_intent, ("amount",)),
    Noun("/v1/products", a_product, about_a_product, ("name", "active")),
]


def everything(api: Caller, path: str) -> list[Body]:
    found: list[Body] = []
    while True:
        cursor = f"&starting_after={found[-1]['id']}" if found else ""
        page = api.get(path, f"limit=100{cursor}")
        found += page["data"]
        if not page["has_more"]:
            return found


def searched(api: Caller, path: str, query: str, limit: int) -> Iterator[Body]:
    """Follow `next_page` to the end."""
    cursor = ""
    while True:
        page = api.get(f"{path}/search", f"query={quote(query)}&limit={limit}{cursor}")
        assert len(page["data"]) <= limit
        yield from page["data"]
        assert page["has_more"] is (page["next_page"] is not None)
        if not page["has_more"]:
            return
        assert len(page["data"]) == limit
        cursor = f"&page={page['next_page']}"


def a_query(rng: random.Random, noun: Noun) -> tuple[str, Callable[[Body], bool]]:
    parts = []
    for _ in range(rng.choice((1, 1, 2, 2, 3, 10))):
        part = noun.asks(rng)
        if rng.random() < 0.25:
            part = Part(f"-{part.text}", lambda body, part=part: not part.holds(body))  # type: ignore[misc]
        parts.append(part)
    word = rng.choice([" ", " AND ", " and ", " OR ", " or "])
    fold = any if "or" in word.lower() else all
    return word.join(part.text for part in parts), lambda body: fold(
        part.holds(body) for part in parts
    )


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.path)
def test_a_search_finds_what_a_reader_of_everything_finds(
    room: Room, api: Caller, noun: Noun
) -> None:
    rng = random.Random(noun.path)
    made = []
    for number in range(OBJECTS):
        room.time.now = START + number // 12
        made.append(api.post_form(noun.path, noun.make(rng))["id"])
    found = 0
    for lap in range(3):
        bodies = everything(api, noun.path)
        assert len(bodies) == len(made)
        for _ in range(QUERIES // 3):
            query, holds = a_query(rng, noun)
            expected = [body for body in bodies if holds(body)]
            limit = rng.choice((1, 7, 100)) if len(expected) < 30 else 100
            assert list(searched(api, noun.path, query, limit)) == expected, query
            found += 0 < len(expected) < len(bodies)
        if lap == 1:
            room.drain()
        for id in rng.sample(made, 30):
            form = noun.make(rng)
            changed = {name: form[name] for name in noun.change if name in form}
            api.post_form(f"{noun.path}/{id}", {**changed, **some_metadata(rng)})
    assert found > QUERIES // 3
