"""The audit: what the ledger adds up to, beside what invoices, payments and balances say.

Each check is one query that returns only what differs, so that a database of any size is checked without
being read into memory. A sound database returns nothing.
"""

from dataclasses import dataclass

from sqlalchemy import TextClause, text

from seikyu.engine.store.database import Connection
from seikyu.engine.store.statement import Statement

MOST_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """One amount that the ledger does not confirm. ``says`` and ``ledger`` in minor units."""

    world: int
    object: str
    what: str
    says: int
    ledger: int


def _moved(name: str, place: str, *kinds: str) -> str:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        f"{name} AS (SELECT world_id, {place} AS place, SUM(amount) AS moved FROM postings "  # noqa: S608
        f"WHERE kind IN ({listed}) GROUP BY world_id, {place})"
    )


def _beside(
    table: str, says: str, account: str, come: tuple[str, ...], go: tuple[str, ...]
) -> TextClause:
    """Compare an amount of a table with what came to its account less what left it."""
    ledger = "CAST(COALESCE(come.moved, 0) - COALESCE(go.moved, 0) AS BIGINT)"
    came, went = _moved("come", "target", *come), _moved("go", "source", *(go or ("",)))
    return text(
        f"WITH {came}, {went} "  # noqa: S608 (only this file's own words)
        f"SELECT t.world_id, t.id, {says}, {ledger} FROM {table} t "
        f"LEFT JOIN come ON come.world_id = t.world_id AND come.place = '{account}:' || t.id "
        f"LEFT JOIN go ON go.world_id = t.world_id AND go.place = '{account}:' || t.id "
        f"WHERE {says} <> {ledger} LIMIT :most"
    )


_TWICE = text(
    "SELECT world_id, intent_id, COUNT(*), 1 FROM invoice_payments WHERE status = 'paid' "
    "GROUP BY world_id, intent_id HAVING COUNT(*) > 1 LIMIT :most"
)
_BEYOND = text(
    "SELECT world_id, id, amount_paid, amount_due + amount_overpaid FROM invoices "
    "WHERE status <> 'draft' AND amount_paid > amount_due + amount_overpaid LIMIT :most"
)
_MORE_THAN_RECEIVED = text(
    "SELECT p.world_id, p.intent_id, p.amount_paid, i.amount_received FROM invoice_payments p "
    "JOIN payment_intents i ON i.world_id = p.world_id AND i.id = p.intent_id "
    "WHERE p.status = 'paid' AND p.amount_paid > i.amount_received LIMIT :most"
)

CHECKS: dict[str, Statement] = {
    what: Statement(clause)
    for what, clause in {
        "invoice amount_paid": _beside(
            "invoices", "t.amount_paid", "invoice", ("applied", "out_of_band"), ("unapplied",)
        ),
        "payment amount_received": _beside(
            "payment_intents", "t.amount_received", "payment", ("received",), ()
        ),
        "payment amount_refunded": _beside(
            "payment_intents", "-t.amount_refunded", "payment", ("",), ("refunded",)
        ),
        "customer balance": _beside(
            "customers", "-t.balance", "credit", ("credited",), ("debited",)
        ),
        "payments on invoices at once": _TWICE,
        "invoice paid beyond what was owed": _BEYOND,
        "applied beyond what was received": _MORE_THAN_RECEIVED,
    }.items()
}
"""What is compared → the query that finds where it does not hold."""


def differences(connection: Connection) -> list[Difference]:
    """Return what the ledger does not confirm, at most MOST_SHOWN of each kind."""
    return [
        Difference(int(row[0]), str(row[1]), what, int(row[2]), int(row[3]))
        for what, statement in CHECKS.items()
        for row in connection.rows(statement, most=MOST_SHOWN)
    ]
