"""Form bodies and query strings, decoded as Rack does, which is what Stripe's clients rely on.

The rules kept:

1. ``a[b]=1`` makes a hash, ``a[]=1`` appends to an array, ``a[0][b]=1`` fills an array by index:
   SDKs send indices, people with curl send ``[]``. Brackets may be percent-encoded.
2. ``a[][x]=1&a[][y]=2&a[][x]=3`` is two elements: a key that the last element has already starts
   the next one.
3. A scalar given twice: the last one wins. The query string is read before the body.
4. A name used as a scalar and as a hash or an array is refused, as is anything that is not UTF-8.
5. Hashes whose keys are exactly 0, 1, … n-1 become arrays, in the order of the numbers. Any other
   hash is left as it is: the parameter models decide whether it was meant as an array with gaps.

All leaves are texts: what they mean is decided by the parameter models. Sizes are bounded before
anything is decoded, so a hostile body costs no more than its bytes.
"""

import re
from binascii import unhexlify
from functools import lru_cache
from typing import Any

from seikyu.engine.wire.errors import WireError, malformed, shortened, too_large

MOST_BYTES = 4 * 1024 * 1024
MOST_PAIRS = 25_000
"""250 lines with two taxes and a few metadata keys each are about 10,000."""
MOST_LEVELS = 16
LONGEST_NAME = 2000
"""Bytes, percent-encoded."""

Form = dict[str, Any]
"""Texts, and lists and dicts of the same; `Any` because the type is recursive."""

Path = tuple[str, ...]
"""The segments of a name: ``lines[0][amount]`` is ``("lines", "0", "amount")``, ``[]`` is ``""``."""

_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decode(body: bytes, query: bytes = b"") -> Form:
    """Return the parameters of a request. Raises WireError (400, or 413 when it is too large)."""
    raw = b"&".join((query, body)) if query and body else body or query
    if not raw:
        return {}
    _check(raw)
    form: Form = {}
    numbered: set[str] = set()
    for pair in raw.split(b"&"):
        if not pair:
            continue
        name, _, value = pair.partition(b"=")
        path, has_number = _cached_path(name) if len(name) <= 100 else _path(name)
        if len(path) == 1 and type(form.get(path[0], "")) is str:
            form[path[0]] = _text(value, name)
            continue
        _nest(form, path, _text(value, name))
        if has_number:
            numbered.add(path[0])
    for top in numbered:
        form[top] = _listed(form[top])
    return form


def _check(raw: bytes) -> None:
    """Refuse what is too large or broken before any of it is decoded."""
    if len(raw) > MOST_BYTES:
        raise too_large(MOST_BYTES)
    if raw.count(b"&") >= MOST_PAIRS:
        raise malformed(f"at most {MOST_PAIRS} parameters are accepted.")
    if b"%" in raw and _BROKEN_ESCAPE.search(raw):
        raise malformed("a percent sign must be followed by two hexadecimal digits (%25 is %).")
    # PostgreSQL cannot store the character, and nobody means to send it.
    if b"%00" in raw or b"\0" in raw:
        raise malformed("the null character is not accepted.")


def _text(raw: bytes, name: bytes) -> str:
    """Return the decoded text. ``name`` is the parameter to blame."""
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    if b"%" in raw:
        raw = _ESCAPES.sub(_unescaped, raw)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        shown = shortened(name.decode("utf-8", "replace"))
        raise malformed(f"the parameter {shown} is not valid UTF-8.") from None


def _unescaped(run: re.Match[bytes]) -> bytes:
    return unhexlify(run[0].replace(b"%", b""))


def _path(name: bytes) -> tuple[Path, bool]:
    """Return the segments of a name, and whether one of them may be an index."""
    if len(name) > LONGEST_NAME:
        raise malformed(f"the name of a parameter is longer than {LONGEST_NAME} bytes.")
    text = _text(name, name)
    parts = _NAME.fullmatch(text)
    if parts is None:
        raise malformed(f"'{shortened(text)}' is not the name of a parameter.", shortened(text))
    inner = parts[2]
    path = (parts[1], *inner[1:-1].split("][")) if inner else (parts[1],)
    if len(path) > MOST_LEVELS:
        raise malformed(f"'{shortened(text)}' has more than {MOST_LEVELS} levels.")
    return path, any(segment.isdecimal() for segment in path[1:])


_cached_path = lru_cache(maxsize=4096)(_path)
"""The same names come with every request; long ones are not worth the memory."""


def _nest(form: Form, path: Path, value: str) -> None:
    """Put the value where the path leads, making hashes and arrays on the way (rules 1 to 4)."""
    container: Any = form
    for depth in range(len(path) - 1):
        wanted = dict if path[depth + 1] else list
        if type(container) is dict:
            child = container.setdefault(path[depth], wanted())
            if type(child) is not wanted:
                raise _conflict(path)
        else:
            child = container[-1] if container else None
            if type(child) is not wanted or (wanted is dict and _taken(child, path[depth + 1 :])):
                child = wanted()
                container.append(child)
        container = child
    if type(container) is list:
        container.append(value)
    elif type(container.get(path[-1], "")) is str:
        container[path[-1]] = value
    else:
        raise _conflict(path)


def _taken(element: Any, rest: Path) -> bool:
    """Whether the element has a value at ``rest`` already, so that a new element must start.

    A path that goes through a further array never starts a new element (so does Rack).
    """
    if "" in rest:
        return False
    for segment in rest:
        if type(element) is not dict or segment not in element:
            return False
        element = element[segment]
    return True


def _conflict(path: Path) -> WireError:
    name = path[0] + "".join(f"[{segment}]" for segment in path[1:])
    return malformed(
        f"the parameter '{shortened(name)}' contradicts another one: the same name is used for a "
        "single value and for a hash or an array.",
        path[0],
    )


def _listed(node: Any) -> Any:
    """Turn hashes whose keys are 0 … n-1 into arrays, at every depth (rule 5)."""
    if type(node) is list:
        return [_listed(item) for item in node]
    if type(node) is not dict:
        return node
    for key, item in node.items():
        if type(item) is not str:
            node[key] = _listed(item)
    keys = [str(number) for number in range(len(node))] if "0" in node else []
    if keys and all(key in node for key in keys):
        return [node[key] for key in keys]
    return node
