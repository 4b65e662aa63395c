"""What the simulated board knows: its records and its count of calls, in memory or in a file.

Reads come from memory. With a file, every change is committed to SQLite before the request is
answered, so killing the process (SIGKILL included) loses nothing that was answered. A file that
already has records keeps them, and the seed is not used again.

Records are kept in board's field names, but without what follows from other records: an invoice
takes its name, client and statuses of the project from its project when it is shown, so a change
of the project shows at once in all its invoices.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path

from seikyu.board.fields import MalformedRecord, optional_day, optional_kind, records
from seikyu.board.paging import JAPAN
from seikyu.board.words import (
    InvoiceStatus,
    InvoiceTiming,
    LineKind,
    OrderStatus,
    PaymentMethod,
    TaxRounding,
)

Body = dict[str, object]
KINDS = ("clients", "projects", "invoices", "payment_terms")

_KINDS_OF = {
    "invoice_status": InvoiceStatus,
    "order_status": OrderStatus,
    "payment_method_kbn": PaymentMethod,
    "invoice_timing_kbn": InvoiceTiming,
    "tax_rule_kbn": TaxRounding,
}

_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS calls (
    key TEXT NOT NULL, day TEXT NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (key, day)
) WITHOUT ROWID;
"""


class UnusableSeed(Exception):
    """A seed that is not a company: the message says which record and why."""


class Records:
    """All records of the simulated company. Not for several threads at once."""

    def __init__(self, seed: Mapping[str, object], file: Path | None = None) -> None:
        """Open the file (or memory) and put the seed into it when it has no records yet.

        Raises UnusableSeed, and sqlite3.Error when the file is no database or cannot be written.
        """
        self._database = sqlite3.connect(
            file or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._database.execute("PRAGMA journal_mode = WAL")
        # A commit reaches the operating system before the answer: enough to survive SIGKILL.
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)
        self.company = ""
        self.cards: dict[str, str | None] = {}
        self._records: dict[str, dict[int, Body]] = {kind: {} for kind in KINDS}
        self._of_document: dict[int, int] = {}
        self._of_project: dict[int, set[int]] = defaultdict(set)
        if not self._load():
            self._plant(seed)
            self._load()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    # ── reading ─────────────────────────────────────────────────────────────────────────────────

    def all(self, kind: str) -> Iterable[Body]:
        """Return every record of a kind, unordered."""
        return self._records[kind].values()

    def get(self, kind: str, record_id: int) -> Body | None:
        """Return one record, or None."""
        return self._records[kind].get(record_id)

    def count(self, kind: str) -> int:
        """Return how many records of a kind there are."""
        return len(self._records[kind])

    def invoice_of_document(self, document_id: int) -> Body | None:
        """Return the 請求 that a 請求書ID belongs to, or None."""
        invoice_id = self._of_document.get(document_id)
        return None if invoice_id is None else self.get("invoices", invoice_id)

    def invoices_of_project(self, project_id: int) -> list[Body]:
        """Return the 請求 records of a project, by id."""
        return [self._records["invoices"][id] for id in sorted(self._of_project[project_id])]

    # ── changing ────────────────────────────────────────────────────────────────────────────────

    def add(self, kind: str, fields: Mapping[str, object], now: datetime) -> Body:
        """Add a record with the next id of its kind and return it."""
        body = {**fields, "id": max(self._records[kind], default=0) + 1}
        body["created_at"] = body["updated_at"] = stamp(now)
        if kind == "invoices":
            document = dict(_object(fields.get("invoice") or {}, "invoice"))
            body["invoice"] = {**document, "id": max(self._of_document, default=0) + 1}
        self._check(kind, body)
        self._write([(kind, body)])
        return body

    def change(
        self, kind: str, record_id: int, fields: Mapping[str, object], now: datetime
    ) -> Body:
        """Set fields of a record as a person would in board; raises KeyError when it is gone."""
        old = self._records[kind][record_id]
        body = {**old, **fields, "id": record_id, "updated_at": stamp(now)}
        if kind == "invoices" and "invoice" in fields:
            body["invoice"] = {
                **_object(old["invoice"], "invoice"),
                **_object(fields["invoice"], "invoice"),
                "id": _object(old["invoice"], "invoice")["id"],
            }
        self._check(kind, body)
        self._write([(kind, body)])
        return body

    def remove(self, kind: str, record_id: int) -> None:
        """Delete a record; raises KeyError when it is gone."""
        body = self._records[kind].pop(record_id)
        if kind == "invoices":
            self._of_project[_id(body, "project_id")].discard(record_id)
            self._of_document.pop(_id(_object(body["invoice"], "invoice"), "id"), None)
        self._database.execute("DELETE FROM record WHERE kind = ? AND id = ?", (kind, record_id))

    # ── the count of calls ──────────────────────────────────────────────────────────────────────

    def calls_used(self, key: str, day: date) -> int:
        """Return how many calls the key made on a UTC day."""
        row = self._database.execute(
            "SELECT used FROM calls WHERE key = ? AND day = ?", (key, day.isoformat())
        ).fetchone()
        return int(row[0]) if row else 0

    def count_call(self, key: str, day: date, calls: int = 1) -> None:
        """Count calls of the key on a UTC day."""
        self._database.execute(
            "INSERT INTO calls (key, day, used) VALUES (?, ?, ?)"
            " ON CONFLICT (key, day) DO UPDATE SET used = used + excluded.used",
            (key, day.isoformat(), calls),
        )

    # ── storing ─────────────────────────────────────────────────────────────────────────────────

    def _load(self) -> bool:
        facts = dict(self._database.execute("SELECT name, value FROM fact"))
        if not facts:
            return False
        self.company = json.loads(facts["company"])
        self.cards = json.loads(facts["cards"])
        for kind, body in self._database.execute("SELECT kind, body FROM record ORDER BY id"):
            self._remember(kind, json.loads(body))
        return True

    def _plant(self, seed: Mapping[str, object]) -> None:
        planted: dict[str, dict[int, Body]] = {}
        for kind in KINDS:
            listed = seed.get(kind, [])
            if not isinstance(listed, list):
                raise UnusableSeed(f"{kind} of the seed is not a list")
            planted[kind] = {
                _id(body, "id"): body for body in (_normal(kind, each) for each in listed)
            }
            if len(planted[kind]) != len(listed):
                raise UnusableSeed(f"two records of {kind} have the same id")
        documents = {
            _id(_object(body["invoice"], "invoice"), "id") for body in planted["invoices"].values()
        }
        if len(documents) != len(planted["invoices"]):
            raise UnusableSeed("two invoices have the same 請求書ID")
        self._records = planted
        for kind in KINDS:
            for body in planted[kind].values():
                self._check(kind, body)
        self._database.execute("BEGIN")
        self._store((kind, body) for kind in KINDS for body in planted[kind].values())
        facts = {"company": seed.get("company") or "サンプル", "cards": seed.get("cards") or {}}
        self._database.executemany(
            "INSERT INTO fact (name, value) VALUES (?, ?)",
            [(name, json.dumps(value)) for name, value in facts.items()],
        )
        self._database.execute("COMMIT")

    def _write(self, bodies: Iterable[tuple[str, Body]]) -> None:
        for kind, body in bodies:
            self._store([(kind, body)])
            self._remember(kind, body)

    def _store(self, bodies: Iterable[tuple[str, Body]]) -> None:
        self._database.executemany(
            "INSERT OR REPLACE INTO record (kind, id, body) VALUES (?, ?, ?)",
            ((kind, body["id"], json.dumps(body, ensure_ascii=False)) for kind, body in bodies),
        )

    def _remember(self, kind: str, body: Body) -> None:
        record_id = _id(body, "id")
        self._records[kind][record_id] = body
        if kind == "invoices":
            self._of_document[_id(_object(body["invoice"], "invoice"), "id")] = record_id
            self._of_project[_id(body, "project_id")].add(record_id)

    def _check(self, kind: str, body: Body) -> None:
        """Refuse a record that points to one that does not exist, or that cannot be shown."""
        parents = {"projects": ("client_id", "clients"), "invoices": ("project_id", "projects")}
        if kind in parents:
            name, parent = parents[kind]
            if _id(body, name) not in self._records[parent]:
                raise UnusableSeed(f"{kind} {body['id']}: {name} {body[name]} does not exist")
        try:
            for name, kinds in _KINDS_OF.items():
                optional_kind(body, name, kinds)
            for name in ("invoice_date", "payment_limit_date", "paid_date"):
                optional_day(body, name)
            if kind == "invoices":
                for line in records(_object(body.get("invoice"), "invoice"), "details"):
                    optional_kind(line, "document_detail_kbn", LineKind)
        except MalformedRecord as malformed:
            raise UnusableSeed(f"{kind} {body['id']}: {malformed}") from None


def stamp(now: datetime) -> str:
    """Return a moment as board writes it: Japan time, milliseconds, offset."""
    return now.astimezone(JAPAN).isoformat(timespec="milliseconds")


def _normal(kind: str, listed: object) -> Body:
    """Bring a record of a seed, which may be a real answer of board, into the form kept here."""
    body = dict(_object(listed, kind))
    if kind == "projects" and "client_id" not in body:
        body["client_id"] = _object(body.pop("client", None), "projects.client").get("id")
    if kind == "invoices":
        _id(_object(body.get("invoice"), "invoices.invoice"), "id")
    _id(body, "id")
    if kind != "payment_terms":
        for name in ("created_at", "updated_at"):
            try:
                body[name] = stamp(datetime.fromisoformat(str(body.get(name))))
            except ValueError:
                raise UnusableSeed(f"{kind} {body.get('id')}: {name} is no date-time") from None
    return body


def _object(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise UnusableSeed(f"{name} is not an object")
    return value


def _id(body: Mapping[str, object], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int):
        raise UnusableSeed(f"{name} is missing or not a number in {body.get('id', 'a record')}")
    return value
