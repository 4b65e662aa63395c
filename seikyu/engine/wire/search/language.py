"""Stripe's search query language: a text in, a Query out, or a refusal that names the clause.

    query   = clause { ( "AND" | "OR" | space ) clause }
    clause  = [ "-" ] field operator value
    field   = name | "metadata" "[" quoted "]"
    value   = quoted | number | "null"

The rules kept (source: Stripe's documentation, "Search query language"):

1. At most ten clauses. A space between two of them is an AND; AND and OR are not mixed, and there are no
   parentheses. ``AND``, ``OR`` and ``null`` may be written in either case.
2. ``:`` asks for a value, ``~`` for a part of a string of at least three characters, ``>``, ``<``, ``>=``
   and ``<=`` compare numbers, ``-`` negates the clause that it stands before. ``null`` is absence, and only
   ``:`` can ask for it.
3. Texts stand in single or double quotes; inside them a backslash takes the special meaning of a quote or
   of a backslash. Whole numbers may stand without.

Whatever text comes in, either a Query or a WireError comes out.
"""

import re
from dataclasses import dataclass

from seikyu.engine.wire.errors import WireError, either, invalid_value, shortened
from seikyu.engine.wire.search.fields import METADATA, NUMERIC, STRING, TOKEN, Field, Resource
from seikyu.engine.wire.search.folding import folded, plain

MOST_CLAUSES = 10
SHORTEST_PART = 3
"""Characters that ``~`` needs."""

LEAST_NUMBER, LARGEST_NUMBER = -(2**63), 2**63 - 1

HINT = (
    'Try using the format `metadata["key"]:"value"` to query for metadata or key:"value" to query '
    "for other fields."
)

COMPARISONS = (">", "<", ">=", "<=")
OPERATORS = {TOKEN: (":",), STRING: (":", "~"), NUMERIC: (":", *COMPARISONS)}

_SPACE = re.compile(r"\s*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*", re.ASCII)
_OPERATOR = re.compile(r">=|<=|[:~<>](?![=<>:~])")
_WRONG_OPERATOR = re.compile(r"[=!<>:~]+")
_CONNECTIVE = re.compile(r"(and|or)(?![\w.:~<>=\[])", re.IGNORECASE)
_BARE = re.compile(r"[^\s()\"']+")
_REST = re.compile(r"\S*")
_INTEGER = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_NUMBER_LIKE = re.compile(r"[-+]?[0-9]+([.,][0-9]+)?", re.ASCII)
_CURLED = "“”‘’„‚「」"


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition. ``name`` is a field's, or `METADATA` and a key.

    ``value`` is compared as it is: a token folded, a string plain, a number whole; None is ``null``.
    """

    name: str
    type: str
    operator: str
    value: str | int | None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All of the clauses, or any one of them where ``any_of`` is true."""

    clauses: tuple[Clause, ...]
    any_of: bool = False


def parse(text: str, resource: Resource) -> Query:
    """Read a query. Raises WireError, with ``query`` as its parameter, for what cannot be read."""
    return _Reader(text, resource).query()


class _Reader:
    """Reads from left to right; ``at`` is the next character."""

    def __init__(self, text: str, resource: Resource) -> None:
        self.text = text
        self.resource = resource
        self.at = 0
        self.number = 1
        self.start = 0

    # ── the whole ──────────────────────────────────────────────────────────────────────────────

    def query(self) -> Query:
        clauses: list[Clause] = []
        joined: set[str] = set()
        self._skip_space()
        if self._ended:
            raise _unreadable("the query is empty.")
        if found := _CONNECTIVE.match(self.text, self.at):
            raise _unreadable(f"it begins with {found[0]}, and nothing stands before that.")
        while not self._ended:
            if len(clauses) == MOST_CLAUSES:
                raise _unreadable(f"it has more than {MOST_CLAUSES} clauses.")
            clauses.append(self._clause())
            if connective := self._connective():
                joined.add(connective)
            if len(joined) > 1:
                raise self._refused(
                    "AND and OR cannot be used in the same query; a space between two clauses is "
                    "an AND"
                )
            self.number += 1
        return Query(tuple(clauses), any_of="OR" in joined)

    def _connective(self) -> str | None:
        """Read what stands between this clause and the next; None at the end."""
        before = self.at
        self._skip_space()
        if self._ended:
            return None
        found = _CONNECTIVE.match(self.text, self.at)
        if found is None:
            if self.at == before and self.text[self.at] not in "()":
                raise self._refused("there must be a space between it and the next clause")
            return "AND"
        if self.at == before:
            raise self._refused(f"there must be a space before {found[0]}")
        self.at = found.end()
        self._skip_space()
        if self._ended:
            raise self._refused(f"nothing follows the {found[0]} after it")
        if again := _CONNECTIVE.match(self.text, self.at):
            raise self._refused(
                f"{found[0]} and {again[0]} follow it without a clause between them"
            )
        return found[1].upper()

    # ── one clause ─────────────────────────────────────────────────────────────────────────────

    def _clause(self) -> Clause:
        self.start = self.at
        if self._next in ("(", ")"):
            raise self._refused("parentheses are not supported")
        negated = self._next == "-"
        if negated:
            self.at += 1
        name = self._field()
        operator = self._operator(name)
        raw, quoted = self._value(name)
        return self._checked(name, operator, raw, quoted=quoted, negated=negated)

    def _field(self) -> str:
        found = _NAME.match(self.text, self.at)
        if found is None:
            if self.at > self.start:
                raise self._refused("a - must stand directly before the field that it negates")
            raise self._refused("it does not begin with the name of a field")
        self.at = found.end()
        name = found[0]
        if name == "metadata":
            return METADATA + self._key()
        if self._next == "[":
            raise self._refused("only metadata takes a key in square brackets")
        return name

    def _key(self) -> str:
        if self._next != "[":
            raise self._refused('metadata needs a key in square brackets, as in metadata["key"]')
        self.at += 1
        self._skip_space()
        if self._next not in ("'", '"'):
            raise self._refused("the key in square brackets must be in quotes")
        key = self._quoted("key")
        self._skip_space()
        if self._next != "]":
            raise self._refused("a ] is missing after the key")
        self.at += 1
        if not key:
            raise self._refused("the key is empty")
        return key

    def _operator(self, name: str) -> str:
        self._skip_space()
        found = _OPERATOR.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
            return found[0]
        wrong = _WRONG_OPERATOR.match(self.text, self.at)
        if wrong is not None:
            known = "there are :, ~, >, <, >= and <=, and a - before the field negates"
            raise self._refused(f"{wrong[0]} is not an operator; {known}")
        raise self._refused(f"no operator follows {_shown(name)}")

    def _value(self, name: str) -> tuple[str | None, bool]:
        """Return the value as a text and whether it stood in quotes; None for ``null``."""
        self._skip_space()
        if self._ended:
            raise self._refused(f"no value follows {_shown(name)}")
        if self._next in ("'", '"'):
            return self._quoted("value"), True
        found = _BARE.match(self.text, self.at)
        if found is None:
            raise self._refused("parentheses are not supported")
        self.at = found.end()
        bare = found[0]
        if bare[0] in _CURLED:
            raise self._refused("quotes must be straight: ' or \"")
        if bare.lower() == "null":
            return None, False
        if _NUMBER_LIKE.fullmatch(bare) is None:
            raise self._refused(f"a text must be in quotes: {shortened(bare, 40)} is in none")
        return bare, False

    def _quoted(self, what: str) -> str:
        """Read a quoted text; the next character is its first quote."""
        quote = self._next
        self.at += 1
        parts: list[str] = []
        while not self._ended:
            letter = self._next
            self.at += 1
            if letter == quote:
                return "".join(parts)
            if letter == "\\" and self._next in ("\\", "'", '"') and not self._ended:
                letter = self._next
                self.at += 1
            parts.append(letter)
        raise self._refused(f"the {what} begins with {quote} and does not end with one")

    # ── what a clause may ask ──────────────────────────────────────────────────────────────────

    def _checked(
        self, name: str, operator: str, raw: str | None, *, quoted: bool, negated: bool
    ) -> Clause:
        field = None if name.startswith(METADATA) else self._known(name)
        type = TOKEN if field is None else field.type
        if operator not in OPERATORS[type]:
            allowed = "only :" if type == TOKEN else either(OPERATORS[type])
            raise self._refused(
                f"{operator} cannot be used on {_shown(name)}, which is a {type} field and takes "
                f"{allowed}"
            )
        value: str | int | None
        if raw is None:
            if operator != ":":
                raise self._refused(f"null can be asked for with : only, not with {operator}")
            value = None
        elif type == NUMERIC:
            value = self._whole(raw)
        else:
            value = self._text(raw, field, operator, name)
            if not quoted and _INTEGER.fullmatch(raw) is None:
                raise self._refused(f"a text must be in quotes: {shortened(raw, 40)} is in none")
        return Clause(name, type, operator, value, negated)

    def _known(self, name: str) -> Field:
        field = self.resource.fields.get(name)
        if field is None:
            names = ", ".join([*self.resource.fields, "metadata"])
            raise invalid_value(
                f"Field `{shortened(name, 60)}` is an unsupported search field for resource "
                f"`{self.resource.plural}` ({self._place}). Supported fields: {names}.",
                "query",
            )
        return field

    def _whole(self, raw: str) -> int:
        if _INTEGER.fullmatch(raw) is None:
            raise self._refused(f"{shortened(raw, 40)!r} is not a whole number")
        number = int(raw)
        if not LEAST_NUMBER <= number <= LARGEST_NUMBER:
            raise self._refused(f"{raw} has more digits than any number that is stored")
        return number

    def _text(self, raw: str, field: Field | None, operator: str, name: str) -> str:
        if field is not None and field.type == STRING:
            part = operator == "~"
            text = plain(raw, strip=not part)
            if part and len(text) < SHORTEST_PART:
                raise self._refused(f"~ needs a part of at least {SHORTEST_PART} characters")
            blank = not text.strip()
        else:
            text = folded(raw)
            blank = not text
        if blank:
            raise self._refused("the value is empty; absence is asked for with null")
        if field is not None and field.choices and text not in field.choices:
            raise self._refused(f"{_shown(name)} must be {either(field.choices)}, or null")
        return text

    # ── places and refusals ────────────────────────────────────────────────────────────────────

    @property
    def _ended(self) -> bool:
        return self.at >= len(self.text)

    @property
    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip_space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        assert found is not None
        self.at = found.end()

    @property
    def _place(self) -> str:
        """Which clause it is, and its text as far as it was read."""
        rest = _REST.match(self.text, self.at)
        assert rest is not None
        source = self.text[self.start : rest.end()].strip()
        return f"clause {self.number}, at character {self.start + 1}: {shortened(source, 60)}"

    def _refused(self, sentence: str) -> WireError:
        return _unreadable(f"{sentence} ({self._place}).")


def _unreadable(sentence: str) -> WireError:
    return invalid_value(f"We were unable to parse your search query: {sentence} {HINT}", "query")


def _shown(name: str) -> str:
    """Return the name of a field as a query writes it."""
    return f'metadata["{name.removeprefix(METADATA)}"]' if name.startswith(METADATA) else name
