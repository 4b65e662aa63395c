"""Bank statements and their lines on the wire: objects of ours."""

from collections.abc import Iterable
from typing import Any

import orjson

from seikyu.engine.billing.bank_statement import BankStatement, BankStatementLine
from seikyu.engine.wire.objects.frame import Frame


def bank_statement(statement: BankStatement, frame: Frame) -> dict[str, Any]:
    """Return the imported file. Amounts in yen."""
    return {
        "id": statement.id,
        "object": "seikyu.bank_statement",
        "created": statement.created,
        "encoding": statement.encoding,
        "format": statement.format,
        "imported": statement.imported,
        "livemode": frame.livemode,
        "matched": statement.matched,
        "preview": False,
        "skipped": list(statement.skipped),
        "total": statement.total,
        "waiting": statement.imported - statement.matched,
    }


def bank_statement_line(line: BankStatementLine, frame: Frame) -> dict[str, Any]:
    """Return the deposit, whose it is and who else may have paid it."""
    return {
        "id": line.id,
        "object": "seikyu.bank_statement_line",
        "account": line.account,
        "amount": line.amount,
        "booked_on": line.booked_on,
        "candidates": list(line.candidates),
        "cash_balance_transaction": line.movement_id,
        "created": line.created,
        "currency": line.currency,
        "customer": line.customer_id,
        "line_number": line.line_number,
        "livemode": frame.livemode,
        "payer_code": line.payer_code,
        "payer_kana": line.payer_kana,
        "payer_name": line.payer_name,
        "reason": line.reason,
        "reference": line.reference,
        "statement": line.statement_id,
        "status": line.status,
    }


def statement_preview(
    statement: BankStatement, lines: Iterable[BankStatementLine], frame: Frame
) -> bytes:
    """Return what importing a file would come to, as JSON, with its lines; nothing of it is stored."""
    shown = [
        {**bank_statement_line(line, frame), "id": None, "statement": None, "created": None}
        for line in lines
    ]
    told = {**bank_statement(statement, frame), "id": None, "preview": True, "lines": shown}
    return orjson.dumps(told)
