"""The part of the audit that is about credit notes, overpaid money and what an invoice comes to.

What is due must follow from the total, the credit notes and the balance that was applied; what invoices say
of their credit notes must be what the notes say, and what was posted when they were issued and voided.
"""

from sqlalchemy import TextClause, text

_DUE = (
    "t.total - t.pre_payment_credit_notes_amount + t.starting_balance"
    " - COALESCE(t.ending_balance, 0)"
)


def _of_notes(column: str, amount: str) -> TextClause:
    """Compare what invoices say of their credit notes with the notes that count."""
    return text(
        "WITH sums AS (SELECT world_id, invoice_id, "  # noqa: S608 (only this file's own words)
        f"CAST(SUM({amount}) AS BIGINT) AS counted FROM credit_notes WHERE status = 'issued' "
        "GROUP BY world_id, invoice_id) "
        f"SELECT t.world_id, t.id, t.{column}, COALESCE(sums.counted, 0) FROM invoices t "
        "LEFT JOIN sums ON sums.world_id = t.world_id AND sums.invoice_id = t.id "
        f"WHERE t.{column} <> COALESCE(sums.counted, 0) LIMIT :most"
    )


CREDIT_CHECKS: dict[str, TextClause] = {
    "invoice amount_due": text(
        f"SELECT t.world_id, t.id, t.amount_due, {_DUE} FROM invoices t "  # noqa: S608
        f"WHERE t.status <> 'draft' AND t.amount_due <> {_DUE} LIMIT :most"
    ),
    "invoice pre_payment_credit_notes_amount": _of_notes(
        "pre_payment_credit_notes_amount", "pre_payment_amount"
    ),
    "invoice post_payment_credit_notes_amount": _of_notes(
        "post_payment_credit_notes_amount", "post_payment_amount"
    ),
    "invoice credited beyond its total": text(
        "SELECT world_id, id, "
        "pre_payment_credit_notes_amount + post_payment_credit_notes_amount, total FROM invoices "
        "WHERE pre_payment_credit_notes_amount + post_payment_credit_notes_amount > 0 "
        "AND pre_payment_credit_notes_amount + post_payment_credit_notes_amount > total LIMIT :most"
    ),
    "credit note credit_amount": text(
        "SELECT n.world_id, n.id, n.credit_amount, COALESCE(-b.amount, 0) FROM credit_notes n "
        "LEFT JOIN balance_transactions b ON b.world_id = n.world_id "
        "AND b.id = n.balance_transaction_id "
        "WHERE n.credit_amount <> COALESCE(-b.amount, 0) LIMIT :most"
    ),
    "invoice amount_overpaid": text(
        "WITH moved AS (SELECT world_id, invoice_id, CAST(-SUM(amount) AS BIGINT) AS credited "
        "FROM balance_transactions WHERE type = 'invoice_overpaid' GROUP BY world_id, invoice_id) "
        "SELECT t.world_id, t.id, t.amount_overpaid, COALESCE(moved.credited, 0) FROM invoices t "
        "JOIN customers c ON c.world_id = t.world_id AND c.id = t.customer_id "
        "LEFT JOIN moved ON moved.world_id = t.world_id AND moved.invoice_id = t.id "
        "WHERE t.amount_overpaid <> COALESCE(moved.credited, 0) "
        "AND NOT c.deleted AND c.currency = t.currency LIMIT :most"
    ),
}
"""What is compared → the query that finds where it does not hold."""
