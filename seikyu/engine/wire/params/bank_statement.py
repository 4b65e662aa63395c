"""Parameters of ``/v1/seikyu/bank_statements`` and their lines, addresses of ours."""

import base64
import binascii
from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from seikyu.engine.wire.params.filters import CreatedPaging, Paging
from seikyu.engine.wire.params.kinds import Boolean, Expand, Word
from seikyu.engine.wire.params.model import Params, refused, refused_empty


def _file(value: Any) -> str:
    """A file as text; how much a form may hold is bounded before."""
    if type(value) is not str:
        raise refused("Invalid string")
    if not value:
        raise refused_empty()
    return value


def _bytes(value: Any) -> bytes:
    """A file in base64; line breaks in it do not matter."""
    text = _file(value)
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise refused(
            "Invalid base64: send the file's bytes in base64, or its text as file"
        ) from None


class StatementColumns(Params):
    """For a CSV file of a bank that is not known: role → name of the column."""

    amount: Word | None = None
    bank_id: Word | None = None
    date: Word | None = None
    deposit: Word | None = None
    payer: Word | None = None
    payer_code: Word | None = None
    reference: Word | None = None
    withdrawal: Word | None = None


class BankStatementImport(Expand):
    """``POST /v1/seikyu/bank_statements``: the file as text, or its bytes in base64."""

    columns: StatementColumns | None = None
    file: Annotated[str, PlainValidator(_file)] | None = None
    file_base64: Annotated[bytes, PlainValidator(_bytes)] | None = None
    preview: Boolean | None = None


class BankStatementList(CreatedPaging):
    """``GET /v1/seikyu/bank_statements``."""


class BankStatementLineList(Paging):
    """``GET /v1/seikyu/bank_statement_lines``."""

    customer: Word | None = None
    statement: Word | None = None
    status: Literal["waiting", "matched", "ignored"] | None = None


class BankStatementLineAssign(Expand):
    """``POST /v1/seikyu/bank_statement_lines/{id}/assign``."""

    customer: Word
