"""A caller that keeps all it asked and was answered, so that tests can judge every answer of a story.

Each exchange knows its operation as `wire/params/operations.py` names it. `read_everything` asks every
operation that only reads, for everything there is: a collection that is served is thereby read, whoever
wrote it and without being named here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from seikyu.engine.api.routing import find
from seikyu.engine.wire.params.operations import OPERATIONS
from tests.api.room import Caller, Reply

SEARCH = urlencode({"query": 'metadata["a"]:"1"'})

A_FEW = 3
"""How many objects of each list are read one by one."""


@dataclass(frozen=True)
class Exchange:
    """One request, its parameters flat as they travel, and its answer."""

    operation: str
    params: Mapping[str, str]
    reply: Reply

    @property
    def is_ours(self) -> bool:
        """Say whether the answer is an object that Stripe does not have, or a list of such."""
        body = self.reply.body
        shown = body["data"][0] if body.get("object") == "list" and body["data"] else body
        return "/v1/seikyu/" in self.operation or str(shown.get("object")).startswith("seikyu.")


@dataclass
class Recording(Caller):
    """Somebody with a key, and what passed between them and the engine."""

    exchanges: list[Exchange] = field(default_factory=list)

    def send(self, method: str, path: str, **rest: Any) -> Reply:
        """Send one request, keep it and its answer, return the answer. As SDKs do, with a key."""
        if method == "POST":
            rest.setdefault("idempotency_key", f"story-{len(self.exchanges)}")
        reply = super().send(method, path, **rest)
        found = find(method, path)
        if found is not None:
            form = {str(name): str(value) for name, value in (rest.get("form") or {}).items()}
            query = dict(parse_qsl(rest.get("query") or "", keep_blank_values=True))
            self.exchanges.append(Exchange(found[0], {**form, **query}, reply))
        return reply

    def answers(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield operation and body of every request that succeeded and has an answer of Stripe's."""
        for each in self.exchanges:
            if each.reply.status == 200 and not each.is_ours:
                yield each.operation, each.reply.body

    def objects(self) -> Iterator[dict[str, Any]]:
        """Yield every object that was served: of lists what they hold, of events theirs too."""
        for _, body in self.answers():
            yield from unfolded(body)


def unfolded(body: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in an answer: it itself, and those in lists, events, hashes and arrays."""
    if isinstance(body, list):
        for each in body:
            yield from unfolded(each)
    elif isinstance(body, dict):
        noun = body.get("object")
        if isinstance(noun, str) and noun not in ("list", "search_result"):
            yield body
        for value in body.values():
            yield from unfolded(value)


SINGLE = ("/v1/seikyu/settings",)
"""Addresses of one thing that has no id and takes no limit."""


def read_everything(api: Caller) -> None:
    """Ask each operation that only reads, by the ids that the lists give; every event is read."""
    known: dict[str, list[str]] = {}
    reads = sorted(each.split(" ")[1] for each in OPERATIONS if each.startswith("GET "))
    whole = (each for each in reads if "{" not in each and not each.endswith("/search"))
    for path in (each for each in whole if each not in SINGLE):
        known[path] = list(_ids(api, path))
    for path in (each for each in reads if each.endswith("/search")):
        api.get(path, SEARCH)
    for path in (each for each in reads if "{" in each):
        for real in _addresses(api, path, known):
            api.send("GET", real)


def _ids(api: Caller, path: str) -> Iterator[str]:
    cursor = ""
    while True:
        reply = api.send("GET", path, query=f"limit=100{cursor}" if path != "/v1/account" else "")
        data = reply.body.get("data", [reply.body]) if reply.status == 200 else []
        yield from (each["id"] for each in data if "id" in each)
        if path != "/v1/events" or not reply.body["has_more"]:
            return
        cursor = f"&starting_after={data[-1]['id']}"


def _addresses(api: Caller, path: str, known: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the path with real ids in it; a second id is one of the list that stands before it."""
    collection, _, rest = path.partition("/{")
    after = rest.partition("}")[2]
    ids = known.get("/v1/account" if collection == "/v1/accounts" else collection, [])
    if "{" not in after:
        yield from (f"{collection}/{id}{after}" for id in (ids if after else ids[:A_FEW]))
        return
    inner, _, second = after.partition("/{")
    for id in ids:
        for child in list(_ids(api, f"{collection}/{id}{inner}"))[:A_FEW]:
            yield f"{collection}/{id}{inner}/{child}{second.partition('}')[2]}"
