"""The audit: what the ledger adds up to, beside what invoices, payments and balances say.

Each check is one query that returns only what differs, so that a database of any size is checked without
being read into memory. A sound database returns nothing.
"""

from dataclasses import dataclass

from sqlalchemy import TextClause, text

from seikyu.engine.store.credit_audit import CREDIT_CHECKS
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

_CASH_ENDINGS = text(
    "SELECT world_id, id, ending_balance, total FROM (SELECT world_id, id, ending_balance, "
    "CAST(SUM(net_amount) OVER (PARTITION BY world_id, customer_id, currency ORDER BY place) "
    "AS BIGINT) AS total FROM cash_movements) AS run WHERE ending_balance <> total LIMIT :most"
)
_CASH_LEDGER = text(
    "WITH cash AS (SELECT world_id, customer_id, currency, "
    "CAST(SUM(net_amount) AS BIGINT) AS moved "
    "FROM cash_movements GROUP BY world_id, customer_id, currency), "
    "come AS (SELECT world_id, target AS place, SUM(amount) AS moved FROM postings "
    "WHERE target LIKE 'cash:%' GROUP BY world_id, target), "
    "go AS (SELECT world_id, source AS place, SUM(amount) AS moved FROM postings "
    "WHERE source LIKE 'cash:%' GROUP BY world_id, source) "
    "SELECT cash.world_id, cash.customer_id, cash.moved, "
    "CAST(COALESCE(come.moved, 0) - COALESCE(go.moved, 0) AS BIGINT) FROM cash "
    "LEFT JOIN come ON come.world_id = cash.world_id "
    "AND come.place = 'cash:' || cash.customer_id || ':' || cash.currency "
    "LEFT JOIN go ON go.world_id = cash.world_id "
    "AND go.place = 'cash:' || cash.customer_id || ':' || cash.currency "
    "WHERE cash.moved <> COALESCE(come.moved, 0) - COALESCE(go.moved, 0) LIMIT :most"
)
_CASH_SHOWN = text(
    "SELECT b.world_id, b.id, b.movements, m.ending_balance FROM cash_balances b "
    "JOIN cash_movements m ON m.world_id = b.world_id AND m.customer_id = b.customer_id "
    "WHERE m.place = (SELECT MAX(l.place) FROM cash_movements l WHERE l.world_id = m.world_id "
    "AND l.customer_id = m.customer_id AND l.currency = m.currency) "
    "AND REPLACE(b.available, '}', ',') NOT LIKE "
    "'%\"' || m.currency || '\":' || m.ending_balance || ',%' LIMIT :most"
)
_LINES_FUNDED = text(
    "SELECT l.world_id, l.id, CASE WHEN l.status = 'matched' THEN l.amount ELSE 0 END, "
    "CAST(COALESCE(SUM(m.net_amount), 0) AS BIGINT) FROM bank_statement_lines l "
    "LEFT JOIN cash_movements m ON m.world_id = l.world_id AND m.line_id = l.id "
    "GROUP BY l.world_id, l.id, l.status, l.amount "
    "HAVING CASE WHEN l.status = 'matched' THEN l.amount ELSE 0 END "
    "<> COALESCE(SUM(m.net_amount), 0) LIMIT :most"
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
        "payment amount_funded": _beside(
            "payment_intents",
            "t.amount_funded",
            "held",
            ("applied_to_payment",),
            ("unapplied_from_payment", "received"),
        ),
        "cash movement ending_balance": _CASH_ENDINGS,
        "cash balance": _CASH_LEDGER,
        "cash balance available": _CASH_SHOWN,
        "statement line funded": _LINES_FUNDED,
        "invoice let go by credit notes": _beside(
            "invoices", "-t.pre_payment_credit_notes_amount", "owed", ("restored",), ("let_go",)
        ),
        "credit note out_of_band_amount": _beside(
            "credit_notes",
            "(CASE t.status WHEN 'issued' THEN t.pre_payment_amount - t.out_of_band_amount"
            " ELSE 0 END)",
            "note",
            ("let_go",),
            ("restored", "returned"),
        ),
        **CREDIT_CHECKS,
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
